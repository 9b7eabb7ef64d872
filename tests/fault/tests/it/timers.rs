//! The clocks: which one ends an agent, what it is called in the record, and what must not end one.

use std::time::{Duration, Instant};

use aid_test_support::lives;
use serde_json::{Value, json};

use crate::bed::{Backend, Bed, on_both_at_once};

on_both_at_once!(
    the_wall_clock_ends_a_busy_agent,
    silence_ends_a_sleeping_agent,
    output_on_stderr_is_life,
    cpu_time_is_life,
    cpu_time_of_a_descendant_is_life,
    a_stopped_agent_is_silent,
    an_agent_that_ignores_signals_is_killed,
    a_finished_agent_is_given_time_then_ended,
    work_that_was_finished_before_the_limit_is_done,
    a_second_turn_is_not_cut_short,
    a_stop_in_a_second_turn_is_a_stop,
    an_agent_that_gave_up_and_goes_on_is_ended,
);

/// How far from its limit a timer may fire on a busy machine.
const SLACK: Duration = Duration::from_secs(20);

struct Run {
    bed: Bed,
    code: i32,
    took: Duration,
}

fn run(backend: Backend, options: &[&str], steps: &[Value]) -> Run {
    let mut all = vec![json!({"write": {"path": "agent", "content": "{pid}"}})];
    all.extend_from_slice(steps);
    let bed = Bed::new(backend, &json!(all));
    let began = Instant::now();
    let code = bed.run("t-timed", options).code;
    let took = began.elapsed();
    bed.expect_nothing_left("t-timed");
    assert!(!lives(bed.pid("agent")), "the agent lives");
    Run { bed, code, took }
}

impl Run {
    /// The timer that the record names, and no other.
    fn expect_ended_by(&self, class: &str, option: &str, limit: &str) {
        let record = self.bed.record("t-timed");
        record.expect_failed(class);
        assert_eq!(self.code, 124, "{record}");
        assert!(record.message().contains(option) && record.message().contains(limit), "{record}");
        let requests = record.kind("end_requested");
        assert!(requests.len() == 1 && requests[0]["cause"]["by"] == class, "{record}");
    }
}

fn the_wall_clock_ends_a_busy_agent(backend: Backend) {
    let piece = [json!({"codex_message": "still here"}), json!({"sleep_ms": 50})];
    let steps: Vec<Value> = std::iter::repeat_n(piece, 100).flatten().collect();
    let run = run(backend, &["--timeout", "1s", "--idle-timeout", "700ms"], &steps);
    run.expect_ended_by("timeout", "--timeout", "1s");
    assert!(run.took >= Duration::from_secs(1) && run.took < Duration::from_secs(1) + SLACK, "{:?}", run.took);
}

fn silence_ends_a_sleeping_agent(backend: Backend) {
    let run = run(backend, &["--idle-timeout", "800ms"], &[json!({"codex_message": "x"}), json!({"hang": true})]);
    run.expect_ended_by("idle", "--idle-timeout", "800ms");
    assert!(run.took >= Duration::from_millis(800) && run.took < Duration::from_millis(800) + SLACK, "{:?}", run.took);
}

fn output_on_stderr_is_life(backend: Backend) {
    let mut steps = Vec::new();
    for _ in 0..12 {
        steps.push(json!({"err": "working\n"}));
        steps.push(json!({"sleep_ms": 150}));
    }
    steps.push(json!({"codex_ok": {"answer": "done"}}));
    let run = run(backend, &["--idle-timeout", "1s"], &steps);
    assert_eq!(run.code, 0, "{}", run.bed.record("t-timed"));
}

fn cpu_time_is_life(backend: Backend) {
    let (limit, burn_ms) = busy(backend);
    let steps = [json!({"burn_cpu_ms": burn_ms}), json!({"codex_ok": {"answer": "x"}})];
    let run = run(backend, &["--idle-timeout", limit], &steps);
    assert_eq!(run.code, 0, "{}", run.bed.record("t-timed"));
}

fn cpu_time_of_a_descendant_is_life(backend: Backend) {
    let (limit, busy_ms) = busy(backend);
    let burn = "i=0; while [ ! -e stop ]; do i=$((i+1)); done";
    let steps = [
        json!({"spawn": {"argv": ["sh", "-c", burn], "setsid": true, "pid_file": "burner"}}),
        json!({"sleep_ms": busy_ms}),
        json!({"touch": "stop"}),
        json!({"codex_ok": {"answer": "x"}}),
    ];
    let run = run(backend, &["--idle-timeout", limit], &steps);
    assert_eq!(run.code, 0, "{}", run.bed.record("t-timed"));
}

/// A limit on silence, and a longer time of work. The portable backend sees CPU time in whole seconds, and the processor
/// may be shared.
pub(crate) fn busy(backend: Backend) -> (&'static str, u64) {
    match backend {
        Backend::Linux => ("1s", 2500),
        Backend::Portable => ("8s", 9500),
    }
}

