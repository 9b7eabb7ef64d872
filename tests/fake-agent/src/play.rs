//! Plays the steps of a script in order. Owns the state of a run: what came on standard input, and how far the codex
//! stream has come. What a step means in detail is in the module named after it.

use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::codex::CodexStream;
use crate::script::{Action, FileContent, Script, at_step};
use crate::{child, dump, signals, wait};

/// The longest `hang`, so that a forgotten agent ends by itself.
const HANG_LIMIT: Duration = Duration::from_secs(600);
/// The longest wait for a file.
const WAIT_FILE_LIMIT: Duration = Duration::from_secs(60);
/// What is read of standard input at most.
const STDIN_LIMIT_BYTES: u64 = 64 * 1024 * 1024;

/// Plays the script and returns the exit code; an error names its step.
pub(crate) fn play(script: Script, args: &[String]) -> Result<u8, String> {
    let mut player = Player { args: args.to_vec(), stdin: None, codex: CodexStream::default() };
    let steps = script.select(args, &mut || player.stdin_text())?;
    for (index, step) in steps.iter().enumerate() {
        for round in 1..=step.repeat {
            let flow = player.step(&step.action, round).map_err(|why| at_step(index, &why))?;
            if let Flow::Exit(code) = flow {
                return Ok(code);
            }
        }
    }
    Ok(0)
}

enum Flow {
    Next,
    Exit(u8),
}

struct Player {
    args: Vec<String>,
    /// `None` until something needed it.
    stdin: Option<Vec<u8>>,
    codex: CodexStream,
}

impl Player {
    fn step(&mut self, action: &Value, round: u64) -> Result<Flow, String> {
        let mut filled = action.clone();
        self.fill(&mut filled, round)?;
        match Action::deserialize(filled).map_err(|why| why.to_string())? {
            Action::Exit(code) => return Ok(Flow::Exit(code)),
            action => self.act(action)?,
        }
        Ok(Flow::Next)
    }

    fn act(&mut self, action: Action) -> Result<(), String> {
        match action {
            Action::Out(text) => write_out(text.as_bytes()),
            Action::Err(text) => write_all(std::io::stderr().as_fd(), text.as_bytes()),
            Action::Line(value) => write_out(format!("{value}\n").as_bytes()),
            Action::BytesHex(hex) => write_out(&from_hex(&hex)?),
            Action::HugeLineBytes(bytes) => self.codex.huge_message(bytes),
            Action::CodexOk(ok) => self.codex.ok(&ok),
            Action::CodexStart(start) => self.codex.start(&start),
            Action::CodexMessage(text) => self.codex.message(&text),
            Action::CodexCommand(command) => self.codex.command(&command),
            Action::CodexDone(done) => self.codex.done(&done),
            Action::CodexFail(message) => self.codex.fail(&message),
            Action::SleepMs(ms) => {
                std::thread::sleep(Duration::from_millis(ms));
                Ok(())
            }
            Action::WaitFile(path) => wait::for_file(&path, WAIT_FILE_LIMIT),
            Action::Touch(path) => add_to_file(&path, b""),
            Action::Write(FileContent { path, content }) => write_file(&path, content.as_bytes()),
            Action::Append(FileContent { path, content }) => add_to_file(&path, content.as_bytes()),
            Action::ReadStdin(_) => self.stdin_bytes().map(drop),
            Action::EchoStdinTo(path) => write_file(&path, self.stdin_bytes()?),
            Action::DumpEnvTo(path) => write_file(&path, dump::environment().as_bytes()),
            Action::DumpArgvTo(path) => write_file(&path, dump::arguments(&self.args).as_bytes()),
            Action::DumpSignalsTo(path) => write_file(&path, dump::signal_masks()?.as_bytes()),
            Action::DumpFdsTo(path) => write_file(&path, dump::open_files()?.as_bytes()),
            Action::Spawn(spawn) => child::start(&spawn),
            Action::IgnoreSignals(names) => names.into_iter().try_for_each(signals::ignore),
            Action::OnSignal(rule) => signals::exit_on(rule.signal, rule.exit, rule.out.into_bytes()),
            Action::BurnCpuMs(ms) => {
                burn_cpu(Duration::from_millis(ms));
                Ok(())
            }
            Action::KillSelf(signal) => signals::raise(signal),
            Action::StopSelf(_) => signals::stop(),
            Action::Git(args) => git(&args),
            Action::CloseStdout(_) => signals::close_stdout(),
            Action::Hang(_) => {
                std::thread::sleep(HANG_LIMIT);
                Err(format!("nobody ended the hang within {} s", HANG_LIMIT.as_secs()))
            }
            Action::Exit(_) => unreachable!("the caller ends the run"),
        }
    }

