//! `aid run --dry-run`: says everything, starts nothing.

use serde_json::json;

use crate::scripts::{ok, world};

#[test]
fn it_says_what_would_be_started() {
    let world = world(ok("never"));
    let run = world.aid(["run", "codex", "hi there", "--dry-run", "--model", "gpt-6-luna", "--timeout", "5m"]);
    let text = run.env("MY_SECRET_TOKEN", "hush").env("EDITOR", "vi").run().expect_code(0).stdout_text();
    let codex = world.bin().join("codex");
    for part in [
        "agent     codex",
        "gpt-6-luna",
        codex.to_str().expect("text"),
        "exec --json",
        "limits    5m, idle 10m",
        "Task",
        "EDITOR",
    ] {
        assert!(text.contains(part), "no {part:?}\n{text}");
    }
    assert!(!text.contains("MY_SECRET_TOKEN") && !text.contains("hush"), "{text}");
}

#[test]
fn it_starts_nothing_and_makes_no_task() {
    let world = world(json!([{"touch": "ran"}, {"codex_ok": {"answer": "x"}}]));
    let plan = world
        .aid(["run", "codex", "hi", "--dry-run", "--json", "--max-cost", "0.1", "--read-only"])
        .run()
        .expect_code(0)
        .json();
    assert_eq!(plan["agent"], "codex");
    assert_eq!(plan["max_cost_usd"], json!(0.1));
    assert_eq!(plan["read_only"], json!(true));
    assert_eq!(plan["dir"], json!(world.work()));
    let sections = plan["sections"].as_array().expect("a list");
    assert!(sections.iter().any(|section| section["title"] == "Task"));
    assert_eq!(world.aid(["board", "--json"]).run().expect_code(0).json()["tasks"], json!([]));
    assert!(!world.work().join("ran").exists());
}

#[test]
fn it_refuses_what_a_run_refuses() {
    let world = world(ok("never"));
    let _ = world.aid(["run", "nobody", "hi", "--dry-run"]).run().expect_code(2).expect_stderr("unknown agent");
    world.remove_agent("codex");
    let _ = world.aid(["run", "codex", "hi", "--dry-run"]).run().expect_code(127);
}
