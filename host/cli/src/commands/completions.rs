//! `aid completions`: what a shell needs to complete our command lines.

use aid_core::exit::ExitCode;
use clap::CommandFactory as _;

use crate::app::App;
use crate::cli::Cli;
use crate::error::Outcome;

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  aid completions bash > ~/.local/share/bash-completion/completions/aid
  aid completions zsh > ~/.zfunc/_aid
  aid completions fish > ~/.config/fish/completions/aid.fish")]
pub(crate) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

/// Prints the script.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "aid", &mut script);
    app.out.bytes(&script)?;
    Ok(ExitCode::Good)
}
