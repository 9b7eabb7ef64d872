//! Processes that the agent leaves around. They are this program again with a hidden argument, so that every property
//! is set up by code that is known. A step that starts one ends when the child has set itself up.

use std::io::{PipeReader, Read};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::{Deserialize, Serialize};

use crate::play::write_file;
use crate::signals::{self, SignalName};

/// The hidden argument; the description of the child as JSON follows it.
pub(crate) const CHILD_FLAG: &str = "--fake-agent-child";
/// How long a child may take until it has set itself up.
const READY_LIMIT: Duration = Duration::from_secs(20);
/// What a child reports when it has set itself up; anything behind it says that it failed.
const READY: &[u8] = b"r";
/// The lowest descriptor that is not a standard stream.
const FIRST_FREE_FD: i32 = 3;
/// The longest life of a sleeping child, so that a forgotten one ends by itself.
const SLEEP_LIMIT_MS: u64 = 600_000;

/// A child process: what it does, and in which ways it tries to stay alive.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spawn {
    /// The program that the child becomes.
    argv: Option<Vec<String>>,
    /// Or: how long it sleeps.
    sleep_ms: Option<u64>,
    /// Leaves the session and the process group of the agent.
    #[serde(default)]
    setsid: bool,
    /// Starts with an empty environment.
    #[serde(default)]
    clear_env: bool,
    #[serde(default)]
    ignore_signals: Vec<SignalName>,
    /// Keeps the agent's standard output and error open; otherwise they are /dev/null.
    #[serde(default)]
    hold_stdout: bool,
    /// Is not a child of the agent, but of whoever takes care of orphans.
    #[serde(default)]
    double_fork: bool,
    /// Where the child writes its process id.
    pid_file: Option<PathBuf>,
    /// The step ends with the child, whatever its exit code.
    #[serde(default)]
    wait: bool,
}

impl Spawn {
    /// Refuses what cannot be played.
    pub(crate) fn check(&self) -> Result<(), String> {
        match (&self.argv, self.sleep_ms) {
            (Some(argv), None) if !argv.is_empty() => {}
            (None, Some(ms)) if ms <= SLEEP_LIMIT_MS => {}
            (None, Some(_)) => return Err(format!("spawn sleeps at most {SLEEP_LIMIT_MS} ms")),
            _ => return Err("spawn needs either a non-empty argv or sleep_ms".to_owned()),
        }
        if self.wait && self.double_fork {
            return Err("spawn cannot wait for an orphan: wait and double_fork exclude each other".to_owned());
        }
        Ok(())
    }
}

/// Starts the child and returns when it has set itself up, or has ended if the step waits for it.
pub(crate) fn start(spawn: &Spawn) -> Result<(), String> {
    let failed = |why: std::io::Error| format!("cannot start a child: {why}");
    let (ready, signal) = std::io::pipe().map_err(failed)?;
    let mut command = again(spawn)?;
    if spawn.clear_env {
        command.env_clear();
    }
    if !spawn.hold_stdout {
        command.stdout(Stdio::null()).stderr(Stdio::null());
    }
    // The child reports on its standard input, the one descriptor it needs for nothing else.
    command.stdin(Stdio::from(signal));
    let mut child = command.spawn().map_err(failed)?;
    drop(command);
    await_ready(ready)?;
    if spawn.wait || spawn.double_fork {
        child.wait().map_err(failed)?;
    }
    Ok(())
}

/// The life of a child, in its own process.
pub(crate) fn live(spec: &str) -> Result<u8, String> {
    let spawn: Spawn = serde_json::from_str(spec).map_err(|why| format!("{CHILD_FLAG}: {why}"))?;
    if spawn.double_fork {
        let orphan = Spawn { double_fork: false, ..spawn };
        again(&orphan)?.spawn().map_err(|why| format!("cannot start the orphan: {why}"))?;
        return Ok(0);
    }
    if spawn.setsid {
        rustix::process::setsid().map_err(|why| format!("cannot start a session: {why}"))?;
    }
    spawn.ignore_signals.iter().copied().try_for_each(signals::ignore)?;
    if let Some(path) = &spawn.pid_file {
        write_whole(path, &std::process::id().to_string())?;
    }
    // Gone at the exec, so that the starter sees the end of the pipe when the program has taken over.
    let report = rustix::io::fcntl_dupfd_cloexec(std::io::stdin(), FIRST_FREE_FD)
        .map_err(|why| format!("cannot keep the report: {why}"))?;
    signals::close_stdin()?;
    let report_state = |state: &[u8]| rustix::io::write(&report, state).map_err(|why| format!("no starter: {why}"));
    report_state(READY)?;
    match (spawn.argv, spawn.sleep_ms) {
        (Some(argv), _) => {
            let why = Command::new(&argv[0]).args(&argv[1..]).exec();
            report_state(b"!")?;
            Err(format!("cannot run {}: {why}", argv[0]))
        }
        (None, ms) => {
            drop(report);
            std::thread::sleep(Duration::from_millis(ms.unwrap_or(0)));
            Ok(0)
        }
    }
}

fn again(spawn: &Spawn) -> Result<Command, String> {
    let program = std::env::current_exe().map_err(|why| format!("cannot find this program: {why}"))?;
    let spec = serde_json::to_string(spawn).map_err(|why| why.to_string())?;
    let mut command = Command::new(program);
    command.arg(CHILD_FLAG).arg(spec);
    Ok(command)
}

/// Waits for the end of the report: the child has become what it should be, or has ended.
fn await_ready(mut ready: PipeReader) -> Result<(), String> {
    let deadline = Instant::now() + READY_LIMIT;
    let mut report = Vec::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(|why| why.to_string())?;
        let waited = poll(&mut [PollFd::new(&ready, PollFlags::IN)], Some(&left));
        if waited.map_err(|why| why.to_string())? == 0 {
            return Err(format!("the child was not ready within {} s", READY_LIMIT.as_secs()));
        }
        let mut part = [0; 8];
        match ready.read(&mut part).map_err(|why| why.to_string())? {
            0 if report == READY => return Ok(()),
            0 => return Err("the child could not become what the step says".to_owned()),
            count => report.extend_from_slice(&part[..count]),
        }
    }
}

/// Appears at once with its whole content, so that whoever waits for the file can read it.
fn write_whole(path: &std::path::Path, text: &str) -> Result<(), String> {
    let draft = path.with_added_extension("draft");
    write_file(&draft, text.as_bytes())?;
    std::fs::rename(&draft, path).map_err(|why| format!("{}: {why}", path.display()))
}
