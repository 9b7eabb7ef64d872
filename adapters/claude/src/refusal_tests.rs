//! What kind of refusal claude's words are.

use aid_adapter_kit::claude_shaped::{Ending, OwnWords, State};
use aid_adapter_kit::json::Object;

use super::{Limit, of_ending, of_retry, of_words};

fn state(reason: &str, text: &str) -> State {
    let own_words = Some(OwnWords { text: text.into(), reason: reason.into() });
    let mut state = State::default();
    state.own_words = own_words;
    state
}

/// Reason, text, HTTP status, class. All recorded with 2.1.197 but the last two, whose texts are in the program.
const RECORDED: &[(&str, &str, Option<u64>, &str)] = &[
    ("authentication_failed", "Not logged in · Please run /login", None, "auth"),
    (
        "authentication_failed",
        "Failed to authenticate. API Error: 403 Your account does not have access",
        Some(403),
        "auth",
    ),
    ("billing_error", "Credit balance is too low", Some(400), "quota"),
    ("model_not_found", "There's an issue with the selected model (err404).", Some(404), "model"),
    (
        "rate_limit",
        "API Error: Request rejected (429) · Number of request tokens has exceeded",
        Some(429),
        "rate-limit",
    ),
    ("max_output_tokens", "API Error: Claude's response exceeded the 32000 output token maximum.", None, "other"),
    ("invalid_request", "Prompt is too long · the request is ~250000 tokens", Some(400), "context"),
    ("unknown", "API Error: Unable to connect to API (ConnectionRefused)", None, "network"),
    ("rate_limit", "You've hit your session limit · resets 3am (Europe/Berlin)", Some(429), "quota"),
];

#[test]
fn every_known_ending_has_its_class() {
    for (reason, text, status, class) in RECORDED {
        let ending = Ending { status: *status, is_error: Some(true), ..Ending::default() };
        let refusal = of_ending(&ending, &state(reason, text), None);
        assert_eq!((refusal.class.as_str(), refusal.final_), (*class, true), "{text}");
        assert_eq!(refusal.message, *text);
    }
}

#[test]
fn a_word_of_the_result_says_more_than_the_text() {
    let long = Ending { terminal_reason: "prompt_too_long".into(), ..Ending::default() };
    assert_eq!(of_ending(&long, &State::default(), None).class, "context");
    let refused = Ending { stop_reason: "refusal".into(), ..Ending::default() };
    assert_eq!(of_ending(&refused, &state("invalid_request", "API Error: Usage Policy"), None).class, "refused");
}

#[test]
fn an_interruption_is_told_as_one() {
    let errors = Some("[ede_diagnostic] result_type=user".to_owned());
    let ending = Ending { terminal_reason: "aborted_tools".into(), errors, ..Ending::default() };
    let refusal = of_ending(&ending, &State::default(), None);
    assert_eq!((refusal.class.as_str(), refusal.message.as_str()), ("other", "claude was interrupted (aborted_tools)"));
}

#[test]
fn without_claudes_own_words_only_the_status_decides() {
    let text = Some("Not logged in".to_owned());
    let ending = Ending { subtype: "error_max_turns".into(), text: text.clone(), ..Ending::default() };
    let refusal = of_ending(&ending, &State::default(), None);
    assert_eq!((refusal.class.as_str(), refusal.message.as_str()), ("other", "claude ended with error_max_turns"));
    let ending = Ending { status: Some(429), text, ..Ending::default() };
    assert_eq!(of_ending(&ending, &State::default(), None).class, "rate-limit");
}

#[test]
fn only_a_refused_login_is_given_up_while_claude_still_tries() {
    let cases = [
        ("authentication_failed", Some(401), "auth", true),
        ("rate_limit", Some(429), "rate-limit", false),
        ("overloaded", Some(529), "capacity", false),
        ("server_error", Some(500), "capacity", false),
        ("unknown", None, "network", false),
        ("", Some(401), "auth", true),
        ("unknown", Some(418), "other", false),
    ];
    for (reason, status, class, is_final) in cases {
        let refusal = of_retry(reason, status, None);
        assert_eq!((refusal.class.as_str(), refusal.final_), (class, is_final), "{reason}");
    }
}

#[test]
fn a_used_up_limit_names_its_pool_and_its_end() {
    let line = |status: &str| {
        format!(r#"{{"rate_limit_info":{{"status":"{status}","resetsAt":1795620000,"rateLimitType":"five_hour"}}}}"#)
    };
    let (warning, rejected) = (line("allowed_warning"), line("rejected"));
    assert_eq!(Limit::used_up(&Object::parse(&warning).expect("JSON")), None);
    let limit = Limit::used_up(&Object::parse(&rejected).expect("JSON"));
    let refusal = of_retry("rate_limit", Some(429), limit.as_ref());
    assert_eq!(refusal.class, "quota");
    assert_eq!((refusal.pool.as_deref(), refusal.retry_at.as_deref()), (Some("five_hour"), Some("1795620000")));
    assert_eq!(of_retry("authentication_failed", Some(401), limit.as_ref()).pool, None);
}

#[test]
fn the_end_of_a_limit_is_taken_over_as_claude_says_it() {
    let words = |text: &str| OwnWords { text: text.into(), reason: "rate_limit".into() };
    let refusal = of_words(&words("You've hit your session limit · resets 3am (Europe/Berlin)")).expect("a refusal");
    assert_eq!(refusal.retry_at.as_deref(), Some("3am (Europe/Berlin)"));
    assert_eq!(of_words(&words("You've hit your limit · resets soon")).expect("a refusal").retry_at, None);
    assert_eq!(of_words(&OwnWords { text: "No response requested.".into(), reason: String::new() }), None);
}
