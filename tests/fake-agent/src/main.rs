//! An agent CLI that plays a script: what it writes, how long it takes, what it leaves behind and how it ends.
//!
//! Owns the command line and the exit code; the script format is described in README.md. It knows nothing about the
//! orchestrator that starts it: whatever a test wants from an agent has to be said in the script.

mod child;
mod codex;
mod dump;
mod play;
mod script;
mod signals;
mod wait;

use std::process::ExitCode;

use script::Script;

/// What `--version` prints without a script that says otherwise.
const DEFAULT_VERSION: &str = "codex-cli 0.169.0";
/// Exit code of a script that is wrong or cannot be played; no script may end with it by accident.
const EXIT_BAD_SCRIPT: u8 = 99;

fn main() -> ExitCode {
    signals::restore_inherited_sigpipe();
    let args: Vec<String> = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    match run(&args) {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            eprintln!("fake-agent: {message}");
            ExitCode::from(EXIT_BAD_SCRIPT)
        }
    }
}

fn run(args: &[String]) -> Result<u8, String> {
    let options = args.get(1..).unwrap_or_default();
    match options {
        [flag, spec] if flag == child::CHILD_FLAG => return child::live(spec),
        [flag, ..] if flag == "--version" => {
            let version = Script::find(&args[0])?.and_then(|script| script.version);
            println!("{}", version.as_deref().unwrap_or(DEFAULT_VERSION));
            return Ok(0);
        }
        _ => {}
    }
    let script = Script::find(&args[0])?.ok_or_else(|| {
        format!("no script: set {} to a JSON file or {} to JSON", script::FILE_VAR, script::INLINE_VAR)
    })?;
    play::play(script, args)
}
