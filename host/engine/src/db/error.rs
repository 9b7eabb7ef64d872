//! Everything that can go wrong with the ledger, in words that say what to do next.

use std::io;
use std::path::{Path, PathBuf};

use aid_core::id::TaskId;
use aid_core::task::Illegal;
use rusqlite::ErrorCode;

/// Why the ledger could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Written by a later build; it was not touched.
    #[error(
        "the ledger {path} has format {found}, this aid knows up to {known}: it was written by a newer aid; update aid"
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format that this build knows.
        known: i64,
    },
    /// The file is not a ledger; it was not touched.
    #[error("{path} is not a ledger of aid; move it away to begin a new one")]
    NotALedger {
        /// The file.
        path: PathBuf,
    },
    /// SQLite found the file inconsistent.
    #[error(
        "the ledger {path} is damaged ({reason}); keep a copy, and rescue what is readable with `sqlite3 FILE .recover`"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// The file, its directory or the file system cannot be written.
    #[error(
        "the ledger {path} cannot be written: the file, its directory or the file system is read-only; make it writable"
    )]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The user may not read or create it.
    #[error("no permission for the ledger {path}; it belongs to another user or its mode forbids it")]
    Permission {
        /// The file.
        path: PathBuf,
    },
    /// The directory it should be in is missing.
    #[error("the directory of the ledger {path} does not exist; create it first")]
    NoDirectory {
        /// The file.
        path: PathBuf,
    },
    /// No room; nothing of the transaction was written.
    #[error("the disk that holds the ledger {path} is full; free some space and try again")]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Somebody held it locked for too long.
    #[error(
        "the ledger {path} stayed locked for {waited_ms} ms; look for a process that hangs on it, or a slow network file system"
    )]
    Busy {
        /// The file.
        path: PathBuf,
        /// How long was waited at most.
        waited_ms: u64,
    },
    /// There is no such task.
    #[error("there is no task {id}")]
    NotFound {
        /// The id that was asked for.
        id: TaskId,
    },
    /// One task cannot be read; the others can.
    #[error("task {id} is damaged in the ledger: {reason}")]
    DamagedTask {
        /// The task.
        id: TaskId,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused something.
    #[error("could not {doing} {path}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Anything else that SQLite refused.
    #[error("could not {doing} in the ledger {path}: {source}")]
    Sqlite {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Box<rusqlite::Error>,
    },
}

/// Why a task was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// The id belongs to another task; nothing was written.
    #[error("the id {id} is taken")]
    Taken {
        /// The id.
        id: TaskId,
    },
    /// The ledger.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Why events were not appended. Nothing was written in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// One of them cannot happen now.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// A settlement was asked for whose last event does not settle.
    #[error("task {id} cannot be settled: the last event is {last}, not settled")]
    NotASettlement {
        /// The task.
        id: TaskId,
        /// The last event's kind.
        last: &'static str,
    },
    /// The ledger; [`DbError::NotFound`] when there is no such task.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl DbError {
    /// Sorts what SQLite said into what a person can act on.
    pub(super) fn from_sqlite(path: &Path, doing: &'static str, source: rusqlite::Error) -> Self {
        let owned = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotALedger { path: owned },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path: owned, reason: source.to_string() },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path: owned },
            Some(ErrorCode::DiskFull) => Self::Full { path: owned },
            Some(ErrorCode::CannotOpen) => Self::cannot_open(path),
            _ if is_busy(&source) => {
                let waited_ms = super::BUSY_TIMEOUT_MS * u64::from(super::BUSY_ATTEMPTS);
                Self::Busy { path: owned, waited_ms }
            }
            _ => Self::Sqlite { doing, path: owned, source: Box::new(source) },
        }
    }

    /// SQLite says the same for everything that cannot be opened; the system knows more.
    fn cannot_open(path: &Path) -> Self {
        match std::fs::File::open(path) {
            // The ledger itself can be read, so it was a file beside it that could not be created.
            Ok(_) => Self::ReadOnly { path: path.to_owned() },
            Err(source) => Self::from_io(path, "open", source),
        }
    }

    /// Sorts what the system said about a file of the ledger.
    pub(super) fn from_io(path: &Path, doing: &'static str, source: io::Error) -> Self {
        let owned = path.to_owned();
        match source.kind() {
            io::ErrorKind::PermissionDenied => Self::Permission { path: owned },
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NoDirectory { path: owned },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path: owned },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path: owned },
            _ => Self::Io { doing, path: owned, source },
        }
    }
}

/// Somebody else is in the way: trying again can help.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::FileLockingProtocolFailed))
}
