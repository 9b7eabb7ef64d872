//! Owns loading the recordings and running the adapter over bytes. Must not expect anything.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use aid_adapter_codex::Codex;
use aid_adapter_kit::{Autonomy, Event, ExitStatus, Outcome, Refusal, Request, Run, Source, Usage, Verdict};
use serde_json::Value;

/// One recorded run of codex.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    pub(crate) name: String,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    pub(crate) request: Request,
    pub(crate) exit: ExitStatus,
}

/// Everything a run gave.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    pub(crate) stdout_events: Vec<Event>,
    pub(crate) stderr_events: Vec<Event>,
    pub(crate) verdict: Verdict,
}

pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

/// All recordings, by name.
pub(crate) fn recordings() -> Vec<Recording> {
    let names: BTreeSet<String> = fs::read_dir(directory())
        .expect("the transcripts")
        .filter_map(|entry| entry.expect("an entry").file_name().to_str()?.strip_suffix(".run.json").map(str::to_owned))
        .collect();
    names.iter().map(|name| recording(name)).collect()
}

pub(crate) fn recording(name: &str) -> Recording {
    let read = |suffix: &str| fs::read(directory().join(format!("{name}.{suffix}"))).expect("a transcript");
    let run: Value = serde_json::from_slice(&read("run.json")).expect("the description of a run");
    let argv: Vec<&str> = run["argv"].as_array().expect("argv").iter().filter_map(Value::as_str).collect();
    let after = |flag: &str| {
        let at = argv.iter().position(|arg| *arg == flag)?;
        argv.get(at + 1).map(|value| (*value).to_owned())
    };
    let resume = after("resume");
    let number = run["exit_code"].as_i64().and_then(|code| i32::try_from(code).ok()).expect("an exit code");
    let by_signal = run["exit_code_meaning"] == "signal" || number < 0;
    Recording {
        name: name.to_owned(),
        stdout: read("stdout"),
        stderr: read("stderr"),
        exit: ExitStatus {
            code: (!by_signal).then_some(number),
            signal: by_signal.then_some(number.abs()),
            stderr_tail: String::new(),
            previous_usage: resume.as_ref().and_then(|session| total_before(name, session)),
            resumed_from: resume.clone(),
        },
        request: Request { resume, model: after("-m"), ..request() },
    }
}

/// The last total of a session, from the recording that began it.
fn total_before(name: &str, session: &str) -> Option<Usage> {
    let first = recording("resume_1_first");
    assert_eq!(name, "resume_2_by_id", "which recording came before {name}?");
    let reading = read_whole(&first);
    assert_eq!(reading.verdict.session.as_deref(), Some(session));
    reading.stdout_events.into_iter().find_map(|event| if let Event::Usage(usage) = event { Some(usage) } else { None })
}

pub(crate) fn request() -> Request {
    Request {
        autonomy: Autonomy::Full,
        model: None,
        budget: false,
        resume: None,
        workdir: "/repo".into(),
        output_file: None,
        context_files: Vec::new(),
        program: "/usr/bin/codex".into(),
        program_version: "0.169.0".into(),
        options: Vec::new(),
        ext: Vec::new(),
    }
}

pub(crate) fn exit_code(code: i32) -> ExitStatus {
    ExitStatus { code: Some(code), signal: None, stderr_tail: String::new(), resumed_from: None, previous_usage: None }
}

pub(crate) fn exit_signal(signal: i32) -> ExitStatus {
    ExitStatus { code: None, signal: Some(signal), ..exit_code(0) }
}

/// Each stream in one chunk.
pub(crate) fn read_whole(recording: &Recording) -> Reading {
    read_chunks(recording, &[(Source::Out, &recording.stdout), (Source::Err, &recording.stderr)])
}

/// The streams in the chunks given.
pub(crate) fn read_chunks(recording: &Recording, chunks: &[(Source, &[u8])]) -> Reading {
    let mut run = Run::<Codex>::new(recording.request.clone());
    let (mut stdout_events, mut stderr_events) = (Vec::new(), Vec::new());
    for (from, chunk) in chunks {
        match from {
            Source::Out => stdout_events.extend(run.feed(*from, chunk)),
            Source::Err => stderr_events.extend(run.feed(*from, chunk)),
        }
    }
    Reading { stdout_events, stderr_events, verdict: run.finish(&recording.exit) }
}

/// A run that was not recorded.
pub(crate) fn read_text(stdout: &str, stderr: &str, exit: ExitStatus) -> Reading {
    let (stdout, stderr) = (stdout.as_bytes().to_vec(), stderr.as_bytes().to_vec());
    let request = Request { resume: exit.resumed_from.clone(), ..request() };
    read_whole(&Recording { name: "inline".into(), stdout, stderr, request, exit })
}

/// The refusals among some events.
pub(crate) fn refusals(events: &[Event]) -> Vec<&Refusal> {
    events.iter().filter_map(|event| if let Event::Refusal(refusal) = event { Some(refusal) } else { None }).collect()
}

/// An outcome in a word: `success`, `no-result`, `incomplete`, or the class of a failure.
pub(crate) fn word(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Success => "success",
        Outcome::NoResult(_) => "no-result",
        Outcome::Incomplete(_) => "incomplete",
        Outcome::Failure(refusal) => &refusal.class,
    }
}

/// The lines of a stream, each with its end.
pub(crate) fn lines(stream: &[u8]) -> Vec<&[u8]> {
    stream.split_inclusive(|byte| *byte == b'\n').collect()
}
