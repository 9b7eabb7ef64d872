//! Owns cutting a byte stream into lines. Must not know what a line means.
//!
//! The result depends on the bytes alone, never on how they were cut. A line ends at LF; one CR before it is no part of
//! it. UTF-8 is judged, and repaired, on whole lines only, so a character that a chunk cuts in two stays whole.

/// The longest line that is kept unless an adapter says otherwise. Agents write lines of several megabytes; a 64 MiB
/// memory has to hold one of them in a few copies.
pub const MAX_LINE_BYTES: usize = 12 << 20;

/// A buffer that grew beyond this is given back after its line.
const RETAINED_BYTES: usize = 256 << 10;

/// What the splitter found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A line without its end.
    Line(&'a str),
    /// A line grew over the limit and is skipped up to its end. Said once for each such line.
    TooLong,
}

/// Cuts one stream into lines.
#[derive(Debug)]
pub struct LineSplitter {
    /// The beginning of a line whose end has not come.
    partial: Vec<u8>,
    max_bytes: usize,
    skipping: bool,
    dropped: u64,
}

impl LineSplitter {
    /// Keeps lines of at most `max_bytes`, not counting the LF.
    pub fn new(max_bytes: usize) -> Self {
        Self { partial: Vec::new(), max_bytes, skipping: false, dropped: 0 }
    }

    /// How many lines were too long.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, chunk: &[u8], mut each: impl FnMut(Piece<'_>)) {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', chunk) {
            self.end_line(&chunk[start..end], &mut each);
            start = end + 1;
        }
        self.keep(&chunk[start..], &mut each);
    }

    /// Gives the last line if it had no end.
    pub fn finish(&mut self, mut each: impl FnMut(Piece<'_>)) {
        if !self.partial.is_empty() {
            self.end_line(&[], &mut each);
        }
        self.skipping = false;
    }

    fn end_line(&mut self, rest: &[u8], each: &mut impl FnMut(Piece<'_>)) {
        if std::mem::take(&mut self.skipping) {
            return;
        }
        if self.partial.len() + rest.len() > self.max_bytes {
            self.partial = Vec::new();
            return self.too_long(each);
        }
        if self.partial.is_empty() {
            return self.line(rest, each);
        }
        self.append(rest);
        let line = std::mem::take(&mut self.partial);
        match std::str::from_utf8(without_cr(&line)) {
            Ok(text) => each(Piece::Line(text)),
            Err(_) => match repaired(without_cr(&line), self.max_bytes) {
                Some(text) => {
                    // Not both copies while the line is read.
                    drop(line);
                    return each(Piece::Line(&text));
                }
                None => self.too_long(each),
            },
        }
        if line.capacity() <= RETAINED_BYTES {
            self.partial = line;
            self.partial.clear();
        }
    }

    /// A line that lies whole in the chunk: no copy.
    fn line(&mut self, line: &[u8], each: &mut impl FnMut(Piece<'_>)) {
        let line = without_cr(line);
        match std::str::from_utf8(line) {
            Ok(text) => each(Piece::Line(text)),
            Err(_) => match repaired(line, self.max_bytes) {
                Some(text) => each(Piece::Line(&text)),
                None => self.too_long(each),
            },
        }
    }

    fn keep(&mut self, rest: &[u8], each: &mut impl FnMut(Piece<'_>)) {
        if self.skipping || rest.is_empty() {
            return;
        }
        if self.partial.len() + rest.len() > self.max_bytes {
            self.partial = Vec::new();
            self.skipping = true;
            return self.too_long(each);
        }
        self.append(rest);
    }

    /// Doubles, but never beyond the limit: the last doubling would be wasted memory.
    fn append(&mut self, bytes: &[u8]) {
        let needed = self.partial.len() + bytes.len();
        if needed > self.partial.capacity() {
            let capacity = needed.max(2 * self.partial.capacity()).min(self.max_bytes.max(needed));
            self.partial.reserve_exact(capacity - self.partial.len());
        }
        self.partial.extend_from_slice(bytes);
    }

    fn too_long(&mut self, each: &mut impl FnMut(Piece<'_>)) {
        self.dropped += 1;
        each(Piece::TooLong);
    }
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The line with U+FFFD for each part that is no UTF-8; none when that makes it longer than `max_bytes`.
fn repaired(line: &[u8], max_bytes: usize) -> Option<String> {
    const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;
    let parts = || line.utf8_chunks();
    let broken = |invalid: &[u8]| if invalid.is_empty() { 0 } else { REPLACEMENT.len_utf8() };
    let length: usize = parts().map(|part| part.valid().len() + broken(part.invalid())).sum();
    if length > max_bytes {
        return None;
    }
    let mut text = String::with_capacity(length);
    for part in parts() {
        text.push_str(part.valid());
        if !part.invalid().is_empty() {
            text.push(REPLACEMENT);
        }
    }
    Some(text)
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
