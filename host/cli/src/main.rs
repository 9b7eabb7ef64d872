//! `aid`: parses the command line, runs one command, and ends with its exit code. Nothing is read, opened or started
//! before the command line is known to be right.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod app;
mod argv;
mod caller;
mod cli;
mod commands;
mod error;
mod follow;
mod ledger;
mod output;
mod prompt;
mod values;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::app::App;
use crate::cli::Cli;

fn main() -> ExitCode {
    aid_engine::interrupts::expect_children();
    let argv: Vec<OsString> = std::env::args_os().collect();
    match parse(argv) {
        Ok(cli) => run(cli),
        Err(refused) => {
            // Help and version are no errors; when nobody reads them, nobody misses them.
            let _ = refused.print();
            ExitCode::from(u8::try_from(refused.exit_code()).unwrap_or(aid_core::exit::ExitCode::Usage.code()))
        }
    }
}

fn parse(argv: Vec<OsString>) -> Result<Cli, clap::Error> {
    let mut command = Cli::command().color(argv::color_choice(&argv));
    let argv = argv::with_dash_prompt_last(argv, &command);
    let matches = command.try_get_matches_from_mut(argv)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

fn run(cli: Cli) -> ExitCode {
    let mut app = App::new(cli.color);
    let outcome = commands::run(cli.command, &mut app);
    // What was written before something went wrong is still true.
    let flushed = app.out.flush();
    match outcome.and_then(|code| flushed.map(|()| code)) {
        Ok(code) => ExitCode::from(code.code()),
        Err(error) => {
            app.talk.error(&error);
            ExitCode::from(error.code.code())
        }
    }
}
