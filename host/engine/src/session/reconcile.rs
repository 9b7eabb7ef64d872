//! Nothing stays unfinished after its owner died: whoever looks finds the lock free, and puts a new runner in its place.

use std::time::{Duration, Instant};

use aid_core::event::ProcessIdentity;
use aid_core::id::TaskId;
use aid_core::task::{Status, Task};

use super::revivals::{self, Turn};
use super::watch::LOOK_EVERY;
use super::{Session, SessionError, Watch};
use crate::clock::{now_ms, patience};
use crate::home::TaskLog;
use crate::lock::{self, TaskLock};
use crate::platform::{self, Signal};
use crate::runner;

/// How long a look waits for new runners to settle what is already over.
pub(super) const SETTLE_WAIT: Duration = Duration::from_millis(1500);
/// How long a runner that has lost its lock may take to notice.
const HANDOVER_WAIT: Duration = Duration::from_secs(1);
/// How long a killed runner may take to let go of its lock.
const DYING_WAIT: Duration = Duration::from_millis(500);
/// How far past its own time limit a runner must be before somebody else ends it.
const OVERDUE: Duration = Duration::from_secs(30);
/// Longest time from the last polite signal to a settled task, which a runner may take beyond its limit.
const ENDING: Duration = Duration::from_secs(15);

/// What became of a task that had lost its runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is final now.
    Settled(Status),
    /// A new runner follows its agent, or is still reading what it left.
    Adopted,
    /// No new runner could be started; the next look tries again.
    Failed(String),
}

/// A task that had lost its runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    /// The task.
    pub id: TaskId,
    /// What became of it.
    pub outcome: Outcome,
}

