//! Lists, sums, lookups and pages; and one bad row that stays one bad row.

use aid_core::event::Event;
use aid_core::id::TaskId;
use aid_core::task::Status;
use aid_engine::db::{AppendError, Db, DbError, Filter};

use crate::fixtures::{T0, cumulative, done, done_with, failed, id, message, stopped};
use crate::support::{Home, create, create_with, log, running};

fn listed(db: &Db, filter: &Filter) -> Vec<String> {
    let listed = db.list(filter).unwrap();
    assert_eq!(listed.damaged, []);
    listed.records.iter().map(|r| r.task.id.to_string()).collect()
}

/// Six tasks, a second apart: three agents' worth of states, two groups, two callers.
fn six() -> (Home, Db) {
    let home = Home::new();
    let mut db = home.open();
    let rows = [
        ("a1", "codex", Some("wg-1"), None),
        ("a2", "codex", Some("wg-1"), Some("claude:1")),
        ("a3", "gemini", Some("wg-2"), Some("claude:1")),
        ("a4", "gemini", None, Some("claude:2")),
        ("a5", "codex", None, None),
        ("a6", "codex", None, None),
    ];
    for (n, (name, agent, group, caller)) in (0i64..).zip(rows) {
        create_with(&mut db, name, |spec| {
            spec.created_at_ms = T0 + n * 1_000;
            spec.agent = agent.to_owned();
            spec.group = group.map(str::to_owned);
            spec.caller = caller.map(str::to_owned);
        });
    }
    let mut begin = |name: &str| db.append(&id(name), T0, crate::fixtures::start(), None).map(drop).unwrap();
    ["a1", "a2", "a3", "a5"].into_iter().for_each(&mut begin);
    db.settle(&id("a1"), T0, done_with("s", Some(700), Some(1_500_000)), None, None).unwrap();
    db.settle(&id("a2"), T0, done_with("s", Some(300), None), None, None).unwrap();
    db.settle(&id("a3"), T0, failed(), None, None).unwrap();
    db.settle(&id("a4"), T0, stopped(), None, None).unwrap();
    db.append(&id("a2"), T0, vec![Event::Merged { into: "main".into(), commit: "c".into() }], None).unwrap();
    (home, db)
}

#[test]
fn lists_are_newest_first_and_filtered() {
    let (_home, db) = six();
    let all = Filter::default();
    let some = |text: &str| Some(text.to_owned());
    let cases = [
        (all.clone(), &["a6", "a5", "a4", "a3", "a2", "a1"][..]),
        (Filter { limit: 2, ..all.clone() }, &["a6", "a5"]),
        (Filter { limit: 0, ..all.clone() }, &[]),
        (Filter { since_ms: Some(T0 + 3_000), ..all.clone() }, &["a6", "a5", "a4"]),
        (Filter { agent: some("gemini"), ..all.clone() }, &["a4", "a3"]),
        (Filter { group: some("wg-1"), ..all.clone() }, &["a2", "a1"]),
        (Filter { caller: some("claude:1"), ..all.clone() }, &["a3", "a2"]),
        (Filter { caller: some("claude:1"), agent: some("codex"), ..all.clone() }, &["a2"]),
        (Filter { statuses: Some(vec![Status::Running]), ..all.clone() }, &["a5"]),
        (Filter { statuses: Some(vec![Status::Queued, Status::Running]), ..all.clone() }, &["a6", "a5"]),
        (Filter { statuses: Some(vec![Status::Done, Status::Queued]), ..all.clone() }, &["a6", "a1"]),
        (Filter { statuses: Some(vec![Status::Merged, Status::Failed]), limit: 1, ..all.clone() }, &["a3"]),
        (Filter { statuses: Some(Vec::new()), ..all.clone() }, &[]),
    ];
    for (filter, wanted) in cases {
        assert_eq!(listed(&db, &filter), wanted, "{filter:?}");
    }
    // Oldest first.
    assert_eq!(db.unsettled().unwrap().records, [id("a5"), id("a6")]);
}

