//! Questions to the ledger. Every list has its limit in SQL; none of them reads more rows than it returns, or an index
//! of narrow ones.

use aid_core::agent::UsageSample;
use aid_core::event::{Event, Recorded};
use aid_core::id::TaskId;
use aid_core::task::{Status, Task};
use aid_core::view::{TaskRecord, Totals, usd};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::Db;
use super::error::DbError;
use super::filter::Filter;
use super::rows::{self, Damaged, EventPage, Listed, Progress, RawTask, unsigned};

/// How many earlier runs of one agent session are searched for its usage.
const SESSION_RUNS_MAX: i64 = 32;

/// What [`RawTask::of`] reads.
const RAW_TASK_SQL: &str = "SELECT t.key, t.id, st.body, sp.body FROM tasks t
    LEFT JOIN task_states st ON st.task_key = t.key LEFT JOIN specs sp ON sp.task_key = t.key";

impl Db {
    /// A task with its spec; None when there is no such task.
    ///
    /// # Errors
    /// [`DbError::DamagedTask`] when it cannot be read or was written by a newer aid; else the ledger's errors.
    pub fn task(&self, id: &TaskId) -> Result<Option<TaskRecord>, DbError> {
        let raw = self.attempt("read a task", |conn| {
            let mut statement = conn.prepare_cached(&format!("{RAW_TASK_SQL} WHERE t.id = ?1"))?;
            statement.query_row([id.as_str()], RawTask::of).optional()
        })?;
        raw.map(|raw| raw.record(&self.conn)).transpose().map_err(|reason| damaged(id, reason))
    }

    /// What a task is now, without its spec; None when there is no such task.
    ///
    /// # Errors
    /// As [`Db::task`].
    pub fn projection(&self, id: &TaskId) -> Result<Option<Task>, DbError> {
        let found = self.attempt("read a task's state", |conn| rows::load(conn, id))?;
        found.map(|(_, task)| task).transpose().map_err(|reason| damaged(id, reason))
    }

