//! Copilot's recordings, and runs of its adapter that were not recorded. Must not expect anything.

use std::path::{Path, PathBuf};

use aid_adapter_copilot::Copilot;
use aid_adapter_kit::{Autonomy, ExitStatus, Request};
use aid_adapter_testkit::{Flags, load_all, read};
pub(crate) use aid_adapter_testkit::{Reading, Recording, exit_code, exit_signal, refusals, word};

const FLAGS: Flags<'static> = Flags { model: &["--model"], resume: &["--resume"] };

pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

/// All recordings, by name.
pub(crate) fn recordings() -> Vec<Recording> {
    load_all(&directory(), FLAGS, &request()).into_iter().map(with_autonomy).collect()
}

pub(crate) fn recording(name: &str) -> Recording {
    with_autonomy(Recording::load(&directory(), name, FLAGS, &request()))
}

/// The one recording of a run that may only read.
fn with_autonomy(mut recording: Recording) -> Recording {
    if recording.name == "read_only_escape" {
        recording.request.autonomy = Autonomy::ReadOnly;
    }
    recording
}

pub(crate) fn request() -> Request {
    aid_adapter_testkit::request("copilot", "1.0.102.")
}

/// Each stream in one chunk.
pub(crate) fn read_whole(recording: &Recording) -> Reading {
    read::<Copilot>(recording)
}

/// A run that was not recorded.
pub(crate) fn read_text(stdout: &str, stderr: &str, exit: ExitStatus) -> Reading {
    let request = Request { resume: exit.resumed_from.clone(), ..request() };
    read_whole(&Recording::made_up(stdout, stderr, request, exit))
}
