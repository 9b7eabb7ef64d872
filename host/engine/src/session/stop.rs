//! Stops a task: the request is in the ledger before anything is signalled, and only the task's runner signals. Where the
//! ledger cannot be written, the runner is asked by a signal; where there is no runner to ask, force does its work.

use std::time::{Duration, Instant};

use aid_core::event::{Event, ProcessIdentity};
use aid_core::id::TaskId;
use aid_core::task::{EndCause, Illegal, Task};

use super::watch::Wake;
use super::{Session, SessionError, Watch};
use crate::clock::now_ms;
use crate::db::{AppendError, DbError};
use crate::executor::MARKER_VARIABLE;
use crate::interrupts;
use crate::lock::{self, TaskLock};
use crate::platform::{self, Delivery, Signal};
use crate::runner::{KILL, POLITE, TERM};

/// How much longer than its own steps a stop may take: the runner's last write and the sweep of what is left.
const MARGIN: Duration = Duration::from_secs(8);
/// How long a runner may take to end its agent by force before it is replaced.
const FORCE_PATIENCE: Duration = Duration::from_secs(7);
/// How often a request that the ledger did not take is offered again.
const ASK_AGAIN: Duration = Duration::from_millis(500);
/// How long a stop that cannot be recorded waits for room, once nothing of the task runs any more.
const ROOM_WAIT: Duration = Duration::from_secs(2);

/// What is known after a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopOutcome {
    /// The task is final, and everything of it is gone.
    Confirmed,
    /// It was asked for; nobody has seen the end yet.
    Unconfirmed,
    /// Everything of it is gone, and that cannot be recorded: the task is not final yet.
    Unrecorded,
    /// The task was final before.
    AlreadyFinal,
}

/// A stop and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopReport {
    /// The task as it is now.
    pub task: Task,
    /// What is known.
    pub outcome: StopOutcome,
    /// Why the ledger does not have the request, in words.
    pub trouble: Option<String>,
}

/// A stop under way.
struct Stop<'a> {
    id: &'a TaskId,
    marker: String,
    force: bool,
    began: Instant,
    /// Why the request is not in the ledger, and when it was last offered.
    unwritten: Option<(DbError, Instant)>,
    /// Since when nothing of the task runs, where that cannot be recorded.
    gone_since: Option<Instant>,
    /// The runner was given its time, and was looked at.
    was_patient: bool,
}

impl Session {
    /// Asks for a task to end and waits, for a bounded time, until it is final.
    ///
    /// # Errors
    /// When the ledger cannot be read, there is no such task, or nobody can be asked.
    pub fn stop(&mut self, id: &TaskId, force: bool) -> Result<StopReport, SessionError> {
        let mut watch = self.watch()?;
        let record = self.db.task(id)?.ok_or_else(|| DbError::NotFound { id: id.clone() })?;
        let marker = record.spec.marker;
        let began = Instant::now();
        let mut stop = Stop { id, marker, force, began, unwritten: None, gone_since: None, was_patient: false };
        if let Some(runner) = record.task.runner.as_ref().filter(|_| force && !record.task.status.is_terminal()) {
            // It would answer nobody, and may have the ledger in its hands.
            self.end_runner(id, runner, |runner| platform::current().is_frozen(runner))?;
        }
        if !self.ask(&mut stop)? {
            return Ok(StopReport { task: self.known(id)?, outcome: StopOutcome::AlreadyFinal, trouble: None });
        }
        if stop.unwritten.is_some() {
            self.ask_by_signal(&mut stop, record.task.runner.as_ref())?;
        }
        // Without a runner there is nobody to wake; the wait below finds the lock free and starts one.
        let _ = lock::poke(&self.home.lock(id));
        self.await_end(stop, &mut watch)
    }

    /// Puts the request into the ledger. False: the task is final.
    fn ask(&mut self, stop: &mut Stop<'_>) -> Result<bool, SessionError> {
        let cause = EndCause::User { force: stop.force };
        match self.db.append(stop.id, now_ms(), vec![Event::EndRequested { cause }], None) {
            Ok(_) => stop.unwritten = None,
            Err(AppendError::Illegal(Illegal::Final { .. })) => return Ok(false),
            Err(AppendError::Db(e @ (DbError::Full { .. } | DbError::ReadOnly { .. } | DbError::Busy { .. }))) => {
                stop.unwritten = Some((e, Instant::now()));
            }
            Err(e) => return Err(e.into()),
        }
        Ok(true)
    }

