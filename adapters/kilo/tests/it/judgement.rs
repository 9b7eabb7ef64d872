//! How a run ended, for endings of which there is no recording here.

use aid_adapter_kit::opencode_shaped::{MAX_MESSAGE_BYTES, MAX_UNANSWERED_STEPS};
use aid_adapter_kit::{Event, ExitStatus, Outcome};
use serde_json::{Value, json};

use crate::support::{exit_code, exit_signal, read_text, refusals, word};

const STARTED: &str = "{\"type\":\"step_start\",\"sessionID\":\"ses_1\",\"part\":{\"type\":\"step-start\"}}\n";

fn line(kind: &str, part: &Value) -> String {
    format!("{}\n", json!({"type": kind, "sessionID": "ses_1", "part": part}))
}

fn message(text: &str) -> String {
    line("text", &json!({"type": "text", "text": text}))
}

fn finish_with(reason: &str, input: u64, cost: f64) -> String {
    line(
        "step_finish",
        &json!({"type": "step-finish", "reason": reason, "cost": cost,
        "tokens": {"input": input, "output": input / 10, "reasoning": input / 100, "cache": {"read": 0, "write": input}}}),
    )
}

fn finish(reason: &str) -> String {
    finish_with(reason, 100, 0.001)
}

fn tool(name: &str, state: &Value) -> String {
    line("tool_use", &json!({"type": "tool", "tool": name, "callID": "c", "state": state}))
}

fn done(name: &str) -> String {
    tool(name, &json!({"status": "completed", "input": {}, "output": "x"}))
}

fn rejected(name: &str) -> String {
    let error = "The user rejected permission to use this specific tool call.";
    tool(name, &json!({"status": "error", "input": {}, "error": error}))
}

fn error(error: &Value) -> String {
    format!("{}\n", json!({"type": "error", "sessionID": "ses_1", "error": error}))
}

fn api(status: Option<u64>, message: &str, code: &str) -> String {
    let body = json!({"error": {"message": message, "type": "x", "code": code}}).to_string();
    error(&json!({"name": "APIError", "data": {"message": message, "statusCode": status, "responseBody": body}}))
}

fn text(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Success => "",
        Outcome::NoResult(text) | Outcome::Incomplete(text) => text,
        Outcome::Failure(refusal) => &refusal.message,
    }
}

fn outcome(stdout: &str, code: i32) -> String {
    word(&read_text(stdout, "", exit_code(code)).verdict.outcome).to_owned()
}

#[test]
fn the_exit_can_take_a_success_away_but_not_give_one() {
    let unknown = ExitStatus { code: None, ..exit_code(0) };
    let running = format!("{STARTED}{}", message("ok"));
    let complete = format!("{running}{}", finish("stop"));
    let cases = [
        (&complete, exit_code(0), "success"),
        (&complete, unknown.clone(), "success"),
        (&complete, exit_signal(15), "success"),
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
        assert_eq!(verdict.session.as_deref(), Some("ses_1"));
    }
}

#[test]
fn only_a_last_step_that_stopped_and_left_no_call_is_an_end() {
    let ok = message("ok");
    for reason in ["length", "tool-calls", "error", "", "STOP"] {
        assert_eq!(outcome(&format!("{STARTED}{ok}{}", finish(reason)), 0), "incomplete", "{reason}");
    }
    assert_eq!(outcome(&format!("{STARTED}{ok}{}", finish("content-filter")), 0), "refused");
    let end = finish("stop");
    assert_eq!(outcome(&format!("{STARTED}{ok}{end}{STARTED}"), 0), "incomplete", "it went on");
    assert_eq!(outcome(&format!("{STARTED}{ok}{end}{STARTED}{end}"), 0), "no-result", "an old answer");
    assert_eq!(outcome(&format!("{STARTED}{}{end}", message(" \n ")), 0), "no-result");
    let called = read_text(&format!("{STARTED}{}{ok}{end}", done("bash")), "", exit_code(0));
    assert_eq!(word(&called.verdict.outcome), "incomplete", "it answers its call first");
    assert!(!called.stdout_events.contains(&Event::Finished), "the host would end it");
}

