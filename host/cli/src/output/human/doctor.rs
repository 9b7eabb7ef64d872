//! What the doctor found, for people.

use aid_engine::doctor::FactState;

use super::gist;
use super::table::{Cell, Column, Table};
use crate::output::json::DoctorView;
use crate::output::{Paint, Tone};

/// The facts, and below them what to do about the bad ones.
pub(crate) fn facts(view: &DoctorView, columns: Option<usize>, paint: Paint) -> String {
    let mut table = Table::new([
        Column::new("Area"),
        Column::new("What"),
        Column::new("State"),
        Column::new("Detail").shrinks_to(20),
    ]);
    for fact in &view.facts {
        let (tone, word) = match fact.state {
            FactState::Good => (Tone::Good, "ok"),
            FactState::Warning => (Tone::Attention, "warning"),
            FactState::Bad => (Tone::Bad, "bad"),
            FactState::Unknown => (Tone::Faint, "unknown"),
        };
        let [area, name, detail] = [fact.area, &fact.name, &fact.detail].map(|text| Cell::from(gist(text)));
        table.row([area, name, Cell::toned(tone, word), detail]);
    }
    let mut text = table.render(columns, paint);
    let hints =
        view.facts.iter().filter_map(|fact| Some(format!("{}: {}", gist(&fact.name), gist(fact.hint.as_deref()?))));
    for (at, hint) in hints.enumerate() {
        let gap = if at == 0 { "\n\n" } else { "\n" };
        text.push_str(&format!("{gap}{} {hint}", paint.tone(Tone::Live, "hint:")));
    }
    text
}
