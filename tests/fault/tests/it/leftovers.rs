//! What an agent leaves behind when it ends by itself: ended, reported, and no reason to call the work bad.

use aid_test_support::lives;
use serde_json::{Value, json};

use crate::bed::{Backend, Bed, on_both};

on_both!(
    a_child_in_the_same_group,
    a_session_of_its_own,
    an_orphan_that_ignores_signals,
    one_that_holds_the_output_open,
    a_child_that_goes_by_itself_is_no_leak,
);

/// Ends well and leaves this process.
fn leaves(backend: Backend, how: Value) {
    let mut spawn = json!({"sleep_ms": 60_000, "pid_file": "left"});
    spawn.as_object_mut().expect("an object").extend(how.as_object().expect("an object").clone());
    let bed = Bed::new(backend, &json!([{"spawn": spawn}, {"codex_ok": {"answer": "done"}}]));
    let _ = bed.run("t-leak", &[]).expect_code(0);
    let left = bed.pid("left");
    assert!(!lives(left), "{left} lives");
    let record = bed.record("t-leak");
    record.expect_done("done");
    let leaks = record.kind("leak");
    assert_eq!(leaks.len(), 1, "{record}");
    let named = leaks[0]["processes"].as_array().expect("a list");
    assert!(named.len() == 1 && named[0]["pid"] == left && named[0]["command"] == "codex", "{record}");
    let _ = bed.aid(["show", "t-leak", "--events"]).run().expect_code(0).expect_stdout(&left.to_string());
    bed.expect_nothing_left("t-leak");
}

fn a_child_in_the_same_group(backend: Backend) {
    leaves(backend, json!({}));
}

fn a_session_of_its_own(backend: Backend) {
    leaves(backend, json!({"setsid": true}));
}

fn an_orphan_that_ignores_signals(backend: Backend) {
    leaves(backend, json!({"setsid": true, "double_fork": true, "ignore_signals": ["INT", "TERM", "HUP"]}));
}

fn one_that_holds_the_output_open(backend: Backend) {
    leaves(backend, json!({"setsid": true, "hold_stdout": true}));
}

fn a_child_that_goes_by_itself_is_no_leak(backend: Backend) {
    let bed = Bed::new(backend, &json!([{"spawn": {"sleep_ms": 1, "setsid": true}}, {"codex_ok": {"answer": "done"}}]));
    let _ = bed.run("t-short", &[]).expect_code(0);
    let record = bed.record("t-short");
    assert!(record.kind("leak").is_empty(), "{record}");
}

/// Only where orphans come to the runner can a process be found that has nothing of the task any more.
#[test]
fn one_that_has_nothing_left_of_the_task() {
    for how in [
        json!({"setsid": true, "clear_env": true}),
        json!({"setsid": true, "clear_env": true, "double_fork": true, "ignore_signals": ["INT", "TERM"]}),
        json!({"setsid": true, "clear_env": true, "double_fork": true, "hold_stdout": true}),
    ] {
        leaves(Backend::Linux, how);
    }
}

/// The portable backend cannot find it, and says so.
#[test]
fn what_the_portable_backend_cannot_find_is_in_doctor() {
    let bed = Bed::new(Backend::Portable, &json!([]));
    let doctor = bed.aid(["doctor"]).run();
    assert!(doctor.stdout_text().contains("cleared its environment cannot be found"), "{}", doctor.describe());
}

/// A runner that dies between settlement and its own cleaning up leaves the task's directory, with the prompt in it.
#[test]
fn what_a_settled_task_left_is_removed_by_whoever_looks_next() {
    let bed = Bed::new(Backend::Linux, &json!([{"codex_ok": {"answer": "x"}}]));
    let dir = |id: &str| bed.world.aid_home().join("run").join(format!("{id}.d"));
    for id in ["t-over", "t-live"] {
        let _ = bed.run(id, &[]).expect_code(0);
        bed.await_runners(id);
        std::fs::create_dir(dir(id)).expect("a directory");
        std::fs::write(dir(id).join(".stdin"), "the prompt").expect("a file");
    }
    // Nobody may touch what somebody owns.
    let lock = bed.world.aid_home().join("run/t-live.lock");
    let held = std::fs::File::create(lock).expect("a lock file");
    rustix::fs::flock(&held, rustix::fs::FlockOperation::NonBlockingLockExclusive).expect("free");
    let _ = bed.aid(["board"]).run().expect_code(0);
    assert!(!dir("t-over").exists() && dir("t-live").exists());
    drop(held);
    let _ = bed.aid(["board"]).run().expect_code(0);
    bed.expect_nothing_left("t-live");
}

/// The list is cut, the count is not.
#[test]
fn a_crowd_is_counted_whole() {
    const CROWD: u64 = 27;
    let spawn = json!({"spawn": {"sleep_ms": 60_000, "setsid": true}, "repeat": CROWD});
    let bed = Bed::new(Backend::Linux, &json!([spawn, {"codex_ok": {"answer": "done"}}]));
    let _ = bed.run("t-crowd", &[]).expect_code(0);
    let record = bed.record("t-crowd");
    let leaks = record.kind("leak");
    let named = leaks[0]["processes"].as_array().expect("a list").len() as u64;
    assert_eq!((leaks.len(), named + leaks[0]["more"].as_u64().expect("a number")), (1, CROWD), "{record}");
    let _ = bed.aid(["show", "t-crowd"]).run().expect_code(0).expect_stdout("LEAK: 27 processes");
    bed.expect_nothing_left("t-crowd");
}
