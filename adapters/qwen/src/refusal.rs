//! Owns reading qwen's errors: where one stands in a text, and what kind of refusal it is. Must not be given text that a
//! model or a tool wrote to classify.

use aid_adapter_kit::Refusal;
use aid_adapter_kit::claude_shaped::MAX_MESSAGE_BYTES;
use aid_adapter_kit::text::cut;

/// How qwen begins an error in the assistant's text.
const BEGINNING: &str = "[API Error: ";

/// How it goes on after one that was about a limit.
const ADVICE: [&str; 2] = ["]\nPossible quota limitations", "]\nPlease wait and try again later."];

/// Errors that qwen writes without brackets.
const BARE: [&str; 2] = ["Qwen OAuth quota exceeded:", "Qwen OAuth free tier has been discontinued"];

/// What qwen says of an answer without text. It was paid for, so nothing tells it from a model's own words; but a model
/// that says exactly this has not answered either.
const EMPTY_ANSWER: &str = "[API Error: Model stream ended with empty response text.]";

/// The error with which a text ends, without its brackets. It may come after a part of an answer.
pub(crate) fn error(text: &str) -> Option<&str> {
    let text = text.trim();
    if BARE.iter().any(|beginning| text.starts_with(beginning)) {
        return Some(text);
    }
    let inside = &text[text.rfind(BEGINNING)? + BEGINNING.len()..];
    let advised = ADVICE.iter().find_map(|advice| inside.find(advice));
    advised.map(|end| &inside[..end]).or_else(|| inside.strip_suffix(']'))
}

/// Whether a text says only that there is no answer.
pub(crate) fn is_empty_answer(text: &str) -> bool {
    text.trim() == EMPTY_ANSWER
}

/// How the texts begin, in lower case.
const BEGINNINGS: [(&str, &str); 14] = [
    ("qwen oauth quota exceeded", "quota"),
    ("qwen oauth free tier", "quota"),
    ("no auth type is selected", "auth"),
    ("missing api key", "auth"),
    ("incorrect api key", "auth"),
    ("connection error", "network"),
    ("request timed out", "network"),
    ("request timeout", "network"),
    ("streaming request timeout", "network"),
    ("terminated", "network"),
    ("model stream ended without a finish reason", "network"),
    ("you exceeded your current quota", "quota"),
    ("rate limit", "rate-limit"),
    ("this model's maximum context length", "context"),
];

/// An error of qwen's as a refusal that ended the run.
pub(crate) fn of_error(error: &str) -> Refusal {
    let class = classify(error);
    let message = cut(error, MAX_MESSAGE_BYTES).into_owned();
    Refusal { class: class.into(), message, pool: None, retry_at: None, final_: true }
}

fn classify(error: &str) -> &'static str {
    let lower = error.trim_start().to_ascii_lowercase();
    // "401 Incorrect API key provided": what the server said stands behind its status.
    let status = lower.get(..3).and_then(|digits| digits.parse::<u16>().ok());
    let said = if status.is_some() { lower[3..].trim_start() } else { &lower };
    let by_text = BEGINNINGS.iter().find(|(beginning, _)| said.starts_with(beginning)).map(|(_, class)| *class);
    by_text.or_else(|| by_status(status?, said)).unwrap_or("other")
}

fn by_status(status: u16, said: &str) -> Option<&'static str> {
    Some(match status {
        400 if said.starts_with("prompt is too long") || said.starts_with("input is too long") => "context",
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

#[cfg(test)]
mod tests {
    use super::{classify, error};

    #[test]
    fn an_error_is_found_where_a_text_ends_with_it() {
        let cases = [
            ("[API Error: 401 Incorrect API key provided: dummy]", Some("401 Incorrect API key provided: dummy")),
            (
                "Hello from[API Error: Model stream ended without a finish reason.]\n",
                Some("Model stream ended without a finish reason."),
            ),
            ("[API Error: 429 slow down]\nPossible quota limitations in place or slow", Some("429 slow down")),
            ("Qwen OAuth quota exceeded: come back", Some("Qwen OAuth quota exceeded: come back")),
            ("[API Error: list [1] of x]", Some("list [1] of x")),
            ("The log says [API Error: 401 x], so I changed the key.", None),
            ("[API Error: 401", None),
            ("API Error: 401]", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(error(text), expected, "{text}");
        }
    }

    #[test]
    fn every_known_error_has_its_class() {
        let cases = [
            ("401 Incorrect API key provided: dummy", "auth"),
            ("403 Your account does not have access", "auth"),
            ("404 model: err404", "model"),
            ("429 You exceeded your current quota, please check your plan", "quota"),
            ("429 Number of request tokens has exceeded your per-minute rate limit", "rate-limit"),
            ("400 This model's maximum context length is 128000 tokens", "context"),
            ("500 Internal server error", "capacity"),
            ("Connection error. (cause: fetch failed)", "network"),
            ("Model stream ended without a finish reason.", "network"),
            ("Missing API key for OpenAI-compatible auth.", "auth"),
            ("No auth type is selected. Please configure", "auth"),
            ("400 the text \"rate limit\" is not allowed", "other"),
            ("4é1 x", "other"),
            ("", "other"),
        ];
        for (text, class) in cases {
            assert_eq!(classify(text), class, "{text}");
        }
    }
}
