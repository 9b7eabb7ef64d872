//! Owns why qwen did not start, from what it left on stderr.
//!
//! Only for a run in which qwen wrote no line at all: no model has spoken then, so nothing on stderr can be a model's or
//! a tool's. Must not be asked about any other run.

use aid_adapter_kit::Refusal;
use aid_adapter_kit::claude_shaped::MAX_MESSAGE_BYTES;
use aid_adapter_kit::text::cut;

/// The most lines that are told: an unknown flag is followed by the whole help.
const MAX_LINES: usize = 3;

/// The reason that stderr gives. None when it gives none.
pub(crate) fn reason(lines: &[&str]) -> Option<Refusal> {
    let before_help = lines.iter().take_while(|line| !line.starts_with("Usage: "));
    let said = before_help.map(|line| line.trim()).filter(|line| !line.is_empty()).take(MAX_LINES);
    let text = said.collect::<Vec<_>>().join("\n");
    // The help is longer than what was kept of it.
    let text =
        if text.is_empty() { lines.iter().map(|line| line.trim()).find(|line| !line.is_empty())? } else { &text };
    let message = if text.starts_with("Unknown argument") {
        format!("qwen did not understand its command line: {text}")
    } else {
        format!("qwen did not start: {text}")
    };
    let message = cut(&message, MAX_MESSAGE_BYTES).into_owned();
    Some(Refusal { class: "other".into(), message, pool: None, retry_at: None, final_: true })
}
