//! Stop, completion, and everybody who looks, all at once: there is one end, and all of them tell the same one.

use std::sync::atomic::{AtomicUsize, Ordering};

use aid_test_support::Signal;
use serde_json::json;

use crate::bed::{Backend, Bed};
use crate::processes::Held;

/// How many tasks are raced for.
const RACES: usize = 200;
/// How many of them at once.
const WORKERS: usize = 3;

#[test]
fn two_hundred_ends_that_everybody_wants() {
    let (next, stopped, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (next, stopped, done) = (&next, &stopped, &done);
            scope.spawn(move || {
                let backend = if worker == 0 { Backend::Portable } else { Backend::Linux };
                let bed = Bed::new(backend, &script());
                loop {
                    let race = next.fetch_add(1, Ordering::SeqCst);
                    if race >= RACES {
                        return;
                    }
                    match run(&bed, race).as_str() {
                        "stopped" => stopped.fetch_add(1, Ordering::SeqCst),
                        _ => done.fetch_add(1, Ordering::SeqCst),
                    };
                }
            });
        }
    });
    let (stopped, done) = (stopped.into_inner(), done.into_inner());
    println!("{stopped} stopped, {done} done");
    assert!(stopped > 0 && done > 0, "no race: {stopped} stopped, {done} done");
}

/// Agents of different length, so that the stop finds them at every moment of their lives.
fn script() -> serde_json::Value {
    let case = |n: u64| {
        json!({"stdin_contains": format!("length {n}."), "steps": [{"codex_start": {}}, {"sleep_ms": n * 4},
            {"codex_ok": {"answer": "done"}}, {"sleep_ms": n % 3}]})
    };
    json!({"cases": (0..10).map(case).collect::<Vec<_>>(), "steps": [{"exit": 97}]})
}

/// One race; how it ended.
fn run(bed: &Bed, race: usize) -> String {
    let id = format!("r-{race}");
    let _ = bed.aid(["run", "codex", "--bg", "--id", &id, &format!("length {}.", race % 10)]).run().expect_code(0);
    let watching = bed.aid(["watch", "--quiet", &id]).spawn();
    let boards = [bed.aid(["board"]).spawn(), bed.aid(["board", "--json"]).spawn()];
    let stopping = bed.aid(["stop", &id]).args((race % 4 == 3).then_some("--force")).spawn();
    // Now and then the runner dies in the middle of it, and somebody has to take its place.
    let killed = race % 5 == 4
        && bed.runners(&id).iter().filter_map(|r| Held::open(r.pid)).any(|runner| runner.signal(Signal::KILL));
    let stop = stopping.wait().expect_code(0).expect_stdout("confirmed");
    for board in boards {
        let _ = board.wait().expect_code(0);
    }
    let watch = watching.wait();
    let record = bed.record(&id);
    let label = match record.status() {
        "done" => "DONE",
        "stopped" => "STOP",
        // Its runner died before its agent was started.
        "failed" if killed && record.class() == "lost" => "FAIL",
        other => panic!("{id} is {other}\n{record}"),
    };
    assert!(stop.stdout_text().contains(label), "stop tells another end\n{}\n{record}", stop.describe());
    assert!(watch.stdout_text().contains(label), "watch tells another end\n{}\n{record}", watch.describe());
    let code = match label {
        "DONE" => 0,
        "STOP" => 1,
        _ => 9,
    };
    assert_eq!(watch.code, code, "{}\n{record}", watch.describe());
    if label == "DONE" {
        record.expect_done("done");
    }
    assert!(record.kind("end_requested").len() <= 1, "{record}");
    assert!(label != "STOP" || record.kind("finished").is_empty() || !before_request(&record), "{record}");
    bed.expect_no_process(&id);
    record.status().to_owned()
}

/// Whether the success mark was in the log before anybody asked for the end.
fn before_request(record: &crate::record::Record) -> bool {
    let place = |kind: &str| record.events.iter().position(|event| event["type"] == kind);
    place("finished") < place("end_requested")
}
