//! Finds milestones, findings and memories in what the assistant itself wrote. Must never be fed tool output, echoed
//! prompts or reasoning: a marker becomes a fact that people and later tasks see.
//!
//! A marker is a line of its own: `[MILESTONE] text`, `[FINDING] text`, `[MEMORY: kind] text`, or the one-piece forms
//! `[MEMORY: kind: text]` and `[MEMORY: text]`. List bullets and emphasis around it are fine. Code fences, inline code,
//! quotes and placeholders are not markers. However the text is cut into pieces, the result is the same.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::sanitize_line;

/// Longest text of a marker; the rest is cut off.
pub const MAX_TEXT_BYTES: usize = 500;
/// Most markers of one task; later ones are dropped.
pub const MAX_MARKERS: usize = 200;
/// How much of a line is looked at; the rest of it is dropped.
pub const MAX_LINE_BYTES: usize = 8 * 1024;

const MIN_FENCE_LEN: usize = 3;

/// What a memory is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemoryKind {
    /// How something turned out to work.
    Discovery,
    /// How things are done in this project.
    Convention,
    /// What went wrong, and what to do instead.
    Lesson,
    /// What is simply so; also a memory without a kind.
    Fact,
}

/// Something that the agent reported by a line of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Marker {
    /// A step is done.
    Milestone(String),
    /// Evidence for the workgroup.
    Finding(String),
    /// Knowledge for later tasks.
    Memory {
        /// What it is about.
        kind: MemoryKind,
        /// What it says.
        text: String,
    },
}

/// Follows the assistant's messages of one task.
///
/// Markers are reported once: an equal one (same kind, same text) is not new, so a message that repeats its own pieces
/// does no harm.
#[derive(Debug, Default)]
pub struct MarkerScanner {
    line: String,
    line_is_full: bool,
    fence: Option<Fence>,
    seen: HashSet<Marker>,
    dropped: u64,
}

/// An open code fence.
#[derive(Debug, Clone, Copy)]
struct Fence {
    mark: char,
    len: usize,
}

impl MarkerScanner {
    /// A scanner that takes these markers as already reported, as after a restart.
    #[must_use]
    pub fn with_seen(markers: impl IntoIterator<Item = Marker>) -> Self {
        Self { seen: markers.into_iter().collect(), ..Self::default() }
    }

    /// A whole message. What was left of earlier pieces is finished first.
    pub fn message(&mut self, text: &str) -> Vec<Marker> {
        let mut found = self.flush();
        self.push(text, &mut found);
        found.extend(self.flush());
        found
    }

    /// The next piece of a message, cut anywhere.
    pub fn delta(&mut self, piece: &str) -> Vec<Marker> {
        let mut found = Vec::new();
        self.push(piece, &mut found);
        found
    }

    /// The end of a message that came in pieces: its last line is complete, and a code fence left open is over.
    pub fn flush(&mut self) -> Vec<Marker> {
        let mut found = Vec::new();
        self.end_line(&mut found);
        self.fence = None;
        found
    }

    /// How many new markers came after [`MAX_MARKERS`] and were dropped.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn push(&mut self, text: &str, found: &mut Vec<Marker>) {
        let mut pieces = text.split('\n');
        if let Some(first) = pieces.next() {
            self.extend_line(first);
        }
        for piece in pieces {
            self.end_line(found);
            self.extend_line(piece);
        }
    }

    fn extend_line(&mut self, piece: &str) {
        if self.line_is_full {
            return;
        }
        let room = MAX_LINE_BYTES - self.line.len();
        let kept = &piece[..piece.floor_char_boundary(room)];
        self.line.push_str(kept);
        // Full is full, even if a shorter character would still fit: where the pieces were cut must not matter.
        self.line_is_full = kept.len() < piece.len();
    }

    fn end_line(&mut self, found: &mut Vec<Marker>) {
        let line = sanitize_line(&self.line);
        self.line.clear();
        self.line_is_full = false;
        if self.is_code(&line) {
            return;
        }
        let Some(marker) = read_marker(&line) else { return };
        if self.seen.contains(&marker) {
            return;
        }
        if self.seen.len() >= MAX_MARKERS {
            self.dropped += 1;
            return;
        }
        self.seen.insert(marker.clone());
        found.push(marker);
    }

    /// Whether a line is in a code fence or delimits one.
    fn is_code(&mut self, line: &str) -> bool {
        match self.fence {
            Some(open) => {
                if closes(open, line) {
                    self.fence = None;
                }
                true
            }
            None => {
                self.fence = opening_fence(line);
                self.fence.is_some()
            }
        }
    }
}

