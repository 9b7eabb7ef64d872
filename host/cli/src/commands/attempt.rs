//! `aid __attempt`: the body of the runner process. People do not call it; it prints nothing.

use aid_core::exit::ExitCode;
use aid_core::id::TaskId;
use aid_engine::runner;

use crate::app::App;
use crate::error::{CliError, Outcome};

/// Run one attempt of a task
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task
    id: String,

    /// Take over from a runner that died
    #[arg(long)]
    adopt: bool,
}

/// Runs the attempt.
pub(crate) fn run(args: &Args, app: &App) -> Outcome {
    let id = TaskId::parse(&args.id).map_err(|why| CliError::usage(why.to_string()))?;
    let code: ExitCode = runner::attempt(&app.home()?, &id, args.adopt);
    Ok(code)
}
