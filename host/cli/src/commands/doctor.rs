//! `aid doctor`: what works on this machine, and what does not.

use aid_core::exit::ExitCode;
use aid_engine::doctor::{FactState, facts};

use crate::app::App;
use crate::error::Outcome;
use crate::output::human;
use crate::output::json::DoctorView;

/// Look at this machine: agents, kernel, git, state
///
/// The exit code is 1 when something will not work.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Looks.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    let facts = facts(&app.home()?);
    let good = facts.iter().all(|fact| fact.state != FactState::Bad);
    let view = DoctorView { good, facts };
    if args.json {
        app.out.json(&view)?;
    } else {
        let text = human::facts(&view, app.out.columns(), app.out.paint());
        app.out.line(&text)?;
    }
    Ok(if good { ExitCode::Good } else { ExitCode::TaskFailed })
}
