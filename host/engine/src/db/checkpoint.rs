//! Keeps the write-ahead log short. Whoever opens the ledger first reads the whole log, so its length is everybody's
//! start-up time.

use std::fs;
use std::time::Duration;

use super::error::DbError;
use super::{Db, busy_timeout};

/// A log longer than this is worth copying, in bytes. A megabyte is read in about a millisecond.
const LONG_LOG_BYTES: u64 = 1024 * 1024;

impl Db {
    /// Copies a long log into the database and empties it, unless somebody reads just now: then the next one does it.
    /// Takes two fsyncs, so it is for a process that nobody waits for.
    ///
    /// # Errors
    /// When the database cannot be written. Nothing is lost: the log is still there.
    pub fn shorten_log(&self) -> Result<(), DbError> {
        let mut wal = self.path.as_os_str().to_owned();
        wal.push("-wal");
        if fs::metadata(&wal).map_or(0, |meta| meta.len()) < LONG_LOG_BYTES {
            return Ok(());
        }
        let fail = |e| DbError::from_sqlite(&self.path, "copy the write-ahead log", e);
        // To wait for a reader would make the next writer wait for us.
        self.conn.busy_timeout(Duration::ZERO).map_err(fail)?;
        // Answers with a row that says whether it was busy, which is fine.
        let copied = self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(fail);
        self.conn.busy_timeout(busy_timeout()).map_err(fail)?;
        copied
    }
}
