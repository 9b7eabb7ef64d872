//! Finding living processes by a variable of their environment, for tests that follow what a task left behind.

use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::process::{Process, with_variable};

/// Every living process whose environment has `name` with exactly this value; zombies are left out.
#[must_use]
pub fn processes_with(name: &str, value: &str) -> Vec<Process> {
    with_variable(name, Path::new(value))
}

/// Whether a process of this number lives; one that has ended and was not waited for does not. Only for numbers that were
/// written down a moment ago.
#[must_use]
pub fn lives(pid: i32) -> bool {
    let Some(fd) = Pid::from_raw(pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok()) else { return false };
    // Readable means ended.
    !matches!(poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&Timespec::default())), Ok(1))
}
