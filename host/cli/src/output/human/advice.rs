//! A ranking of agents, for people.

use aid_core::select::Advice;

use super::table::{Cell, Column, Table};
use super::{gist, word};
use crate::output::{Paint, Tone};

/// What kind of work it is, and every agent with its score and the reasons for it.
pub(crate) fn advice(advice: &Advice, columns: Option<usize>, paint: Paint) -> String {
    let mut table = Table::new([
        Column::new("Agent"),
        Column::new("Score").number(),
        Column::new("Base").number(),
        Column::new("Adjustments").optional(),
        Column::new("Model").optional(),
        Column::new("Not now because").optional().shrinks_to(16),
    ]);
    for agent in &advice.ranking {
        let adjustments = agent.adjustments.iter().map(|one| format!("{:+} {}", one.delta, one.reason));
        let tone = if agent.available { Tone::Good } else { Tone::Faint };
        table.row([
            Cell::toned(tone, gist(&agent.agent)),
            Cell::from(agent.score.to_string()),
            Cell::from(agent.base.to_string()),
            Cell::from(gist(&adjustments.collect::<Vec<_>>().join(", "))),
            Cell::from(agent.model.as_deref().map(gist).unwrap_or_default()),
            Cell::toned(Tone::Faint, agent.why_not.as_deref().map(gist).unwrap_or_default()),
        ]);
    }
    let saving = if advice.budget { ", saving money" } else { "" };
    let head = format!("{} task ({}{saving})", word(&advice.category), word(&advice.complexity));
    format!("{}\n\n{}", paint.tone(Tone::Heading, &head), table.render(columns, paint))
}
