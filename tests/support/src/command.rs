//! One run of a binary in a world, being put together.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::result::RunResult;
use crate::running::Running;

/// What a run gets on standard input.
#[derive(Debug)]
enum Stdin {
    Nothing,
    Bytes(Vec<u8>),
}

/// A run that has not started.
#[derive(Debug)]
#[must_use = "nothing runs before `run` or `spawn`"]
pub struct AidCommand {
    program: PathBuf,
    args: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    dir: PathBuf,
    stdin: Stdin,
    stdout: Option<OwnedFd>,
}

impl AidCommand {
    /// A run of `program` with this environment and no other, in this directory.
    pub(crate) fn new(program: PathBuf, variables: Vec<(OsString, OsString)>, dir: &Path) -> Self {
        Self { program, args: Vec::new(), variables, dir: dir.to_owned(), stdin: Stdin::Nothing, stdout: None }
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self = self.env_remove(&name);
        self.variables.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Takes a variable away.
    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.variables.retain(|(known, _)| known != name.as_ref());
        self
    }

    /// Runs in another directory.
    pub fn current_dir(mut self, dir: impl AsRef<Path>) -> Self {
        dir.as_ref().clone_into(&mut self.dir);
        self
    }

    /// What is read from standard input; without it standard input is empty.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Stdin::Bytes(bytes.into());
        self
    }

    /// Sends standard output to this descriptor; the result's is empty then.
    pub fn stdout_to(mut self, fd: impl Into<OwnedFd>) -> Self {
        self.stdout = Some(fd.into());
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// When it cannot be started, or does not end within [`crate::WAIT_LIMIT`].
    pub fn run(self) -> RunResult {
        self.spawn().wait()
    }

    /// Starts it.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn spawn(self) -> Running {
        let words = std::iter::once(self.program.as_os_str()).chain(self.args.iter().map(OsString::as_os_str));
        let shown: Vec<String> = words.map(|word| shorten(&word.to_string_lossy())).collect();
        let mut command = Command::new(&self.program);
        command.args(&self.args).env_clear().envs(self.variables).current_dir(&self.dir);
        command.stdin(stdin_for(self.stdin)).stderr(Stdio::piped());
        command.stdout(self.stdout.map_or_else(Stdio::piped, Stdio::from));
        let child = command.spawn().unwrap_or_else(|why| panic!("{}: {why}", self.program.display()));
        Running::follow(child, shown.join(" "))
    }
}

/// A file, not a pipe: nothing has to be fed while the run is followed.
fn stdin_for(stdin: Stdin) -> Stdio {
    match stdin {
        Stdin::Nothing => Stdio::null(),
        Stdin::Bytes(bytes) => {
            let mut file: File = tempfile::tempfile().expect("a temporary file");
            file.write_all(&bytes).expect("room for standard input");
            std::io::Seek::rewind(&mut file).expect("a file can be rewound");
            file.into()
        }
    }
}

/// A prompt of megabytes is not shown in messages.
fn shorten(word: &str) -> String {
    const SHOWN_CHARS: usize = 200;
    match word.char_indices().nth(SHOWN_CHARS) {
        Some((at, _)) => format!("{}… ({} bytes)", &word[..at], word.len()),
        None => word.to_owned(),
    }
}
