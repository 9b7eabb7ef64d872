//! The ledger as a test changes it behind aid's back: time that has passed, and what a crash kept from being written.

use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::bed::Bed;

const MINUTE_MS: i64 = 60_000;

/// Lets so much time have passed since the task's agent started.
pub(crate) fn age(bed: &Bed, id: &str, minutes: i64) {
    change(bed, id, |_, _, state| {
        let started = state["started_at_ms"].as_i64().expect("it was started");
        state["started_at_ms"] = json!(started - minutes * MINUTE_MS);
    });
}

/// Undoes the record of the agent's start, the last thing in the log: the runner died right before it wrote that.
pub(crate) fn forget_start(bed: &Bed, id: &str) {
    change(bed, id, |db, key, state| {
        let last = "SELECT body FROM events WHERE task_key = ?1 AND seq = ?2";
        let seq = state["last_seq"].as_i64().expect("a place");
        let body: String = db.query_row(last, params![key, seq], |row| row.get(0)).expect("the last event");
        assert!(body.contains("\"started\""), "the start is not the last event: {body}");
        let gone = db.execute("DELETE FROM events WHERE task_key = ?1 AND seq = ?2", params![key, seq]);
        assert_eq!(gone.expect("the ledger can be written"), 1);
        db.execute("UPDATE tasks SET status = 'queued' WHERE key = ?1", params![key])
            .expect("the ledger can be written");
        state["last_seq"] = json!(seq - 1);
        state["status"] = json!("queued");
        state["agent"] = Value::Null;
        state["started_at_ms"] = Value::Null;
    });
}

/// Whether nobody is in the middle of writing.
pub(crate) fn is_free(bed: &Bed) -> bool {
    let db = Connection::open(bed.world.aid_home().join("aid.db")).expect("the ledger");
    db.busy_timeout(std::time::Duration::ZERO).expect("a setting");
    db.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok()
}

fn change(bed: &Bed, id: &str, with: impl FnOnce(&Connection, i64, &mut Value)) {
    let mut db = Connection::open(bed.world.aid_home().join("aid.db")).expect("the ledger");
    let tx = db.transaction().expect("a transaction");
    let row = "SELECT s.task_key, s.body FROM task_states s JOIN tasks t ON t.key = s.task_key WHERE t.id = ?1";
    let (key, body): (i64, String) = tx.query_row(row, [id], |row| Ok((row.get(0)?, row.get(1)?))).expect("the task");
    let mut state: Value = serde_json::from_str(&body).expect("JSON");
    with(&tx, key, &mut state);
    let changed = tx.execute("UPDATE task_states SET body = ?2 WHERE task_key = ?1", params![key, state.to_string()]);
    assert_eq!(changed.expect("the ledger can be written"), 1);
    tx.commit().expect("the ledger can be written");
}
