//! Runs that end well: a file really written, the exact answer, tokens as the server counted them, in front and behind.

use serde_json::{Value, json};

use crate::codex::{patch, rig, shell};
use crate::rig::{Rig, comparable, is_sealed};

const ANSWER: &str = "Done: made two files.\n\n* **made.txt** — naïve ✓";

/// Two model calls with tools, then the answer.
fn steps() -> Value {
    json!([
        {"text": "[MILESTONE] looking around", "tools": [shell("echo hi > made.txt && cat made.txt")],
            "usage": {"in": 1000, "cached": 0, "out": 50, "reason": 10}},
        {"tools": [patch("*** Begin Patch\n*** Add File: src/hello.py\n+print('wörld')\n*** End Patch\n")],
            "usage": {"in": 1500, "cached": 900, "out": 20, "reason": 0}},
        {"text": ANSWER, "usage": {"in": 2000, "cached": 1400, "out": 30, "reason": 5}}
    ])
}

fn expect_work(codex: &Rig, id: &str) {
    assert_eq!(std::fs::read(codex.at("made.txt")).expect("a file"), b"hi\n");
    assert_eq!(std::fs::read(codex.at("src/hello.py")).expect("a file"), "print('wörld')\n".as_bytes());
    let output = codex.aid(["output", id]).run().expect_code(0);
    assert_eq!(output.stdout_text(), ANSWER);
    let shown = codex.shown(id);
    let task = &shown["task"];
    assert_eq!((&task["status"], &task["exit_code"]), (&json!("done"), &json!(0)), "{shown:#}");
    let usage =
        json!({"input": 4500, "cached_input": 2300, "cache_write": 0, "output": 100, "reasoning": 15, "total": 4600});
    assert_eq!(task["usage"], usage, "{shown:#}");
    assert_eq!(task["milestone"], "looking around", "{shown:#}");
    codex.expect_nothing_left(id);
}

#[test]
fn in_the_foreground() {
    if !is_sealed(&in_the_foreground) {
        return;
    }
    let codex = rig(&steps());
    let target = codex.world.root().join("answer.md");
    let run = codex.run("t-front", &["--output", target.to_str().expect("text")]).expect_code(0);
    assert_eq!(run.stdout_text(), format!("{ANSWER}\n"));
    expect_work(&codex, "t-front");
    assert_eq!(std::fs::read(target).expect("the answer"), ANSWER.as_bytes());
    // What the model was asked, and by whom.
    let requests = codex.model.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests[0]["body"].to_string().contains("do the task"));
    assert_eq!(requests[0]["headers"]["authorization"].as_str().map(|key| key.ends_with("real")), Some(true));
    assert_eq!(codex.world.git(&["log", "--format=%s"]), "first\n", "nothing is committed in somebody's own checkout");
}

#[test]
fn front_and_back_leave_the_same_record() {
    if !is_sealed(&front_and_back_leave_the_same_record) {
        return;
    }
    let mut codex = rig(&steps());
    let _ = codex.run("t-front", &[]).expect_code(0);
    expect_work(&codex, "t-front");
    std::fs::remove_file(codex.at("made.txt")).expect("a file");
    std::fs::remove_dir_all(codex.at("src")).expect("a directory");
    codex.switch_model(&steps());
    codex.start("t-back");
    let _ = codex.aid(["wait", "t-back"]).run().expect_code(0);
    expect_work(&codex, "t-back");
    assert_eq!(comparable(codex.shown("t-front")), comparable(codex.shown("t-back")));
}
