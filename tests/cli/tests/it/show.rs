//! `aid show` and `aid output`: one task, whole or in parts.

use serde_json::json;

use crate::scripts::{background, fails, finished, ok, release, waiting_world, world};

#[test]
fn the_summary_tells_the_story() {
    let world = world(json!([
        {"codex_start": {"thread": "01a20243-0000-7000-8000-000000000001"}},
        {"codex_message": "[MILESTONE] read the code\n\nand so on"},
        {"codex_command": {"command": "false", "exit": 1}},
        {"codex_message": "the end"},
        {"codex_done": {"usage": {"in": 12000, "cached": 2000, "out": 340, "reason": 40}}}
    ]));
    let id = finished(&world, "fix it\nand more");
    let text = world.aid(["show", &id]).run().expect_code(0).stdout_text();
    for part in [
        &format!("{id} codex 0.169.0 DONE"),
        "prompt    fix it … (2 lines)",
        "tokens    12.3k total: 12.0k in (2.0k cached), 340 out (40 reasoning)",
        "cost      —",
        "session   01a20243-0000-7000-8000-000000000001",
        "Milestones",
        "read the code",
        &format!("aid output {id}"),
    ] {
        assert!(text.contains(part), "no {part:?}\n{text}");
    }
}

#[test]
fn a_failure_says_why_and_what_next() {
    let world = world(fails("unexpected status 401 Unauthorized: bad key, url: http://127.0.0.1:1/v1/responses"));
    let id = finished(&world, "hi");
    let shown = world.aid(["show", &id]).run().expect_code(0);
    let _ =
        shown.expect_stdout("FAIL").expect_stdout("why       auth: unexpected status 401").expect_stdout("aid doctor");
}

#[test]
fn every_event_has_a_line() {
    let world = world(ok("x"));
    let id = finished(&world, "hi");
    let text = world.aid(["show", &id, "--events"]).run().expect_code(0).stdout_text();
    let events = world.aid(["show", &id, "--json"]).run().expect_code(0).json()["events"].clone();
    assert_eq!(Some(text.lines().count()), events.as_array().map(Vec::len));
    for (line, event) in text.lines().zip(events.as_array().expect("a list")) {
        assert_eq!(line.split_whitespace().nth(1), event["type"].as_str(), "{line}");
    }
}

#[test]
fn parts_are_exact_in_a_pipe() {
    let answer = "no newline at the end: \u{1b}[1m é \u{202e}\r\n x";
    let world = world(json!([{"echo_stdin_to": "heard"}, {"codex_ok": {"answer": answer}}]));
    let id = finished(&world, "hi\r\nthere");
    for words in [["output", &id].as_slice(), &["show", &id, "--output"]] {
        assert_eq!(world.aid(words).run().expect_code(0).stdout_text(), answer);
    }
    let prompt = world.aid(["show", &id, "--prompt"]).run().expect_code(0).stdout;
    assert_eq!(prompt, world.read("work/heard"), "the prompt is what the agent heard");
    let whole = world.aid(["show", &id, "--json"]).run().expect_code(0).json();
    assert_eq!(whole["output"], json!(answer));
    assert_eq!(whole["task"]["prompt"], json!("hi\r\nthere"));
}

#[test]
fn a_task_without_an_answer_says_so() {
    let world = waiting_world();
    let id = background(&world, "hi");
    let early = world.aid(["output", &id]).run().expect_code(1);
    assert!(early.stdout.is_empty());
    let _ = early.expect_stderr("has not answered yet").expect_stderr(&format!("aid wait {id}"));
    release(&world);
    let _ = world.aid(["wait", &id]).run().expect_code(0);
    let _ = world.aid(["output", &id]).run().expect_code(0);

    let world = crate::scripts::world(fails("exceeded retry limit, last status: 429 Too Many Requests"));
    let id = finished(&world, "hi");
    let never = world.aid(["output", &id]).run().expect_code(6).expect_stderr("without an answer");
    assert!(never.stdout.is_empty(), "{}", never.describe());
}

#[test]
fn the_last_words_of_a_failed_task_are_called_that() {
    let world = world(json!([{"codex_message": "half of it"}, {"hang": true}]));
    let failed = world.aid(["run", "codex", "--id", "t-half", "--idle-timeout", "500ms", "hi"]).run().expect_code(124);
    assert!(failed.stderr_text().contains("FAIL"), "{}", failed.describe());
    for words in [["output", "t-half"].as_slice(), &["show", "t-half", "--output"]] {
        let told = world.aid(words).run().expect_code(124).expect_stderr("t-half FAIL").expect_stderr("last message");
        assert_eq!(told.stdout_text(), "half of it");
    }
}

#[test]
fn a_line_of_ten_megabytes_is_whole_and_harmless() {
    const BYTES: usize = 10_000_000;
    let world = world(json!([{"codex_start": {}}, {"huge_line_bytes": BYTES}, {"codex_done": {}}]));
    let id = finished(&world, "hi");
    let answer = world.aid(["output", &id]).run().expect_code(0).stdout;
    assert_eq!(answer.len(), BYTES, "the answer is whole");
    let log = world.aid(["show", &id, "--log"]).run().expect_code(0);
    assert!(log.stdout.len() > BYTES, "the log is whole");
    for words in [["board"].as_slice(), &["show", &id], &["show", &id, "--events"], &["watch", &id]] {
        let text = world.aid(words).run().stdout_text();
        assert!(!text.is_empty() && text.lines().all(|line| line.len() < 10_000), "{words:?}");
    }
}