    /// The ids that begin with a text, in order, at most `limit`; an id that equals it is the only answer. An empty text
    /// names nothing.
    ///
    /// # Errors
    /// The ledger's.
    pub fn resolve(&self, prefix: &str, limit: usize) -> Result<Vec<TaskId>, DbError> {
        // Ids are ASCII, so everything that begins with the prefix sorts before the prefix and this.
        const AFTER_ASCII: char = '\u{7f}';
        if prefix.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let end = format!("{prefix}{AFTER_ASCII}");
        let ids = self.attempt("look up an id", |conn| {
            let mut statement =
                conn.prepare_cached("SELECT id FROM tasks WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3")?;
            let found = statement.query_map(params![prefix, end, row_count(limit)], |row| rows::bytes(row, 0))?;
            found.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let ids: Vec<TaskId> = ids.into_iter().flatten().filter_map(|id| parse_id(&id).ok()).collect();
        // The shortest of them sorts first.
        match ids.first() {
            Some(first) if first.as_str() == prefix => Ok(vec![first.clone()]),
            _ => Ok(ids),
        }
    }

    /// The tasks that are not final, oldest first.
    ///
    /// # Errors
    /// The ledger's.
    pub fn unsettled(&self) -> Result<Listed<TaskId>, DbError> {
        let sql = "SELECT id FROM tasks WHERE ended_at_ms IS NULL ORDER BY created_at_ms, key";
        let ids = self.attempt("list live tasks", |conn| {
            conn.prepare_cached(sql)?.query_map([], |row| rows::bytes(row, 0))?.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let mut listed = Listed::default();
        for id in ids.into_iter().map(Option::unwrap_or_default) {
            match parse_id(&id) {
                Ok(id) => listed.records.push(id),
                Err(reason) => {
                    listed.damaged.push(Damaged { id: String::from_utf8_lossy(&id).into_owned(), reason });
                }
            }
        }
        Ok(listed)
    }

    /// Tasks, newest first. One that cannot be read is named, and does not hide the others.
    ///
    /// # Errors
    /// The ledger's.
    pub fn list(&self, filter: &Filter) -> Result<Listed<TaskRecord>, DbError> {
        let raws = self.attempt("list tasks", |conn| raw_list(conn, filter))?;
        let mut listed = Listed::default();
        for raw in raws {
            match raw.record(&self.conn) {
                Ok(record) => listed.records.push(record),
                Err(reason) => listed.damaged.push(Damaged { id: raw.id_text(), reason }),
            }
        }
        Ok(listed)
    }

    /// Sums over everything that the filter lets through; its limit does not count.
    ///
    /// # Errors
    /// The ledger's.
    pub fn totals(&self, filter: &Filter) -> Result<Totals, DbError> {
        self.attempt("sum up tasks", |conn| sum(conn, filter))
    }

    /// A task's events after a place (0: from the start), oldest first, at most `limit`.
    ///
    /// # Errors
    /// [`DbError::NotFound`] when there is no such task; else the ledger's.
    pub fn events(&self, id: &TaskId, after_seq: u64, limit: usize) -> Result<EventPage, DbError> {
        let key = self.key(id)?;
        let sql = "SELECT seq, at_ms, body FROM events WHERE task_key = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
        self.attempt("read events", |conn| {
            let mut statement = conn.prepare_cached(sql)?;
            let mut found = statement.query(params![key, rows::signed(after_seq), row_count(limit)])?;
            let mut page = EventPage::default();
            while let Some(row) = found.next()? {
                let (seq, at_ms) = (unsigned(row.get(0)?), row.get(1)?);
                match rows::event(row.get_ref(2)?.as_bytes()?) {
                    Ok(event) => page.events.push(Recorded { seq, at_ms, event }),
                    Err(reason) => page.damaged.push((seq, reason)),
                }
                page.last_seq = Some(seq);
            }
            Ok(page)
        })
    }

    /// How far the agent's logs were read when the task's last events were written.
    ///
    /// # Errors
    /// [`DbError::NotFound`] when there is no such task; else the ledger's.
    pub fn progress(&self, id: &TaskId) -> Result<Progress, DbError> {
        let key = self.key(id)?;
        let sql = "SELECT out_offset, err_offset, out_events, err_events FROM task_states WHERE task_key = ?1";
        let found = self.attempt("read a task's progress", |conn| {
            let of = |row: &rusqlite::Row<'_>| {
                Ok(Progress {
                    out_offset: unsigned(row.get(0)?),
                    err_offset: unsigned(row.get(1)?),
                    out_events: unsigned(row.get(2)?),
                    err_events: unsigned(row.get(3)?),
                })
            };
            conn.prepare_cached(sql)?.query_row([key], of).optional()
        })?;
        found.ok_or_else(|| damaged(id, "its state is missing".to_owned()))
    }

    /// The answer that a task was settled with, if any.
    ///
    /// # Errors
    /// [`DbError::NotFound`] when there is no such task; [`DbError::DamagedTask`] when the answer is not text; else the
    /// ledger's.
    pub fn answer(&self, id: &TaskId) -> Result<Option<String>, DbError> {
        let key = self.key(id)?;
        let found = self.attempt("read an answer", |conn| {
            let mut statement = conn.prepare_cached("SELECT body FROM answers WHERE task_key = ?1")?;
            statement.query_row([key], |row| rows::bytes(row, 0)).optional()
        })?;
        let text = found.flatten().map(String::from_utf8).transpose();
        text.map_err(|e| damaged(id, format!("its answer is not UTF-8: {e}")))
    }

    /// What an agent's session had used in all, as its latest settled run told; None when none told.
    ///
    /// # Errors
    /// The ledger's.
    pub fn session_usage(&self, agent: &str, session: &str) -> Result<Option<UsageSample>, DbError> {
        let sql = "SELECT key FROM tasks WHERE agent = ?1 AND session = ?2 AND ended_at_ms IS NOT NULL
                   ORDER BY ended_at_ms DESC, key DESC LIMIT ?3";
        self.attempt("read a session's usage", |conn| {
            let mut statement = conn.prepare_cached(sql)?;
            let keys = statement.query_map(params![agent, session, SESSION_RUNS_MAX], |row| row.get(0))?;
            for key in keys {
                if let Some(sample) = last_cumulative(conn, key?)? {
                    return Ok(Some(sample));
                }
            }
            Ok(None)
        })
    }

    /// A number that changes whenever another connection has changed the ledger.
    ///
    /// # Errors
    /// The ledger's.
    pub fn data_version(&self) -> Result<i64, DbError> {
        self.attempt("look for changes", |conn| {
            conn.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
        })
    }

    fn key(&self, id: &TaskId) -> Result<i64, DbError> {
        let found = self.attempt("look up a task", |conn| {
            conn.prepare_cached("SELECT key FROM tasks WHERE id = ?1")?
                .query_row([id.as_str()], |row| row.get(0))
                .optional()
        })?;
        found.ok_or_else(|| DbError::NotFound { id: id.clone() })
    }
}

/// The newest tasks that the filter lets through, from an index alone.
pub(super) fn list_sql(condition: &str) -> String {
    format!("SELECT key FROM tasks WHERE {condition} ORDER BY created_at_ms DESC, key DESC LIMIT ?")
}

/// The long texts are fetched for the listed tasks alone, and never sorted.
fn raw_list(conn: &Connection, filter: &Filter) -> rusqlite::Result<Vec<RawTask>> {
    let condition = filter.listing();
    let mut values = condition.values;
    values.push(Value::from(row_count(filter.limit)));
    // One snapshot for the list and its texts.
    let tx = conn.unchecked_transaction()?;
    let mut newest = tx.prepare_cached(&list_sql(&condition.sql))?;
    let keys = newest.query_map(params_from_iter(values), |row| row.get::<_, i64>(0))?;
    let mut texts = tx.prepare_cached(&format!("{RAW_TASK_SQL} WHERE t.key = ?1"))?;
    keys.map(|key| texts.query_row([key?], RawTask::of)).collect()
}

/// One state at a time: that is one range of a covering index, and nothing has to be sorted or grouped. The sums are
/// floating point, exact up to 2^53, because a nonsense count must not overflow a sum over all tasks.
pub(super) fn totals_sql(condition: &str) -> String {
    format!(
        "SELECT count(*), count(tokens), total(tokens), count(cost_micro_usd), total(cost_micro_usd)
         FROM tasks WHERE {condition} AND status = ?"
    )
}

fn sum(conn: &Connection, filter: &Filter) -> rusqlite::Result<Totals> {
    // One snapshot for all states.
    let tx = conn.unchecked_transaction()?;
    let condition = filter.without_statuses();
    let mut statement = tx.prepare_cached(&totals_sql(&condition.sql))?;
    let mut totals = Totals::default();
    let (mut tokens, mut cost_micro_usd) = (0.0, 0.0);
    let (mut all_with_tokens, mut all_with_cost) = (0, 0);
    for status in filter.states() {
        let state = Value::from(status.name().to_owned());
        let values = condition.values.iter().chain([&state]);
        let (count, with_tokens, more_tokens, with_cost, more_cost): (i64, i64, f64, i64, f64) = statement
            .query_row(params_from_iter(values), |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })?;
        if count == 0 {
            continue;
        }
        add_count(&mut totals, status, [count, with_tokens, with_cost].map(unsigned));
        tokens += more_tokens;
        cost_micro_usd += more_cost;
        all_with_tokens += with_tokens;
        all_with_cost += with_cost;
    }
    // Nothing is known to be nothing only where there is nothing.
    let is_known = |with: i64| with > 0 || totals.tasks == 0;
    let (tokens_known, cost_known) = (is_known(all_with_tokens), is_known(all_with_cost));
    totals.tokens = tokens_known.then(|| whole(tokens));
    totals.cost_usd = cost_known.then(|| usd(whole(cost_micro_usd)));
    Ok(totals)
}

fn add_count(totals: &mut Totals, status: Status, [count, with_tokens, with_cost]: [u64; 3]) {
    totals.tasks += count;
    totals.by_status.insert(status.name().to_owned(), count);
    if status.is_terminal() {
        totals.tokens_unknown += count - with_tokens;
        totals.cost_unknown += count - with_cost;
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and sums are not negative"
)]
pub(super) fn whole(sum: f64) -> u64 {
    sum as u64
}

/// The last sample of a task that counts its whole session.
fn last_cumulative(conn: &Connection, key: i64) -> rusqlite::Result<Option<UsageSample>> {
    let mut statement = conn.prepare_cached("SELECT body FROM events WHERE task_key = ?1 ORDER BY seq DESC")?;
    let mut found = statement.query([key])?;
    while let Some(row) = found.next()? {
        let body = row.get_ref(0)?.as_bytes()?;
        if !contains(body, b"\"usage\"") {
            continue;
        }
        if let Ok(Event::Usage { sample }) = rows::event(body)
            && sample.cumulative
        {
            return Ok(Some(sample));
        }
    }
    Ok(None)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn parse_id(bytes: &[u8]) -> Result<TaskId, String> {
    TaskId::parse(rows::text(bytes)?).map_err(|e| e.to_string())
}

fn row_count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn damaged(id: &TaskId, reason: String) -> DbError {
    DbError::DamagedTask { id: id.clone(), reason }
}
