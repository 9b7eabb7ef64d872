//! What the reasons that codebuff gives mean.

use super::{classify, retry_at, without_stack};

const SEEN: &[(&str, Option<u64>, &str)] = &[
    ("Agent run error: Incorrect API key provided: dummy", Some(401), "auth"),
    ("Authentication failed", Some(401), "auth"),
    ("Invalid API key or user not found", None, "auth"),
    (
        "Codebuff API key not found. Please provide an apiKey in the constructor of CodebuffClient or set the \
         CODEBUFF_API_KEY environment variable.",
        None,
        "auth",
    ),
    ("Agent run error: Insufficient credits", Some(402), "quota"),
    ("Payment required", None, "quota"),
    ("Agent run error: Rate limit reached for requests", Some(429), "rate-limit"),
    ("Agent run error: Failed after 4 attempts. Last error: Rate limit reached for requests", None, "rate-limit"),
    ("Agent run error: Failed after 4 attempts. Last error: The server had an error", None, "capacity"),
    ("Agent run error: Failed after 3 attempts. Last error: You exceeded your current quota, please", None, "quota"),
    (
        "Agent run error: Failed after 2 attempts with non-retryable error: 'Incorrect API key provided: x'",
        None,
        "auth",
    ),
    ("Agent run error: This model's maximum context length is 128000 tokens.", Some(400), "context"),
    ("Agent run error: The model `gpt-nope` does not exist", Some(404), "model"),
    ("Agent run error: nope/nope is not a valid model ID", Some(400), "model"),
    ("Agent run error: Cannot connect to API: connect ECONNREFUSED 127.0.0.1:1", None, "network"),
    ("Network request failed", Some(503), "network"),
    ("Server error", Some(502), "capacity"),
    ("the model's answer broke off before it was complete", None, "network"),
    ("the model's answer was stopped by a content filter", None, "refused"),
    ("the model's answer was cut at its length limit", None, "other"),
    ("the step limit was reached before the agent was done; raise it, or resume the session", None, "other"),
    ("Invalid agent ID: \"base\". Available agents: ", None, "other"),
    ("No response from agent", None, "other"),
    ("", None, "other"),
];

#[test]
fn every_reason_has_its_kind() {
    for (message, status, class) in SEEN {
        assert_eq!(classify(message, *status), *class, "{message}");
    }
}

#[test]
fn a_status_decides_where_the_text_does_not() {
    let cases = [(400, "other"), (401, "auth"), (402, "quota"), (404, "model"), (429, "rate-limit"), (529, "capacity")];
    for (status, class) in cases {
        assert_eq!(classify("Agent run error: something", Some(status)), class, "{status}");
    }
    assert_eq!(classify("Quota exceeded", Some(401)), "quota");
}

#[test]
fn words_in_the_middle_of_a_text_decide_nothing() {
    for message in [
        "Agent run error: Invalid input: the text \"rate limit exceeded\" is not allowed",
        "Unknown: Authentication failed",
        "Failed after all attempts. Last error: Rate limit",
        "x {\"error\":{\"code\":\"invalid_api_key\"}}",
    ] {
        assert_eq!(classify(message, None), "other", "{message}");
    }
    let long = format!("The model `{}` does not exist", "x".repeat(500));
    assert_eq!(classify(&long, None), "other");
}

#[test]
fn a_servers_answer_is_read_by_its_code() {
    let answer = r#"Agent run error: {"error":{"message":"x","code":"insufficient_quota"}}"#;
    assert_eq!(classify(answer, None), "quota");
    let prose = r#"{"message":"Rate limit reached","code":429}"#;
    assert_eq!(classify(prose, None), "rate-limit");
    assert_eq!(classify("{ not json", None), "other");
}

#[test]
fn a_stack_is_left_out() {
    let cases = [
        ("a b\n\nError: a b\n    at file:///x.mjs:1", "a b"),
        ("a b\r\n\r\nc", "a b"),
        ("a\nb\n    at file:///x.mjs:1", "a\nb"),
        ("\n\n a \n\n b", "a"),
        ("a", "a"),
        ("", ""),
    ];
    for (message, text) in cases {
        assert_eq!(without_stack(message), text, "{message:?}");
    }
}

#[test]
fn the_time_to_try_again_is_taken_over_as_given() {
    let cases = [
        ("Please try again in 2s.", Some("in 2s")),
        ("Please try again in 1.898s. Visit x", Some("in 1.898s")),
        ("Retry after 30", Some("in 30s")),
        ("try again at 9:33 AM.", Some("9:33 AM")),
        ("try again later", None),
        ("try again in a moment", None),
    ];
    for (message, expected) in cases {
        assert_eq!(retry_at(message).as_deref(), expected, "{message}");
    }
    assert_eq!(retry_at(&format!("try again at 9{}", "9".repeat(1000))), None);
}
