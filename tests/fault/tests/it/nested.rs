//! An agent that dispatches: the inner task is a task like any other, and outlives its outer one.

use std::os::unix::fs::symlink;

use aid_test_support::lives;
use serde_json::{Value, json};

use crate::bed::{Backend, Bed, on_both_at_once};

on_both_at_once!(the_inner_task_survives_the_end, the_inner_task_survives_a_stop, the_inner_task_survives_adoption);

/// The outer agent dispatches the inner one, then does its last steps.
fn bed(backend: Backend, last: &[Value]) -> Bed {
    let dispatch = json!({"spawn": {"argv": ["aid", "run", "codex", "--bg", "--id", "t-inner", "the inner one"],
        "wait": true}});
    let mut outer = vec![dispatch, json!({"wait_file": "inner-up"})];
    outer.extend_from_slice(last);
    let inner = json!([{"write": {"path": "inner", "content": "{pid}"}}, {"touch": "inner-up"},
        {"wait_file": "inner-go"}, {"codex_ok": {"answer": "inner"}}]);
    let bed =
        Bed::new(backend, &json!({"cases": [{"stdin_contains": "the inner one", "steps": inner}], "steps": outer}));
    symlink(aid_test_support::binary("aid"), bed.world.bin().join("aid")).expect("a new link");
    bed
}

/// The inner agent is untouched by what happened to the outer one, and ends well.
fn expect_inner(bed: &Bed) {
    let outer = bed.record("t-outer");
    assert!(outer.kind("leak").is_empty(), "another task is no leak\n{outer}");
    assert!(lives(bed.pid("inner")), "the inner agent is gone\n{outer}");
    bed.expect_nothing_left("t-outer");
    bed.touch("inner-go");
    let _ = bed.wait("t-inner").expect_code(0);
    let inner = bed.record("t-inner");
    inner.expect_done("inner");
    assert!(inner.kind("adopted").is_empty(), "its runner was killed\n{inner}");
    bed.expect_nothing_left("t-inner");
}

fn the_inner_task_survives_the_end(backend: Backend) {
    let bed = bed(backend, &[json!({"codex_ok": {"answer": "outer"}})]);
    let _ = bed.run("t-outer", &[]).expect_code(0);
    expect_inner(&bed);
}

fn the_inner_task_survives_a_stop(backend: Backend) {
    let bed =
        bed(backend, &[json!({"ignore_signals": ["INT", "TERM"]}), json!({"touch": "up"}), json!({"hang": true})]);
    bed.start("t-outer", &[]);
    bed.await_file("up");
    let _ = bed.aid(["stop", "t-outer"]).run().expect_code(0).expect_stdout("confirmed STOP");
    expect_inner(&bed);
}

fn the_inner_task_survives_adoption(backend: Backend) {
    let bed = bed(backend, &[crate::steps::signal_runner("KILL"), json!({"codex_ok": {"answer": "outer"}})]);
    bed.start("t-outer", &[]);
    let _ = bed.wait("t-outer").expect_code(0);
    assert!(!bed.record("t-outer").kind("adopted").is_empty());
    expect_inner(&bed);
}
