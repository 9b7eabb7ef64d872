//! Owns reading a refusal's text: what kind it is, what it is about, when it ends.
//!
//! codex ends with the same exit code for all of them, so the text is all there is. It comes from the provider's
//! channel, but a provider may quote the prompt: texts are therefore matched where they begin, and a quoted server
//! answer only in the fields that are not prose. Must not be given text that a model or a tool wrote.

use aid_adapter_kit::json::Object;

/// What kind of refusal it is, as the contract names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    RateLimit,
    Quota,
    Auth,
    Capacity,
    Context,
    Model,
    Network,
    Refused,
    Other,
}

impl Class {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::RateLimit => "rate-limit",
            Self::Quota => "quota",
            Self::Auth => "auth",
            Self::Capacity => "capacity",
            Self::Context => "context",
            Self::Model => "model",
            Self::Network => "network",
            Self::Refused => "refused",
            Self::Other => "other",
        }
    }
}

/// How codex's own texts, and those of the servers it passes on, begin. In lower case, with a straight apostrophe.
const BEGINNINGS: &[(&str, Class)] = &[
    ("you've hit your usage limit", Class::Quota),
    ("quota exceeded", Class::Quota),
    ("you exceeded your current quota", Class::Quota),
    ("the usage limit has been reached", Class::Quota),
    ("to use codex with your chatgpt plan", Class::Quota),
    ("rate limit exceeded", Class::RateLimit),
    ("rate limit reached", Class::RateLimit),
    ("too many requests", Class::RateLimit),
    ("selected model is at capacity", Class::Capacity),
    ("we're currently experiencing high demand", Class::Capacity),
    ("the server is overloaded", Class::Capacity),
    ("codex ran out of room in the model's context window", Class::Context),
    ("your input exceeds the context window", Class::Context),
    ("this model's maximum context length", Class::Context),
    ("missing environment variable", Class::Auth),
    ("not logged in", Class::Auth),
    ("incorrect api key", Class::Auth),
    ("your access token could not be refreshed", Class::Auth),
    ("stream disconnected before completion", Class::Network),
    ("idle timeout waiting for sse", Class::Network),
    ("connection failed", Class::Network),
    ("error sending request", Class::Network),
    ("network error", Class::Network),
    ("waiting for network", Class::Network),
    ("request timed out", Class::Network),
    ("incomplete response returned, reason: content_filter", Class::Refused),
    ("invalid prompt", Class::Refused),
];

/// The codes and types of a server's error object.
const CODES: &[(&str, Class)] = &[
    ("insufficient_quota", Class::Quota),
    ("usage_limit_reached", Class::Quota),
    ("usage_not_included", Class::Quota),
    ("billing_hard_limit_reached", Class::Quota),
    ("billing_not_active", Class::Quota),
    ("rate_limit_exceeded", Class::RateLimit),
    ("rate_limit_error", Class::RateLimit),
    ("invalid_api_key", Class::Auth),
    ("authentication_error", Class::Auth),
    ("permission_error", Class::Auth),
    ("server_is_overloaded", Class::Capacity),
    ("overloaded_error", Class::Capacity),
    ("slow_down", Class::Capacity),
    ("context_length_exceeded", Class::Context),
    ("model_not_found", Class::Model),
    ("invalid_prompt", Class::Refused),
    ("content_policy_violation", Class::Refused),
    ("content_filter", Class::Refused),
    ("cyber_policy_violation", Class::Refused),
];

/// How codex introduces an HTTP status.
const STATUS_INTRODUCTIONS: [&str; 2] = ["unexpected status ", "exceeded retry limit, last status: "];

/// How codex introduces the reason why a stream broke off.
const DISCONNECTED: &str = "stream disconnected before completion: ";

/// The longest text in which a server names a model it does not have, in bytes. Longer ones quote something.
const MAX_MODEL_MESSAGE_BYTES: usize = 400;

/// The longest "try again" that is taken over, in bytes.
const MAX_RETRY_AT_BYTES: usize = 64;

/// What kind of refusal a text is. `status` is the HTTP status given beside it, if any.
pub(crate) fn classify(message: &str, status: Option<u64>) -> Class {
    let normal = message.trim_start().replace('’', "'").to_ascii_lowercase();
    classify_text(&normal).or_else(|| status.and_then(by_status)).unwrap_or(Class::Other)
}

