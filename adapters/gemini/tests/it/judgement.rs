//! How a run ended, for endings of which there is no recording here.

use aid_adapter_kit::{Event, ExitStatus, Outcome, Request};
use serde_json::{Value, json};

use crate::support::{Recording, SESSION, exit_code, exit_signal, read_text, read_whole, refusals, request, word};

fn line(value: &Value) -> String {
    format!("{value}\n")
}

fn started() -> String {
    let init = json!({"type": "init", "timestamp": "2026-11-22T08:00:00.000Z", "session_id": SESSION, "model": "gemini-2.5-pro"});
    let echo = json!({"type": "message", "timestamp": "2026-11-22T08:00:00.100Z", "role": "user", "content": "do it"});
    line(&init) + &line(&echo)
}

fn said_at(text: &str, time: &str) -> String {
    let timestamp = format!("2026-11-22T{time}Z");
    line(&json!({"type": "message", "timestamp": timestamp, "role": "assistant", "content": text, "delta": true}))
}

fn said(text: &str) -> String {
    said_at(text, "08:00:01.000")
}

fn called(name: &str, parameters: &Value, result: &Value) -> String {
    let mut result = result.clone();
    result["type"] = json!("tool_result");
    result["tool_id"] = json!("c1");
    line(&json!({"type": "tool_use", "tool_name": name, "tool_id": "c1", "parameters": parameters})) + &line(&result)
}

fn error(severity: &str, message: &str) -> String {
    line(&json!({"type": "error", "severity": severity, "message": message}))
}

fn succeeded() -> String {
    let counts = json!({"total_tokens": 1239, "input_tokens": 1200, "output_tokens": 34, "cached": 200, "input": 1000});
    let mut stats = counts.clone();
    stats["models"] = json!({"gemini-2.5-pro": counts});
    line(&json!({"type": "result", "status": "success", "stats": stats}))
}

fn failed(kind: &str, message: &str) -> String {
    line(&json!({"type": "result", "status": "error", "error": {"type": kind, "message": message}, "stats": {}}))
}

fn text(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Success => "",
        Outcome::NoResult(text) | Outcome::Incomplete(text) => text,
        Outcome::Failure(refusal) => &refusal.message,
    }
}

fn outcome_of(stdout: &str, exit: ExitStatus) -> String {
    word(&read_text(stdout, "", exit).verdict.outcome).to_owned()
}

#[test]
fn the_exit_can_take_a_success_away_but_not_give_one() {
    let unknown = ExitStatus { code: None, ..exit_code(0) };
    let complete = started() + &said("ok") + &succeeded();
    let running = started() + &said("ok");
    let cases = [
        (&complete, exit_code(0), "success"),
        (&complete, unknown.clone(), "success"),
        (&complete, exit_signal(15), "success"),
        (&complete, exit_code(1), "other"),
        (&running, exit_code(0), "incomplete"),
        (&running, unknown, "incomplete"),
        (&running, exit_signal(15), "incomplete"),
        (&running, exit_code(1), "incomplete"),
        (&running, exit_code(54), "incomplete"),
        // The status of an HTTP answer, of which gemini lost the words.
        (&running, exit_code(173), "rate-limit"),
        (&running, exit_code(145), "auth"),
        (&running, exit_code(147), "auth"),
        (&running, exit_code(148), "model"),
        (&running, exit_code(244), "capacity"),
        (&running, exit_code(247), "capacity"),
        (&running, exit_code(144), "incomplete"),
    ];
    for (stdout, exit, expected) in cases {
        let verdict = read_text(stdout, "", exit.clone()).verdict;
        assert_eq!(word(&verdict.outcome), expected, "{exit:?}: {verdict:?}");
        assert_eq!(verdict.final_text.as_deref(), Some("ok"), "partial work is kept");
        assert_eq!(verdict.session.as_deref(), Some(SESSION));
    }
    let killed = read_text(&running, "", exit_signal(9)).verdict.outcome;
    assert!(text(&killed).contains("SIGKILL"), "{killed:?}");
}

#[test]
fn a_stop_of_geminis_own_is_no_success_whatever_its_result_says() {
    for stop in [
        error("warning", "Loop detected, stopping execution"),
        error("error", "Maximum session turns exceeded"),
        error("error", "anything that was the last word"),
    ] {
        let reading = read_text(&(started() + &said("drip") + &stop + &succeeded()), "", exit_code(0));
        assert_eq!(word(&reading.verdict.outcome), "other", "{stop}");
        assert!(!reading.stdout_events.contains(&Event::Finished), "{stop}");
        assert_eq!(refusals(&reading.stdout_events), Vec::<&_>::new(), "nobody refused anything");
    }
    // After these gemini went on.
    for told in [error("warning", "Agent execution blocked: no"), error("error", "one of many")] {
        assert_eq!(outcome_of(&(started() + &told + &said("done") + &succeeded()), exit_code(0)), "success", "{told}");
    }
}

