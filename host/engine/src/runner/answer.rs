//! The file that a caller wants the answer in: whether it can be written, and writing it. Links keep meaning what they meant.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Access, access};

/// How long the reader of a pipe may take for the whole answer.
const PIPE_WAIT: Duration = Duration::from_secs(10);
/// Most links that are followed, as in the kernel.
const MAX_LINKS: usize = 40;

/// Whether an answer could be written there now. Makes and changes nothing.
///
/// # Errors
/// Why not.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    let target = behind_links(path)?;
    match fs::metadata(&target) {
        Ok(meta) if meta.is_file() => OpenOptions::new().append(true).open(&target).map(drop),
        Ok(_) => Ok(access(&target, Access::WRITE_OK)?),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            Ok(access(directory(&target), Access::WRITE_OK | Access::EXEC_OK)?)
        }
        Err(e) => Err(e),
    }
}

/// Writes the answer, in one piece where the target is a file of its own. A link is followed; a device or pipe is written
/// to, and so is a file that has other names or another owner.
pub(super) fn write(path: &Path, answer: &str) -> io::Result<()> {
    let target = behind_links(path)?;
    let old = match fs::metadata(&target) {
        Ok(meta) => Some(meta),
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(e),
    };
    let me = rustix::process::geteuid().as_raw();
    match old {
        Some(meta) if !meta.is_file() => {
            // A pipe that nobody reads, or reads slowly, is an error and not a wait.
            let device = OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(&target)?;
            write_in_time(device, answer.as_bytes())
        }
        Some(meta) if meta.nlink() > 1 || meta.uid() != me || access(directory(&target), Access::WRITE_OK).is_err() => {
            overwrite(&target, answer)
        }
        old => replace(&target, answer, old.map(|meta| meta.permissions())),
    }
}

/// Where a path leads, also when there is nothing yet.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&target) {
            Ok(next) => target = directory(&target).join(next),
            // Not a link, or nothing at all.
            Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::NotFound) => return Ok(target),
            Err(e) => return Err(e),
        }
    }
    Err(rustix::io::Errno::LOOP.into())
}

fn directory(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

/// Readers see the old content or the new one.
fn replace(target: &Path, answer: &str, permissions: Option<fs::Permissions>) -> io::Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".aid-{}", std::process::id()));
    let temp = target.with_file_name(name);
    let written = fs::write(&temp, answer)
        .and_then(|()| permissions.map_or(Ok(()), |old| fs::set_permissions(&temp, old)))
        .and_then(|()| fs::rename(&temp, target));
    if written.is_err() {
        // Ours alone; the first error is the one to report.
        let _ = fs::remove_file(&temp);
    }
    written
}

/// Cut only when all of it is there: a disk that fills up leaves a file of the old length.
fn overwrite(target: &Path, answer: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(target)?;
    file.write_all(answer.as_bytes())?;
    file.set_len(answer.len() as u64)
}

/// Writes to a pipe or device, as long as somebody takes it.
fn write_in_time(mut device: File, mut rest: &[u8]) -> io::Result<()> {
    let until = Instant::now() + PIPE_WAIT;
    while !rest.is_empty() {
        match device.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => rest = &rest[written..],
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "nobody reads the rest of it"));
                }
                let left_ms = i64::try_from(left.as_millis()).unwrap_or(i64::MAX);
                let timeout = Timespec { tv_sec: left_ms / 1000, tv_nsec: (left_ms % 1000) * 1_000_000 };
                poll(&mut [PollFd::new(&device, PollFlags::OUT)], Some(&timeout))?;
            }
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_keep_their_meaning() {
        let dir = tempfile::tempdir().expect("temp");
        let at = |name: &str| dir.path().join(name);
        fs::write(at("one"), "a longer old content").expect("written");
        fs::hard_link(at("one"), at("two")).expect("linked");
        symlink("missing", at("dangling")).expect("linked");
        symlink("dangling", at("chain")).expect("linked");
        symlink("round", at("round")).expect("linked");
        for name in ["two", "chain"] {
            check(&at(name)).expect("can be written");
            write(&at(name), "answer").expect("written");
        }
        for name in ["one", "two", "missing", "dangling", "chain"] {
            assert_eq!(fs::read(at(name)).expect("there"), b"answer", "{name}");
        }
        assert!(fs::symlink_metadata(at("dangling")).expect("there").is_symlink());
        assert_eq!(fs::metadata(at("one")).expect("there").ino(), fs::metadata(at("two")).expect("there").ino());
        assert!(check(&at("round")).is_err() && write(&at("round"), "x").is_err());
        symlink("no/such/place", at("nowhere")).expect("linked");
        assert!(check(&at("nowhere")).is_err() && write(&at("nowhere"), "x").is_err());
    }

    #[test]
    fn looking_changes_nothing() {
        let dir = tempfile::tempdir().expect("temp");
        let (there, new) = (dir.path().join("there"), dir.path().join("new"));
        fs::write(&there, "old").expect("written");
        check(&there).expect("can be written");
        check(&new).expect("can be made");
        assert!(!new.exists());
        assert_eq!(fs::read(&there).expect("there"), b"old");
    }
}
