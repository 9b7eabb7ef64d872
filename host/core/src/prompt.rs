//! What reaches the agent: the sections of a prompt, in their order. Must not choose what goes into a section.
//!
//! The task's text goes in byte for byte, and nothing here shortens anything.

use serde::{Deserialize, Serialize};

use crate::text::sanitize_line;

/// Token counts of prompts are estimated as this many bytes each.
pub const BYTES_PER_TOKEN: u64 = 4;

const MILESTONES: &str = "\
Report in your own messages, one report to a line, outside code blocks and quotes, with each <…> replaced:
[MILESTONE] <the step that you have just finished>
[FINDING] <evidence that others on this work need, with file:line>
[MEMORY: discovery|convention|lesson|fact] <what later tasks in this project should know>
Name one memory type, for example a lesson. Report a milestone after every major step; findings and memories only when
they are worth keeping. A program collects these lines, so keep each one short and complete in itself.";

/// The sections that a prompt can have, in the order in which they appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SectionKind {
    /// What a workgroup gives all its tasks.
    SharedContext,
    /// What tasks of the workgroup found.
    SharedFindings,
    /// Broadcasts to the workgroup.
    Messages,
    /// What earlier tasks in the project learnt.
    RelevantMemories,
    /// Files, or items of them, that the caller named.
    ContextFiles,
    /// What went wrong before: feedback, failure, verify output.
    PreviousAttempt,
    /// The task itself.
    Task,
    /// How to report progress.
    Milestones,
    /// Skills.
    Methodology,
}

impl SectionKind {
    /// The heading when nothing more specific is known.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::SharedContext => "Shared Context",
            Self::SharedFindings => "Shared Findings",
            Self::Messages => "Messages",
            Self::RelevantMemories => "Relevant Memories",
            Self::ContextFiles => "Context Files",
            Self::PreviousAttempt => "Previous Attempt",
            Self::Task => "Task",
            Self::Milestones => "Milestones",
            Self::Methodology => "Methodology",
        }
    }
}

/// One section of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Decides its place.
    pub kind: SectionKind,
    /// Its heading, without the dashes.
    pub title: String,
    /// Its text.
    pub body: String,
}

impl Section {
    /// A section under its kind's own heading.
    #[must_use]
    pub fn new(kind: SectionKind, body: impl Into<String>) -> Self {
        Self { kind, title: kind.title().to_owned(), body: body.into() }
    }

    /// The task itself.
    #[must_use]
    pub fn task(prompt: impl Into<String>) -> Self {
        Self::new(SectionKind::Task, prompt)
    }

    /// How to report milestones, findings and memories.
    #[must_use]
    pub fn milestones() -> Self {
        Self::new(SectionKind::Milestones, MILESTONES)
    }

    fn has_something_to_say(&self) -> bool {
        self.kind == SectionKind::Task || !self.body.trim().is_empty()
    }
}

/// How much of a prompt a section is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionSize {
    /// Its heading.
    pub title: String,
    /// Its bytes in the prompt, heading and separators included, so that all of them add up to the prompt.
    pub bytes: u64,
    /// An estimate.
    pub tokens: u64,
}

/// A prompt, ready for the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assembled {
    /// All of it.
    pub text: String,
    /// Its sections as they appear.
    pub sections: Vec<SectionSize>,
}

/// Puts sections in order under their headings. Sections of one kind stay in the given order; those with a blank body
/// are left out, except the task.
#[must_use]
pub fn assemble(sections: &[Section]) -> Assembled {
    let mut ordered: Vec<&Section> = sections.iter().filter(|s| s.has_something_to_say()).collect();
    ordered.sort_by_key(|s| s.kind);
    let mut text = String::new();
    let mut sizes = Vec::with_capacity(ordered.len());
    for (at, section) in ordered.iter().enumerate() {
        let start = text.len();
        // A heading may carry a name that somebody chose; it must not open a section of its own.
        let title = sanitize_line(&section.title);
        let end = if at + 1 == ordered.len() { "\n" } else { "\n\n" };
        for part in ["--- ", &title, " ---\n", &section.body, end] {
            text.push_str(part);
        }
        let bytes = (text.len() - start) as u64;
        sizes.push(SectionSize { title, bytes, tokens: estimate_tokens(bytes) });
    }
    Assembled { text, sections: sizes }
}

/// Roughly how many tokens that many bytes are.
#[must_use]
pub fn estimate_tokens(bytes: u64) -> u64 {
    bytes / BYTES_PER_TOKEN
}
