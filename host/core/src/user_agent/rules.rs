//! What an agent's output means: how `[agent.output]`, `[agent.success]` and `[agent.usage]` are read. Must not read
//! any output.

use toml::Spanned;
use toml::de::DeValue;

use super::definition::{
    Answer, Condition, Counts, Format, Meaning, Output, RefusalPaths, Rule, RuleEvent, Scalar, Success, Test,
    ToolPaths, Usage,
};
use super::reader::{Found, Section, integer};
use super::values::checked_line;

/// Most rules of an agent.
const MAX_RULES: usize = 64;
/// Most conditions of a rule.
const MAX_CONDITIONS: usize = 16;
/// Most parts of a path.
const MAX_PATH_PARTS: usize = 8;
/// Longest path, in bytes.
const MAX_PATH_BYTES: usize = 256;
/// Most words with a meaning in one rule.
const MAX_MEANINGS: usize = 64;

const CLASSES: [(&str, &str); 9] = [
    ("rate-limit", "rate-limit"),
    ("quota", "quota"),
    ("auth", "auth"),
    ("capacity", "capacity"),
    ("context", "context"),
    ("model", "model"),
    ("network", "network"),
    ("refused", "refused"),
    ("other", "other"),
];

const KINDS: [(&str, &str); 7] = [
    ("shell", "shell"),
    ("edit", "edit"),
    ("read", "read"),
    ("search", "search"),
    ("web", "web"),
    ("mcp", "mcp"),
    ("other", "other"),
];

const CHANGES: [(&str, &str); 3] = [("add", "add"), ("update", "update"), ("delete", "delete")];

/// What output means, when it was a success, and where its counts are.
pub(super) struct OutputMeaning {
    pub(super) output: Output,
    pub(super) success: Success,
    pub(super) usage: Option<Usage>,
}

pub(super) fn read(agent: &Section<'_, '_>) -> Option<OutputMeaning> {
    let output = output(agent);
    let success = success(agent);
    let usage = agent.section("usage").and_then(|table| usage(&table));
    let (output, success) = (output?, success?);
    if output.format == Format::Text {
        if matches!(success, Success::Mark { .. }) {
            agent
                .problem(agent.at, "text has no success mark that a model could not write; use `rule = \"exit-zero\"`");
        }
        if usage.is_some() {
            agent.problem(agent.at, "[agent.usage] needs `format = \"jsonl\"`: counts are not looked for in text");
        }
    }
    Some(OutputMeaning { output, success, usage })
}

fn output(agent: &Section<'_, '_>) -> Option<Output> {
    let Some(table) = agent.section("output") else {
        if !agent.has("output") {
            agent.missing("output", "what the agent writes, as [agent.output]");
        }
        return None;
    };
    let format = table.choice("format", &[("text", Format::Text), ("jsonl", Format::Jsonl)]);
    if format.is_none() && !table.has("format") {
        table.missing("format", "\"text\" or \"jsonl\"");
    }
    let answer = table.choice("answer", &[("last", Answer::Last), ("all", Answer::All)]);
    let tables = table.sections("rule");
    if let Some(beyond) = tables.get(MAX_RULES) {
        table.problem(beyond.at, format!("more than {MAX_RULES} rules"));
    }
    let rules: Vec<Rule> = tables.iter().filter_map(rule).collect();
    let format = format?;
    match format.value {
        Format::Text => {
            if let Some(rule) = tables.first() {
                table.problem(rule.at, "rules are for `format = \"jsonl\"`: all of a text is the answer");
            }
            if let Some(answer) = &answer {
                table.problem(answer.at, "`answer` is for `format = \"jsonl\"`: all of a text is the answer");
            }
        }
        Format::Jsonl if rules.len() == tables.len() => check_answer(&table, answer.as_ref(), &rules),
        Format::Jsonl => {}
    }
    Some(Output { format: format.value, answer: answer.map_or(Answer::Last, |found| found.value), rules })
}

/// Some rule must say the answer, and only one kind of rule.
fn check_answer(table: &Section<'_, '_>, answer: Option<&Found<Answer>>, rules: &[Rule]) {
    let has = |wanted: fn(&RuleEvent) -> bool| rules.iter().any(|rule| wanted(&rule.event));
    let says_answer = has(|event| matches!(event, RuleEvent::Answer { .. }));
    let messages = has(|event| matches!(event, RuleEvent::Message { .. }));
    let deltas = has(|event| matches!(event, RuleEvent::Delta { .. }));
    if !(says_answer || messages || deltas) {
        table.problem(table.at, "no rule says what the answer is: one for `message`, `delta` or `answer` is needed");
    }
    match answer {
        Some(found) if found.value == Answer::All && messages && deltas => {
            table.problem(
                found.at,
                "`answer = \"all\"` would have each text twice: keep the rules for `message` or for `delta`",
            );
        }
        Some(found) if found.value == Answer::All => {}
        _ if deltas && !messages && !says_answer => {
            table.problem(table.at, "the parts of a message are all there is: set `answer = \"all\"`");
        }
        _ => {}
    }
}

