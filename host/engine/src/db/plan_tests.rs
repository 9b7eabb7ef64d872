//! What queries cost, counted in SQLite's own steps and read from its plans rather than measured in time; and the two
//! failures that can only be made from inside: a lock that is never given back, and a full disk.

#[path = "../../tests/db/fixtures.rs"]
#[expect(dead_code, reason = "shared with the integration tests, which use all of it")]
mod fixtures;

use std::time::Duration;

use aid_core::task::Status;
use rusqlite::types::Value;
use rusqlite::{StatementStatus, params_from_iter};
use tempfile::TempDir;

use super::read::{list_sql, totals_sql};
use super::{AppendError, CreateError, Db, DbError, Filter};
use fixtures::{T0, message, spec, start};

fn ledger() -> (TempDir, Db) {
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&dir.path().join("aid.db")).unwrap();
    (dir, db)
}

/// Tasks of which one in a hundred is live, one in ten failed and the others are done.
fn filled(tasks: u32) -> (TempDir, Db) {
    let (dir, db) = ledger();
    let sql = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {tasks})
         INSERT INTO tasks (id, created_at_ms, ended_at_ms, status, agent, group_id, caller, session, tokens, cost_micro_usd)
         SELECT printf('t-%06x', i), i, iif(i % 100, i, NULL), iif(i % 100, iif(i % 10, 'done', 'failed'), 'running'),
                iif(i % 3, 'codex', 'gemini'), iif(i % 4, NULL, 'wg-1'), iif(i % 2, NULL, 'claude:1'), printf('s%x', i), i, i
         FROM n"
    );
    db.conn.execute_batch(&sql).unwrap();
    (dir, db)
}

/// Runs it to the end; how many steps of SQLite's machine that took.
fn steps(db: &Db, sql: &str, values: &[Value]) -> i32 {
    let mut statement = db.conn.prepare(sql).unwrap();
    let mut rows = statement.query(params_from_iter(values)).unwrap();
    while rows.next().unwrap().is_some() {}
    drop(rows);
    statement.get_status(StatementStatus::VmStep)
}

