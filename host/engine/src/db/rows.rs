//! The shapes that go in and out of the ledger, and how stored text becomes one of them again.
//!
//! Stored text is never trusted: whatever is wrong with a row is said about that row.

use aid_core::event::{Event, Recorded};
use aid_core::id::TaskId;
use aid_core::spec;
use aid_core::task::{Effect, Task, step};
use aid_core::view::TaskRecord;
use rusqlite::{Connection, OptionalExtension, Row};

/// How far an agent's log files have been read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of stdout read.
    pub out_offset: u64,
    /// Bytes of stderr read.
    pub err_offset: u64,
    /// Adapter events that came from stdout.
    pub out_events: u64,
    /// Adapter events that came from stderr.
    pub err_events: u64,
}

/// What an append did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The task after it.
    pub task: Task,
    /// The place of the first event appended.
    pub first_seq: u64,
    /// What has to be done because of the events, in their order.
    pub effects: Vec<Effect>,
}

/// Rows that could be read, and the ones that could not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// The good ones, in the order asked for.
    pub records: Vec<T>,
    /// The others.
    pub damaged: Vec<Damaged>,
}

/// A row that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// The task's id as stored.
    pub id: String,
    /// What is wrong.
    pub reason: String,
}

/// A part of a task's event log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventPage {
    /// In order.
    pub events: Vec<Recorded>,
    /// Places of events that cannot be read, with the reason: damaged, or of a newer aid.
    pub damaged: Vec<(u64, String)>,
    /// The last place that was looked at, readable or not; None at the end of the log.
    pub last_seq: Option<u64>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { records: Vec::new(), damaged: Vec::new() }
    }
}

/// A task's row before anybody has tried to understand it.
pub(super) struct RawTask {
    pub(super) key: i64,
    pub(super) id: Vec<u8>,
    pub(super) state: Option<Vec<u8>>,
    pub(super) spec: Option<Vec<u8>>,
}

impl RawTask {
    /// Reads `key, id, state, spec`.
    pub(super) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            key: row.get(0)?,
            id: bytes(row, 1)?.unwrap_or_default(),
            state: bytes(row, 2)?,
            spec: bytes(row, 3)?,
        })
    }

    /// The id as text, whatever it is.
    pub(super) fn id_text(&self) -> String {
        String::from_utf8_lossy(&self.id).into_owned()
    }

    /// The task with its spec.
    pub(super) fn record(&self, conn: &Connection) -> Result<TaskRecord, String> {
        let id = self.id()?;
        let task = state(conn, self.key, &id, self.state.as_deref())?;
        let stored = self.spec.as_deref().ok_or("its spec is missing")?;
        let spec = spec::read(text(stored)?).map_err(|e| e.to_string())?;
        if spec.id != id {
            return Err(format!("its spec belongs to task {}", spec.id));
        }
        Ok(TaskRecord { spec, task })
    }

    fn id(&self) -> Result<TaskId, String> {
        TaskId::parse(text(&self.id)?).map_err(|e| e.to_string())
    }
}

/// A stored text as bytes: SQLite does not promise that it is UTF-8.
pub(super) fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Vec<u8>>> {
    Ok(row.get_ref(column)?.as_bytes_or_null()?.map(<[u8]>::to_vec))
}

pub(super) fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|e| format!("its text is not UTF-8: {e}"))
}

/// The stored state, or, when this build cannot read that, the fold of the events it stands for.
pub(super) fn state(conn: &Connection, key: i64, id: &TaskId, stored: Option<&[u8]>) -> Result<Task, String> {
    let read = stored.and_then(|bytes| serde_json::from_slice::<Task>(bytes).ok());
    match read {
        Some(task) if task.id == *id => Ok(task),
        _ => fold(conn, key, id),
    }
}

fn fold(conn: &Connection, key: i64, id: &TaskId) -> Result<Task, String> {
    let damaged = |e: rusqlite::Error| format!("its events cannot be read: {e}");
    let mut rows =
        conn.prepare_cached("SELECT seq, at_ms, body FROM events WHERE task_key = ?1 ORDER BY seq").map_err(damaged)?;
    let mut rows = rows.query([key]).map_err(damaged)?;
    let mut task = Task::new(id.clone());
    while let Some(row) = rows.next().map_err(damaged)? {
        let (seq, at_ms) = (unsigned(row.get(0).map_err(damaged)?), row.get(1).map_err(damaged)?);
        let event = event(&bytes(row, 2).map_err(damaged)?.unwrap_or_default())?;
        let recorded = Recorded { seq, at_ms, event };
        task = step(&task, &recorded).map_err(|e| format!("its state is unreadable, and so is its log: {e}"))?.task;
    }
    if task.last_seq == 0 {
        return Err("it has no readable state and no events".to_owned());
    }
    Ok(task)
}

pub(super) fn event(body: &[u8]) -> Result<Event, String> {
    serde_json::from_slice(body).map_err(|e| format!("an event cannot be read: {e}"))
}

/// A task's key and state; None when there is no such task.
pub(super) fn load(conn: &Connection, id: &TaskId) -> rusqlite::Result<Option<(i64, Result<Task, String>)>> {
    let sql = "SELECT t.key, s.body FROM tasks t LEFT JOIN task_states s ON s.task_key = t.key WHERE t.id = ?1";
    let found = conn
        .prepare_cached(sql)?
        .query_row([id.as_str()], |row| Ok((row.get::<_, i64>(0)?, bytes(row, 1)?)))
        .optional()?;
    Ok(found.map(|(key, stored)| (key, state(conn, key, id, stored.as_deref()))))
}

/// SQLite's integers are signed. Counts and offsets never come near the limit; a nonsense one is kept as the largest.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The way back; a negative count can only come from damage.
pub(super) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
