//! Makes stored text harmless to show, and fits it into columns. Must not be used on what is stored: that stays whole.
//!
//! Text comes from models, tools and other people's repositories. Shown raw, it could move the cursor, retitle the
//! terminal, reverse the reading order or hide a part of itself.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

use unicode_width::UnicodeWidthChar;

/// Stands for what was cut off.
pub const ELLIPSIS: char = '…';

const ESC: char = '\u{1b}';
const BEL: char = '\u{07}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// Asks for the two-column emoji form of the character before it.
const EMOJI_SELECTOR: char = '\u{fe0f}';

/// The text as one line: line breaks and tabs become spaces; other control characters, terminal sequences, and
/// invisible or direction-changing characters are gone.
#[must_use]
pub fn sanitize_line(text: &str) -> String {
    sanitize(text, Shape::Line)
}

/// The text as lines: like [`sanitize_line`], but tabs stay, and every kind of line break becomes `\n`.
#[must_use]
pub fn sanitize_block(text: &str) -> String {
    sanitize(text, Shape::Block)
}

/// Columns that the text takes: wide characters count two, combining ones none. Never less than a terminal shows.
#[must_use]
pub fn display_width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// The text if it fits into `cols` columns, else as much of it as fits with [`ELLIPSIS`] behind it. A character keeps
/// its combining marks and joined parts. For text that is already sanitised.
#[must_use]
pub fn cut_to_width(text: &str, cols: usize) -> Cow<'_, str> {
    let Some(room) = cols.checked_sub(1) else {
        return if display_width(text) == 0 { Cow::Borrowed(text) } else { Cow::Borrowed("") };
    };
    let mut width = 0;
    let mut kept = 0;
    let mut joined = false;
    for (at, c) in text.char_indices() {
        if width <= room && !joined && !extends(c) {
            kept = at;
        }
        width += char_width(c);
        if width > cols {
            let mut cut = text[..kept].trim_end().to_owned();
            cut.push(ELLIPSIS);
            return Cow::Owned(cut);
        }
        joined = c == ZERO_WIDTH_JOINER;
    }
    Cow::Borrowed(text)
}

/// The text in exactly `cols` columns: cut when too long, filled with spaces on the right when too short.
#[must_use]
pub fn pad_to_width(text: &str, cols: usize) -> String {
    let mut padded = cut_to_width(text, cols).into_owned();
    let missing = cols.saturating_sub(display_width(&padded));
    padded.extend(std::iter::repeat_n(' ', missing));
    padded
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Line,
    Block,
}

fn sanitize(text: &str, shape: Shape) -> String {
    let line_break = if shape == Shape::Block { '\n' } else { ' ' };
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ESC => skip_escape(&mut chars),
            '\u{9b}' => skip_control_sequence(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_string(&mut chars),
            // Of a run of line ends that belong together only the last counts.
            '\r' if matches!(chars.peek(), Some('\r' | '\n')) => {}
            '\t' => clean.push(if shape == Shape::Block { '\t' } else { ' ' }),
            '\n' | '\r' | '\u{0b}' | '\u{0c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => clean.push(line_break),
            c if c.is_control() || is_invisible(c) => {}
            c => clean.push(c),
        }
    }
    clean
}

/// What follows an ESC. A sequence that is cut off or broken ends where it breaks; what comes then is text again.
fn skip_escape(chars: &mut Peekable<Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            skip_control_sequence(chars);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            chars.next();
            skip_string(chars);
        }
        _ => {
            skip_while(chars, ' '..='/');
            chars.next_if(|c| ('0'..='~').contains(c));
        }
    }
}

/// Parameters, intermediates and the final character of a CSI sequence.
fn skip_control_sequence(chars: &mut Peekable<Chars<'_>>) {
    skip_while(chars, '0'..='?');
    skip_while(chars, ' '..='/');
    chars.next_if(|c| ('@'..='~').contains(c));
}

/// The body of an OSC, DCS, SOS, PM or APC sequence. Ends at its terminator, but at the latest with the line: one that
/// is never closed must not hide the rest of the text.
fn skip_string(chars: &mut Peekable<Chars<'_>>) {
    while let Some(c) = chars.next_if(|c| !is_line_break(*c)) {
        match c {
            BEL | '\u{9c}' => return,
            ESC => {
                // ESC \ is the terminator; any other sequence aborts the string and is skipped as itself.
                if chars.next_if_eq(&'\\').is_none() {
                    skip_escape(chars);
                }
                return;
            }
            _ => {}
        }
    }
}

fn skip_while(chars: &mut Peekable<Chars<'_>>, range: std::ops::RangeInclusive<char>) {
    while chars.next_if(|c| range.contains(c)).is_some() {}
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{0b}' | '\u{0c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Zero-width characters, direction controls, and the tag block, which can carry text that nobody sees.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

fn char_width(c: char) -> usize {
    match c {
        // It may turn a one-column character into two columns.
        EMOJI_SELECTOR => 1,
        // Tabs and other controls are the caller's fault; one column each keeps the sum honest.
        c => c.width().unwrap_or(1),
    }
}

/// Whether a character belongs to the one before it.
fn extends(c: char) -> bool {
    c == EMOJI_SELECTOR || c.width() == Some(0) || ('\u{1f3fb}'..='\u{1f3ff}').contains(&c)
}
