//! Owns why cursor did not get to work, from what it left on stderr.
//!
//! Only for a run in which neither the assistant nor a tool had a line: nothing on stderr can be a model's or a tool's
//! then. The texts are from documentation and reports, so most of them are looked for anywhere in it. Must not be asked
//! about any other run.

use aid_adapter_kit::Refusal;
use aid_adapter_kit::claude_shaped::MAX_MESSAGE_BYTES;
use aid_adapter_kit::text::cut;

/// Signs of a refusal, in lower case.
const SIGNS: [(&str, &str); 15] = [
    ("not authenticated", "auth"),
    ("not logged in", "auth"),
    ("authentication required", "auth"),
    ("unauthenticated", "auth"),
    ("api key is invalid", "auth"),
    ("invalid api key", "auth"),
    ("hit your usage limit", "quota"),
    ("usage limit", "quota"),
    ("resource_exhausted", "rate-limit"),
    ("rate limit", "rate-limit"),
    ("cannot use this model", "model"),
    ("model not found", "model"),
    ("unavailable", "network"),
    ("deadline_exceeded", "network"),
    ("network error", "network"),
];

/// The reason that stderr gives. None when it gives none.
pub(crate) fn reason(lines: &[&str]) -> Option<Refusal> {
    let text =
        lines.iter().filter(|line| !is_noise(line)).map(|line| without_colour(line)).collect::<Vec<_>>().join("\n");
    let text = ["error: ", "Error: "].iter().find_map(|label| text.strip_prefix(label)).unwrap_or(&text).trim();
    if text.is_empty() {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let (class, message) = if lower.contains("workspace trust required") {
        ("other", format!("cursor does not trust the directory, although it was told to: {text}"))
    } else if lower.starts_with("unknown option") {
        ("other", format!("cursor did not understand its command line, so its version is another one: {text}"))
    } else {
        let class = SIGNS.iter().find(|(sign, _)| lower.contains(sign)).map_or("other", |(_, class)| class);
        (class, format!("cursor did not get to work: {text}"))
    };
    let message = cut(&message, MAX_MESSAGE_BYTES).into_owned();
    Some(Refusal { class: class.into(), message, pool: None, retry_at: None, final_: true })
}

/// Blank lines and warnings that are no reason to end.
fn is_noise(line: &str) -> bool {
    line.trim().is_empty()
}

/// The line without ANSI colours, which some programs write to files too.
fn without_colour(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).map_or(0, |at| at + 1);
        text.push_str(&part[end..]);
    }
    text.trim().to_owned()
}
