//! The only two ways in which the ledger changes: a task is created, and events are appended to it.

use aid_core::event::{Event, Recorded};
use aid_core::id::TaskId;
use aid_core::spec::TaskSpec;
use aid_core::task::{Effect, Illegal, Task, step};
use rusqlite::types::Value;
use rusqlite::{Connection, Transaction, params, params_from_iter};

use super::error::{AppendError, CreateError, DbError};
use super::holds::{self, HoldChange};
use super::rows::{self, Appended, Progress, signed};
use super::{Db, immediate, with_attempts};

impl Db {
    /// Claims the spec's id and stores the task with its first event, at the spec's own time.
    ///
    /// # Errors
    /// [`CreateError::Taken`] when the id belongs to another task; [`CreateError::Db`] otherwise. Nothing is written then.
    pub fn create_task(&mut self, spec: &TaskSpec) -> Result<Task, CreateError> {
        let created = Recorded { seq: 1, at_ms: spec.created_at_ms, event: Event::Created };
        let task = step(&Task::new(spec.id.clone()), &created)
            .expect("a new task takes its first event: core's tables say so")
            .task;
        let (spec_body, state_body, body) = (json(spec), json(&task), json(&created.event));
        let claimed = self.attempt("create a task", |conn| {
            let tx = immediate(conn)?;
            let Some(key) = claim(&tx, spec, &task)? else { return Ok(false) };
            tx.prepare_cached("INSERT INTO specs (task_key, body) VALUES (?1, ?2)")?
                .execute(params![key, spec_body])?;
            tx.prepare_cached("INSERT INTO task_states (task_key, body) VALUES (?1, ?2)")?
                .execute(params![key, state_body])?;
            insert_event(&tx, key, &created, &body)?;
            tx.commit()?;
            Ok(true)
        })?;
        if claimed { Ok(task) } else { Err(CreateError::Taken { id: spec.id.clone() }) }
    }

    /// Appends events in order, all at one moment, and stores the task they lead to. `progress` says how far the logs
    /// were read to get them. One transaction: all of it or nothing.
    ///
    /// # Errors
    /// [`AppendError::Illegal`] when one of them cannot happen now; [`AppendError::Db`] when there is no such task, or
    /// the ledger cannot be read or written. Nothing is written then.
    pub fn append(
        &mut self,
        id: &TaskId,
        at_ms: i64,
        events: Vec<Event>,
        progress: Option<&Progress>,
    ) -> Result<Appended, AppendError> {
        Batch::new(at_ms, events, progress, Ending::default()).write(self, id)
    }

    /// Appends events of which the last settles the task, and stores with it what it ended with.
    ///
    /// # Errors
    /// [`AppendError::NotASettlement`] when the last event is another one; [`AppendError::Illegal`] with
    /// [`Illegal::Final`] when somebody else has settled it first; else as [`Db::append`]. Nothing is written then.
    pub fn settle<'a>(
        &mut self,
        id: &TaskId,
        at_ms: i64,
        events: Vec<Event>,
        ending: impl Into<Ending<'a>>,
        progress: Option<&Progress>,
    ) -> Result<Task, AppendError> {
        match events.last() {
            Some(Event::Settled { .. }) => {}
            other => {
                let last = other.map_or("missing", Event::kind);
                return Err(AppendError::NotASettlement { id: id.clone(), last });
            }
        }
        Ok(Batch::new(at_ms, events, progress, ending.into()).write(self, id)?.task)
    }
}

/// What one transaction writes.
struct Batch<'a> {
    /// Their places are filled in inside the transaction.
    events: Vec<Recorded>,
    /// Their JSON, made before anything is locked.
    bodies: Vec<String>,
    progress: Option<&'a Progress>,
    ending: Ending<'a>,
}

/// What a task ends with, besides its last events.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ending<'a> {
    /// Its answer.
    pub answer: Option<&'a str>,
    /// What it shows about who can take work.
    pub hold: Option<&'a HoldChange>,
}

impl<'a> From<Option<&'a str>> for Ending<'a> {
    fn from(answer: Option<&'a str>) -> Self {
        Self { answer, hold: None }
    }
}

/// How a transaction ended that SQLite had no objection to.
enum Outcome {
    Written(Box<Appended>),
    NoSuchTask,
    Damaged(String),
    Illegal(Illegal),
}

impl<'a> Batch<'a> {
    fn new(at_ms: i64, events: Vec<Event>, progress: Option<&'a Progress>, ending: Ending<'a>) -> Self {
        let bodies = events.iter().map(json).collect();
        let events = events.into_iter().map(|event| Recorded { seq: 0, at_ms, event }).collect();
        Self { events, bodies, progress, ending }
    }

    fn write(mut self, db: &mut Db, id: &TaskId) -> Result<Appended, AppendError> {
        let outcome = with_attempts(&db.conn, |conn| self.transaction(conn, id))
            .map_err(|e| DbError::from_sqlite(&db.path, "append events", e))?;
        match outcome {
            Outcome::Written(appended) => Ok(*appended),
            Outcome::Illegal(illegal) => Err(illegal.into()),
            Outcome::NoSuchTask => Err(DbError::NotFound { id: id.clone() }.into()),
            Outcome::Damaged(reason) => Err(DbError::DamagedTask { id: id.clone(), reason }.into()),
        }
    }

