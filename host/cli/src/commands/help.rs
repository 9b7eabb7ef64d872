//! `aid help`: the help of a command, and topics that belong to none.

use aid_core::exit::ExitCode;
use clap::{Command, CommandFactory as _};

use crate::app::App;
use crate::cli::Cli;
use crate::error::{CliError, Outcome};

/// Topics that belong to no command.
const TOPICS: &[&str] = &["exit-codes"];

/// Show the help of a command, or a topic: exit-codes
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A command with its subcommands, or a topic
    words: Vec<String>,
}

/// Prints it.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    let text = match args.words.as_slice() {
        [topic] if topic == TOPICS[0] => exit_codes(),
        words => command_help(words)?,
    };
    app.out.line(text.trim_end())?;
    Ok(ExitCode::Good)
}

fn command_help(words: &[String]) -> Result<String, CliError> {
    let mut root = Cli::command();
    root.build();
    let mut command: &Command = &root;
    for word in words {
        let found = command.find_subcommand(word).filter(|found| !found.is_hide_set());
        command = found.ok_or_else(|| {
            let hint = format!("commands: aid --help; topics: {}", TOPICS.join(", "));
            CliError::usage(format!("there is no help on {word:?}")).hint(hint)
        })?;
    }
    // Whether help is short or long is the parser's decision, so it is asked for it.
    let line = ["aid"].into_iter().chain(words.iter().map(String::as_str)).chain(["--help"]);
    match root.clone().try_get_matches_from(line) {
        Err(help) => Ok(help.render().to_string()),
        Ok(_) => Ok(root.render_help().to_string()),
    }
}

/// The public table.
fn exit_codes() -> String {
    let line = |code: &ExitCode| format!("{:>4}  {}", code.code(), code.meaning());
    let lines: Vec<String> = ExitCode::ALL.iter().map(line).collect();
    let several = "With several tasks: 0 when all are good, else the code of the first that is not.";
    format!("Exit codes\n\n{}\n\n{several}", lines.join("\n"))
}
