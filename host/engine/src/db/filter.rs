//! Which tasks a list or a sum is about, and how that is said in SQL.

use aid_core::task::Status;
use rusqlite::types::Value;

/// How many rows a list has when nobody says otherwise.
pub const DEFAULT_LIMIT: usize = 50;

/// Which tasks. None lets everything through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// In one of these states.
    pub statuses: Option<Vec<Status>>,
    /// Dispatched at this moment or later, in milliseconds since the epoch.
    pub since_ms: Option<i64>,
    /// Of this workgroup.
    pub group: Option<String>,
    /// By this agent.
    pub agent: Option<String>,
    /// Dispatched by this caller.
    pub caller: Option<String>,
    /// At most this many rows; sums ignore it.
    pub limit: usize,
}

impl Default for Filter {
    /// Everything, [`DEFAULT_LIMIT`] rows of it.
    fn default() -> Self {
        Self { statuses: None, since_ms: None, group: None, agent: None, caller: None, limit: DEFAULT_LIMIT }
    }
}

/// A condition and its parameters, in order.
pub(super) struct Condition {
    /// Goes after WHERE.
    pub(super) sql: String,
    /// The values of its question marks.
    pub(super) values: Vec<Value>,
}

impl Filter {
    /// The condition for a list, newest first.
    pub(super) fn listing(&self) -> Condition {
        let mut condition = self.without_statuses();
        let Some(statuses) = &self.statuses else { return condition };
        // One state is a range of an index in the wanted order. Several are not: the `+` keeps SQLite from sorting all of
        // them, and lets it walk the newest tasks instead.
        let marks = vec!["?"; statuses.len()].join(", ");
        let sql = if statuses.len() == 1 { " AND status = ?".to_owned() } else { format!(" AND +status IN ({marks})") };
        condition.sql.push_str(&sql);
        condition.values.extend(statuses.iter().map(|s| Value::from(s.name().to_owned())));
        if statuses.iter().all(|s| !s.is_terminal()) {
            condition.sql.push_str(" AND ended_at_ms IS NULL");
        }
        condition
    }

    /// The condition for sums, which take one state at a time.
    pub(super) fn without_statuses(&self) -> Condition {
        let since = self.since_ms.map(Value::from);
        let text = |value: &Option<String>| value.clone().map(Value::from);
        let parts = [
            ("created_at_ms >= ?", since),
            ("group_id = ?", text(&self.group)),
            ("agent = ?", text(&self.agent)),
            ("caller = ?", text(&self.caller)),
        ];
        let mut condition = Condition { sql: "TRUE".to_owned(), values: Vec::new() };
        for (sql, value) in parts {
            if let Some(value) = value {
                condition.sql.push_str(" AND ");
                condition.sql.push_str(sql);
                condition.values.push(value);
            }
        }
        condition
    }

    /// The states to sum over.
    pub(super) fn states(&self) -> Vec<Status> {
        let wanted = |status: &Status| self.statuses.as_ref().is_none_or(|s| s.contains(status));
        Status::ALL.into_iter().filter(wanted).collect()
    }
}