    /// For a ledger that takes no request. The runner keeps it until it can be written.
    fn ask_by_signal(&self, stop: &mut Stop<'_>, runner: Option<&ProcessIdentity>) -> Result<(), SessionError> {
        let path = self.home.lock(stop.id);
        // Held by that runner: only then does it listen.
        let is_held = lock::is_held(&path).map_err(Self::io(path.clone()))?;
        let handle = match runner.filter(|_| is_held) {
            Some(runner) => platform::current().hold(runner).map_err(Self::io(path.clone()))?,
            None => None,
        };
        let signal = if stop.force { interrupts::FORCE_REQUEST } else { interrupts::STOP_REQUEST };
        let is_asked = match handle {
            Some(handle) => handle.signal(signal).map_err(Self::io(path))? == Delivery::Sent,
            None => false,
        };
        match stop.unwritten.take() {
            // Nobody was asked, and nobody will be.
            Some((e, _)) if !is_asked && !stop.force => Err(e.into()),
            unwritten => {
                stop.unwritten = unwritten;
                Ok(())
            }
        }
    }

    fn await_end(&mut self, mut stop: Stop<'_>, watch: &mut Watch) -> Result<StopReport, SessionError> {
        let until = stop.began + POLITE + TERM + KILL + MARGIN;
        loop {
            let task = self.known(stop.id)?;
            let trouble = stop.unwritten.as_ref().map(|(why, _)| why.to_string());
            if task.status.is_terminal() {
                // A process that could not be ended is still somebody's problem.
                let outcome = if stop.is_gone() { StopOutcome::Confirmed } else { StopOutcome::Unconfirmed };
                return Ok(StopReport { task, outcome, trouble: None });
            }
            if stop.gone_since.is_some_and(|since| since.elapsed() >= ROOM_WAIT) {
                return Ok(StopReport { task, outcome: StopOutcome::Unrecorded, trouble });
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(StopReport { task, outcome: StopOutcome::Unconfirmed, trouble });
            }
            if stop.unwritten.is_some() {
                self.go_on_unwritten(&mut stop)?;
                continue;
            }
            let patience = (stop.began + FORCE_PATIENCE).saturating_duration_since(Instant::now());
            if stop.force && !stop.was_patient && patience.is_zero() {
                stop.was_patient = true;
                if let Some(runner) = task.runner.as_ref().filter(|_| !stop.is_gone()) {
                    self.end_runner(stop.id, runner, |_| true)?;
                }
            }
            let left = if stop.force && !stop.was_patient { left.min(patience) } else { left };
            let _: Wake = watch.wait(self, std::slice::from_ref(stop.id), left)?;
        }
    }

    /// One round of a stop that the ledger did not take.
    fn go_on_unwritten(&mut self, stop: &mut Stop<'_>) -> Result<(), SessionError> {
        std::thread::sleep(super::watch::LOOK_EVERY);
        if stop.force {
            self.end_agent_without_runner(stop)?;
        }
        if stop.unwritten.as_ref().is_some_and(|(_, at)| at.elapsed() >= ASK_AGAIN) {
            if !stop.is_gone() {
                stop.gone_since = None;
            } else if stop.gone_since.is_none() {
                stop.gone_since = Some(Instant::now());
            }
            // Final meanwhile: the next look sees it.
            let _: bool = self.ask(stop)?;
        }
        Ok(())
    }

    /// Where nobody owns the task, and no new runner could record that it does: ends the task's processes as its owner.
    fn end_agent_without_runner(&self, stop: &Stop<'_>) -> Result<(), SessionError> {
        let path = self.home.lock(stop.id);
        let Some(_lock) = TaskLock::acquire(&path).map_err(Self::io(path.clone()))? else { return Ok(()) };
        let until = Instant::now() + KILL;
        loop {
            let left = platform::current().with_variable(MARKER_VARIABLE, &stop.marker);
            if left.is_empty() || Instant::now() >= until {
                return Ok(());
            }
            for process in left {
                // One that cannot be held or signalled is still there afterwards, and makes the stop unconfirmed.
                if let Ok(Some(handle)) = platform::current().hold(&process) {
                    let _ = handle.signal(Signal::KILL);
                }
            }
            std::thread::sleep(super::watch::LOOK_EVERY);
        }
    }

    /// Ends a runner that does not do its work, so that another can take its place; its agent is not touched.
    fn end_runner(
        &self,
        id: &TaskId,
        runner: &ProcessIdentity,
        is_stuck: impl Fn(&ProcessIdentity) -> bool,
    ) -> Result<(), SessionError> {
        let path = self.home.lock(id);
        // Held first: what is looked at is then what is signalled.
        let held = platform::current().hold(runner).map_err(Self::io(path.clone()))?;
        let Some(handle) = held.filter(|_| is_stuck(runner)) else { return Ok(()) };
        handle.signal(Signal::KILL).map_err(Self::io(path))?;
        self.await_ending_runner(id)?;
        Ok(())
    }

    fn known(&self, id: &TaskId) -> Result<Task, SessionError> {
        let task = self.db.projection(id)?;
        task.ok_or_else(|| DbError::NotFound { id: id.clone() }.into())
    }
}

impl Stop<'_> {
    fn is_gone(&self) -> bool {
        platform::current().with_variable(MARKER_VARIABLE, &self.marker).is_empty()
    }
}