#[test]
fn tasks_of_one_moment_are_listed_in_the_order_of_their_claims() {
    let home = Home::new();
    let mut db = home.open();
    for name in ["b", "c", "a"] {
        create(&mut db, name);
    }
    assert_eq!(listed(&db, &Filter::default()), ["a", "c", "b"]);
    assert_eq!(db.unsettled().unwrap().records, [id("b"), id("c"), id("a")]);
}

#[test]
fn totals_know_what_is_unknown() {
    let (_home, db) = six();
    let totals = db.totals(&Filter { limit: 1, ..Filter::default() }).unwrap();
    let by_status: Vec<(&str, u64)> = totals.by_status.iter().map(|(k, v)| (k.as_str(), *v)).collect();
    assert_eq!(by_status, [("done", 1), ("failed", 1), ("merged", 1), ("queued", 1), ("running", 1), ("stopped", 1)]);
    assert_eq!((totals.tasks, totals.tokens, totals.cost_usd), (6, Some(1_000), Some(1.5)));
    // The two that run are not unknown yet.
    assert_eq!((totals.tokens_unknown, totals.cost_unknown), (2, 3));

    let statuses = Some(vec![Status::Merged, Status::Running]);
    let totals = db.totals(&Filter { statuses, ..Filter::default() }).unwrap();
    assert_eq!((totals.tasks, totals.tokens, totals.cost_unknown), (2, Some(300), 1));
    let totals =
        db.totals(&Filter { since_ms: Some(T0 + 1_000), agent: Some("codex".into()), ..Filter::default() }).unwrap();
    assert_eq!((totals.tasks, totals.tokens), (3, Some(300)));
    let totals = db.totals(&Filter { group: Some("wg-9".into()), ..Filter::default() }).unwrap();
    assert_eq!((totals.tasks, totals.by_status.len()), (0, 0));
}

#[test]
fn nonsense_counts_do_not_break_the_sums() {
    let home = Home::new();
    let mut db = home.open();
    for name in ["a1", "a2", "a3"] {
        let task = running(&mut db, name);
        let settled = db.settle(&task, T0, done_with("s", Some(u64::MAX), Some(u64::MAX)), None, None).unwrap();
        assert_eq!(db.projection(&task).unwrap(), Some(settled));
    }
    let totals = db.totals(&Filter::default()).unwrap();
    assert_eq!((totals.tasks, totals.tokens_unknown), (3, 0));
    assert!(totals.tokens >= Some(u64::MAX / 2), "{:?}", totals.tokens);
}

#[test]
fn a_prefix_finds_its_tasks_and_a_whole_id_only_itself() {
    let home = Home::new();
    let mut db = home.open();
    for name in ["t-1a2b", "t-1a2b3", "t-1a2c", "t-2", "nightly"] {
        create(&mut db, name);
    }
    let found = |prefix: &str| db.resolve(prefix, 3).unwrap().iter().map(TaskId::to_string).collect::<Vec<_>>();
    assert_eq!(found("t-1a2b"), ["t-1a2b"]);
    assert_eq!(found("t-1a2b3"), ["t-1a2b3"]);
    assert_eq!(found("t-1a2"), ["t-1a2b", "t-1a2b3", "t-1a2c"]);
    assert_eq!(found("t-"), ["t-1a2b", "t-1a2b3", "t-1a2c"], "no more than the limit");
    assert_eq!(found("n"), ["nightly"]);
    for nothing in ["", "t-3", "T-1", "%", "_", "t-1a2b33", "\0", "é", "t-1a2c'"] {
        assert_eq!(found(nothing), [""; 0], "{nothing:?}");
    }
    assert_eq!(db.resolve("t-1a2b", 1).unwrap(), [id("t-1a2b")]);
}

