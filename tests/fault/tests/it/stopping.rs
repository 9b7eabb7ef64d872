//! `aid stop`: everything of the task is gone when it says so, whatever the agent does about it, and its work is kept.

use std::time::{Duration, Instant};

use aid_test_support::lives;
use serde_json::{Value, json};

use crate::bed::{Backend, Bed, on_both_at_once};

on_both_at_once!(
    everything_is_gone_when_it_is_confirmed,
    the_polite_signal_comes_first,
    force_does_not_ask,
    force_overtakes_a_polite_stop,
    a_stop_before_the_agent_is_started,
    force_gets_past_a_frozen_runner,
);

fn running(backend: Backend, steps: &[Value]) -> Bed {
    let mut all = vec![json!({"write": {"path": "agent", "content": "{pid}"}})];
    all.extend_from_slice(steps);
    all.extend([json!({"touch": "up"}), json!({"hang": true})]);
    let bed = Bed::new(backend, &json!(all));
    bed.start("t-stop", &[]);
    bed.await_file("up");
    bed
}

fn force_gets_past_a_frozen_runner(backend: Backend) {
    let bed = running(backend, &[json!({"ignore_signals": ["INT", "TERM"]})]);
    let runner = crate::processes::hold(bed.runner("t-stop"));
    assert!(runner.signal(aid_test_support::Signal::STOP));
    let _ = bed.aid(["stop", "t-stop", "--force"]).run().expect_code(0).expect_stdout("confirmed STOP");
    assert!(runner.has_ended(), "the frozen runner is still there");
    expect_stopped(&bed);
}

fn expect_stopped(bed: &Bed) {
    let record = bed.record("t-stop");
    assert_eq!((record.status(), record.class()), ("stopped", ""), "{record}");
    assert!(!lives(bed.pid("agent")), "the agent lives\n{record}");
    bed.expect_nothing_left("t-stop");
}

fn everything_is_gone_when_it_is_confirmed(backend: Backend) {
    let stubborn = |file: &str, double_fork: bool| {
        json!({"spawn": {"sleep_ms": 60_000, "setsid": true, "double_fork": double_fork, "hold_stdout": true,
            "ignore_signals": ["INT", "TERM", "HUP"], "pid_file": file}})
    };
    let bed = running(
        backend,
        &[
            json!({"ignore_signals": ["INT", "TERM"]}),
            stubborn("one", false),
            stubborn("two", true),
            json!({"write": {"path": "work.txt", "content": "half done"}}),
            json!({"codex_message": "half done"}),
        ],
    );
    let began = Instant::now();
    let _ = bed.aid(["stop", "t-stop"]).run().expect_code(0).expect_stdout("t-stop confirmed STOP");
    // Two seconds for each signal that it ignores, and some for a busy machine.
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    for file in ["one", "two"] {
        assert!(!lives(bed.pid(file)), "{file} lives");
    }
    expect_stopped(&bed);
    let record = bed.record("t-stop");
    assert!(record.kind("leak").is_empty(), "what was asked to end is no leak\n{record}");
    assert!(record.told().contains(&json!({"type": "message", "text": "half done"})), "{record}");
    assert_eq!(std::fs::read(bed.at("work.txt")).expect("its work"), b"half done");
}

fn the_polite_signal_comes_first(backend: Backend) {
    let bed = running(backend, &[json!({"on_signal": {"signal": "INT", "exit": 1, "out": "[interrupted]\n"}})]);
    let _ = bed.aid(["stop", "t-stop"]).run().expect_code(0).expect_stdout("confirmed STOP");
    assert!(String::from_utf8_lossy(&bed.log("t-stop")).contains("[interrupted]"), "it was not asked");
    expect_stopped(&bed);
    assert_eq!(bed.record("t-stop").task["exit_code"], 1);
}

fn force_does_not_ask(backend: Backend) {
    let bed = running(backend, &[json!({"on_signal": {"signal": "INT", "exit": 1, "out": "[interrupted]\n"}})]);
    let _ = bed.aid(["stop", "t-stop", "--force"]).run().expect_code(0).expect_stdout("confirmed STOP");
    assert!(bed.log("t-stop").is_empty(), "it was asked");
    expect_stopped(&bed);
    assert_eq!(bed.record("t-stop").task["exit_code"], 128 + 9);
}

fn force_overtakes_a_polite_stop(backend: Backend) {
    let on_term = json!({"on_signal": {"signal": "TERM", "exit": 1, "out": "[terminated]\n"}});
    let bed = running(backend, &[json!({"ignore_signals": ["INT"]}), on_term]);
    let mut watching = bed.aid(["watch", "t-stop", "--stream"]).spawn();
    let polite = bed.aid(["stop", "t-stop"]).spawn();
    watching.wait_for(aid_test_support::Stream::Out, "end_requested");
    let _ = bed.aid(["stop", "t-stop", "--force"]).run().expect_code(0).expect_stdout("confirmed STOP");
    assert!(bed.log("t-stop").is_empty(), "it waited for the polite steps");
    assert_eq!(bed.record("t-stop").task["exit_code"], 128 + 9);
    let _ = polite.wait().expect_code(0).expect_stdout("confirmed STOP");
    let _ = watching.wait().expect_code(1);
    expect_stopped(&bed);
}

/// The runner is frozen before it has done anything; what it finds when it goes on is the request.
fn a_stop_before_the_agent_is_started(backend: Backend) {
    /// How often the runner may be too fast to be caught.
    const TRIES: usize = 200;
    let bed = Bed::new(backend, &json!([{"touch": "ran"}, {"hang": true}]));
    for n in 0..TRIES {
        let id = format!("t-{n}");
        bed.start(&id, &[]);
        let caught = bed.runners(&id).first().and_then(|runner| crate::processes::Held::open(runner.pid));
        let Some(runner) = caught.filter(|runner| runner.signal(aid_test_support::Signal::STOP)) else { continue };
        if !crate::ledger::is_free(&bed) {
            // Frozen with the ledger in its hands: nobody could ask it for anything.
            assert!(runner.signal(aid_test_support::Signal::CONT));
            let _ = bed.aid(["stop", &id]).run();
            let _ = std::fs::remove_file(bed.at("ran"));
            continue;
        }
        let is_early = bed.record(&id).kind("launching").is_empty();
        let stopping = bed.aid(["stop", &id]).spawn();
        let mut watching = bed.aid(["watch", &id, "--stream"]).spawn();
        watching.wait_for(aid_test_support::Stream::Out, "end_requested");
        assert!(runner.signal(aid_test_support::Signal::CONT));
        let _ = stopping.wait().expect_code(0).expect_stdout("confirmed STOP");
        let _ = watching.wait().expect_code(1);
        let record = bed.record(&id);
        assert_eq!(record.status(), "stopped", "{record}");
        bed.expect_nothing_left(&id);
        if is_early && record.kind("launching").is_empty() {
            assert!(!bed.at("ran").exists(), "the agent ran\n{record}");
            return;
        }
        // It had begun already; the next one gets the same chance.
        let _ = std::fs::remove_file(bed.at("ran"));
    }
    panic!("no runner was caught in time");
}
