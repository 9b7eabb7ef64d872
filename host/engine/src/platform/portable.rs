//! Any Unix: `ps` for identity and descendants, `kill` right after a look at the identity, files by looking often.
//!
//! Weaker than Linux where the system gives less; each weakness is listed for `doctor`. Compiled and tested on Linux too.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aid_core::event::ProcessIdentity;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, test_kill_process, waitid};

use super::{Bell, Delivery, FileWatch, Handle, Platform};

/// How often files and processes are looked at, without an event to wait for.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How often `ps` may be asked about a process that still exists.
const IDENTIFY_EVERY: Duration = Duration::from_millis(500);

pub(super) struct Portable;

/// One line of `ps`.
struct Row {
    pid: i32,
    parent: i32,
    zombie: bool,
    stopped: bool,
    cpu_ms: u64,
    start: u64,
}

/// All processes. `lstart` has whole seconds and is printed in UTC and the C locale, so that it is the same each time.
fn table(only: Option<i32>) -> Vec<Row> {
    let mut ps = Command::new("ps");
    ps.env("LC_ALL", "C").env("TZ", "UTC").stdin(Stdio::null()).stderr(Stdio::null());
    match only {
        Some(pid) => ps.arg("-p").arg(pid.to_string()),
        None => ps.arg("-A"),
    };
    let Ok(output) = ps.args(["-o", "pid=,ppid=,stat=,time=,lstart="]).output() else { return Vec::new() };
    String::from_utf8_lossy(&output.stdout).lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    let mut fields = line.split_ascii_whitespace();
    let pid = fields.next()?.parse().ok()?;
    let parent = fields.next()?.parse().ok()?;
    let state = fields.next()?;
    let (zombie, stopped) = (state.starts_with('Z'), state.starts_with(['T', 't']));
    let cpu_ms = cpu(fields.next()?)?;
    let started: Vec<&str> = fields.collect();
    // The words of a date, as a number: only equality is ever asked of it.
    let start = started
        .join(" ")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    (started.len() == 5).then_some(Row { pid, parent, zombie, stopped, cpu_ms, start })
}

/// `[days-]hours:minutes:seconds` or `minutes:seconds.hundredths`, in milliseconds.
fn cpu(text: &str) -> Option<u64> {
    let (days, clock) = text.split_once('-').map_or((0, text), |(d, rest)| (d.parse().unwrap_or(0), rest));
    let mut total_s: f64 = 0.0;
    for part in clock.split(':') {
        total_s = total_s * 60.0 + part.parse::<f64>().ok()?;
    }
    let ms = Duration::from_secs_f64(total_s + f64::from(days) * 86_400.0).as_millis();
    u64::try_from(ms).ok()
}

fn identity(row: &Row) -> ProcessIdentity {
    ProcessIdentity { pid: row.pid, start: row.start, boot: "portable".to_owned() }
}

/// What a clock of the system says.
pub(super) fn clock(which: rustix::time::ClockId) -> Duration {
    let now = rustix::time::clock_gettime(which);
    let (seconds, nanos) =
        (u64::try_from(now.tv_sec).unwrap_or_default(), u32::try_from(now.tv_nsec).unwrap_or_default());
    Duration::new(seconds, nanos)
}

fn exists(pid: i32) -> bool {
    Pid::from_raw(pid).is_some_and(|pid| !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH)))
}

/// Whether it is a child of ours that has ended and was not waited for yet. It stays so.
fn is_ended_child(pid: i32) -> bool {
    let Some(pid) = Pid::from_raw(pid) else { return false };
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    matches!(waitid(WaitId::Pid(pid), look), Ok(Some(_)))
}

fn environments() -> Vec<(i32, String)> {
    let flags = if cfg!(target_os = "macos") { "-axEww" } else { "axeww" };
    let Ok(output) =
        Command::new("ps").arg(flags).args(["-o", "pid=,command="]).stdin(Stdio::null()).stderr(Stdio::null()).output()
    else {
        return Vec::new();
    };
    let split = |line: &str| {
        let (pid, rest) = line.trim_start().split_once(' ')?;
        Some((pid.parse().ok()?, rest.to_owned()))
    };
    String::from_utf8_lossy(&output.stdout).lines().filter_map(split).collect()
}

