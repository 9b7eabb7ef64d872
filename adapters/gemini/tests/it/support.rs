//! gemini's recordings, and runs of its adapter that were not recorded. Must not expect anything.

use std::path::{Path, PathBuf};

use aid_adapter_gemini::Gemini;
use aid_adapter_kit::{ExitStatus, Request};
use aid_adapter_testkit::{Flags, load_all, read};
pub(crate) use aid_adapter_testkit::{Reading, Recording, exit_code, exit_signal, refusals, word};

const FLAGS: Flags<'static> = Flags { model: &["-m"], resume: &["--resume"] };

/// The session of runs that were not recorded.
pub(crate) const SESSION: &str = "80d66202-baab-40e8-a4d4-9f1b9be68f05";

pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

/// All recordings, by name.
pub(crate) fn recordings() -> Vec<Recording> {
    load_all(&directory(), FLAGS, &request())
}

pub(crate) fn recording(name: &str) -> Recording {
    Recording::load(&directory(), name, FLAGS, &request())
}

pub(crate) fn request() -> Request {
    aid_adapter_testkit::request("gemini", "0.61.0")
}

/// Each stream in one chunk.
pub(crate) fn read_whole(recording: &Recording) -> Reading {
    read::<Gemini>(recording)
}

/// A run that was not recorded.
pub(crate) fn read_text(stdout: &str, stderr: &str, exit: ExitStatus) -> Reading {
    let request = Request { resume: exit.resumed_from.clone(), ..request() };
    read_whole(&Recording::made_up(stdout, stderr, request, exit))
}
