//! Sums over tasks: use by agent and model, and how an agent's latest tasks ended. Must not price anything.

use aid_core::budget::Used;
use aid_core::task::Status;
use rusqlite::{params, params_from_iter};

use super::error::DbError;
use super::filter::Filter;
use super::rows::unsigned;
use super::{Db, rows};

/// What the tasks of one agent with one model in one state used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageRow {
    /// The agent's name.
    pub agent: String,
    /// The model that answered, else the one that was asked for; None: unknown.
    pub model: Option<String>,
    /// The state; None: one that this build does not know.
    pub status: Option<Status>,
    /// How many tasks.
    pub tasks: u64,
    /// How many of them have a known total.
    pub with_tokens: u64,
    /// How many of them have a known cost.
    pub with_cost: u64,
    /// Sums of what is known: input, cached input, cache write, output, reasoning.
    pub parts: [u64; 5],
    /// The sum of the known totals.
    pub tokens: u64,
    /// The sum of the known costs, in millionths of a US dollar.
    pub cost_micro_usd: u64,
}

/// How an agent's latest settled tasks ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct History {
    /// With its success mark.
    pub good: u32,
    /// In any way that says something about the agent: stopped and skipped ones do not.
    pub settled: u32,
}

/// How many settled tasks of an agent its history looks back at.
pub const HISTORY_TASKS: u32 = 100;

/// By agent, model and state.
pub(super) fn usage_sql(condition: &str) -> String {
    format!(
        "SELECT agent, model, status, count(*), count(tokens), count(cost_micro_usd),
                total(input), total(cached_input), total(cache_write), total(output), total(reasoning),
                total(tokens), total(cost_micro_usd)
         FROM tasks WHERE {condition} GROUP BY agent, model, status"
    )
}

/// The newest first, from an index alone.
pub(super) const HISTORY_SQL: &str = "SELECT status FROM tasks WHERE agent = ?1
    AND status IN ('done', 'merged', 'failed') ORDER BY created_at_ms DESC LIMIT ?2";

/// What a budget counts.
fn used_sql(by_agent: bool) -> String {
    let agent = if by_agent { " AND agent = ?2" } else { " AND ?2 IS NULL" };
    format!(
        "SELECT count(*), total(tokens), total(cost_micro_usd),
                count(iif(ended_at_ms IS NOT NULL AND tokens IS NULL, 1, NULL)),
                count(iif(ended_at_ms IS NOT NULL AND cost_micro_usd IS NULL, 1, NULL))
         FROM tasks WHERE created_at_ms >= ?1{agent}"
    )
}

impl Db {
    /// What was used, over everything that the filter lets through; its limit and its states do not count.
    ///
    /// # Errors
    /// The ledger's.
    pub fn usage(&self, filter: &Filter) -> Result<Vec<UsageRow>, DbError> {
        let condition = filter.without_statuses();
        self.attempt("sum up use", |conn| {
            let mut statement = conn.prepare_cached(&usage_sql(&condition.sql))?;
            let found = statement.query_map(params_from_iter(&condition.values), |row| {
                let text = |column| {
                    let bytes = rows::bytes(row, column)?;
                    Ok::<_, rusqlite::Error>(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
                };
                let count = |column| row.get::<_, i64>(column).map(unsigned);
                let sum = |column| row.get::<_, f64>(column).map(super::read::whole);
                Ok(UsageRow {
                    agent: text(0)?.unwrap_or_default(),
                    model: text(1)?,
                    status: text(2)?.as_deref().and_then(Status::from_name),
                    tasks: count(3)?,
                    with_tokens: count(4)?,
                    with_cost: count(5)?,
                    parts: [sum(6)?, sum(7)?, sum(8)?, sum(9)?, sum(10)?],
                    tokens: sum(11)?,
                    cost_micro_usd: sum(12)?,
                })
            })?;
            found.collect()
        })
    }

    /// What a budget has to count: tasks since a moment (0: always), of one agent or of all.
    ///
    /// # Errors
    /// The ledger's.
    pub fn used(&self, agent: Option<&str>, since_ms: i64) -> Result<Used, DbError> {
        self.attempt("sum up a budget", |conn| {
            conn.prepare_cached(&used_sql(agent.is_some()))?.query_row(params![since_ms, agent], |row| {
                Ok(Used {
                    tasks: row.get(0).map(unsigned)?,
                    tokens: row.get(1).map(super::read::whole)?,
                    cost_micro_usd: row.get(2).map(super::read::whole)?,
                    tokens_unknown: row.get(3).map(unsigned)?,
                    cost_unknown: row.get(4).map(unsigned)?,
                })
            })
        })
    }

    /// How an agent's latest tasks ended.
    ///
    /// # Errors
    /// The ledger's.
    pub fn history(&self, agent: &str) -> Result<History, DbError> {
        self.attempt("read an agent's history", |conn| {
            let mut statement = conn.prepare_cached(HISTORY_SQL)?;
            let found = statement.query_map(params![agent, HISTORY_TASKS], |row| rows::bytes(row, 0))?;
            let mut history = History::default();
            for status in found {
                history.settled += 1;
                history.good += u32::from(status?.as_deref() != Some(Status::Failed.name().as_bytes()));
            }
            Ok(history)
        })
    }
}