fn plan(db: &Db, sql: &str, values: &[Value]) -> String {
    let mut statement = db.conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let lines = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
    lines.map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

fn filters() -> Vec<Filter> {
    let all = Filter::default();
    let text = |t: &str| Some(t.to_owned());
    let live = vec![Status::Queued, Status::Running, Status::AwaitingInput, Status::Verifying];
    vec![
        all.clone(),
        Filter { since_ms: Some(5), ..all.clone() },
        Filter { agent: text("codex"), ..all.clone() },
        Filter { group: text("wg-1"), ..all.clone() },
        Filter { caller: text("claude:1"), ..all.clone() },
        Filter { statuses: Some(vec![Status::Failed]), ..all.clone() },
        Filter { statuses: Some(vec![Status::Failed]), agent: text("codex"), ..all.clone() },
        Filter { statuses: Some(vec![Status::Done, Status::Failed]), ..all.clone() },
        Filter { statuses: Some(live), ..all.clone() },
    ]
}

fn listing(filter: &Filter) -> (String, Vec<Value>) {
    let condition = filter.listing();
    let mut values = condition.values;
    values.push(Value::from(50));
    (list_sql(&condition.sql), values)
}

fn summing(filter: &Filter) -> (String, Vec<Value>) {
    let condition = filter.without_statuses();
    let mut values = condition.values;
    values.push(Value::from("done".to_owned()));
    (totals_sql(&condition.sql), values)
}

#[test]
fn no_query_sorts_and_none_reads_the_table_to_find_its_rows() {
    let (_dir, db) = filled(1_000);
    for filter in filters() {
        for (sql, values) in [listing(&filter), summing(&filter)] {
            let plan = plan(&db, &sql, &values);
            assert!(!plan.contains("TEMP B-TREE"), "{filter:?}\n{sql}\n{plan}");
            assert!(plan.contains("COVERING INDEX") || plan.contains("tasks_unsettled"), "{filter:?}\n{sql}\n{plan}");
        }
    }
    let live = "SELECT id FROM tasks WHERE ended_at_ms IS NULL ORDER BY created_at_ms, key";
    let plan = plan(&db, live, &[]);
    assert!(plan.contains("USING INDEX tasks_unsettled") && !plan.contains("TEMP"), "{plan}");
}

#[test]
fn a_list_costs_the_same_in_a_ledger_ten_times_as_large() {
    // Both have more than a list's worth under every filter.
    let ((_a, small), (_b, large)) = (filled(6_000), filled(60_000));
    for filter in filters() {
        let (sql, values) = listing(&filter);
        let (few, many) = (steps(&small, &sql, &values), steps(&large, &sql, &values));
        assert!(many <= few + few / 10, "{filter:?}: {few} steps, then {many}");
    }
}

#[test]
fn totals_take_few_steps_per_task() {
    const TASKS: u32 = 20_000;
    const STEPS_PER_TASK: u32 = 24;
    let (_dir, db) = filled(TASKS);
    for filter in filters() {
        let (sql, values) = summing(&filter);
        let taken = u32::try_from(steps(&db, &sql, &values)).unwrap();
        assert!(taken <= TASKS * STEPS_PER_TASK, "{filter:?}: {taken}");
    }
}

#[test]
fn nothing_live_costs_nothing() {
    let (_dir, db) = filled(20_000);
    db.conn.execute_batch("UPDATE tasks SET ended_at_ms = 1, status = 'done' WHERE ended_at_ms IS NULL").unwrap();
    let taken = steps(&db, "SELECT id FROM tasks WHERE ended_at_ms IS NULL ORDER BY created_at_ms, key", &[]);
    assert!(taken < 20, "{taken}");
    let live = Filter { statuses: Some(vec![Status::Queued, Status::Running]), ..Filter::default() };
    let (sql, values) = listing(&live);
    assert!(steps(&db, &sql, &values) < 40);
    let session = "SELECT key FROM tasks WHERE agent = 'codex' AND session = 's1' AND ended_at_ms IS NOT NULL
                   ORDER BY ended_at_ms DESC, key DESC LIMIT 32";
    assert!(steps(&db, session, &[]) < 40);
    assert!(!plan(&db, session, &[]).contains("TEMP"));
}

#[test]
fn a_lock_that_is_never_given_back_ends_in_an_error() {
    let (dir, mut db) = ledger();
    let task = db.create_task(&spec("t-1")).unwrap().id;
    let holder = Db::open(&dir.path().join("aid.db")).unwrap();
    holder.conn.execute_batch("BEGIN IMMEDIATE").unwrap();
    db.conn.busy_timeout(Duration::from_millis(1)).unwrap();
    let error = db.append(&task, T0, start(), None).unwrap_err();
    assert!(matches!(error, AppendError::Db(DbError::Busy { .. })), "{error:?}");
    let error = db.create_task(&spec("t-2")).unwrap_err();
    assert!(matches!(error, CreateError::Db(DbError::Busy { .. })), "{error:?}");
    // Readers are not in anybody's way.
    assert_eq!(db.projection(&task).unwrap().unwrap().last_seq, 1);
    holder.conn.execute_batch("ROLLBACK").unwrap();
    db.append(&task, T0, start(), None).unwrap();
}

#[test]
fn a_full_disk_is_named_and_harms_nothing() {
    let (_dir, mut db) = ledger();
    let task = db.create_task(&spec("t-1")).unwrap().id;
    db.append(&task, T0, start(), None).unwrap();
    let before = (db.projection(&task).unwrap(), db.events(&task, 0, 99).unwrap());
    let pages: i64 = db.conn.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    db.conn.pragma_update_and_check(None, "max_page_count", pages + 2, |_| Ok(())).unwrap();
    let error = db.append(&task, T0, vec![message(&"x".repeat(1 << 20))], None).unwrap_err();
    assert!(matches!(error, AppendError::Db(DbError::Full { .. })), "{error:?}");
    assert!(error.to_string().contains("free some space"), "{error}");
    assert_eq!((db.projection(&task).unwrap(), db.events(&task, 0, 99).unwrap()), before);
    db.append(&task, T0, vec![message("small")], None).unwrap();
}
