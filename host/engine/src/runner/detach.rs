//! Starts a runner that belongs to nobody: own session, no terminal, no parent whose end could take it along, and the
//! task's lock in hand from its first instruction on.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use aid_core::id::TaskId;

use crate::executor::{MARKER_VARIABLE, RUNNER_VARIABLE};
use crate::home::{FILE_MODE, Home, TaskLog};
use crate::lock::{LOCK_FD_VARIABLE, TaskLock};

/// Starts `aid __attempt ID` detached and hands it the lock. The caller's own lock is given up.
///
/// # Errors
/// When the log cannot be made or the process not started; the lock comes back then.
pub fn spawn(home: &Home, id: &TaskId, lock: TaskLock, adopt: bool) -> Result<(), (io::Error, TaskLock)> {
    match start(home, id, &lock, adopt) {
        Ok(()) => Ok(()),
        Err(e) => Err((e, lock)),
    }
}

fn start(home: &Home, id: &TaskId, lock: &TaskLock, adopt: bool) -> io::Result<()> {
    let log = OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(home.log(id, TaskLog::Runner))?;
    let lock_fd = lock.as_raw_fd();
    let mut command = Command::new(own_program());
    command.arg("__attempt").arg(id.as_str());
    if adopt {
        command.arg("--adopt");
    }
    command
        .env("AID_HOME", home.root())
        .env(RUNNER_VARIABLE, id.as_str())
        .env(LOCK_FD_VARIABLE, lock_fd.to_string())
        .env_remove(MARKER_VARIABLE)
        .env_remove("AID_TASK_ID")
        .env_remove("AID_AGENT")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::from(log.try_clone()?))
        .stderr(Stdio::from(log));
    let open_limit = open_limit();
    // SAFETY: between fork and exec only setsid, fork, _exit, close_range and fcntl are called, all async-signal-safe,
    // on values that were made before the fork.
    unsafe {
        command.pre_exec(move || {
            if libc::setsid() < 0 {
                return Err(io::Error::last_os_error());
            }
            // The first child ends at once: the runner is nobody's child, so a walk over its caller's tree misses it.
            match libc::fork() {
                0 => {}
                pid if pid > 0 => libc::_exit(0),
                _ => return Err(io::Error::last_os_error()),
            }
            keep_descriptors_from_exec(open_limit);
            let flags = libc::fcntl(lock_fd, libc::F_GETFD);
            if flags < 0 || libc::fcntl(lock_fd, libc::F_SETFD, flags & !libc::FD_CLOEXEC) < 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(())
        });
    }
    let mut first = command.spawn()?;
    // It is gone already; this only takes its status.
    first.wait()?;
    Ok(())
}

/// Highest number of descriptors that are looked at one by one.
const MAX_DESCRIPTORS: u64 = 65_536;

fn open_limit() -> libc::c_int {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(MAX_DESCRIPTORS);
    libc::c_int::try_from(limit.min(MAX_DESCRIPTORS)).unwrap_or(libc::c_int::MAX)
}

/// Whatever a caller left open, a pipe that somebody reads to its end for example, stays with it: a runner and its agent
/// would keep it open for as long as they live. Async-signal-safe.
fn keep_descriptors_from_exec(open_limit: libc::c_int) {
    const FIRST: libc::c_int = 3;
    #[cfg(target_os = "linux")]
    {
        let (first, last, flags) = (3_u32, u32::MAX, libc::CLOSE_RANGE_CLOEXEC);
        // SAFETY: close_range with this flag closes nothing now and touches no memory.
        if unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) } == 0 {
            return;
        }
    }
    for fd in FIRST..open_limit {
        // SAFETY: only a flag of a descriptor is set; one that is not open is refused.
        unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
}

/// This very program, also when its file was replaced meanwhile.
fn own_program() -> PathBuf {
    match std::env::current_exe() {
        Ok(path) if path.exists() => path,
        Ok(_) | Err(_) => PathBuf::from("/proc/self/exe"),
    }
}
