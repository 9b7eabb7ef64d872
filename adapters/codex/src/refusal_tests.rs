//! Tests of the classes of refusal, by the texts codex was seen to print.

use super::{Class, classify, pool, retry_at};

/// One text for each row of the recorded table of server answers, as `turn.failed` gives it.
const RECORDED: &[(&str, Class)] = &[
    ("exceeded retry limit, last status: 429 Too Many Requests", Class::RateLimit),
    (
        "You’ve hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro), visit https://chatgpt.com/settings/usage to purchase more credits or try again at 9:33 AM.",
        Class::Quota,
    ),
    ("Quota exceeded. Check your plan and billing details.", Class::Quota),
    (
        "rate limit exceeded: Rate limit reached for gpt-5.5 in organization org-x. Please try again in 2s.",
        Class::RateLimit,
    ),
    ("Selected model is at capacity. Please try a different model.", Class::Capacity),
    (
        "Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying.",
        Class::Context,
    ),
    (
        "unexpected status 401 Unauthorized: Incorrect API key provided: x., url: http://127.0.0.1:8099/v1/responses",
        Class::Auth,
    ),
    ("unexpected status 403 Forbidden: Country not supported, url: http://127.0.0.1:8099/v1/responses", Class::Auth),
    ("Missing environment variable: `FAKE_API_KEY`.", Class::Auth),
    ("The model `gpt-nope` does not exist or you do not have access to it.", Class::Model),
    ("We’re currently experiencing high demand, which may cause temporary errors.", Class::Capacity),
    (
        "unexpected status 503 Service Unavailable: {\"error\":{\"message\":\"busy\"}}, url: http://127.0.0.1:8099/v1/responses",
        Class::Capacity,
    ),
    (
        "stream disconnected before completion: Transport error: network error: error decoding response body",
        Class::Network,
    ),
    ("Incomplete response returned, reason: max_output_tokens", Class::Other),
    ("Connection failed: error sending request for url (http://127.0.0.1:1/v1/responses)", Class::Network),
    ("idle timeout waiting for SSE", Class::Network),
];

#[test]
fn every_recorded_text_has_its_class() {
    for (message, class) in RECORDED {
        assert_eq!(classify(message, None), *class, "{message}");
    }
}

#[test]
fn a_raw_server_answer_is_read_by_its_code_before_its_prose() {
    let body = |error: &str| classify(&format!(r#"{{"error":{error}}}"#), None);
    assert_eq!(
        body(r#"{"message":"x","type":"invalid_request_error","code":"context_length_exceeded"}"#),
        Class::Context
    );
    assert_eq!(body(r#"{"message":"x","type":"rate_limit_error","code":null}"#), Class::RateLimit);
    assert_eq!(body(r#"{"message":"Rate limit reached for gpt-5.5","code":"invalid_prompt"}"#), Class::Refused);
    assert_eq!(body(r#"{"message":"The model `x` does not exist","code":null}"#), Class::Model);
    assert_eq!(body(r#"{"message":"Invalid value: 'rate limit exceeded'"}"#), Class::Other);
    let detail = r#"{"detail":"The 'gpt-6-x' model is not supported when using Codex with a ChatGPT account."}"#;
    assert_eq!(classify(detail, None), Class::Model);
    assert_eq!(classify(r#"{"error":{"message":"{\"code\":\"invalid_api_key\"}"}}"#, None), Class::Other);
    assert_eq!(classify("{ not json", None), Class::Other);
}

#[test]
fn a_429_that_is_about_the_quota_is_no_rate_limit() {
    let message = r#"unexpected status 429 Too Many Requests: {"error":{"code":"insufficient_quota"}}, url: x"#;
    assert_eq!(classify(message, None), Class::Quota);
}

#[test]
fn what_broke_a_stream_says_more_than_that_it_broke() {
    let message = "stream disconnected before completion: Rate limit reached for gpt-5.5 in organization org-x";
    assert_eq!(classify(message, None), Class::RateLimit);
    assert_eq!(classify("stream disconnected before completion: stream closed", None), Class::Network);
}

#[test]
fn words_in_the_middle_of_a_text_decide_nothing() {
    for message in [
        "Invalid 'input[3]': the text \"rate limit exceeded\" is not allowed",
        "Unknown parameter: 'unexpected status 401 Unauthorized'",
        "Something about quota exceeded and capacity",
        "",
    ] {
        assert_eq!(classify(message, None), Class::Other, "{message}");
    }
}

#[test]
fn a_status_beside_the_text_decides_only_where_the_text_does_not() {
    assert_eq!(classify("Agent run error: x", Some(401)), Class::Auth);
    assert_eq!(classify("Quota exceeded.", Some(401)), Class::Quota);
    assert_eq!(classify("unexpected status 599 x", None), Class::Capacity);
    assert_eq!(classify("unexpected status 418 teapot", None), Class::Other);
    assert_eq!(classify("unexpected status 4é9", None), Class::Other);
}

#[test]
fn the_time_to_try_again_is_taken_over_as_given() {
    let cases = [
        ("… or try again at 9:33 AM.", Some("9:33 AM")),
        ("Try again at Nov 30th, 2026 9:33 AM.", Some("Nov 30th, 2026 9:33 AM")),
        ("Please try again in 2s.", Some("in 2s")),
        ("Please try again in 1.898s. Visit x", Some("in 1.898s")),
        ("try again in 3 days 4 hours 5 minutes.", Some("in 3 days 4 hours 5 minutes")),
        ("429, retry-after: 600", Some("in 600s")),
        ("(Retry after 2s)", Some("in 2s")),
        ("please try again in 2s, url: http://x", Some("in 2s")),
        ("try again in a moment", None),
        ("try again later", None),
        ("nothing", None),
    ];
    for (message, expected) in cases {
        assert_eq!(retry_at(message).as_deref(), expected, "{message}");
    }
    assert_eq!(retry_at(&format!("try again at 9{}", "9".repeat(1000))), None);
}

#[test]
fn a_limit_that_names_a_model_is_about_that_pool() {
    let named = "rate limit exceeded: Rate limit reached for gpt-5.5-codex in organization org-x on tokens per min";
    assert_eq!(pool(named).as_deref(), Some("gpt-5.5-codex"));
    assert_eq!(pool("You’ve hit your usage limit for gpt-6.1-sol. Switch to").as_deref(), Some("gpt-6.1-sol"));
    assert_eq!(pool("You’ve hit your usage limit for this month."), None);
    assert_eq!(pool("Quota exceeded."), None);
}
