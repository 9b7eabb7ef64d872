//! What a refusal looks like in each API. Decides nothing: statuses and limits come from the script.

use serde_json::{Value, json};

use crate::api::Api;
use crate::script::{Limit, Per};

/// The default body for a status.
pub(crate) fn body(api: Api, status: u16, message: &str) -> Value {
    match api {
        Api::Responses | Api::Chat => {
            let (kind, code) = openai_names(status);
            openai(message, kind, code)
        }
        Api::Gemini => google(status, message, google_status(status)),
        Api::Messages => json!({"type": "error", "error": {"type": anthropic_type(status), "message": message}}),
    }
}

/// The body for a limit that is reached.
pub(crate) fn limit(api: Api, limit: &Limit, model: &str) -> Value {
    let message = "You exceeded your current quota, please check your plan and billing details.";
    match (api, limit.per) {
        (Api::Responses | Api::Chat, Per::Minute) => {
            openai("Rate limit reached for requests", "rate_limit_error", Some("rate_limit_exceeded"))
        }
        (Api::Responses | Api::Chat, Per::Day) => openai(message, "insufficient_quota", Some("insufficient_quota")),
        (Api::Gemini, per) => google_limit(limit, per, message, model),
        (Api::Messages, per) => {
            let per = if per == Per::Minute { "per-minute" } else { "daily" };
            body(api, 429, &format!("This request would exceed your organization's {per} rate limit"))
        }
    }
}

/// An error that comes inside a stream.
pub(crate) fn in_stream(api: Api, code: &str, message: &str) -> Value {
    match api {
        Api::Responses | Api::Chat => openai(message, "server_error", Some(code)),
        Api::Gemini => google(500, message, code),
        Api::Messages => json!({"type": "error", "error": {"type": code, "message": message}}),
    }
}

fn openai(message: &str, kind: &str, code: Option<&str>) -> Value {
    json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
}

fn openai_names(status: u16) -> (&'static str, Option<&'static str>) {
    match status {
        401 => ("invalid_request_error", Some("invalid_api_key")),
        404 => ("invalid_request_error", Some("model_not_found")),
        429 => ("rate_limit_error", Some("rate_limit_exceeded")),
        400..=499 => ("invalid_request_error", None),
        _ => ("server_error", None),
    }
}

fn google(status: u16, message: &str, name: &str) -> Value {
    json!({"error": {"code": status, "message": message, "status": name}})
}

fn google_status(status: u16) -> &'static str {
    match status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        500 => "INTERNAL",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        _ => "UNKNOWN",
    }
}

/// Which limit it was is only in the details.
fn google_limit(limit: &Limit, per: Per, message: &str, model: &str) -> Value {
    let quota = match per {
        Per::Minute => "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
        Per::Day => "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
    };
    let violation = json!({
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
        "quotaId": quota,
        "quotaDimensions": {"location": "global", "model": model},
        "quotaValue": "25",
    });
    let mut details = vec![json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]})];
    if let Some(seconds) = limit.retry_after_s {
        let delay = format!("{seconds}s");
        details.push(json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}));
    }
    let mut body = google(429, message, "RESOURCE_EXHAUSTED");
    body["error"]["details"] = Value::from(details);
    body
}

fn anthropic_type(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}
