//! How a run ended, for endings of which there is no recording here.

use aid_adapter_kit::{ExitStatus, Outcome, Request, Usage};
use serde_json::json;

use crate::support::{Recording, exit_code, exit_signal, read_text, read_whole, refusals, request, word};

const STARTED: &str = "{\"type\":\"thread.started\",\"thread_id\":\"t-1\"}\n{\"type\":\"turn.started\"}\n";
const ANSWER: &str =
    "{\"type\":\"item.completed\",\"item\":{\"id\":\"item_0\",\"type\":\"agent_message\",\"text\":\"ok\"}}\n";
const COMPLETED: &str = "{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":3000,\"cached_input_tokens\":500,\"output_tokens\":30}}\n";

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
        (&complete, exit_signal(9), "success"),
        (&complete, exit_code(1), "other"),
        (&running, exit_code(0), "incomplete"),
        (&running, unknown, "incomplete"),
        (&running, exit_signal(15), "incomplete"),
        (&running, exit_code(1), "incomplete"),
    ];
    for (stdout, exit, expected) in cases {
        let verdict = read_text(stdout, "", exit.clone()).verdict;
        assert_eq!(word(&verdict.outcome), expected, "{exit:?}: {verdict:?}");
        assert_eq!(verdict.final_text.as_deref(), Some("ok"), "partial work is kept");
        assert_eq!(verdict.session.as_deref(), Some("t-1"));
    }
    let killed = read_text(&running, "", exit_signal(9)).verdict.outcome;
    assert!(text(&killed).contains("SIGKILL"), "{killed:?}");
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

#[test]
fn only_the_last_turn_counts() {
    let again = "{\"type\":\"turn.started\"}\n";
    let first = format!("{STARTED}{ANSWER}{COMPLETED}");
    let outcome = |stdout: String| word(&read_text(&stdout, "", exit_code(0)).verdict.outcome).to_owned();
    assert_eq!(outcome(format!("{first}{again}")), "incomplete");
    assert_eq!(outcome(format!("{first}{again}{COMPLETED}")), "no-result");
    assert_eq!(outcome(format!("{first}{again}{ANSWER}{COMPLETED}")), "success");
    assert_eq!(outcome(format!("{first}{}", failed("Quota exceeded."))), "quota");
    assert_eq!(outcome(format!("{STARTED}{}{ANSWER}{COMPLETED}", failed("Quota exceeded."))), "quota");
}

#[test]
fn retries_that_end_well_are_refusals_that_were_not_final() {
    let retry = error("Reconnecting... 2/5 (exceeded retry limit, last status: 429 Too Many Requests)");
    let reading = read_text(&format!("{STARTED}{retry}{retry}{ANSWER}{COMPLETED}"), "", exit_code(0));
    assert_eq!(reading.verdict.outcome, Outcome::Success);
    let said: Vec<_> = refusals(&reading.stdout_events).iter().map(|r| (r.class.as_str(), r.final_)).collect();
    assert_eq!(said, [("rate-limit", false)]);
}

#[test]
fn waiting_for_the_network_is_told_and_named_at_the_end() {
    let waiting = error("Reconnecting... waiting for network (Connection failed: error sending request)");
    let reading = read_text(&format!("{STARTED}{waiting}{waiting}"), "", exit_signal(9));
    let said: Vec<_> = refusals(&reading.stdout_events).iter().map(|r| r.class.as_str()).collect();
    assert_eq!(said, ["network"]);
    assert_eq!(word(&reading.verdict.outcome), "incomplete");
    assert!(text(&reading.verdict.outcome).contains("waiting for network"), "{:?}", reading.verdict);
}

#[test]
fn an_error_with_which_codex_ended_is_the_reason_without_a_failed_turn_too() {
    let last_word = format!("{STARTED}{}", error("Quota exceeded. Check your plan and billing details."));
    assert_eq!(word(&read_text(&last_word, "", exit_code(1)).verdict.outcome), "quota");
    assert_eq!(word(&read_text(&last_word, "", exit_code(0)).verdict.outcome), "incomplete");
    assert_eq!(word(&read_text(&last_word, "", exit_signal(15)).verdict.outcome), "incomplete");
    let overtaken = format!("{last_word}{ANSWER}");
    assert_eq!(word(&read_text(&overtaken, "", exit_code(1)).verdict.outcome), "incomplete");
}

#[test]
fn a_long_refusal_is_kept_up_to_a_bound() {
    let reading = read_text(&format!("{STARTED}{}", failed(&"ä".repeat(10_000))), "", exit_code(1));
    let Outcome::Failure(refusal) = &reading.verdict.outcome else { panic!("{:?}", reading.verdict) };
    assert!(refusal.message.len() <= 8 << 10 && refusal.message.len() > 8000, "{}", refusal.message.len());
    assert!(refusal.message.ends_with('…'));
}

