//! Where the binaries under test are: beside the test's own, because one build makes them all. Builds nothing itself.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// What to run when a binary is missing or old.
pub const BUILD_HINT: &str =
    "run `cargo build -p aid -p aid-fake-agent -p aid-fake-model` first (`cargo xtask test` does)";

/// The path of a binary of this workspace, built in the same profile as the test that asks.
///
/// # Panics
/// When it has not been built; the text says what to run.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    // target/<profile>/deps/<test>
    let profile = test.ancestors().nth(2).expect("a test lies in target/<profile>/deps");
    let path = profile.join(name);
    assert!(path.is_file(), "{} does not exist; {BUILD_HINT}", path.display());
    path
}

/// Puts a binary at `to` without writing an executable there: an executable that another thread's fork still holds open
/// for writing cannot be started. It is copied once per build, and linked from then on.
///
/// # Errors
/// When it can be neither copied nor linked.
pub(crate) fn link(name: &str, to: &Path) -> io::Result<()> {
    let staged = staged(&binary(name), name)?;
    match std::fs::remove_file(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::fs::hard_link(staged, to)
}

/// A copy on the file system that worlds are made on.
fn staged(source: &Path, name: &str) -> io::Result<PathBuf> {
    let meta = std::fs::metadata(source)?;
    let base = base_dir()?;
    let staged = base.join(format!("{name}-{}-{}.{:09}", meta.len(), meta.mtime(), meta.mtime_nsec()));
    if !staged.exists() {
        let fresh = tempfile::Builder::new().prefix(name).tempdir_in(&base)?;
        let part = fresh.path().join(name);
        std::fs::copy(source, &part)?;
        std::fs::rename(part, &staged)?;
    }
    Ok(staged)
}

/// Where worlds are made.
///
/// # Errors
/// When the temporary directory cannot be written.
pub(crate) fn base_dir() -> io::Result<PathBuf> {
    let base = std::env::temp_dir().join(format!("aid-tests-{}", rustix::process::geteuid().as_raw()));
    std::fs::create_dir_all(&base)?;
    base.canonicalize()
}
