//! Starting the program in a directory of its own. Holds no expectations.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A directory in which agents run.
pub(crate) struct World {
    dir: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).unwrap()
    }

    /// The program with an inline script, and with nothing on standard input.
    pub(crate) fn agent(&self, script: &Value) -> Command {
        let mut command = self.bare();
        command.env("FAKE_AGENT_STEPS", script.to_string());
        command
    }

    /// The program without a script.
    pub(crate) fn bare(&self) -> Command {
        in_dir(Command::new(env!("CARGO_BIN_EXE_fake-agent")), self.dir.path())
    }

    /// Another program in the same directory, with the same care for the environment.
    pub(crate) fn other(&self, program: &Path) -> Command {
        in_dir(Command::new(program), self.dir.path())
    }

    pub(crate) fn run(&self, script: &Value) -> Output {
        self.agent(script).output().unwrap()
    }

    /// Runs the script and expects that it can be played to its end.
    pub(crate) fn run_well(&self, script: &Value) -> String {
        let output = self.run(script);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn start(&self, script: &Value) -> Running {
        Running::from(self.agent(script))
    }
}

impl From<Command> for Running {
    fn from(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }
}

fn in_dir(mut command: Command, dir: &Path) -> Command {
    command.current_dir(dir).stdin(Stdio::null());
    command.env_remove("FAKE_AGENT_SCRIPT").env_remove("FAKE_AGENT_STEPS");
    command
}

/// An agent that a test talks to while it runs; killed when the test is over.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) stdout: BufReader<ChildStdout>,
}

impl Running {
    /// Reads lines until this one came.
    pub(crate) fn await_line(&mut self, wanted: &str) {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.stdout.read_line(&mut line).unwrap(), 0, "the output ended before {wanted:?}");
            if line.trim_end() == wanted {
                return;
            }
        }
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    pub(crate) fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process that a script left behind; ended when the test is over.
pub(crate) struct Left(pub(crate) String);

impl Left {
    pub(crate) fn read(world: &World, pid_file: &str) -> Self {
        let left = Self(world.text(pid_file));
        assert!(left.alive(), "process {} is gone", left.0);
        left
    }

    pub(crate) fn alive(&self) -> bool {
        // A zombie has no memory, and its command line is empty.
        std::fs::read(format!("/proc/{}/cmdline", self.0)).is_ok_and(|line| !line.is_empty())
    }

    pub(crate) fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(format!("/proc/{}/{name}", self.0)).unwrap()
    }

    /// A field of the process status, counted as in proc(5): 4 is the parent, 6 the session.
    pub(crate) fn stat(&self, field: usize) -> String {
        stat(&self.0, field)
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        if self.alive() {
            let pid = rustix::process::Pid::from_raw(self.0.parse().unwrap()).unwrap();
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

pub(crate) fn stat(pid: &str, field: usize) -> String {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name in parentheses may hold spaces; fields are counted behind it.
    let rest = text.rsplit_once(") ").unwrap().1;
    rest.split(' ').nth(field - 3).unwrap().to_owned()
}
