//! The one owner of stderr: what aid says beside its data. Nothing here can fail: when nobody listens, nothing is said.

use std::io::{self, IsTerminal as _, Write as _};

use aid_core::text::{cut_to_width, sanitize_block, sanitize_line};

use super::style::{ColorWhen, Paint, Tone};
use crate::error::CliError;

/// Begins every line of talk.
const PREFIX: &str = "[aid] ";
/// Longest line of talk that goes to a file or pipe, in columns; a terminal has its own width.
const MAX_COLUMNS: usize = 160;
/// Longest error line, in columns. It may quote a file or a program, but not whole.
const MAX_ERROR_COLUMNS: usize = 2_000;

/// Stderr.
#[derive(Debug)]
pub(crate) struct Talk {
    paint: Paint,
    columns: Option<usize>,
}

impl Talk {
    /// Takes stderr over.
    pub(crate) fn new(color: ColorWhen, variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let stderr = io::stderr();
        let size = stderr.is_terminal().then(|| rustix::termios::tcgetwinsize(&stderr).ok()).flatten();
        let columns = size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
        Self { paint: Paint::of(color, &stderr, variable), columns }
    }

    /// Says something, whole.
    pub(crate) fn say(&self, text: &str) {
        self.write(&format!("{}{}", self.paint.tone(Tone::Faint, PREFIX), sanitize_line(text)));
    }

    /// Says that something is not as it should be, whole.
    pub(crate) fn warn(&self, text: &str) {
        self.say_toned(Tone::Attention, "warning:", &format!(" {text}"));
    }

    /// Says how something goes on: one line, cut to the width there is.
    pub(crate) fn progress(&self, tone: Tone, text: &str) {
        let columns = self.columns.unwrap_or(MAX_COLUMNS).saturating_sub(PREFIX.len());
        let line = sanitize_line(text);
        let line = cut_to_width(&line, columns.max(1));
        self.write(&format!("{}{}", self.paint.tone(Tone::Faint, PREFIX), self.paint.tone(tone, &line)));
    }

    /// Says something whose first word has a tone.
    pub(crate) fn say_toned(&self, tone: Tone, word: &str, rest: &str) {
        let (prefix, word) = (self.paint.tone(Tone::Faint, PREFIX), self.paint.tone(tone, &sanitize_line(word)));
        self.write(&format!("{prefix}{word}{}", sanitize_line(rest)));
    }

    /// Says what went wrong and what to do next.
    pub(crate) fn error(&self, error: &CliError) {
        for problem in &error.problems {
            self.headed(Tone::Bad, "error:", &problem.message);
            for hint in &problem.hints {
                self.headed(Tone::Live, "hint:", hint);
            }
        }
    }

    /// A line that begins with a toned word; further lines are indented.
    fn headed(&self, tone: Tone, word: &str, text: &str) {
        let block = sanitize_block(text.trim_end());
        let lines: Vec<_> = block.lines().map(|line| cut_to_width(line, MAX_ERROR_COLUMNS)).collect();
        self.write(&format!("{} {}", self.paint.tone(tone, word), lines.join("\n  ")));
    }

    /// One call, so that lines of several processes do not mix.
    fn write(&self, line: &str) {
        // Nobody may be listening any more.
        let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
    }
}
