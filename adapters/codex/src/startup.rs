//! Owns why codex did not start, from what it left on stderr.
//!
//! Only for a run in which codex wrote no event at all: no model has spoken then, so nothing on stderr can be a
//! model's or a tool's. Must not be asked about any other run.

use aid_adapter_kit::Refusal;
use aid_adapter_kit::codex_shaped::MAX_MESSAGE_BYTES;
use aid_adapter_kit::text::cut;

use crate::refusal::{self, Class};

/// What clap, and so codex, ends with when it does not understand its command line.
const USAGE_EXIT_CODE: i32 = 2;

/// The reason that stderr gives, as a refusal. None when it gives none.
pub(crate) fn reason(lines: &[&str], exit_code: i32, resume: Option<&str>) -> Option<Refusal> {
    let text = paragraph(lines)?;
    let (class, message) = if exit_code == USAGE_EXIT_CODE {
        (Class::Other, format!("codex did not understand its command line: {text}"))
    } else if let (true, Some(session)) = (text.contains("no rollout found"), resume) {
        (Class::Other, format!("codex has no session {session} to resume: {text}"))
    } else if is_about_login(&text) {
        (Class::Auth, text)
    } else {
        (refusal::classify(&text, None), format!("codex did not start: {text}"))
    };
    let message = cut(&message, MAX_MESSAGE_BYTES).into_owned();
    Some(Refusal { class: class.as_str().to_owned(), message, pool: None, retry_at: None, final_: true })
}

/// The first block of lines that begins like an error, else the first block that is no noise.
fn paragraph(lines: &[&str]) -> Option<String> {
    let blocks: Vec<&[&str]> = lines.split(is_noise).filter(|block| !block.is_empty()).collect();
    let is_error = |line: &str| line.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("error"));
    let from_error = blocks.iter().find_map(|block| {
        let start = block.iter().position(|line| is_error(line))?;
        Some(&block[start..])
    });
    let block = from_error.or_else(|| blocks.first().copied())?;
    let text = block.join("\n");
    let text = ["error: ", "Error: "].iter().find_map(|label| text.strip_prefix(label)).unwrap_or(&text);
    Some(text.trim().to_owned())
}

/// Blank lines, what codex says on every run, warnings, and its log.
pub(crate) fn is_noise(line: &&str) -> bool {
    let line = line.trim();
    line.is_empty()
        || line.starts_with("Reading additional input from stdin")
        || line.starts_with("Reading prompt from stdin")
        || line.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("warning"))
        || is_log_line(line)
}

/// `2026-11-22T08:07:34.811402Z ERROR …`
fn is_log_line(line: &str) -> bool {
    let Some((time, rest)) = line.split_once(' ') else { return false };
    let level = rest.trim_start();
    time.ends_with('Z')
        && time.as_bytes().get(4) == Some(&b'-')
        && ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"].iter().any(|name| level.starts_with(name))
}

fn is_about_login(text: &str) -> bool {
    const LOGIN: [&str; 5] =
        ["Not logged in", "codex login", "Missing environment variable", "CODEX_API_KEY", "401 Unauthorized"];
    LOGIN.iter().any(|sign| text.contains(sign))
}
