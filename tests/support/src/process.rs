//! The processes of a world, found by what their environment carries. Reads `/proc`; signals only what a pidfd proves.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// A living process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its pid.
    pub pid: i32,
    /// Its command line, arguments joined by spaces.
    pub command: String,
}

/// Living processes, zombies left out, whose environment has a variable with exactly this value.
pub(crate) fn with_variable(name: &str, value: &Path) -> Vec<Process> {
    let wanted = format!("{name}={}", value.display());
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let carries = |pid: &i32| {
        // Gone by now, or somebody else's.
        let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environ.split(|&byte| byte == 0).any(|entry| entry == wanted.as_bytes())
    };
    pids.filter(carries).map(|pid| Process { pid, command: command_line(pid) }).collect()
}

/// Signals a process that carries the variable at this moment.
pub(crate) fn kill_with_variable(process: &Process, name: &str, value: &Path) {
    let Some(pid) = Pid::from_raw(process.pid) else { return };
    let Ok(fd) = pidfd_open(pid, PidfdFlags::empty()) else { return };
    // The descriptor is held: if the variable is there now, it is the same process that is signalled.
    if with_variable(name, value).iter().any(|p| p.pid == process.pid) {
        // It may have ended by itself.
        let _ = pidfd_send_signal(fd, Signal::KILL);
    }
}

/// Signals a process that the test has just been told about.
///
/// # Panics
/// When it does not exist any more.
pub fn kill(pid: i32, signal: Signal) {
    let pid = Pid::from_raw(pid).expect("a pid is positive");
    let fd = pidfd_open(pid, PidfdFlags::empty()).expect("the process is there");
    pidfd_send_signal(fd, signal).expect("the process is there");
}

fn command_line(pid: i32) -> String {
    let raw = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&raw).trim_end_matches('\0').replace('\0', " ")
}
