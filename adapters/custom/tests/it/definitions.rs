//! Definitions that are read, and those that are refused.

use aid_adapter_custom::definition::read;
use serde_json::{Value, json};

use crate::support::{definition, exit_code, read_text, text_definition, word};

#[test]
fn the_hosts_definitions_are_read() {
    for agent in ["claude", "qwen", "copilot", "crush"] {
        read(&definition(agent)).unwrap_or_else(|problem| panic!("{agent}: {problem}"));
    }
}

/// The sample with one value changed.
fn changed(pointer: &str, value: Value) -> String {
    let mut sample: Value = serde_json::from_str(&definition("claude")).expect("JSON");
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    sample.pointer_mut(parent).expect("its parent")[key] = value;
    sample.to_string()
}

#[test]
fn what_cannot_be_carried_out_is_refused() {
    let cases = [
        (String::new(), "not a JSON object"),
        ("[]".into(), "not a JSON object"),
        ("{}".into(), "says no version"),
        (changed("/v", json!(2)), "is of version 2"),
        (changed("/command", json!(null)), "lacks a usable `command`"),
        (changed("/command/prompt", json!({ "by": "telepathy" })), "`telepathy`, which this component does not know"),
        (changed("/command/args", json!([1])), "lacks a usable `args`"),
        (changed("/output/format", json!("xml")), "`xml`"),
        (changed("/output/rules", json!({})), "`rules` is not a list"),
        (changed("/output/rules", json!([1])), "an entry that is not an object"),
        (changed("/output/rules", json!([{ "when": [], "event": "message" }])), "lacks a usable `text`"),
        (changed("/output/rules", json!([{ "when": [], "event": "fly" }])), "`fly`"),
        (changed("/output/rules", json!([{ "when": [{ "path": "a" }], "event": "begin" }])), "of an unknown kind"),
        (changed("/output/rules", json!(vec![json!({ "event": "begin" }); 1025])), "the limit is 1024"),
        (changed("/success", json!({ "rule": "last-line" })), "`last-line`"),
        (changed("/success", json!({ "rule": "mark", "when": [] })), "fits every line"),
        (changed("/usage/counts", json!("day")), "`day`"),
        (changed("/output/format", json!("text")), "success mark in text"),
        (" ".repeat(300_000), "bytes, the limit is"),
    ];
    for (definition, expected) in cases {
        let problem = read(&definition).expect_err(expected);
        assert!(problem.contains(expected), "{expected} in {problem}");
        // Whatever such a run wrote, nobody says that it was a success.
        let verdict = read_text(&definition, "text\n", "", exit_code(0)).verdict;
        assert_eq!(word(&verdict.outcome), "incomplete");
    }
}

#[test]
fn what_is_new_and_can_be_left_out_is_left_out() {
    let mut sample: Value = serde_json::from_str(&text_definition()).expect("JSON");
    sample["colour"] = json!("red");
    sample["command"]["colour"] = json!("red");
    assert!(read(&sample.to_string()).is_ok());
}
