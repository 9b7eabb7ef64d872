//! The loop of an attempt: read what the agent wrote, keep it, look for requests and timers, wait. One writer, one thread.

use std::time::{Duration, Instant};

use aid_core::agent::Source;
use aid_core::event::Event;
use aid_core::spec::TaskSpec;
use aid_core::task::{Effect, EndCause, Task};

use super::RunnerError;
use super::observe::{Observer, Prospect};
use super::settle;
use super::strays;
use super::tail::Tail;
use super::timers::{Departure, Ending, FLUSH_EVERY, Idle, RETRY_WRITE, Retries, max_log_bytes};
use crate::clock::now_ms;
use crate::db::AppendError;
use crate::executor::{Execution, Exit};
use crate::home::{Home, TaskLog};
use crate::interrupts;
use crate::ledger::Ledger;
use crate::lock::Kept;
use crate::platform::{self, Signal};

/// Most bytes of a log that are read before the ledger is written and requests are looked at.
const READ_BYTES: u64 = 1024 * 1024;
/// How long a write waits for other writers before the agent is looked after again; it is tried again soon.
const BUSY_WAIT: Duration = Duration::from_millis(100);
/// Most events that are looked through for requests at once.
const REQUEST_PAGE: usize = 1000;

/// What is known of the agent when an attempt begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It lives.
    Followed,
    /// It ran, and was gone before anybody saw its end.
    Gone,
    /// There is no sign that it ever ran.
    NeverStarted,
}

/// When an attempt has to end.
pub(super) struct Timing {
    /// By [`crate::platform::Platform::uptime`]: as whoever looks for a stuck runner counts, and people do.
    wall: Duration,
    /// By a clock that rests while the machine sleeps: an agent that cannot run is not silent.
    idle: Idle,
}

impl Timing {
    pub(super) fn started(spec: &TaskSpec, now: Instant) -> Self {
        Self {
            wall: platform::current().uptime() + Duration::from_millis(spec.limits.timeout_ms),
            idle: Idle::new(spec.limits.idle_timeout_ms, now),
        }
    }

    /// For an agent that has been running: the wall clock goes on where it was, silence is counted anew.
    pub(super) fn adopted(spec: &TaskSpec, started_at_ms: Option<i64>, now_ms: i64, age_ms: Option<u64>) -> Self {
        let now = Instant::now();
        let by_clock_ms = started_at_ms.map_or(0, |at| u64::try_from(now_ms - at).unwrap_or(0));
        let ran_ms = age_ms.unwrap_or(by_clock_ms);
        let left_ms = spec.limits.timeout_ms.saturating_sub(ran_ms);
        let wall = platform::current().uptime() + Duration::from_millis(left_ms);
        Self { wall, idle: Idle::new(spec.limits.idle_timeout_ms, now) }
    }

    /// How much of its whole time the agent has left.
    fn left(&self, uptime: Duration) -> Duration {
        self.wall.saturating_sub(uptime)
    }
}

/// What an attempt follows.
pub(super) struct Followed {
    pub(super) spec: TaskSpec,
    pub(super) execution: Box<dyn Execution>,
    pub(super) observer: Observer,
    pub(super) timing: Timing,
    pub(super) polite: Signal,
    pub(super) fate: Fate,
}

