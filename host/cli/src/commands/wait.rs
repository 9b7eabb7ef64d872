//! `aid wait`: blocks until tasks are final, for scripts. It says nothing unless asked to.

use std::time::{Duration, Instant};

use aid_core::exit::ExitCode;
use aid_core::id::TaskId;
use aid_core::task::Status;
use aid_engine::session::{Session, Wake};
use clap::ValueEnum;

use crate::app::{App, now_ms};
use crate::error::{CliError, Outcome};
use crate::follow;
use crate::ledger;
use crate::values;

/// Block until tasks are final
///
/// The exit code is 0 when all tasks are good, else that of the first, in the order given, that is not; 5 when it waits
/// for input; 124 when --timeout passes. The tasks themselves go on.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The tasks: ids, or the beginnings of them
    #[arg(required = true)]
    ids: Vec<String>,

    /// What to wait for: the end, or a question where that comes first
    #[arg(long = "for", value_name = "STATE", default_value = "done")]
    until: Until,

    /// Give up after this long (like 90s, 5m, 1h30m)
    #[arg(long, value_name = "TIME", value_parser = values::duration_ms, allow_hyphen_values = true)]
    timeout: Option<u64>,

    /// Print each task as JSON, one line each in the order given
    #[arg(long)]
    json: bool,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Until {
    // Every task is final.
    Done,
    // Every task waits for input or is final.
    Awaiting,
}

/// Waits.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    let mut session = app.session_with_tasks()?;
    let ids = ledger::resolve_all(&session, &args.ids)?;
    let deadline = args.timeout.map(|ms| Instant::now() + Duration::from_millis(ms));
    let in_time = wait(&mut session, &ids, args.until, deadline)?;
    if in_time == Some(ExitCode::Interrupted) {
        return Ok(ExitCode::Interrupted);
    }
    if args.json {
        for id in &ids {
            app.out.json(&ledger::record(&session, id)?.view(now_ms()))?;
        }
    }
    match in_time {
        Some(code) => {
            let left = ids.iter().filter(|id| !is_over(&session, id, args.until).unwrap_or(true)).count();
            app.talk.say(&format!("gave up waiting: {left} of {} not there yet; they go on", ids.len()));
            Ok(code)
        }
        None => super::watch::verdict(&session, &ids),
    }
}

/// Blocks; the exit code when the wait ended before what it was for.
fn wait(
    session: &mut Session,
    ids: &[TaskId],
    until: Until,
    deadline: Option<Instant>,
) -> Result<Option<ExitCode>, CliError> {
    let mut watch = session.watch().map_err(|why| CliError::internal("watch the ledger", &why))?;
    let mut left = ids.to_vec();
    loop {
        let mut still = Vec::new();
        for id in left {
            if !is_over(session, &id, until)? {
                still.push(id);
            }
        }
        left = still;
        if left.is_empty() {
            return Ok(None);
        }
        match follow::wait(&mut watch, session, &left, deadline)? {
            Wake::Changed => {}
            Wake::TimedOut => return Ok(Some(ExitCode::Timeout)),
            Wake::Interrupted => return Ok(Some(ExitCode::Interrupted)),
        }
    }
}

fn is_over(session: &Session, id: &TaskId, until: Until) -> Result<bool, CliError> {
    let status = ledger::projection(session, id)?.status;
    Ok(status.is_terminal() || (until == Until::Awaiting && status == Status::AwaitingInput))
}
