//! Kilo's recordings, and runs of its adapter that were not recorded. Must not expect anything.

use std::path::{Path, PathBuf};

use aid_adapter_kilo::Kilo;
use aid_adapter_kit::{ExitStatus, Kv, Request};
use aid_adapter_testkit::{Flags, Recording, load_all, read};
pub(crate) use aid_adapter_testkit::{Reading, exit_code, exit_signal, refusals, word};

const FLAGS: Flags<'static> = Flags { model: &["-m"], resume: &["-s"] };

pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

/// All recordings, by name.
pub(crate) fn recordings() -> Vec<Recording> {
    load_all(&directory(), FLAGS, &request())
}

pub(crate) fn request() -> Request {
    aid_adapter_testkit::request("kilo", "7.7.7")
}

pub(crate) fn options(options: &[(&str, &str)]) -> Vec<Kv> {
    options.iter().map(|(key, value)| Kv { key: (*key).into(), value: (*value).into() }).collect()
}

/// Each stream in one chunk.
pub(crate) fn read_whole(recording: &Recording) -> Reading {
    read::<Kilo>(recording)
}

/// A run that was not recorded.
pub(crate) fn read_text(stdout: &str, stderr: &str, exit: ExitStatus) -> Reading {
    let request = Request { resume: exit.resumed_from.clone(), model: Some("fake/plain".into()), ..request() };
    read_whole(&Recording::made_up(stdout, stderr, request, exit))
}
