//! When an attempt has to end by itself, and how long each way of ending is given. Every number of the runner is here.

use std::time::{Duration, Instant};

use aid_core::task::EndCause;

use crate::executor::Push;

/// How long an agent that gave its success mark may take to exit.
pub(super) const LINGER: Duration = Duration::from_secs(10);
/// How long the polite signal is given.
pub const POLITE: Duration = Duration::from_secs(2);
/// How long SIGTERM is given.
pub const TERM: Duration = Duration::from_secs(2);
/// How long a killed process may take to go before the attempt stops waiting for it.
pub const KILL: Duration = Duration::from_secs(5);
/// How long processes that outlive a normal exit may take to go by themselves.
pub(super) const STRAY_GRACE: Duration = Duration::from_millis(50);
/// How long SIGTERM is given to those that did not.
pub(super) const STRAY_TERM: Duration = Duration::from_millis(500);
/// How often strays are looked at while they are expected to go.
pub(super) const STRAY_LOOK: Duration = Duration::from_millis(5);
/// How often events are written while an agent is busy.
pub(super) const FLUSH_EVERY: Duration = Duration::from_millis(20);
/// How soon a failed write to the ledger is tried again.
pub(super) const RETRY_WRITE: Duration = Duration::from_millis(200);
/// How long the last write is tried before the task is left to a successor.
pub(super) const GIVE_UP_WRITE: Duration = Duration::from_secs(60);
/// Longest time between two looks at the liveness channels.
const MAX_SAMPLE: Duration = Duration::from_secs(5);
/// Shortest.
const MIN_SAMPLE: Duration = Duration::from_millis(50);
/// CPU use below one part in this many is silence: every runtime's timers use a little.
const CPU_SILENCE: u64 = 100;
/// CPU use below this is the clock's own grain, in milliseconds.
const CPU_GRAIN_MS: u64 = 20;

/// The idle timer: silent means every channel is.
#[derive(Debug)]
pub(super) struct Idle {
    limit: Duration,
    last: Instant,
    sampled: Instant,
    cpu_then_ms: Option<u64>,
}

impl Idle {
    pub(super) fn new(limit_ms: u64, now: Instant) -> Self {
        Self { limit: Duration::from_millis(limit_ms), last: now, sampled: now, cpu_then_ms: None }
    }

    /// stdout or stderr grew.
    pub(super) fn output(&mut self, now: Instant) {
        self.last = now;
        self.cpu_then_ms = None;
    }

    /// Whether the CPU channel should be read now: reading it costs a walk over the processes.
    pub(super) fn wants_cpu(&self, now: Instant) -> bool {
        now >= self.sampled + self.interval()
    }

    /// CPU time of all the task's processes, None where unknown. An unknown channel is not silence, nor activity: it
    /// does not count.
    pub(super) fn cpu(&mut self, used_ms: Option<u64>, now: Instant) {
        self.sampled = now;
        let Some(used_ms) = used_ms else { return };
        let Some(then_ms) = self.cpu_then_ms else {
            self.cpu_then_ms = Some(used_ms);
            return;
        };
        let elapsed_ms = u64::try_from(now.duration_since(self.last).as_millis()).unwrap_or(u64::MAX);
        // Less than before: a process went and took its count with it. That is activity too.
        let moved_ms = used_ms.abs_diff(then_ms);
        if moved_ms >= (elapsed_ms / CPU_SILENCE).max(CPU_GRAIN_MS) {
            self.last = now;
            self.cpu_then_ms = Some(used_ms);
        }
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        now >= self.last + self.limit
    }

    pub(super) fn next(&self) -> Instant {
        (self.last + self.limit).min(self.sampled + self.interval())
    }

    fn interval(&self) -> Duration {
        (self.limit / 8).clamp(MIN_SAMPLE, MAX_SAMPLE)
    }
}

/// How far the ending of an agent has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ending {
    push: Push,
    since: Instant,
}

impl Ending {
    pub(super) fn begin(force: bool, now: Instant) -> Self {
        Self { push: if force { Push::Kill } else { Push::Polite }, since: now }
    }

    pub(super) fn push(self) -> Push {
        self.push
    }

    fn due(self) -> Instant {
        self.since
            + match self.push {
                Push::Polite => POLITE,
                Push::Term => TERM,
                Push::Kill => KILL,
            }
    }

    /// The next step when this one's time is over; Err when there is none left.
    pub(super) fn advance(self, now: Instant) -> Result<Option<Self>, ()> {
        if now < self.due() {
            return Ok(None);
        }
        match self.push {
            Push::Polite => Ok(Some(Self { push: Push::Term, since: now })),
            Push::Term => Ok(Some(Self { push: Push::Kill, since: now })),
            Push::Kill => Err(()),
        }
    }

    pub(super) fn next(self) -> Instant {
        self.due()
    }
}

/// What ended an attempt, in words that name the timer and its value.
pub(super) fn explain(cause: &EndCause) -> String {
    let spell = aid_core::duration::format_exact_ms;
    match cause {
        EndCause::User { force: true } => "stopped by force".to_owned(),
        EndCause::User { force: false } => "stopped".to_owned(),
        EndCause::Timeout { limit_ms } => format!("ended by --timeout: it ran longer than {}", spell(*limit_ms)),
        EndCause::Idle { limit_ms } => {
            format!("ended by --idle-timeout: stdout, stderr and CPU were silent for {}", spell(*limit_ms))
        }
        EndCause::MaxCost { limit_micro_usd } => {
            format!("ended by --max-cost: it cost more than {}", aid_core::usage::format_usd(Some(*limit_micro_usd)))
        }
        EndCause::Linger { limit_ms } => format!("ended: it had finished and did not exit within {}", spell(*limit_ms)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn silence_on_every_channel_is_idle() {
        let start = Instant::now();
        let mut idle = Idle::new(10_000, start);
        for s in 1..10 {
            // A runtime's own timers: one part in a thousand.
            idle.cpu(Some(u64::from(s)), start + SECOND * s);
            assert!(!idle.is_over(start + SECOND * s));
        }
        assert!(idle.is_over(start + SECOND * 10));
    }

    #[test]
    fn a_silent_compiler_lives() {
        let start = Instant::now();
        let mut idle = Idle::new(10_000, start);
        for s in 1..100 {
            idle.cpu(Some(u64::from(s) * 500), start + SECOND * s);
            assert!(!idle.is_over(start + SECOND * s), "second {s}");
        }
    }

    #[test]
    fn output_is_life_and_unknown_cpu_is_not() {
        let start = Instant::now();
        let mut idle = Idle::new(10_000, start);
        idle.output(start + SECOND * 9);
        idle.cpu(None, start + SECOND * 15);
        assert!(!idle.is_over(start + SECOND * 18));
        assert!(idle.is_over(start + SECOND * 19));
    }

    #[test]
    fn ending_gets_harder_and_has_an_end() {
        let start = Instant::now();
        let polite = Ending::begin(false, start);
        assert_eq!(polite.advance(start + POLITE / 2), Ok(None));
        let term = polite.advance(start + POLITE).expect("goes on").expect("next");
        assert_eq!(term.push(), Push::Term);
        let kill = term.advance(start + POLITE + TERM).expect("goes on").expect("next");
        assert_eq!(kill.push(), Push::Kill);
        assert_eq!(kill.advance(start + POLITE + TERM + KILL), Err(()));
        assert_eq!(Ending::begin(true, start).push(), Push::Kill);
    }
}
