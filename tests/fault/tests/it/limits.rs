//! The system has run out of something that aid likes to have: it gets slower, and stays right.

use std::time::{Duration, Instant};

use aid_test_support::{Inside, Namespace, Stream, inside};
use rustix::fs::inotify;
use serde_json::json;

use crate::bed::{Backend, Bed};

/// A user has 128 queues of file events on many systems, for all programs together; there is a runner for each task.
#[test]
fn a_runner_without_file_events() {
    match inside(Namespace::Users, &a_runner_without_file_events) {
        Inside::Yes => {}
        Inside::Done => return,
        Inside::Impossible(why) => return println!("SKIPPED: no user namespace, so no limit of our own: {why}"),
    }
    std::fs::write("/proc/sys/user/max_inotify_instances", "0").expect("a limit of this namespace");
    assert!(inotify::init(inotify::CreateFlags::CLOEXEC).is_err(), "there are still event queues");

    let piece = [json!({"codex_message": "piece"}), json!({"sleep_ms": 30})];
    let mut steps: Vec<_> = std::iter::repeat_n(piece, 10).flatten().collect();
    steps.push(json!({"codex_ok": {"answer": "slower and right"}}));
    let script = json!({"cases": [{"stdin_contains": "stay", "steps": [{"hang": true}]}], "steps": steps});
    let bed = Bed::new(Backend::Linux, &script);
    let _ = bed.run("t-few", &[]).expect_code(0);
    let record = bed.record("t-few");
    record.expect_done("slower and right");
    assert_eq!(record.kind("message").len(), 11, "{record}");

    let _ = bed.aid(["run", "codex", "--bg", "--id", "t-stop", "stay"]).run().expect_code(0);
    let mut watching = bed.aid(["watch", "t-stop", "--stream"]).spawn();
    watching.wait_for(Stream::Out, "\"started\"");
    let began = Instant::now();
    let _ = bed.aid(["stop", "t-stop"]).run().expect_code(0).expect_stdout("confirmed STOP");
    // Without looking often it would be seen when CPU time is looked at next, after five.
    assert!(began.elapsed() < Duration::from_secs(4), "the request was not seen: {:?}", began.elapsed());
    let _ = watching.wait().expect_code(1);
}