fn rule(table: &Section<'_, '_>) -> Option<Rule> {
    let when = conditions(table, "when");
    let each = path(table, "each");
    let filter = conditions(table, "where");
    if !filter.is_empty() && each.is_none() && !table.has("each") {
        table.problem(table.at, "`where` is about the elements of `each`; conditions on the line are `when`");
    }
    if when.is_empty() && !table.has("when") {
        table.missing("when", "for which lines it is, such as { type = \"message\" }");
    }
    Some(Rule { when, each, filter, event: event(table)? })
}

fn event(table: &Section<'_, '_>) -> Option<RuleEvent> {
    const EVENTS: [&str; 13] = [
        "message",
        "delta",
        "reasoning",
        "notice",
        "answer",
        "session",
        "model",
        "tool_start",
        "tool_end",
        "file_change",
        "retry",
        "failure",
        "begin",
    ];
    let Some(found) = table.choice("event", &EVENTS.map(|name| (name, name))) else {
        if !table.has("event") {
            table.missing("event", "what happened");
        }
        return None;
    };
    Some(match found.value {
        "message" => RuleEvent::Message { text: needed(table, "text")? },
        "delta" => RuleEvent::Delta { text: needed(table, "text")? },
        "reasoning" => RuleEvent::Reasoning { text: needed(table, "text")? },
        "notice" => RuleEvent::Notice { text: needed(table, "text")? },
        "answer" => RuleEvent::Answer { text: needed(table, "text")? },
        "session" => RuleEvent::Session { text: needed(table, "text")? },
        "model" => RuleEvent::Model { text: needed(table, "text")? },
        "tool_start" => RuleEvent::ToolStart(tool(table)),
        "tool_end" => RuleEvent::ToolEnd(tool(table)),
        "file_change" => RuleEvent::FileChange {
            file: needed(table, "file")?,
            change: path(table, "change"),
            changes: meanings(table, "changes", &CHANGES),
        },
        "retry" => RuleEvent::Retry(refusal(table)),
        "failure" => RuleEvent::Failure(refusal(table)),
        _ => RuleEvent::Begin,
    })
}

fn tool(table: &Section<'_, '_>) -> ToolPaths {
    ToolPaths {
        id: path(table, "id"),
        name: path(table, "name"),
        detail: path(table, "detail"),
        ok: path(table, "ok"),
        failed: path(table, "failed"),
        exit_code: path(table, "exit_code"),
        kinds: meanings(table, "kinds", &KINDS),
    }
}

fn refusal(table: &Section<'_, '_>) -> RefusalPaths {
    let classes = meanings(table, "classes", &CLASSES);
    let code = path(table, "code");
    if !classes.is_empty() && code.is_none() && !table.has("code") {
        table.missing("code", "the path of what `classes` are about");
    }
    RefusalPaths {
        message: path(table, "message"),
        code,
        classes,
        class: table.choice("class", &CLASSES).map_or("other", |found| found.value).to_owned(),
        retry_at: path(table, "retry_at"),
        pool: path(table, "pool"),
    }
}

fn success(agent: &Section<'_, '_>) -> Option<Success> {
    let Some(table) = agent.section("success") else {
        if !agent.has("success") {
            agent.missing("success", "how it says that it is done, as [agent.success]");
        }
        return None;
    };
    let when = conditions(&table, "when");
    let rule = table.choice("rule", &[("mark", "mark"), ("exit-zero", "exit-zero")]);
    if rule.is_none() && !table.has("rule") {
        table.missing(
            "rule",
            "\"mark\", with `when`; or \"exit-zero\", which is your word that its exit code can be trusted",
        );
    }
    match rule?.value {
        "mark" => {
            if when.is_empty() {
                if !table.has("when") {
                    table.missing("when", "what the agent's own success mark looks like");
                }
                return None;
            }
            // A condition that only says what is not there fits lines that say nothing.
            if !when.iter().any(|condition| matches!(condition.test, Test::Is(_))) {
                table.problem(
                    table.at,
                    "a success mark needs a value that is exactly so, such as { type = \"result\" }",
                );
            }
            Some(Success::Mark { when })
        }
        _ => {
            if table.has("when") {
                table.problem(table.at, "`when` is for `rule = \"mark\"`");
            }
            Some(Success::ExitZero)
        }
    }
}