    /// Replaces the placeholders in every string of the step.
    fn fill(&mut self, value: &mut Value, round: u64) -> Result<(), String> {
        match value {
            Value::String(text) if text.contains('{') => {
                if text.contains("{stdin}") {
                    *text = text.replace("{stdin}", &self.stdin_text()?);
                }
                *text = text.replace("{pid}", &std::process::id().to_string()).replace("{n}", &round.to_string());
                Ok(())
            }
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.fill(item, round)),
            Value::Object(fields) => fields.values_mut().try_for_each(|field| self.fill(field, round)),
            _ => Ok(()),
        }
    }

    fn stdin_text(&mut self) -> Result<String, String> {
        Ok(String::from_utf8_lossy(self.stdin_bytes()?).into_owned())
    }

    fn stdin_bytes(&mut self) -> Result<&[u8], String> {
        if self.stdin.is_none() {
            let mut bytes = Vec::new();
            let read = std::io::stdin().lock().take(STDIN_LIMIT_BYTES + 1).read_to_end(&mut bytes);
            read.map_err(|why| format!("cannot read standard input: {why}"))?;
            if bytes.len() as u64 > STDIN_LIMIT_BYTES {
                return Err(format!("more than {STDIN_LIMIT_BYTES} bytes on standard input"));
            }
            self.stdin = Some(bytes);
        }
        Ok(self.stdin.as_deref().unwrap_or_default())
    }
}

/// Writes to standard output with nothing in between, so that a kill loses nothing a step has written.
pub(crate) fn write_out(bytes: &[u8]) -> Result<(), String> {
    write_all(std::io::stdout().as_fd(), bytes)
}

fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> Result<(), String> {
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(rustix::io::Errno::INTR) => {}
            Err(why) => return Err(format!("cannot write the output: {why}")),
        }
    }
    Ok(())
}

/// Writes a whole file and the directories above it.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), String> {
    make_parent(path)?;
    std::fs::write(path, bytes).map_err(|why| format!("{}: {why}", path.display()))
}

fn add_to_file(path: &Path, bytes: &[u8]) -> Result<(), String> {
    make_parent(path)?;
    let opened = std::fs::OpenOptions::new().create(true).append(true).open(path);
    opened
        .and_then(|mut file| std::io::Write::write_all(&mut file, bytes))
        .map_err(|why| format!("{}: {why}", path.display()))
}

fn make_parent(path: &Path) -> Result<(), String> {
    match path.parent() {
        Some(parent) => std::fs::create_dir_all(parent).map_err(|why| format!("{}: {why}", parent.display())),
        None => Ok(()),
    }
}

fn from_hex(hex: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let pairs = digits.chunks(2).map(|pair| match std::str::from_utf8(pair) {
        Ok(pair) if pair.len() == 2 => u8::from_str_radix(pair, 16).ok(),
        _ => None,
    });
    pairs.collect::<Option<Vec<u8>>>().ok_or_else(|| "bytes_hex takes pairs of hex digits".to_owned())
}

fn burn_cpu(amount: Duration) {
    let used = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Duration::try_from(time).unwrap_or(Duration::MAX)
    };
    let end = used().saturating_add(amount);
    let mut value = 0_u64;
    while used() < end {
        for round in 0..10_000_u64 {
            value = std::hint::black_box(value.wrapping_mul(31).wrapping_add(round));
        }
    }
}

/// Runs git with an identity of its own, because a hermetic home has none.
fn git(args: &[String]) -> Result<(), String> {
    let mut command = Command::new("git");
    command.args(args);
    for (name, value) in [
        ("GIT_AUTHOR_NAME", "Fake Agent"),
        ("GIT_AUTHOR_EMAIL", "agent@example.invalid"),
        ("GIT_COMMITTER_NAME", "Fake Agent"),
        ("GIT_COMMITTER_EMAIL", "agent@example.invalid"),
    ] {
        if std::env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    let output = command.output().map_err(|why| format!("cannot run git: {why}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("git {} ended with {}: {}", args.join(" "), output.status, said.trim()))
}
