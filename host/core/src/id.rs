//! Ids of tasks: their shape, and how a random one is spelled. Claiming one is the ledger's business.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest id in bytes: it becomes a file name with a suffix.
pub const MAX_ID_BYTES: usize = 64;
/// Shortest number of hex digits of a generated id.
pub const MIN_DIGITS: u32 = 4;
/// Most hex digits of a generated id.
pub const MAX_DIGITS: u32 = 16;

/// The stable id of a task: `t-` and hex digits, or the name its caller gave.
///
/// Always a plain file name: ASCII letters, digits, `-` and `_`, beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct TaskId(String);

/// Why a text is no task id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing there.
    #[error("a task id cannot be empty")]
    Empty,
    /// Longer than [`MAX_ID_BYTES`].
    #[error("task id is {0} bytes long; at most {MAX_ID_BYTES} are allowed")]
    TooLong(usize),
    /// A character that is not allowed.
    #[error("task id {id:?} has {found:?} in it; use letters, digits, '-' and '_', and begin with a letter or digit")]
    Character {
        /// The text.
        id: String,
        /// The first offending character.
        found: char,
    },
}

impl TaskId {
    /// Reads an id.
    ///
    /// # Errors
    /// When the text is empty, too long, or not a plain name.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        if text.is_empty() {
            return Err(IdError::Empty);
        }
        if text.len() > MAX_ID_BYTES {
            return Err(IdError::TooLong(text.len()));
        }
        let bad = text.char_indices().find(|&(at, c)| {
            let inner = at > 0 && (c == '-' || c == '_');
            !(c.is_ascii_alphanumeric() || inner)
        });
        match bad {
            Some((_, found)) => Err(IdError::Character { id: text.to_owned(), found }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// Spells a generated id from random bits: the lowest `digits` hex digits of them.
    #[must_use]
    pub fn generated(random: u64, digits: u32) -> Self {
        let digits = digits.clamp(MIN_DIGITS, MAX_DIGITS);
        let mask = if digits == MAX_DIGITS { u64::MAX } else { (1u64 << (4 * digits)) - 1 };
        Self(format!("t-{:0width$x}", random & mask, width = digits as usize))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for TaskId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        Self::parse(&text)
    }
}

impl From<TaskId> for String {
    fn from(id: TaskId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_ids_have_the_asked_digits() {
        assert_eq!(TaskId::generated(0xabc, 4).as_str(), "t-0abc");
        assert_eq!(TaskId::generated(u64::MAX, 5).as_str(), "t-fffff");
        assert_eq!(TaskId::generated(1, 0).as_str(), "t-0001");
        assert_eq!(TaskId::generated(u64::MAX, 99).as_str(), "t-ffffffffffffffff");
    }

    #[test]
    fn only_plain_names_are_ids() {
        for good in ["t-1a2b", "nightly_build", "A1", "7"] {
            assert_eq!(TaskId::parse(good).map(|i| i.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "-x", "_x", "a/b", "../x", "a.b", "a b", "é", "a\0", "a\n", &"x".repeat(65)] {
            assert!(TaskId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
