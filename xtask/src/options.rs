//! The words after a command. Must not know what any of them means.

use crate::Result;

/// Words that are still to be understood.
pub(crate) struct Options {
    words: Vec<String>,
}

impl Options {
    pub(crate) fn new(words: Vec<String>) -> Self {
        Self { words }
    }

    /// Takes a flag; true when it was there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() < before
    }

    /// Takes an option with its value, as `--name value` or `--name=value`.
    pub(crate) fn value(&mut self, name: &str) -> Result<Option<String>> {
        let joined = |word: &String| word.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')).map(str::to_owned);
        let Some(at) = self.words.iter().position(|word| word == name || joined(word).is_some()) else {
            return Ok(None);
        };
        if let Some(value) = joined(&self.words[at]) {
            self.words.remove(at);
            return Ok(Some(value));
        }
        if at + 1 == self.words.len() {
            return Err(format!("{name} needs a value").into());
        }
        self.words.remove(at);
        Ok(Some(self.words.remove(at)))
    }

    /// The end: nothing may be left.
    pub(crate) fn finish(&self) -> Result {
        match self.words.first() {
            None => Ok(()),
            Some(word) => Err(format!("{word:?} is not understood here; see `cargo xtask help`").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(words: &str) -> Options {
        Options::new(words.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn flags_and_values_are_taken_in_any_order() {
        let mut options = options("--quick --peer a=b --check --name=c=d");
        assert_eq!(options.value("--peer").expect("a value").as_deref(), Some("a=b"));
        assert_eq!(options.value("--name").expect("a value").as_deref(), Some("c=d"));
        assert_eq!(options.value("--other").expect("no error"), None);
        assert!(options.flag("--check") && options.flag("--quick") && !options.flag("--quick"));
        assert!(options.finish().is_ok());
    }

    #[test]
    fn what_is_left_is_an_error() {
        assert!(options("--pear a").finish().is_err());
        assert!(options("--peer").value("--peer").is_err());
    }
}
