//! One attempt, from a stored spec to settlement: the body of `aid __attempt`.
//!
//! Written for crash: whatever is not in the ledger or the agent's own log files may vanish at any moment, and a
//! successor that holds the lock goes on from there. It never prints; what it has to say about itself goes to
//! `logs/<id>.runner`.

pub(crate) mod answer;
mod attempt;
mod detach;
mod gate;
mod observe;
pub(crate) mod prepare;
mod settle;
mod strays;
mod tail;
mod timers;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;

use aid_core::exit::ExitCode;
use aid_core::id::TaskId;

pub use detach::spawn;
pub use timers::{KILL, POLITE, TERM};

use crate::home::{FILE_MODE, Home, TaskLog};
use crate::interrupts;
use crate::ledger::Ledger;
use crate::lock::{LOCK_FD_VARIABLE, TaskLock};

/// Why a runner stopped before its task was settled. A successor takes over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunnerError {
    #[error("cannot take over the lock: {0}")]
    Lock(std::io::Error),
    #[error(transparent)]
    Db(#[from] crate::db::DbError),
    #[error(transparent)]
    Append(#[from] crate::db::AppendError),
    #[error("cannot follow the agent: {0}")]
    Follow(std::io::Error),
    #[error("there is no task {0}")]
    Unknown(TaskId),
    #[error("its lock file was removed, and another runner has the task now")]
    Superseded,
}

/// Runs one attempt of a task whose lock was handed down, or follows one whose runner died.
///
/// The exit code is for nobody: the ledger has the outcome.
#[must_use]
pub fn attempt(home: &Home, id: &TaskId, adopt: bool) -> ExitCode {
    let handed = std::env::var(LOCK_FD_VARIABLE).ok().and_then(|fd| fd.parse().ok()).filter(|fd| *fd > 2);
    let inherited = match handed {
        Some(fd) => TaskLock::inherit(&home.lock(id), fd),
        None => Err(std::io::Error::other(format!("{LOCK_FD_VARIABLE} is not set; only aid itself starts runners"))),
    };
    let lock = match inherited {
        Ok(lock) => lock,
        Err(e) => return note(home, id, &RunnerError::Lock(e)),
    };
    interrupts::reset_dispositions();
    interrupts::listen_for_requests();
    let settled = Ledger::open(home).map_err(RunnerError::from).and_then(|mut db| {
        db = db.own(lock);
        run(home, &mut db, id, adopt)?;
        Ok(db)
    });
    match settled {
        Ok(mut db) => {
            db.retire_lock();
            // Nobody waits for us any more. If it fails, the next runner tries again.
            let _ = db.shorten_log();
            ExitCode::Good
        }
        Err(e) => note(home, id, &e),
    }
}

fn run(home: &Home, db: &mut Ledger, id: &TaskId, adopt: bool) -> Result<(), RunnerError> {
    let Some(record) = db.task(id)? else { return Err(RunnerError::Unknown(id.clone())) };
    if record.task.status.is_terminal() {
        return Ok(());
    }
    prepare::run(home, db, record, adopt)
}

fn note(home: &Home, id: &TaskId, error: &RunnerError) -> ExitCode {
    let path = home.log(id, TaskLog::Runner);
    if let Ok(mut file) = OpenOptions::new().append(true).create(true).mode(FILE_MODE).open(path) {
        // The last resort: there is nobody left to tell.
        let _ = writeln!(
            file,
            "{} runner {} stopped: {error}",
            aid_core::view::iso8601(crate::clock::now_ms()),
            std::process::id()
        );
    }
    ExitCode::Internal
}
