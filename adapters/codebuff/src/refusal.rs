//! Owns reading the reason of a failed turn: what kind it is, when it ends.
//!
//! The text comes from the provider, from codebuff's backend, from the SDK, or from the program around it. A provider
//! may quote the prompt, so texts are matched where they begin; the HTTP status beside the text decides where the text
//! does not. Must not be given text that a model or a tool wrote.

use aid_adapter_kit::json::Object;

/// No kind of its own.
pub(crate) const OTHER: &str = "other";

/// How texts begin, in lower case, with a straight apostrophe, and the contract's name of their kind.
const BEGINNINGS: &[(&str, &str)] = &[
    ("authentication failed", "auth"),
    ("invalid api key", "auth"),
    ("incorrect api key", "auth"),
    ("codebuff api key not found", "auth"),
    ("codebuff has no api key", "auth"),
    ("unauthorized", "auth"),
    ("forbidden", "auth"),
    ("access forbidden", "auth"),
    ("payment required", "quota"),
    ("insufficient credits", "quota"),
    ("insufficient balance", "quota"),
    ("out of credits", "quota"),
    ("you are out of credits", "quota"),
    ("you have run out of credits", "quota"),
    ("you exceeded your current quota", "quota"),
    ("quota exceeded", "quota"),
    ("rate limit", "rate-limit"),
    ("too many requests", "rate-limit"),
    ("overloaded", "capacity"),
    ("the server is overloaded", "capacity"),
    ("the server had an error", "capacity"),
    ("server error", "capacity"),
    ("internal server error", "capacity"),
    ("bad gateway", "capacity"),
    ("service unavailable", "capacity"),
    ("the model's answer ended with an error of the provider", "capacity"),
    ("this model's maximum context length", "context"),
    ("this endpoint's maximum context length", "context"),
    ("your input exceeds the context window", "context"),
    ("prompt is too long", "context"),
    ("input is too long", "context"),
    ("no endpoints found for", "model"),
    ("network request failed", "network"),
    ("network error", "network"),
    ("cannot connect to api", "network"),
    ("fetch failed", "network"),
    ("terminated", "network"),
    ("connect econnrefused", "network"),
    ("gateway timeout", "network"),
    ("request timed out", "network"),
    ("socket hang up", "network"),
    ("read econnreset", "network"),
    ("getaddrinfo", "network"),
    ("the model's answer broke off", "network"),
    ("the model's answer was stopped by a content filter", "refused"),
];

/// The codes and types of a server's error object.
const CODES: &[(&str, &str)] = &[
    ("insufficient_quota", "quota"),
    ("insufficient_credits", "quota"),
    ("rate_limit_exceeded", "rate-limit"),
    ("rate_limit_error", "rate-limit"),
    ("invalid_api_key", "auth"),
    ("authentication_error", "auth"),
    ("permission_error", "auth"),
    ("overloaded_error", "capacity"),
    ("server_error", "capacity"),
    ("context_length_exceeded", "context"),
    ("model_not_found", "model"),
    ("content_filter", "refused"),
    ("content_policy_violation", "refused"),
];

/// What stands before a provider's own text: the SDK's label, and the label of the library that tried more than once.
const LABEL: &str = "agent run error: ";
const TRIED: &str = "failed after ";
const TRIED_ENDS: [&str; 2] = [" attempts. last error: ", " attempts with non-retryable error: '"];

/// The longest text in which a server names a model it does not have, in bytes. Longer ones quote something.
const MAX_MODEL_MESSAGE_BYTES: usize = 400;

/// How much of a text is looked at, in bytes; and the longest "try again" that is taken over.
const MAX_BEGINNING_BYTES: usize = 1 << 10;
const MAX_RETRY_AT_BYTES: usize = 64;

/// Up to the first blank line: what follows is a stack trace, with paths of the machine.
pub(crate) fn without_stack(message: &str) -> &str {
    let text = message.trim();
    let ends = ["\n\n", "\r\n\r\n", "\n    at "].iter().filter_map(|end| text.find(end));
    text[..ends.min().unwrap_or(text.len())].trim_end()
}

