//! Ledgers of every released format, checked in, open and read for ever.
//!
//! `UPDATE_DATA=1` writes the one of the present format if it is missing. A file that is there is never written again:
//! it is what people have.

use std::fs;
use std::path::PathBuf;

use aid_core::agent::{Refusal, RefusalClass, ToolCall};
use aid_core::event::{Event, LeakedProcess, Settlement};
use aid_core::task::{EndCause, Status};
use aid_core::usage::Usage;
use aid_engine::db::{Db, Filter, Progress, SCHEMA_VERSION};

use crate::fixtures::{self, T0, cumulative, failed, id, message, process, settlement, spec, start};
use crate::support::{Home, create_with, log};

const ANSWER: &str = "done: é \u{1f980}\0.";
const PROGRESS: Progress = Progress { out_offset: 4_096, err_offset: 12, out_events: 17, err_events: 1 };

fn file(version: i64) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/data/aid-v{version}.db"))
}

fn tool(ok: Option<bool>) -> ToolCall {
    let exit_code = ok.map(|ok| i32::from(!ok));
    let [id, name, kind, detail] = ["call_1", "shell", "shell", "cargo test"].map(str::to_owned);
    ToolCall { id, name, kind, detail, ok, exit_code }
}

/// A run in which everything happens that format 1 knows.
fn eventful_run() -> Vec<Event> {
    let text = || "a text".to_owned();
    let mut events = vec![Event::Launching {
        program: "/usr/bin/codex".to_owned(),
        args: vec!["exec".to_owned(), "{prompt}".to_owned()],
        env_names: vec!["PATH".to_owned()],
    }];
    events.extend(start());
    events.extend([
        Event::Session { id: "0198-a".to_owned() },
        Event::Model { name: "gpt-5".to_owned() },
        message("on it"),
        Event::MessageDelta { text: text() },
        Event::Reasoning { text: text() },
        Event::ToolStart { tool: tool(None) },
        Event::ToolEnd { tool: tool(Some(false)) },
        Event::FileChange { path: "src/lib.rs".to_owned(), change: "update".to_owned() },
        Event::Notice { text: text() },
        Event::Ext { kind: "codex.plan".to_owned(), json: "{}".to_owned() },
        Event::Milestone { text: "half way".to_owned() },
        Event::Finding { text: text() },
        Event::Memory { kind: "lesson".to_owned(), text: text() },
        Event::AdapterFault { call: "feed".to_owned(), message: text(), gave_up: true },
        Event::EventsCapped { limit: 10 },
        Event::Awaiting { question: "which one?".to_owned() },
        Event::Adopted { runner: process(20), agent: Some(process(11)) },
        Event::Answered,
        cumulative(1_200),
        Event::Finished,
        Event::EndRequested { cause: EndCause::Linger { limit_ms: 5_000 } },
        Event::Exited { code: None, signal: Some(15) },
        Event::Leak { processes: vec![LeakedProcess { pid: 12, command: "sleep".to_owned() }], more: 0 },
        Event::Verifying { command: "cargo test".to_owned() },
    ]);
    events
}

fn good_end() -> Event {
    let usage = Usage { input: Some(1_200), output: Some(34), cached_input: Some(1_000), ..Usage::default() };
    let session = Some("0198-a".to_owned());
    let settlement =
        Settlement { session, usage: Some(usage), cost_micro_usd: Some(4_200), ..settlement(Status::Done) };
    Event::Settled { settlement }
}

fn merged() -> Event {
    Event::Merged { into: "main".to_owned(), commit: "c0ffee".to_owned() }
}

fn refusal() -> Event {
    let refusal = Refusal {
        class: RefusalClass::Quota,
        message: "usage limit reached".to_owned(),
        pool: Some("5h".to_owned()),
        retry_at: None,
        is_final: true,
    };
    Event::Refusal { refusal }
}

fn skipped() -> Event {
    let settlement = Settlement { exit_code: None, ..settlement(Status::Skipped) };
    Event::Settled { settlement }
}

