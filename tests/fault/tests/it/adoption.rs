//! A new runner on a living agent: its clocks go on, and everything that the old one could do, it can.

use std::time::{Duration, Instant};

use aid_test_support::lives;
use serde_json::{Value, json};

use crate::bed::{Backend, Bed, on_both_at_once};
use crate::processes::{hold, kill_hard};

on_both_at_once!(
    the_wall_clock_goes_on,
    silence_is_noticed,
    cpu_time_is_life,
    it_can_be_stopped,
    a_stop_that_nobody_heard_is_carried_out,
    what_the_agent_leaves_is_found,
    a_finished_agent_that_hangs_is_ended,
);

/// How far from its limit a timer may fire on a busy machine.
const SLACK: Duration = Duration::from_secs(20);

/// A task whose runner was killed after the agent had touched `up`, and adopted.
fn adopted(backend: Backend, options: &[&str], before: &[Value], after: &[Value]) -> Bed {
    let mut steps = vec![json!({"write": {"path": "agent", "content": "{pid}"}})];
    steps.extend_from_slice(before);
    steps.push(json!({"touch": "up"}));
    steps.extend_from_slice(after);
    let bed = Bed::new(backend, &json!(steps));
    bed.start("t-adopted", options);
    bed.await_file("up");
    kill_hard(bed.runner("t-adopted"));
    bed
}

fn expect_gone(bed: &Bed) {
    assert!(!lives(bed.pid("agent")), "the agent lives");
    bed.expect_nothing_left("t-adopted");
}

fn the_wall_clock_goes_on(backend: Backend) {
    let bed = adopted(backend, &["--timeout", "4s"], &[], &[json!({"hang": true})]);
    let _ = bed.wait("t-adopted").expect_code(124);
    let record = bed.record("t-adopted");
    record.expect_failed("timeout");
    assert!(record.message().contains("--timeout") && record.message().contains("4s"), "{record}");
    // As the ledger has it: how long this test had to wait for its turn says nothing.
    let took = Duration::from_millis(record.task["duration_ms"].as_u64().expect("it was started"));
    assert!(took >= Duration::from_millis(3900) && took < Duration::from_secs(4) + SLACK, "{took:?}\n{record}");
    expect_gone(&bed);
}

fn silence_is_noticed(backend: Backend) {
    let bed = adopted(backend, &["--idle-timeout", "1s"], &[], &[json!({"hang": true})]);
    let _ = bed.wait("t-adopted").expect_code(124);
    let record = bed.record("t-adopted");
    record.expect_failed("idle");
    assert!(record.message().contains("--idle-timeout"), "{record}");
    expect_gone(&bed);
}

fn cpu_time_is_life(backend: Backend) {
    let (limit, burn_ms) = crate::timers::busy(backend);
    let after = [json!({"burn_cpu_ms": burn_ms}), json!({"codex_ok": {"answer": "busy"}})];
    let bed = adopted(backend, &["--idle-timeout", limit], &[], &after);
    let _ = bed.wait("t-adopted").expect_code(0);
    bed.record("t-adopted").expect_done("busy");
}

fn it_can_be_stopped(backend: Backend) {
    let bed = adopted(backend, &[], &[], &[json!({"hang": true})]);
    let _ = bed.aid(["board"]).run().expect_code(0).expect_stderr("a new one follows the agent");
    let _ = bed.aid(["stop", "t-adopted"]).run().expect_code(0).expect_stdout("confirmed");
    let record = bed.record("t-adopted");
    assert_eq!(record.status(), "stopped", "{record}");
    expect_gone(&bed);
}

/// The request is in the ledger, and the runner that should have seen it is frozen and then killed.
fn a_stop_that_nobody_heard_is_carried_out(backend: Backend) {
    let steps = json!([{"write": {"path": "agent", "content": "{pid}"}}, {"touch": "up"}, {"hang": true}]);
    let bed = Bed::new(backend, &steps);
    bed.start("t-adopted", &[]);
    bed.await_file("up");
    let mut watching = bed.aid(["watch", "t-adopted", "--stream"]).spawn();
    watching.wait_for(aid_test_support::Stream::Out, "\"started\"");
    let runner = hold(bed.runner("t-adopted"));
    assert!(runner.signal(aid_test_support::Signal::STOP));
    let stopping = bed.aid(["stop", "t-adopted"]).spawn();
    watching.wait_for(aid_test_support::Stream::Out, "end_requested");
    assert!(lives(bed.pid("agent")), "only a runner signals");
    assert!(runner.signal(aid_test_support::Signal::KILL));
    let _ = stopping.wait().expect_code(0).expect_stdout("confirmed");
    let _ = watching.wait().expect_code(1);
    let record = bed.record("t-adopted");
    assert_eq!((record.status(), record.kind("end_requested").len()), ("stopped", 1), "{record}");
    expect_gone(&bed);
}

fn what_the_agent_leaves_is_found(backend: Backend) {
    let left = json!({"spawn": {"sleep_ms": 60_000, "setsid": true, "double_fork": true, "ignore_signals": ["TERM"],
        "hold_stdout": true, "pid_file": "left"}});
    let after = [json!({"wait_file": "go"}), json!({"codex_ok": {"answer": "done"}})];
    let bed = adopted(backend, &[], &[left], &after);
    let _ = bed.aid(["board"]).run().expect_code(0).expect_stderr("a new one follows the agent");
    bed.touch("go");
    let _ = bed.wait("t-adopted").expect_code(0);
    let record = bed.record("t-adopted");
    record.expect_done("done");
    let leaks = record.kind("leak");
    assert!(leaks.len() == 1 && leaks[0].to_string().contains(&bed.pid("left").to_string()), "{record}");
    assert!(!lives(bed.pid("left")), "{record}");
    expect_gone(&bed);
}

fn a_finished_agent_that_hangs_is_ended(backend: Backend) {
    let bed = adopted(backend, &[], &[json!({"codex_ok": {"answer": "done"}})], &[json!({"hang": true})]);
    let began = Instant::now();
    let _ = bed.wait("t-adopted").expect_code(0);
    bed.record("t-adopted").expect_done("done");
    // Ten seconds are its own to exit; it is done all the same.
    assert!(began.elapsed() < Duration::from_secs(10) + SLACK, "{:?}", began.elapsed());
    expect_gone(&bed);
}
