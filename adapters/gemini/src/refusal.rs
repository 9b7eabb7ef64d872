//! Owns reading a refusal: what kind it is, what it is about, when it ends.
//!
//! The text comes from the provider's channel, but a provider may quote the prompt, and gemini a tool: texts are
//! therefore matched where they begin, a server's answer in the fields that are not prose, and the rest by what gemini
//! itself put around it. Must not be given text that a model or a tool wrote.

use aid_adapter_kit::Refusal;
use aid_adapter_kit::json::Object;
use aid_adapter_kit::text::cut;

use crate::parse::MAX_MESSAGE_BYTES;

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

    /// Limits are counted for each model.
    pub(crate) fn is_about_a_model(self) -> bool {
        matches!(self, Self::RateLimit | Self::Quota | Self::Capacity)
    }
}

/// How gemini's own texts, and those of the servers it passes on, begin. In lower case.
const BEGINNINGS: &[(&str, Class)] = &[
    ("you have exhausted your daily quota", Class::Quota),
    ("you have exhausted your capacity", Class::Quota),
    ("quota exhausted", Class::Quota),
    ("resource has been exhausted", Class::RateLimit),
    ("resource exhausted", Class::RateLimit),
    ("too many requests", Class::RateLimit),
    ("rate limit exceeded", Class::RateLimit),
    ("no capacity available for model", Class::Capacity),
    ("the model is overloaded", Class::Capacity),
    ("this model is currently experiencing high demand", Class::Capacity),
    ("the service is currently unavailable", Class::Capacity),
    ("service unavailable", Class::Capacity),
    ("an internal error has occurred", Class::Capacity),
    ("internal error encountered", Class::Capacity),
    ("the input token count", Class::Context),
    ("request payload size exceeds", Class::Context),
    ("the request payload size exceeds", Class::Context),
    ("api key not valid", Class::Auth),
    ("api key not found", Class::Auth),
    ("api key expired", Class::Auth),
    ("your api key was reported as leaked", Class::Auth),
    ("request had invalid authentication credentials", Class::Auth),
    ("request is missing required authentication credential", Class::Auth),
    ("method doesn't allow unregistered callers", Class::Auth),
    ("the caller does not have permission", Class::Auth),
    ("permission denied", Class::Auth),
    ("model not found", Class::Model),
    ("requested entity was not found", Class::Model),
    ("exception typeerror: fetch failed", Class::Network),
    ("fetch failed", Class::Network),
    ("terminated", Class::Network),
    ("premature close", Class::Network),
    ("connect econnrefused", Class::Network),
    ("read econnreset", Class::Network),
    ("getaddrinfo ", Class::Network),
    ("request timed out", Class::Network),
    ("model stream ended without a finish reason", Class::Network),
    ("user location is not supported", Class::Refused),
    ("the model response was blocked due to", Class::Refused),
];

/// How a server says that a limit was passed, which may be one of a minute or one of a day.
const LIMITS: [&str; 2] = ["you exceeded your current quota", "quota exceeded for"];

/// The longest wait that gemini takes for one after which it is worth trying again, in milliseconds.
const MAX_SHORT_WAIT_MS: u64 = 300_000;

/// Names that gemini and Google's servers have for kinds of errors.
const NAMES: &[(&str, Class)] = &[
    ("TerminalQuotaError", Class::Quota),
    ("RetryableQuotaError", Class::RateLimit),
    ("ModelNotFoundError", Class::Model),
    ("FatalAuthenticationError", Class::Auth),
    ("ValidationRequiredError", Class::Auth),
    ("RESOURCE_EXHAUSTED", Class::RateLimit),
    ("UNAUTHENTICATED", Class::Auth),
    ("PERMISSION_DENIED", Class::Auth),
    ("NOT_FOUND", Class::Model),
    ("UNAVAILABLE", Class::Capacity),
    ("INTERNAL", Class::Capacity),
    ("DEADLINE_EXCEEDED", Class::Capacity),
    ("API_KEY_INVALID", Class::Auth),
    ("QUOTA_EXHAUSTED", Class::Quota),
    ("RATE_LIMIT_EXCEEDED", Class::RateLimit),
    ("MODEL_CAPACITY_EXHAUSTED", Class::Capacity),
];

