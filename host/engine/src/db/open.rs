//! Opening the ledger: a current one costs a few reads and no write, a missing or older one goes to [`super::init`].

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::DbError;
use super::{Db, busy_timeout, init, with_attempts};

impl Db {
    /// Opens the ledger for reading and writing; makes it (mode 0600) or brings it up to date when that is needed.
    /// Opening a current one writes nothing.
    ///
    /// # Errors
    /// [`DbError::TooNew`], [`DbError::NotALedger`], [`DbError::Damaged`]: the file was left alone.
    /// [`DbError::ReadOnly`], [`DbError::Permission`], [`DbError::NoDirectory`], [`DbError::Full`],
    /// [`DbError::Io`]: the system refused. [`DbError::Busy`]: another process held it for too long.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        let conn = match found(path)? {
            Found::Nothing => init::prepare(path)?,
            Found::File => match current(path)? {
                Some(conn) => conn,
                None => init::prepare(path)?,
            },
        };
        if is_read_only(&conn, path)? {
            return Err(DbError::ReadOnly { path: path.to_owned() });
        }
        Ok(Self { conn, path: path.to_owned() })
    }

    /// Opens the ledger if there is one, and creates nothing. Where it cannot be written it is opened for reading, and
    /// every write fails with [`DbError::ReadOnly`].
    ///
    /// # Errors
    /// As [`Db::open`]; [`DbError::ReadOnly`] only when it cannot even be read without writing: it is of an older format,
    /// or the last writer crashed and its side files cannot be put in order.
    pub fn open_existing(path: &Path) -> Result<Option<Self>, DbError> {
        let Found::File = found(path)? else { return Ok(None) };
        let conn = match current(path) {
            Ok(Some(conn)) => conn,
            Ok(None) => init::prepare(path)?,
            Err(DbError::ReadOnly { .. }) => unchanging(path)?,
            Err(e) => return Err(e),
        };
        Ok(Some(Self { conn, path: path.to_owned() }))
    }
}

/// What is at the ledger's place.
enum Found {
    /// No file, or one that was only just created.
    Nothing,
    /// A file with something in it.
    File,
}

fn found(path: &Path) -> Result<Found, DbError> {
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => Err(DbError::NotALedger { path: path.to_owned() }),
        Ok(meta) if meta.len() == 0 => Ok(Found::Nothing),
        Ok(_) => Ok(Found::File),
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Found::Nothing),
        Err(e) => Err(DbError::from_io(path, "look at", e)),
    }
}

/// A connection to a ledger of this format; None when it has an older one.
fn current(path: &Path) -> Result<Option<Connection>, DbError> {
    let conn = connect(path)?;
    if version(&conn, path)? < init::SCHEMA_VERSION {
        return Ok(None);
    }
    // A copy made by other tools may have lost it. Without WAL a reader would block the runners.
    let mode: String = with_attempts(&conn, |conn| conn.pragma_query_value(None, "journal_mode", |row| row.get(0)))
        .map_err(|e| DbError::from_sqlite(path, "read the journal mode", e))?;
    Ok((mode == "wal" || is_read_only(&conn, path)?).then_some(conn))
}

/// A connection to a file that exists.
pub(super) fn connect(path: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    connect_with(path, path, flags)
}

/// Nobody can write where we cannot, or so it is assumed: SQLite then needs no side files. What a crashed writer left in
/// its write-ahead log would be missed, so that is refused.
fn unchanging(path: &Path) -> Result<Connection, DbError> {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    if fs::metadata(&wal).is_ok_and(|meta| meta.len() > 0) {
        return Err(DbError::ReadOnly { path: path.to_owned() });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let conn = connect_with(path, &immutable_uri(path), flags)?;
    if version(&conn, path)? < init::SCHEMA_VERSION {
        return Err(DbError::ReadOnly { path: path.to_owned() });
    }
    Ok(conn)
}

fn connect_with(path: &Path, name: &Path, flags: OpenFlags) -> Result<Connection, DbError> {
    let fail = |e| DbError::from_sqlite(path, "connect", e);
    let conn = Connection::open_with_flags(name, flags).map_err(fail)?;
    conn.busy_timeout(busy_timeout()).map_err(fail)?;
    // Whoever closes last would copy the log into the database and delete it, with two fsyncs, and the next opener would
    // make it again, with two more: 20 ms for a command that takes 5. A writer copies it every thousand pages instead.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(fail)?;
    // Settings of the connection: none of them writes.
    conn.execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL;").map_err(fail)?;
    Ok(conn)
}

/// The ledger's format; 0 when nothing was stored yet.
pub(super) fn version(conn: &Connection, path: &Path) -> Result<i64, DbError> {
    let sql = "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema)
               FROM pragma_user_version, pragma_application_id";
    let (found, owner, tables): (i64, i64, i64) =
        with_attempts(conn, |conn| conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))))
            .map_err(|e| DbError::from_sqlite(path, "read the format", e))?;
    let path = || path.to_owned();
    match found {
        0 if tables == 0 => Ok(0),
        _ if owner != init::APPLICATION_ID => Err(DbError::NotALedger { path: path() }),
        _ if found > init::SCHEMA_VERSION => Err(DbError::TooNew { path: path(), found, known: init::SCHEMA_VERSION }),
        _ => Ok(found),
    }
}

fn is_read_only(conn: &Connection, path: &Path) -> Result<bool, DbError> {
    conn.is_readonly("main").map_err(|e| DbError::from_sqlite(path, "look at the connection", e))
}

/// `file:` URI of a path, with everything but plain characters escaped.
fn immutable_uri(path: &Path) -> PathBuf {
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri.push_str("?immutable=1");
    PathBuf::from(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_path_becomes_a_uri() {
        let uri = immutable_uri(Path::new("/a b/c?d#e%f/é.db"));
        assert_eq!(uri, Path::new("file:/a%20b/c%3Fd%23e%25f/%C3%A9.db?immutable=1"));
    }
}
