//! The board: counts, sums and one line for each task.

use aid_core::text::cut_to_width;
use aid_core::view::{BoardView, TaskView, Totals};

use super::gist;
use super::table::{Cell, Column, Table};
use super::task::{cost, dollars, duration, failure, label, tokens, tone_of};
use crate::output::{Paint, Tone};

/// Widest prompt, in columns, terminal or not.
const PROMPT_COLUMNS: usize = 60;
/// Widest status, with its milestone or reason.
const STATUS_COLUMNS: usize = 60;
/// Widest agent, model, group or id; what is longer is odd.
const NAME_COLUMNS: usize = 32;

/// How the board is laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BoardStyle {
    /// The terminal's width, when it is one.
    pub(crate) columns: Option<usize>,
    /// Colours.
    pub(crate) paint: Paint,
}

/// The whole board.
pub(crate) fn board(view: &BoardView, style: BoardStyle) -> String {
    let mut table = Table::new([
        Column::new("ID").at_most(NAME_COLUMNS),
        Column::new("Agent").at_most(NAME_COLUMNS),
        Column::new("Status").at_most(STATUS_COLUMNS).shrinks_to(12),
        Column::new("Duration").number(),
        Column::new("Tokens").number(),
        Column::new("Cost").number(),
        Column::new("Parent").at_most(NAME_COLUMNS).optional(),
        Column::new("Group").at_most(NAME_COLUMNS).optional(),
        Column::new("Model").at_most(NAME_COLUMNS).optional().shrinks_to(8),
        Column::new("Prompt").at_most(PROMPT_COLUMNS).shrinks_to(16),
    ]);
    for task in &view.tasks {
        table.row(row(task));
    }
    let sums = sums(&view.totals, view.tasks.len());
    if view.tasks.is_empty() { sums } else { format!("{sums}\n\n{}", table.render(style.columns, style.paint)) }
}

/// One task on one line, for a stream of changes.
pub(crate) fn change(at: &str, task: &TaskView, style: BoardStyle) -> String {
    let text = format!(
        "{at}  {}  {}  {}  {}  {}",
        task.id,
        gist(&task.agent),
        status(task),
        duration(task),
        cut_to_width(&gist(&task.prompt), PROMPT_COLUMNS)
    );
    let cut = cut_to_width(&text, style.columns.unwrap_or(usize::MAX)).into_owned();
    style.paint.tone(tone_of(task), &cut)
}

fn row(task: &TaskView) -> [Cell; 10] {
    let optional = |text: Option<&str>| Cell::from(text.map(gist).unwrap_or_default());
    [
        Cell::from(task.id.to_string()),
        Cell::from(gist(&task.agent)),
        Cell::toned(tone_of(task), status(task)),
        Cell::from(duration(task)),
        Cell::from(tokens(task)),
        Cell::from(cost(task)),
        optional(task.parent.as_ref().map(aid_core::id::TaskId::as_str)),
        optional(task.group.as_deref()),
        optional(task.model.as_deref()),
        Cell::toned(Tone::Faint, gist(&task.prompt)),
    ]
}

/// The label with what is worth knowing about it: the last milestone, the question, or why it failed.
fn status(task: &TaskView) -> String {
    let label = label(task);
    let more = match (&task.failure, task.status.is_terminal()) {
        (Some(reason), _) => failure(reason),
        (None, true) => String::new(),
        (None, false) => task.milestone.as_deref().map(gist).unwrap_or_default(),
    };
    if more.is_empty() { label } else { format!("{label} — {more}") }
}

/// Counts and sums over everything that was asked for.
fn sums(totals: &Totals, listed: usize) -> String {
    let states = aid_core::task::Status::ALL.into_iter();
    let counts = states.filter_map(|status| Some((status.label(), *totals.by_status.get(status.name())?)));
    let mut line = format!("Tasks: {}", totals.tasks);
    counts.for_each(|(label, count)| line.push_str(&format!(" | {count} {label}")));
    let unlisted = totals.tasks.saturating_sub(listed as u64);
    if unlisted > 0 {
        line.push_str(&format!(" ({unlisted} not listed)"));
    }
    let unknown = |count: u64| if count == 0 { String::new() } else { format!(" (+ {count} unknown)") };
    let tokens = aid_core::usage::format_tokens(totals.tokens);
    let cost = dollars(totals.cost_usd);
    line.push_str(&format!(
        "\nTokens: {tokens}{}  Cost: {cost}{}",
        unknown(totals.tokens_unknown),
        unknown(totals.cost_unknown)
    ));
    line
}

#[cfg(test)]
mod tests {
    use aid_core::failure::{Failure, FailureClass};
    use aid_core::task::Status;

    use super::super::task::tests::view;
    use super::*;
    use crate::output::ColorWhen;

    fn plain(columns: Option<usize>) -> BoardStyle {
        BoardStyle { columns, paint: Paint::of(ColorWhen::Never, &std::io::stdout(), &|_| None) }
    }

    fn totals(counts: &[(Status, u64)]) -> Totals {
        let by_status = counts.iter().map(|(status, count)| (status.name().to_owned(), *count)).collect();
        Totals { tasks: counts.iter().map(|(_, count)| count).sum(), by_status, ..Totals::default() }
    }

    #[test]
    fn hostile_text_stays_on_its_line() {
        let mut task = view();
        task.status = Status::Running;
        task.prompt = "a\u{1b}[2Jb\u{202e}c\0d\re".to_owned() + &"x".repeat(10_000_000);
        task.milestone = Some("m\n\u{1b}]0;title\u{7}n".to_owned());
        task.agent = "co\u{9b}31mdex".to_owned();
        let view = BoardView { tasks: vec![task], totals: totals(&[(Status::Running, 1)]) };
        let text = board(&view, plain(None));
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
        assert_eq!(text.lines().count(), 5, "{text}");
        assert!(text.lines().all(|line| line.chars().count() < 200), "{text}");
        assert!(text.contains("RUN — m"), "{text}");
    }

    #[test]
    fn a_terminal_is_never_too_narrow() {
        let mut task = view();
        task.prompt = "很长的提示".repeat(40);
        task.failure = Some(Failure::new(FailureClass::Network, "no route ".repeat(40)));
        task.status = Status::Failed;
        let view = BoardView { tasks: vec![task], totals: totals(&[(Status::Failed, 1)]) };
        for columns in [40, 60, 80, 132] {
            let text = board(&view, plain(Some(columns)));
            let table = text.lines().skip(3);
            assert!(
                table.clone().count() == 2 && table.clone().all(|l| aid_core::text::display_width(l) <= columns),
                "{text}"
            );
        }
    }

    #[test]
    fn sums_say_what_they_do_not_know() {
        let mut sum = totals(&[(Status::Done, 3), (Status::Running, 1)]);
        sum.tokens = Some(1_200);
        sum.tokens_unknown = 1;
        (sum.cost_unknown, sum.cost_usd) = (3, None);
        assert_eq!(sums(&sum, 4), "Tasks: 4 | 1 RUN | 3 DONE\nTokens: 1.2k (+ 1 unknown)  Cost: — (+ 3 unknown)");
        (sum.cost_unknown, sum.cost_usd) = (0, Some(0.0));
        assert!(sums(&sum, 4).ends_with("Cost: $0.00"), "a known nothing is shown as such");
        assert!(sums(&sum, 2).contains("(2 not listed)"));
    }
}
