//! The ledger with its bell: every write is heard by whoever waits for news. Reads go to the database as they are.

use std::ops::Deref;

use aid_core::event::Event;
use aid_core::id::TaskId;
use aid_core::spec::TaskSpec;
use aid_core::task::Task;

use crate::db::{AppendError, Appended, CreateError, Db, DbError, Ending, Progress};
use crate::home::Home;
use crate::lock::{Kept, TaskLock};
use crate::platform::{self, Bell};

/// A ledger that is written through here alone.
pub(crate) struct Ledger {
    db: Db,
    /// None where it cannot be had, as in a home that cannot be written. Then nobody is woken, and listeners look by
    /// themselves.
    bell: Option<Box<dyn Bell>>,
    /// Of the task that a runner writes for. Nobody else has one.
    lock: Option<TaskLock>,
}

impl Ledger {
    /// Opens the ledger of a home, and makes it where it is missing.
    pub(crate) fn open(home: &Home) -> Result<Self, DbError> {
        Ok(Self::with_bell(Db::open(&home.db())?, home))
    }

    /// Opens a ledger that is there.
    pub(crate) fn open_existing(home: &Home) -> Result<Option<Self>, DbError> {
        Ok(Db::open_existing(&home.db())?.map(|db| Self::with_bell(db, home)))
    }

    fn with_bell(db: Db, home: &Home) -> Self {
        Self { db, bell: platform::current().bell(&home.bell()).ok(), lock: None }
    }

    /// From now on it is written as the owner of this lock, as long as that is kept.
    pub(crate) fn own(self, lock: TaskLock) -> Self {
        Self { lock: Some(lock), ..self }
    }

    /// See [`TaskLock::keep`]. A lock that cannot be looked at is taken for kept: others cannot look at it either.
    pub(crate) fn keep_lock(&mut self) -> Kept {
        self.lock.as_mut().and_then(|lock| lock.keep().ok()).unwrap_or(Kept::Unchanged)
    }

    /// The task is final.
    pub(crate) fn retire_lock(&mut self) {
        if let Some(lock) = self.lock.take() {
            lock.retire();
        }
    }

    /// From now on a write waits this long for others, for a process that has more to do than to wait.
    pub(crate) fn be_impatient(&mut self, wait: std::time::Duration) -> Result<(), DbError> {
        self.db.set_busy_wait(wait)
    }

    /// See [`Db::create_task`].
    pub(crate) fn create_task(&mut self, spec: &TaskSpec) -> Result<Task, CreateError> {
        let created = self.db.create_task(spec)?;
        self.ring();
        Ok(created)
    }

    /// See [`Db::append`].
    pub(crate) fn append(
        &mut self,
        id: &TaskId,
        at_ms: i64,
        events: Vec<Event>,
        progress: Option<&Progress>,
    ) -> Result<Appended, AppendError> {
        let appended = self.db.append(id, at_ms, events, progress)?;
        self.ring();
        Ok(appended)
    }

    /// See [`Db::settle`].
    pub(crate) fn settle(
        &mut self,
        id: &TaskId,
        at_ms: i64,
        events: Vec<Event>,
        ending: Ending<'_>,
        progress: Option<&Progress>,
    ) -> Result<Task, AppendError> {
        let task = self.db.settle(id, at_ms, events, ending, progress)?;
        self.ring();
        Ok(task)
    }

    /// See [`Db::clear_holds`].
    pub(crate) fn clear_holds(&mut self, account: Option<&str>) -> Result<usize, DbError> {
        self.db.clear_holds(account)
    }

    fn ring(&self) {
        if let Some(bell) = &self.bell {
            bell.ring();
        }
    }
}

impl Deref for Ledger {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}
