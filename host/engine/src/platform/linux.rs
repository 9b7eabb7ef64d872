//! Linux: `/proc` for identity, pidfd for signals and ends, the child subreaper for orphans, inotify for files.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use aid_core::event::ProcessIdentity;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::{Bell, Delivery, FileWatch, Handle, Platform, linux_bell, portable};

/// `/proc` reports times in this unit on every Linux: USER_HZ is 100 in the kernel's ABI.
const TICK_MS: u64 = 10;
/// Longest environment of a process that is read, in bytes: the kernel's own limit is a quarter of the stack limit.
const MAX_ENVIRON_BYTES: u64 = 8 * 1024 * 1024;

pub(super) struct Linux;

/// The fields of `/proc/PID/stat` that are used here.
struct Stat {
    state: u8,
    parent: i32,
    flags: u64,
    cpu_ticks: u64,
    threads: u64,
    start: u64,
}

fn stat(pid: i32) -> Option<Stat> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    // The command, in parentheses, may hold anything; the last one closes it.
    let after = text.iter().rposition(|b| *b == b')')? + 2;
    let rest = std::str::from_utf8(text.get(after..)?).ok()?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Stat {
        state: *fields.first()?.as_bytes().first()?,
        parent: fields.get(1)?.parse().ok()?,
        flags: number(6)?,
        cpu_ticks: number(11)? + number(12)? + number(13)? + number(14)?,
        threads: number(17)?,
        start: number(19)?,
    })
}

fn boot() -> &'static str {
    static BOOT: OnceLock<String> = OnceLock::new();
    BOOT.get_or_init(|| {
        fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .map_or_else(|_| "unknown".to_owned(), |t| t.trim().to_owned())
    })
}

fn identity(pid: i32, stat: &Stat) -> ProcessIdentity {
    ProcessIdentity { pid, start: stat.start, boot: boot().to_owned() }
}

/// A process whose first thread has ended is shown as a zombie while others of it run.
fn is_dead(stat: &Stat) -> bool {
    matches!(stat.state, b'X' | b'x') || (stat.state == b'Z' && stat.threads <= 1)
}

/// Whether a SIGKILL is waiting for a process, which it cannot do anything about.
fn is_killed(pid: i32) -> bool {
    const SIGKILL_BIT: u64 = 1 << 8;
    let Ok(text) = fs::read_to_string(format!("/proc/{pid}/status")) else { return true };
    let pending = text.lines().filter_map(|l| l.strip_prefix("SigPnd:").or_else(|| l.strip_prefix("ShdPnd:")));
    pending.filter_map(|mask| u64::from_str_radix(mask.trim(), 16).ok()).any(|mask| mask & SIGKILL_BIT != 0)
}

fn pids() -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().filter_map(|e| e.file_name().to_str()?.parse().ok()).collect()
}

/// Children of a process, by the kernel's own list; None where it has none to show.
fn children(pid: i32) -> Option<Vec<i32>> {
    let mut found = Vec::new();
    for thread in fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten() {
        match fs::read_to_string(thread.path().join("children")) {
            Ok(list) => found.extend(list.split_ascii_whitespace().filter_map(|p| p.parse::<i32>().ok())),
            // The thread ended meanwhile, or this kernel does not keep the list.
            Err(_) if thread.path().exists() => return None,
            Err(_) => {}
        }
    }
    Some(found)
}

/// Children of every process, by asking each for its parent.
fn children_by_scan() -> HashMap<i32, Vec<i32>> {
    let mut map: HashMap<i32, Vec<i32>> = HashMap::new();
    for pid in pids() {
        if let Some(stat) = stat(pid) {
            map.entry(stat.parent).or_default().push(pid);
        }
    }
    map
}

fn environ(pid: i32) -> Option<Vec<u8>> {
    use io::Read as _;
    let mut content = Vec::new();
    fs::File::open(format!("/proc/{pid}/environ")).ok()?.take(MAX_ENVIRON_BYTES).read_to_end(&mut content).ok()?;
    Some(content)
}

