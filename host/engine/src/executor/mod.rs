//! Where an attempt's processes live: start them, follow them, end them. The runner above knows tasks, the executor
//! below knows processes; neither knows the other's half. One implementation today, [`local::Local`].

pub mod local;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use aid_core::event::{LeakedProcess, ProcessIdentity};
use rustix::process::Signal;

/// Everything that starting an agent needs, with nothing left to decide.
#[derive(Debug)]
pub struct Launch {
    /// Absolute path.
    pub program: PathBuf,
    /// Its arguments, the program not included.
    pub args: Vec<OsString>,
    /// Its whole environment.
    pub env: Vec<(OsString, OsString)>,
    /// Its working directory.
    pub dir: PathBuf,
    /// What it reads.
    pub stdin: PathBuf,
    /// Where its stdout is appended.
    pub out: PathBuf,
    /// Where its stderr is appended.
    pub err: PathBuf,
}

/// How the processes of a task are found again.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Value of [`MARKER_VARIABLE`] in their environment.
    pub marker: String,
    /// Touched by whoever wants the runner to look at the ledger.
    pub control: PathBuf,
    /// The agent's stdout.
    pub out: PathBuf,
    /// The agent's stderr.
    pub err: PathBuf,
}

/// Marks every process of a task.
pub const MARKER_VARIABLE: &str = "AID_MARKER";
/// Marks a runner with its task's id, so that a runner below another task's agent is left alone.
pub const RUNNER_VARIABLE: &str = "AID_RUNNER";

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code.
    pub code: Option<i32>,
    /// The signal that ended it. Both None: nobody saw the end.
    pub signal: Option<i32>,
}

/// How hard to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Push {
    /// The agent's own polite signal, to its process group.
    Polite,
    /// SIGTERM, to every process of the task.
    Term,
    /// SIGKILL, to every process of the task.
    Kill,
}

/// Why an agent did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The directory cannot be used.
    #[error("cannot work in {dir}: {source}")]
    Directory {
        /// The directory.
        dir: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A log or the stdin file cannot be used.
    #[error("cannot open {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The program, or the interpreter that its first line names, is not there.
    #[error("{program} or its interpreter was not found: {source}")]
    NotFound {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system has no room for it.
    #[error("{program} cannot be started, the system is at a limit: {source}")]
    NoRoom {
        /// The program.
        program: PathBuf,
        /// Which.
        source: io::Error,
    },
    /// It is there and cannot be executed.
    #[error("{program} cannot be executed: {source}")]
    NotExecutable {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Starts and finds the processes of attempts.
pub trait Executor {
    /// Starts an agent.
    ///
    /// # Errors
    /// When a file, the directory or the program cannot be used; nothing runs then.
    fn start(&self, launch: &Launch, mark: &Mark) -> Result<Box<dyn Execution>, StartError>;

    /// Follows an agent that another runner started. It may be gone; its stray processes are found all the same.
    ///
    /// # Errors
    /// When the system refuses to say.
    fn attach(&self, agent: Option<&ProcessIdentity>, mark: &Mark) -> io::Result<Box<dyn Execution>>;
}

/// One agent with everything below it.
pub trait Execution {
    /// The agent; None when it was gone before it could be identified.
    fn agent(&self) -> Option<&ProcessIdentity>;
    /// Blocks until output grew, the control file was touched, the agent ended, a signal came, or the time is over.
    ///
    /// # Errors
    /// When the system's event source fails.
    fn wait(&mut self, timeout: Duration) -> io::Result<()>;
    /// Waits for the files that have their names now: one of them was replaced.
    ///
    /// # Errors
    /// When one cannot be watched.
    fn rewatch(&mut self) -> io::Result<()>;
    /// How the agent ended; None while it lives.
    fn ended(&mut self) -> Option<Exit>;
    /// CPU time of the agent and everything below it, in milliseconds.
    fn cpu_ms(&mut self) -> Option<u64>;
    /// Asks the task's processes to end. A process whose identity is not certain is not signalled.
    fn push(&mut self, push: Push, polite: Signal);
    /// Processes of the task that live although the agent has ended.
    fn strays(&mut self) -> Vec<ProcessIdentity>;
    /// What a stray is called.
    fn describe(&self, process: &ProcessIdentity) -> LeakedProcess;
}
