//! The ledger: every task's spec, events, projection and answer in one SQLite file, shared by all `aid` processes.
//!
//! Every write is one immediate transaction that appends events and stores their fold, so the log and the row people
//! see cannot disagree. Nothing here starts a process, touches another file while a transaction is open, or decides a
//! status: `aid_core::task::step` does that, and what it refuses is not written.

mod checkpoint;
mod error;
mod filter;
mod holds;
mod init;
mod open;
#[cfg(test)]
mod plan_tests;
mod read;
mod rows;
mod usage;
mod write;

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use error::{AppendError, CreateError, DbError};
pub use filter::{DEFAULT_LIMIT, Filter};
pub use holds::HoldChange;
pub use init::SCHEMA_VERSION;
pub use rows::{Appended, Damaged, EventPage, Listed, Progress};
pub use usage::{HISTORY_TASKS, History, UsageRow};
pub use write::Ending;

/// How long SQLite waits for another writer before an attempt counts as failed, in milliseconds.
pub const BUSY_TIMEOUT_MS: u64 = 5_000;
/// How many attempts a statement or transaction gets when the ledger stays locked.
pub const BUSY_ATTEMPTS: u32 = 3;

/// One connection to the ledger. It can move to another thread, but belongs to one at a time.
#[derive(Debug)]
pub struct Db {
    conn: Connection,
    path: PathBuf,
}

impl Db {
    /// How long SQLite waits for other writers before an attempt counts as failed, instead of [`BUSY_TIMEOUT_MS`].
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn set_busy_wait(&mut self, wait: Duration) -> Result<(), DbError> {
        self.conn.busy_timeout(wait).map_err(|e| DbError::from_sqlite(&self.path, "set the busy time", e))
    }

    /// Runs something that may find the ledger locked. SQLite itself waits [`BUSY_TIMEOUT_MS`]; the few cases in which
    /// it gives up at once (recovery after a crash, the last connection leaving) are tried again.
    fn attempt<T>(
        &self,
        doing: &'static str,
        run: impl FnMut(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, DbError> {
        with_attempts(&self.conn, run).map_err(|e| DbError::from_sqlite(&self.path, doing, e))
    }
}

fn with_attempts<T>(conn: &Connection, mut run: impl FnMut(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    let mut left = BUSY_ATTEMPTS;
    loop {
        left -= 1;
        match run(conn) {
            Err(e) if left > 0 && error::is_busy(&e) => {}
            result => return result,
        }
    }
}

/// Locks for writing at once, so that nothing read inside can have changed when it is written.
fn immediate(conn: &Connection) -> rusqlite::Result<Transaction<'_>> {
    Transaction::new_unchecked(conn, TransactionBehavior::Immediate)
}

const fn busy_timeout() -> Duration {
    Duration::from_millis(BUSY_TIMEOUT_MS)
}
