//! What commands ask the ledger, with answers a person can use: which task is meant, and what is known about it.

use aid_core::event::Recorded;
use aid_core::exit::ExitCode;
use aid_core::id::TaskId;
use aid_core::task::Task;
use aid_core::view::TaskRecord;
use aid_engine::db::{DbError, EventPage};
use aid_engine::session::Session;

use crate::error::{CliError, chain};

/// How many events are read at once.
pub(crate) const EVENTS_PAGE: usize = 1_000;
/// How many ids a message lists.
const IDS_SHOWN: usize = 10;

/// The task that an id or the beginning of one names.
///
/// # Errors
/// Not found; or usage, when several match.
pub(crate) fn resolve(session: &Session, text: &str) -> Result<TaskId, CliError> {
    let found = session.db().resolve(text, IDS_SHOWN + 1).map_err(|why| failed("look up a task", &why))?;
    match found.as_slice() {
        [id] => Ok(id.clone()),
        [] => Err(unknown(session, text)),
        several => {
            let listed = several.iter().take(IDS_SHOWN).map(TaskId::as_str).collect::<Vec<_>>().join(", ");
            let more = if several.len() > IDS_SHOWN { ", …" } else { "" };
            Err(CliError::usage(format!("{text:?} is the beginning of several ids: {listed}{more}"))
                .hint("write more of the id"))
        }
    }
}

/// Every task that is named, each once, in the order given. All problems at once.
pub(crate) fn resolve_all(session: &Session, texts: &[String]) -> Result<Vec<TaskId>, CliError> {
    let mut ids: Vec<TaskId> = Vec::new();
    let mut wrong: Option<CliError> = None;
    for text in texts {
        match (resolve(session, text), &mut wrong) {
            (Ok(id), _) if ids.contains(&id) => {}
            (Ok(id), _) => ids.push(id),
            (Err(error), Some(first)) => first.problems.extend(error.problems),
            (Err(error), none) => *none = Some(error),
        }
    }
    wrong.map_or(Ok(ids), Err)
}

/// A task with its spec.
pub(crate) fn record(session: &Session, id: &TaskId) -> Result<TaskRecord, CliError> {
    let found = session.db().task(id).map_err(|why| failed("read the task", &why))?;
    found.ok_or_else(|| CliError::not_found(format!("there is no task {id}")))
}

/// What a task is now.
pub(crate) fn projection(session: &Session, id: &TaskId) -> Result<Task, CliError> {
    let found = session.db().projection(id).map_err(|why| failed("read the task", &why))?;
    found.ok_or_else(|| CliError::not_found(format!("there is no task {id}")))
}

/// The next page of a task's events.
pub(crate) fn events_after(session: &Session, id: &TaskId, seq: u64) -> Result<EventPage, CliError> {
    session.db().events(id, seq, EVENTS_PAGE).map_err(|why| failed("read the task's events", &why))
}

/// Calls `each` with every readable event of a task, oldest first, and returns what is wrong with the others.
pub(crate) fn every_event(
    session: &Session,
    id: &TaskId,
    mut each: impl FnMut(Recorded) -> Result<(), CliError>,
) -> Result<Vec<String>, CliError> {
    let (mut seq, mut damaged) = (0, Vec::new());
    loop {
        let page = events_after(session, id, seq)?;
        page.events.into_iter().try_for_each(&mut each)?;
        damaged.extend(page.damaged.into_iter().map(|(seq, why)| format!("event {seq} of {id} cannot be read: {why}")));
        match page.last_seq {
            Some(last) => seq = last,
            None => return Ok(damaged),
        }
    }
}

/// A task's answer, if it has one.
pub(crate) fn answer(session: &Session, id: &TaskId) -> Result<Option<String>, CliError> {
    session.db().answer(id).map_err(|why| failed("read the answer", &why))
}

/// The tasks that are not final, oldest first.
pub(crate) fn unsettled(session: &Session) -> Result<Vec<TaskId>, CliError> {
    let listed = session.db().unsettled().map_err(|why| failed("list unfinished tasks", &why))?;
    Ok(listed.records)
}

/// The ledger's own refusal.
pub(crate) fn failed(doing: &str, why: &DbError) -> CliError {
    match why {
        DbError::NotFound { .. } => CliError::new(ExitCode::NotFound, chain(why)),
        _ => CliError::internal(doing, why),
    }
}

fn unknown(session: &Session, text: &str) -> CliError {
    let error = CliError::not_found(format!("there is no task {text:?}"));
    let similar = similar(session, text);
    if similar.is_empty() {
        return error.hint("list them: aid board --all");
    }
    error.hint(format!("did you mean {}?", similar.join(", ")))
}

/// Ids that share a beginning with what was written, the longest such beginning first; and the same with the usual
/// prefix, because `1a2b` is what people remember of `t-1a2b`.
fn similar(session: &Session, text: &str) -> Vec<String> {
    const SUGGESTIONS: usize = 3;
    /// Shorter beginnings match everything.
    const MIN_SHARED: usize = 4;
    let lookup = |prefix: &str| {
        let found = session.db().resolve(prefix, SUGGESTIONS).unwrap_or_default();
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    if !text.starts_with("t-") {
        let found = lookup(&format!("t-{text}"));
        if !found.is_empty() {
            return found;
        }
    }
    let shorter = text.char_indices().map(|(at, _)| at).rev().take_while(|at| *at >= MIN_SHARED);
    shorter.map(|at| lookup(&text[..at])).find(|found| !found.is_empty()).unwrap_or_default()
}
