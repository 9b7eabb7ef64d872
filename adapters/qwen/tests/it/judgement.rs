//! How a run ended, for endings of which there is no recording here.

use aid_adapter_kit::{ExitStatus, Outcome};

use crate::support::{exit_code, exit_signal, read_text, word};

const INIT: &str = "{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"s-1\",\"model\":\"m\"}\n";
const TEXT: &str = "{\"type\":\"assistant\",\"message\":{\"usage\":{\"input_tokens\":1},\"content\":[{\"type\":\"text\",\"text\":\"ok\"}]}}\n";
const CALL: &str = "{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"Bash\",\"input\":{}}]}}\n";
const DONE: &str = "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"ok\"}\n";

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
    let complete = format!("{INIT}{TEXT}{DONE}");
    let running = format!("{INIT}{TEXT}");
    let cases = [
        (&complete, exit_code(0), "success"),
        (&complete, unknown.clone(), "success"),
        (&complete, exit_signal(9), "success"),
        (&complete, exit_code(1), "other"),
        (&complete, exit_code(143), "incomplete"),
        (&complete, exit_code(130), "incomplete"),
        (&running, exit_code(0), "incomplete"),
        (&running, unknown, "incomplete"),
        (&running, exit_signal(15), "incomplete"),
        (&running, exit_code(143), "incomplete"),
        (&running, exit_code(1), "incomplete"),
    ];
    for (stdout, exit, expected) in cases {
        let verdict = read_text(stdout, "", exit.clone()).verdict;
        assert_eq!(word(&verdict.outcome), expected, "{exit:?}: {verdict:?}");
        assert_eq!(verdict.final_text.as_deref(), Some("ok"), "partial work is kept");
        assert_eq!(verdict.session.as_deref(), Some("s-1"));
    }
    let killed = read_text(&running, "", exit_code(143)).verdict.outcome;
    assert!(text(&killed).contains("SIGTERM"), "{killed:?}");
}

#[test]
fn a_result_must_say_that_it_is_no_error() {
    for line in [
        "{\"type\":\"result\",\"subtype\":\"success\",\"result\":\"ok\"}",
        "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":\"false\",\"result\":\"ok\"}",
        "{\"type\":\"result\",\"is_error\":false,\"result\":\"ok\"}",
        "{\"type\":\"result\",\"subtype\":\"error_during_execution\",\"is_error\":false}",
    ] {
        let verdict = read_text(&format!("{INIT}{TEXT}{line}\n"), "", exit_code(0)).verdict;
        assert_eq!(word(&verdict.outcome), "other", "{line}");
    }
}

#[test]
fn work_after_a_result_needs_another_result() {
    let outcome = |stdout: String| word(&read_text(&stdout, "", exit_code(0)).verdict.outcome).to_owned();
    assert_eq!(outcome(format!("{INIT}{TEXT}{DONE}{CALL}")), "incomplete");
    assert_eq!(outcome(format!("{INIT}{TEXT}{DONE}{CALL}{TEXT}{DONE}")), "success");
}

#[test]
fn a_run_that_never_began_fails_with_the_reason_from_stderr() {
    let stderr = "Unknown argument: nope\nUsage: qwen [options] [command]\n\nQwen Code - Launch\n";
    let verdict = read_text("", stderr, exit_code(1)).verdict;
    assert_eq!(text(&verdict.outcome), "qwen did not understand its command line: Unknown argument: nope");
    let adopted = ExitStatus { stderr_tail: stderr.into(), ..exit_code(1) };
    assert_eq!(word(&read_text("", "", adopted).verdict.outcome), "other");
    // The same text proves nothing once qwen has spoken, or when it was ended from outside.
    assert_eq!(word(&read_text(INIT, stderr, exit_code(1)).verdict.outcome), "incomplete");
    assert_eq!(word(&read_text("", stderr, exit_signal(15)).verdict.outcome), "incomplete");
    assert_eq!(word(&read_text("", stderr, exit_code(0)).verdict.outcome), "incomplete");
}

#[test]
fn another_session_than_the_one_to_resume_is_a_failure() {
    let resumed = |session: &str| ExitStatus { resumed_from: Some(session.into()), ..exit_code(0) };
    let complete = format!("{INIT}{TEXT}{DONE}");
    assert_eq!(read_text(&complete, "", resumed("s-1")).verdict.outcome, Outcome::Success);
    let verdict = read_text(&complete, "", resumed("s-0")).verdict;
    assert!(text(&verdict.outcome).contains("session s-1 instead of resuming s-0"), "{verdict:?}");
}
