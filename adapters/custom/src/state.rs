//! Owns what was seen of a run so far, and reading output that is plain text. Must not judge.

use aid_adapter_kit::{Event, Refusal};

use crate::answer::Answer;
use crate::definition::{AnswerIs, Definition, Format};
use crate::usage::Used;

/// Stands in an answer for what could not be kept.
const GAP: &str = "[a line too long to be kept is missing here; the log has it]";

/// What was seen so far.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Whether the agent wrote anything that means something.
    pub(crate) spoke: bool,
    /// The agent's id of its session.
    pub(crate) session: Option<String>,
    pub(crate) answer: Answer,
    /// The success mark came.
    pub(crate) marked: bool,
    /// The agent gave up.
    pub(crate) failure: Option<Refusal>,
    /// The last refusal that it tried to get over, while no work has come after it.
    pub(crate) last_retry: Option<Refusal>,
    pub(crate) used: Used,
    /// Blank lines of a text that the next event begins with.
    blank_lines: usize,
}

impl State {
    /// A line of plain text: a part of the answer.
    pub(crate) fn text_line(&mut self, line: &str, events: &mut Vec<Event>) {
        /// What an event shows of a gap in the text.
        const MAX_BLANK_LINES: usize = 2;
        self.answer.append(line);
        self.answer.append("\n");
        if line.trim().is_empty() {
            self.blank_lines = MAX_BLANK_LINES.min(self.blank_lines + 1);
            return;
        }
        self.spoke = true;
        let blank_lines = std::mem::take(&mut self.blank_lines);
        events.push(Event::MessageDelta(format!("{}{line}\n", "\n".repeat(blank_lines))));
    }

    /// A line was too long to be read. It may have been the answer, or a piece of it.
    pub(crate) fn line_dropped(&mut self, definition: &Definition) {
        match (definition.format, definition.answer) {
            (Format::Text, _) => {
                self.answer.append(GAP);
                self.answer.append("\n");
            }
            (Format::Jsonl, AnswerIs::All) if !self.answer.is_empty() => self.answer.append(GAP),
            (Format::Jsonl, _) => self.answer.clear(),
        }
    }
}
