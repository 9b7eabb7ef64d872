//! `aid watch`: follows tasks until they are final: live lines for people, one line per change, or JSON lines.

use aid_core::event::Recorded;
use aid_core::exit::{self, ExitCode};
use aid_core::id::TaskId;
use aid_core::task::Status;
use aid_core::text::cut_to_width;
use aid_core::view::StreamLine;
use aid_engine::session::{Session, Wake};

use crate::app::{App, now_ms};
use crate::error::{CliError, Outcome};
use crate::follow::{self, Follower, Seen};
use crate::ledger;
use crate::output::{Out, Talk, human};

/// Follow tasks until they are final
///
/// Without ids: everything unfinished. The exit code is 0 when all tasks are good, else that of the first, in the
/// order given, that is not.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The tasks: ids, or the beginnings of them
    ids: Vec<String>,

    /// One line for each change of state
    #[arg(long, group = "form")]
    quiet: bool,

    /// One JSON object for each event, from the first
    #[arg(long, group = "form")]
    stream: bool,

    /// Return as soon as one of them waits for input
    #[arg(long)]
    exit_on_await: bool,
}

/// Follows the tasks.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    let Some(mut session) = (if args.ids.is_empty() { app.reading()? } else { Some(app.session_with_tasks()?) }) else {
        return nothing(app);
    };
    let ids =
        if args.ids.is_empty() { ledger::unsettled(&session)? } else { ledger::resolve_all(&session, &args.ids)? };
    if ids.is_empty() {
        return nothing(app);
    }
    if args.quiet { quiet(args, app, &mut session, &ids) } else { follow(args, app, &mut session, ids) }
}

fn nothing(app: &App) -> Outcome {
    app.talk.say("nothing to watch: no task is unfinished");
    Ok(ExitCode::Good)
}

/// Every event, as a line for people or for programs.
fn follow(args: &Args, app: &mut App, session: &mut Session, ids: Vec<TaskId>) -> Outcome {
    let single = ids.len() == 1;
    let mut follower = Follower::new(session, ids.clone())?;
    loop {
        follower.drain(session, |seen| match (seen, args.stream) {
            (Seen::Event(id, recorded), true) => app.out.json_line(&StreamLine::of(id.clone(), recorded)),
            (Seen::Event(id, recorded), false) => show(&mut app.out, id, &recorded, single),
            (Seen::Damaged(id, why), _) => {
                app.talk.warn(&format!("{id}: {why}"));
                Ok(())
            }
        })?;
        app.out.flush()?;
        if follower.all_settled() {
            break;
        }
        if app.out.is_closed() {
            return Ok(ExitCode::Good);
        }
        if args.exit_on_await
            && let Some(code) = awaiting(app, session, &ids)?
        {
            return Ok(code);
        }
        if follower.wait(session, None)? == Wake::Interrupted {
            return Ok(ExitCode::Interrupted);
        }
    }
    if !args.stream {
        for id in &ids {
            close(&mut app.out, session, id)?;
        }
    }
    verdict(session, &ids)
}

fn show(out: &mut Out, id: &TaskId, recorded: &Recorded, single: bool) -> Result<(), CliError> {
    let Some((tone, text)) = human::progress(&recorded.event) else { return Ok(()) };
    let at = human::clock_time(recorded.at_ms);
    let head = if single { at } else { format!("{at}  {id}") };
    let room = out.columns().map_or(usize::MAX, |columns| columns.saturating_sub(head.len() + 2));
    let line = format!("{head}  {}", out.paint().tone(tone, &cut_to_width(&text, room)));
    out.line(&line)
}

fn close(out: &mut Out, session: &Session, id: &TaskId) -> Result<(), CliError> {
    let line = human::closing(&ledger::record(session, id)?.view(now_ms()));
    let text = format!("{}{}", out.paint().tone(line.tone, &line.head), line.rest);
    out.line(&text)
}

/// Changes of state alone. The events in between are not even read.
fn quiet(args: &Args, app: &mut App, session: &mut Session, ids: &[TaskId]) -> Outcome {
    let mut watch = session.watch().map_err(|why| CliError::internal("watch the ledger", &why))?;
    let mut known: Vec<Option<Status>> = vec![None; ids.len()];
    loop {
        for at in 0..ids.len() {
            if known[at].is_some_and(Status::is_terminal) {
                continue;
            }
            let task = ledger::projection(session, &ids[at])?;
            if known[at].replace(task.status) != Some(task.status) {
                let settled = known.iter().flatten().filter(|status| status.is_terminal()).count();
                changed(&mut app.out, session, &ids[at], settled, ids.len())?;
            }
        }
        app.out.flush()?;
        let live =
            |(id, status): (&TaskId, &Option<Status>)| (!status.is_some_and(Status::is_terminal)).then(|| id.clone());
        let live: Vec<TaskId> = ids.iter().zip(&known).filter_map(live).collect();
        if live.is_empty() {
            return verdict(session, ids);
        }
        if args.exit_on_await
            && let Some(code) = awaiting(app, session, ids)?
        {
            return Ok(code);
        }
        if follow::wait(&mut watch, session, &live, None)? == Wake::Interrupted {
            return Ok(ExitCode::Interrupted);
        }
    }
}

/// `[1/2] t-1a2b DONE (12s, 1.2k tokens, $0.0123)`
fn changed(out: &mut Out, session: &Session, id: &TaskId, settled: usize, all: usize) -> Result<(), CliError> {
    let view = ledger::record(session, id)?.view(now_ms());
    let label = out.paint().tone(human::tone_of(&view), &human::label(&view));
    let sums = if view.status.is_terminal() { format!(" ({})", human::counted(&view)) } else { String::new() };
    out.line(&format!("[{settled}/{all}] {id} {label}{sums}"))
}

/// The first task that waits for input, said aloud.
fn awaiting(app: &mut App, session: &Session, ids: &[TaskId]) -> Result<Option<ExitCode>, CliError> {
    for id in ids {
        let task = ledger::projection(session, id)?;
        if task.status == Status::AwaitingInput {
            let question = human::gist(task.milestone.as_deref().unwrap_or_default());
            app.out.line(format!("{id} {question}").trim_end())?;
            say_how_to_go_on(&app.talk, id);
            return Ok(Some(exit::of_task(&task)));
        }
    }
    Ok(None)
}

fn say_how_to_go_on(talk: &Talk, id: &TaskId) {
    talk.say(&format!("{id} waits for input · watch on: aid watch {id} · stop it: aid stop {id}"));
}

/// Good when all are, else the code of the first that is not.
pub(super) fn verdict(session: &Session, ids: &[TaskId]) -> Outcome {
    for id in ids {
        let code = exit::of_task(&ledger::projection(session, id)?);
        if code != ExitCode::Good {
            return Ok(code);
        }
    }
    Ok(ExitCode::Good)
}
