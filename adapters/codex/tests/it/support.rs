//! Codex's recordings, and runs of its adapter that were not recorded. Must not expect anything.

use std::path::{Path, PathBuf};

use aid_adapter_codex::Codex;
use aid_adapter_kit::{Event, ExitStatus, Request, Usage};
use aid_adapter_testkit::{Flags, load_all, read};
pub(crate) use aid_adapter_testkit::{Reading, Recording, exit_code, exit_signal, refusals, word};

const FLAGS: Flags<'static> = Flags { model: &["-m"], resume: &["resume"] };

pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

/// All recordings, by name.
pub(crate) fn recordings() -> Vec<Recording> {
    load_all(&directory(), FLAGS, &request()).into_iter().map(with_past).collect()
}

pub(crate) fn recording(name: &str) -> Recording {
    with_past(Recording::load(&directory(), name, FLAGS, &request()))
}

/// codex counts whole threads: a recording that continues one needs its last total from before.
fn with_past(mut recording: Recording) -> Recording {
    if let Some(session) = recording.request.resume.clone() {
        recording.exit.previous_usage = total_before(&recording.name, &session);
    }
    recording
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
    aid_adapter_testkit::request("codex", "0.169.0")
}

/// Each stream in one chunk.
pub(crate) fn read_whole(recording: &Recording) -> Reading {
    read::<Codex>(recording)
}

/// A run that was not recorded.
pub(crate) fn read_text(stdout: &str, stderr: &str, exit: ExitStatus) -> Reading {
    let request = Request { resume: exit.resumed_from.clone(), ..request() };
    read_whole(&Recording::made_up(stdout, stderr, request, exit))
}