fn usage(table: &Section<'_, '_>) -> Option<Usage> {
    let when = conditions(table, "when");
    if when.is_empty() && !table.has("when") {
        table.missing("when", "which lines have the counts");
    }
    let counts = table.choice("counts", &[("step", Counts::Step), ("run", Counts::Run), ("session", Counts::Session)]);
    if counts.is_none() && !table.has("counts") {
        table.missing("counts", "\"step\", \"run\" or \"session\": what the numbers are about");
    }
    let input_includes_cached = table.flag("input_includes_cached");
    let output_includes_reasoning = table.flag("output_includes_reasoning");
    let usage = Usage {
        when,
        counts: Counts::Run,
        input: path(table, "input"),
        cached_input: path(table, "cached_input"),
        cache_write: path(table, "cache_write"),
        input_includes_cached: input_includes_cached.as_ref().is_none_or(|found| found.value),
        output: path(table, "output"),
        reasoning: path(table, "reasoning"),
        output_includes_reasoning: output_includes_reasoning.as_ref().is_none_or(|found| found.value),
        cost_usd: path(table, "cost_usd"),
        model: path(table, "model"),
    };
    if (usage.cached_input.is_some() || usage.cache_write.is_some()) && input_includes_cached.is_none() {
        table.missing("input_includes_cached", "true or false: agents differ");
    }
    if usage.reasoning.is_some() && output_includes_reasoning.is_none() {
        table.missing("output_includes_reasoning", "true or false: agents differ");
    }
    if usage.input.is_none() && usage.output.is_none() && usage.cost_usd.is_none() {
        table.problem(table.at, "no path of a count: `input`, `output` or `cost_usd` is needed");
    }
    Some(Usage { counts: counts?.value, ..usage })
}

/// `{ type = "result", "usage.output_tokens" = { above = 0 } }`
fn conditions(table: &Section<'_, '_>, key: &'static str) -> Vec<Condition> {
    let pairs = table.pairs(key);
    if let Some((beyond, _)) = pairs.get(MAX_CONDITIONS) {
        table.problem(beyond.at, format!("`{key}` has more than {MAX_CONDITIONS} conditions"));
    }
    let condition = |(path, value): (Found<String>, &Spanned<DeValue<'_>>)| {
        let path = checked_path(table, path);
        let test = test(table, value);
        Some(Condition { path: path?, test: test? })
    };
    pairs.into_iter().filter_map(condition).collect()
}

fn test(table: &Section<'_, '_>, value: &Spanned<DeValue<'_>>) -> Option<Test> {
    const WANTED: &str = "use a value, a list of values, or one of { not = … }, { exists = true }, { empty = true }, \
                          { above = 0 }";
    let read = match value.get_ref() {
        DeValue::Table(test) => {
            let mut entries = test.iter();
            match (entries.next(), entries.next()) {
                (Some((name, value)), None) => {
                    let (name, value): (&str, _) = (name.get_ref(), value.get_ref());
                    match name {
                        "not" => scalars(value).map(Test::Not),
                        "exists" => value.as_bool().map(Test::Exists),
                        "empty" => value.as_bool().map(Test::Empty),
                        "above" => integer(value).map(Test::Above),
                        _ => None,
                    }
                }
                _ => None,
            }
        }
        other => scalars(other).map(Test::Is),
    };
    if read.is_none() {
        table.problem(value.span().start, format!("this is no condition: {WANTED}"));
    }
    read
}

fn scalars(value: &DeValue<'_>) -> Option<Vec<Scalar>> {
    match value {
        DeValue::Array(all) => {
            let all: Option<Vec<Scalar>> = all.iter().map(|one| scalar(one.get_ref())).collect();
            all.filter(|all| !all.is_empty())
        }
        one => scalar(one).map(|one| vec![one]),
    }
}

fn scalar(value: &DeValue<'_>) -> Option<Scalar> {
    match value {
        DeValue::String(text) => Some(Scalar::Text(text.to_string())),
        DeValue::Boolean(flag) => Some(Scalar::Flag(*flag)),
        other => integer(other).map(Scalar::Integer),
    }
}

fn needed(table: &Section<'_, '_>, key: &'static str) -> Option<String> {
    if !table.has(key) {
        table.missing(key, "the path of it");
    }
    path(table, key)
}

fn path(table: &Section<'_, '_>, key: &'static str) -> Option<String> {
    table.text(key).and_then(|found| checked_path(table, found))
}

fn checked_path(table: &Section<'_, '_>, found: Found<String>) -> Option<String> {
    let text = found.value.as_str();
    let is_path = text == "."
        || (text.len() <= MAX_PATH_BYTES
            && text.split('.').count() <= MAX_PATH_PARTS
            && text.split('.').all(|part| !part.is_empty() && !part.chars().any(char::is_control)));
    if is_path {
        return Some(found.value);
    }
    let message = format!(
        "{text:?} is no path; write keys with dots between them, at most {MAX_PATH_PARTS} and {MAX_PATH_BYTES} bytes"
    );
    table.problem(found.at, message);
    None
}

/// The agent's words in the contract's.
fn meanings(table: &Section<'_, '_>, key: &'static str, words: &[(&str, &str)]) -> Vec<Meaning> {
    let pairs = table.text_pairs(key);
    if let Some((beyond, _)) = pairs.get(MAX_MEANINGS) {
        table.problem(beyond.at, format!("`{key}` has more than {MAX_MEANINGS} words"));
    }
    let meaning = |(value, means): (Found<String>, Found<String>)| {
        let means = table.choose(key, &means, words).map(str::to_owned);
        let value = checked_line(table, key, value);
        Some(Meaning { value: value?, means: means? })
    };
    pairs.into_iter().filter_map(meaning).collect()
}
