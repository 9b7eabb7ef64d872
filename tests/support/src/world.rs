//! The world itself: directories, environment, and the agents installed in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::binaries::{base_dir, binary, link};
use crate::command::AidCommand;
use crate::process::{Process, kill_with_variable, with_variable};

/// Programs of the machine that a world may use; everything else on `PATH` is ours.
const SYSTEM_PROGRAMS: &[&str] = &["sh", "git", "cat", "env", "sleep", "true", "false", "mkdir", "ls"];
/// Where they are looked for.
const SYSTEM_DIRS: &[&str] = &["/usr/bin", "/bin", "/usr/local/bin"];

/// A hermetic world. Dropping it ends every process that still carries its home, and removes it.
#[derive(Debug)]
pub struct TestWorld {
    root: TempDir,
}

impl TestWorld {
    /// A fresh world: an empty home, no state directory, no agent, an empty working directory that is no repository.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn new() -> Self {
        let base = base_dir().expect("the temporary directory can be written");
        let root = tempfile::Builder::new().prefix("w").tempdir_in(base).expect("a temporary directory");
        let world = Self { root };
        for dir in [world.home(), world.work(), world.bin(), world.system_bin(), world.temp()] {
            std::fs::create_dir(&dir).expect("a new directory");
        }
        for program in SYSTEM_PROGRAMS {
            let found = SYSTEM_DIRS.iter().map(|dir| Path::new(dir).join(program)).find(|path| path.exists());
            let found = found.unwrap_or_else(|| panic!("this machine has no {program}"));
            std::os::unix::fs::symlink(found, world.system_bin().join(program)).expect("a new link");
        }
        world
    }

    /// Everything is below this.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// `HOME`.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    /// `AID_HOME`. It does not exist before something makes it.
    #[must_use]
    pub fn aid_home(&self) -> PathBuf {
        self.root().join("aid")
    }

    /// The directory that runs start in.
    #[must_use]
    pub fn work(&self) -> PathBuf {
        self.root().join("work")
    }

    /// The first directory on `PATH`: the agents.
    #[must_use]
    pub fn bin(&self) -> PathBuf {
        self.root().join("bin")
    }

    fn system_bin(&self) -> PathBuf {
        self.root().join("system-bin")
    }

    fn temp(&self) -> PathBuf {
        self.root().join("tmp")
    }

    /// A run of `aid`.
    pub fn aid<S: AsRef<std::ffi::OsStr>>(&self, args: impl IntoIterator<Item = S>) -> AidCommand {
        AidCommand::new(binary("aid"), self.variables(), &self.work()).args(args)
    }

    /// A run of a program of the machine, like `sh`.
    pub fn command(&self, program: &str) -> AidCommand {
        AidCommand::new(self.system_bin().join(program), self.variables(), &self.work())
    }

    /// The whole environment of a run.
    #[must_use]
    pub fn variables(&self) -> Vec<(OsString, OsString)> {
        let mut path = self.bin().into_os_string();
        path.push(":");
        path.push(self.system_bin());
        [
            ("PATH", path),
            ("HOME", self.home().into()),
            ("AID_HOME", self.aid_home().into()),
            ("TMPDIR", self.temp().into()),
            ("LANG", "C.UTF-8".into()),
            ("TZ", "UTC".into()),
            ("TERM", "dumb".into()),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("GIT_CEILING_DIRECTORIES", self.root().into()),
        ]
        .map(|(name, value)| (OsString::from(name), value))
        .into()
    }

    /// Installs the fake agent under a name, with the script that it plays. Installing again replaces the script.
    ///
    /// The script is written beside the program, so it reaches the agent whatever environment it is given.
    ///
    /// # Panics
    /// When it cannot be installed.
    pub fn install_agent(&self, name: &str, script: &Value) {
        link("fake-agent", &self.bin().join(name)).expect("the fake agent can be linked");
        let beside = self.bin().join(format!("{name}.script.json"));
        std::fs::write(beside, script.to_string()).expect("the script can be written");
    }

    /// Takes an agent off `PATH`.
    ///
    /// # Panics
    /// When it is not there.
    pub fn remove_agent(&self, name: &str) {
        std::fs::remove_file(self.bin().join(name)).expect("an installed agent");
    }

    /// Writes a file below the root, and the directories above it.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root().join(path);
        let parent = path.parent().expect("a file lies in a directory");
        std::fs::create_dir_all(parent).expect("directories");
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// Reads a file below the root.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn read(&self, path: &str) -> Vec<u8> {
        let path = self.root().join(path);
        std::fs::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
    }

    /// Makes the working directory a repository with one commit on `main`.
    ///
    /// # Panics
    /// When git cannot.
    pub fn init_repository(&self) {
        std::fs::write(self.work().join("README.md"), "a project\n").expect("a file");
        for args in [
            &["init", "--quiet", "--initial-branch=main"][..],
            &["config", "user.name", "A User"],
            &["config", "user.email", "user@example.invalid"],
            &["add", "."],
            &["commit", "--quiet", "--message=first"],
        ] {
            self.git(args);
        }
    }

    /// Runs git in the working directory and returns what it printed.
    ///
    /// # Panics
    /// When it fails.
    pub fn git(&self, args: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(args).current_dir(self.work()).env_clear().envs(self.variables());
        let output = command.output().expect("git runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {}: {said}", args.join(" "));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Every living process that was started in this world: runners, agents and what they left.
    #[must_use]
    pub fn processes(&self) -> Vec<Process> {
        with_variable("HOME", &self.home())
    }
}

impl Default for TestWorld {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TestWorld {
    fn drop(&mut self) {
        // A runner that dies leaves its agent, and a dying agent its children: look again until nobody is left.
        const ROUNDS: usize = 10;
        for _ in 0..ROUNDS {
            let left = self.processes();
            if left.is_empty() {
                break;
            }
            for process in left {
                kill_with_variable(&process, "HOME", &self.home());
            }
        }
    }
}
