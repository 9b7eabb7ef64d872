//! One task for people: how it stands and why, what it did, what it used, and what to do next.

use aid_core::event::{Event, Recorded};
use aid_core::usage::{format_tokens, format_usd};
use aid_core::view::{TaskRecord, TaskView};

use super::event::{detail, leak};
use super::gist;
use super::task::{cost, duration, failure, label, next, tone_of};
use super::time::{clock_time, date_time};
use crate::output::{Paint, Tone};

/// How many lines of one kind are shown; the last ones.
const SHOWN: usize = 20;
/// Width of the names on the left.
const NAME_COLUMNS: usize = 10;

/// What is worth telling of a task's events.
#[derive(Debug, Default)]
pub(crate) struct Story {
    milestones: Vec<String>,
    files: Vec<String>,
    remarks: Vec<String>,
}

impl Story {
    /// Takes one event in.
    pub(crate) fn add(&mut self, recorded: &Recorded) {
        let at = clock_time(recorded.at_ms);
        match &recorded.event {
            Event::Milestone { text } => self.milestones.push(format!("{at}  {}", gist(text))),
            Event::FileChange { path, change } => {
                let line = format!("{:<8}{}", gist(change), gist(path));
                if !self.files.contains(&line) {
                    self.files.push(line);
                }
            }
            Event::Leak { processes, more } => self.remarks.push(format!("{at}  {}", leak(processes, *more))),
            event @ (Event::Notice { .. }
            | Event::Refusal { .. }
            | Event::AdapterFault { .. }
            | Event::EventsCapped { .. }
            | Event::EndRequested { .. }) => self.remarks.push(format!("{at}  {}", detail(event))),
            _ => {}
        }
    }
}

/// The summary.
pub(crate) fn show(record: &TaskRecord, view: &TaskView, story: &Story, paint: Paint) -> String {
    let mut text = Summary { lines: Vec::new(), paint };
    let head = format!("{} {}", label(view), duration(view));
    let head = paint.tone(tone_of(view), head.trim_end_matches(" —"));
    text.lines.push(format!("{} {} {head}", paint.tone(Tone::Heading, view.id.as_str()), agent(record, view)));
    if let Some(reason) = &view.failure {
        text.field("why", &failure(reason));
    }
    if let Some(evidence) = &view.evidence {
        text.field("evidence", &gist(evidence));
    }
    let live = !view.status.is_terminal();
    if let Some(milestone) = view.milestone.as_deref().filter(|_| live) {
        text.field("now", &gist(milestone));
    }
    text.field("prompt", &prompt(&record.spec.prompt));
    text.field("dir", &place(view));
    text.field("created", &date_time(&view.created_at));
    if let Some(ended) = &view.ended_at {
        text.field("ended", &date_time(ended));
    }
    text.field("tokens", &usage(view));
    text.field("cost", &cost_line(record, view));
    if let Some(session) = &view.session {
        text.field("session", &gist(session));
    }
    if let Some(parent) = &view.parent {
        text.field("retry of", parent.as_str());
    }
    if let Some(output) = &record.spec.output {
        text.field("output", &gist(output));
    }
    text.section("Milestones", &story.milestones);
    text.section("Files changed, as the agent said", &story.files);
    text.section("Remarks", &story.remarks);
    text.field("next", &next_steps(view));
    text.lines.join("\n")
}

struct Summary {
    lines: Vec<String>,
    paint: Paint,
}

impl Summary {
    fn field(&mut self, name: &str, value: &str) {
        let name = self.paint.tone(Tone::Faint, &format!("{name:<NAME_COLUMNS$}"));
        self.lines.push(format!("  {name}{value}"));
    }

    /// A list under its own heading, or nothing.
    fn section(&mut self, title: &str, lines: &[String]) {
        let Some(last) = lines.len().checked_sub(1) else { return };
        self.lines.push(format!("  {}", self.paint.tone(Tone::Heading, title)));
        let first = (last + 1).saturating_sub(SHOWN);
        if first > 0 {
            self.lines.push(format!("    … {first} earlier"));
        }
        self.lines.extend(lines[first..].iter().map(|line| format!("    {line}")));
    }
}

/// `codex 0.169.0 (gpt-6.1-sol)`, as far as it is known.
fn agent(record: &TaskRecord, view: &TaskView) -> String {
    let mut text = gist(&view.agent);
    if !record.spec.program.version.is_empty() {
        text.push_str(&format!(" {}", gist(&record.spec.program.version)));
    }
    if let Some(model) = &view.model {
        text.push_str(&format!(" ({})", gist(model)));
    }
    text
}

fn prompt(text: &str) -> String {
    let first = gist(text);
    let lines = text.trim_end().lines().count();
    if lines > 1 { format!("{first} … ({lines} lines)") } else { first }
}

fn place(view: &TaskView) -> String {
    let mut text = gist(&view.dir);
    if let Some(branch) = &view.branch {
        text.push_str(&format!(" (branch {})", gist(branch)));
    }
    if view.read_only {
        text.push_str(" [read-only]");
    }
    text
}

/// `1.2k total: 1.1k in (900 cached), 34 out (5 reasoning)`.
fn usage(view: &TaskView) -> String {
    let Some(usage) = &view.usage else { return format_tokens(None) };
    let part = |count: Option<u64>, name: &str| {
        count.filter(|count| *count > 0).map(|_| format!(" ({} {name})", format_tokens(count))).unwrap_or_default()
    };
    format!(
        "{} total: {} in{}, {} out{}",
        format_tokens(usage.total()),
        format_tokens(usage.input),
        part(usage.cached_input, "cached"),
        format_tokens(usage.output),
        part(usage.reasoning, "reasoning"),
    )
}

fn cost_line(record: &TaskRecord, view: &TaskView) -> String {
    let limit = record.spec.limits.max_cost_micro_usd;
    let limit = limit.map(|limit| format!(" of {} at most", format_usd(Some(limit)))).unwrap_or_default();
    format!("{}{limit}", cost(view))
}

fn next_steps(view: &TaskView) -> String {
    let id = &view.id;
    if view.status.is_terminal() {
        let own = next(view);
        let all = [own, format!("aid output {id}"), format!("aid show {id} --events")];
        let mut steps: Vec<String> = all.into_iter().filter(|step| *step != format!("aid show {id}")).collect();
        steps.dedup();
        steps.join(" · ")
    } else {
        format!("aid watch {id} · aid stop {id}")
    }
}