/// How gemini begins when a tool's failure ends the run. What follows is the tool's text.
const TOOL_FAILURE: &str = "Error executing tool ";

/// How some errors introduce a status, with the server's answer behind it.
const STATUS_INTRODUCTION: &str = "got status: ";

/// What gemini adds to an error whose HTTP status is 429, after the bracket.
const LIMIT_HINTS: [&str; 2] = ["Please wait and try again later.", "Possible quota limitations in place"];

/// The most violations or details of a server's answer that are looked at.
const MAX_DETAILS: usize = 16;

/// The longest "try again" that is taken over, and the longest name of a model, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// What gemini said about an end that is no success.
pub(crate) struct Spoken<'a> {
    pub(crate) message: Option<&'a str>,
    /// The name of the error.
    pub(crate) kind: &'a str,
    /// The model that was asked.
    pub(crate) model: Option<&'a str>,
}

/// The refusal, with which the run ends.
pub(crate) fn read(spoken: &Spoken<'_>) -> Refusal {
    let Some(message) = spoken.message else {
        return with(Class::Other, "gemini ended with an error and gave no reason".to_owned());
    };
    let (text, after) = unwrapped(message);
    if text.starts_with(TOOL_FAILURE) {
        return with(Class::Other, cut(message, MAX_MESSAGE_BYTES).into_owned());
    }
    let class = classify(text)
        .or_else(|| named(spoken.kind))
        .or_else(|| LIMIT_HINTS.iter().any(|hint| after.starts_with(hint)).then_some(Class::RateLimit))
        .unwrap_or(Class::Other);
    let named_model = model_in(text);
    let pool = named_model.as_deref().or(spoken.model).filter(|_| class.is_about_a_model()).map(str::to_owned);
    let retry_at = wait_in(text).filter(|_| class.is_about_a_model()).map(|wait| format!("in {wait}"));
    let message = cut(message, MAX_MESSAGE_BYTES).into_owned();
    Refusal { class: class.as_str().to_owned(), message, pool, retry_at, final_: true }
}

/// A refusal about which nothing more is known.
pub(crate) fn with(class: Class, message: String) -> Refusal {
    Refusal { class: class.as_str().to_owned(), message, pool: None, retry_at: None, final_: true }
}

/// The class of an HTTP status.
pub(crate) fn by_status(status: u64) -> Option<Class> {
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

/// What stands in `[API Error: …]`, and what gemini put behind it.
fn unwrapped(message: &str) -> (&str, &str) {
    let Some(inner) = message.strip_prefix("[API Error: ") else { return (message, "") };
    match inner.rsplit_once(']') {
        Some((text, after)) => (text, after.trim_start()),
        None => (inner, ""),
    }
}

fn named(name: &str) -> Option<Class> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, class)| *class)
}

fn classify(text: &str) -> Option<Class> {
    if text.starts_with('{') {
        return by_body(text, true);
    }
    if let Some(rest) = text.strip_prefix(STATUS_INTRODUCTION) {
        let status = rest.get(..3).and_then(|digits| digits.parse().ok()).and_then(by_status);
        return rest.find('{').and_then(|at| by_body(&rest[at..], true)).or(status);
    }
    // `… (Status: UNAVAILABLE)`: a server's own name for it, which gemini puts at the end.
    let status = text.strip_suffix(')').and_then(|text| text.rsplit_once("(Status: ")).map(|(_, name)| name);
    by_beginning(text).or_else(|| status.and_then(named))
}

fn by_beginning(text: &str) -> Option<Class> {
    // Enough for every beginning; the rest may be a whole prompt.
    const MAX_BEGINNING_BYTES: usize = 400;
    let start = text.trim_start();
    let start = start[..start.floor_char_boundary(MAX_BEGINNING_BYTES)].to_ascii_lowercase();
    if LIMITS.iter().any(|limit| start.starts_with(limit)) {
        return Some(limit_of(text));
    }
    if start.starts_with("models/") && (start.contains(" is not found") || start.contains(" not supported")) {
        return Some(Class::Model);
    }
    BEGINNINGS.iter().find(|(beginning, _)| start.starts_with(beginning)).map(|(_, class)| *class)
}

