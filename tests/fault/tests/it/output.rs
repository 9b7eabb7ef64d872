//! What agents write: huge lines, broken bytes, hostile text, a hundred thousand events. Stored whole, shown harmless.

use std::time::{Duration, Instant};

use aid_test_support::Signal;
use serde_json::{Value, json};

use crate::bed::{Backend, Bed};
use crate::processes::hold;
use crate::steps::signal_runner;

#[test]
fn a_line_of_ten_megabytes_is_the_answer_whole() {
    const BYTES: usize = 10_000_000;
    let steps = json!([{"codex_start": {}}, {"huge_line_bytes": BYTES}, {"codex_done": {}}]);
    let bed = Bed::new(Backend::Linux, &steps);
    let target = bed.at("answer.txt");
    let _ = bed.run("t-huge", &["--output", target.to_str().expect("text")]).expect_code(0);
    let answer = bed.aid(["output", "t-huge"]).run().expect_code(0).stdout;
    assert_eq!(answer.len(), BYTES);
    assert!(answer.iter().all(|byte| *byte == b'x'));
    assert!(std::fs::read(target).expect("the answer") == answer);
    assert!(bed.log("t-huge").len() > BYTES);
    let board = bed.aid(["board"]).run().expect_code(0);
    assert!(board.stdout.len() < 10_000, "the board has {} bytes", board.stdout.len());
}

#[test]
fn a_runner_that_dies_in_a_huge_line_loses_nothing_of_it() {
    const BYTES: usize = 4_000_000;
    let head = r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":""#;
    let steps = json!([{"codex_start": {}}, {"out": head}, {"out": "y".repeat(1000), "repeat": BYTES / 2000},
        signal_runner("KILL"), {"out": "y".repeat(1000), "repeat": BYTES / 2000}, {"out": "\"}}\n"}, {"codex_done": {}}]);
    let bed = Bed::new(Backend::Linux, &steps);
    bed.start("t-cut", &[]);
    let _ = bed.wait("t-cut").expect_code(0);
    let record = bed.record("t-cut");
    assert_eq!(record.output.as_ref().map(String::len), Some(BYTES));
    assert_eq!((record.kind("adopted").len(), record.kind("message").len()), (1, 1));
}

/// Every way in which a line can be broken or hostile, between lines that are not.
fn hostile() -> Vec<Value> {
    let text =
        "red \u{1b}[31m\u{1b}]0;title\u{7} bidi \u{202e}evil\u{2066} nul \u{0} tab\tcr\rbell\u{7} c1 \u{9b}31m end";
    vec![
        json!({"codex_start": {"thread": "th-1"}}),
        json!({"bytes_hex": "ff fe 00 c3 28 0a"}),
        json!({"bytes_hex": "1b 5b 32 4a 1b 5d 30 3b 78 07 0d 0a"}),
        json!({"out": "not json at all\r\n"}),
        json!({"out": "{\"type\":\"item.completed\",\"item\":{\"id\":\"a\",\"type\":\"agent_message\",\"text\":\"crlf\"}}\r\n"}),
        json!({"codex_message": format!("[MILESTONE] {text}")}),
        json!({"codex_command": {"command": format!("echo {text}"), "output": text, "exit": 0}}),
        json!({"err": format!("{text}\n")}),
        // Invalid in a string of valid JSON.
        json!({"out": "{\"type\":\"item.completed\",\"item\":{\"id\":\"b\",\"type\":\"agent_message\",\"text\":\""}),
        json!({"bytes_hex": "62 61 64 ff 80 62 79 74 65 73"}),
        json!({"out": "\"}}\n"}),
        json!({"codex_message": text}),
        json!({"codex_done": {}}),
        json!({"out": "no newline at the end"}),
    ]
}

#[test]
fn hostile_bytes_are_stored_whole_and_shown_harmless() {
    let bed = Bed::new(Backend::Linux, &json!(hostile()));
    let run = bed.run("t-hostile", &[]).expect_code(0);
    harmless("run, talk", &run.stderr);
    // The agent alone, without aid, writes the same bytes.
    let mut alone = std::process::Command::new(bed.world.bin().join("codex"));
    let alone = alone.env_clear().envs(bed.variables()).current_dir(bed.world.work()).output().expect("it runs");
    assert!(bed.log("t-hostile") == alone.stdout, "the log is not what the agent wrote");
    let stderr = std::fs::read(bed.world.aid_home().join("logs/t-hostile.stderr")).expect("a log");
    assert!(stderr == alone.stderr);

    let record = bed.record("t-hostile");
    assert_eq!((record.status(), record.kind("message").len()), ("done", 4), "{record}");
    let answer = record.output.clone().expect("an answer");
    assert!(answer.contains("\u{202e}evil") && answer.contains('\0'), "the stored answer is whole: {answer:?}");
    let output = bed.aid(["output", "t-hostile"]).run().expect_code(0);
    assert_eq!(output.stdout, answer.as_bytes(), "a program gets it as it is");
    let log = bed.aid(["show", "t-hostile", "--log"]).run().expect_code(0);
    assert!(log.stdout == alone.stdout, "a program gets it as it is");
    for words in [
        &["board"][..],
        &["board", "--stream"],
        &["show", "t-hostile"],
        &["show", "t-hostile", "--events"],
        &["watch", "t-hostile"],
        &["watch", "--quiet", "t-hostile"],
    ] {
        let result = bed.aid(words).run().expect_code(0);
        harmless(&words.join(" "), &result.stdout);
        harmless(&words.join(" "), &result.stderr);
    }
    for words in [&["board", "--json"][..], &["show", "t-hostile", "--json"], &["watch", "t-hostile", "--stream"]] {
        let result = bed.aid(words).run().expect_code(0);
        assert!(!result.json_lines().is_empty(), "{}", result.describe());
        assert!(!result.stdout.iter().any(|byte| *byte < b' ' && *byte != b'\n'), "raw control bytes in JSON");
    }
}

