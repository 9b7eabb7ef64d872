//! Owns reading an error object of the family: what kind of refusal it is, and when it ends.
//!
//! The object comes from the library that talks to the providers: a name, a text, the HTTP status and the server's own
//! answer. A server may quote the prompt in its prose, so codes and status decide before texts do, and texts only where
//! they begin. Must not be given text that a model or a tool wrote.

use std::borrow::Cow;

use crate::Refusal;
use crate::json::{Object, Value};
use crate::text::cut;

use super::{MAX_MESSAGE_BYTES, stderr};

/// What kind of refusal it is, as the contract names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Too many requests.
    RateLimit,
    /// An allowance or a balance is used up.
    Quota,
    /// No key, a wrong one, or one that may not.
    Auth,
    /// The provider cannot just now.
    Capacity,
    /// More than the model can read.
    Context,
    /// There is no such model.
    Model,
    /// The provider was not reached, or the connection broke.
    Network,
    /// The provider will not answer this.
    Refused,
    /// None of these.
    Other,
}

impl Class {
    /// The contract's name.
    pub fn as_str(self) -> &'static str {
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

    /// A refusal of this kind about nothing in particular.
    pub fn refusal(self, message: impl Into<String>, is_final: bool) -> Refusal {
        let (class, message) = (self.as_str().to_owned(), message.into());
        Refusal { class, message, pool: None, retry_at: None, final_: is_final }
    }
}

/// The codes, types and names in a server's error object, and the library's own names of errors.
const CODES: &[(&str, Class)] = &[
    ("ContextOverflowError", Class::Context),
    ("ContentFilterError", Class::Refused),
    ("ProviderAuthError", Class::Auth),
    ("ProviderModelNotFoundError", Class::Model),
    ("insufficient_quota", Class::Quota),
    ("usage_limit_reached", Class::Quota),
    ("usage_not_included", Class::Quota),
    ("billing_error", Class::Quota),
    ("billing_hard_limit_reached", Class::Quota),
    ("billing_not_active", Class::Quota),
    ("CreditsError", Class::Quota),
    ("FreeUsageLimitError", Class::Quota),
    ("GoUsageLimitError", Class::Quota),
    ("rate_limit_exceeded", Class::RateLimit),
    ("rate_limit_error", Class::RateLimit),
    ("too_many_requests", Class::RateLimit),
    ("invalid_api_key", Class::Auth),
    ("authentication_error", Class::Auth),
    ("permission_error", Class::Auth),
    ("AuthError", Class::Auth),
    ("UNAUTHENTICATED", Class::Auth),
    ("PERMISSION_DENIED", Class::Auth),
    ("server_is_overloaded", Class::Capacity),
    ("overloaded_error", Class::Capacity),
    ("slow_down", Class::Capacity),
    ("server_error", Class::Capacity),
    ("api_error", Class::Capacity),
    ("UNAVAILABLE", Class::Capacity),
    ("context_length_exceeded", Class::Context),
    ("request_too_large", Class::Context),
    ("model_not_found", Class::Model),
    ("ModelError", Class::Model),
    ("not_found_error", Class::Model),
    ("invalid_prompt", Class::Refused),
    ("content_policy_violation", Class::Refused),
    ("content_filter", Class::Refused),
];

/// How texts begin, in lower case, with a straight apostrophe.
const BEGINNINGS: &[(&str, Class)] = &[
    ("quota exceeded", Class::Quota),
    ("you exceeded your current quota", Class::Quota),
    ("you've hit your usage limit", Class::Quota),
    ("the usage limit has been reached", Class::Quota),
    ("insufficient balance", Class::Quota),
    ("insufficient credits", Class::Quota),
    ("your credit balance is too low", Class::Quota),
    ("rate limit", Class::RateLimit),
    ("too many requests", Class::RateLimit),
    ("incorrect api key", Class::Auth),
    ("invalid api key", Class::Auth),
    ("unauthorized", Class::Auth),
    ("forbidden", Class::Auth),
    ("overloaded", Class::Capacity),
    ("the server is overloaded", Class::Capacity),
    ("this model's maximum context length", Class::Context),
    ("your input exceeds the context window", Class::Context),
    ("prompt is too long", Class::Context),
    ("input is too long", Class::Context),
    ("model not found", Class::Model),
    ("unable to connect", Class::Network),
    ("cannot connect to api", Class::Network),
    ("fetch failed", Class::Network),
    ("failed to fetch", Class::Network),
    ("network error", Class::Network),
    ("network connection", Class::Network),
    ("connection refused", Class::Network),
    ("connection reset", Class::Network),
    ("connection closed", Class::Network),
    ("connection error", Class::Network),
    ("the socket connection was closed", Class::Network),
    ("socket hang up", Class::Network),
    ("the operation timed out", Class::Network),
    ("request timed out", Class::Network),
    ("sse read timed out", Class::Network),
    ("econnre", Class::Network),
    ("etimedout", Class::Network),
    ("enotfound", Class::Network),
    ("getaddrinfo", Class::Network),
    ("was there a typo in the url", Class::Network),
    ("response blocked", Class::Refused),
    ("the response was blocked by the provider's content filter", Class::Refused),
];