impl Platform for Linux {
    fn name(&self) -> &'static str {
        "linux"
    }

    fn weaknesses(&self) -> &'static [&'static str] {
        &[]
    }

    fn identify(&self, pid: i32) -> Option<ProcessIdentity> {
        stat(pid).map(|s| identity(pid, &s))
    }

    fn age_ms(&self, process: &ProcessIdentity) -> Option<u64> {
        let found = self.identify(process.pid).filter(|found| found == process)?;
        let now_ms = u64::try_from(self.uptime().as_millis()).ok()?;
        Some(now_ms.saturating_sub(found.start * TICK_MS))
    }

    fn uptime(&self) -> Duration {
        portable::clock(rustix::time::ClockId::Boottime)
    }

    fn is_ending(&self, process: &ProcessIdentity) -> bool {
        /// Set in `flags` from the moment a process begins to exit.
        const PF_EXITING: u64 = 0x4;
        match stat(process.pid) {
            Some(stat) if identity(process.pid, &stat) == *process => {
                is_dead(&stat) || stat.flags & PF_EXITING != 0 || is_killed(process.pid)
            }
            _ => true,
        }
    }

    fn is_frozen(&self, process: &ProcessIdentity) -> bool {
        // Stopped by a signal, or by a debugger.
        stat(process.pid).is_some_and(|s| identity(process.pid, &s) == *process && matches!(s.state, b'T' | b't'))
    }

    fn adopt_orphans(&self) -> bool {
        let on: libc::c_ulong = 1;
        // SAFETY: PR_SET_CHILD_SUBREAPER takes one integer and touches no memory of ours.
        unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, on) == 0 }
    }

    fn descendants(&self, root: i32, skip: &dyn Fn(&ProcessIdentity) -> bool) -> Vec<ProcessIdentity> {
        let mut by_scan: Option<HashMap<i32, Vec<i32>>> = None;
        let mut found = Vec::new();
        let mut todo = vec![root];
        while let Some(parent) = todo.pop() {
            let below = match children(parent) {
                Some(below) => below,
                None => by_scan.get_or_insert_with(children_by_scan).get(&parent).cloned().unwrap_or_default(),
            };
            for pid in below {
                let Some(stat) = stat(pid) else { continue };
                let process = identity(pid, &stat);
                if skip(&process) {
                    continue;
                }
                todo.push(pid);
                if !is_dead(&stat) {
                    found.push(process);
                }
            }
        }
        found
    }

    fn with_variable(&self, name: &str, value: &str) -> Vec<ProcessIdentity> {
        let wanted = format!("{name}={value}");
        let has = |pid: i32| environ(pid).is_some_and(|e| e.split(|b| *b == 0).any(|v| v == wanted.as_bytes()));
        let me = i32::try_from(std::process::id()).unwrap_or_default();
        pids()
            .into_iter()
            .filter(|pid| *pid != me && has(*pid))
            .filter_map(|pid| stat(pid).filter(|s| !is_dead(s)).map(|s| identity(pid, &s)))
            .collect()
    }

    fn variable(&self, pid: i32, name: &str) -> Option<String> {
        let content = environ(pid)?;
        let start = format!("{name}=");
        let found = content.split(|b| *b == 0).find_map(|v| v.strip_prefix(start.as_bytes()))?;
        String::from_utf8(found.to_vec()).ok()
    }

    fn cpu_ms(&self, processes: &[ProcessIdentity]) -> Option<u64> {
        let of = |p: &ProcessIdentity| stat(p.pid).filter(|s| s.start == p.start).map_or(0, |s| s.cpu_ticks);
        let reaped = stat(i32::try_from(std::process::id()).ok()?).map(|_| reaped_children_ms())?;
        Some(processes.iter().map(of).sum::<u64>() * TICK_MS + reaped)
    }

    fn command(&self, pid: i32) -> String {
        fs::read_to_string(format!("/proc/{pid}/comm")).map_or_else(|_| "?".to_owned(), |t| t.trim_end().to_owned())
    }

    fn hold(&self, process: &ProcessIdentity) -> io::Result<Option<Box<dyn Handle>>> {
        let Some(pid) = Pid::from_raw(process.pid) else { return Ok(None) };
        let pidfd = match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(fd) => fd,
            Err(rustix::io::Errno::SRCH) => return Ok(None),
            Err(e) => return Err(e.into()),
        };
        // Only now is the pid pinned: what it is, is looked up after the fd was opened.
        match self.identify(process.pid) {
            Some(found) if found == *process => Ok(Some(Box::new(PidfdHandle { process: process.clone(), pidfd }))),
            _ => Ok(None),
        }
    }

    fn watch(&self, paths: &[PathBuf]) -> io::Result<Box<dyn FileWatch>> {
        if paths.is_empty() {
            return Ok(Box::new(Inotify { fd: None }));
        }
        match inotify(paths) {
            Ok(fd) => Ok(Box::new(Inotify { fd: Some(fd) })),
            // A user has few of them for all programs together (128 on many systems), and a runner for each task.
            Err(e) if has_run_out(&e) => Ok(portable::look_often(paths)),
            Err(e) => Err(e),
        }
    }

    fn bell(&self, path: &Path) -> io::Result<Box<dyn Bell>> {
        Ok(Box::new(linux_bell::FutexBell::open(path)?))
    }
}

