//! Reads a TOML document for its reader and its problems at once: each value is asked for by key and type, whatever is
//! wrong is kept with its place, and a key that nobody asked for is unknown. Must not know what a document is about.

use std::cell::RefCell;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::{ConfigError, place};
use crate::suggest::did_you_mean;

/// A document and what is wrong with it so far.
pub(super) struct Document<'t> {
    text: &'t str,
    problems: RefCell<Vec<ConfigError>>,
}

impl<'t> Document<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, problems: RefCell::default() }
    }

    /// What is no TOML is said first: the rest of such a document is read as far as it goes.
    pub(super) fn parse(&self) -> Spanned<DeTable<'t>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            self.problem(error.span().map_or(0, |span| span.start), error.message().trim());
        }
        table
    }

    pub(super) fn problem(&self, at: usize, message: impl Into<String>) {
        let (line, column) = place(self.text, at);
        self.problems.borrow_mut().push(ConfigError { line, column, message: message.into() });
    }

    /// Everything that is wrong, from top to bottom.
    pub(super) fn into_problems(self) -> Vec<ConfigError> {
        let mut problems = self.problems.into_inner();
        problems.sort_by(|a, b| (a.line, a.column, &a.message).cmp(&(b.line, b.column, &b.message)));
        problems.dedup();
        problems
    }
}

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) at: usize,
}

/// A table of the document. When it is let go, its keys that nobody asked for are problems.
pub(super) struct Section<'d, 't> {
    document: &'d Document<'t>,
    table: &'d DeTable<'t>,
    /// As people write it: `[agent.output]`.
    name: String,
    pub(super) at: usize,
    asked: RefCell<Vec<&'static str>>,
}

impl<'d, 't> Section<'d, 't> {
    pub(super) fn root(document: &'d Document<'t>, table: &'d DeTable<'t>) -> Self {
        Self { document, table, name: String::new(), at: 0, asked: RefCell::default() }
    }

    pub(super) fn problem(&self, at: usize, message: impl Into<String>) {
        self.document.problem(at, message);
    }

    /// Says that something is needed here and is not there.
    pub(super) fn missing(&self, key: &str, why: &str) {
        self.problem(self.at, format!("{} needs `{key}`: {why}", self.place()));
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn text(&self, key: &'static str) -> Option<Found<String>> {
        self.value(key, "a text", |value| value.as_str().map(str::to_owned))
    }

    pub(super) fn flag(&self, key: &'static str) -> Option<Found<bool>> {
        self.value(key, "true or false", DeValue::as_bool)
    }

    pub(super) fn number(&self, key: &'static str) -> Option<Found<f64>> {
        self.value(key, "a number", |value| match value {
            DeValue::Float(float) => float.as_str().parse().ok(),
            #[expect(clippy::cast_precision_loss, reason = "prices are small")]
            other => integer(other).map(|whole| whole as f64),
        })
    }

    pub(super) fn texts(&self, key: &'static str) -> Option<Vec<Found<String>>> {
        let list = self.raw(key)?;
        let Some(elements) = list.get_ref().as_array() else {
            self.wrong(list, key, "a list of texts");
            return None;
        };
        let text = |element: &Spanned<DeValue<'t>>| {
            let at = element.span().start;
            match element.get_ref().as_str() {
                Some(text) => Some(Found { value: text.to_owned(), at }),
                None => {
                    self.wrong(element, key, "a list of texts");
                    None
                }
            }
        };
        Some(elements.iter().filter_map(text).collect())
    }

    /// One of some words.
    pub(super) fn choice<T: Clone>(&self, key: &'static str, choices: &[(&str, T)]) -> Option<Found<T>> {
        let found = self.text(key)?;
        self.choose(key, &found, choices).map(|value| Found { value, at: found.at })
    }

