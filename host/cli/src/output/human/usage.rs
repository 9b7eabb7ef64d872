//! What agents used, for people.

use aid_core::budget::Level;
use aid_core::usage::format_tokens;

use super::table::{Cell, Column, Table};
use super::task::dollars;
use super::{gist, plural};
use crate::output::usage::{Sum, UsageView};
use crate::output::{Paint, Tone};

/// A table by agent and model, what is unknown, and the budgets.
pub(crate) fn usage(view: &UsageView, columns: Option<usize>, paint: Paint) -> String {
    if view.totals.tasks == 0 && view.budgets.is_empty() {
        return format!("No tasks ({})", view.period);
    }
    let mut table = Table::new([
        Column::new("Agent"),
        Column::new("Model").optional(),
        Column::new("Tasks").number(),
        Column::new("Done").number(),
        Column::new("Input").number(),
        Column::new("Cached").number(),
        Column::new("Output").number(),
        Column::new("Total").number(),
        Column::new("Cost").number(),
    ]);
    for agent in &view.agents {
        table.row(row(&gist(&agent.agent), "", &agent.sum, Tone::Heading));
        // One unnamed model says nothing that the agent's own line does not.
        for model in agent.models.iter().filter(|_| agent.models.iter().any(|model| model.model.is_some())) {
            let name = model.model.as_deref().map_or_else(|| "unknown".to_owned(), gist);
            table.row(row("", &name, &model.sum, Tone::Faint));
        }
    }
    table.row(row("total", "", &view.totals, Tone::Plain));
    let mut text = table.render(columns, paint);
    if view.totals.cost_unknown + view.totals.tokens_unknown > 0 {
        let (tokens, cost) = (view.totals.tokens_unknown, view.totals.cost_unknown);
        text.push_str(&format!("\n\nNot counted: {} without known tokens, ", plural(tokens, "task")));
        text.push_str(&format!("{} without a known cost", plural(cost, "task")));
    }
    for budget in &view.budgets {
        let (tone, word) = match budget.level {
            Level::Ok => (Tone::Good, "ok"),
            Level::Warning => (Tone::Attention, "nearly used up"),
            Level::Exceeded => (Tone::Bad, "used up"),
        };
        let covers = budget.agent.as_deref().map_or_else(|| "all agents".to_owned(), gist);
        text.push_str(&format!(
            "\nbudget {} ({covers}): {}, {}",
            gist(&budget.name),
            budget.explain(),
            paint.tone(tone, word)
        ));
    }
    text
}

fn row(agent: &str, model: &str, sum: &Sum, tone: Tone) -> [Cell; 9] {
    let tokens = |count: Option<u64>| Cell::from(format_tokens(count));
    let done = sum.by_status.get("done").unwrap_or(&0) + sum.by_status.get("merged").unwrap_or(&0);
    [
        Cell::toned(tone, agent.to_owned()),
        Cell::toned(Tone::Faint, model.to_owned()),
        Cell::from(sum.tasks.to_string()),
        Cell::from(done.to_string()),
        tokens(sum.usage.map(|usage| usage.input)),
        tokens(sum.usage.map(|usage| usage.cached_input)),
        tokens(sum.usage.map(|usage| usage.output)),
        tokens(sum.usage.map(|usage| usage.total)),
        Cell::from(dollars(sum.cost_usd)),
    ]
}