/// CPU time of children that were waited for.
fn reaped_children_ms() -> u64 {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: getrusage fills the struct that it is given, or fails and leaves the zeroes.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr());
        usage.assume_init()
    };
    let ms = |t: libc::timeval| u64::try_from(t.tv_sec * 1000 + t.tv_usec / 1000).unwrap_or_default();
    ms(usage.ru_utime) + ms(usage.ru_stime)
}

pub(super) fn timespec(time: Duration) -> Timespec {
    let tv_sec = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timespec { tv_sec, tv_nsec: i64::from(time.subsec_nanos()) }
}

struct PidfdHandle {
    process: ProcessIdentity,
    pidfd: OwnedFd,
}

impl Handle for PidfdHandle {
    fn identity(&self) -> &ProcessIdentity {
        &self.process
    }

    fn signal(&self, signal: Signal) -> io::Result<Delivery> {
        match pidfd_send_signal(&self.pidfd, signal) {
            Ok(()) => Ok(Delivery::Sent),
            Err(rustix::io::Errno::SRCH) => Ok(Delivery::Gone),
            Err(e) => Err(e.into()),
        }
    }

    fn is_alive(&self) -> bool {
        let mut fds = [PollFd::new(&self.pidfd, PollFlags::IN)];
        !matches!(poll(&mut fds, Some(&Timespec::default())), Ok(n) if n > 0)
    }

    fn end_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.pidfd.as_fd())
    }
}

fn inotify(paths: &[PathBuf]) -> io::Result<OwnedFd> {
    let fd = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
    for path in paths {
        // The error's own number is what tells a limit from a missing file.
        inotify::add_watch(&fd, path, inotify::WatchFlags::MODIFY | inotify::WatchFlags::ATTRIB)?;
    }
    Ok(fd)
}

/// Whether a limit of the system is what stands in the way.
fn has_run_out(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOSPC]
        .contains(&Errno::from_io_error(error).unwrap_or(Errno::INVAL))
}

/// Closing one takes the kernel some 15 ms, so a command that somebody waits for must not have one.
struct Inotify {
    /// None: there is no file to watch.
    fd: Option<OwnedFd>,
}

impl FileWatch for Inotify {
    fn wait(&mut self, process: Option<&dyn Handle>, timeout: Duration) -> io::Result<()> {
        let end = process.and_then(Handle::end_fd);
        let mut fds: Vec<PollFd<'_>> = self.fd.iter().map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
        if let Some(end) = &end {
            fds.push(PollFd::new(end, PollFlags::IN));
        }
        let timeout = timespec(timeout);
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
        let Some(fd) = &self.fd else { return Ok(()) };
        // What changed does not matter; the queue must be empty for the next wait to block.
        let mut buffer = [MaybeUninit::<u8>::uninit(); 4096];
        loop {
            match rustix::io::read(fd, &mut buffer) {
                Ok((read, _)) if !read.is_empty() => {}
                Ok(_) | Err(rustix::io::Errno::AGAIN) => return Ok(()),
                Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
        }
    }
}
