//! Waits for news: of the ledger by its bell, of dead runners by their locks.

use std::time::{Duration, Instant};

use aid_core::id::TaskId;

use super::{Session, SessionError};
use crate::clock::patience;
use crate::db::Db;
use crate::home::Home;
use crate::interrupts;
use crate::lock;
use crate::platform::{self, Bell};

/// How often locks are looked at, and the longest that news may stay unseen where no event brings it.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(20);

/// How often a runner is looked for that is far past its task's time limit.
const LOOK_FOR_STUCK_EVERY: Duration = Duration::from_secs(5);

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// The ledger changed, or a task that is followed lost its runner and has a new one.
    Changed,
    /// Nothing happened in the time given.
    TimedOut,
    /// A signal came.
    Interrupted,
}

/// A place to wait at.
pub struct Watch {
    /// None where it cannot be had; then there is only looking.
    bell: Option<Box<dyn Bell>>,
    version: i64,
    signals: usize,
    /// When runners are next looked at that are past their own limits.
    stuck_look: Instant,
}

impl Session {
    /// A place to wait at. Changes from now on are seen.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn watch(&self) -> Result<Watch, SessionError> {
        Watch::new(&self.home, &self.db)
    }
}

impl Watch {
    pub(super) fn new(home: &Home, db: &Db) -> Result<Self, SessionError> {
        let bell = platform::current().bell(&home.bell()).ok();
        Ok(Self { bell, version: db.data_version()?, signals: interrupts::count(), stuck_look: Instant::now() })
    }

    /// Blocks until the ledger changed, a followed task lost its runner, a signal came, or the time is over. A task
    /// without a runner gets a new one here, so nobody waits for the dead.
    ///
    /// # Errors
    /// When the ledger or a lock cannot be read.
    pub fn wait(
        &mut self,
        session: &mut Session,
        following: &[TaskId],
        timeout: Duration,
    ) -> Result<Wake, SessionError> {
        let until = Instant::now() + timeout;
        loop {
            if Instant::now() >= self.stuck_look {
                self.stuck_look = Instant::now() + patience(LOOK_FOR_STUCK_EVERY);
                for id in following {
                    session.end_overdue_runner(id)?;
                }
            }
            if std::mem::replace(&mut self.signals, interrupts::count()) != interrupts::count() {
                return Ok(Wake::Interrupted);
            }
            let rung = self.rung();
            let version = session.db.data_version()?;
            if std::mem::replace(&mut self.version, version) != version {
                return Ok(Wake::Changed);
            }
            for id in following {
                let path = session.home.lock(id);
                if !lock::is_held(&path).map_err(Session::io(path))? && session.revive(id)?.is_some() {
                    return Ok(Wake::Changed);
                }
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Wake::TimedOut);
            }
            self.nap(rung, left);
        }
    }

    /// Taken before a look at the ledger: a ring in between ends the next nap at once.
    pub(super) fn rung(&self) -> u32 {
        self.bell.as_ref().map_or(0, |bell| bell.count())
    }

    /// Blocks until the ledger may have changed since [`Watch::rung`], for a short time at most.
    pub(super) fn nap(&self, rung: u32, timeout: Duration) {
        let timeout = timeout.min(LOOK_EVERY);
        match &self.bell {
            Some(bell) => bell.wait(rung, timeout),
            None => std::thread::sleep(timeout),
        }
    }
}
