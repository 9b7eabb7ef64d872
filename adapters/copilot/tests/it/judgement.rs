//! How a run ended, for endings of which there is no recording here.

use aid_adapter_kit::{ExitStatus, Outcome};

use crate::support::{exit_code, exit_signal, read_text, refusals, word};

const TEXT: &str = "{\"type\":\"assistant.message\",\"data\":{\"content\":\"ok\"}}\n";
const FAILED: &str = "{\"type\":\"model.call_failure\",\"data\":{\"statusCode\":503,\"failureKind\":\"api\",\"errorMessage\":\"busy\"}}\n";
const ERROR: &str =
    "{\"type\":\"session.error\",\"data\":{\"errorType\":\"authentication\",\"message\":\"no\",\"statusCode\":401}}\n";
const ABORT: &str = "{\"type\":\"abort\",\"data\":{\"reason\":\"user_abort\"}}\n";
const DONE: &str = "{\"type\":\"result\",\"sessionId\":\"s-1\",\"exitCode\":0}\n";

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
    let complete = format!("{TEXT}{DONE}");
    let cases = [
        (complete.as_str(), exit_code(0), "success"),
        (&complete, unknown.clone(), "success"),
        (&complete, exit_signal(15), "success"),
        (&complete, exit_code(1), "other"),
        (&complete, exit_code(130), "incomplete"),
        (TEXT, exit_code(0), "incomplete"),
        (TEXT, unknown, "incomplete"),
        (TEXT, exit_signal(15), "incomplete"),
        (TEXT, exit_code(1), "incomplete"),
    ];
    for (stdout, exit, expected) in cases {
        let verdict = read_text(stdout, "", exit.clone()).verdict;
        assert_eq!(word(&verdict.outcome), expected, "{exit:?}: {verdict:?}");
        assert_eq!(verdict.final_text.as_deref(), Some("ok"), "partial work is kept");
    }
}

#[test]
fn a_result_must_say_exit_code_0() {
    for (code, expected) in [("1", "other"), ("\"0\"", "other"), ("null", "other"), ("0", "success")] {
        let stdout = format!("{TEXT}{}", DONE.replace(":0}", &format!(":{code}}}")));
        let reading = read_text(&stdout, "", exit_code(0));
        assert_eq!(word(&reading.verdict.outcome), expected, "{code}");
    }
    let without = format!("{TEXT}{{\"type\":\"result\",\"sessionId\":\"s-1\"}}\n");
    assert!(text(&read_text(&without, "", exit_code(0)).verdict.outcome).contains("no exit code"));
}

#[test]
fn an_abort_takes_a_success_away() {
    let verdict = read_text(&format!("{TEXT}{ABORT}{DONE}"), "", exit_code(0)).verdict;
    assert_eq!(text(&verdict.outcome), "copilot was interrupted: user_abort");
}

#[test]
fn work_after_a_result_needs_another_result() {
    let outcome = |stdout: String| word(&read_text(&stdout, "", exit_code(0)).verdict.outcome).to_owned();
    assert_eq!(outcome(format!("{TEXT}{DONE}{TEXT}")), "incomplete");
    assert_eq!(outcome(format!("{TEXT}{DONE}{TEXT}{DONE}")), "success");
    assert_eq!(outcome(DONE.to_owned()), "no-result");
}

#[test]
fn an_error_counts_until_the_assistant_goes_on() {
    let failed = DONE.replace(":0}", ":1}");
    assert_eq!(word(&read_text(&format!("{ERROR}{failed}"), "", exit_code(1)).verdict.outcome), "auth");
    assert_eq!(word(&read_text(&format!("{ERROR}{TEXT}{failed}"), "", exit_code(1)).verdict.outcome), "other");
    // Without a last line it was the last word.
    assert_eq!(word(&read_text(ERROR, "", exit_signal(9)).verdict.outcome), "auth");
    assert_eq!(word(&read_text(&format!("{ERROR}{TEXT}"), "", exit_signal(9)).verdict.outcome), "incomplete");
}

#[test]
fn a_run_that_was_ended_while_it_tried_again_says_why() {
    let reading = read_text(&format!("{FAILED}{FAILED}"), "", exit_signal(9));
    let said: Vec<_> = refusals(&reading.stdout_events).iter().map(|r| (r.class.as_str(), r.final_)).collect();
    assert_eq!(said, [("capacity", false)]);
    assert!(text(&reading.verdict.outcome).contains("HTTP 503: busy"), "{:?}", reading.verdict);
}

#[test]
fn a_run_that_never_began_fails_with_the_reason_from_stderr() {
    let cases = [
        (
            "Error: No authentication information found.\n\nCopilot can be",
            "auth",
            "No authentication information found.",
        ),
        ("Package extraction took 9067ms\n\nerror: unexpected argument '--x' found\n", "other", "did not understand"),
        ("Error: No session, task, or name matched 'x'.\n\nTo resume", "other", "No session"),
    ];
    for (stderr, class, part) in cases {
        let verdict = read_text("", stderr, exit_code(1)).verdict;
        assert_eq!(word(&verdict.outcome), class, "{stderr}");
        assert!(text(&verdict.outcome).contains(part) && !text(&verdict.outcome).contains("took"), "{verdict:?}");
        // The same text proves nothing once copilot has spoken, or when it was ended from outside.
        assert_eq!(word(&read_text(TEXT, stderr, exit_code(1)).verdict.outcome), "incomplete");
        assert_eq!(word(&read_text("", stderr, exit_signal(15)).verdict.outcome), "incomplete");
        assert_eq!(word(&read_text("", stderr, exit_code(0)).verdict.outcome), "incomplete");
        let tail = ExitStatus { stderr_tail: stderr.into(), ..exit_code(1) };
        assert_eq!(word(&read_text("", "", tail).verdict.outcome), class);
    }
}

#[test]
fn another_session_than_the_one_to_resume_is_a_failure() {
    let resumed = |session: &str| ExitStatus { resumed_from: Some(session.into()), ..exit_code(0) };
    let complete = format!("{TEXT}{DONE}");
    assert_eq!(read_text(&complete, "", resumed("s-1")).verdict.outcome, Outcome::Success);
    let verdict = read_text(&complete, "", resumed("s-0")).verdict;
    assert!(text(&verdict.outcome).contains("session s-1 instead of resuming s-0"), "{verdict:?}");
}
