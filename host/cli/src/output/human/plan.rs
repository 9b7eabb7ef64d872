//! What a dry run found out.

use aid_core::duration::format_exact_ms;
use aid_core::text::sanitize_line;

use super::task::dollars;
use crate::output::json::PlanView;
use crate::output::{Paint, Tone};

/// The plan.
pub(crate) fn plan(view: &PlanView, paint: Paint) -> String {
    let mut lines = Vec::new();
    let mut field = |name: &str, value: &str| {
        lines.push(format!("{}{}", paint.tone(Tone::Faint, &format!("{name:<10}")), sanitize_line(value)));
    };
    field("agent", &view.agent);
    field("model", view.model.as_deref().unwrap_or("(the agent's own choice)"));
    field("program", format!("{} {}", view.program, view.program_version).trim_end());
    field("dir", &view.dir);
    field("argv", &view.argv.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "));
    field("env", &view.env_names.join(" "));
    if view.read_only {
        field("mode", "read-only");
    }
    let cost = view.max_cost_usd.map(|usd| format!(", {} at most", dollars(Some(usd)))).unwrap_or_default();
    let (wall, idle) = (format_exact_ms(view.timeout_ms), format_exact_ms(view.idle_timeout_ms));
    field("limits", &format!("{wall}, idle {idle}{cost}"));
    if let Some(output) = &view.output {
        field("output", output);
    }
    field("prompt", &format!("~{} tokens", view.prompt_tokens));
    let sections = view.sections.iter();
    lines.extend(sections.map(|section| format!("  ~{:>6}  {}", section.tokens, sanitize_line(&section.title))));
    lines.extend(view.decisions.iter().map(|decision| format!("note: {}", sanitize_line(decision))));
    lines.extend(view.notices.iter().map(|notice| format!("note: {}", sanitize_line(notice))));
    lines.join("\n")
}

/// A word as a shell would take it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+{}".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