    /// The meaning of a word that was found.
    pub(super) fn choose<T: Clone>(&self, key: &str, found: &Found<String>, choices: &[(&str, T)]) -> Option<T> {
        if let Some((_, value)) = choices.iter().find(|(word, _)| *word == found.value) {
            return Some(value.clone());
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let hint = meant(&found.value, &words);
        self.problem(found.at, format!("`{key}` cannot be {:?}; use {}{hint}", found.value, words.join(", ")));
        None
    }

    pub(super) fn section(&self, key: &'static str) -> Option<Section<'d, 't>> {
        let value = self.raw(key)?;
        match value.get_ref().as_table() {
            Some(table) => Some(self.inner(key, value.span().start, table)),
            None => {
                self.wrong(value, key, "a table");
                None
            }
        }
    }

    /// A list of tables: `[[agent.model]]`.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Section<'d, 't>> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        let Some(elements) = value.get_ref().as_array() else {
            self.wrong(value, key, "a list of tables");
            return Vec::new();
        };
        let section = |element: &'d Spanned<DeValue<'t>>| match element.get_ref().as_table() {
            Some(table) => Some(self.inner(key, element.span().start, table)),
            None => {
                self.wrong(element, key, "a list of tables");
                None
            }
        };
        elements.iter().filter_map(section).collect()
    }

    /// A table whose keys are the user's own words.
    pub(super) fn pairs(&self, key: &'static str) -> Vec<(Found<String>, &'d Spanned<DeValue<'t>>)> {
        let Some(value) = self.raw(key) else { return Vec::new() };
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(value, key, "a table");
            return Vec::new();
        };
        let pair = |(key, value): (&'d Spanned<_>, &'d Spanned<DeValue<'t>>)| {
            (Found { value: AsRef::<str>::as_ref(key.get_ref()).to_owned(), at: key.span().start }, value)
        };
        table.iter().map(pair).collect()
    }

    /// Such a table with texts in it.
    pub(super) fn text_pairs(&self, key: &'static str) -> Vec<(Found<String>, Found<String>)> {
        let text = |(name, value): (Found<String>, &Spanned<DeValue<'t>>)| match value.get_ref().as_str() {
            Some(text) => Some((name, Found { value: text.to_owned(), at: value.span().start })),
            None => {
                self.wrong(value, &name.value, "a text");
                None
            }
        };
        self.pairs(key).into_iter().filter_map(text).collect()
    }

    pub(super) fn wrong(&self, value: &Spanned<DeValue<'_>>, key: &str, wanted: &str) {
        let found = value.get_ref().type_str();
        self.problem(value.span().start, format!("`{key}` must be {wanted}, and is of the type {found}"));
    }

    fn inner(&self, key: &str, at: usize, table: &'d DeTable<'t>) -> Section<'d, 't> {
        let name = if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) };
        Section { document: self.document, table, name, at, asked: RefCell::default() }
    }

    fn value<T>(&self, key: &'static str, wanted: &str, read: impl Fn(&DeValue<'t>) -> Option<T>) -> Option<Found<T>> {
        let value = self.raw(key)?;
        match read(value.get_ref()) {
            Some(read) => Some(Found { value: read, at: value.span().start }),
            None => {
                self.wrong(value, key, wanted);
                None
            }
        }
    }

    fn raw(&self, key: &'static str) -> Option<&'d Spanned<DeValue<'t>>> {
        self.asked.borrow_mut().push(key);
        self.table.get(key)
    }

    fn place(&self) -> String {
        if self.name.is_empty() { "the file".to_owned() } else { format!("[{}]", self.name) }
    }
}

impl Drop for Section<'_, '_> {
    fn drop(&mut self) {
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            let name: &str = key.get_ref().as_ref();
            if asked.contains(&name) {
                continue;
            }
            let free: Vec<&str> = asked.iter().copied().filter(|known| !self.has(known)).collect();
            let hint = meant(name, &free);
            self.problem(key.span().start, format!("{} has no key `{name}`{hint}", self.place()));
        }
    }
}

/// An integer of any spelling.
pub(super) fn integer(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn meant(written: &str, words: &[&str]) -> String {
    did_you_mean(written, words).map(|word| format!("; did you mean `{word}`?")).unwrap_or_default()
}