#[test]
fn events_come_in_pages() {
    let home = Home::new();
    let mut db = home.open();
    let task = running(&mut db, "a1");
    db.append(&task, T0, (0..10).map(|n| message(&n.to_string())).collect(), None).unwrap();
    let mut seen = Vec::new();
    let mut after = 0;
    loop {
        let page = db.events(&task, after, 4).unwrap();
        assert!(page.events.len() <= 4);
        let Some(last) = page.last_seq else { break };
        after = last;
        seen.extend(page.events);
    }
    assert!(seen.iter().map(|r| r.seq).eq(1..=13));
    assert_eq!(seen, log(&db, &task));
    assert_eq!(db.events(&task, u64::MAX, 4).unwrap().last_seq, None);
}

#[test]
fn the_usage_of_a_session_is_that_of_its_latest_settled_run() {
    let home = Home::new();
    let mut db = home.open();
    let mut run = |name: &str, agent: &str, session: &str, usage: Vec<Event>, ended_at_ms: Option<i64>| {
        let task = create_with(&mut db, name, |spec| spec.agent = agent.to_owned());
        db.append(&task, T0, crate::fixtures::start(), None).unwrap();
        db.append(&task, T0, vec![Event::Session { id: session.to_owned() }], None).unwrap();
        db.append(&task, T0, usage, None).unwrap();
        if let Some(at_ms) = ended_at_ms {
            db.settle(&task, at_ms, done(), None, None).unwrap();
        }
    };
    let delta = || {
        let Event::Usage { mut sample } = cumulative(5) else { unreachable!() };
        sample.cumulative = false;
        Event::Usage { sample }
    };
    let quote = || message("{\"type\":\"usage\",\"sample\":{\"input\":9,\"cumulative\":true}}");
    run("a1", "codex", "s1", vec![cumulative(100), cumulative(200), delta(), quote()], Some(T0 + 10));
    run("a2", "codex", "s1", vec![cumulative(300)], Some(T0 + 30));
    run("a3", "codex", "s1", vec![cumulative(250)], Some(T0 + 20));
    run("a4", "codex", "s1", vec![delta()], Some(T0 + 40));
    run("a5", "codex", "s1", vec![cumulative(999)], None);
    run("a6", "gemini", "s1", vec![cumulative(7)], Some(T0 + 50));
    run("a7", "codex", "s2", vec![delta()], Some(T0 + 50));
    run("a8", "codex", "s3", vec![cumulative(8)], None);
    let input = |agent: &str, session: &str| db.session_usage(agent, session).unwrap().map(|s| s.input);
    assert_eq!(input("codex", "s1"), Some(Some(300)));
    assert_eq!(input("gemini", "s1"), Some(Some(7)));
    assert_eq!(input("codex", "s2"), None);
    assert_eq!(input("codex", "s3"), None, "it still runs");
    assert_eq!(input("codex", "s4"), None);
}

/// Three tasks of which the middle one's spec was replaced.
fn with_bad_spec(sql: &str) -> (Home, Db) {
    let home = Home::new();
    let mut db = home.open();
    for name in ["a1", "a2", "a3"] {
        running(&mut db, name);
    }
    home.sql(&sql.replace("BAD", "task_key = (SELECT key FROM tasks WHERE id = 'a2')"));
    (home, db)
}