#[test]
fn the_answer_is_what_the_last_step_wrote_after_its_last_tool() {
    let by_provider = line(
        "tool_use",
        &json!({"tool": "web_search", "state": {"status": "completed"},
        "metadata": {"providerExecuted": true}}),
    );
    let stdout = format!(
        "{STARTED}{}{}{}{STARTED}{}{by_provider}{}{}",
        message("I will"),
        done("bash"),
        finish("tool-calls"),
        message("one"),
        message("two"),
        finish("stop")
    );
    let verdict = read_text(&stdout, "", exit_code(0)).verdict;
    assert_eq!(verdict.outcome, Outcome::Success);
    assert_eq!(verdict.final_text.as_deref(), Some("one\ntwo"));
}

#[test]
fn usage_is_the_sum_of_all_steps_and_unknown_where_one_of_them_is() {
    let two = format!(
        "{STARTED}{}{}{STARTED}{}{}",
        done("bash"),
        finish_with("tool-calls", 1000, 0.002),
        message("ok"),
        finish_with("stop", 2000, 0.0000015)
    );
    let used = read_text(&two, "", exit_code(0)).verdict.usage.expect("counts");
    assert_eq!((used.input, used.cached_input, used.cache_write), (Some(6000), Some(0), Some(3000)));
    assert_eq!((used.output, used.reasoning, used.cost_micro_usd), (Some(330), Some(30), Some(2002)));
    let no_price = two.replace("0.002", "0");
    let used = read_text(&no_price, "", exit_code(0)).verdict.usage.expect("counts");
    assert_eq!((used.input, used.cost_micro_usd), (Some(6000), None), "a price of nothing is no price");
    let broke = format!("{STARTED}{}{two}", finish_with("unknown", 0, 0.0));
    assert_eq!(read_text(&broke, "", exit_code(0)).verdict.usage, None, "nobody knows what the first step used");
}

#[test]
fn every_refusal_of_the_reference_has_its_class() {
    let cases = [
        (api(Some(401), "Incorrect API key provided: dummy", "invalid_api_key"), "auth"),
        (api(Some(402), "Payment required", "x"), "quota"),
        (api(Some(403), "Country not supported", "x"), "auth"),
        (api(Some(404), "The model `x` does not exist", "model_not_found"), "model"),
        (api(Some(429), "Rate limit reached for requests", "rate_limit_exceeded"), "rate-limit"),
        (api(Some(429), "You exceeded your current quota", "insufficient_quota"), "quota"),
        (api(Some(500), "The server had an error", "server_error"), "capacity"),
        (api(None, "Unable to connect. Is the computer able to access the url?", "x"), "network"),
        (
            error(&json!({"name": "UnknownError", "data": {"message":
            "{\"error\":{\"message\":\"The server had an error\",\"type\":\"server_error\"}}"}})),
            "capacity",
        ),
        (error(&json!({"name": "ProviderAuthError", "data": {"providerID": "x", "message": "no key"}})), "auth"),
        (error(&json!({"name": "ContentFilterError", "data": {"message": "blocked"}})), "refused"),
        (
            error(
                &json!({"name": "UnknownError", "data": {"message": "Unexpected server error. Check server logs for details."}}),
            ),
            "other",
        ),
    ];
    let before = format!("{STARTED}{}{}", done("write"), finish("tool-calls"));
    for (line, class) in &cases {
        for stdout in [line.clone(), format!("{before}{line}"), format!("{STARTED}{STARTED}{line}")] {
            let reading = read_text(&stdout, "", exit_code(1));
            assert_eq!(word(&reading.verdict.outcome), *class, "{stdout}");
            let said: Vec<_> = refusals(&reading.stdout_events).iter().map(|r| (r.class.clone(), r.final_)).collect();
            assert_eq!(said, [((*class).to_owned(), true)], "{stdout}");
            // An error takes the run's success away, whatever follows it and whatever the exit code is.
            let after = format!("{stdout}{STARTED}{}{}", message("ok"), finish("stop"));
            assert_eq!(outcome(&after, 0), *class, "{after}");
        }
    }
    let reading = read_text(&cases[5].0, "", exit_code(1));
    assert_eq!(refusals(&reading.stdout_events)[0].pool.as_deref(), Some("fake"), "the provider's account");
}

