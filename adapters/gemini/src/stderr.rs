//! Owns what gemini leaves on stderr: what is worth showing, and why it did not start.
//!
//! stderr holds what tools answered (`Error executing tool …: TEXT`, over many lines), so nothing on it decides
//! anything: it makes notices, and words for an end whose class the exit code has already told.

use aid_adapter_kit::Event;
use aid_adapter_kit::text::cut;

/// The longest line that becomes a notice, in bytes.
const MAX_NOTICE_BYTES: usize = 500;

/// The longest reason that is quoted, in bytes.
const MAX_REASON_BYTES: usize = 1 << 10;

/// The most lines of a reason.
const MAX_REASON_LINES: usize = 6;

/// A line that tells people what gemini is waiting for, or what it could not do.
pub(crate) fn notice(line: &str) -> Option<Event> {
    const ALWAYS: [&str; 3] = ["Error executing tool ", "[ERROR] ", "Warning: stdin input truncated"];
    let is_told = is_attempt(line) || ALWAYS.iter().any(|start| line.starts_with(start));
    is_told.then(|| Event::Notice(cut(line, MAX_NOTICE_BYTES).into_owned()))
}

/// `Attempt 1 failed with status 429. Retrying with backoff...`, `Attempt 2 failed: …. Max attempts reached`.
fn is_attempt(line: &str) -> bool {
    let Some((number, rest)) = line.strip_prefix("Attempt ").and_then(|rest| rest.split_once(' ')) else {
        return false;
    };
    number.bytes().all(|byte| byte.is_ascii_digit()) && rest.starts_with("failed")
}

/// What gemini says when it does not begin: its lines up to the help that it prints behind them.
pub(crate) fn reason(lines: &[&str]) -> Option<String> {
    let own = lines.iter().take_while(|line| !line.starts_with("Usage: gemini")).filter(|line| !is_noise(line));
    let words: Vec<&str> = own.take(MAX_REASON_LINES).map(|line| line.trim()).collect();
    (!words.is_empty()).then(|| cut(&words.join("\n"), MAX_REASON_BYTES).into_owned())
}

/// The last thing that is no noise, to be read by people only.
pub(crate) fn last_word<'a>(lines: &[&'a str]) -> Option<&'a str> {
    lines.iter().rev().find(|line| !is_noise(line)).map(|line| line.trim())
}

/// Blank lines, what gemini says on every run, warnings, and the stack of an error.
fn is_noise(line: &str) -> bool {
    let line = line.trim();
    line.is_empty()
        || ["Warning: ", "YOLO mode is enabled", "Ripgrep is not available", "at ", "Node.js v"]
            .iter()
            .any(|start| line.starts_with(start))
        || line.bytes().all(|byte| b"{}[](),^".contains(&byte))
}