impl Session {
    /// Finds every unfinished task whose runner is gone and starts a new one, which adopts the agent or settles the
    /// task; waits up to [`SETTLE_WAIT`] for those that only need settling.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn reconcile(&mut self) -> Result<Vec<Reconciled>, SessionError> {
        let unsettled = self.db.unsettled()?.records;
        self.sweep(&unsettled);
        let mut found = Vec::new();
        let mut waiting = Vec::new();
        for id in unsettled {
            match self.revive(&id) {
                Ok(Some(before)) => waiting.push((id, before)),
                Ok(None) => {}
                Err(e) => found.push(Reconciled { id, outcome: Outcome::Failed(e.to_string()) }),
            }
        }
        if !waiting.is_empty() {
            found.extend(self.await_runners(waiting)?);
        }
        Ok(found)
    }

    /// Starts a new runner for a task that has none; the old runner's identity, when that was done.
    pub(super) fn revive(&mut self, id: &TaskId) -> Result<Option<Option<ProcessIdentity>>, SessionError> {
        let path = self.home.lock(id);
        if lock::is_held(&path).map_err(Self::io(path.clone()))? && !self.await_ending_runner(id)? {
            self.end_overdue_runner(id)?;
            return Ok(None);
        }
        let Some(lock) = TaskLock::acquire(&path).map_err(Self::io(path.clone()))? else { return Ok(None) };
        // Under the lock: whoever held it before us may have settled the task meanwhile.
        let task = self.db.projection(id)?;
        let Some(task) = task.filter(|t| !t.status.is_terminal()) else {
            lock.retire();
            return Ok(None);
        };
        match self.revived.turn(id, task.last_seq, Instant::now()) {
            Turn::Now if self.await_handover(&task)? => {}
            Turn::Now | Turn::Later => return Ok(None),
            Turn::Never(tries) => {
                let reason = revivals::reason(&self.home, id);
                return Err(SessionError::NoRunner { id: id.clone(), tries, reason });
            }
        }
        match runner::spawn(&self.home, id, lock, true) {
            Ok(()) => Ok(Some(task.runner)),
            Err((source, _lock)) => Err(SessionError::Io { path, source }),
        }
    }

    /// A runner whose lock file was removed lives without its lock. It goes as soon as it notices that we have the new one;
    /// one that does not is ended, because two would record everything twice. True when it is gone.
    fn await_handover(&self, task: &Task) -> Result<bool, SessionError> {
        let path = self.home.lock(&task.id);
        let Some(runner) = &task.runner else { return Ok(true) };
        let Some(handle) = platform::current().hold(runner).map_err(Self::io(path.clone()))? else { return Ok(true) };
        for (signal, time) in [(None, HANDOVER_WAIT), (Some(Signal::KILL), DYING_WAIT)] {
            if let Some(signal) = signal {
                handle.signal(signal).map_err(Self::io(path.clone()))?;
            }
            let until = Instant::now() + time;
            let mut watch = platform::current().watch(&[]).map_err(Self::io(path.clone()))?;
            while handle.is_alive() {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    break;
                }
                watch.wait(Some(&*handle), left.min(LOOK_EVERY)).map_err(Self::io(path.clone()))?;
            }
        }
        Ok(!handle.is_alive())
    }

    /// A killed runner holds its lock for some moments more. True when it is gone now.
    pub(super) fn await_ending_runner(&self, id: &TaskId) -> Result<bool, SessionError> {
        let path = self.home.lock(id);
        let Some(runner) = self.db.projection(id)?.and_then(|t| t.runner) else { return Ok(false) };
        let platform = platform::current();
        let until = Instant::now() + DYING_WAIT;
        while platform.is_ending(&runner) {
            let left = until.saturating_duration_since(Instant::now());
            if !lock::is_held(&path).map_err(Self::io(path.clone()))? {
                return Ok(true);
            }
            if left.is_zero() {
                break;
            }
            let handle = platform.hold(&runner).map_err(Self::io(path.clone()))?;
            let mut watch = platform.watch(&[]).map_err(Self::io(path.clone()))?;
            watch.wait(handle.as_deref(), left.min(LOOK_EVERY)).map_err(Self::io(path.clone()))?;
        }
        Ok(false)
    }

    /// A runner enforces its own time limit. One that is far past it is stuck, and is ended so that another can take
    /// over; its agent is not touched.
    pub(super) fn end_overdue_runner(&self, id: &TaskId) -> Result<(), SessionError> {
        let Some(record) = self.db.task(id)? else { return Ok(()) };
        let limit_ms = i64::try_from(record.spec.limits.timeout_ms).unwrap_or(i64::MAX);
        let since = record.task.started_at_ms.unwrap_or(record.spec.created_at_ms);
        let grace_ms = i64::try_from(patience(OVERDUE + ENDING).as_millis()).unwrap_or(i64::MAX);
        let overdue_at = since.saturating_add(limit_ms).saturating_add(grace_ms);
        let is_overdue = match record.task.agent.as_ref().and_then(|a| platform::current().age_ms(a)) {
            // Nobody's clock was set back or forth by this.
            Some(age_ms) => age_ms > record.spec.limits.timeout_ms.saturating_add(grace_ms.unsigned_abs()),
            None => now_ms() > overdue_at,
        };
        let Some(runner) = record.task.runner.filter(|_| is_overdue) else { return Ok(()) };
        let held = platform::current().hold(&runner).map_err(Self::io(self.home.lock(id)))?;
        if let Some(handle) = held {
            handle.signal(Signal::KILL).map_err(Self::io(self.home.lock(id)))?;
        }
        Ok(())
    }

    fn await_runners(
        &mut self,
        waiting: Vec<(TaskId, Option<ProcessIdentity>)>,
    ) -> Result<Vec<Reconciled>, SessionError> {
        let until = Instant::now() + SETTLE_WAIT;
        let watch = Watch::new(&self.home, &self.db)?;
        loop {
            let rung = watch.rung();
            let mut all_known = true;
            let mut found = Vec::new();
            for (id, before) in &waiting {
                let task = self.db.projection(id)?;
                all_known &= task.as_ref().is_some_and(|t| is_taken_over(t, before.as_ref()));
                let outcome = match task {
                    Some(task) if task.status.is_terminal() => Outcome::Settled(task.status),
                    Some(task) if task.runner != *before => Outcome::Adopted,
                    _ => {
                        let log = self.home.log(id, TaskLog::Runner);
                        Outcome::Failed(format!("its new runner was not heard of yet; see {}", log.display()))
                    }
                };
                found.push(Reconciled { id: id.clone(), outcome });
            }
            let left = until.saturating_duration_since(Instant::now());
            if all_known || left.is_zero() {
                return Ok(found);
            }
            watch.nap(rung, left);
        }
    }
}

/// Settled, or followed by another runner whose agent lives.
fn is_taken_over(task: &Task, before: Option<&ProcessIdentity>) -> bool {
    if task.status.is_terminal() {
        return true;
    }
    let agent_lives = || {
        let held = task.agent.as_ref().and_then(|a| platform::current().hold(a).ok().flatten());
        held.is_some_and(|h| h.is_alive())
    };
    task.runner.as_ref() != before && agent_lives()
}
