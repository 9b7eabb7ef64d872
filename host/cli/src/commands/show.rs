//! `aid show`: one task, as a summary or one part of it whole.

use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _};

use aid_core::exit::ExitCode;
use aid_core::id::TaskId;
use aid_core::text::{sanitize_block, sanitize_line};
use aid_core::view::{EventView, ShowView};
use aid_engine::home::TaskLog;
use aid_engine::session::Session;

use crate::app::{App, now_ms};
use crate::error::{CliError, Outcome};
use crate::ledger;
use crate::output::{Tone, human};

/// How much of a log is read at once, in bytes.
const CHUNK_BYTES: usize = 64 * 1024;
/// Longest line of a log that is shown to people in one piece, in bytes.
const LINE_BYTES: u64 = 1024 * 1024;

/// Show what is known about a task
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The task: its id, or the beginning of it
    id: String,

    /// Every event, one line each
    #[arg(long, group = "part")]
    events: bool,

    /// The answer
    #[arg(long, group = "part")]
    output: bool,

    /// What the agent wrote, as it wrote it
    #[arg(long, group = "part")]
    log: bool,

    /// The prompt as the agent got it
    #[arg(long, group = "part")]
    prompt: bool,

    /// Everything as JSON
    #[arg(long, group = "part")]
    json: bool,
}

/// Shows the task.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    let session = app.session_with_tasks()?;
    let id = ledger::resolve(&session, &args.id)?;
    if args.output {
        return super::output::answer(app, &session, &id);
    }
    if args.log {
        return log(app, &session, &id);
    }
    if args.prompt {
        return prompt(app, &session, &id);
    }
    if args.events {
        return events(app, &session, &id);
    }
    if args.json { whole(app, &session, &id) } else { summary(app, &session, &id) }
}

fn summary(app: &mut App, session: &Session, id: &TaskId) -> Outcome {
    let record = ledger::record(session, id)?;
    let mut story = human::Story::default();
    let damaged = ledger::every_event(session, id, |recorded| {
        story.add(&recorded);
        Ok(())
    })?;
    damaged.iter().for_each(|why| app.talk.warn(why));
    let text = human::show(&record, &record.view(now_ms()), &story, app.out.paint());
    app.out.line(&text)?;
    Ok(ExitCode::Good)
}

fn whole(app: &mut App, session: &Session, id: &TaskId) -> Outcome {
    let mut events = Vec::new();
    let damaged = ledger::every_event(session, id, |recorded| {
        events.push(EventView::of(recorded));
        Ok(())
    })?;
    damaged.iter().for_each(|why| app.talk.warn(why));
    let task = ledger::record(session, id)?.view(now_ms());
    app.out.json(&ShowView { task, events, output: ledger::answer(session, id)? })?;
    Ok(ExitCode::Good)
}

fn events(app: &mut App, session: &Session, id: &TaskId) -> Outcome {
    let paint = app.out.paint();
    let damaged = ledger::every_event(session, id, |recorded| {
        let (at, kind) = (human::clock_time(recorded.at_ms), recorded.event.kind());
        let tone = human::progress(&recorded.event).map_or(Tone::Faint, |(tone, _)| tone);
        let line = format!("{at}  {}  {}", paint.tone(tone, &format!("{kind:<13}")), human::detail(&recorded.event));
        app.out.line(line.trim_end())
    })?;
    damaged.iter().for_each(|why| app.talk.warn(why));
    Ok(ExitCode::Good)
}

fn prompt(app: &mut App, session: &Session, id: &TaskId) -> Outcome {
    let text = ledger::record(session, id)?.spec.full_prompt;
    if app.out.is_terminal() {
        app.out.line(&sanitize_block(text.trim_end()))?;
    } else {
        app.out.bytes(text.as_bytes())?;
    }
    Ok(ExitCode::Good)
}

/// Byte for byte for a program; harmless for a person.
fn log(app: &mut App, session: &Session, id: &TaskId) -> Outcome {
    let path = session.home().log(id, TaskLog::Out);
    let failed = |why: std::io::Error| CliError::internal(&format!("read {}", path.display()), &why);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(why) if why.kind() == ErrorKind::NotFound => {
            app.talk.say(&format!("{id} has no log: its agent has written nothing"));
            return Ok(ExitCode::Good);
        }
        Err(why) => return Err(failed(why)),
    };
    let mut reader = BufReader::with_capacity(CHUNK_BYTES, file);
    if app.out.is_terminal() {
        let mut line = Vec::new();
        while reader.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line).map_err(failed)? > 0 {
            app.out.line(&sanitize_line(String::from_utf8_lossy(&line).trim_end()))?;
            line.clear();
        }
        return Ok(ExitCode::Good);
    }
    loop {
        let chunk = reader.fill_buf().map_err(failed)?;
        if chunk.is_empty() || app.out.is_closed() {
            return Ok(ExitCode::Good);
        }
        let length = chunk.len();
        app.out.bytes(chunk)?;
        reader.consume(length);
    }
}