#[test]
fn a_context_that_is_too_long_is_tried_once_more_before_it_is_final() {
    let line =
        error(&json!({"name": "ContextOverflowError", "data": {"message": "This model's maximum context length"}}));
    let reading = read_text(&format!("{line}{line}"), "", exit_code(1));
    let said: Vec<_> = refusals(&reading.stdout_events).iter().map(|r| (r.class.as_str(), r.final_)).collect();
    assert_eq!(said, [("context", false), ("context", true)]);
    assert_eq!(outcome(&line, 1), "context");
}

#[test]
fn an_agent_that_was_told_to_stop_did_not_fail_by_a_provider() {
    let aborted = error(&json!({"name": "MessageAbortedError", "data": {"message": "Aborted"}}));
    let reading = read_text(&format!("{STARTED}{aborted}"), "", exit_code(1));
    assert_eq!(word(&reading.verdict.outcome), "incomplete");
    assert_eq!(refusals(&reading.stdout_events).len(), 0);
}

#[test]
fn a_refused_permission_is_a_failure_even_where_the_run_went_on() {
    let ended = format!("{STARTED}{}{}", rejected("write"), finish("tool-calls"));
    let went_on = format!("{ended}{STARTED}{}{}", message("ok"), finish("stop"));
    for stdout in [&ended, &went_on] {
        let verdict = read_text(stdout, "", exit_code(0)).verdict;
        assert_eq!(word(&verdict.outcome), "other", "{stdout}");
        assert!(text(&verdict.outcome).contains("the use of write"), "{verdict:?}");
    }
    // The tools of a server write their own errors, and only an end of the run makes theirs believable.
    let server = format!("{STARTED}{}{}", rejected("files_write"), finish("tool-calls"));
    assert_eq!(outcome(&server, 0), "other");
    assert_eq!(outcome(&format!("{server}{STARTED}{}{}", message("ok"), finish("stop")), 0), "success");
}

/// Steps that end without an end of the answer.
fn unanswered(reason: &str, tokens: u64, count: u32) -> String {
    format!("{STARTED}{}{}", message("partial"), finish_with(reason, tokens, 0.0)).repeat(count as usize)
}

#[test]
fn asking_again_and_again_is_a_final_refusal_after_a_bound() {
    for (reason, tokens, class) in [("unknown", 0, "network"), ("unknown", 100, "other"), ("tool-calls", 100, "other")]
    {
        let few = unanswered(reason, tokens, MAX_UNANSWERED_STEPS - 1);
        assert_eq!(refusals(&read_text(&few, "", exit_signal(15)).stdout_events).len(), 0);
        let many = unanswered(reason, tokens, 4 * MAX_UNANSWERED_STEPS);
        for exit in [exit_signal(15), exit_signal(9), exit_code(0), exit_code(1)] {
            let reading = read_text(&many, "", exit);
            assert_eq!(word(&reading.verdict.outcome), class, "{reason}");
            let said = refusals(&reading.stdout_events);
            assert_eq!(said.len(), 1, "said once");
            assert!(said[0].final_ && said[0].message.starts_with("kilo asked the provider 5 times"), "{said:?}");
        }
        let recovered = format!("{few}{STARTED}{}{}", message("ok"), finish("stop"));
        assert_eq!(outcome(&recovered, 0), "success", "{reason}");
        let late = format!("{many}{STARTED}{}{}", message("ok"), finish("stop"));
        assert_eq!(outcome(&late, 0), "success", "it ended well before anybody ended it");
    }
    let working = format!("{STARTED}{}{}", done("bash"), finish("tool-calls")).repeat(50);
    assert_eq!(refusals(&read_text(&working, "", exit_signal(15)).stdout_events).len(), 0, "that is work");
}

#[test]
fn a_stream_that_broke_off_is_no_success_though_the_code_is_zero() {
    for reason in ["unknown", "other"] {
        let stdout = unanswered(reason, 0, 1);
        assert_eq!(outcome(&stdout, 0), "network", "{reason}");
        assert_eq!(word(&read_text(&stdout, "", exit_signal(15)).verdict.outcome), "incomplete", "it was ended");
        assert_eq!(outcome(&unanswered(reason, 100, 1), 0), "incomplete", "{reason}");
    }
}

