//! Owns what kind of refusal claude reports, and when it ends.
//!
//! Claude gives a reason in a word, an HTTP status, and a text of its own. The word and the status decide; the text only
//! where they say too little, and only when it is known to be claude's own. Must not be given text that a model wrote.

use aid_adapter_kit::Refusal;
use aid_adapter_kit::claude_shaped::{Ending, MAX_MESSAGE_BYTES, OwnWords, State};
use aid_adapter_kit::json::Object;
use aid_adapter_kit::text::cut;

/// A limit of the subscription that is used up. The shape is the program's own; no recording has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limit {
    pool: Option<String>,
    resets_at: Option<String>,
}

impl Limit {
    /// From a `rate_limit_event`; none when it only warns.
    pub(crate) fn used_up(line: &Object<'_>) -> Option<Self> {
        let info = line.object("rate_limit_info")?;
        (info.string("status")? == "rejected").then(|| Self {
            pool: info.string("rateLimitType").map(|kind| short(&kind)),
            resets_at: info.u64("resetsAt").map(|seconds| seconds.to_string()),
        })
    }
}

/// Reasons as claude names them.
fn by_reason(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "authentication_failed" | "oauth_org_not_allowed" => "auth",
        "billing_error" => "quota",
        "rate_limit" => "rate-limit",
        "overloaded" | "server_error" => "capacity",
        "model_not_found" => "model",
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

/// How claude's own texts begin. The apostrophe is straight in all of them.
const BEGINNINGS: [(&str, &str); 11] = [
    ("Not logged in", "auth"),
    ("Invalid API key", "auth"),
    ("Failed to authenticate", "auth"),
    ("Prompt is too long", "context"),
    ("Credit balance is too low", "quota"),
    ("You've hit your", "quota"),
    ("You're out of usage credits", "quota"),
    ("Claude AI usage limit reached", "quota"),
    ("There's an issue with the selected model", "model"),
    ("API Error: Connection error", "network"),
    ("API Error: Unable to connect", "network"),
];

fn by_text(text: &str) -> Option<&'static str> {
    BEGINNINGS.iter().find(|(beginning, _)| text.starts_with(beginning)).map(|(_, class)| *class)
}

/// A refusal after which claude tries again. A login that was refused does not get better by that, and claude would try
/// for minutes: that one is final.
pub(crate) fn of_retry(reason: &str, status: Option<u64>, limit: Option<&Limit>) -> Refusal {
    let class = by_reason(reason)
        .or_else(|| status.and_then(by_status))
        // No status: nobody answered.
        .unwrap_or(if status.is_none() { "network" } else { "other" });
    let message = match (reason, status) {
        ("", Some(status)) => format!("HTTP {status}"),
        ("", None) => "no answer".to_owned(),
        (reason, Some(status)) => format!("{}, HTTP {status}", short(reason)),
        (reason, None) => short(reason),
    };
    finished(class, message, class == "auth", limit)
}

/// The refusal with which a run ended.
pub(crate) fn of_ending(ending: &Ending, state: &State, limit: Option<&Limit>) -> Refusal {
    let own = state.own_words.as_ref();
    let text = own.map(|own| own.text.as_str());
    let class = match (ending.terminal_reason.as_str(), ending.stop_reason.as_str()) {
        ("prompt_too_long", _) => "context",
        (_, "refusal") => "refused",
        _ => own.and_then(of_own_words).or_else(|| ending.status.and_then(by_status)).unwrap_or("other"),
    };
    let message = if ending.terminal_reason.starts_with("aborted") {
        // The text that stands beside it is for claude's developers.
        format!("claude was interrupted ({})", short(&ending.terminal_reason))
    } else if let Some(text) = ending.errors.as_deref().or(text) {
        text.to_owned()
    } else {
        format!("claude ended with {}", if ending.subtype.is_empty() { "an error" } else { &ending.subtype })
    };
    finished(class, message, true, limit)
}

/// What claude said in its model's place, when it is a refusal.
pub(crate) fn of_words(own: &OwnWords) -> Option<Refusal> {
    (!own.reason.is_empty()).then(|| finished(of_own_words(own).unwrap_or("other"), own.text.clone(), true, None))
}

/// The text says more than `rate_limit` does: a limit of the subscription ends at another time than one of the API.
fn of_own_words(own: &OwnWords) -> Option<&'static str> {
    by_text(&own.text).or_else(|| by_reason(&own.reason))
}

fn finished(class: &str, message: String, is_final: bool, limit: Option<&Limit>) -> Refusal {
    let limit = limit.filter(|_| matches!(class, "rate-limit" | "quota"));
    let class = if limit.is_some() { "quota" } else { class };
    let resets = || matches!(class, "rate-limit" | "quota").then(|| retry_at(&message)).flatten();
    Refusal {
        class: class.to_owned(),
        retry_at: limit.and_then(|limit| limit.resets_at.clone()).or_else(resets),
        pool: limit.and_then(|limit| limit.pool.clone()),
        message: cut(&message, MAX_MESSAGE_BYTES).into_owned(),
        final_: is_final,
    }
}

/// "resets 3am (Europe/Berlin)", in claude's own words: `You've hit your session limit · resets 3am (Europe/Berlin)`.
fn retry_at(message: &str) -> Option<String> {
    const MAX_BYTES: usize = 64;
    let (_, after) = message.split_once("resets ")?;
    let when = after.split(['\n', '·']).next()?.trim();
    (when.len() <= MAX_BYTES && when.contains(|c: char| c.is_ascii_digit())).then(|| when.to_owned())
}

fn short(word: &str) -> String {
    const MAX_BYTES: usize = 64;
    cut(word, MAX_BYTES).into_owned()
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
