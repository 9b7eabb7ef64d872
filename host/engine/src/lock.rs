//! Liveness is a lock: whoever holds a task's lock owns the task until it is final. Nobody guesses from pids.
//!
//! The dispatcher takes the lock before the task exists and hands the open file to the runner, so there is no moment
//! at which an unfinished task has a living owner and a free lock.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Timespec, Timestamps, UTIME_NOW, flock, futimens};

use crate::home::FILE_MODE;

/// Names the descriptor by which a runner inherits its lock.
pub const LOCK_FD_VARIABLE: &str = "AID_LOCK_FD";
/// How often a lock file that is replaced while it is being taken is tried again.
const MAX_TRIES: u32 = 8;

/// A held lock. Released when it is dropped, or when its process dies.
#[derive(Debug)]
pub struct TaskLock {
    file: File,
    path: PathBuf,
}

impl TaskLock {
    /// Takes the lock; None when somebody alive holds it.
    ///
    /// # Errors
    /// When the file cannot be made or locked.
    pub fn acquire(path: &Path) -> io::Result<Option<Self>> {
        for _ in 0..MAX_TRIES {
            let file =
                OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(FILE_MODE).open(path)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {}
                Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
                Err(e) => return Err(e.into()),
            }
            // The last owner removes the file when the task is final: a lock on a removed file protects nothing.
            let lock = Self { file, path: path.to_owned() };
            if lock.is_in_place()? {
                return Ok(Some(lock));
            }
        }
        Ok(None)
    }

    /// Whether the file is still the one that others find under its name.
    ///
    /// # Errors
    /// When the system refuses to say.
    pub fn is_in_place(&self) -> io::Result<bool> {
        let held = self.file.metadata()?;
        match fs::metadata(&self.path) {
            Ok(there) => Ok((there.dev(), there.ino()) == (held.dev(), held.ino())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// Makes sure that others see the lock as held, also when somebody removed or replaced its file.
    ///
    /// # Errors
    /// When the file cannot be looked at, made or locked.
    pub fn keep(&mut self) -> io::Result<Kept> {
        if self.is_in_place()? {
            return Ok(Kept::Unchanged);
        }
        match Self::acquire(&self.path)? {
            Some(lock) => {
                *self = lock;
                Ok(Kept::Renewed)
            }
            None => Ok(Kept::Lost),
        }
    }

    /// Takes over the lock that was handed down as descriptor `fd`, and hides it from our children.
    ///
    /// # Errors
    /// When there is no such descriptor, or it is not the lock of `path`.
    pub fn inherit(path: &Path, fd: RawFd) -> io::Result<Self> {
        // SAFETY: the descriptor is only looked at here; if it is not open, fcntl says so.
        let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
        rustix::io::fcntl_setfd(borrowed, rustix::io::FdFlags::CLOEXEC)?;
        let (held, there) = (rustix::fs::fstat(borrowed)?, rustix::fs::stat(path)?);
        if (held.st_dev, held.st_ino) != (there.st_dev, there.st_ino) {
            return Err(io::Error::other(format!("descriptor {fd} is not {}", path.display())));
        }
        // SAFETY: it is open, it is the lock file, and nothing else in this process owns it: the dispatcher put it
        // there for this one call.
        let file = File::from(unsafe { OwnedFd::from_raw_fd(fd) });
        Ok(Self { file, path: path.to_owned() })
    }

    /// The descriptor to hand down.
    #[must_use]
    pub fn as_raw_fd(&self) -> RawFd {
        self.file.as_fd().as_raw_fd()
    }

    /// Gives the lock up for good, for a task that is final: the file goes too.
    pub fn retire(self) {
        // One that was put in its place is somebody else's.
        if self.is_in_place().unwrap_or(false) {
            // A file that stays costs a directory entry; the next owner of the name takes it over.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// What became of a lock that was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is as it was.
    Unchanged,
    /// Its file was gone; it is held by another one now, which nobody watches yet.
    Renewed,
    /// Its file was gone, and somebody else holds the new one.
    Lost,
}

/// Whether somebody alive holds the lock. A missing file is held by nobody. Looking creates nothing.
///
/// # Errors
/// When the file cannot be opened or asked.
pub fn is_held(path: &Path) -> io::Result<bool> {
    let file = match OpenOptions::new().read(true).open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(e),
    };
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(false),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(true),
        Err(e) => Err(e.into()),
    }
}

/// Wakes the holder of a lock, which watches the file: its times are set, its content stays.
///
/// # Errors
/// When the file is gone or not ours.
pub fn poke(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
    Ok(futimens(&file, &Timestamps { last_access: now, last_modification: now })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time() {
        let dir = tempfile::tempdir().expect("temp");
        let path = dir.path().join("t.lock");
        assert!(!is_held(&path).expect("asked") && !path.exists());
        let lock = TaskLock::acquire(&path).expect("taken").expect("free");
        assert!(is_held(&path).expect("asked"));
        assert!(TaskLock::acquire(&path).expect("asked").is_none());
        drop(lock);
        assert!(!is_held(&path).expect("asked") && path.exists());
        TaskLock::acquire(&path).expect("taken").expect("free again").retire();
        assert!(!path.exists());
    }

    #[test]
    fn a_lock_outlives_its_file() {
        let dir = tempfile::tempdir().expect("temp");
        let path = dir.path().join("t.lock");
        let mut lock = TaskLock::acquire(&path).expect("taken").expect("free");
        assert_eq!(lock.keep().expect("kept"), Kept::Unchanged);
        fs::remove_file(&path).expect("removed");
        assert_eq!(lock.keep().expect("kept"), Kept::Renewed);
        assert!(is_held(&path).expect("asked"));
        fs::remove_file(&path).expect("removed");
        let other = TaskLock::acquire(&path).expect("taken").expect("free");
        assert_eq!(lock.keep().expect("asked"), Kept::Lost);
        lock.retire();
        assert!(path.exists() && is_held(&path).expect("asked"), "the file is the other one's");
        other.retire();
        assert!(!path.exists());
    }
}
