//! Owns what a `result` line says about how a run ended. Must not judge it.

use std::borrow::Cow;

use crate::json::{Object, Value};
use crate::text::cut;

use super::MAX_MESSAGE_BYTES;

/// The most denied tool calls that are told by name.
const MAX_DENIALS: usize = 20;

/// The most errors that are told.
const MAX_ERRORS: usize = 20;

/// A `result` line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ending {
    /// Its `subtype`; empty when it has none.
    pub subtype: String,
    /// Its `is_error`. None is unknown, and no success.
    pub is_error: Option<bool>,
    /// Its `result`: what the agent says the answer is.
    pub text: Option<String>,
    /// Its `errors` or its `error`, in the agent's own words.
    pub errors: Option<String>,
    /// The HTTP status of the refusal that ended the run.
    pub status: Option<u64>,
    /// Why the agent stopped, in a word.
    pub terminal_reason: String,
    /// Why the model stopped, in a word.
    pub stop_reason: String,
    /// Tools of which a call was not permitted, each once, the first ones.
    pub denied_tools: Vec<String>,
    /// How many calls were not permitted.
    pub denials: usize,
}

impl Ending {
    pub(super) fn read(object: &Object<'_>) -> Self {
        let word = |key: &str| object.string(key).unwrap_or_default().into_owned();
        let (denied, denials) =
            object.get("permission_denials").and_then(|list| list.as_array(MAX_DENIALS)).unwrap_or_default();
        let mut denied_tools: Vec<String> = Vec::new();
        for call in denied.into_iter().filter_map(Value::as_object) {
            let name = call.string("tool_name").map_or_else(|| "a tool".to_owned(), Cow::into_owned);
            if !denied_tools.contains(&name) {
                denied_tools.push(name);
            }
        }
        Self {
            subtype: word("subtype"),
            is_error: object.get("is_error").and_then(|said| match said.raw() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            }),
            text: object.string("result").map(Cow::into_owned),
            errors: errors(object),
            status: object.u64("api_error_status"),
            terminal_reason: word("terminal_reason"),
            stop_reason: word("stop_reason"),
            denied_tools,
            denials,
        }
    }

    /// The line for people: "result success".
    pub fn words(&self) -> String {
        if self.subtype.is_empty() { "result".into() } else { format!("result {}", self.subtype) }
    }

    /// Whether the line itself claims success. What it is worth differs between the members of the family.
    pub fn is_success(&self) -> bool {
        self.subtype == "success" && self.is_error == Some(false)
    }
}

fn errors(object: &Object<'_>) -> Option<String> {
    let said = match object.get("errors").and_then(|list| list.as_array(MAX_ERRORS)) {
        Some((list, _)) => list.into_iter().filter_map(Value::as_string).collect::<Vec<_>>().join("; "),
        None => object.object("error")?.string("message")?.into_owned(),
    };
    (!said.is_empty()).then(|| cut(&said, MAX_MESSAGE_BYTES).into_owned())
}
