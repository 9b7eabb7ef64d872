//! How a run ended, for endings of which there is no recording here.

use aid_adapter_kit::{ExitStatus, Outcome};
use serde_json::json;

use crate::support::{exit_code, exit_signal, read_text, refusals, word};

const STARTED: &str = "{\"type\":\"thread.started\",\"thread_id\":\"cb-1\"}\n{\"type\":\"turn.started\"}\n";
const ANSWER: &str =
    "{\"type\":\"item.completed\",\"item\":{\"id\":\"item_0\",\"type\":\"agent_message\",\"text\":\"ok\"}}\n";
const COMPLETED: &str = "{\"type\":\"turn.completed\",\"codebuff_credits\":1.5}\n";

fn failed(message: &str) -> String {
    format!("{}\n", json!({"type": "turn.failed", "error": {"message": message}}))
}

fn error(message: &str) -> String {
    format!("{}\n", json!({"type": "error", "message": message}))
}

fn text(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Success => "",
        Outcome::NoResult(text) | Outcome::Incomplete(text) => text,
        Outcome::Failure(refusal) => &refusal.message,
    }
}

#[test]
fn the_exit_can_take_a_success_away_but_not_give_one() {
    let unknown = ExitStatus { code: None, ..exit_code(0) };
    let complete = format!("{STARTED}{ANSWER}{COMPLETED}");
    let running = format!("{STARTED}{ANSWER}");
    let cases = [
        (&complete, exit_code(0), "success"),
        (&complete, unknown.clone(), "success"),
        (&complete, exit_signal(15), "success"),
        (&complete, exit_code(1), "other"),
        (&complete, exit_code(77), "other"),
        (&running, exit_code(0), "incomplete"),
        (&running, unknown, "incomplete"),
        (&running, exit_signal(15), "incomplete"),
        (&running, exit_code(1), "incomplete"),
        (&running, exit_code(77), "incomplete"),
    ];
    for (stdout, exit, expected) in cases {
        let verdict = read_text(stdout, "", exit.clone()).verdict;
        assert_eq!(word(&verdict.outcome), expected, "{exit:?}: {verdict:?}");
        assert_eq!(verdict.final_text.as_deref(), Some("ok"), "partial work is kept");
        assert_eq!(verdict.session.as_deref(), Some("cb-1"));
    }
    let killed = read_text(&running, "", exit_signal(9)).verdict.outcome;
    assert!(text(&killed).contains("ended by signal 9"), "{killed:?}");
}

#[test]
fn a_mark_without_an_answer_is_no_result() {
    let blank = ANSWER.replace("ok", " \\n\\t ");
    for stdout in [
        format!("{STARTED}{COMPLETED}"),
        format!("{STARTED}{blank}{COMPLETED}"),
        format!("{STARTED}{ANSWER}{blank}{COMPLETED}"),
    ] {
        let verdict = read_text(&stdout, "", exit_code(0)).verdict;
        assert_eq!(word(&verdict.outcome), "no-result", "{stdout}");
        assert_eq!(verdict.final_text, None);
    }
}

/// Their words are partly the model's, whatever they are and wherever they stand.
#[test]
fn an_error_line_is_never_the_reason_for_an_end() {
    for message in ["Tool `x` is not currently available.", "Rate limit exceeded", "Authentication failed", ""] {
        let notice = error(message);
        let good = read_text(&format!("{STARTED}{notice}{ANSWER}{notice}{COMPLETED}"), "", exit_code(0));
        assert_eq!(good.verdict.outcome, Outcome::Success, "{message}");
        assert_eq!(refusals(&good.stdout_events), Vec::<&_>::new(), "{message}");
        for code in [0, 1, 2, 77] {
            let cut = read_text(&format!("{STARTED}{notice}"), "", exit_code(code));
            assert_eq!(word(&cut.verdict.outcome), "incomplete", "{message}, exit {code}");
            assert_eq!(refusals(&cut.stdout_events), Vec::<&_>::new(), "{message}");
        }
        let silent = read_text(&format!("{STARTED}{notice}{{\"type\":\"turn.failed\"}}\n"), "", exit_code(1));
        assert_eq!(word(&silent.verdict.outcome), "other", "{message}");
        assert!(text(&silent.verdict.outcome).contains("no reason was given"), "{:?}", silent.verdict);
    }
}

