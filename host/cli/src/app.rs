//! What every command has at hand: the two streams, and what the process was started with. The environment is read here,
//! once, and nowhere else in this program.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use aid_core::exit::ExitCode;
use aid_engine::home::{Home, HomeError};
use aid_engine::session::{self, Reconciled, Session};

use crate::caller;
use crate::error::{CliError, chain};
use crate::output::{ColorWhen, Out, Talk};

/// What every command has at hand.
#[derive(Debug)]
pub(crate) struct App {
    /// Data.
    pub(crate) out: Out,
    /// Talk.
    pub(crate) talk: Talk,
    aid_home: Option<OsString>,
    user_home: Option<OsString>,
    caller: Option<String>,
}

impl App {
    /// Takes both streams over and reads the environment.
    pub(crate) fn new(color: ColorWhen) -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        Self {
            out: Out::new(color, &variable),
            talk: Talk::new(color, &variable),
            aid_home: std::env::var_os("AID_HOME"),
            user_home: std::env::var_os("HOME"),
            caller: caller::identify(&variable),
        }
    }

    /// Where the state is. Nothing is touched.
    pub(crate) fn home(&self) -> Result<Home, CliError> {
        Home::locate(self.aid_home.clone(), self.user_home.clone()).map_err(|why| {
            let code = match why {
                HomeError::Unknown | HomeError::Relative(_) => ExitCode::Usage,
                HomeError::Owner { .. } | HomeError::Shared { .. } | HomeError::Io { .. } => ExitCode::Internal,
            };
            CliError::new(code, chain(&why))
        })
    }

    /// A session for a command that only reads; None when nothing was ever dispatched here. Tasks whose runner is gone are
    /// settled or adopted first, so that what is read is true.
    pub(crate) fn reading(&self) -> Result<Option<Session>, CliError> {
        let opened = Session::open_existing(self.home()?).map_err(|why| CliError::internal("open the ledger", &why))?;
        let Some(mut session) = opened else { return Ok(None) };
        match session.reconcile() {
            Ok(changed) => changed.iter().for_each(|one| self.report(one)),
            // A home that cannot be written can still be read.
            Err(why) => self.talk.warn(&format!("cannot look after unfinished tasks: {}", chain(&why))),
        }
        Ok(Some(session))
    }

    /// A session in which a task is looked for.
    pub(crate) fn session_with_tasks(&self) -> Result<Session, CliError> {
        let none = || CliError::not_found("there are no tasks yet").hint("start one: aid run codex \"…\"");
        self.reading()?.ok_or_else(none)
    }

    /// A session that can dispatch; makes the state directory when it is missing.
    pub(crate) fn dispatching(&self) -> Result<Session, CliError> {
        Session::open(self.home()?).map_err(|why| CliError::internal("open the ledger", &why))
    }

    /// Who runs this program, when that is known.
    pub(crate) fn caller(&self) -> Option<&str> {
        self.caller.as_deref()
    }

    fn report(&self, changed: &Reconciled) {
        let id = &changed.id;
        match &changed.outcome {
            session::Outcome::Settled(status) => {
                self.talk.say(&format!("{id} lost its runner; it is {} now", status.label()));
            }
            session::Outcome::Adopted => self.talk.say(&format!("{id} lost its runner; a new one follows the agent")),
            session::Outcome::Failed(why) => {
                self.talk.warn(&format!("{id} lost its runner, and cannot be settled: {why}"))
            }
        }
    }
}

/// An absolute form of a path that may not exist. Links are kept.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, CliError> {
    let failed = |why| CliError::internal(&format!("find {}", path.display()), &why);
    std::path::absolute(path).map_err(failed)
}

/// Milliseconds since the epoch.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
