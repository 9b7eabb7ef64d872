//! What statuses and limits look like in each API.

use serde_json::{Value, json};

use crate::support::{Answer, Model};

const RESPONSES: &str = "/v1/responses";
const CHAT: &str = "/v1/chat/completions";
const GEMINI: &str = "/v1beta/models/gemini-x:streamGenerateContent?alt=sse";
const MESSAGES: &str = "/v1/messages";

fn ask(step: &Value, path: &str) -> Answer {
    Model::start(&json!([step])).ask_at(path, &json!({"stream": true}))
}

#[test]
fn a_status_has_the_names_of_the_api() {
    for (path, status, pointer, name) in [
        (RESPONSES, 401, "/error/code", "invalid_api_key"),
        (CHAT, 401, "/error/code", "invalid_api_key"),
        (CHAT, 429, "/error/type", "rate_limit_error"),
        (CHAT, 503, "/error/type", "server_error"),
        (GEMINI, 401, "/error/status", "UNAUTHENTICATED"),
        (GEMINI, 404, "/error/status", "NOT_FOUND"),
        (GEMINI, 503, "/error/status", "UNAVAILABLE"),
        (MESSAGES, 401, "/error/type", "authentication_error"),
        (MESSAGES, 529, "/error/type", "overloaded_error"),
    ] {
        let answer = ask(&json!({"http": status}), path);
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.json().pointer(pointer).unwrap(), name, "{path} {status}");
    }
    assert_eq!(ask(&json!({"http": 401}), GEMINI).json()["error"]["code"], 401);
    assert_eq!(ask(&json!({"http": 401}), MESSAGES).json()["type"], "error");
}

#[test]
fn the_body_of_the_script_wins() {
    let answer = ask(&json!({"http": 429, "body": {"mine": 1}}), GEMINI);
    assert_eq!((answer.status, answer.json()), (429, json!({"mine": 1})));
}

#[test]
fn a_limit_per_minute_says_when_to_try_again() {
    let step = json!({"limit": {"per": "minute", "retry_after_s": 2}});
    for path in [RESPONSES, CHAT, MESSAGES] {
        let answer = ask(&step, path);
        assert_eq!(answer.status, 429, "{path}");
        assert!(answer.headers.contains(&"retry-after: 2".to_owned()), "{path}");
        assert!(answer.json()["error"]["type"] == "rate_limit_error", "{path}");
    }
    let google = ask(&step, GEMINI);
    assert!(!google.headers.iter().any(|line| line.starts_with("retry-after")));
    let details = google.json()["error"]["details"].clone();
    assert_eq!(details[1], json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2s"}));
    assert_eq!(details[0]["@type"], "type.googleapis.com/google.rpc.QuotaFailure");
    let violation = &details[0]["violations"][0];
    assert_eq!(violation["quotaId"], "GenerateRequestsPerMinutePerProjectPerModel-FreeTier");
    assert_eq!(violation["quotaDimensions"]["model"], "gemini-x");
}

#[test]
fn a_limit_per_day_is_a_spent_quota() {
    let step = json!({"limit": {"per": "day"}});
    assert_eq!(ask(&step, CHAT).json()["error"]["code"], "insufficient_quota");
    let google = ask(&step, GEMINI).json();
    assert_eq!((&google["error"]["code"], &google["error"]["status"]), (&json!(429), &json!("RESOURCE_EXHAUSTED")));
    let details = google["error"]["details"].as_array().unwrap();
    assert_eq!(details.len(), 1, "nobody says when");
    let quota = &details[0]["violations"][0]["quotaId"];
    assert_eq!(quota, "GenerateRequestsPerDayPerProjectPerModel-FreeTier");
}