#[test]
fn a_mark_without_an_answer_after_the_last_tool_call_is_no_result() {
    let call = called("glob", &json!({"pattern": "*"}), &json!({"status": "success"}));
    for stdout in [succeeded(), said(" \n\t") + &succeeded(), said("looking") + &call + &succeeded()] {
        let verdict = read_text(&(started() + &stdout), "", exit_code(0)).verdict;
        assert_eq!(word(&verdict.outcome), "no-result", "{stdout}");
        assert_eq!(verdict.final_text, None);
    }
    let verdict = read_text(&(started() + &said("looking") + &call), "", exit_signal(15)).verdict;
    assert_eq!(verdict.final_text.as_deref(), Some("looking"), "the last words of a run that was ended");
}

#[test]
fn the_mark_counts_only_as_the_last_word() {
    let first = started() + &said("one") + &succeeded();
    assert_eq!(outcome_of(&(first.clone() + &said("two")), exit_code(0)), "incomplete");
    assert_eq!(outcome_of(&(first.clone() + &failed("unknown", "[API Error: fetch failed]")), exit_code(0)), "network");
    assert_eq!(outcome_of(&(started() + &failed("unknown", "x") + &said("one") + &succeeded()), exit_code(0)), "other");
    let twice = read_text(&(first + &succeeded()), "", exit_code(0));
    let samples = twice.stdout_events.iter().filter(|event| matches!(event, Event::Usage(_))).count();
    assert_eq!(samples, 1, "a second result tells the same totals");
    let unknown = started() + &said("one") + "{\"type\":\"result\",\"status\":\"partial\"}\n";
    assert_eq!(outcome_of(&unknown, exit_code(0)), "other");
}

#[test]
fn an_answer_that_was_begun_anew_counts_once() {
    let stdout = started()
        + &said_at("The answer", "08:00:01.000")
        + &said_at(" is not", "08:00:01.050")
        + &said_at("The answer", "08:00:03.000")
        + &said_at(" is not known.", "08:00:03.050")
        + &succeeded();
    let verdict = read_text(&stdout, "", exit_code(0)).verdict;
    assert_eq!(verdict.final_text.as_deref(), Some("The answer is not known."));
    assert!(verdict.evidence.ends_with("begun anew, and counts once"), "{}", verdict.evidence);
}

#[test]
fn an_error_without_a_class_has_that_of_the_exit_code() {
    let unknown = started() + &failed("unknown", "[API Error: Something new.]");
    for (code, class) in [(173, "rate-limit"), (247, "capacity"), (145, "auth"), (1, "other"), (0, "other")] {
        assert_eq!(outcome_of(&unknown, exit_code(code)), class, "exit {code}");
    }
    let known = started() + &failed("unknown", "[API Error: You have exhausted your daily quota on this model.]");
    assert_eq!(outcome_of(&known, exit_code(173)), "quota", "the text says more");
    let verdict = read_text(&unknown, "", exit_code(173)).verdict;
    let Outcome::Failure(refusal) = &verdict.outcome else { panic!("{verdict:?}") };
    assert_eq!(refusal.pool.as_deref(), Some("gemini-2.5-pro"));
}

#[test]
fn the_reason_of_a_broken_stream_stands_in_the_line_before() {
    let ended = line(&json!({"type": "result", "status": "error", "stats": {}}));
    for (message, class) in [
        ("Model stream ended without a finish reason.", "network"),
        ("The model response was blocked due to safety settings.", "refused"),
        ("The model returned reasoning thoughts but no final response text. Try /compress.", "other"),
    ] {
        let verdict = read_text(&(started() + &error("error", message) + &ended), "", exit_code(0)).verdict;
        assert_eq!((word(&verdict.outcome), text(&verdict.outcome)), (class, message));
    }
    let silent = read_text(&(started() + &ended), "", exit_code(0)).verdict;
    assert!(text(&silent.outcome).contains("gave no reason"), "{silent:?}");
}

/// Exit code, stderr, class, a part of the text.
const START_FAILURES: &[(i32, &str, &str, &str)] = &[
    (41, "Please set an Auth method in your /home/u/.gemini/settings.json", "auth", "Please set an Auth method"),
    (41, "Invalid auth method selected.", "auth", "nothing to log in with"),
    (55, "Gemini CLI is not running in a trusted directory.", "other", "trusted directory"),
    (42, "No input provided via stdin.", "other", "No input"),
    (52, "Error in: general\n    Unrecognized key", "other", "Unrecognized key"),
    (
        1,
        "Unknown argument: nope\nUsage: gemini [options] [command]\n\nOptions:\n  -h, --help",
        "other",
        "Unknown argument: nope)",
    ),
    (1, "Error: boom\n    at main (file:///gemini.js:1:1)\n\nNode.js v20.1.0", "other", "Error: boom)"),
    (1, "An unexpected critical error occurred:[object Object]", "other", "critical error"),
    (173, "", "rate-limit", "exit code 173"),
];

