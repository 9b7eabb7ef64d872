//! Codebuff's recordings, and runs of its adapter that were not recorded. Must not expect anything.

use std::path::{Path, PathBuf};

use aid_adapter_codebuff::Codebuff;
use aid_adapter_kit::{ExitStatus, Request};
use aid_adapter_testkit::{Flags, Recording, load_all, read};
pub(crate) use aid_adapter_testkit::{Reading, exit_code, exit_signal, refusals, word};

const FLAGS: Flags<'static> = Flags { model: &["--model"], resume: &["--resume"] };

pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

/// All recordings, by name.
pub(crate) fn recordings() -> Vec<Recording> {
    load_all(&directory(), FLAGS, &request())
}

pub(crate) fn request() -> Request {
    aid_adapter_testkit::request("aid-codebuff", "0.1.0")
}

/// Each stream in one chunk.
pub(crate) fn read_whole(recording: &Recording) -> Reading {
    read::<Codebuff>(recording)
}

/// A run that was not recorded.
pub(crate) fn read_text(stdout: &str, stderr: &str, exit: ExitStatus) -> Reading {
    let request = Request { resume: exit.resumed_from.clone(), ..request() };
    read_whole(&Recording::made_up(stdout, stderr, request, exit))
}
