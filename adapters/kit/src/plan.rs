//! Owns what the plans of all agents need: arguments, and values that can only be read as values. Must not know any
//! agent's flags.

use crate::{Arg, PlanError};

/// The longest model name, session id or directory that is passed on, in bytes.
pub const MAX_VALUE_BYTES: usize = 1024;

/// A command line that grows.
#[derive(Debug, Default)]
pub struct Arguments(Vec<Arg>);

impl Arguments {
    /// Adds texts as they are.
    pub fn add<'a>(&mut self, texts: impl IntoIterator<Item = impl AsRef<str> + 'a>) {
        self.0.extend(texts.into_iter().map(|text| Arg::Text(text.as_ref().to_owned())));
    }

    /// The arguments, as a plan has them.
    pub fn into_args(self) -> Vec<Arg> {
        self.0
    }
}

/// A value that can only be read as a value.
///
/// # Errors
/// [`PlanError::Invalid`] when it is empty, too long, begins with a dash or has a control character.
pub fn checked<'a>(what: &str, value: &'a str) -> Result<&'a str, PlanError> {
    let problem = if value.trim().is_empty() {
        "is empty"
    } else if value.len() > MAX_VALUE_BYTES {
        "is too long"
    } else if value.starts_with('-') {
        "begins with a dash"
    } else if value.chars().any(char::is_control) {
        "has a control character"
    } else {
        return Ok(value);
    };
    Err(PlanError::Invalid(format!("the {what} {problem}")))
}

#[cfg(test)]
mod tests {
    use super::{MAX_VALUE_BYTES, checked};

    #[test]
    fn what_could_be_read_as_something_else_is_no_value() {
        let long = "x".repeat(MAX_VALUE_BYTES + 1);
        for value in ["", " ", "-m", "--last", "a\nb", "a\0b", "a\u{1b}[31m", &long] {
            assert!(checked("model", value).is_err(), "{value:?}");
        }
        assert_eq!(checked("model", "a/b:c d"), Ok("a/b:c d"));
    }
}
