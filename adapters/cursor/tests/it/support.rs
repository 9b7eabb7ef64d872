//! Cursor's transcripts, and runs of its adapter that have none. Must not expect anything.

use std::path::{Path, PathBuf};

use aid_adapter_cursor::Cursor;
use aid_adapter_kit::{ExitStatus, Request};
use aid_adapter_testkit::{Flags, load_all, read};
pub(crate) use aid_adapter_testkit::{Reading, Recording, exit_code, exit_signal, refusals, word};

const FLAGS: Flags<'static> = Flags { model: &["--model"], resume: &["--resume"] };

pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

/// All transcripts, by name.
pub(crate) fn recordings() -> Vec<Recording> {
    load_all(&directory(), FLAGS, &request())
}

pub(crate) fn recording(name: &str) -> Recording {
    Recording::load(&directory(), name, FLAGS, &request())
}

pub(crate) fn request() -> Request {
    aid_adapter_testkit::request("cursor-agent", "")
}

/// Each stream in one chunk.
pub(crate) fn read_whole(recording: &Recording) -> Reading {
    read::<Cursor>(recording)
}

/// A run that has no transcript.
pub(crate) fn read_text(stdout: &str, stderr: &str, exit: ExitStatus) -> Reading {
    let request = Request { resume: exit.resumed_from.clone(), ..request() };
    read_whole(&Recording::made_up(stdout, stderr, request, exit))
}