impl Platform for Portable {
    fn name(&self) -> &'static str {
        "portable"
    }

    fn weaknesses(&self) -> &'static [&'static str] {
        &[
            "a process is known by pid and start time in whole seconds, looked up right before a signal",
            "a descendant that left its session and cleared its environment cannot be found",
            "files and processes are looked at every 20 ms instead of by event",
            "no confinement by the kernel",
        ]
    }

    fn identify(&self, pid: i32) -> Option<ProcessIdentity> {
        table(Some(pid)).iter().find(|r| r.pid == pid).map(identity)
    }

    fn age_ms(&self, _process: &ProcessIdentity) -> Option<u64> {
        None
    }

    fn uptime(&self) -> Duration {
        // Where this backend is the only one, it goes on while the machine sleeps; on Linux, where it is for tests, not.
        clock(rustix::time::ClockId::Monotonic)
    }

    fn is_ending(&self, process: &ProcessIdentity) -> bool {
        !table(Some(process.pid)).iter().any(|r| !r.zombie && r.pid == process.pid && r.start == process.start)
    }

    fn is_frozen(&self, process: &ProcessIdentity) -> bool {
        table(Some(process.pid)).iter().any(|r| r.stopped && r.pid == process.pid && r.start == process.start)
    }

    fn adopt_orphans(&self) -> bool {
        false
    }

    fn descendants(&self, root: i32, skip: &dyn Fn(&ProcessIdentity) -> bool) -> Vec<ProcessIdentity> {
        let rows = table(None);
        let mut below: HashMap<i32, Vec<&Row>> = HashMap::new();
        for row in &rows {
            below.entry(row.parent).or_default().push(row);
        }
        let mut found = Vec::new();
        let mut todo = vec![root];
        while let Some(parent) = todo.pop() {
            for row in below.get(&parent).into_iter().flatten() {
                let process = identity(row);
                // The `ps` that made the table is in it.
                if skip(&process) || !exists(row.pid) {
                    continue;
                }
                todo.push(row.pid);
                if !row.zombie {
                    found.push(process);
                }
            }
        }
        found
    }

    fn with_variable(&self, name: &str, value: &str) -> Vec<ProcessIdentity> {
        let wanted = format!("{name}={value}");
        let me = i32::try_from(std::process::id()).unwrap_or_default();
        let marked: Vec<i32> = environments()
            .into_iter()
            .filter(|(pid, text)| *pid != me && text.split_ascii_whitespace().any(|word| word == wanted))
            .map(|(pid, _)| pid)
            .collect();
        if marked.is_empty() {
            return Vec::new();
        }
        table(None).iter().filter(|r| !r.zombie && marked.contains(&r.pid)).map(identity).collect()
    }

    fn variable(&self, pid: i32, name: &str) -> Option<String> {
        let start = format!("{name}=");
        let (_, text) = environments().into_iter().find(|(found, _)| *found == pid)?;
        text.split_ascii_whitespace().find_map(|word| word.strip_prefix(&start)).map(str::to_owned)
    }

    fn cpu_ms(&self, processes: &[ProcessIdentity]) -> Option<u64> {
        let rows = table(None);
        let of =
            |p: &ProcessIdentity| rows.iter().find(|r| r.pid == p.pid && r.start == p.start).map_or(0, |r| r.cpu_ms);
        Some(processes.iter().map(of).sum())
    }

    fn command(&self, pid: i32) -> String {
        let output = Command::new("ps").args(["-o", "comm=", "-p", &pid.to_string()]).stdin(Stdio::null()).output();
        let text = output.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned()).unwrap_or_default();
        if text.is_empty() { "?".to_owned() } else { text }
    }

    fn hold(&self, process: &ProcessIdentity) -> io::Result<Option<Box<dyn Handle>>> {
        if self.identify(process.pid).as_ref() != Some(process) {
            return Ok(None);
        }
        Ok(Some(Box::new(ByPid { process: process.clone() })))
    }

    fn watch(&self, paths: &[PathBuf]) -> io::Result<Box<dyn FileWatch>> {
        Ok(look_often(paths))
    }

    fn bell(&self, _path: &Path) -> io::Result<Box<dyn Bell>> {
        Ok(Box::new(Silence))
    }
}

/// Nothing here reaches another process's wait, so whoever listens looks often instead.
struct Silence;

impl Bell for Silence {
    fn ring(&self) {}

    fn count(&self) -> u32 {
        0
    }

    fn wait(&self, _count: u32, timeout: Duration) {
        std::thread::sleep(timeout.min(LOOK_EVERY));
    }
}

struct ByPid {
    process: ProcessIdentity,
}

impl Handle for ByPid {
    fn identity(&self) -> &ProcessIdentity {
        &self.process
    }

    fn signal(&self, signal: Signal) -> io::Result<Delivery> {
        let Some(pid) = Pid::from_raw(self.process.pid) else { return Ok(Delivery::Gone) };
        if !self.is_alive() {
            return Ok(Delivery::Gone);
        }
        match kill_process(pid, signal) {
            Ok(()) => Ok(Delivery::Sent),
            Err(rustix::io::Errno::SRCH) => Ok(Delivery::Gone),
            Err(e) => Err(e.into()),
        }
    }

    fn is_alive(&self) -> bool {
        exists(self.process.pid)
            && table(Some(self.process.pid))
                .iter()
                .any(|r| !r.zombie && r.pid == self.process.pid && r.start == self.process.start)
    }

    fn end_fd(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}

/// Watches files by looking at them.
pub(super) fn look_often(paths: &[PathBuf]) -> Box<dyn FileWatch> {
    let mut looks = Looks { paths: paths.to_vec(), seen: Vec::new(), identified: Instant::now() };
    looks.seen = looks.look();
    Box::new(looks)
}

type Look = Option<(u64, std::time::SystemTime)>;

struct Looks {
    paths: Vec<PathBuf>,
    seen: Vec<Look>,
    identified: Instant,
}

impl Looks {
    fn look(&self) -> Vec<Look> {
        self.paths.iter().map(|p| fs::metadata(p).ok().and_then(|m| Some((m.len(), m.modified().ok()?)))).collect()
    }
}

impl FileWatch for Looks {
    fn wait(&mut self, process: Option<&dyn Handle>, timeout: Duration) -> io::Result<()> {
        let until = Instant::now() + timeout;
        let signals = crate::interrupts::count();
        loop {
            let now = self.look();
            if now != self.seen || crate::interrupts::count() != signals {
                self.seen = now;
                return Ok(());
            }
            if let Some(process) = process {
                let due = self.identified.elapsed() >= IDENTIFY_EVERY;
                if !exists(process.identity().pid)
                    || is_ended_child(process.identity().pid)
                    || (due && !process.is_alive())
                {
                    return Ok(());
                }
                if due {
                    self.identified = Instant::now();
                }
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(LOOK_EVERY));
        }
    }
}
