//! Stops a task: the request is in the ledger before anything is signalled, and only the task's runner signals.

use std::time::{Duration, Instant};

use aid_core::event::Event;
use aid_core::id::TaskId;
use aid_core::task::{EndCause, Illegal, Task};

use super::{Session, SessionError};
use crate::clock::now_ms;
use crate::db::{AppendError, DbError};
use crate::executor::MARKER_VARIABLE;
use crate::lock;
use crate::platform;
use crate::runner::{KILL, POLITE, TERM};

/// How much longer than its own steps a stop may take: the runner's last write and the sweep of what is left.
const MARGIN: Duration = Duration::from_secs(8);

/// What is known after a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopOutcome {
    /// The task is final, and everything of it is gone.
    Confirmed,
    /// It was asked for; nobody has seen the end yet.
    Unconfirmed,
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
}

impl Session {
    /// Asks for a task to end and waits, for a bounded time, until it is final.
    ///
    /// # Errors
    /// When the ledger cannot be read or written, or there is no such task.
    pub fn stop(&mut self, id: &TaskId, force: bool) -> Result<StopReport, SessionError> {
        let mut watch = self.watch()?;
        let known = self.db.task(id)?.ok_or_else(|| DbError::NotFound { id: id.clone() })?;
        let marker = known.spec.marker;
        let asked = self.db.append(id, now_ms(), vec![Event::EndRequested { cause: EndCause::User { force } }], None);
        match asked {
            Ok(_) => {}
            Err(AppendError::Illegal(Illegal::Final { .. })) => {
                return Ok(StopReport { task: self.known(id)?, outcome: StopOutcome::AlreadyFinal });
            }
            Err(e) => return Err(e.into()),
        }
        // Without a runner there is nobody to wake; the wait below finds the lock free and starts one.
        let _ = lock::poke(&self.home.lock(id));
        let until = Instant::now() + POLITE + TERM + KILL + MARGIN;
        loop {
            let task = self.known(id)?;
            if task.status.is_terminal() {
                // A process that could not be ended is still somebody's problem.
                let left = platform::current().with_variable(MARKER_VARIABLE, &marker);
                let outcome = if left.is_empty() { StopOutcome::Confirmed } else { StopOutcome::Unconfirmed };
                return Ok(StopReport { task, outcome });
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(StopReport { task, outcome: StopOutcome::Unconfirmed });
            }
            watch.wait(self, std::slice::from_ref(id), left)?;
        }
    }

    fn known(&self, id: &TaskId) -> Result<Task, SessionError> {
        let task = self.db.projection(id)?;
        task.ok_or_else(|| DbError::NotFound { id: id.clone() }.into())
    }
}
