//! Owns what codex's own messages mean, on top of the family's reader. Must not judge the run.

use aid_adapter_kit::codex_shaped::{Dialect, MAX_MESSAGE_BYTES};
use aid_adapter_kit::text::cut;
use aid_adapter_kit::{Event, Refusal};

use crate::refusal::{self, Class};

/// Codex's dialect of the family.
#[derive(Debug, Default)]
pub(crate) struct CodexDialect {
    /// The model that was asked for: codex calls it "selected model".
    model: Option<String>,
}

impl CodexDialect {
    pub(crate) fn for_model(model: Option<String>) -> Self {
        Self { model }
    }
}

impl Dialect for CodexDialect {
    fn retry_cause<'m>(&self, message: &'m str) -> Option<&'m str> {
        let rest = message.strip_prefix("Reconnecting... ")?;
        let inside = rest.split_once('(').and_then(|(_, inside)| inside.trim_end().strip_suffix(')'));
        Some(inside.unwrap_or(rest))
    }

    fn refusal(&self, message: &str, status: Option<u64>, is_final: bool) -> Refusal {
        let class = refusal::classify(message, status);
        let pool = refusal::pool(message).or_else(|| self.model.clone().filter(|_| class == Class::Capacity));
        Refusal {
            class: class.as_str().to_owned(),
            message: cut(message, MAX_MESSAGE_BYTES).into_owned(),
            pool,
            retry_at: refusal::retry_at(message),
            final_: is_final,
        }
    }
}

/// A tool call that codex refused to make is on stderr only. Worth showing, and nothing more: the text may quote the
/// model.
pub(crate) fn rejected_tool_call(line: &str) -> Option<Event> {
    let (head, error) = line.split_once(" ERROR codex_core::tools::router: error=")?;
    let is_log_line = head.starts_with(|first: char| first.is_ascii_digit()) && !head.contains(' ');
    is_log_line.then(|| Event::Notice(format!("codex refused a tool call: {}", cut(error, MAX_MESSAGE_BYTES))))
}
