//! What people read. Each file renders one thing to text that is harmless to show: whatever came from an agent, a file or
//! the ledger goes through [`aid_core::text`] here and nowhere else. Nothing is written from here.

mod advice;
mod agents;
mod board;
mod doctor;
mod event;
mod plan;
mod settings;
mod show;
mod table;
mod task;
mod time;
mod usage;

pub(crate) use advice::advice;
pub(crate) use agents::{agent, agents};
pub(crate) use board::{BoardStyle, board, change};
pub(crate) use doctor::facts;
pub(crate) use event::{detail, progress};
pub(crate) use plan::plan;
pub(crate) use settings::settings;
pub(crate) use show::{Story, show};
pub(crate) use task::{closing, counted, label, tone_of};
pub(crate) use time::{clock_time, start_of_today_ms};
pub(crate) use usage::usage;

use aid_core::text::sanitize_line;

/// Longest piece of a text that is looked at for one line, in bytes: a line of ten megabytes is not worth its time.
const GIST_BYTES: usize = 4_096;

/// The first line of a text that says anything, harmless, and of bounded length.
pub(crate) fn gist(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    sanitize_line(bounded(line))
}

/// The beginning of a text.
fn bounded(text: &str) -> &str {
    &text[..text.floor_char_boundary(GIST_BYTES.min(text.len()))]
}

/// `1 task`, `2 tasks`.
pub(crate) fn plural(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// The word that JSON has for a value.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gist_is_one_harmless_short_line() {
        assert_eq!(gist("\n  \n a\u{1b}[31mb\u{202e}c \nd"), "abc");
        assert_eq!(gist(""), "");
        let long = "é".repeat(10_000_000);
        assert!(gist(&long).len() <= GIST_BYTES);
    }

    #[test]
    fn words_are_those_of_json() {
        assert_eq!(word(&aid_core::failure::FailureClass::RateLimited), "rate_limited");
        assert_eq!(plural(1, "task"), "1 task");
        assert_eq!(plural(0, "task"), "0 tasks");
    }
}