/// An attempt under way.
pub(super) struct Attempt<'a> {
    pub(super) home: &'a Home,
    pub(super) db: &'a mut Ledger,
    pub(super) followed: Followed,
    pub(super) task: Task,
    pub(super) out: Tail,
    pub(super) err: Tail,
    ending: Option<Ending>,
    departure: Departure,
    flushed: Instant,
    write_failing_since: Option<Instant>,
    /// When the agent was seen to be gone, in milliseconds since the epoch. All that is read later was said before.
    gone_at_ms: Option<i64>,
    data_version: i64,
    /// How far the logs are read, in bytes: without end while the agent lives.
    out_end: u64,
    err_end: u64,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(home: &'a Home, db: &'a mut Ledger, followed: Followed) -> Result<Self, RunnerError> {
        let id = followed.spec.id.clone();
        let Some(task) = db.projection(&id)? else { return Err(RunnerError::Unknown(id)) };
        let mut attempt = Self {
            home,
            db,
            followed,
            out: Tail::new(home.log(&id, TaskLog::Out)),
            err: Tail::new(home.log(&id, TaskLog::Err)),
            ending: None,
            departure: Departure::default(),
            flushed: Instant::now(),
            write_failing_since: None,
            gone_at_ms: None,
            data_version: 0,
            out_end: u64::MAX,
            err_end: u64::MAX,
            task,
        };
        attempt.db.be_impatient(BUSY_WAIT)?;
        // A request that came before us is carried out by us.
        if let Some(cause) = attempt.task.end_cause.clone() {
            attempt.begin_ending(cause.is_forced());
        }
        Ok(attempt)
    }

    /// Reads the logs again up to where the ledger has them, to be where the runner before us was.
    pub(super) fn catch_up(&mut self) -> Result<(), RunnerError> {
        let known = self.db.progress(&self.followed.spec.id)?;
        self.followed.observer.set_known(known);
        let sources = [(&mut self.out, Source::Out, known.out_offset), (&mut self.err, Source::Err, known.err_offset)];
        for (tail, source, offset) in sources {
            loop {
                let bytes = tail.read(offset).map_err(RunnerError::Follow)?;
                if bytes.is_empty() {
                    break;
                }
                self.followed.observer.feed(source, bytes);
            }
        }
        self.look_ahead();
        Ok(())
    }

    /// Whether only its exit is awaited.
    fn look_ahead(&mut self) {
        let had = self.departure.due();
        let prospect = self.followed.observer.prospect();
        self.departure.update(prospect, Instant::now(), self.wall_left().is_zero());
        if matches!(prospect, Prospect::Finished { .. }) && self.departure.due() != had {
            // The success mark is worth more than a rested disk: a crash from here on is still a success.
            self.flushed = Instant::now().checked_sub(FLUSH_EVERY).unwrap_or(self.flushed);
        }
    }

    /// Keeps an event of ours for the ledger.
    pub(super) fn note(&mut self, event: Event) {
        self.followed.observer.push(event);
    }

    /// Follows the agent until it is gone, then settles the task.
    pub(super) fn run_to_end(mut self) -> Result<(), RunnerError> {
        let exit = self.follow()?;
        self.gone_at_ms = Some(now_ms());
        strays::clear(&mut self);
        let ends = self.ends_of_logs();
        self.drain(ends)?;
        self.followed.observer.end_lines();
        settle::settle(self, exit)
    }

    /// When what is written now happened.
    pub(super) fn now_ms(&self) -> i64 {
        self.gone_at_ms.unwrap_or_else(now_ms)
    }

    /// How far the logs are read. What could not be ended may go on writing: its later output is not the agent's.
    fn ends_of_logs(&mut self) -> (u64, u64) {
        let all = (self.out.size(), self.err.size());
        let is_flooded = matches!(self.task.end_cause, Some(EndCause::LogLimit { .. }));
        let ends = if is_flooded {
            // Nothing in the rest can change what it came to.
            (self.out.offset(), self.err.offset())
        } else {
            let out = all.0.min(max_log_bytes());
            (out, all.1.min(max_log_bytes() - out))
        };
        let unread = (all.0 + all.1).saturating_sub(ends.0 + ends.1);
        if unread > 0 {
            self.note(Event::Notice { text: format!("the last {unread} bytes of its logs were not read") });
        }
        ends
    }

    /// Reads both logs to their end.
    fn drain(&mut self, (out, err): (u64, u64)) -> Result<(), RunnerError> {
        (self.out_end, self.err_end) = (out, err);
        loop {
            let more = self.read()?;
            if self.followed.observer.is_full() {
                self.write_out()?;
            } else if !more {
                return Ok(());
            }
        }
    }

    /// Until the agent has ended, or cannot be ended. None: it is still there.
    fn follow(&mut self) -> Result<Option<Exit>, RunnerError> {
        loop {
            self.keep_lock()?;
            let more = self.read()?;
            self.write();
            self.look_for_requests();
            self.check_timers();
            if let Some(exit) = self.followed.execution.ended() {
                return Ok(Some(exit));
            }
            if self.push_on().is_err() {
                self.note(Event::Notice {
                    text: "the agent's process could not be ended; it may still be there".to_owned(),
                });
                return Ok(None);
            }
            if !more {
                let timeout = self.next_look().saturating_duration_since(Instant::now());
                self.followed.execution.wait(timeout).map_err(RunnerError::Follow)?;
            }
        }
    }

    /// Feeds what the logs have grown by. True when there may be more at once.
    pub(super) fn read(&mut self) -> Result<bool, RunnerError> {
        let mut budget = READ_BYTES;
        let mut grew = false;
        let ends = [(&mut self.out, Source::Out, self.out_end), (&mut self.err, Source::Err, self.err_end)];
        for (tail, source, end) in ends {
            while budget > 0 && !self.followed.observer.is_full() {
                let bytes = tail.read(end).map_err(RunnerError::Follow)?;
                if bytes.is_empty() {
                    break;
                }
                grew = true;
                budget = budget.saturating_sub(bytes.len() as u64);
                self.followed.observer.feed(source, bytes);
            }
        }
        if grew {
            self.followed.timing.idle.output(Instant::now());
        }
        self.look_ahead();
        Ok(grew && budget == 0)
    }

    /// Brings what was read into the ledger, unless that was done a moment ago. A write that fails is tried again; the
    /// agent does not notice.
    fn write(&mut self) {
        let now = Instant::now();
        let wait = if self.write_failing_since.is_some() { RETRY_WRITE } else { FLUSH_EVERY };
        if self.followed.observer.pending().0.is_empty() || now < self.flushed + wait {
            return;
        }
        // What went wrong is said when the last write fails too.
        let _ = self.write_now();
    }

    /// Two runners would record everything twice: without its lock this one writes no more.
    fn keep_lock(&mut self) -> Result<(), RunnerError> {
        match self.db.keep_lock() {
            Kept::Unchanged => Ok(()),
            Kept::Renewed => self.followed.execution.rewatch().map_err(RunnerError::Follow),
            Kept::Lost => Err(RunnerError::Superseded),
        }
    }

    /// Brings what was read into the ledger now.
    pub(super) fn write_now(&mut self) -> Result<(), RunnerError> {
        self.keep_lock()?;
        self.flushed = Instant::now();
        let (events, progress) = self.followed.observer.pending();
        if events.is_empty() {
            return Ok(());
        }
        let appended = self.db.append(&self.followed.spec.id, self.now_ms(), events.to_vec(), Some(progress));
        match appended {
            Ok(appended) => {
                self.write_failing_since = None;
                self.followed.observer.written();
                // Requests of others that came in between are before ours in the log.
                if !self.carry_out_requests(self.task.last_seq, appended.first_seq)
                    && let Some(cause) = &appended.task.end_cause
                {
                    self.begin_ending(cause.is_forced());
                }
                self.task = appended.task;
                for effect in appended.effects {
                    self.carry_out(&effect);
                }
                Ok(())
            }
            Err(e) => {
                self.write_failing_since.get_or_insert_with(Instant::now);
                Err(e.into())
            }
        }
    }

    /// Writes, and goes on trying for a bounded time: at the end there is no later.
    pub(super) fn write_out(&mut self) -> Result<(), RunnerError> {
        let mut retries = Retries::begin();
        loop {
            match self.write_now() {
                Err(RunnerError::Append(AppendError::Db(why))) => match retries.next(&why) {
                    Some(pause) => self.followed.execution.wait(pause).map_err(RunnerError::Follow)?,
                    None => return Err(RunnerError::Append(why.into())),
                },
                other => return other,
            }
        }
    }

    /// Others ask by appending to our task's log and touching our lock.
    pub(super) fn look_for_requests(&mut self) {
        if let Some(force) = interrupts::take_stop_request() {
            self.request_end(EndCause::User { force });
        }
        let Ok(version) = self.db.data_version() else { return };
        if self.data_version == version {
            return;
        }
        let Ok(Some(task)) = self.db.projection(&self.followed.spec.id) else { return };
        if task.last_seq > self.task.last_seq {
            if !self.carry_out_requests(self.task.last_seq, task.last_seq + 1) {
                return;
            }
            self.task = task;
        }
        // Only now: what could not be read is looked for again.
        self.data_version = version;
    }

    /// Carries out the requests in the log between two places, both not included. False when they cannot be read.
    fn carry_out_requests(&mut self, after: u64, before: u64) -> bool {
        if before <= after + 1 {
            return true;
        }
        let Ok(page) = self.db.events(&self.followed.spec.id, after, REQUEST_PAGE) else { return false };
        for recorded in page.events.into_iter().filter(|r| r.seq < before) {
            if let Event::EndRequested { cause } = recorded.event {
                self.begin_ending(cause.is_forced());
            }
        }
        true
    }

    fn carry_out(&mut self, effect: &Effect) {
        match effect {
            Effect::EndAgent { force } => self.begin_ending(*force),
            // Begun when the mark was read.
            Effect::AwaitExit => {}
        }
    }

    /// Asks the agent to end; a request by force overtakes a polite one.
    fn begin_ending(&mut self, force: bool) {
        if self.ending.is_none() || force {
            let ending = Ending::begin(force, Instant::now());
            self.followed.execution.push(ending.push(), self.followed.polite);
            self.ending = Some(ending);
        }
    }

    /// The next step of an ending under way. Err: there is none left.
    fn push_on(&mut self) -> Result<(), ()> {
        let Some(ending) = self.ending else { return Ok(()) };
        if let Some(next) = ending.advance(Instant::now())? {
            self.followed.execution.push(next.push(), self.followed.polite);
            self.ending = Some(next);
        }
        Ok(())
    }

    /// Ends the agent when one of its timers says so. The reason is in the ledger before the signal is sent.
    fn check_timers(&mut self) {
        let now = Instant::now();
        if self.ending.is_some() {
            return;
        }
        let limits = &self.followed.spec.limits;
        let limit_bytes = max_log_bytes();
        let cost = self.followed.observer.cost_micro_usd();
        let cause = if self.out.size().saturating_add(self.err.size()) > limit_bytes {
            EndCause::LogLimit { limit_bytes }
        } else if self.departure.due().is_some_and(|until| now >= until) {
            self.departure.cause()
        } else if self.departure.due().is_some() {
            // It is done; only its exit is awaited.
            return;
        } else if self.wall_left().is_zero() {
            EndCause::Timeout { limit_ms: limits.timeout_ms }
        } else if let (Some(limit_micro_usd), true) =
            (limits.max_cost_micro_usd, cost > limits.max_cost_micro_usd && limits.max_cost_micro_usd.is_some())
        {
            EndCause::MaxCost { limit_micro_usd }
        } else if self.is_idle(now) {
            EndCause::Idle { limit_ms: self.followed.spec.limits.idle_timeout_ms }
        } else {
            return;
        };
        self.request_end(cause);
    }

    fn request_end(&mut self, cause: EndCause) {
        let force = cause.is_forced();
        self.note(Event::EndRequested { cause });
        if self.write_now().is_err() {
            // The ledger does not answer; the request holds all the same, and is kept until it can be written.
            self.begin_ending(force);
        }
    }

    fn wall_left(&self) -> Duration {
        self.followed.timing.left(platform::current().uptime())
    }

    fn is_idle(&mut self, now: Instant) -> bool {
        if self.followed.timing.idle.wants_cpu(now) {
            let used = self.followed.execution.cpu_ms();
            self.followed.timing.idle.cpu(used, now);
        }
        self.followed.timing.idle.is_over(now)
    }

    fn next_look(&self) -> Instant {
        let mut next = match (self.ending, self.departure.due()) {
            (Some(ending), _) => ending.next(),
            (None, Some(until)) => until,
            (None, None) => (Instant::now() + self.wall_left()).min(self.followed.timing.idle.next()),
        };
        if !self.followed.observer.pending().0.is_empty() {
            let wait = if self.write_failing_since.is_some() { RETRY_WRITE } else { FLUSH_EVERY };
            next = next.min(self.flushed + wait);
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_time_goes_on_while_the_machine_sleeps() {
        let second = Duration::from_secs(1);
        let timing = Timing { wall: second * 100, idle: Idle::new(1000, Instant::now()) };
        assert_eq!(timing.left(second * 40), second * 60);
        // An hour later by the one clock, the same moment by the other.
        assert_eq!(timing.left(second * 3640), Duration::ZERO);
    }
}
