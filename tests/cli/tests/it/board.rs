//! `aid board`: what it selects, counts and shows.

use aid_test_support::{Stream, TestWorld};
use serde_json::{Value, json};

use crate::scripts::{background, finished, ok, release, waiting_world, world};

fn ids(world: &TestWorld, words: &[&str]) -> Vec<String> {
    let board = world.aid(["board", "--json"]).args(words).run().expect_code(0).json();
    let tasks = board["tasks"].as_array().expect("a list").iter();
    tasks.map(|task| task["id"].as_str().expect("text").to_owned()).collect()
}

#[test]
fn an_unused_home_has_an_empty_board_and_stays_unused() {
    let world = TestWorld::new();
    let _ = world.aid(["board"]).run().expect_code(0).expect_stderr("[aid] No tasks yet. Start one: aid run codex");
    let empty = world.aid(["board", "--json"]).run().expect_code(0).json();
    assert_eq!(empty["tasks"], json!([]));
    assert_eq!(empty["totals"]["tasks"], 0);
    assert_eq!(
        (&empty["totals"]["cost_usd"], &empty["totals"]["tokens"]),
        (&json!(0.0), &json!(0)),
        "nothing is known"
    );
    assert!(!world.aid_home().exists(), "reading makes nothing");
}

#[test]
fn counts_sums_and_a_table() {
    let world = world(
        json!({"cases": [{"stdin_contains": "fail", "steps": [{"exit": 1}]}], "steps": [{"codex_ok": {"answer": "x"}}]}),
    );
    let good = finished(&world, "make it work");
    let bad = finished(&world, "fail please");
    let text = world.aid(["board"]).run().expect_code(0).stdout_text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "Tasks: 2 | 1 DONE | 1 FAIL");
    assert!(lines[1].starts_with("Tokens: 1.2k (+ 1 unknown)  Cost: — (+ 2 unknown)"), "{text}");
    assert_eq!(lines[3].split_whitespace().collect::<Vec<_>>()[..4], ["ID", "Agent", "Status", "Duration"]);
    assert!(lines[4].starts_with(&bad) && lines[4].contains("FAIL — incomplete"), "newest first: {text}");
    assert!(lines[5].starts_with(&good) && lines[5].ends_with("make it work"), "{text}");
}

#[test]
fn the_newest_and_everything_unfinished() {
    let world = world(json!({"cases": [{"stdin_contains": "wait", "steps": [{"codex_start": {}}, {"hang": true}]}],
        "steps": [{"codex_ok": {"answer": "x"}}]}));
    let old = background(&world, "wait for me");
    for number in 0..3 {
        let _ = finished(&world, &format!("task {number}"));
    }
    assert_eq!(ids(&world, &[]).len(), 4);
    assert_eq!(ids(&world, &["--limit", "2"]).len(), 2);
    assert_eq!(ids(&world, &["--running"]), std::slice::from_ref(&old));
    assert_eq!(ids(&world, &["--all"]).len(), 4);
    assert_eq!(ids(&world, &["--today"]).len(), 4);
    assert_eq!(ids(&world, &["--agent", "codex"]).len(), 4);
    assert!(ids(&world, &["--agent", "gemini"]).is_empty());
    let limited = world.aid(["board", "--json", "--limit", "1"]).run().expect_code(0).json();
    assert_eq!(limited["totals"]["tasks"], 4, "sums are over everything");
    assert_eq!(limited["totals"]["tokens"], 3 * 1234);
    // No price is known of the model that nobody named.
    assert_eq!((&limited["totals"]["cost_usd"], &limited["totals"]["cost_unknown"]), (&Value::Null, &json!(3)));
    let _ = world.aid(["board", "--limit", "1"]).run().expect_stdout("Tasks: 4 | 1 RUN | 3 DONE (3 not listed)");
    let _ = world.aid(["stop", &old, "--force"]).run().expect_code(0);
    assert!(ids(&world, &["--running"]).is_empty());
}

#[test]
fn old_unfinished_tasks_are_not_pushed_off() {
    let world = world(json!({"cases": [{"stdin_contains": "wait", "steps": [{"codex_start": {}}, {"hang": true}]}],
        "steps": [{"codex_ok": {"answer": "x"}}]}));
    let old = background(&world, "wait for me");
    let all: Vec<String> = (0..50).map(|number| background(&world, &format!("task {number}"))).collect();
    let _ = world.aid(["wait"]).args(&all).run().expect_code(0);
    let listed = ids(&world, &[]);
    assert_eq!(listed.len(), 51);
    assert_eq!(listed.last(), Some(&old), "newest first");
    let _ = world.aid(["stop", &old, "--force"]).run().expect_code(0);
}

#[test]
fn mine_is_what_this_session_dispatched() {
    let world = world(ok("x"));
    let run = |session: &str| {
        let command =
            world.aid(["run", "codex", "hi", "--json"]).env("AID_CALLER_KIND", "ci").env("AID_CALLER_SESSION", session);
        command.run().expect_code(0).json()["id"].as_str().expect("text").to_owned()
    };
    let (mine, _theirs) = (run("7"), run("8"));
    let board =
        world.aid(["board", "--mine", "--json"]).env("AID_CALLER_KIND", "ci").env("AID_CALLER_SESSION", "7").run();
    let tasks = board.expect_code(0).json()["tasks"].clone();
    assert_eq!(tasks.as_array().map(Vec::len), Some(1));
    assert_eq!(tasks[0]["id"], Value::from(mine));
    let _ = world.aid(["board", "--mine"]).run().expect_code(2).expect_stderr("AID_CALLER_KIND");
}

#[test]
fn a_running_task_shows_its_milestone() {
    let world = waiting_world();
    let id = background(&world, "hi");
    let _ = world.aid(["watch", "--stream", &id]).spawn().wait_for(Stream::Out, "\"type\":\"milestone\"");
    let _ = world.aid(["board"]).run().expect_code(0).expect_stdout("RUN — half way");
    release(&world);
    let _ = world.aid(["wait", &id]).run().expect_code(0);
    let done = world.aid(["board"]).run().expect_code(0).stdout_text();
    assert!(done.contains("DONE") && !done.contains("half way"), "{done}");
}

#[test]
fn a_stream_of_changes_ends_with_the_last_task() {
    let world = waiting_world();
    let id = background(&world, "hi");
    let mut stream = world.aid(["board", "--stream"]).spawn();
    let _ = stream.wait_for(Stream::Out, "RUN — half way");
    release(&world);
    let result = stream.wait().expect_code(0);
    let text = result.stdout_text();
    assert!(text.lines().all(|line| line.contains(&id)), "{text}");
    assert!(text.lines().last().is_some_and(|line| line.contains("DONE")), "{text}");
    assert!(!text.contains('\u{1b}'), "the screen is not cleared");
}