/// Exit code, stderr, class, a part of the text. The first line of all of them is what codex says on every run.
const START_FAILURES: &[(i32, &str, &str, &str)] = &[
    (
        2,
        "error: invalid value 'x' for '--sandbox <SANDBOX_MODE>'\n\nFor more information, try '--help'.",
        "other",
        "did not understand its command line: invalid value",
    ),
    (1, "Not inside a trusted directory and --skip-git-repo-check was not specified.", "other", "trusted directory"),
    (1, "Error: Not logged in", "auth", "Not logged in"),
    (1, "Error: Missing environment variable: `FAKE_API_KEY`.", "auth", "FAKE_API_KEY"),
    (1, "No prompt provided via stdin.", "other", "No prompt"),
    (
        1,
        "Error loading config.toml: /home/u/.codex/config.toml:1:5: expected `=`\n  |\n1 | nope",
        "other",
        "config.toml:1:5",
    ),
    (
        1,
        "WARNING: could not create PATH aliases\nError finding codex home: CODEX_HOME points to \"/nope\", but that path does not exist",
        "other",
        "CODEX_HOME",
    ),
    (101, "thread 'main' panicked at src/main.rs:1:1:\nboom", "other", "panicked"),
    (
        1,
        "file:///codex.js:100\n    throw new Error(x)\n    ^\n\nError: Missing optional dependency",
        "other",
        "Missing optional dependency",
    ),
];

#[test]
fn a_run_that_never_began_fails_with_the_reason_from_stderr() {
    for (code, stderr, class, part) in START_FAILURES {
        let stderr = format!("Reading additional input from stdin...\n{stderr}\n");
        let verdict = read_text("", &stderr, exit_code(*code)).verdict;
        assert_eq!(word(&verdict.outcome), *class, "{stderr}: {verdict:?}");
        assert!(text(&verdict.outcome).contains(part), "{verdict:?}");
        assert!(!text(&verdict.outcome).contains("Reading additional"), "{verdict:?}");
        // The same text proves nothing once codex has spoken, or when it was ended from outside.
        assert_eq!(word(&read_text(STARTED, &stderr, exit_code(*code)).verdict.outcome), "incomplete");
        assert_eq!(word(&read_text("", &stderr, exit_signal(15)).verdict.outcome), "incomplete");
        assert_eq!(word(&read_text("", &stderr, exit_code(0)).verdict.outcome), "incomplete");
        // A run that was adopted late has only the host's tail.
        let tail = ExitStatus { stderr_tail: stderr, ..exit_code(*code) };
        assert_eq!(word(&read_text("", "", tail).verdict.outcome), *class);
    }
}

#[test]
fn what_codex_always_writes_and_its_log_are_no_reason() {
    for stderr in [
        "Reading additional input from stdin...\n",
        "WARNING: could not create PATH aliases\n",
        "2026-11-22T08:07:34.811402Z ERROR codex_core::skills: Directory not empty\n",
    ] {
        let verdict = read_text("", stderr, exit_code(1)).verdict;
        assert_eq!(word(&verdict.outcome), "incomplete", "{stderr}");
        assert_eq!(text(&verdict.outcome), "codex ended (exit code 1) without turn.completed");
    }
}

fn resumed(session: &str, previous: Option<u64>) -> ExitStatus {
    let previous_usage = previous.map(|input| Usage {
        input: Some(input),
        cached_input: Some(0),
        cache_write: None,
        output: Some(10),
        reasoning: None,
        cost_micro_usd: None,
        model: None,
        cumulative: true,
    });
    ExitStatus { resumed_from: Some(session.into()), previous_usage, ..exit_code(0) }
}

#[test]
fn a_new_thread_in_place_of_the_one_to_resume_is_a_failure() {
    let complete = format!("{STARTED}{ANSWER}{COMPLETED}");
    let verdict = read_text(&complete, "", resumed("t-0", Some(0))).verdict;
    assert_eq!(word(&verdict.outcome), "other");
    assert!(text(&verdict.outcome).contains("started a new thread t-1 instead of resuming t-0"), "{verdict:?}");
    assert_eq!(read_text(&complete, "", resumed("t-1", Some(0))).verdict.outcome, Outcome::Success);

    // The request alone says it too.
    let request = Request { resume: Some("t-0".into()), ..request() };
    let (name, stdout) = ("inline".to_owned(), complete.into_bytes());
    let recording = Recording { name, stdout, stderr: Vec::new(), request, exit: exit_code(0) };
    assert_eq!(word(&read_whole(&recording).verdict.outcome), "other");
}

#[test]
fn an_unknown_session_is_named() {
    let stderr = "Error: thread/resume failed: no rollout found for thread id t-0\n";
    let verdict = read_text("", stderr, ExitStatus { code: Some(1), ..resumed("t-0", None) }).verdict;
    assert!(text(&verdict.outcome).starts_with("codex has no session t-0 to resume"), "{verdict:?}");
}

#[test]
fn usage_after_a_resume_is_the_difference_or_unknown() {
    let complete = format!("{STARTED}{ANSWER}{COMPLETED}");
    let used = |exit: ExitStatus| read_text(&complete, "", exit).verdict.usage;
    let difference = used(resumed("t-1", Some(1000))).expect("a difference");
    assert_eq!((difference.input, difference.cached_input, difference.output), (Some(2000), Some(500), Some(20)));
    assert_eq!((difference.reasoning, difference.cumulative), (None, false));
    assert_eq!(used(resumed("t-1", None)), None);
    assert_eq!(used(resumed("t-1", Some(9000))), None, "never negative");
    let doubt = read_text(&complete, "", resumed("t-1", None)).verdict.evidence;
    assert!(doubt.contains("usage unknown"), "{doubt}");
}

#[test]
fn plain_text_output_is_never_a_success() {
    let verdict = read_text("Hello, all done.\n", "tokens used\n2,068\n", exit_code(0)).verdict;
    assert_eq!(word(&verdict.outcome), "incomplete");
    assert!(verdict.evidence.contains("skipped 1 line that could not be read"), "{verdict:?}");
}
