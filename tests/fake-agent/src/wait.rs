//! Waiting for a file to appear, woken by the file system. Never sleeps and never waits without an end.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;

/// Returns when `path` exists; an error after `limit`. The directories above it may appear later too.
pub(crate) fn for_file(path: &Path, limit: Duration) -> Result<(), String> {
    let path = std::path::absolute(path).map_err(|why| format!("{}: {why}", path.display()))?;
    let deadline = Instant::now() + limit;
    loop {
        let watched = nearest_directory(&path);
        let failed = |why: rustix::io::Errno| format!("cannot watch {}: {why}", watched.display());
        let queue = inotify::init(inotify::CreateFlags::CLOEXEC).map_err(failed)?;
        let changes = inotify::WatchFlags::CREATE
            | inotify::WatchFlags::MOVED_TO
            | inotify::WatchFlags::MOVE_SELF
            | inotify::WatchFlags::DELETE_SELF;
        match inotify::add_watch(&queue, &watched, changes) {
            Ok(_) => {}
            Err(rustix::io::Errno::NOENT) => continue,
            Err(why) => return Err(failed(why)),
        }
        // Only now nothing can appear unseen.
        if path.exists() {
            return Ok(());
        }
        if nearest_directory(&path) != watched {
            continue;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(format!("{} did not appear within {} ms", path.display(), limit.as_millis()));
        }
        let left = Timespec::try_from(left).map_err(|why| why.to_string())?;
        match poll(&mut [PollFd::new(&queue, PollFlags::IN)], Some(&left)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(why) => return Err(failed(why)),
        }
    }
}

fn nearest_directory(path: &Path) -> PathBuf {
    let above = path.ancestors().skip(1).find(|directory| directory.is_dir());
    above.unwrap_or(Path::new("/")).to_path_buf()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_never_appears_ends_the_wait() {
        let dir = tempfile::tempdir().unwrap();
        let why = for_file(&dir.path().join("deep/never"), Duration::from_millis(30)).unwrap_err();
        assert!(why.contains("did not appear within 30 ms"), "{why}");
    }

    #[test]
    fn other_files_do_not_end_the_wait() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| for_file(&dir.path().join("wanted"), Duration::from_secs(20)));
            for other in 0..50 {
                std::fs::write(dir.path().join(format!("other-{other}")), "").unwrap();
            }
            assert!(!waiting.is_finished());
            std::fs::write(dir.path().join("wanted"), "").unwrap();
            waiting.join().unwrap().unwrap();
        });
    }
}
