//! Owns the last lines of a stream, within a bound. Must not judge them.

use std::collections::VecDeque;

use crate::text;

/// The last lines of a stream that fit into a number of bytes.
#[derive(Debug)]
pub struct Tail {
    lines: VecDeque<String>,
    bytes: usize,
    max_bytes: usize,
}

impl Tail {
    /// Keeps at most `max_bytes`, line ends included. A single longer line is cut.
    pub fn new(max_bytes: usize) -> Self {
        Self { lines: VecDeque::new(), bytes: 0, max_bytes }
    }

    /// Adds a line and lets go of the oldest ones that no longer fit.
    pub fn push(&mut self, line: &str) {
        let line = text::cut(line, self.max_bytes.saturating_sub(1));
        self.bytes += line.len() + 1;
        self.lines.push_back(line.into_owned());
        while self.bytes > self.max_bytes {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.len() + 1;
        }
    }

    /// Oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// Whether nothing was kept.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Tail;

    #[test]
    fn keeps_the_newest_lines_that_fit() {
        let mut tail = Tail::new(8);
        for line in ["one", "two", "three"] {
            tail.push(line);
        }
        assert_eq!(tail.lines().collect::<Vec<_>>(), ["three"]);
        tail.push("x");
        assert_eq!(tail.lines().collect::<Vec<_>>(), ["three", "x"]);
    }

    #[test]
    fn cuts_a_line_that_is_longer_than_the_bound() {
        let mut tail = Tail::new(8);
        tail.push("äöüäöüäöü");
        assert_eq!(tail.lines().collect::<Vec<_>>(), ["äö…"]);
        assert!(!tail.is_empty());
    }
}
