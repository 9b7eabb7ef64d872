//! Waits for news: of the ledger by its file, of dead runners by their locks.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use aid_core::id::TaskId;

use super::{Session, SessionError};
use crate::db::Db;
use crate::home::Home;
use crate::interrupts;
use crate::lock;
use crate::platform::{self, FileWatch};

/// How often locks are looked at, and the longest that news may stay unseen where no event brings it.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The file changes a moment before the commit is visible: how soon it is looked at again.
const SETTLING: Duration = Duration::from_millis(1);

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
    wal: PathBuf,
    files: Option<Box<dyn FileWatch>>,
    version: i64,
    signals: usize,
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
        let mut wal = home.db().into_os_string();
        wal.push("-wal");
        let version = db.data_version()?;
        let mut watch = Self { wal: wal.into(), files: None, version, signals: interrupts::count() };
        watch.arm();
        Ok(watch)
    }

    /// The write-ahead log comes and goes with the connections; without it there is only looking.
    fn arm(&mut self) {
        if self.files.is_none() {
            self.files = platform::current().watch(std::slice::from_ref(&self.wal)).ok();
        }
    }

    /// Blocks until the ledger changed, a followed task lost its runner, a signal came, or the time is over. A task
    /// without a runner gets a new one here, so nobody waits for the dead.
    ///
    /// # Errors
    /// When the ledger cannot be read or the system's event source fails.
    pub fn wait(
        &mut self,
        session: &mut Session,
        following: &[TaskId],
        timeout: Duration,
    ) -> Result<Wake, SessionError> {
        let until = Instant::now() + timeout;
        let mut nap = LOOK_EVERY;
        loop {
            if std::mem::replace(&mut self.signals, interrupts::count()) != interrupts::count() {
                return Ok(Wake::Interrupted);
            }
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
            let began = Instant::now();
            self.nap(left.min(nap))?;
            nap = if nap == LOOK_EVERY && began.elapsed() < nap { SETTLING } else { LOOK_EVERY };
        }
    }

    /// Blocks until the ledger may have changed, at most for the time given.
    pub(super) fn wait_for_ledger(&mut self, timeout: Duration) -> Result<(), SessionError> {
        self.nap(timeout.min(LOOK_EVERY))
    }

    fn nap(&mut self, timeout: Duration) -> Result<(), SessionError> {
        self.arm();
        match &mut self.files {
            Some(files) => files.wait(None, timeout).map_err(Session::io(self.wal.clone())),
            None => {
                std::thread::sleep(timeout);
                Ok(())
            }
        }
    }
}
