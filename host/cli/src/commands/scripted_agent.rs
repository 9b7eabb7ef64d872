//! `aid __scripted-agent`: an agent without a model, for `aid demo`. It speaks what the codex CLI speaks on stdout and
//! really does what it says: it reads its prompt, runs a command and changes files in the current directory.

use std::io::{Read as _, Write as _};
use std::process::Command;
use std::time::Duration;

use aid_core::exit::ExitCode;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::{CliError, Outcome};

/// What it says when asked who it is.
const VERSION: &str = "codex-cli 0.169.0";
/// The session it claims to be.
const THREAD: &str = "01a20243-ffd2-7e40-8f61-5c21d40a31ee";
/// A pause between steps, so that a person sees them happen.
const STEP_PAUSE: Duration = Duration::from_millis(120);
/// Longest prompt it reads, in bytes.
const PROMPT_BYTES: u64 = 8 * 1024 * 1024;
/// What it writes.
const HAIKU: &str = "red, then green, then red\nthe same test on the same branch\nonly now it sleeps\n";

/// Play an agent without a model
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Args {
    /// What the codex CLI would be called with
    #[arg(allow_hyphen_values = true, trailing_var_arg = true)]
    args: Vec<String>,
}

/// Plays.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    if args.args.iter().any(|arg| arg == "--version") {
        app.out.line(VERSION)?;
        return Ok(ExitCode::Good);
    }
    play(app).map_err(|why| CliError::internal("play the agent", &why))?;
    Ok(ExitCode::Good)
}

fn play(app: &mut App) -> std::io::Result<()> {
    let mut prompt = String::new();
    std::io::stdin().lock().take(PROMPT_BYTES).read_to_string(&mut prompt)?;
    let mut says = Says { app, items: 0 };
    says.line(&json!({"type": "thread.started", "thread_id": THREAD}))?;
    says.line(&json!({"type": "turn.started"}))?;
    says.message("I will look at the repository first.")?;
    says.command("git status --short --branch")?;
    says.message("[MILESTONE] Looked at the repository\n\nNow the poem.")?;
    let dir = std::env::current_dir()?;
    let (poem, readme) = (dir.join("HAIKU.txt"), dir.join("README.md"));
    std::fs::write(&poem, HAIKU)?;
    std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(&readme)?
        .write_all(b"\nThere is a poem in HAIKU.txt.\n")?;
    let changes = [(poem, "add"), (readme, "update")];
    let changes = changes.map(|(path, kind)| json!({"path": path.to_string_lossy(), "kind": kind}));
    says.item("completed", &json!({"type": "file_change", "changes": changes, "status": "completed"}))?;
    says.items += 1;
    says.message("[MILESTONE] Wrote HAIKU.txt and mentioned it in README.md")?;
    says.message("HAIKU.txt holds a haiku about a flaky test, and README.md says so.")?;
    // Counts of a run that cost nothing; the price is that of the model that did not run.
    let (input, output) = (prompt.len().div_ceil(4), HAIKU.len().div_ceil(4));
    says.line(&json!({"type": "turn.completed", "usage": {
        "input_tokens": input, "cached_input_tokens": 0, "cache_write_input_tokens": 0,
        "output_tokens": output, "reasoning_output_tokens": 0
    }}))
}

/// The stream so far.
struct Says<'a> {
    app: &'a mut App,
    items: u32,
}

impl Says<'_> {
    fn line(&mut self, value: &Value) -> std::io::Result<()> {
        self.app.out.json_line(value).map_err(|error| {
            std::io::Error::other(
                error.problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; "),
            )
        })?;
        std::thread::sleep(STEP_PAUSE);
        Ok(())
    }

    fn item(&mut self, event: &str, item: &Value) -> std::io::Result<()> {
        let mut item = item.clone();
        item["id"] = format!("item_{}", self.items).into();
        self.line(&json!({"type": format!("item.{event}"), "item": item}))
    }

    fn message(&mut self, text: &str) -> std::io::Result<()> {
        self.item("completed", &json!({"type": "agent_message", "text": text}))?;
        self.items += 1;
        Ok(())
    }

    /// Runs a command and reports it as it went.
    fn command(&mut self, line: &str) -> std::io::Result<()> {
        let item = |output: &str, code: Option<i32>, status: &str| json!({"type": "command_execution", "command": line, "aggregated_output": output, "exit_code": code, "status": status});
        self.item("started", &item("", None, "in_progress"))?;
        let output = Command::new("sh").args(["-c", line]).output()?;
        let status = if output.status.success() { "completed" } else { "failed" };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        self.item("completed", &item(&text, output.status.code(), status))?;
        self.items += 1;
        Ok(())
    }
}
