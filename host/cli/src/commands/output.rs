//! `aid output`: the answer of a task, and nothing else.

use aid_core::exit::{self, ExitCode};
use aid_core::id::TaskId;
use aid_core::task::Status;
use aid_core::text::sanitize_block;
use aid_engine::session::Session;

use crate::app::{App, now_ms};
use crate::error::Outcome;
use crate::ledger;
use crate::output::human;

/// Print the answer of a task
///
/// In a pipe or file exactly as the agent gave it; on a terminal without what could harm it. What a task that did not end
/// well said last is printed too, and called that on stderr; the exit code is the task's.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task: its id, or the beginning of it
    id: String,
}

/// Prints the answer.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    let session = app.session_with_tasks()?;
    let id = ledger::resolve(&session, &args.id)?;
    answer(app, &session, &id)
}

/// Prints the answer of a task, and ends with the task's own code; without an answer, says why.
pub(super) fn answer(app: &mut App, session: &Session, id: &TaskId) -> Outcome {
    let record = ledger::record(session, id)?;
    if let Some(answer) = ledger::answer(session, id)? {
        if app.out.is_terminal() {
            app.out.line(sanitize_block(&answer).trim_end_matches('\n'))?;
        } else {
            app.out.bytes(answer.as_bytes())?;
        }
        app.out.flush()?;
        let code = exit::of_task(&record.task);
        if code != ExitCode::Good {
            let line = human::closing(&record.view(now_ms()));
            app.talk.say_toned(line.tone, &line.head, &line.rest);
            if record.task.status != Status::Done {
                app.talk.warn(&format!("what was printed is the last message of {id}, and not its answer"));
            }
        }
        return Ok(code);
    }
    if !record.task.status.is_terminal() {
        app.talk.say(&format!(
            "{id} has not answered yet: it is {} · wait for it: aid wait {id}",
            record.task.status.label()
        ));
        return Ok(ExitCode::TaskFailed);
    }
    let line = human::closing(&record.view(now_ms()));
    app.talk.say_toned(line.tone, &line.head, &format!(" without an answer{}", line.rest));
    Ok(match exit::of_task(&record.task) {
        ExitCode::Good => ExitCode::NotFound,
        code => code,
    })
}