#[test]
fn a_failed_turn_stays_failed() {
    let stdout = format!("{STARTED}{}{ANSWER}{COMPLETED}", failed("Insufficient credits"));
    for exit in [exit_code(0), exit_code(1), exit_signal(15)] {
        assert_eq!(word(&read_text(&stdout, "", exit).verdict.outcome), "quota");
    }
}

#[test]
fn a_key_that_the_sdk_misses_is_a_matter_of_login() {
    let message = "Codebuff API key not found. Please provide an apiKey in the constructor of CodebuffClient.";
    assert_eq!(word(&read_text(&failed(message), "", exit_code(1)).verdict.outcome), "auth");
}

/// Exit code, stderr, class, how the text begins.
const START_FAILURES: &[(i32, &str, &str, &str)] = &[
    (
        77,
        "aid-codebuff: codebuff has no API key. Make one at x:\n  export A=...",
        "auth",
        "codebuff has no API key. Make",
    ),
    (77, "", "auth", "codebuff has no API key"),
    (2, "aid-codebuff: unknown argument \"x\"", "other", "unknown argument \"x\""),
    (1, "aid-codebuff: internal error: boom", "other", "codebuff did not start: internal error: boom"),
    (
        1,
        "aid-codebuff needs Node.js 20 or newer, and this is 18.0.0",
        "other",
        "codebuff did not start: aid-codebuff needs",
    ),
    (127, "/usr/bin/env: ‘node’: No such file or directory", "other", "codebuff did not start: /usr/bin/env"),
    (
        1,
        "(node:1) Warning: x\nAI SDK Warning: y\nError [ERR_MODULE_NOT_FOUND]: Cannot find package\n    at file:///x.mjs:1",
        "other",
        "codebuff did not start: Error [ERR_MODULE_NOT_FOUND]: Cannot find package",
    ),
];

#[test]
fn a_run_that_never_began_fails_with_the_reason_from_stderr() {
    for (code, stderr, class, start) in START_FAILURES {
        let verdict = read_text("", stderr, exit_code(*code)).verdict;
        assert_eq!(word(&verdict.outcome), *class, "{stderr}: {verdict:?}");
        assert!(text(&verdict.outcome).starts_with(start), "{verdict:?}");
        // A run that was adopted late has only the host's tail.
        let tail = ExitStatus { stderr_tail: (*stderr).into(), ..exit_code(*code) };
        assert_eq!(read_text("", "", tail).verdict.outcome, verdict.outcome);
        // The same text proves nothing once the program has spoken, or when it was ended from outside.
        assert_eq!(word(&read_text(STARTED, stderr, exit_code(*code)).verdict.outcome), "incomplete");
        assert_eq!(word(&read_text("", stderr, exit_signal(15)).verdict.outcome), "incomplete");
        assert_eq!(word(&read_text("", stderr, exit_code(0)).verdict.outcome), "incomplete");
    }
    let silent = read_text("", "(node:1) Warning: x\n", exit_code(1)).verdict;
    assert_eq!(text(&silent.outcome), "codebuff ended (exit code 1) without turn.completed");
}

#[test]
fn a_new_session_in_place_of_the_one_to_resume_is_a_failure() {
    let complete = format!("{STARTED}{ANSWER}{COMPLETED}");
    let resumed = |session: &str| ExitStatus { resumed_from: Some(session.into()), ..exit_code(0) };
    let verdict = read_text(&complete, "", resumed("cb-0")).verdict;
    assert_eq!(text(&verdict.outcome), "codebuff started a new session cb-1 instead of resuming cb-0");
    assert_eq!(read_text(&complete, "", resumed("cb-1")).verdict.outcome, Outcome::Success);
}

#[test]
fn a_long_reason_is_kept_up_to_a_bound() {
    let reading = read_text(&format!("{STARTED}{}", failed(&"ä".repeat(10_000))), "", exit_code(1));
    let reason = text(&reading.verdict.outcome);
    assert!(reason.len() <= 8 << 10 && reason.len() > 8000 && reason.ends_with('…'), "{}", reason.len());
    let stderr = format!("aid-codebuff: {}", "x".repeat(100_000));
    assert!(text(&read_text("", &stderr, exit_code(2)).verdict.outcome).len() <= 8 << 10);
}
