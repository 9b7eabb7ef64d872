//! Holds in the ledger: written with the settlement that shows them or ends them, and by hand. Which of them stand is
//! `aid_core::hold`'s question.

use aid_core::hold::Hold;
use rusqlite::{Connection, params};

use super::error::DbError;
use super::rows;
use super::{Db, immediate};

/// Most holds that are read: one for each pool of each account.
const HOLDS_MAX: i64 = 1_000;

/// What a settlement does to holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldChange {
    /// The run was refused.
    Set(Box<Hold>),
    /// The run was a success, so its account and its pool take work: what was refused before it began is over.
    Clear {
        /// Whose limits applied.
        account: String,
        /// The model that answered.
        pool: Option<String>,
        /// When the run began, in milliseconds since the epoch.
        began_ms: i64,
    },
}

impl Db {
    /// Every hold that was not cleared, over or not. One that cannot be read is left out: it stops nobody.
    ///
    /// # Errors
    /// The ledger's.
    pub fn holds(&self) -> Result<Vec<Hold>, DbError> {
        let bodies = self.attempt("read holds", |conn| {
            let mut statement = conn.prepare_cached("SELECT body FROM holds ORDER BY account, pool LIMIT ?1")?;
            let found = statement.query_map([HOLDS_MAX], |row| rows::bytes(row, 0))?;
            found.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        Ok(bodies.iter().flatten().filter_map(|body| serde_json::from_slice(body).ok()).collect())
    }

    /// Clears the holds of an account, or all of them; how many there were.
    ///
    /// # Errors
    /// The ledger's.
    pub fn clear_holds(&mut self, account: Option<&str>) -> Result<usize, DbError> {
        self.attempt("clear holds", |conn| {
            let tx = immediate(conn)?;
            let cleared = match account {
                Some(account) => tx.execute("DELETE FROM holds WHERE account = ?1", [account])?,
                None => tx.execute("DELETE FROM holds", [])?,
            };
            tx.commit()?;
            Ok(cleared)
        })
    }
}

/// Inside the settlement's transaction.
pub(super) fn apply(conn: &Connection, change: &HoldChange) -> rusqlite::Result<()> {
    match change {
        HoldChange::Set(hold) => {
            let body = serde_json::to_string(hold).expect("structs, strings and numbers always have a JSON form");
            let sql = "INSERT INTO holds (account, pool, since_ms, body) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT (account, pool) DO UPDATE SET since_ms = excluded.since_ms, body = excluded.body
                       WHERE excluded.since_ms >= since_ms";
            let pool = hold.pool.as_deref().unwrap_or_default();
            conn.prepare_cached(sql)?.execute(params![hold.account, pool, hold.since_ms, body]).map(drop)
        }
        HoldChange::Clear { account, pool, began_ms } => {
            let sql = "DELETE FROM holds WHERE account = ?1 AND pool IN ('', ?2, ?3) AND since_ms < ?4";
            let model = pool.as_deref().unwrap_or_default();
            // A pool may be the provider in `PROVIDER/MODEL`.
            let provider = model.split_once('/').map_or("", |(provider, _)| provider);
            conn.prepare_cached(sql)?.execute(params![account, model, provider, began_ms]).map(drop)
        }
    }
}
