//! Counts SIGINT, SIGTERM and SIGHUP for faces that answer them, takes requests that come to a runner by signal, and undoes
//! what a caller made us ignore.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};

use crate::platform::Signal;

/// Asks a runner to stop its task, where the ledger takes no request.
pub(crate) const STOP_REQUEST: Signal = Signal::USR1;
/// The same, by force.
pub(crate) const FORCE_REQUEST: Signal = Signal::USR2;

static STOP: AtomicBool = AtomicBool::new(false);
static FORCE: AtomicBool = AtomicBool::new(false);

static COUNT: AtomicUsize = AtomicUsize::new(0);
static LAST: AtomicI32 = AtomicI32::new(0);

extern "C" fn note(signal: libc::c_int) {
    LAST.store(signal, Ordering::SeqCst);
    COUNT.fetch_add(1, Ordering::SeqCst);
}

/// From now on the three signals are counted instead of ending the process; blocking calls return when one comes. One
/// that the caller chose to ignore, as `nohup` does, stays ignored.
pub fn install() {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: the struct is zeroed, and sigaction(2) with no new action only fills it.
        let is_ignored = unsafe {
            let mut now: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, std::ptr::null(), &raw mut now) == 0 && now.sa_sigaction == libc::SIG_IGN
        };
        if is_ignored {
            continue;
        }
        // SAFETY: the struct is zeroed, then filled as sigaction(2) wants it; the handler only touches atomics.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = note as extern "C" fn(libc::c_int) as usize;
            libc::sigemptyset(&raw mut action.sa_mask);
            libc::sigaction(signal, &raw const action, std::ptr::null_mut());
        }
    }
}

extern "C" fn take_request(signal: libc::c_int) {
    if signal == FORCE_REQUEST.as_raw() {
        FORCE.store(true, Ordering::SeqCst);
    }
    STOP.store(true, Ordering::SeqCst);
    COUNT.fetch_add(1, Ordering::SeqCst);
}

/// From now on [`STOP_REQUEST`] and [`FORCE_REQUEST`] are taken instead of ending the process.
pub(crate) fn listen_for_requests() {
    for signal in [STOP_REQUEST, FORCE_REQUEST] {
        // SAFETY: the struct is zeroed, then filled as sigaction(2) wants it; the handler only touches atomics.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = take_request as extern "C" fn(libc::c_int) as usize;
            action.sa_flags = libc::SA_RESTART;
            libc::sigemptyset(&raw mut action.sa_mask);
            libc::sigaction(signal.as_raw(), &raw const action, std::ptr::null_mut());
        }
    }
}

/// A request that came since the last look: whether by force.
pub(crate) fn take_stop_request() -> Option<bool> {
    STOP.swap(false, Ordering::SeqCst).then(|| FORCE.swap(false, Ordering::SeqCst))
}

/// How many came since [`install`].
#[must_use]
pub fn count() -> usize {
    COUNT.load(Ordering::SeqCst)
}

/// The last one.
#[must_use]
pub fn last() -> Option<i32> {
    Some(LAST.load(Ordering::SeqCst)).filter(|s| *s != 0)
}

/// Undoes a caller's `SIG_IGN` for SIGCHLD, which survives exec: with it, no child can be waited for.
pub fn expect_children() {
    // SAFETY: SIG_DFL installs no code of ours.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
}

/// Gives every signal its default disposition and unblocks all, so that children inherit neither a caller's `nohup`
/// nor its mask.
pub fn reset_dispositions() {
    /// Signals are numbered 1 to 64 on Linux, 1 to 31 elsewhere; the others are refused harmlessly.
    const LAST_SIGNAL: libc::c_int = 64;
    for signal in 1..=LAST_SIGNAL {
        // SIGPIPE stays ignored for ourselves: a closed pipe is an error to handle. Command resets it in children.
        if signal != libc::SIGPIPE {
            // SAFETY: SIG_DFL installs no code of ours; a signal that cannot be changed is refused.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
    }
    // SAFETY: an emptied set is a valid mask.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}