/// What kind of reason a text is. `status` is the HTTP status given beside it, if any.
pub(crate) fn classify(message: &str, status: Option<u64>) -> &'static str {
    let start = &message[..message.floor_char_boundary(MAX_BEGINNING_BYTES)];
    let normal = start.trim_start().replace('’', "'").to_ascii_lowercase();
    let text = unlabelled(&normal);
    let by_text = if text.starts_with('{') { by_body(unlabelled_end(message)) } else { by_beginning(text) };
    by_text
        .or_else(|| (message.len() <= MAX_MODEL_MESSAGE_BYTES && names_a_missing_model(text)).then_some("model"))
        .or_else(|| status.and_then(by_status))
        .unwrap_or(OTHER)
}

fn unlabelled(text: &str) -> &str {
    let text = text.strip_prefix(LABEL).unwrap_or(text);
    let Some(rest) = text.strip_prefix(TRIED) else { return text };
    let after_count = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
    TRIED_ENDS.iter().find_map(|end| after_count.strip_prefix(end)).unwrap_or(text)
}

/// The server's answer at the end of a text that consists of labels and of it.
fn unlabelled_end(message: &str) -> &str {
    message.find('{').map_or("", |start| &message[start..])
}

fn by_beginning(text: &str) -> Option<&'static str> {
    BEGINNINGS.iter().find(|(beginning, _)| text.starts_with(beginning)).map(|(_, class)| *class)
}

fn by_body(body: &str) -> Option<&'static str> {
    let body = Object::parse(body.trim_end_matches('\'').trim()).ok()?;
    let error = body.object("error").unwrap_or_else(|| body.clone());
    let by_code = ["code", "type"].into_iter().filter_map(|key| error.string(key)).find_map(|code| {
        let (_, class) = CODES.iter().find(|(name, _)| *name == code)?;
        Some(*class)
    });
    by_code.or_else(|| by_beginning(&error.string("message")?.replace('’', "'").to_ascii_lowercase()))
}

fn by_status(status: u64) -> Option<&'static str> {
    match status {
        401 | 403 => Some("auth"),
        402 => Some("quota"),
        404 => Some("model"),
        408 | 504 => Some("network"),
        413 => Some("context"),
        429 => Some("rate-limit"),
        500..=599 => Some("capacity"),
        _ => None,
    }
}

fn names_a_missing_model(text: &str) -> bool {
    const MISSING: [&str; 5] =
        ["does not exist", "not found", "is not supported", "not available", "is not a valid model"];
    let names_model = ["the model ", "the requested model", "model "].iter().any(|start| text.starts_with(start));
    (names_model || text.ends_with("is not a valid model id")) && MISSING.iter().any(|missing| text.contains(missing))
}

/// When to try again, in the text's own words: "in 2s", "at 9:33 AM".
pub(crate) fn retry_at(message: &str) -> Option<String> {
    const INTRODUCTIONS: [(&str, &str); 4] =
        [("try again at ", ""), ("try again in ", "in "), ("retry after ", "in "), ("retry in ", "in ")];
    // ASCII only, so that positions stay those of the message.
    let lower = message.to_ascii_lowercase();
    INTRODUCTIONS.iter().find_map(|(introduction, prefix)| {
        let start = lower.find(introduction)? + introduction.len();
        let when = sentence(&message[start..]);
        let says_when = when.contains(|c: char| c.is_ascii_digit()) && when.len() <= MAX_RETRY_AT_BYTES;
        let unit = if !prefix.is_empty() && when.bytes().all(|byte| byte.is_ascii_digit()) { "s" } else { "" };
        says_when.then(|| format!("{prefix}{when}{unit}"))
    })
}

/// Up to where the statement ends. A full stop inside a number ends nothing.
fn sentence(text: &str) -> &str {
    let bytes = text.as_bytes();
    let ends = |at: &usize| match bytes[*at] {
        b'\n' | b')' | b';' | b'"' | b'\'' => true,
        b'.' => bytes.get(at + 1).is_none_or(|next| !next.is_ascii_digit()),
        _ => false,
    };
    let end = (0..bytes.len()).find(ends).unwrap_or(bytes.len());
    text[..end].trim()
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
