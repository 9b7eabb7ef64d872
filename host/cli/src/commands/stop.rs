//! `aid stop`: ends tasks and keeps what they did.

use aid_core::exit::ExitCode;
use aid_engine::session::StopOutcome;

use crate::app::{App, now_ms};
use crate::error::{CliError, Outcome};
use crate::ledger;
use crate::output::human;

/// Stop tasks and keep their work
///
/// Prints one line for each: confirmed when the task is final and nothing of it runs any more, unconfirmed when nobody
/// has seen the end. The exit code is 0 when all are final, else 1.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The tasks: ids, or the beginnings of them
    #[arg(required = true)]
    ids: Vec<String>,

    /// Do not ask the agent first
    #[arg(long)]
    force: bool,
}

/// Stops the tasks.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    let mut session = app.session_with_tasks()?;
    let ids = ledger::resolve_all(&session, &args.ids)?;
    let mut code = ExitCode::Good;
    for id in &ids {
        let report = session.stop(id, args.force).map_err(|why| CliError::internal(&format!("stop {id}"), &why))?;
        let view = ledger::record(&session, id)?.view(now_ms());
        let label = app.out.paint().tone(human::tone_of(&view), &human::label(&view));
        let line = match report.outcome {
            StopOutcome::Confirmed => format!("{id} confirmed {label}"),
            StopOutcome::AlreadyFinal => format!("{id} confirmed {label} (it was final before)"),
            StopOutcome::Unconfirmed => {
                code = ExitCode::TaskFailed;
                let why = report.trouble.map(|why| format!(": {why}")).unwrap_or_default();
                app.talk.warn(&format!("nobody has seen the end of {id}{why} · try: aid stop {id} --force"));
                format!("{id} unconfirmed {label}")
            }
            StopOutcome::Unrecorded => {
                code = ExitCode::TaskFailed;
                let why = report.trouble.unwrap_or_default();
                app.talk.warn(&format!("nothing of {id} runs any more, but that cannot be recorded: {why}"));
                format!("{id} unconfirmed {label}")
            }
        };
        app.out.line(&line)?;
        app.out.flush()?;
    }
    Ok(code)
}
