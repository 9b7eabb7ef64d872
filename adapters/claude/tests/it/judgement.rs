//! How a run ended, for endings of which there is no recording here.

use aid_adapter_kit::{ExitStatus, Outcome};

use crate::support::{exit_code, exit_signal, read_text, refusals, word};

const INIT: &str = "{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"s-1\",\"model\":\"m\"}\n";
const TEXT: &str = "{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"ok\"}]}}\n";
const CALL: &str = "{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"Bash\",\"input\":{}}]}}\n";
const OWN: &str = "{\"type\":\"assistant\",\"error\":\"rate_limit\",\"message\":{\"model\":\"<synthetic>\",\"content\":[{\"type\":\"text\",\"text\":\"API Error: 429\"}]}}\n";
const DONE: &str = "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"ok\"}\n";
const RETRY: &str = "{\"type\":\"system\",\"subtype\":\"api_retry\",\"attempt\":1,\"max_retries\":10,\"retry_delay_ms\":603.04,\"error_status\":529,\"error\":\"overloaded\"}\n";

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
        // A caught signal: a command was cut short, and claude went on with what was left of it.
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
fn claudes_last_word_counts_where_no_result_came() {
    let verdict = read_text(&format!("{INIT}{OWN}"), "", exit_signal(9)).verdict;
    assert_eq!(word(&verdict.outcome), "rate-limit");
    assert_eq!(verdict.final_text, None);
    assert_eq!(word(&read_text(&format!("{INIT}{OWN}{TEXT}"), "", exit_signal(9)).verdict.outcome), "incomplete");
}

#[test]
fn a_run_that_was_ended_while_it_tried_again_says_why() {
    let reading = read_text(&format!("{INIT}{RETRY}{RETRY}"), "", exit_signal(9));
    let said: Vec<_> = refusals(&reading.stdout_events).iter().map(|r| (r.class.as_str(), r.final_)).collect();
    assert_eq!(said, [("capacity", false)]);
    assert_eq!(word(&reading.verdict.outcome), "incomplete");
    assert!(text(&reading.verdict.outcome).contains("overloaded, HTTP 529"), "{:?}", reading.verdict);
}

#[test]
fn root_is_told_what_to_do() {
    let stderr = "--dangerously-skip-permissions cannot be used with root/sudo privileges for security reasons\n";
    let verdict = read_text("", stderr, exit_code(1)).verdict;
    assert!(text(&verdict.outcome).contains("option as-root"), "{verdict:?}");
    let adopted = ExitStatus { stderr_tail: stderr.into(), ..exit_code(1) };
    assert!(text(&read_text("", "", adopted).verdict.outcome).contains("option as-root"));
    // The same text proves nothing once claude has spoken, or when it was ended from outside.
    assert_eq!(word(&read_text(INIT, stderr, exit_code(1)).verdict.outcome), "incomplete");
    assert_eq!(word(&read_text("", stderr, exit_signal(15)).verdict.outcome), "incomplete");
    assert_eq!(word(&read_text("", stderr, exit_code(143)).verdict.outcome), "incomplete");
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