#[test]
fn a_run_that_never_began_fails_with_the_class_of_its_exit_code_and_the_words_of_stderr() {
    for (code, stderr, class, part) in START_FAILURES {
        let stderr = format!("YOLO mode is enabled. All tool calls will be automatically approved.\n{stderr}\n");
        let verdict = read_text("", &stderr, exit_code(*code)).verdict;
        assert_eq!(word(&verdict.outcome), *class, "{stderr}: {verdict:?}");
        assert!(text(&verdict.outcome).contains(part), "{verdict:?}");
        assert!(!text(&verdict.outcome).contains("YOLO"), "{verdict:?}");
        // The same text proves nothing when gemini was ended from outside, or ended well.
        assert_eq!(word(&read_text("", &stderr, exit_signal(15)).verdict.outcome), "incomplete");
        assert_eq!(word(&read_text("", &stderr, exit_code(0)).verdict.outcome), "incomplete");
        // A run that was adopted late has only the host's tail.
        let tail = ExitStatus { stderr_tail: stderr, ..exit_code(*code) };
        assert_eq!(word(&read_text("", "", tail).verdict.outcome), *class);
    }
}

fn resumed(session: &str, code: i32) -> ExitStatus {
    ExitStatus { resumed_from: Some(session.into()), ..exit_code(code) }
}

#[test]
fn a_new_session_in_place_of_the_one_to_resume_is_a_failure() {
    const OTHER: &str = "99999999-2222-4333-8444-555555555555";
    let complete = started() + &said("ok") + &succeeded();
    let verdict = read_text(&complete, "", resumed(OTHER, 0)).verdict;
    assert_eq!(word(&verdict.outcome), "other");
    assert!(text(&verdict.outcome).contains(&format!("a new session {SESSION} instead of resuming {OTHER}")));
    assert_eq!(read_text(&complete, "", resumed(SESSION, 0)).verdict.outcome, Outcome::Success);
    let unsaid = said("ok") + &succeeded();
    assert_eq!(outcome_of(&unsaid, resumed(SESSION, 0)), "other");

    // The request alone says it too.
    let request = Request { resume: Some(OTHER.into()), ..request() };
    let recording = Recording::made_up(&complete, "", request, exit_code(0));
    assert_eq!(word(&read_whole(&recording).verdict.outcome), "other");

    let stderr = "Error resuming session: No previous sessions found for this project.\n";
    let verdict = read_text("", stderr, resumed(OTHER, 42)).verdict;
    assert!(text(&verdict.outcome).starts_with(&format!("gemini has no session {OTHER} to resume")), "{verdict:?}");
}

#[test]
fn other_output_formats_are_never_a_success() {
    let object = json!({"session_id": SESSION, "response": "done", "stats": {"models": {}}});
    let pretty = serde_json::to_string_pretty(&object).expect("JSON");
    for stdout in ["Hello, all done.\n".to_owned(), line(&object), pretty, "{\"session_id\": \"80".to_owned()] {
        for (code, expected) in [(0, "incomplete"), (1, "incomplete"), (173, "rate-limit")] {
            assert_eq!(outcome_of(&stdout, exit_code(code)), expected, "{stdout}, exit {code}");
        }
    }
}

#[test]
fn tool_calls_say_what_is_known_and_changes_are_told_when_they_are_made() {
    let events = |name: &str, parameters: Value, result: Value| {
        let all = read_text(&(started() + &called(name, &parameters, &result)), "", exit_code(0)).stdout_events;
        let ended =
            all.iter().find_map(|event| if let Event::ToolEnd(tool) = event { Some(tool.clone()) } else { None });
        let change =
            all.iter().find_map(|event| if let Event::FileChange(kv) = event { Some(kv.clone()) } else { None });
        let tool = ended.expect("an end");
        (tool.kind, tool.detail, tool.ok, change.map(|kv| (kv.key, kv.value)))
    };
    let good = json!({"status": "success"});
    let bad = json!({"status": "error", "error": {"type": "x", "message": "no"}});
    let change = |how: &str| Some(("a.rs".to_owned(), how.to_owned()));
    let edit = |old: &str| json!({"file_path": "a.rs", "old_string": old, "new_string": "x"});
    assert_eq!(
        events("run_shell_command", json!({"command": "ls; exit 3"}), good.clone()),
        ("shell".into(), "ls; exit 3".into(), None, None)
    );
    assert_eq!(events("run_shell_command", json!({"command": "ls"}), bad.clone()).2, Some(false));
    assert_eq!(
        events("write_file", edit(""), good.clone()),
        ("edit".into(), "a.rs".into(), Some(true), change("update"))
    );
    assert_eq!(events("replace", edit("y"), good.clone()).3, change("update"));
    assert_eq!(events("replace", edit(""), good.clone()).3, change("add"));
    assert_eq!(events("replace", edit("y"), bad).3, None);
    assert_eq!(events("read_file", json!({"file_path": "a.rs"}), good.clone()).3, None);
    assert_eq!(
        events("mcp_server_do", json!({"x": 1}), good.clone()),
        ("mcp".into(), "{\"x\":1}".into(), Some(true), None)
    );
    assert_eq!(events("google_web_search", json!({"query": "rust"}), good).0, "web");
}