fn fill(db: &mut Db) {
    let first = create_with(db, "t-0001", |spec| spec.group = Some("wg-1a2b".to_owned()));
    db.append(&first, T0 + 10, eventful_run(), Some(&PROGRESS)).unwrap();
    db.settle(&first, T0 + 9_000, vec![good_end()], Some(ANSWER), None).unwrap();
    db.append(&first, T0 + 20_000, vec![merged()], None).unwrap();
    let second = create_with(db, "t-0002", |spec| spec.parent = Some(id("t-0001")));
    let mut events = start();
    events.push(refusal());
    events.extend(failed());
    db.settle(&second, T0 + 30_000, events, None, None).unwrap();
    let third = create_with(db, "t-0003", |spec| spec.caller = Some("claude:1".to_owned()));
    db.append(&third, T0 + 40_000, start(), None).unwrap();
    let fourth = create_with(db, "t-0004", |_| {});
    db.settle(&fourth, T0 + 50_000, vec![skipped()], None, None).unwrap();
}

#[test]
fn every_format_has_its_stored_ledger() {
    let present = file(SCHEMA_VERSION);
    if std::env::var_os("UPDATE_DATA").is_some() && !present.exists() {
        let home = Home::new();
        fill(&mut home.open());
        home.checkpoint();
        fs::copy(home.ledger(), &present).unwrap();
    }
    for version in 1..=SCHEMA_VERSION {
        let path = file(version);
        assert!(path.exists(), "{} is missing; UPDATE_DATA=1 writes the present one", path.display());
        // Looking at it in place would leave side files there.
        let home = Home::new();
        fs::copy(path, home.ledger()).unwrap();
        let stored: i64 = rusqlite::Connection::open(home.ledger())
            .unwrap()
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        assert_eq!(stored, version);
    }
}

#[test]
fn the_stored_ledger_of_format_1_reads_as_it_was_written() {
    let home = Home::new();
    fs::copy(file(1), home.ledger()).unwrap();
    let mut db = home.open();
    let listed = db.list(&Filter::default()).unwrap();
    assert_eq!(listed.damaged, []);
    let found: Vec<(&str, Status)> = listed.records.iter().map(|r| (r.task.id.as_str(), r.task.status)).collect();
    let wanted = [
        ("t-0004", Status::Skipped),
        ("t-0003", Status::Running),
        ("t-0002", Status::Failed),
        ("t-0001", Status::Merged),
    ];
    assert_eq!(found, wanted);

    let first = id("t-0001");
    let events: Vec<Event> = log(&db, &first).into_iter().map(|r| r.event).collect();
    let mut expected = vec![Event::Created];
    expected.extend(eventful_run());
    expected.extend([good_end(), merged()]);
    assert_eq!(events, expected);
    assert_eq!(db.answer(&first).unwrap().as_deref(), Some(ANSWER));
    assert_eq!(db.progress(&first).unwrap(), PROGRESS);
    let record = db.task(&first).unwrap().unwrap();
    let mut asked = spec("t-0001");
    asked.group = Some("wg-1a2b".to_owned());
    assert_eq!(record.spec, asked);
    assert_eq!(record.task.milestone, None);
    assert_eq!((record.task.started_at_ms, record.task.ended_at_ms), (Some(T0 + 10), Some(T0 + 9_000)));
    assert_eq!(db.session_usage("codex", "0198-a").unwrap().unwrap().input, Some(1_200));

    let totals = db.totals(&Filter::default()).unwrap();
    assert_eq!((totals.tasks, totals.tokens, totals.cost_usd), (4, Some(1_234), Some(0.0042)));
    assert_eq!((totals.tokens_unknown, totals.cost_unknown), (2, 2));
    assert_eq!(db.unsettled().unwrap().records, [id("t-0003")]);
    // What later formats count by is filled in from what was stored.
    let merged = db.usage(&Filter::default()).unwrap().into_iter().find(|row| row.status == Some(Status::Merged));
    let merged = merged.unwrap();
    assert_eq!((merged.model.as_deref(), merged.parts), (Some("gpt-5"), [1_200, 1_000, 0, 34, 0]));
    assert_eq!(db.holds().unwrap(), []);

    // And it goes on.
    let third = id("t-0003");
    assert_eq!(db.settle(&third, T0 + 60_000, fixtures::done(), None, None).unwrap().status, Status::Done);
    assert_eq!(create_with(&mut db, "t-0005", |_| {}), id("t-0005"));
}

/// The stored ledger is about everything that can happen: a new kind of event belongs in a later one.
#[test]
fn the_stored_run_has_every_event_of_its_format() {
    let mut kinds: Vec<&str> = eventful_run().iter().map(Event::kind).collect();
    kinds.extend([Event::Created, refusal(), good_end(), merged()].iter().map(Event::kind));
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), 31, "{kinds:?}");
}
