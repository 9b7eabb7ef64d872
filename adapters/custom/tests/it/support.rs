//! Definitions and recordings. Must not expect anything.

use std::fs;
use std::path::{Path, PathBuf};

use aid_adapter_custom::Custom;
use aid_adapter_kit::{ExitStatus, Kv, Request};
use aid_adapter_testkit::{Flags, load_all, read};
pub(crate) use aid_adapter_testkit::{Reading, Recording, exit_code, exit_signal, refusals, word};
use serde_json::{Value, json};

/// The CLIs that were recorded.
pub(crate) const RECORDED: [&str; 3] = ["claude", "copilot", "qwen"];

const FLAGS: Flags<'static> = Flags { model: &["--model", "-m"], resume: &["--resume"] };

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn transcripts(agent: &str) -> PathBuf {
    directory().join("transcripts").join(agent)
}

/// A definition as the host makes it of a user's file: a test there holds the file to it.
pub(crate) fn definition(agent: &str) -> String {
    let path = directory().join(format!("agents/{agent}.definition.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let definition: Value = serde_json::from_str(&text).expect("JSON");
    definition.to_string()
}

pub(crate) fn request(definition: &str) -> Request {
    let option = Kv { key: "definition".into(), value: definition.to_owned() };
    Request { options: vec![option], ..aid_adapter_testkit::request("mine", "1.0") }
}

pub(crate) fn recordings(agent: &str) -> Vec<Recording> {
    load_all(Path::new(&transcripts(agent)), FLAGS, &request(&definition(agent)))
}

/// A small definition: `output`, `success` and `usage` as JSON, and a command that is only the program.
pub(crate) fn small(output: Value, success: Value, usage: Option<Value>) -> String {
    let mut definition = json!({
        "v": 1,
        "command": { "args": [], "prompt": { "by": "stdin" } },
        "output": output,
        "success": success,
    });
    if let Some(usage) = usage {
        definition["usage"] = usage;
    }
    definition.to_string()
}

/// JSON lines with these rules, and `{"type":"done"}` as the mark.
pub(crate) fn with_rules(rules: Value) -> String {
    let when = json!([{ "path": "type", "is": ["done"] }]);
    small(json!({ "format": "jsonl", "answer": "last", "rules": rules }), json!({ "rule": "mark", "when": when }), None)
}

/// A rule for lines of a type.
pub(crate) fn rule(kind: &str, event: &str, paths: Value) -> Value {
    let mut rule = json!({ "when": [{ "path": "type", "is": [kind] }], "event": event });
    for (key, value) in paths.as_object().expect("paths") {
        rule[key] = value.clone();
    }
    rule
}

pub(crate) fn text_definition() -> String {
    small(json!({ "format": "text", "answer": "last", "rules": [] }), json!({ "rule": "exit-zero" }), None)
}

/// A run that was not recorded.
pub(crate) fn read_text(definition: &str, stdout: &str, stderr: &str, exit: ExitStatus) -> Reading {
    let request = Request { resume: exit.resumed_from.clone(), ..request(definition) };
    read::<Custom>(&Recording::made_up(stdout, stderr, request, exit))
}