/// The longest text in which a server names a model it does not have, in bytes. Longer ones quote something.
const MAX_MODEL_MESSAGE_BYTES: usize = 400;

/// The longest time to wait that is taken over, in bytes.
const MAX_RETRY_AT_BYTES: usize = 64;

/// An `error` line's error.
#[derive(Debug, Default)]
pub(super) struct AgentError {
    name: String,
    /// For people, without colours and within a bound.
    pub(super) message: String,
    by_code: Option<Class>,
    status: Option<u64>,
    /// When to try again, in the server's words.
    pub(super) retry_at: Option<String>,
}

impl AgentError {
    /// An object, or a text alone.
    pub(super) fn read(value: Value<'_>) -> Self {
        if let Some(text) = value.as_string() {
            return Self { message: readable(&text), ..Self::default() };
        }
        let Some(error) = value.as_object() else { return Self::default() };
        let name = error.string("name").unwrap_or_default();
        let data = error.object("data").unwrap_or_else(|| error.clone());
        let text = data.string("message").or_else(|| error.string("message")).unwrap_or(Cow::Borrowed(&*name));
        let by_name = by_code_name(&name);
        let by_answer = data.string("responseBody").and_then(|body| by_body(&body));
        // An error that came in the middle of a stream is the text.
        let inner = Some(&*text).filter(|text| text.starts_with('{'));
        let by_code = by_name.or(by_answer).or_else(|| inner.and_then(by_body));
        let message = inner.and_then(prose).unwrap_or_else(|| readable(&text));
        Self {
            message: if message.is_empty() { "an error without a text".into() } else { message },
            by_code,
            status: data.u64("statusCode"),
            retry_at: data.object("responseHeaders").and_then(|headers| retry_at(&headers)),
            name: name.into_owned(),
        }
    }

    /// Somebody told the agent to stop; no provider said no.
    pub(super) fn is_abort(&self) -> bool {
        self.name == "MessageAbortedError"
    }

    pub(super) fn class(&self) -> Class {
        // A server that only says that it broke says less than its status.
        let by_code = self.by_code.filter(|class| *class != Class::Capacity);
        by_code
            .or_else(|| by_text(&self.message))
            .or_else(|| self.status.and_then(by_status))
            .or(self.by_code)
            .unwrap_or(Class::Other)
    }
}

/// What kind of refusal a text is that stands alone.
pub(super) fn by_text(text: &str) -> Option<Class> {
    let start: String = text.trim_start().chars().take(MAX_MODEL_MESSAGE_BYTES).collect();
    let start = start.replace('’', "'").to_ascii_lowercase();
    let beginning = BEGINNINGS.iter().find(|(beginning, _)| start.starts_with(beginning));
    beginning.map(|(_, class)| *class).or_else(|| names_a_missing_model(text, &start).then_some(Class::Model))
}

fn names_a_missing_model(text: &str, start: &str) -> bool {
    const MISSING: [&str; 4] = ["does not exist", "not found", "is not supported", "not available"];
    let names_model = ["the model ", "the requested model", "model "].iter().any(|begin| start.starts_with(begin));
    text.len() <= MAX_MODEL_MESSAGE_BYTES && names_model && MISSING.iter().any(|missing| start.contains(missing))
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

fn by_code_name(code: &str) -> Option<Class> {
    CODES.iter().find(|(name, _)| *name == code).map(|(_, class)| *class)
}

/// The error object of a server's answer: its codes, and where those say nothing its prose.
fn by_body(body: &str) -> Option<Class> {
    let body = Object::parse(body.trim()).ok()?;
    let error = body.object("error").unwrap_or(body);
    let by_code =
        ["code", "type", "status"].into_iter().filter_map(|key| error.string(key)).find_map(|code| by_code_name(&code));
    by_code.or_else(|| error.string("message").and_then(|message| by_text(&message)))
}

/// What a server's error object says to people.
fn prose(body: &str) -> Option<String> {
    let body = Object::parse(body.trim()).ok()?;
    let error = body.object("error").unwrap_or(body);
    error.string("message").filter(|message| !message.is_empty()).map(|message| readable(&message))
}

fn readable(text: &str) -> String {
    let clean = stderr::without_escapes(text);
    cut(clean.trim(), MAX_MESSAGE_BYTES).into_owned()
}

/// Seconds, milliseconds, or a date as the server wrote it.
fn retry_at(headers: &Object<'_>) -> Option<String> {
    if let Some(seconds) = headers.string("retry-after").filter(|text| text.len() <= MAX_RETRY_AT_BYTES) {
        let seconds = seconds.trim();
        let is_number = !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        return if is_number {
            Some(format!("in {seconds}s"))
        } else {
            Some(seconds.to_owned()).filter(|date| date.bytes().any(|byte| byte.is_ascii_digit()))
        };
    }
    let millis: u64 = headers.string("retry-after-ms")?.trim().parse().ok()?;
    Some(format!("in {}s", millis.div_ceil(1000)))
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
