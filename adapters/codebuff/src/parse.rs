//! Owns what codebuff's own messages mean, on top of the family's reader. Must not judge the run.

use aid_adapter_kit::codex_shaped::{Dialect, MAX_MESSAGE_BYTES};
use aid_adapter_kit::json::{Object, Value};
use aid_adapter_kit::text::cut;
use aid_adapter_kit::{Event, ExtEvent, Refusal};

use crate::refusal;

/// The longest number of credits that is believed, in bytes.
const MAX_CREDITS_BYTES: usize = 32;

/// Codebuff's dialect of the family.
#[derive(Debug, Default)]
pub(crate) struct CodebuffDialect;

impl Dialect for CodebuffDialect {
    /// An `error` line is about a call of a tool that could not be made. The model is told and goes on, and the words
    /// are partly its own: so each of them is a thing to be gone on from, and never the reason for an end.
    fn retry_cause<'m>(&self, message: &'m str) -> Option<&'m str> {
        Some(message)
    }

    /// Only `turn.failed` is final.
    fn refusal(&self, message: &str, status: Option<u64>, is_final: bool) -> Refusal {
        let text = refusal::without_stack(message);
        let class = if is_final { refusal::classify(text, status) } else { refusal::OTHER };
        Refusal {
            class: class.to_owned(),
            message: cut(text, MAX_MESSAGE_BYTES).into_owned(),
            pool: None,
            retry_at: if is_final { refusal::retry_at(text) } else { None },
            final_: is_final,
        }
    }
}

/// What the run has cost, in codebuff's own unit, which has no rate to any money.
pub(crate) fn credits(line: &str) -> Option<Event> {
    // Most lines have none, and some are megabytes.
    if !line.contains("\"codebuff_credits\"") {
        return None;
    }
    let object = Object::parse(line).ok()?;
    object.string("type").filter(|kind| matches!(&**kind, "turn.completed" | "turn.failed"))?;
    let credits = object.get("codebuff_credits").map(Value::raw)?;
    let is_count = credits.len() <= MAX_CREDITS_BYTES && credits.starts_with(|first: char| first.is_ascii_digit());
    let json = format!("{{\"credits\":{credits}}}");
    is_count.then(|| Event::Ext(ExtEvent { kind: "codebuff.credits".into(), json }))
}
