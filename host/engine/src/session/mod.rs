//! What faces call: plan, submit, observe, stop. It never prints, and it decides no status.

mod advise;
mod agents;
mod choose;
mod dispatch;
mod reconcile;
mod revivals;
mod stop;
mod sweep;
mod watch;

use std::path::PathBuf;

use aid_core::config::Config;
use aid_core::id::TaskId;

pub use advise::{AUTO, Question, advise};
pub use agents::{AgentEntry, Origin, agents};
pub use dispatch::{DispatchRequest, Planned, Problem, ProblemKind, SubmitError};
pub use reconcile::{Outcome, Reconciled};
pub use stop::{StopOutcome, StopReport};
pub use watch::{Wake, Watch};

use crate::db::{AppendError, Db, DbError};
use crate::home::{Home, HomeError};
use crate::ledger::Ledger;
use crate::settings::{self, SettingsError};

/// A way into one state directory.
pub struct Session {
    home: Home,
    db: Ledger,
    revived: revivals::Revivals,
}

/// Why a session cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The state directory.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The ledger.
    #[error(transparent)]
    Db(#[from] DbError),
    /// An event that cannot happen.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// Runners of this task do not live long enough to settle it.
    #[error("no runner of task {id} stays alive ({tries} were started): {reason}")]
    NoRunner {
        /// The task.
        id: TaskId,
        /// How many were started.
        tries: u32,
        /// Why, and where to look.
        reason: String,
    },
    /// A file below the state directory.
    #[error("cannot use {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Session {
    /// Opens the state directory, and makes it where it is missing.
    ///
    /// # Errors
    /// When it or the ledger in it cannot be used.
    pub fn open(home: Home) -> Result<Self, SessionError> {
        home.ensure()?;
        let db = Ledger::open(&home)?;
        Ok(Self { home, db, revived: revivals::Revivals::default() })
    }

    /// Opens a state directory that is there; None when nothing was ever dispatched in it. Makes nothing.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn open_existing(home: Home) -> Result<Option<Self>, SessionError> {
        Ok(Ledger::open_existing(&home)?.map(|db| Self { home, db, revived: revivals::Revivals::default() }))
    }

    /// The state directory.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The ledger, for queries.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The user's settings.
    ///
    /// # Errors
    /// When the file cannot be read or understood.
    pub fn config(&self) -> Result<Config, SettingsError> {
        settings::load(&self.home)
    }

    fn io(path: PathBuf) -> impl FnOnce(std::io::Error) -> SessionError {
        move |source| SessionError::Io { path, source }
    }
}
