//! When an attempt has to end by itself, and how long each way of ending is given. Every number of the runner is here.

use std::time::{Duration, Instant};

use aid_core::task::EndCause;

use super::observe::Prospect;
use crate::clock::patience;
use crate::db::DbError;
use crate::executor::Push;

/// How long an agent that gave its success mark may take to exit.
const LINGER: Duration = Duration::from_secs(10);
/// How long an agent that gave up may. One that asks its provider again and again spends money as long as it lives.
const GIVE_UP_LINGER: Duration = Duration::from_secs(2);
/// Most that an agent may write to stdout and stderr together, in bytes. Real ones stay below a hundredth of it, and all of it
/// is read in less than a minute.
const MAX_LOG_BYTES: u64 = 1024 * 1024 * 1024;
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
/// Longest pause between two tries of the last write.
const MAX_RETRY_WRITE: Duration = Duration::from_secs(5);
/// How long the last write is tried before the task is left to a successor.
const GIVE_UP_WRITE: Duration = Duration::from_secs(60);
/// How long it is tried where a successor could not write either: only this runner knows how its agent ended.
const GIVE_UP_WRITE_WITHOUT_ROOM: Duration = Duration::from_secs(3600);
/// Longest time between two looks at the liveness channels.
const MAX_SAMPLE: Duration = Duration::from_secs(5);
/// Shortest.
const MIN_SAMPLE: Duration = Duration::from_millis(50);
/// CPU use below one part in this many is silence: every runtime's timers use a little.
const CPU_SILENCE: u64 = 100;
/// CPU use below this is the clock's own grain, in milliseconds.
const CPU_GRAIN_MS: u64 = 20;

/// See [`MAX_LOG_BYTES`]; tests may lower it in debug builds.
pub(super) fn max_log_bytes() -> u64 {
    #[cfg(debug_assertions)]
    if let Some(bytes) = std::env::var("AID_TEST_MAX_LOG_BYTES").ok().and_then(|b| b.parse().ok()) {
        return bytes;
    }
    MAX_LOG_BYTES
}

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

/// The wait for the exit of an agent that has nothing more to do.
#[derive(Debug, Default)]
pub(super) struct Departure {
    wait: Option<(Prospect, Instant)>,
    /// There was a wait before.
    is_known: bool,
}

impl Departure {
    /// What is expected of the agent now, and whether its whole time is over.
    pub(super) fn update(&mut self, prospect: Prospect, now: Instant, is_late: bool) {
        let until = match (self.wait, prospect) {
            (_, Prospect::Works) => {
                self.wait = None;
                return;
            }
            (Some((then, _)), _) if then == prospect => return,
            // What it does after it gave up gains it no time.
            (Some((_, until)), Prospect::GaveUp) => until.min(now + patience(GIVE_UP_LINGER)),
            (None, Prospect::GaveUp) => now + patience(GIVE_UP_LINGER),
            // One that finishes again and again must have an end too.
            (_, Prospect::Finished { .. }) if self.is_known && is_late => now,
            (_, Prospect::Finished { .. }) => now + patience(LINGER),
        };
        (self.wait, self.is_known) = (Some((prospect, until)), true);
    }

    /// When the wait is over; None: the agent has work.
    pub(super) fn due(&self) -> Option<Instant> {
        self.wait.map(|(_, until)| until)
    }

    /// Why an agent is ended that did not go.
    pub(super) fn cause(&self) -> EndCause {
        let limit = match self.wait {
            Some((Prospect::GaveUp, _)) => GIVE_UP_LINGER,
            Some((Prospect::Finished { .. } | Prospect::Works, _)) | None => LINGER,
        };
        EndCause::Linger { limit_ms: u64::try_from(patience(limit).as_millis()).unwrap_or_default() }
    }
}

/// The last write of an attempt, which has no later.
#[derive(Debug)]
pub(super) struct Retries {
    began: Instant,
    pause: Duration,
}

impl Retries {
    pub(super) fn begin() -> Self {
        Self { began: Instant::now(), pause: RETRY_WRITE }
    }

    /// How long to wait before the next try, after one that failed for this reason; None: no more.
    pub(super) fn next(&mut self, why: &DbError) -> Option<Duration> {
        let patience = match why {
            DbError::Full { .. } | DbError::ReadOnly { .. } => GIVE_UP_WRITE_WITHOUT_ROOM,
            _ => GIVE_UP_WRITE,
        };
        let pause = self.pause;
        self.pause = (pause * 2).min(MAX_RETRY_WRITE);
        (self.began.elapsed() < patience).then_some(pause)
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
        EndCause::LogLimit { limit_bytes } => {
            format!("ended: it wrote more than {} MiB to stdout and stderr", limit_bytes / (1024 * 1024))
        }
        EndCause::Linger { limit_ms } => {
            format!("ended: it had finished or given up, and did not exit within {}", spell(*limit_ms))
        }
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
    fn work_ends_the_wait_for_an_exit_and_a_new_mark_begins_it_anew() {
        let start = Instant::now();
        let mut departure = Departure::default();
        departure.update(Prospect::Works, start, false);
        assert_eq!(departure.due(), None);
        departure.update(Prospect::Finished { times: 1 }, start, false);
        departure.update(Prospect::Finished { times: 1 }, start + SECOND, false);
        assert_eq!(departure.due(), Some(start + LINGER));
        departure.update(Prospect::Works, start + SECOND * 2, false);
        assert_eq!(departure.due(), None);
        // Both in one look: the second mark is another one.
        departure.update(Prospect::Finished { times: 2 }, start + SECOND * 3, false);
        departure.update(Prospect::Finished { times: 3 }, start + SECOND * 9, false);
        assert_eq!(departure.due(), Some(start + SECOND * 9 + LINGER));
        departure.update(Prospect::Finished { times: 4 }, start + SECOND * 3600, true);
        assert_eq!(departure.due(), Some(start + SECOND * 3600), "finishing again and again has an end");
    }

    #[test]
    fn who_gave_up_gains_no_time_except_by_finishing() {
        let start = Instant::now();
        let mut departure = Departure::default();
        departure.update(Prospect::GaveUp, start, false);
        departure.update(Prospect::GaveUp, start + SECOND, false);
        assert_eq!(departure.due(), Some(start + GIVE_UP_LINGER));
        assert_eq!(departure.cause(), EndCause::Linger { limit_ms: 2_000 });
        departure.update(Prospect::Finished { times: 1 }, start + SECOND * 2, false);
        assert_eq!(departure.due(), Some(start + SECOND * 2 + LINGER));
        departure.update(Prospect::GaveUp, start + SECOND * 3, false);
        assert_eq!(departure.due(), Some(start + SECOND * 3 + GIVE_UP_LINGER));
        departure.update(Prospect::GaveUp, start + SECOND * 4, false);
        assert_eq!(departure.due(), Some(start + SECOND * 3 + GIVE_UP_LINGER));
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
