//! `aid watch` and `aid wait`: every change once, in order, and a truthful end.

use aid_test_support::{Signal, Stream, kill};
use serde_json::json;

use crate::scripts::{background, finished, ok, release, waiting_world, world};

#[test]
fn quiet_says_one_line_per_change() {
    let world = waiting_world();
    let [first, second] = ["one", "two"].map(|prompt| background(&world, prompt));
    let mut watch = world.aid(["watch", "--quiet", &first, &second]).spawn();
    let _ = watch.wait_for(Stream::Out, &format!("[0/2] {first} RUN\n"));
    let _ = watch.wait_for(Stream::Out, &format!("[0/2] {second} RUN\n"));
    release(&world);
    let text = watch.wait().expect_code(0).stdout_text();
    let done: Vec<&str> = text.lines().filter(|line| line.contains("DONE")).collect();
    assert_eq!(done.len(), 2, "{text}");
    assert!(done[0].starts_with("[1/2] ") && done[1].starts_with("[2/2] "), "{text}");
    assert!(done.iter().all(|line| line.ends_with(", 1.2k tokens, —)")), "{text}");
    let mut lines: Vec<&str> = text.lines().collect();
    lines.dedup();
    assert_eq!(lines.len(), text.lines().count(), "nothing is said twice: {text}");
}

#[test]
fn a_settled_task_is_reported_at_once() {
    let world = world(ok("x"));
    let id = finished(&world, "hi");
    let quiet = world.aid(["watch", "--quiet", &id]).run().expect_code(0).stdout_text();
    assert_eq!(quiet.lines().count(), 1);
    assert!(quiet.starts_with(&format!("[1/1] {id} DONE (")), "{quiet}");
    assert!(world.aid(["wait", &id]).run().expect_code(0).stdout.is_empty());
}

#[test]
fn without_ids_everything_unfinished_is_watched() {
    let world = waiting_world();
    let _ = world.aid(["watch"]).run().expect_code(0).expect_stderr("nothing to watch");
    let id = background(&world, "hi");
    let mut watch = world.aid(["watch"]).spawn();
    let _ = watch.wait_for(Stream::Out, "* half way");
    release(&world);
    let _ = watch.wait().expect_code(0).expect_stdout(&format!("{id} DONE after "));
    let _ = world.aid(["watch"]).run().expect_code(0).expect_stderr("nothing to watch");
}

#[test]
fn a_stream_has_every_event_once() {
    let world = waiting_world();
    let id = background(&world, "hi");
    let mut live = world.aid(["watch", "--stream", &id]).spawn();
    let _ = live.wait_for(Stream::Out, "\"type\":\"milestone\"");
    release(&world);
    let lines = live.wait().expect_code(0).json_lines();
    for (at, line) in lines.iter().enumerate() {
        assert_eq!(line["seq"], json!(at + 1));
        assert_eq!(line["task"], json!(id));
        assert_eq!(line["v"], json!(1));
    }
    assert_eq!(lines.first().map(|line| line["type"].clone()), Some(json!("created")));
    assert_eq!(lines.last().map(|line| line["type"].clone()), Some(json!("settled")));
    let replayed = world.aid(["watch", "--stream", &id]).run().expect_code(0).json_lines();
    assert_eq!(replayed, lines, "a stream can be had again");
}

#[test]
fn a_killed_runner_does_not_end_the_watch() {
    let world = waiting_world();
    let id = background(&world, "hi");
    let mut watch = world.aid(["watch", &id]).spawn();
    let _ = watch.wait_for(Stream::Out, "* half way");
    let processes = world.processes();
    let runner = processes.iter().find(|process| process.command.contains("__attempt")).expect("a runner");
    kill(runner.pid, Signal::KILL);
    let _ = watch.wait_for(Stream::Out, "a new runner follows the agent");
    release(&world);
    let _ = watch.wait().expect_code(0).expect_stdout(&format!("{id} DONE"));
}

#[test]
fn wait_prints_the_settled_tasks() {
    let world = world(ok("x"));
    let [first, second] = ["one", "two"].map(|prompt| background(&world, prompt));
    let tasks = world.aid(["wait", "--json", &second, &first, &second]).run().expect_code(0).json_lines();
    let ids: Vec<_> = tasks.iter().map(|task| (task["id"].clone(), task["status"].clone())).collect();
    assert_eq!(ids, [(json!(second), json!("done")), (json!(first), json!("done"))], "in the order given, each once");
}

#[test]
fn waiting_for_a_question_ends_with_the_task() {
    let world = world(ok("x"));
    let id = background(&world, "hi");
    let _ = world.aid(["wait", "--for", "awaiting", &id]).run().expect_code(0);
    let _ = world.aid(["watch", "--exit-on-await", &id]).run().expect_code(0);
}
