//! Golden files: everything that a recording gave, so that a change to a parser shows all it changes. The same file is
//! what the component has to give. `UPDATE_EXPECT=1` rewrites them.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::{Reading, Recording};

/// Compares a reading with `NAME.expected.json`.
///
/// # Panics
/// When they differ, or there is no such file.
pub fn check_golden(directory: &Path, recording: &Recording, reading: &Reading) {
    let actual = golden(recording, reading);
    let path = directory.join(format!("{}.expected.json", recording.name));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let text = serde_json::to_string_pretty(&actual).expect("JSON") + "\n";
        fs::write(&path, text).expect("a writable golden file");
    }
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let expected: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(actual, expected, "{}: UPDATE_EXPECT=1 rewrites it", recording.name);
}

/// What a test through the component needs to repeat the run, and what it must give.
fn golden(recording: &Recording, reading: &Reading) -> Value {
    let Recording { request, exit, .. } = recording;
    let mut asked = json!({ "model": request.model, "resume": request.resume });
    // Only where there are any, as for agents that users define.
    if !request.options.is_empty() {
        asked["options"] = json!(request.options);
    }
    json!({
        "request": asked,
        "exit": exit,
        "stdout_events": reading.stdout_events,
        "stderr_events": reading.stderr_events,
        "verdict": reading.verdict,
    })
}
