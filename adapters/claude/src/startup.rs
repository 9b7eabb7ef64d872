//! Owns why claude did not start, from what it left on stderr.
//!
//! Only for a run in which claude wrote no line at all: no model has spoken then, so nothing on stderr can be a model's
//! or a tool's. Must not be asked about any other run.

use aid_adapter_kit::Refusal;
use aid_adapter_kit::claude_shaped::MAX_MESSAGE_BYTES;
use aid_adapter_kit::text::cut;

/// The reason that stderr gives. None when it gives none.
pub(crate) fn reason(lines: &[&str]) -> Option<Refusal> {
    let text = lines.iter().filter(|line| !is_noise(line)).map(|line| line.trim()).collect::<Vec<_>>().join("\n");
    let bare = ["error: ", "Error: "].iter().find_map(|label| text.strip_prefix(label)).unwrap_or(&text);
    if bare.is_empty() {
        return None;
    }
    let (class, message) = if bare.contains("cannot be used with root/sudo privileges") {
        let advice = "run as another user, give a read-only task, or set the agent's option as-root to allow";
        ("other", format!("claude does not skip permissions for root: {advice} ({bare})"))
    } else if ["Not logged in", "Invalid API key", "Please run /login"].iter().any(|sign| bare.starts_with(sign)) {
        ("auth", bare.to_owned())
    } else {
        ("other", format!("claude did not start: {bare}"))
    };
    let message = cut(&message, MAX_MESSAGE_BYTES).into_owned();
    Some(Refusal { class: class.into(), message, pool: None, retry_at: None, final_: true })
}

/// Blank lines and warnings.
fn is_noise(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("warning"))
}
