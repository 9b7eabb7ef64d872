//! A checker for the part of JSON schema that ours is written in. A keyword that it does not know is a problem too, so
//! that nothing passes unchecked.

use serde_json::{Map, Value};

/// Keywords that say nothing about a value.
const REMARKS: &[&str] = &["description", "title", "format", "default", "$schema"];

/// The schema document.
pub(crate) struct Document {
    root: Value,
}

impl Document {
    pub(crate) fn new(root: Value) -> Self {
        Self { root }
    }

    /// Fails with every problem that the value has as an output of the command.
    pub(crate) fn check(&self, command: &str, value: &Value) {
        let problems = self.problems(command, value);
        assert!(problems.is_empty(), "{command}:\n{}\n{value:#}", problems.join("\n"));
    }

    /// Every problem that the value has as an output of the command.
    pub(crate) fn problems(&self, command: &str, value: &Value) -> Vec<String> {
        let schema = &self.root["commands"][command];
        assert!(schema.is_object(), "no schema for {command:?}");
        let mut problems = Vec::new();
        self.visit(schema, value, "$", &mut problems);
        problems
    }

    fn visit(&self, schema: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
        let schema = match schema {
            Value::Bool(true) => return,
            Value::Object(schema) => schema,
            other => return problems.push(format!("{at}: no value fits {other}")),
        };
        for (keyword, rule) in schema {
            self.apply(schema, keyword, rule, value, at, problems);
        }
    }

    fn apply(
        &self,
        schema: &Map<String, Value>,
        keyword: &str,
        rule: &Value,
        value: &Value,
        at: &str,
        problems: &mut Vec<String>,
    ) {
        match keyword {
            "$ref" => {
                let name = rule.as_str().and_then(|path| path.strip_prefix("#/$defs/")).unwrap_or_default();
                match self.root["$defs"].get(name) {
                    Some(target) => self.visit(target, value, at, problems),
                    None => problems.push(format!("{at}: {rule} leads nowhere")),
                }
            }
            "type" if !fits(rule, value) => problems.push(format!("{at}: {value} is no {rule}")),
            "const" if rule != value => problems.push(format!("{at}: {value} is not {rule}")),
            "enum" if !list(rule).contains(value) => problems.push(format!("{at}: {value} is none of {rule}")),
            "minimum" if value.is_number() && value.as_f64() < rule.as_f64() => {
                problems.push(format!("{at}: {value} is less than {rule}"))
            }
            "maximum" if value.is_number() && value.as_f64() > rule.as_f64() => {
                problems.push(format!("{at}: {value} is more than {rule}"))
            }
            "required" => {
                let missing = list(rule).iter().filter(|name| value.get(name.as_str().unwrap_or_default()).is_none());
                problems.extend(missing.map(|name| format!("{at}: {name} is missing")));
            }
            "properties" => {
                for (name, rule) in rule.as_object().into_iter().flatten() {
                    if let Some(value) = value.get(name) {
                        self.visit(rule, value, &format!("{at}.{name}"), problems);
                    }
                }
            }
            "additionalProperties" => {
                let known = |name: &str| schema.get("properties").is_some_and(|known| known.get(name).is_some());
                for (name, value) in value.as_object().into_iter().flatten().filter(|(name, _)| !known(name)) {
                    self.visit(rule, value, &format!("{at}.{name}"), problems);
                }
            }
            "items" => {
                for (index, value) in list(value).iter().enumerate() {
                    self.visit(rule, value, &format!("{at}[{index}]"), problems);
                }
            }
            "allOf" => list(rule).iter().for_each(|rule| self.visit(rule, value, at, problems)),
            "anyOf" | "oneOf" => {
                let fitting = list(rule).iter().filter(|rule| self.fits(rule, value)).count();
                if fitting == 0 || (keyword == "oneOf" && fitting > 1) {
                    problems.push(format!("{at}: {value} fits {fitting} of {} forms", list(rule).len()));
                }
            }
            "type" | "const" | "enum" | "minimum" | "maximum" => {}
            remark if REMARKS.contains(&remark) => {}
            unknown => problems.push(format!("{at}: the checker does not know {unknown:?}")),
        }
    }

    fn fits(&self, schema: &Value, value: &Value) -> bool {
        let mut problems = Vec::new();
        self.visit(schema, value, "", &mut problems);
        problems.is_empty()
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn fits(rule: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match rule {
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(is),
        name => name.as_str().is_some_and(is),
    }
}