#[test]
fn one_bad_spec_is_one_bad_row() {
    let cases = [
        ("UPDATE specs SET body = '{\"version\": 1, \"id\"' WHERE BAD", "damaged"),
        ("UPDATE specs SET body = '' WHERE BAD", "damaged"),
        ("UPDATE specs SET body = CAST(x'7bff7d' AS TEXT) WHERE BAD", "not UTF-8"),
        ("UPDATE specs SET body = replace(body, '\"version\":1', '\"version\":99') WHERE BAD", "newer aid"),
        ("UPDATE specs SET body = replace(body, '\"a2\"', '\"a1\"') WHERE BAD", "belongs to task a1"),
        ("UPDATE specs SET body = replace(body, 'prompt of', '\\ud800 lone') WHERE BAD", "damaged"),
        ("DELETE FROM specs WHERE BAD", "missing"),
    ];
    for (sql, reason) in cases {
        let (_home, mut db) = with_bad_spec(sql);
        let listed = db.list(&Filter::default()).unwrap();
        let good: Vec<&str> = listed.records.iter().map(|r| r.task.id.as_str()).collect();
        assert_eq!(good, ["a3", "a1"], "{sql}");
        assert_eq!(listed.damaged.len(), 1, "{sql}");
        assert_eq!(listed.damaged[0].id, "a2");
        assert!(listed.damaged[0].reason.contains(reason), "{}", listed.damaged[0].reason);
        let error = db.task(&id("a2")).unwrap_err();
        assert!(matches!(error, DbError::DamagedTask { .. }) && error.to_string().contains(reason), "{error}");
        // It still counts, and it can still be ended: that needs no spec.
        assert_eq!(db.totals(&Filter::default()).unwrap().tasks, 3);
        assert_eq!(db.unsettled().unwrap().records.len(), 3);
        assert_eq!(db.settle(&id("a2"), T0, failed(), None, None).unwrap().status, Status::Failed);
    }
}

#[test]
fn a_state_that_cannot_be_read_is_folded_from_the_log_and_repaired() {
    for sql in ["UPDATE task_states SET body = '{}' WHERE BAD", "DELETE FROM task_states WHERE BAD"] {
        let (_home, mut db) = with_bad_spec(sql);
        let before = db.projection(&id("a2")).unwrap().unwrap();
        assert_eq!((before.status, before.last_seq), (Status::Running, 3));
        assert_eq!(db.list(&Filter::default()).unwrap().records.len(), 3);
        let after = db.settle(&id("a2"), T0 + 9, done(), Some("42"), None).unwrap();
        assert_eq!(db.projection(&id("a2")).unwrap(), Some(after));
        assert!(db.progress(&id("a2")).is_ok());
    }
}

#[test]
fn a_task_without_a_readable_state_or_log_is_one_bad_row() {
    let sql = "UPDATE task_states SET body = '{}' WHERE BAD; UPDATE events SET body = 'no' WHERE seq = 2 AND BAD";
    let (_home, mut db) = with_bad_spec(sql);
    let listed = db.list(&Filter::default()).unwrap();
    assert_eq!((listed.records.len(), listed.damaged.len()), (2, 1));
    let error = db.append(&id("a2"), T0, vec![message("x")], None).unwrap_err();
    assert!(matches!(error, AppendError::Db(DbError::DamagedTask { .. })), "{error:?}");
}

#[test]
fn one_bad_id_is_one_bad_row() {
    let (_home, db) = with_bad_spec("UPDATE tasks SET id = '../a2' WHERE id = 'a2'");
    let listed = db.list(&Filter::default()).unwrap();
    assert_eq!((listed.records.len(), listed.damaged[0].id.as_str()), (2, "../a2"));
    let unsettled = db.unsettled().unwrap();
    assert_eq!(unsettled.records, [id("a1"), id("a3")]);
    assert_eq!(unsettled.damaged[0].id, "../a2");
    assert_eq!(db.resolve(".", 9).unwrap(), []);
}

#[test]
fn one_bad_event_is_one_bad_event() {
    let home = Home::new();
    let mut db = home.open();
    let task = running(&mut db, "a1");
    db.append(&task, T0, ["x", "y", "z"].map(message).to_vec(), None).unwrap();
    home.sql("UPDATE events SET body = '{\"type\":\"teleported\"}' WHERE seq = 5; UPDATE events SET body = '{' WHERE seq = 6");
    let page = db.events(&task, 3, 99).unwrap();
    assert_eq!(page.events.iter().map(|r| r.seq).collect::<Vec<_>>(), [4]);
    assert_eq!(page.damaged.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [5, 6]);
    assert!(page.damaged[0].1.contains("teleported"), "{}", page.damaged[0].1);
    assert_eq!(page.last_seq, Some(6));
    // The state does not depend on it, and the task goes on.
    db.settle(&task, T0, done(), None, None).unwrap();
}
