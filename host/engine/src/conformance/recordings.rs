//! Recorded runs of agents, from a directory. Must not judge them.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use aid_core::agent::{ExitStatus, KeyValue, UsageSample};
use serde_json::Value;

use super::{ConformanceError, golden};

/// Largest file of a recording.
const MAX_FILE_BYTES: u64 = 64 << 20;
/// Most recordings of a directory.
const MAX_RECORDINGS: usize = 500;

/// One recorded run.
pub(super) struct Recording {
    pub(super) name: String,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) model: Option<String>,
    pub(super) resume: Option<String>,
    /// Options that it was made with, where it says them.
    pub(super) options: Vec<KeyValue>,
    pub(super) exit: ExitStatus,
    /// What is expected of it: events of stdout and of stderr, and the verdict.
    pub(super) expected: Option<[Value; 3]>,
}

/// All recordings of a directory, by name.
pub(super) fn load(directory: &Path) -> Result<Vec<Recording>, ConformanceError> {
    let unreadable = |error: std::io::Error| broken(directory, error.to_string());
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        names.extend(name.to_str().and_then(|name| name.strip_suffix(".run.json")).map(str::to_owned));
    }
    if names.is_empty() {
        return Err(broken(directory, "there is no NAME.run.json in it".to_owned()));
    }
    if names.len() > MAX_RECORDINGS {
        return Err(broken(directory, format!("{} recordings; at most {MAX_RECORDINGS}", names.len())));
    }
    names.iter().map(|name| read(directory, name)).collect()
}

fn read(directory: &Path, name: &str) -> Result<Recording, ConformanceError> {
    let path = |suffix: &str| directory.join(format!("{name}.{suffix}"));
    let run = json(&path("run.json"))?;
    let golden = if path("expected.json").exists() { Some(json(&path("expected.json"))?) } else { None };
    let asked = golden.as_ref().map_or(&Value::Null, |golden| &golden["request"]);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let options = asked["options"].as_array().into_iter().flatten();
    let exit = match &golden {
        Some(golden) => exit(&golden["exit"]).map_err(|reason| broken(&path("expected.json"), reason))?,
        None => recorded_exit(&run),
    };
    Ok(Recording {
        name: name.to_owned(),
        stdout: bytes(&path("stdout"))?,
        stderr: bytes(&path("stderr"))?,
        model: text(&asked["model"]),
        resume: text(&asked["resume"]),
        options: options
            .filter_map(|option| Some(KeyValue { key: text(&option["key"])?, value: text(&option["value"])? }))
            .collect(),
        exit,
        expected: golden.map(golden::expected),
    })
}

fn json(path: &Path) -> Result<Value, ConformanceError> {
    serde_json::from_slice(&bytes(path)?).map_err(|error| broken(path, error.to_string()))
}

fn bytes(path: &Path) -> Result<Vec<u8>, ConformanceError> {
    let unreadable = |error: std::io::Error| broken(path, error.to_string());
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(unreadable)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(broken(path, format!("it has more than {MAX_FILE_BYTES} bytes")));
    }
    Ok(bytes)
}

fn exit(value: &Value) -> Result<ExitStatus, String> {
    let number = |key: &str| value[key].as_i64().and_then(|number| i32::try_from(number).ok());
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    let previous = serde_json::from_value::<Option<UsageSample>>(value["previous_usage"].clone());
    Ok(ExitStatus {
        code: number("code"),
        signal: number("signal"),
        stderr_tail: text("stderr_tail").unwrap_or_default(),
        resumed_from: text("resumed_from"),
        previous_usage: previous.map_err(|error| format!("previous_usage: {error}"))?,
    })
}

/// As the recorder wrote it: a negative exit code, or one that it calls so, is a signal.
fn recorded_exit(run: &Value) -> ExitStatus {
    let number = run["exit_code"].as_i64().and_then(|number| i32::try_from(number).ok());
    let is_signal = run["exit_code_meaning"] == "signal" || number.is_some_and(|number| number < 0);
    ExitStatus {
        code: number.filter(|_| !is_signal),
        signal: number.filter(|_| is_signal).map(i32::abs),
        ..ExitStatus::default()
    }
}

fn broken(path: &Path, reason: String) -> ConformanceError {
    ConformanceError::Recording { path: path.to_owned(), reason }
}
