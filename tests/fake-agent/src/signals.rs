//! Signals and descriptors of this process: the only unsafe code of the program. Knows no steps.

use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use serde::{Deserialize, Serialize};

/// One more than the highest signal number of Linux.
const SIGNAL_COUNT: usize = 65;

const NAMES: [(&str, c_int); 16] = [
    ("HUP", libc::SIGHUP),
    ("INT", libc::SIGINT),
    ("QUIT", libc::SIGQUIT),
    ("ABRT", libc::SIGABRT),
    ("KILL", libc::SIGKILL),
    ("SEGV", libc::SIGSEGV),
    ("PIPE", libc::SIGPIPE),
    ("ALRM", libc::SIGALRM),
    ("TERM", libc::SIGTERM),
    ("USR1", libc::SIGUSR1),
    ("USR2", libc::SIGUSR2),
    ("CHLD", libc::SIGCHLD),
    ("CONT", libc::SIGCONT),
    ("STOP", libc::SIGSTOP),
    ("TSTP", libc::SIGTSTP),
    ("WINCH", libc::SIGWINCH),
];

/// A signal by its name, with or without `SIG`.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct SignalName(c_int);

impl TryFrom<String> for SignalName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let short = name.strip_prefix("SIG").unwrap_or(&name);
        let known = NAMES.iter().find(|(known, _)| *known == short);
        known.map(|&(_, number)| Self(number)).ok_or_else(|| format!("unknown signal {name:?}"))
    }
}

impl From<SignalName> for String {
    fn from(signal: SignalName) -> Self {
        let known = NAMES.iter().find(|(_, number)| *number == signal.0);
        known.map_or_else(String::new, |(name, _)| (*name).to_owned())
    }
}

/// Ignores the signal from now on; children inherit that.
pub(crate) fn ignore(signal: SignalName) -> Result<(), String> {
    set_disposition(signal, libc::SIG_IGN)
}

/// Ends the process with the exit code when the signal comes, after writing `out` to standard output.
pub(crate) fn exit_on(signal: SignalName, code: u8, out: Vec<u8>) -> Result<(), String> {
    let ending = Box::into_raw(Box::new(Ending { code: c_int::from(code), out }));
    // The earlier one is leaked on purpose: its handler may be running.
    ENDINGS[signal.0 as usize].store(ending, Ordering::Release);
    let handler: extern "C" fn(c_int) = end_process;
    set_disposition(signal, handler as libc::sighandler_t)
}

/// Sends the signal to this process itself.
pub(crate) fn raise(signal: SignalName) -> Result<(), String> {
    // SAFETY: raise takes a number and touches no memory of ours.
    match unsafe { libc::raise(signal.0) } {
        0 => Ok(()),
        _ => Err(format!("cannot raise the signal: {}", std::io::Error::last_os_error())),
    }
}

/// Stops this process until somebody continues it.
pub(crate) fn stop() -> Result<(), String> {
    raise(SignalName(libc::SIGSTOP))
}

/// Lets go of standard output. The descriptor stays taken, so that no file opened later becomes the output.
pub(crate) fn close_stdout() -> Result<(), String> {
    replace_with_null(libc::STDOUT_FILENO)
}

/// Lets go of standard input.
pub(crate) fn close_stdin() -> Result<(), String> {
    replace_with_null(libc::STDIN_FILENO)
}

/// Undoes the start-up code of the language, which ignores SIGPIPE: a test has to see what the starter passed on.
pub(crate) fn restore_inherited_sigpipe() {
    if !SIGPIPE_WAS_IGNORED.load(Ordering::Acquire) {
        // SAFETY: SIG_DFL is a valid disposition, and no other thread exists yet.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    }
}

struct Ending {
    code: c_int,
    out: Vec<u8>,
}

static ENDINGS: [AtomicPtr<Ending>; SIGNAL_COUNT] = [const { AtomicPtr::new(std::ptr::null_mut()) }; SIGNAL_COUNT];

extern "C" fn end_process(signal: c_int) {
    let ending = ENDINGS[signal as usize].load(Ordering::Acquire);
    // SAFETY: the pointer is null or came from a Box that is never freed; write and _exit may be called in a handler.
    unsafe {
        if let Some(ending) = ending.as_ref() {
            libc::write(libc::STDOUT_FILENO, ending.out.as_ptr().cast(), ending.out.len());
            libc::_exit(ending.code);
        }
    }
}

fn set_disposition(signal: SignalName, disposition: libc::sighandler_t) -> Result<(), String> {
    // SAFETY: the disposition is SIG_IGN or a handler that does only what a handler may do.
    let before = unsafe { libc::signal(signal.0, disposition) };
    if before == libc::SIG_ERR {
        let name = String::from(signal);
        return Err(format!("cannot change what {name} does: {}", std::io::Error::last_os_error()));
    }
    Ok(())
}

fn replace_with_null(target: c_int) -> Result<(), String> {
    let failed = |why: std::io::Error| format!("cannot close descriptor {target}: {why}");
    let null = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null").map_err(failed)?;
    // SAFETY: both are open descriptors, and the target is a standard stream that nothing here owns.
    if unsafe { libc::dup2(std::os::fd::AsRawFd::as_raw_fd(&null), target) } < 0 {
        return Err(failed(std::io::Error::last_os_error()));
    }
    Ok(())
}

static SIGPIPE_WAS_IGNORED: AtomicBool = AtomicBool::new(false);

// Runs before the start-up code of the language, the only moment at which the inherited disposition can be seen.
// SAFETY: the section holds pointers to functions of this type; the function uses nothing that needs initialisation.
#[used]
#[unsafe(link_section = ".init_array")]
static RECORD_SIGPIPE: extern "C" fn() = record_sigpipe;

extern "C" fn record_sigpipe() {
    // SAFETY: sigaction without a new action only fills in the zeroed structure it is given.
    unsafe {
        let mut current: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(libc::SIGPIPE, std::ptr::null(), &raw mut current) == 0 {
            SIGPIPE_WAS_IGNORED.store(current.sa_sigaction == libc::SIG_IGN, Ordering::Release);
        }
    }
}
