//! How a run ended, for endings of which there is no transcript.

use aid_adapter_kit::{ExitStatus, Outcome};

use crate::support::{exit_code, exit_signal, read_text, word};

const INIT: &str = "{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"s-1\",\"model\":\"Auto\"}\n";
const TEXT: &str = "{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"ok\"}]}}\n";
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
        (&complete, exit_signal(15), "success"),
        (&complete, exit_code(1), "other"),
        (&complete, exit_code(143), "incomplete"),
        (&running, exit_code(0), "incomplete"),
        (&running, unknown, "incomplete"),
        (&running, exit_signal(15), "incomplete"),
        (&running, exit_code(1), "incomplete"),
    ];
    for (stdout, exit, expected) in cases {
        let verdict = read_text(stdout, "", exit.clone()).verdict;
        assert_eq!(word(&verdict.outcome), expected, "{exit:?}: {verdict:?}");
        assert_eq!(verdict.final_text.as_deref(), Some("ok"), "partial work is kept");
        assert_eq!(verdict.session.as_deref(), Some("s-1"));
    }
}

#[test]
fn a_result_must_say_that_it_is_no_error() {
    for line in [
        "{\"type\":\"result\",\"subtype\":\"success\",\"result\":\"ok\"}",
        "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":true,\"result\":\"ok\"}",
        "{\"type\":\"result\",\"is_error\":false,\"result\":\"ok\"}",
        "{\"type\":\"result\",\"subtype\":\"error\",\"is_error\":false}",
    ] {
        let verdict = read_text(&format!("{INIT}{TEXT}{line}\n"), "", exit_code(0)).verdict;
        assert_eq!(word(&verdict.outcome), "other", "{line}");
    }
}

/// Stderr, class, a part of the text.
const REASONS: &[(&str, &str, &str)] = &[
    ("\u{1b}[91mError: Not authenticated\u{1b}[0m\n", "auth", "Not authenticated"),
    ("ConnectError: [unauthenticated] Error\n", "auth", "[unauthenticated]"),
    ("You've hit your usage limit. Upgrade to Pro\n", "quota", "usage limit"),
    ("ConnectError: [resource_exhausted] Error\n", "rate-limit", "resource_exhausted"),
    ("\nCannot use this model: x\n", "model", "Cannot use"),
    ("ConnectError: [unavailable] getaddrinfo ENOTFOUND api2.cursor.sh\n", "network", "ENOTFOUND"),
    ("error: unknown option '--trust'\n", "other", "did not understand its command line"),
    ("something new\n", "other", "did not get to work: something new"),
];

#[test]
fn a_run_that_did_not_get_to_work_fails_with_the_reason_from_stderr() {
    for (stderr, class, part) in REASONS {
        for stdout in ["", INIT] {
            let verdict = read_text(stdout, stderr, exit_code(1)).verdict;
            assert_eq!(word(&verdict.outcome), *class, "{stderr}: {verdict:?}");
            assert!(text(&verdict.outcome).contains(part), "{verdict:?}");
        }
        // The same text proves nothing once a model could have written it, or when cursor was ended from outside.
        let worked = format!("{INIT}{TEXT}");
        assert_eq!(word(&read_text(&worked, stderr, exit_code(1)).verdict.outcome), "incomplete");
        assert_eq!(word(&read_text("", stderr, exit_signal(15)).verdict.outcome), "incomplete");
        assert_eq!(word(&read_text("", stderr, exit_code(0)).verdict.outcome), "incomplete");
        // A run that was adopted late has only the host's tail.
        let tail = ExitStatus { stderr_tail: (*stderr).into(), ..exit_code(1) };
        assert_eq!(word(&read_text("", "", tail).verdict.outcome), *class);
    }
}

#[test]
fn a_broken_run_quotes_the_last_thing_on_stderr() {
    let verdict = read_text(&format!("{INIT}{TEXT}"), "Error: read ECONNRESET\n", exit_code(1)).verdict;
    assert!(text(&verdict.outcome).ends_with("stderr: Error: read ECONNRESET"), "{verdict:?}");
}
