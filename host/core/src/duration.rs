//! Lengths of time as people write and read them. Must not know what time it is.

use std::ops::RangeInclusive;

const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;
/// Largest first, as they must follow one another.
const UNITS: [(&str, u64); 5] = [("d", DAY_MS), ("h", HOUR_MS), ("m", MINUTE_MS), ("s", SECOND_MS), ("ms", 1)];

/// Why a text is no length of time, or not one that is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Nothing there.
    #[error("a duration cannot be empty; write it like 90s, 5m or 1h30m")]
    Empty,
    /// A bare number could be seconds or minutes.
    #[error("duration {0} has no unit; write {0}s for seconds or {0}m for minutes")]
    NoUnit(String),
    /// A unit that does not exist.
    #[error("duration {text:?} has an unknown unit {unit:?}; use d, h, m, s or ms, as in 1h30m")]
    Unit {
        /// The text.
        text: String,
        /// What stood where a unit should.
        unit: String,
    },
    /// Something else than numbers with units, largest unit first, each once.
    #[error("{0:?} is not a duration; write it like 500ms, 90s, 5m or 1h30m, largest unit first")]
    Shape(String),
    /// Outside of the bounds.
    #[error("duration {text} is out of range; use {} to {}", format_exact_ms(*.min_ms), format_exact_ms(*.max_ms))]
    OutOfRange {
        /// The text.
        text: String,
        /// Shortest allowed.
        min_ms: u64,
        /// Longest allowed.
        max_ms: u64,
    },
}

/// Reads `500ms`, `90s`, `5m`, `1h30m`, `2d` as milliseconds, if it lies within the bounds.
///
/// # Errors
/// When it is not written like that (a bare number is refused: nobody can tell seconds from minutes) or out of bounds.
pub fn parse_duration_ms(text: &str, bounds_ms: RangeInclusive<u64>) -> Result<u64, DurationError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DurationError::NoUnit(text.to_owned()));
    }
    let out_of_range =
        || DurationError::OutOfRange { text: text.to_owned(), min_ms: *bounds_ms.start(), max_ms: *bounds_ms.end() };
    let mut total_ms: u64 = 0;
    let mut smallest_unit_ms = u64::MAX;
    let mut rest = text;
    while !rest.is_empty() {
        let (number, unit, after) = split_term(rest).ok_or_else(|| DurationError::Shape(text.to_owned()))?;
        let known = UNITS.iter().find(|(name, _)| *name == unit);
        let unit_ms = known.ok_or_else(|| DurationError::Unit { text: text.to_owned(), unit: unit.to_owned() })?.1;
        if unit_ms >= smallest_unit_ms {
            return Err(DurationError::Shape(text.to_owned()));
        }
        smallest_unit_ms = unit_ms;
        // Digits only, so a failure means too large.
        let number: u64 = number.parse().map_err(|_| out_of_range())?;
        let term_ms = number.checked_mul(unit_ms).ok_or_else(out_of_range)?;
        total_ms = total_ms.checked_add(term_ms).ok_or_else(out_of_range)?;
        rest = after;
    }
    if bounds_ms.contains(&total_ms) { Ok(total_ms) } else { Err(out_of_range()) }
}

/// A measured duration for people, cut to what matters: `842ms`, `12s`, `3m04s`, `1h02m`, `2d03h`.
#[must_use]
pub fn format_duration_ms(duration_ms: u64) -> String {
    let (ms, s, m, h) = (duration_ms, duration_ms / SECOND_MS, duration_ms / MINUTE_MS, duration_ms / HOUR_MS);
    match duration_ms {
        ..SECOND_MS => format!("{ms}ms"),
        SECOND_MS..MINUTE_MS => format!("{s}s"),
        MINUTE_MS..HOUR_MS => format!("{m}m{:02}s", s % 60),
        HOUR_MS..DAY_MS => format!("{h}h{:02}m", m % 60),
        DAY_MS.. => format!("{}d{:02}h", h / 24, h % 24),
    }
}

/// How long ago something was: `just now`, `12s ago`, `3m ago`, `2h ago`, `5d ago`.
#[must_use]
pub fn format_age(age_ms: u64) -> String {
    match UNITS.iter().find(|(unit, size_ms)| *unit != "ms" && age_ms >= *size_ms) {
        Some((unit, size_ms)) => format!("{}{unit} ago", age_ms / size_ms),
        None => "just now".to_owned(),
    }
}

/// A setting for people, as it can be written again: `5m`, `1h30m`, `1500ms` as `1s500ms`.
#[must_use]
pub fn format_exact_ms(duration_ms: u64) -> String {
    let mut text = String::new();
    let mut rest_ms = duration_ms;
    for (unit, size_ms) in UNITS {
        if rest_ms >= size_ms {
            text.push_str(&format!("{}{unit}", rest_ms / size_ms));
            rest_ms %= size_ms;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// The digits and letters at the start, and what follows them.
fn split_term(text: &str) -> Option<(&str, &str, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let (unit, after) = rest.split_at(letters);
    (!number.is_empty() && !unit.is_empty()).then_some((number, unit, after))
}
