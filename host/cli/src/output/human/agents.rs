//! Agents for people: the list, and everything about one.

use aid_core::text::sanitize_line;

use super::table::{Cell, Column, Table};
use super::{gist, word};
use crate::output::json::AgentView;
use crate::output::{Paint, Tone};

/// The list.
pub(crate) fn agents(views: &[AgentView], columns: Option<usize>, paint: Paint) -> String {
    let mut table = Table::new([
        Column::new("Agent"),
        Column::new("State"),
        Column::new("Cost"),
        Column::new("Adapter"),
        Column::new("Model").optional(),
        Column::new("Program").shrinks_to(16),
    ]);
    for view in views {
        let (tone, state) = state(view);
        let why_not = view.why_not.as_deref().filter(|_| view.path.is_some());
        let program = why_not.or(view.path.as_deref()).or(view.problem.as_deref()).or(view.install_hint.as_deref());
        table.row([
            Cell::from(gist(&view.name)),
            Cell::toned(tone, state),
            Cell::from(view.cost_class.map(|class| word(&class)).unwrap_or_default()),
            Cell::from(view.adapter_version.as_deref().map(gist).unwrap_or_default()),
            Cell::from(view.configured_model.as_deref().map(gist).unwrap_or_default()),
            Cell::toned(Tone::Faint, program.map(gist).unwrap_or_default()),
        ]);
    }
    table.render(columns, paint)
}

/// Everything about one.
pub(crate) fn agent(view: &AgentView, paint: Paint) -> String {
    let (tone, state) = state(view);
    let (name, long) = (gist(&view.name), view.display_name.as_deref().map(gist).unwrap_or_default());
    let mut lines = vec![format!("{} {long} {}", paint.tone(Tone::Heading, &name), paint.tone(tone, state))];
    let mut field = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            lines.push(format!("  {}{}", paint.tone(Tone::Faint, &format!("{name:<12}")), sanitize_line(&value)));
        }
    };
    field("problem", view.problem.clone());
    field("not usable", view.why_not.clone().filter(|_| view.problem.is_none() && view.path.is_some()));
    field("login", view.login.clone());
    field("fork of", view.base.clone());
    field("program", view.path.clone());
    field("version", view.version.clone());
    field("tested with", view.tested_versions.clone());
    field("install", view.install_hint.clone().filter(|_| view.path.is_none()));
    field("homepage", view.homepage.clone());
    let origin = if view.builtin { "built in" } else { "yours" };
    field("adapter", view.adapter_version.as_ref().map(|version| format!("{version} ({origin})")));
    field("digest", Some(view.digest.clone()));
    field("cost class", view.cost_class.map(|class| word(&class)));
    field("features", Some(view.features.join(", ")));
    field("environment", Some(view.env.join(", ")));
    let scores = view.scores.iter().map(|score| format!("{} {}", word(&score.category), score.value));
    field("scores", Some(scores.collect::<Vec<_>>().join(", ")));
    field("model", view.configured_model.clone());
    let models = view.models.iter().map(|model| format!("{} ({})", model.name, word(&model.tier)));
    field("models", Some(models.collect::<Vec<_>>().join(", ")));
    lines.join("\n")
}

fn state(view: &AgentView) -> (Tone, &'static str) {
    match (&view.problem, view.available, &view.path) {
        (Some(_), _, _) => (Tone::Bad, "broken"),
        (None, true, _) => (Tone::Good, "ready"),
        (None, false, Some(_)) => (Tone::Attention, "unavailable"),
        (None, false, None) => (Tone::Faint, "not installed"),
    }
}