/// A limit that is over in some minutes is one of rate; one without an end, or of nothing at all, is a quota.
fn limit_of(text: &str) -> Class {
    let goes_on = |rest: &str| rest.starts_with(|next: char| next.is_ascii_digit() || next == '.');
    let is_none_at_all = text.split_once("limit: 0").is_some_and(|(_, rest)| !goes_on(rest));
    match wait_in(text).and_then(|wait| milliseconds(&wait)) {
        Some(wait_ms) if wait_ms <= MAX_SHORT_WAIT_MS && !is_none_at_all => Class::RateLimit,
        _ => Class::Quota,
    }
}

/// The error object of a server's answer. What a proxy could not read it puts into the message, as text: one level.
fn by_body(text: &str, may_nest: bool) -> Option<Class> {
    let body = Object::parse(&text[..=text.rfind('}')?]).ok()?;
    let error = body.object("error").unwrap_or_else(|| body.clone());
    let message = error.string("message").unwrap_or_default();
    let by_message = if !message.trim_start().starts_with('{') {
        by_beginning(&message)
    } else if may_nest {
        by_body(message.trim_start(), false)
    } else {
        None
    };
    let by_name = || error.string("status").and_then(|name| named(&name));
    let by_code = || error.u64("code").and_then(by_status);
    by_details(&error).or(by_message).or_else(by_name).or_else(by_code)
}

/// The machine-readable part: which quota it was, or the reason's name.
fn by_details(error: &Object<'_>) -> Option<Class> {
    let (details, _) = error.get("details")?.as_array(MAX_DETAILS)?;
    let details: Vec<Object<'_>> = details.into_iter().filter_map(|detail| detail.as_object()).collect();
    let violations = details.iter().filter_map(|detail| detail.get("violations")?.as_array(MAX_DETAILS));
    let quotas: Vec<String> = violations
        .flat_map(|(violations, _)| violations)
        .filter_map(|violation| Some(violation.as_object()?.string("quotaId")?.into_owned()))
        .collect();
    if quotas.iter().any(|id| id.contains("PerDay") || id.contains("Daily")) {
        return Some(Class::Quota);
    }
    if quotas.iter().any(|id| id.contains("PerMinute")) {
        return Some(Class::RateLimit);
    }
    details.iter().find_map(|detail| named(&detail.string("reason")?))
}

/// How long to wait, in the text's own words. What gemini adds at the end is what the server meant: it comes first.
fn wait_in(text: &str) -> Option<String> {
    const INTRODUCTIONS: [&str; 4] =
        ["Suggested retry after ", "Please retry in ", "Your quota will reset after ", "\"retryDelay\":\""];
    INTRODUCTIONS.iter().find_map(|introduction| {
        let (_, rest) = text.rsplit_once(introduction)?;
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len());
        let wait = rest[..end].trim_end_matches('.');
        let says_when = wait.starts_with(|first: char| first.is_ascii_digit()) && wait.len() <= MAX_NAME_BYTES;
        says_when.then(|| wait.to_owned())
    })
}

/// `2s`, `2.5s`, `1500ms`, `5h12m3s`. What is smaller than a millisecond is left out.
fn milliseconds(wait: &str) -> Option<u64> {
    let (mut total_ms, mut rest) = (0_u64, wait);
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let (unit, next) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let unit_ms = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let tenths: u64 = fraction.get(..1)?.parse().ok()?;
        let part_ms = whole.parse::<u64>().ok()?.checked_mul(unit_ms)?.checked_add(tenths * unit_ms / 10)?;
        total_ms = total_ms.checked_add(part_ms)?;
        rest = next;
    }
    Some(total_ms)
}

/// The model that a limit is about, when the text names it: `…, limit: 2, model: gemini-2.5-pro`.
fn model_in(text: &str) -> Option<String> {
    let (_, rest) = text.split_once(", model: ")?;
    let end = rest.find(|c: char| c.is_whitespace() || c == ',' || c == ']').unwrap_or(rest.len());
    let name = rest[..end].trim_end_matches('.');
    let is_name = name.contains('-') && name.len() <= MAX_NAME_BYTES;
    is_name.then(|| name.to_owned())
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