/// Exit code, stderr, a part of the text.
const START_FAILURES: &[(i32, &str, &str)] = &[
    (1, "\u{1b}[91m\u{1b}[1mError: \u{1b}[0mYou must provide a message or a command", "must provide a message"),
    (1, "kilo run [message..]\n\nOptions:\n  -h  show help\n\nUnknown argument: nope", "Unknown argument: nope"),
    (1, "Error: Config file at /x/kilo.json is not valid JSON(C): \n--- JSONC Input ---\n{bad", "/x/kilo.json"),
];

#[test]
fn a_run_that_never_began_fails_with_the_reason_from_stderr() {
    for (code, stderr, part) in START_FAILURES {
        let verdict = read_text("", stderr, exit_code(*code)).verdict;
        assert_eq!(word(&verdict.outcome), "other", "{stderr}");
        assert!(text(&verdict.outcome).contains(part), "{verdict:?}");
        assert!(!text(&verdict.outcome).contains('\u{1b}'), "{verdict:?}");
        assert_eq!(word(&read_text(STARTED, stderr, exit_code(*code)).verdict.outcome), "incomplete");
        assert_eq!(word(&read_text("", stderr, exit_signal(15)).verdict.outcome), "incomplete");
        assert_eq!(word(&read_text("", stderr, exit_code(0)).verdict.outcome), "incomplete");
        let tail = ExitStatus { stderr_tail: (*stderr).to_owned(), ..exit_code(*code) };
        assert_eq!(word(&read_text("", "", tail).verdict.outcome), "other");
    }
}

#[test]
fn another_session_than_the_one_to_resume_is_a_failure() {
    let complete = format!("{STARTED}{}{}", message("ok"), finish("stop"));
    let resumed = |session: &str| ExitStatus { resumed_from: Some(session.into()), ..exit_code(0) };
    assert_eq!(read_text(&complete, "", resumed("ses_1")).verdict.outcome, Outcome::Success);
    let verdict = read_text(&complete, "", resumed("ses_0")).verdict;
    assert!(text(&verdict.outcome).contains("ses_1 instead of resuming ses_0"), "{verdict:?}");
    let bogus = ExitStatus { code: Some(1), ..resumed("ses_0") };
    let verdict = read_text("", "\u{1b}[91mError: \u{1b}[0mSession not found\n", bogus).verdict;
    assert_eq!(text(&verdict.outcome), "kilo has no session ses_0 to resume");
}

#[test]
fn another_profile_than_the_one_asked_for_is_a_failure_and_said_at_once() {
    let stdout = format!("{STARTED}{}{}", message("ok"), finish("stop"));
    let warning = "\u{1b}[93m\u{1b}[1m! \u{1b}[0m agent \"nope\" not found. Falling back to default agent\n";
    let reading = read_text(&stdout, warning, exit_code(0));
    assert_eq!(word(&reading.verdict.outcome), "other");
    assert!(text(&reading.verdict.outcome).contains("no agent \"nope\""), "{:?}", reading.verdict);
    assert_eq!(refusals(&reading.stderr_events).iter().filter(|refusal| refusal.final_).count(), 1);
}

#[test]
fn a_long_refusal_is_kept_up_to_a_bound() {
    let reading = read_text(&api(Some(500), &"ä".repeat(10_000), "x"), "", exit_code(1));
    let Outcome::Failure(refusal) = &reading.verdict.outcome else { panic!("{:?}", reading.verdict) };
    assert!(refusal.message.len() <= MAX_MESSAGE_BYTES && refusal.message.ends_with('…'));
}

#[test]
fn what_kilo_says_of_itself_is_no_providers_refusal() {
    let no_answer = error(&json!("run ended without an assistant message; the model returned no output"));
    let reading = read_text(&format!("{STARTED}{}{no_answer}", finish("stop")), "", exit_code(1));
    assert_eq!(word(&reading.verdict.outcome), "no-result");
    assert_eq!(refusals(&reading.stdout_events).len(), 0);
    assert_eq!(outcome(&no_answer, 1), "incomplete", "there was no mark");
    let rejection = error(&json!("run ended with an auto-rejected permission; pass --auto for autonomous use"));
    let good = format!("{STARTED}{}{}{rejection}", message("ok"), finish("stop"));
    let reading = read_text(&good, "", exit_code(1));
    assert_eq!(word(&reading.verdict.outcome), "other");
    assert_eq!(refusals(&reading.stdout_events).len(), 0);
    assert_eq!(outcome(&error(&json!("fetch failed")), 1), "network", "an exception of its own");
}
