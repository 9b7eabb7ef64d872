//! Processes that a test acts on itself: identified, signalled and waited for through a pidfd, so that no other process of
//! that number is ever meant.

use std::os::fd::OwnedFd;
use std::time::Duration;

use aid_test_support::{Signal, WAIT_LIMIT};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open, pidfd_send_signal};

/// A process that is held.
pub(crate) struct Held {
    pid: i32,
    fd: OwnedFd,
}

impl Held {
    /// None when it is gone.
    pub(crate) fn open(pid: i32) -> Option<Self> {
        let fd = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
        Some(Self { pid, fd })
    }

    /// Whether it took the signal; a process that has ended takes none.
    pub(crate) fn signal(&self, signal: Signal) -> bool {
        !self.has_ended() && pidfd_send_signal(&self.fd, signal).is_ok()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ends_within(Duration::ZERO)
    }

    /// Waits for its end, which comes before its parent knows of it.
    pub(crate) fn await_end(&self) {
        assert!(self.ends_within(WAIT_LIMIT), "process {} does not end", self.pid);
    }

    fn ends_within(&self, limit: Duration) -> bool {
        let limit = Timespec::try_from(limit).expect("a minute fits");
        matches!(poll(&mut [PollFd::new(&self.fd, PollFlags::IN)], Some(&limit)), Ok(1))
    }
}

/// Holds a process that must be there.
pub(crate) fn hold(pid: i32) -> Held {
    Held::open(pid).unwrap_or_else(|| panic!("process {pid} is gone"))
}

/// Kills a process that must be there, and waits until it is gone.
pub(crate) fn kill_hard(pid: i32) {
    let held = hold(pid);
    assert!(held.signal(Signal::KILL), "process {pid} was gone");
    held.await_end();
}

/// The parent of a process; None when it is gone.
pub(crate) fn parent(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command, in parentheses, may hold anything; the state is between it and the parent.
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(1)?.parse().ok()
}
