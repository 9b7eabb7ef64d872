//! How often a runner is started for a task that has lost its own: soon, then less and less often, and not for ever.

use std::collections::HashMap;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::time::{Duration, Instant};

use aid_core::id::TaskId;

use crate::home::{Home, TaskLog};

/// Most runners that one process starts for one task: with these pauses, some ten minutes of a ledger that nobody can write.
const MAX_REVIVALS: u32 = 70;
/// How soon it starts another one, where the last one got anywhere.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Longest pause between two that got nowhere.
const MAX_PAUSE: Duration = Duration::from_secs(10);
/// Less room than this on the disk is none, in bytes.
const NO_ROOM_BYTES: u64 = 64 * 1024;
/// How much of the end of a runner's log is read, in bytes.
const LOG_TAIL_BYTES: u64 = 4096;
/// Longest line of it that is quoted, in characters.
const MAX_QUOTE_CHARS: usize = 300;

/// What to do about a task without a runner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Start one.
    Now,
    /// Not yet.
    Later,
    /// No more; so many were started.
    Never(u32),
}

/// What this process did for each task.
#[derive(Default)]
pub(super) struct Revivals(HashMap<TaskId, Revival>);

struct Revival {
    tries: u32,
    last: Instant,
    pause: Duration,
    /// The task's last event at that time: a runner that got anywhere has added to it.
    seq: u64,
}

impl Revivals {
    /// Whether another one may be started now, for a task whose last event is this one.
    pub(super) fn turn(&mut self, id: &TaskId, seq: u64, now: Instant) -> Turn {
        let Some(known) = self.0.get_mut(id) else {
            self.0.insert(id.clone(), Revival { tries: 1, last: now, pause: FIRST_PAUSE, seq });
            return Turn::Now;
        };
        if known.seq != seq {
            (known.seq, known.pause) = (seq, FIRST_PAUSE);
        }
        if now < known.last + known.pause {
            return Turn::Later;
        }
        if known.tries >= MAX_REVIVALS {
            return Turn::Never(known.tries);
        }
        (known.tries, known.last, known.pause) = (known.tries + 1, now, (known.pause * 2).min(MAX_PAUSE));
        Turn::Now
    }
}

/// Why runners of a task do not live, as far as that can be seen from outside.
pub(super) fn reason(home: &Home, id: &TaskId) -> String {
    let root = home.root();
    // Without room a runner cannot even say so.
    if rustix::fs::statvfs(root).is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < NO_ROOM_BYTES) {
        return format!("the disk that holds {} is full; free some space and try again", root.display());
    }
    let log = home.log(id, TaskLog::Runner);
    match last_line(&log) {
        Some(line) => format!("the last word of one was {line:?}; see {}", log.display()),
        None => format!("none of them said why in {}", log.display()),
    }
}

fn last_line(path: &std::path::Path) -> Option<String> {
    let mut file = std::fs::File::open(path).ok()?;
    let size = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(LOG_TAIL_BYTES))).ok()?;
    let mut tail = Vec::new();
    file.take(LOG_TAIL_BYTES).read_to_end(&mut tail).ok()?;
    let text = String::from_utf8_lossy(&tail);
    let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
    Some(line.trim().chars().take(MAX_QUOTE_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many are started, and how long that takes, when each is looked for every 20 ms.
    fn exhaust(mut seq: impl FnMut(u32) -> u64) -> (u32, Duration) {
        let id = TaskId::parse("t-1a2b").expect("an id");
        let (mut revivals, start) = (Revivals::default(), Instant::now());
        let (mut started, mut passed) = (0, Duration::ZERO);
        loop {
            match revivals.turn(&id, seq(started), start + passed) {
                Turn::Now => started += 1,
                Turn::Later => {}
                Turn::Never(tries) => return (tries, passed),
            }
            passed += Duration::from_millis(20);
        }
    }

    #[test]
    fn a_ledger_without_room_is_given_time_and_not_processes() {
        let (tries, passed) = exhaust(|_| 7);
        assert_eq!(tries, MAX_REVIVALS);
        assert!(passed > Duration::from_secs(600), "{passed:?}");
    }

    #[test]
    fn one_that_got_somewhere_is_replaced_soon_and_not_for_ever() {
        let (tries, passed) = exhaust(u64::from);
        assert_eq!(tries, MAX_REVIVALS);
        assert!(passed < FIRST_PAUSE * (MAX_REVIVALS + 5), "{passed:?}");
    }

    #[test]
    fn the_last_word_of_a_runner_is_quoted() {
        let dir = tempfile::tempdir().expect("temp");
        let log = dir.path().join("log");
        assert_eq!(last_line(&log), None);
        std::fs::write(&log, "first\nrunner 7 stopped: why\n\n").expect("written");
        assert_eq!(last_line(&log).as_deref(), Some("runner 7 stopped: why"));
    }
}
