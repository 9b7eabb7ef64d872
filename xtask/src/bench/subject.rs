//! What is measured: a program with a home of its own and the benchmark's agent as its only `codex`. Everything lies in
//! one temporary directory, which is removed in the end.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Result;

/// The agent that every subject starts.
const AGENT: &str = "aid-bench-agent";
/// Longest time that anything is waited for.
pub(super) const WAIT_LIMIT: Duration = Duration::from_secs(60);
/// How often a file that is waited for is looked at. Nothing that is measured waits like this.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(2);

/// The temporary directory.
pub(super) struct Stage {
    root: PathBuf,
    built: PathBuf,
}

impl Stage {
    pub(super) fn new(built: &Path) -> Result<Self> {
        let root = std::env::temp_dir().join(format!("aid-bench-{}", std::process::id()));
        fs::create_dir(&root)?;
        Ok(Self { root: root.canonicalize()?, built: built.to_owned() })
    }

    /// A new directory.
    pub(super) fn dir(&self, name: &str) -> Result<PathBuf> {
        let dir = self.root.join(name);
        fs::create_dir_all(&dir)?;
        Ok(dir)
    }

    /// The half of the benchmark that has the engine in it.
    pub(super) fn inner(&self) -> Command {
        Command::new(self.built.join("aid-bench-inner"))
    }

    /// A program with its agent and an empty home.
    pub(super) fn subject(&self, name: &str, program: PathBuf) -> Result<Subject> {
        let root = self.dir(name)?;
        for part in ["bin", "home", "work"] {
            fs::create_dir(root.join(part))?;
        }
        fs::copy(self.built.join(AGENT), root.join("bin/codex"))?;
        Ok(Subject { name: name.to_owned(), aid_home: root.join("aid-home"), program, root })
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // It is in the temporary directory: what cannot be removed is removed by the system some day.
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// A program that dispatches tasks.
#[derive(Clone)]
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) program: PathBuf,
    pub(super) aid_home: PathBuf,
    root: PathBuf,
}

impl Subject {
    /// The same program with another state directory.
    pub(super) fn with_home(&self, aid_home: PathBuf) -> Self {
        Self { aid_home, ..self.clone() }
    }

    /// A run of the program, which shows nothing.
    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut path = OsString::from(self.root.join("bin"));
        path.push(":/usr/local/bin:/usr/bin:/bin");
        let mut command = Command::new(&self.program);
        command.args(args).current_dir(self.root.join("work")).env_clear().env("PATH", path);
        command.env("HOME", self.root.join("home")).env("AID_HOME", &self.aid_home).env("LANG", "C.UTF-8");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// How long the agent takes from now on.
    pub(super) fn hold(&self, time: Duration) -> Result {
        fs::write(self.root.join("bin/hold_ms"), time.as_millis().to_string())?;
        Ok(())
    }

    /// Forgets the stamps of an earlier run.
    pub(super) fn forget(&self) -> Result {
        for stamp in ["start", "end"] {
            let path = self.root.join("bin").join(stamp);
            if path.exists() {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// When the agent began or ended, in seconds since the epoch.
    pub(super) fn stamp(&self, which: &str) -> Result<f64> {
        let path = self.root.join("bin").join(which);
        let text = fs::read_to_string(&path).map_err(|why| format!("{}: the agent did not run ({why})", self.name))?;
        let ns: u128 = text.trim().parse()?;
        Ok(Duration::from_nanos_u128(ns).as_secs_f64())
    }

    /// Waits until the agent runs.
    pub(super) fn wait_for_start(&self) -> Result {
        let path = self.root.join("bin/start");
        let until = std::time::Instant::now() + WAIT_LIMIT;
        while !path.exists() {
            if std::time::Instant::now() > until {
                return Err(format!("{}: the agent did not start", self.name).into());
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Dispatches a task in the background and returns its id: the first word that looks like one.
    pub(super) fn dispatch(&self) -> Result<String> {
        let output = self.command(&["run", "codex", "say done", "--bg"]).stdout(Stdio::piped()).output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let id = said.split_whitespace().find(|word| word.starts_with("t-"));
        id.map(str::to_owned).ok_or_else(|| format!("{}: no task id in {said:?}", self.name).into())
    }
}

/// Seconds since the epoch, from the clock that the agent's stamps use.
pub(super) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
