//! The lock file of a living runner is taken away: there is one writer all the same, and nothing is recorded twice.

use std::fs::{self, OpenOptions};

use aid_test_support::{Signal, Stream};
use rustix::fs::{FlockOperation, flock};
use serde_json::{Value, json};

use crate::bed::{Backend, Bed, on_both};
use crate::processes::{Held, hold};
use crate::record::Record;

on_both!(
    a_removed_lock_file_comes_back,
    a_runner_without_its_lock_hands_over,
    a_frozen_runner_without_its_lock_is_replaced
);

/// A task under way that has said one thing, and its runner.
fn under_way(backend: Backend) -> (Bed, Held) {
    let steps: Vec<Value> = vec![
        json!({"codex_message": "said before"}),
        json!({"touch": "up"}),
        json!({"wait_file": "go"}),
        json!({"codex_message": "said after", "repeat": 50}),
        json!({"codex_ok": {"answer": "x"}}),
    ];
    let bed = Bed::new(backend, &json!(steps));
    bed.start("t-lock", &[]);
    bed.await_file("up");
    let mut watching = bed.aid(["watch", "t-lock", "--stream"]).spawn();
    watching.wait_for(Stream::Out, "said before");
    let runner = hold(bed.runner("t-lock"));
    (bed, runner)
}

fn lock_file(bed: &Bed) -> std::path::PathBuf {
    bed.world.aid_home().join("run/t-lock.lock")
}

/// Everything was recorded once.
fn finish(bed: &Bed) -> Record {
    bed.touch("go");
    let _ = bed.wait("t-lock").expect_code(0);
    let record = bed.record("t-lock");
    record.expect_done("x");
    assert_eq!(record.kind("message").len(), 52, "{record}");
    bed.expect_nothing_left("t-lock");
    record
}

fn a_removed_lock_file_comes_back(backend: Backend) {
    let (bed, runner) = under_way(backend);
    fs::remove_file(lock_file(&bed)).expect("a lock file");
    aid_test_support::for_file(&lock_file(&bed));
    let _ = bed.aid(["board"]).run().expect_code(0);
    assert!(!runner.has_ended(), "the runner is gone");
    let record = finish(&bed);
    assert!(record.kind("adopted").is_empty(), "{record}");
    assert!(!lock_file(&bed).exists());
}

fn a_runner_without_its_lock_hands_over(backend: Backend) {
    let (bed, runner) = under_way(backend);
    let other = bed.world.aid_home().join("run/other");
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&other).expect("a file");
    flock(&file, FlockOperation::NonBlockingLockExclusive).expect("a new file is free");
    fs::rename(&other, lock_file(&bed)).expect("renamed");
    runner.await_end();
    drop(file);
    let record = finish(&bed);
    assert_eq!(record.kind("adopted").len(), 1, "{record}");
}

fn a_frozen_runner_without_its_lock_is_replaced(backend: Backend) {
    let (bed, runner) = under_way(backend);
    assert!(runner.signal(Signal::STOP));
    fs::remove_file(lock_file(&bed)).expect("a lock file");
    let record = finish(&bed);
    assert!(runner.has_ended(), "two runners");
    assert_eq!(record.kind("adopted").len(), 1, "{record}");
}