    /// Leaving early rolls back.
    fn transaction(&mut self, conn: &Connection, id: &TaskId) -> rusqlite::Result<Outcome> {
        let tx = immediate(conn)?;
        let (key, before) = match rows::load(&tx, id)? {
            None => return Ok(Outcome::NoSuchTask),
            Some((_, Err(reason))) => return Ok(Outcome::Damaged(reason)),
            Some((key, Ok(task))) => (key, task),
        };
        let (after, effects) = match self.fold(&before) {
            Ok(folded) => folded,
            Err(illegal) => return Ok(Outcome::Illegal(illegal)),
        };
        for (recorded, body) in self.events.iter().zip(&self.bodies) {
            insert_event(&tx, key, recorded, body)?;
        }
        update_state(&tx, key, &before, &after)?;
        if let Some(progress) = self.progress {
            update_progress(&tx, key, progress)?;
        }
        if let Some(change) = self.ending.hold {
            holds::apply(&tx, change)?;
        }
        if let Some(answer) = self.ending.answer {
            tx.prepare_cached("INSERT INTO answers (task_key, body) VALUES (?1, ?2)")?.execute(params![key, answer])?;
        }
        tx.commit()?;
        Ok(Outcome::Written(Box::new(Appended { first_seq: before.last_seq + 1, task: after, effects })))
    }

    fn fold(&mut self, before: &Task) -> Result<(Task, Vec<Effect>), Illegal> {
        let mut task = before.clone();
        let mut effects = Vec::new();
        for recorded in &mut self.events {
            recorded.seq = task.last_seq + 1;
            let next = step(&task, recorded)?;
            task = next.task;
            effects.extend(next.effects);
        }
        Ok((task, effects))
    }
}

/// The new task's key; None when its id is taken.
fn claim(tx: &Transaction<'_>, spec: &TaskSpec, task: &Task) -> rusqlite::Result<Option<i64>> {
    let sql = "INSERT INTO tasks (id, created_at_ms, status, agent, group_id, caller, parent, model)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING";
    let parent = spec.parent.as_ref().map(TaskId::as_str);
    let TaskSpec { id, created_at_ms, agent, group, caller, model, .. } = spec;
    let values = params![id.as_str(), created_at_ms, task.status.name(), agent, group, caller, parent, model];
    let inserted = tx.prepare_cached(sql)?.execute(values)?;
    Ok((inserted == 1).then(|| tx.last_insert_rowid()))
}

fn insert_event(tx: &Transaction<'_>, key: i64, recorded: &Recorded, body: &str) -> rusqlite::Result<()> {
    tx.prepare_cached("INSERT INTO events (task_key, seq, at_ms, body) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![key, signed(recorded.seq), recorded.at_ms, body])
        .map(drop)
}

fn update_state(tx: &Transaction<'_>, key: i64, before: &Task, after: &Task) -> rusqlite::Result<()> {
    // A damaged state was read from the log instead; this repairs it, also where the row was missing.
    let sql = "INSERT INTO task_states (task_key, body) VALUES (?1, ?2)
               ON CONFLICT (task_key) DO UPDATE SET body = excluded.body";
    tx.prepare_cached(sql)?.execute(params![key, json(after)])?;
    let columns = columns(after);
    // Most batches change none of them, and each is in an index.
    if columns == self::columns(before) {
        return Ok(());
    }
    let sql = "UPDATE tasks SET status = ?2, ended_at_ms = ?3, session = ?4, tokens = ?5, cost_micro_usd = ?6,
                      model = coalesce(?7, model), input = ?8, cached_input = ?9, cache_write = ?10, output = ?11,
                      reasoning = ?12
               WHERE key = ?1";
    let values = std::iter::once(Value::from(key)).chain(columns);
    tx.prepare_cached(sql)?.execute(params_from_iter(values)).map(drop)
}

/// The columns that lists are filtered and summed by.
fn columns(task: &Task) -> [Value; 11] {
    let used = task.usage.unwrap_or_default();
    let count = |count: Option<u64>| Value::from(count.map(signed));
    [
        Value::from(task.status.name().to_owned()),
        Value::from(task.ended_at_ms),
        Value::from(task.session.clone()),
        count(used.total()),
        count(task.cost_micro_usd),
        Value::from(task.model_seen.clone()),
        count(used.input),
        count(used.cached_input),
        count(used.cache_write),
        count(used.output),
        count(used.reasoning),
    ]
}

fn update_progress(tx: &Transaction<'_>, key: i64, progress: &Progress) -> rusqlite::Result<()> {
    let sql =
        "UPDATE task_states SET out_offset = ?2, err_offset = ?3, out_events = ?4, err_events = ?5 WHERE task_key = ?1";
    let Progress { out_offset, err_offset, out_events, err_events } = *progress;
    tx.prepare_cached(sql)?
        .execute(params![key, signed(out_offset), signed(err_offset), signed(out_events), signed(err_events)])
        .map(drop)
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("structs, strings and numbers always have a JSON form")
}