impl MemoryKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Discovery, Self::Convention, Self::Lesson, Self::Fact];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Convention => "convention",
            Self::Lesson => "lesson",
            Self::Fact => "fact",
        }
    }

    /// Reads the word, in any case.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(word))
    }
}

fn opening_fence(line: &str) -> Option<Fence> {
    let line = strip_bullets(line);
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let info = line.trim_start_matches(mark);
    let len = line.len() - info.len();
    // Backticks further on make it inline code: ```like this```.
    let inline = mark == '`' && info.contains('`');
    (len >= MIN_FENCE_LEN && !inline).then_some(Fence { mark, len })
}

fn closes(open: Fence, line: &str) -> bool {
    let line = line.trim();
    line.len() >= open.len && line.chars().all(|c| c == open.mark)
}

/// Reads one clean line outside of code.
fn read_marker(line: &str) -> Option<Marker> {
    let line = strip_bullets(line);
    let inner = line.trim_start_matches(['*', '_']);
    let emphasis = &line[..line.len() - inner.len()];
    if let Some(rest) = inner.strip_prefix("[MILESTONE]") {
        return Some(Marker::Milestone(marker_text(rest, emphasis)?));
    }
    if let Some(rest) = inner.strip_prefix("[FINDING]") {
        return Some(Marker::Finding(marker_text(rest, emphasis)?));
    }
    read_memory(inner.strip_prefix("[MEMORY:")?, emphasis)
}

fn read_memory(rest: &str, emphasis: &str) -> Option<Marker> {
    let (head, tail) = rest.split_once(']')?;
    let head = head.trim();
    if let Some(kind) = MemoryKind::parse(head) {
        return Some(Marker::Memory { kind, text: marker_text(tail, emphasis)? });
    }
    // `[MEMORY: decision] text` names a kind that does not exist; `[MEMORY: a|b]` is the instruction itself.
    let names_kinds = head.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_' | '|' | '/' | ','));
    if names_kinds && (head.contains('|') || !tail.trim_matches(['*', '_', ' ', '.']).is_empty()) {
        return None;
    }
    if is_placeholder(head) {
        return None;
    }
    let (inside, _) = rest.rsplit_once(']')?;
    let (kind, text) = inside
        .split_once(':')
        .and_then(|(word, text)| Some((MemoryKind::parse(word.trim())?, text)))
        .unwrap_or((MemoryKind::Fact, inside));
    Some(Marker::Memory { kind, text: marker_text(text, "")? })
}

/// What a marker says: without the emphasis around it, not a placeholder, not too long. None when nothing is left.
fn marker_text(rest: &str, emphasis: &str) -> Option<String> {
    let closing: String = emphasis.chars().rev().collect();
    let text = match rest.strip_prefix(&closing) {
        Some(text) => text,
        None => rest.trim_end().strip_suffix(&closing).unwrap_or(rest),
    };
    let text = text.trim().trim_start_matches(':').trim();
    if is_placeholder(text) {
        return None;
    }
    Some(text[..text.floor_char_boundary(MAX_TEXT_BYTES)].trim_end().to_owned())
}

/// Nothing, dots, or one `<…>`: the form of a marker without its content.
fn is_placeholder(text: &str) -> bool {
    let text = text.trim_matches(['`', '"', '\'', '.', '…', ' ']);
    let Some(inner) = text.strip_prefix('<').and_then(|t| t.strip_suffix('>')) else { return text.is_empty() };
    !inner.contains(['<', '>'])
}

/// The line without indentation, list bullets and check boxes.
fn strip_bullets(line: &str) -> &str {
    let mut line = line.trim_start();
    loop {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let after = if digits > 0 {
            line[digits..].strip_prefix(['.', ')'])
        } else {
            let check_box = ["[ ]", "[x]", "[X]"].into_iter().find_map(|b| line.strip_prefix(b));
            line.strip_prefix(['-', '*', '+', '•']).or(check_box)
        };
        // A bullet stands apart from what it introduces; `**bold**` and `-v` are no bullets.
        match after {
            Some(rest) if rest.starts_with(' ') => line = rest.trim_start(),
            _ => return line,
        }
    }
}
