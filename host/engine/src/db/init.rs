//! Making a ledger and bringing an older one up to date, by one process at a time.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use rustix::fs::{FlockOperation, flock};

use super::error::DbError;
use super::open;

/// The format that this build writes: the number of its last migration.
pub const SCHEMA_VERSION: i64 = 2;

/// Marks the file as ours: "aidl" in the SQLite header.
pub(super) const APPLICATION_ID: i64 = 0x6169_646C;

/// How long to wait for another process that makes or updates the ledger, in milliseconds.
const INIT_WAIT_MS: u64 = 10_000;

/// Only the user may read prompts, answers and events. SQLite gives its side files the same mode.
const FILE_MODE: u32 = 0o600;

/// The n-th brings format n to n + 1.
const MIGRATIONS: [&str; 2] =
    [include_str!("migrations/0001_ledger.sql"), include_str!("migrations/0002_holds_and_use.sql")];

const _: () = assert!(MIGRATIONS.len() as i64 == SCHEMA_VERSION, "every format has its migration");

/// Makes the ledger if there is none, and brings it to [`SCHEMA_VERSION`].
pub(super) fn prepare(path: &Path) -> Result<Connection, DbError> {
    let _lock = lock(path)?;
    create_file(path)?;
    let mut conn = open::connect(path)?;
    let fail = |e| DbError::from_sqlite(path, "prepare the tables", e);
    // Somebody else may have been here while we waited.
    let version = open::version(&conn, path)?;
    // Kept in the file. First, so that readers never meet a ledger in another mode.
    let mode: String = conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0)).map_err(fail)?;
    if mode != "wal" {
        return Err(DbError::ReadOnly { path: path.to_owned() });
    }
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    for (at, sql) in MIGRATIONS.iter().enumerate().skip(done) {
        migrate(&mut conn, at + 1, sql).map_err(fail)?;
    }
    Ok(conn)
}

fn migrate(conn: &mut Connection, to: usize, sql: &str) -> rusqlite::Result<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.execute_batch(sql)?;
    tx.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {to};"))?;
    tx.commit()
}

/// SQLite would create it with the umask's mode.
fn create_file(path: &Path) -> Result<(), DbError> {
    match OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(DbError::from_io(path, "create", e)),
    }
}

/// The lock lasts as long as the file is open. Its file stays: removing it would let two processes in.
fn lock(path: &Path) -> Result<File, DbError> {
    let path = lock_path(path);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE_MODE)
        .open(&path)
        .map_err(|e| DbError::from_io(&path, "open", e))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => wait_for(file, &path, Duration::from_millis(INIT_WAIT_MS)),
        Err(e) => Err(DbError::from_io(&path, "lock", e.into())),
    }
}

/// `flock` has no time limit, so another thread waits in it. When the limit passes, that thread lets go of the lock as
/// soon as it gets it.
fn wait_for(file: File, path: &Path, limit: Duration) -> Result<File, DbError> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let locked = loop {
            match flock(&file, FlockOperation::LockExclusive) {
                Err(rustix::io::Errno::INTR) => {}
                result => break result,
            }
        };
        // Nobody listens after the limit: the file is dropped, and the lock with it.
        drop(send.send(locked.map(|()| file)));
    });
    match receive.recv_timeout(limit) {
        Ok(Ok(file)) => Ok(file),
        Ok(Err(e)) => Err(DbError::from_io(path, "lock", e.into())),
        Err(_) => Err(DbError::Busy { path: path.to_owned(), waited_ms: millis(limit) }),
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".init");
    PathBuf::from(name)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_for_the_lock_ends() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("aid.db");
        let held = lock(&path).unwrap();
        let second = File::open(lock_path(&path)).unwrap();
        let error = wait_for(second, &path, Duration::from_millis(20)).unwrap_err();
        assert!(matches!(error, DbError::Busy { waited_ms: 20, .. }), "{error}");
        drop(held);
        // The thread that gave up too late does not keep the lock.
        drop(lock(&path).unwrap());
    }

    #[test]
    fn the_lock_is_handed_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("aid.db");
        let held = lock(&path).unwrap();
        let waiter = thread::spawn({
            let path = path.clone();
            move || lock(&path).map(drop)
        });
        drop(held);
        waiter.join().unwrap().unwrap();
    }
}
