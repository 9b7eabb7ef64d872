//! Files of expected readings are written by the adapters' side, in the spelling of the contract's types; this is the
//! host's spelling of the same. Must not change what they say.

use aid_core::agent::AgentEvent;
use serde_json::{Map, Value, json};

/// Events of stdout and of stderr, and the verdict.
pub(super) fn expected(mut golden: Value) -> [Value; 3] {
    ["stdout_events", "stderr_events", "verdict"].map(|key| as_host(golden[key].take()))
}

/// The same of what was read.
pub(super) fn events(events: &[AgentEvent]) -> Value {
    json!(events)
}

fn as_host(value: Value) -> Value {
    match value {
        Value::Array(all) => all.into_iter().map(as_host).collect(),
        // Cases without a value.
        Value::String(case) if ["Finished", "Success"].contains(&case.as_str()) => case.to_lowercase().into(),
        Value::Object(members) => Value::Object(members.into_iter().map(member).collect::<Map<_, _>>()),
        other => other,
    }
}

fn member((key, value): (String, Value)) -> (String, Value) {
    let is_case = key.starts_with(|first: char| first.is_ascii_uppercase());
    let value = match (key.as_str(), value) {
        ("class", Value::String(class)) => class.replace('-', "_").into(),
        // Of texts only those that are cases of a variant are spelled differently.
        (key, text @ Value::String(_)) if key != "outcome" => text,
        (_, other) => as_host(other),
    };
    match key.as_str() {
        "final_" => ("final".to_owned(), value),
        _ if is_case => (snake_case(&key), value),
        _ => (key, value),
    }
}

fn snake_case(case: &str) -> String {
    let mut snake = String::new();
    for (at, character) in case.chars().enumerate() {
        if at > 0 && character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}
