//! Owns what kind of refusal copilot reports. Must not be given text that a model or a tool wrote.

use aid_adapter_kit::Refusal;
use aid_adapter_kit::json::Object;
use aid_adapter_kit::text::cut;

use crate::parse::MAX_MESSAGE_BYTES;

/// Codes and types of a provider's error object, and copilot's own names.
fn by_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "authentication" | "authentication_error" | "authorization" | "invalid_api_key" | "permission_error" => "auth",
        "billing" | "insufficient_quota" | "quota" | "quota_exceeded" => "quota",
        "rate_limit" | "rate_limit_error" | "rate_limit_exceeded" => "rate-limit",
        "overloaded_error" | "server_is_overloaded" => "capacity",
        "context_length_exceeded" | "context_limit" => "context",
        "model_not_found" => "model",
        "content_filter" | "content_policy_violation" => "refused",
        _ => return None,
    })
}

fn by_status(status: u64) -> Option<&'static str> {
    Some(match status {
        401 | 403 => "auth",
        402 => "quota",
        404 => "model",
        408 => "network",
        413 => "context",
        429 => "rate-limit",
        500..=599 => "capacity",
        _ => return None,
    })
}

/// A `model.call_failure`. What the server's error says of itself says more than the status: 429 may be the quota.
pub(crate) fn of_call(data: &Object<'_>) -> Refusal {
    let said = data.string("errorMessage").unwrap_or_default();
    let error = Object::parse(&said).unwrap_or_default();
    let status = data.u64("statusCode");
    let by_code = ["code", "type"].iter().find_map(|key| by_name(&error.string(key)?));
    let transport = || (data.string("failureKind")? == "transport").then_some("network");
    let class = by_code.or_else(|| status.and_then(by_status)).or_else(transport).unwrap_or("other");
    let text = error.string("message").map_or_else(|| said.to_string(), |message| message.into_owned());
    let message = match (status, text.is_empty()) {
        (Some(status), false) => format!("HTTP {status}: {text}"),
        (Some(status), true) => format!("HTTP {status}"),
        (None, false) => text,
        (None, true) => "a request to the model failed".into(),
    };
    refusal(class, &message, false)
}

/// A `session.error`. The request that failed before it knows best why.
pub(crate) fn of_session(data: &Object<'_>, failure: Option<&Refusal>) -> Refusal {
    let failed = failure.map(|failure| failure.class.as_str()).filter(|class| *class != "other");
    let own = || by_name(&data.string("errorType")?).or_else(|| by_status(data.u64("statusCode")?));
    let class = failed.or_else(own).unwrap_or("other");
    refusal(class, data.string("message").as_deref().unwrap_or("copilot reported an error without a text"), true)
}

/// A result that is no success, without an error before it.
pub(crate) fn unexplained(because: &str) -> Refusal {
    refusal("other", &format!("copilot reported {because} and no error"), true)
}

fn refusal(class: &str, message: &str, is_final: bool) -> Refusal {
    let message = cut(message, MAX_MESSAGE_BYTES).into_owned();
    Refusal { class: class.to_owned(), message, pool: None, retry_at: None, final_: is_final }
}
