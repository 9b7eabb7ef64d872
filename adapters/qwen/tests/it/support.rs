//! Qwen's recordings, and runs of its adapter that were not recorded. Must not expect anything.

use std::path::{Path, PathBuf};

use aid_adapter_kit::{Autonomy, Event, ExitStatus, Request, Usage};
use aid_adapter_qwen::Qwen;
use aid_adapter_testkit::{Flags, load_all, read};
pub(crate) use aid_adapter_testkit::{Reading, Recording, exit_code, exit_signal, refusals, word};

const FLAGS: Flags<'static> = Flags { model: &["-m"], resume: &["--resume"] };

pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

/// All recordings, by name.
pub(crate) fn recordings() -> Vec<Recording> {
    load_all(&directory(), FLAGS, &request()).into_iter().map(with_circumstances).collect()
}

pub(crate) fn recording(name: &str) -> Recording {
    with_circumstances(Recording::load(&directory(), name, FLAGS, &request()))
}

/// What a recording does not say itself. Qwen counts whole sessions: one that is continued needs its last total from
/// before.
fn with_circumstances(mut recording: Recording) -> Recording {
    if recording.name.starts_with("plan_mode") {
        recording.request.autonomy = Autonomy::ReadOnly;
    }
    if recording.name == "resume_2_by_id" {
        recording.exit.previous_usage = total(&Recording::load(&directory(), "resume_1_first", FLAGS, &request()));
    }
    recording
}

/// The last total that a recording tells.
fn total(recording: &Recording) -> Option<Usage> {
    let events = read_whole(recording).stdout_events;
    events.into_iter().find_map(|event| if let Event::Usage(usage) = event { Some(usage) } else { None })
}

pub(crate) fn request() -> Request {
    aid_adapter_testkit::request("qwen", "0.15.10")
}

/// Each stream in one chunk.
pub(crate) fn read_whole(recording: &Recording) -> Reading {
    read::<Qwen>(recording)
}

/// A run that was not recorded.
pub(crate) fn read_text(stdout: &str, stderr: &str, exit: ExitStatus) -> Reading {
    let request = Request { resume: exit.resumed_from.clone(), ..request() };
    read_whole(&Recording::made_up(stdout, stderr, request, exit))
}