fn a_stopped_agent_is_silent(backend: Backend) {
    let run = run(backend, &["--idle-timeout", "800ms"], &[json!({"stop_self": true})]);
    run.expect_ended_by("idle", "--idle-timeout", "800ms");
}

fn an_agent_that_ignores_signals_is_killed(backend: Backend) {
    let steps = [json!({"ignore_signals": ["INT", "TERM", "HUP"]}), json!({"hang": true})];
    let run = run(backend, &["--timeout", "500ms"], &steps);
    run.expect_ended_by("timeout", "--timeout", "500ms");
    let record = run.bed.record("t-timed");
    assert_eq!(record.task["exit_code"], 128 + 9, "{record}");
    // Two seconds each for the polite signal and for TERM.
    assert!(run.took < Duration::from_millis(4500) + SLACK, "{:?}", run.took);
}

fn a_finished_agent_is_given_time_then_ended(backend: Backend) {
    let steps = [json!({"codex_ok": {"answer": "x"}}), json!({"hang": true})];
    let run = run(backend, &["--idle-timeout", "1s", "--timeout", "2s"], &steps);
    let record = run.bed.record("t-timed");
    assert_eq!(run.code, 0, "neither clock ends what is finished\n{record}");
    record.expect_done("x");
    assert_eq!(record.kind("end_requested")[0]["cause"]["by"], "linger", "{record}");
    assert!(run.took >= Duration::from_secs(10) && run.took < Duration::from_secs(10) + SLACK, "{:?}", run.took);
}

/// Ten seconds for an exit become two.
const HASTE: (&str, &str) = ("AID_TEST_HASTE", "5");

fn hasty(backend: Backend, steps: &[Value]) -> (Bed, i32) {
    let bed = Bed::new(backend, &json!(steps));
    let code = bed.aid(["run", "codex", "--id", "t-timed", "do it"]).env(HASTE.0, HASTE.1).run().code;
    bed.expect_nothing_left("t-timed");
    (bed, code)
}

fn a_second_turn_is_not_cut_short(backend: Backend) {
    let steps = [
        json!({"codex_ok": {"answer": "first"}}),
        json!({"line": {"type": "turn.started"}}),
        json!({"codex_command": {"command": "make"}}),
        json!({"sleep_ms": 3000}),
        json!({"codex_ok": {"answer": "second"}}),
        json!({"sleep_ms": 1000}),
    ];
    let (bed, code) = hasty(backend, &steps);
    let record = bed.record("t-timed");
    assert_eq!((code, record.output.as_deref()), (0, Some("second")), "{record}");
    assert!(record.kind("end_requested").is_empty(), "{record}");
    assert_eq!((record.kind("continued").len(), record.kind("finished").len()), (1, 2), "{record}");
}

fn a_stop_in_a_second_turn_is_a_stop(backend: Backend) {
    let steps = json!([{"codex_ok": {"answer": "first"}}, {"line": {"type": "turn.started"}}, {"codex_message": "more"},
        {"touch": "up"}, {"hang": true}]);
    let bed = Bed::new(backend, &steps);
    bed.start("t-timed", &[]);
    bed.await_file("up");
    let mut watching = bed.aid(["watch", "t-timed", "--stream"]).spawn();
    watching.wait_for(aid_test_support::Stream::Out, "\"continued\"");
    let _ = bed.aid(["stop", "t-timed"]).run().expect_code(0).expect_stdout("confirmed STOP");
    assert_eq!(bed.record("t-timed").status(), "stopped");
}

/// Its adapter says that it gave up; whatever it says from then on gains it no time, and does not hide why it failed.
fn an_agent_that_gave_up_and_goes_on_is_ended(backend: Backend) {
    let again = [json!({"codex_message": "once more"}), json!({"sleep_ms": 200})];
    let mut steps = vec![json!({"codex_fail": "unexpected status 401 Unauthorized: no such key"})];
    steps.extend(std::iter::repeat_n(again, 100).flatten());
    steps.push(json!({"hang": true}));
    let (bed, code) = hasty(backend, &steps);
    let record = bed.record("t-timed");
    assert_eq!((code, record.status()), (4, "failed"), "{record}");
    assert_eq!(record.class(), "auth", "{record}");
    let requests = record.kind("end_requested");
    assert!(requests.len() == 1 && requests[0]["cause"]["by"] == "linger", "{record}");
    assert!(record.kind("message").len() < 40, "it was given {} messages of time", record.kind("message").len());
}

/// The agent catches the signal and takes its time; its success mark came first.
fn work_that_was_finished_before_the_limit_is_done(backend: Backend) {
    let steps = [json!({"codex_ok": {"answer": "x"}}), json!({"sleep_ms": 1500})];
    let run = run(backend, &["--timeout", "1s"], &steps);
    assert_eq!(run.code, 0, "{}", run.bed.record("t-timed"));
}
