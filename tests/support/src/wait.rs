//! Waiting for a file to appear, woken by the file system. Never sleeps, and never waits without an end.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;

/// The end of every wait of the world.
pub const WAIT_LIMIT: Duration = Duration::from_secs(60);

/// Returns when `path` exists. The directories above it may appear later too.
///
/// # Panics
/// When it does not within [`WAIT_LIMIT`].
pub fn for_file(path: &Path) {
    let deadline = Instant::now() + WAIT_LIMIT;
    loop {
        let watched = nearest_directory(path);
        let queue = inotify::init(inotify::CreateFlags::CLOEXEC).expect("the kernel has inotify");
        let changes = inotify::WatchFlags::CREATE
            | inotify::WatchFlags::MOVED_TO
            | inotify::WatchFlags::MOVE_SELF
            | inotify::WatchFlags::DELETE_SELF;
        if inotify::add_watch(&queue, &watched, changes).is_err() {
            assert!(Instant::now() < deadline, "cannot watch {}", watched.display());
            continue;
        }
        // Only now nothing can appear unseen.
        if path.exists() {
            return;
        }
        if nearest_directory(path) != watched {
            continue;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "{} did not appear within {} s", path.display(), WAIT_LIMIT.as_secs());
        let left = Timespec::try_from(left).expect("a minute fits");
        // Interrupted or woken: the loop looks again.
        let _ = poll(&mut [PollFd::new(&queue, PollFlags::IN)], Some(&left));
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
    fn a_file_below_directories_to_come_is_seen() {
        let dir = tempfile::tempdir().expect("temp");
        let wanted = dir.path().join("a/b/c");
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| for_file(&wanted));
            std::fs::create_dir_all(dir.path().join("a/b")).expect("made");
            assert!(!waiting.is_finished());
            std::fs::write(&wanted, "").expect("written");
        });
    }
}