/// No control character but the line end, and nothing that turns the direction of text.
fn harmless(what: &str, shown: &[u8]) {
    let text = std::str::from_utf8(shown).unwrap_or_else(|why| panic!("{what}: {why}"));
    let is_harmful = |c: &char| {
        (c.is_control() && *c != '\n')
            || matches!(*c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if let Some(harmful) = text.chars().find(is_harmful) {
        panic!("{what} shows {harmful:?}:\n{text:?}");
    }
}

/// Whole megabytes fill a disk in minutes: the agent is ended at a limit, at once, and the record says so.
#[test]
fn a_flood_is_ended_at_the_limit() {
    let bed =
        Bed::new(Backend::Linux, &json!([{"codex_start": {}}, {"err": "0123456789abcde\n", "repeat": 1_000_000_000}]));
    let run = bed.aid(["run", "codex", "--id", "t-flood", "do it"]).env("AID_TEST_MAX_LOG_BYTES", "3145728").run();
    let run = run.expect_code(1);
    let record = bed.record("t-flood");
    record.expect_failed("agent_error");
    assert!(record.message().contains("wrote more than 3 MiB"), "{record}");
    let requests = record.kind("end_requested");
    assert!(requests.len() == 1 && requests[0]["cause"]["by"] == "log_limit", "{record}");
    assert!(run.stderr.len() < 100_000, "{} bytes", run.stderr.len());
    bed.expect_nothing_left("t-flood");
}

/// A task ends when its agent does, and not when its backlog is read.
#[test]
fn the_end_is_the_agents_and_not_the_readers() {
    let steps = json!([{"write": {"path": "agent", "content": "{pid}"}}, {"codex_start": {}}, {"touch": "up"},
        {"wait_file": "go"}, {"codex_message": "{n}", "repeat": 200_000}, {"codex_ok": {"answer": "x"}}]);
    let bed = Bed::new(Backend::Linux, &steps);
    bed.start("t-late", &[]);
    bed.await_file("up");
    let (runner, agent) = (hold(bed.runner("t-late")), hold(bed.pid("agent")));
    assert!(runner.signal(Signal::STOP));
    bed.touch("go");
    agent.await_end();
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let before = now();
    // From here on it sees an agent that has ended, and everything that it wrote.
    assert!(runner.signal(Signal::CONT));
    let _ = bed.wait("t-late").expect_code(0);
    let reading = now().saturating_sub(before);
    let record = bed.record("t-late");
    record.expect_done("x");
    let late = crate::latency::millis(&record.task["ended_at"]).saturating_sub(before);
    assert!(late < reading / 2, "it was read for {reading:?}, and ended after {late:?} of them");
}

/// Events that carry the task's state have an end too, and the state is right all the same.
#[test]
fn success_marks_without_end() {
    let steps = json!([{"codex_start": {}}, {"codex_message": "the answer"}, {"codex_done": {}, "repeat": 120_000},
        {"codex_done": {}}]);
    let bed = Bed::new(Backend::Linux, &steps);
    let _ = bed.run("t-marks", &[]).expect_code(0);
    let record = bed.record("t-marks");
    record.expect_done("the answer");
    assert_eq!(record.kind("events_capped").len(), 1);
    assert!(record.events.len() < 100_100, "{} events", record.events.len());
}

#[test]
fn a_hundred_thousand_events_across_an_adoption() {
    const LIMIT: usize = 100_000;
    let bed = Bed::new(
        Backend::Linux,
        &json!([{"codex_start": {"thread": "th"}}, {"codex_message": "{n}", "repeat": LIMIT + 500}, {"touch": "up"},
            {"wait_file": "go"}, signal_runner("KILL"), {"codex_message": "late {n}", "repeat": 500},
            {"codex_ok": {"answer": "the last word"}}]),
    );
    let began = Instant::now();
    bed.start("t-many", &[]);
    bed.await_file("up");
    let mut watching = bed.aid(["watch", "t-many", "--stream"]).spawn();
    watching.wait_for(aid_test_support::Stream::Out, "events_capped");
    bed.touch("go");
    let _ = watching.wait().expect_code(0);
    let took = began.elapsed();
    let record = bed.record("t-many");
    assert!(!record.kind("adopted").is_empty(), "its runner was not killed");
    assert_eq!((record.kind("events_capped").len(), record.kind("settled").len()), (1, 1));
    // The session is an event too.
    assert_eq!(record.kind("message").len(), LIMIT - 1);
    record.expect_done("the last word");
    let lines = bed.log("t-many").iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(lines, 2 + LIMIT + 500 + 500 + 2, "the log has them all");
    let looked = Instant::now();
    let _ = bed.aid(["board"]).run().expect_code(0).expect_stdout("t-many");
    println!("{LIMIT} events in {took:?}, then a board in {:?}", looked.elapsed());
    assert!(looked.elapsed() < Duration::from_secs(2), "{:?}", looked.elapsed());
}
