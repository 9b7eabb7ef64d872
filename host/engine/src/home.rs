//! Where aid keeps its state, and nothing else: names of files, made private. Only this module joins names to paths.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aid_core::id::TaskId;

/// Mode of every directory of ours.
pub const DIR_MODE: u32 = 0o700;
/// Mode of every file of ours.
pub const FILE_MODE: u32 = 0o600;

/// The state directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

/// A file of a task below `logs/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskLog {
    /// The agent's stdout, as it wrote it.
    Out,
    /// The agent's stderr.
    Err,
    /// What the runner itself had to say.
    Runner,
}

/// Why there is no usable state directory.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// Neither variable says where.
    #[error("no state directory: neither AID_HOME nor HOME is set; set AID_HOME to an absolute path")]
    Unknown,
    /// A relative AID_HOME would mean another place in every directory.
    #[error("AID_HOME is {0:?}, which is not an absolute path")]
    Relative(PathBuf),
    /// Somebody else could write there.
    #[error(
        "{path} belongs to another user (uid {owner}); aid keeps prompts and logs there and will not share them; choose another AID_HOME"
    )]
    Owner {
        /// The directory.
        path: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// Something else lives there, and others can see it.
    #[error(
        "{path} has other things in it and is open to other users; aid would have to close it to them. Set AID_HOME to a directory of its own"
    )]
    Shared {
        /// The directory.
        path: PathBuf,
    },
    /// It cannot be made or used.
    #[error("cannot use {path}: {source}")]
    Io {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Home {
    /// The directory that `AID_HOME`, else `$HOME/.aid`, names. Nothing is touched.
    ///
    /// # Errors
    /// When neither is set, or `AID_HOME` is relative.
    pub fn locate(aid_home: Option<OsString>, user_home: Option<OsString>) -> Result<Self, HomeError> {
        let set = |value: Option<OsString>| value.filter(|v| !v.is_empty()).map(PathBuf::from);
        let root = match (set(aid_home), set(user_home)) {
            (Some(root), _) => root,
            (None, Some(home)) => home.join(".aid"),
            (None, None) => return Err(HomeError::Unknown),
        };
        if root.is_absolute() { Ok(Self { root }) } else { Err(HomeError::Relative(root)) }
    }

    /// Makes the directory and its parts, private to the user, where they are missing.
    ///
    /// # Errors
    /// When it belongs to somebody else or cannot be made.
    pub fn ensure(&self) -> Result<(), HomeError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| HomeError::Io { path, source }
        };
        private_dir(&self.root).map_err(failed(&self.root))?;
        let meta = fs::metadata(&self.root).map_err(failed(&self.root))?;
        let me = rustix::process::geteuid().as_raw();
        if meta.uid() != me {
            return Err(HomeError::Owner { path: self.root.clone(), owner: meta.uid() });
        }
        if meta.mode() & 0o077 != 0 {
            if !self.is_ours_alone() {
                return Err(HomeError::Shared { path: self.root.clone() });
            }
            fs::set_permissions(&self.root, fs::Permissions::from_mode(DIR_MODE)).map_err(failed(&self.root))?;
        }
        for part in ["logs", "jobs", "run", "cache"] {
            let path = self.root.join(part);
            private_dir(&path).map_err(failed(&path))?;
        }
        Ok(())
    }

    /// Whether a directory that was there before may be taken: ours already, or with nothing in it.
    fn is_ours_alone(&self) -> bool {
        let is_empty = || fs::read_dir(&self.root).is_ok_and(|mut entries| entries.next().is_none());
        self.db().exists() || self.config().exists() || is_empty()
    }

    /// The directory itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The ledger.
    #[must_use]
    pub fn db(&self) -> PathBuf {
        self.root.join("aid.db")
    }

    /// The user's settings.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// The agents that the user defines.
    #[must_use]
    pub fn agents(&self) -> PathBuf {
        self.root.join("agents")
    }

    /// Compiled adapters and probes; may be deleted at any time.
    #[must_use]
    pub fn cache(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// A log of a task.
    #[must_use]
    pub fn log(&self, id: &TaskId, log: TaskLog) -> PathBuf {
        let suffix = match log {
            TaskLog::Out => "jsonl",
            TaskLog::Err => "stderr",
            TaskLog::Runner => "runner",
        };
        self.root.join("logs").join(format!("{id}.{suffix}"))
    }

    /// The stored spec of a task.
    #[must_use]
    pub fn job(&self, id: &TaskId) -> PathBuf {
        self.root.join("jobs").join(format!("{id}.json"))
    }

    /// What belongs to tasks while they run.
    #[must_use]
    pub fn run(&self) -> PathBuf {
        self.root.join("run")
    }

    /// The lock that a task's runner holds.
    #[must_use]
    pub fn lock(&self, id: &TaskId) -> PathBuf {
        self.run().join(format!("{id}.lock"))
    }

    /// The bell that rings after a write to the ledger.
    #[must_use]
    pub fn bell(&self) -> PathBuf {
        self.run().join("bell")
    }

    /// A task's own directory while it runs: its stdin and the files of its plan.
    #[must_use]
    pub fn task_dir(&self, id: &TaskId) -> PathBuf {
        self.run().join(format!("{id}.d"))
    }
}

/// Makes a directory and its parents, each new one private.
///
/// # Errors
/// When it cannot be made, or something else has its name.
pub fn private_dir(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(DIR_MODE).create(path)
}

/// Writes a private file in one piece: readers see the old one or the new one.
///
/// # Errors
/// When it cannot be written; the old one is untouched then.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    use io::Write as _;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temp = path.with_file_name(name);
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(FILE_MODE)
        .open(&temp)
        .and_then(|mut file| file.write_all(content))
        .and_then(|()| fs::rename(&temp, path));
    if written.is_err() {
        // Ours alone; whatever is wrong has been reported by the first error.
        let _ = fs::remove_file(&temp);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aid_home_wins_and_must_be_absolute() {
        let locate = |a: Option<&str>, h: Option<&str>| Home::locate(a.map(Into::into), h.map(Into::into));
        assert_eq!(locate(Some("/a"), Some("/h")).expect("absolute").root(), Path::new("/a"));
        assert_eq!(locate(None, Some("/h")).expect("home").root(), Path::new("/h/.aid"));
        assert_eq!(locate(Some(""), Some("/h")).expect("home").root(), Path::new("/h/.aid"));
        assert!(matches!(locate(Some("a"), None), Err(HomeError::Relative(_))));
        assert!(matches!(locate(None, None), Err(HomeError::Unknown)));
    }

    #[test]
    fn everything_is_private() {
        let dir = tempfile::tempdir().expect("temp");
        let home = Home { root: dir.path().join("x/y") };
        home.ensure().expect("made");
        for path in [home.root().to_owned(), home.cache(), home.root().join("logs")] {
            assert_eq!(fs::metadata(&path).expect("there").mode() & 0o777, DIR_MODE, "{}", path.display());
        }
        write_private(&home.config(), b"x").expect("written");
        assert_eq!(fs::metadata(home.config()).expect("there").mode() & 0o777, FILE_MODE);
    }
}