fn classify_text(text: &str) -> Option<Class> {
    // What broke the stream says more than that it broke.
    if let Some(class) = text.strip_prefix(DISCONNECTED).and_then(classify_text) {
        return Some(class);
    }
    let beginning = BEGINNINGS.iter().find(|(beginning, _)| text.starts_with(beginning));
    if let Some((_, class)) = beginning {
        return Some(*class);
    }
    if let Some(rest) = STATUS_INTRODUCTIONS.iter().find_map(|introduction| text.strip_prefix(introduction)) {
        // 429 alone is a rate limit; the answer behind it may say that it is the quota.
        let status = rest.get(..3).and_then(|digits| digits.parse().ok()).and_then(by_status);
        return by_body(rest).or(status);
    }
    if text.starts_with('{') {
        return by_body(text);
    }
    names_a_missing_model(text).then_some(Class::Model)
}

fn by_status(status: u64) -> Option<Class> {
    match status {
        401 | 403 => Some(Class::Auth),
        402 => Some(Class::Quota),
        404 => Some(Class::Model),
        408 => Some(Class::Network),
        413 => Some(Class::Context),
        429 => Some(Class::RateLimit),
        500..=599 => Some(Class::Capacity),
        _ => None,
    }
}

/// The error object of a server's answer, which codex passes on whole for some of them.
fn by_body(text: &str) -> Option<Class> {
    let body = &text[text.find('{')?..=text.rfind('}')?];
    let body = Object::parse(body).ok()?;
    let error = body.object("error").unwrap_or_else(|| body.clone());
    let by_code = ["code", "type"].into_iter().filter_map(|key| error.string(key)).find_map(|code| {
        let (_, class) = CODES.iter().find(|(name, _)| *name == code)?;
        Some(*class)
    });
    by_code.or_else(|| {
        let prose = ["message", "detail"].into_iter().find_map(|key| error.string(key))?;
        // An answer inside an answer is somebody's quotation.
        if prose.starts_with('{') { None } else { classify_text(&prose) }
    })
}

fn names_a_missing_model(text: &str) -> bool {
    const MISSING: [&str; 4] = ["does not exist", "not found", "is not supported", "not available"];
    let names_model =
        ["the model ", "the requested model", "the '", "model "].iter().any(|start| text.starts_with(start));
    text.len() <= MAX_MODEL_MESSAGE_BYTES
        && names_model
        && text.contains("model")
        && MISSING.iter().any(|missing| text.contains(missing))
}

/// The metered pool a limit is about, when the text names one: a model.
pub(crate) fn pool(message: &str) -> Option<String> {
    let after = ["Rate limit reached for ", "usage limit for "].iter().find_map(|intro| message.split_once(intro))?.1;
    let end = after.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ')')).unwrap_or(after.len());
    let name = after[..end].trim_end_matches('.');
    let is_name = name.contains('-') && name.len() <= MAX_RETRY_AT_BYTES;
    is_name.then(|| name.to_owned())
}

/// When to try again, in the text's own words: "9:33 AM", "Nov 30th, 2026 9:33 AM", or "in 2s".
pub(crate) fn retry_at(message: &str) -> Option<String> {
    const INTRODUCTIONS: [(&str, &str); 5] = [
        ("try again at ", ""),
        ("try again in ", "in "),
        ("retry-after: ", "in "),
        ("retry after ", "in "),
        ("retry in ", "in "),
    ];
    // ASCII only, so that positions stay those of the message.
    let lower = message.to_ascii_lowercase();
    INTRODUCTIONS.iter().find_map(|(introduction, prefix)| {
        let start = lower.find(introduction)? + introduction.len();
        let when = sentence(&message[start..]);
        let says_when = when.contains(|c: char| c.is_ascii_digit()) && when.len() <= MAX_RETRY_AT_BYTES;
        says_when.then(|| match *prefix {
            // A bare number is the header's: seconds.
            "in " if when.bytes().all(|byte| byte.is_ascii_digit()) => format!("in {when}s"),
            prefix => format!("{prefix}{when}"),
        })
    })
}

/// Up to where the statement ends. A full stop inside a number ends nothing.
fn sentence(text: &str) -> &str {
    let bytes = text.as_bytes();
    let ends = |at: usize| match bytes[at] {
        b'\n' | b')' | b';' | b'"' => true,
        b'.' => bytes.get(at + 1).is_none_or(|next| !next.is_ascii_digit()),
        b',' => text[at..].starts_with(", url"),
        _ => false,
    };
    let end = (0..bytes.len()).find(|at| ends(*at)).unwrap_or(bytes.len());
    text[..end].trim()
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
