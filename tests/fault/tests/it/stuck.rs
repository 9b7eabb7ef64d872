//! A runner that lives and does nothing: past its limit somebody else takes its place, and not before.

use aid_test_support::{Signal, lives};
use serde_json::json;

use crate::bed::{Backend, Bed, on_both};
use crate::ledger::age;
use crate::processes::{Held, hold};

on_both!(a_frozen_runner_within_its_limit_is_left_alone);

fn frozen(backend: Backend, timeout: &str) -> (Bed, Held) {
    let steps = json!([{"write": {"path": "agent", "content": "{pid}"}}, {"codex_message": "said"}, {"touch": "up"},
        {"wait_file": "go"}, {"codex_ok": {"answer": "x"}}]);
    let bed = Bed::new(backend, &steps);
    bed.start("t-frozen", &["--timeout", timeout]);
    bed.await_file("up");
    let mut watching = bed.aid(["watch", "t-frozen", "--stream"]).spawn();
    watching.wait_for(aid_test_support::Stream::Out, "said");
    let runner = hold(bed.runner("t-frozen"));
    assert!(runner.signal(Signal::STOP));
    (bed, runner)
}

/// The 45 s that a runner is given beyond its limit become 4.5 for whoever looks.
const HASTE: (&str, &str) = ("AID_TEST_HASTE", "10");

/// The kernel says how old the agent is, so this takes as long as it takes.
#[test]
fn a_frozen_runner_past_its_limit_is_replaced() {
    let (bed, runner) = frozen(Backend::Linux, "1s");
    // In earnest it has half a minute more.
    let _ = bed.aid(["wait", "t-frozen", "--timeout", "2s"]).run().expect_code(124).expect_stderr("gave up waiting");
    assert!(!runner.has_ended(), "a runner that may still go on was killed");
    let _ = bed.aid(["wait", "t-frozen"]).env(HASTE.0, HASTE.1).run().expect_code(124);
    runner.await_end();
    let record = bed.record("t-frozen");
    record.expect_failed("timeout");
    assert_eq!((record.kind("adopted").len(), record.kind("message").len()), (1, 1), "{record}");
    assert!(!lives(bed.pid("agent")), "{record}");
    bed.expect_nothing_left("t-frozen");
}

/// The portable backend goes by the clock on the wall, which a test can set.
#[test]
fn a_frozen_runner_of_an_agent_that_has_ended_is_replaced() {
    let (bed, runner) = frozen(Backend::Portable, "1m");
    let agent = hold(bed.pid("agent"));
    bed.touch("go");
    agent.await_end();
    age(&bed, "t-frozen", 5);
    let _ = bed.wait("t-frozen").expect_code(0);
    runner.await_end();
    let record = bed.record("t-frozen");
    record.expect_done("x");
    assert_eq!((record.kind("adopted").len(), record.kind("message").len()), (1, 2), "{record}");
    bed.expect_nothing_left("t-frozen");
}

fn a_frozen_runner_within_its_limit_is_left_alone(backend: Backend) {
    let (bed, runner) = frozen(backend, "1m");
    let _ = bed.aid(["board"]).run().expect_code(0);
    let _ = bed.aid(["wait", "t-frozen", "--timeout", "300ms"]).run().expect_code(124);
    assert!(!runner.has_ended(), "a runner that may still go on was killed");
    assert!(runner.signal(Signal::CONT));
    bed.touch("go");
    let _ = bed.wait("t-frozen").expect_code(0);
    let record = bed.record("t-frozen");
    record.expect_done("x");
    assert!(record.kind("adopted").is_empty(), "{record}");
}
