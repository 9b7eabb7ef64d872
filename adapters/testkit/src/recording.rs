//! Recorded runs: two streams, and a description from which the request and the exit are read. Must not expect anything.
//!
//! `NAME.stdout` and `NAME.stderr` are bytes as they came. `NAME.run.json` has `argv`, and `exit_code`: negative, or with
//! `exit_code_meaning` "signal", it is the signal that ended the run.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use aid_adapter_kit::{Autonomy, ExitStatus, Request};
use serde_json::Value;

/// One recorded run of an agent.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The name of its files.
    pub name: String,
    /// What it wrote.
    pub stdout: Vec<u8>,
    /// What it wrote.
    pub stderr: Vec<u8>,
    /// What was asked for.
    pub request: Request,
    /// How its process ended.
    pub exit: ExitStatus,
}

/// The words of a command line after which something stands that the request needs.
#[derive(Debug, Clone, Copy)]
pub struct Flags<'a> {
    /// Before a model.
    pub model: &'a [&'a str],
    /// Before a session to be continued.
    pub resume: &'a [&'a str],
}

impl Recording {
    /// Reads one by its name.
    ///
    /// # Panics
    /// When a file is missing or is not what it should be.
    #[must_use]
    pub fn load(directory: &Path, name: &str, flags: Flags<'_>, base: &Request) -> Self {
        let read = |suffix: &str| {
            let path = directory.join(format!("{name}.{suffix}"));
            fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let run: Value = serde_json::from_slice(&read("run.json")).expect("the description of a run");
        let argv: Vec<&str> = run["argv"].as_array().expect("argv").iter().filter_map(Value::as_str).collect();
        let after = |words: &[&str]| {
            let at = argv.iter().position(|arg| words.contains(arg))?;
            argv.get(at + 1).map(|value| (*value).to_owned())
        };
        let resume = after(flags.resume);
        let exit = exit(&run, resume.as_deref());
        let request = Request { resume, model: after(flags.model), ..base.clone() };
        Self { name: name.to_owned(), stdout: read("stdout"), stderr: read("stderr"), request, exit }
    }

    /// A run that was not recorded.
    #[must_use]
    pub fn made_up(stdout: &str, stderr: &str, request: Request, exit: ExitStatus) -> Self {
        let (stdout, stderr) = (stdout.as_bytes().to_vec(), stderr.as_bytes().to_vec());
        Self { name: "made up".into(), stdout, stderr, request, exit }
    }
}

/// All recordings of a directory, by name.
///
/// # Panics
/// When one cannot be read.
#[must_use]
pub fn load_all(directory: &Path, flags: Flags<'_>, base: &Request) -> Vec<Recording> {
    let names: BTreeSet<String> = fs::read_dir(directory)
        .expect("the transcripts")
        .filter_map(|entry| entry.expect("an entry").file_name().to_str()?.strip_suffix(".run.json").map(str::to_owned))
        .collect();
    names.iter().map(|name| Recording::load(directory, name, flags, base)).collect()
}

fn exit(run: &Value, resume: Option<&str>) -> ExitStatus {
    let number = run["exit_code"].as_i64().and_then(|code| i32::try_from(code).ok());
    let is_signal = |number: &i32| run["exit_code_meaning"] == "signal" || *number < 0;
    ExitStatus {
        code: number.filter(|number| !is_signal(number)),
        signal: number.filter(is_signal).map(i32::abs),
        stderr_tail: String::new(),
        resumed_from: resume.map(str::to_owned),
        previous_usage: None,
    }
}

/// A request with nothing special about it.
#[must_use]
pub fn request(program: &str, program_version: &str) -> Request {
    Request {
        autonomy: Autonomy::Full,
        model: None,
        budget: false,
        resume: None,
        workdir: "/repo".into(),
        output_file: None,
        context_files: Vec::new(),
        program: format!("/usr/bin/{program}"),
        program_version: program_version.to_owned(),
        options: Vec::new(),
        extra_args: Vec::new(),
        ext: Vec::new(),
    }
}

/// A process that ended by itself.
#[must_use]
pub fn exit_code(code: i32) -> ExitStatus {
    ExitStatus { code: Some(code), signal: None, stderr_tail: String::new(), resumed_from: None, previous_usage: None }
}

/// A process that was ended.
#[must_use]
pub fn exit_signal(signal: i32) -> ExitStatus {
    ExitStatus { code: None, signal: Some(signal), ..exit_code(0) }
}
