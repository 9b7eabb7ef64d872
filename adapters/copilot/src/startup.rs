//! Owns why copilot did not start, from what it left on stderr.
//!
//! Only for a run in which copilot wrote no line at all: no model has spoken then, so nothing on stderr can be a model's
//! or a tool's. Must not be asked about any other run.

use aid_adapter_kit::Refusal;
use aid_adapter_kit::text::cut;

use crate::parse::MAX_MESSAGE_BYTES;

/// How texts about a login begin.
const LOGIN: [&str; 4] =
    ["No authentication information found", "Classic Personal Access Tokens", "Authentication failed", "Not logged in"];

/// The reason that stderr gives: its first paragraph. None when it gives none.
pub(crate) fn reason(lines: &[&str]) -> Option<Refusal> {
    let said = lines.iter().map(|line| line.trim()).skip_while(|line| is_noise(line));
    let text = said.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    let text = ["error: ", "Error: "].iter().find_map(|label| text.strip_prefix(label)).unwrap_or(&text);
    if text.is_empty() {
        return None;
    }
    let (class, message) = if LOGIN.iter().any(|beginning| text.starts_with(beginning)) {
        ("auth", text.to_owned())
    } else if text.starts_with("unexpected argument") || text.starts_with("invalid value") {
        ("other", format!("copilot did not understand its command line: {text}"))
    } else {
        ("other", format!("copilot did not start: {text}"))
    };
    let message = cut(&message, MAX_MESSAGE_BYTES).into_owned();
    Some(Refusal { class: class.into(), message, pool: None, retry_at: None, final_: true })
}

/// Blank lines, and what copilot says on its first run.
fn is_noise(line: &str) -> bool {
    line.is_empty() || line.starts_with("Package extraction took")
}
