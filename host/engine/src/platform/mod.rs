//! The one door to what differs between systems: identity of processes, descendants, signals, file events.
//!
//! Two backends behind [`Platform`]: Linux (`/proc`, pidfd, subreaper, inotify) and a portable Unix one that keeps the
//! same rules with weaker means. Policy does not belong here: who is ended, and when, is the runner's business.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod linux_bell;
mod portable;

use std::io;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use aid_core::event::ProcessIdentity;

pub use rustix::process::Signal;

/// Chooses the backend by name (`linux`, `portable`); for tests of the portable one.
pub const BACKEND_VARIABLE: &str = "AID_PLATFORM";

/// Whether a signal reached its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It was delivered to the process that was meant.
    Sent,
    /// That process is gone; nothing was signalled.
    Gone,
}

/// A process held by its identity.
pub trait Handle: Send {
    /// Which process.
    fn identity(&self) -> &ProcessIdentity;
    /// Sends a signal, if the process is still the one that was meant.
    ///
    /// # Errors
    /// When the system refuses, for example for want of permission.
    fn signal(&self, signal: Signal) -> io::Result<Delivery>;
    /// Whether it runs (a zombie does not).
    fn is_alive(&self) -> bool;
    /// Becomes readable when the process ends, where the system has such a thing.
    fn end_fd(&self) -> Option<BorrowedFd<'_>>;
}

/// Wakes when one of a few files changes.
pub trait FileWatch {
    /// Blocks until a watched file may have changed, the process ended, a signal came, or the time is over. What
    /// happened is for the caller to look up: a wake may be spurious.
    ///
    /// # Errors
    /// When the system's event source fails.
    fn wait(&mut self, process: Option<&dyn Handle>, timeout: Duration) -> io::Result<()>;
}

/// Tells every process that listens that something changed. What changed is for them to look up.
pub trait Bell: Send {
    /// Wakes whoever waits.
    fn ring(&self);
    /// How often it rang, as far as that can be told; taken before a look, it makes a ring in between no miss.
    fn count(&self) -> u32;
    /// Blocks until it rings, unless it has since `count`, a signal comes, or the time is over.
    fn wait(&self, count: u32, timeout: Duration);
}

/// What a system has to offer.
pub trait Platform: Send + Sync {
    /// Its name, for `doctor`.
    fn name(&self) -> &'static str;
    /// What it cannot promise, for `doctor`.
    fn weaknesses(&self) -> &'static [&'static str];
    /// The identity of the process that has this pid now, a zombie included.
    fn identify(&self, pid: i32) -> Option<ProcessIdentity>;
    /// How long ago a process started, by a clock that nobody sets. None where that cannot be told, or it is gone.
    fn age_ms(&self, process: &ProcessIdentity) -> Option<u64>;
    /// Time since some fixed moment, by a clock that nobody sets and that does not rest while the machine sleeps.
    fn uptime(&self) -> Duration;
    /// Whether a process is on its way out: killed, but not yet gone, and still holding what it held.
    fn is_ending(&self, process: &ProcessIdentity) -> bool;
    /// Whether somebody stopped a process, so that it does nothing until it is told to go on.
    fn is_frozen(&self, process: &ProcessIdentity) -> bool;
    /// From now on orphaned descendants become our children. False where the system cannot.
    fn adopt_orphans(&self) -> bool;
    /// Every living process below `root`, itself not included; `skip` cuts off a process and all below it.
    fn descendants(&self, root: i32, skip: &dyn Fn(&ProcessIdentity) -> bool) -> Vec<ProcessIdentity>;
    /// Every living process whose environment has `name=value`.
    fn with_variable(&self, name: &str, value: &str) -> Vec<ProcessIdentity>;
    /// A variable of a process's environment, where it can be read.
    fn variable(&self, pid: i32, name: &str) -> Option<String>;
    /// CPU time that these processes and their reaped children used, in milliseconds. None where it cannot be read.
    fn cpu_ms(&self, processes: &[ProcessIdentity]) -> Option<u64>;
    /// The process group of a process.
    fn group(&self, pid: i32) -> Option<i32> {
        let pid = rustix::process::Pid::from_raw(pid)?;
        rustix::process::getpgid(Some(pid)).ok().map(rustix::process::Pid::as_raw_nonzero).map(i32::from)
    }
    /// Short command name of a process.
    fn command(&self, pid: i32) -> String;
    /// Holds a process; None when it is gone.
    ///
    /// # Errors
    /// When the system refuses to say.
    fn hold(&self, process: &ProcessIdentity) -> io::Result<Option<Box<dyn Handle>>>;
    /// Watches files that exist.
    ///
    /// # Errors
    /// When one of them cannot be watched.
    fn watch(&self, paths: &[PathBuf]) -> io::Result<Box<dyn FileWatch>>;
    /// The bell that a file stands for. It is made, private, where it is missing.
    ///
    /// # Errors
    /// When the file cannot be made or shared.
    fn bell(&self, path: &Path) -> io::Result<Box<dyn Bell>>;
}

/// The backend of this process.
#[must_use]
pub fn current() -> &'static dyn Platform {
    static CHOSEN: OnceLock<Box<dyn Platform>> = OnceLock::new();
    &**CHOSEN.get_or_init(|| {
        let wanted = std::env::var(BACKEND_VARIABLE).unwrap_or_default();
        #[cfg(target_os = "linux")]
        if wanted != "portable" {
            return Box::new(linux::Linux);
        }
        let _ = wanted;
        Box::new(portable::Portable)
    })
}

#[cfg(test)]
mod tests;
