//! `aid man`: manual pages, one for each command.

use std::path::PathBuf;

use aid_core::exit::ExitCode;
use clap::CommandFactory as _;

use crate::app::App;
use crate::cli::Cli;
use crate::error::{CliError, Outcome};

/// Write manual pages into a directory
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The directory; it is made when it is missing
    dir: PathBuf,
}

/// Writes the pages.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    let failed =
        |why: std::io::Error| CliError::internal(&format!("write manual pages to {}", args.dir.display()), &why);
    std::fs::create_dir_all(&args.dir).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), &args.dir).map_err(failed)?;
    app.talk.say(&format!("try: man -l {}", args.dir.join("aid.1").display()));
    Ok(ExitCode::Good)
}
