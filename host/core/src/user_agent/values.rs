//! Values that whole agents and forks share: names, arguments, variables, scores, prices. Must not know where in a file
//! they stand.

use std::collections::BTreeMap;

use crate::agent::{Category, Tier};

use super::name_problem;
use super::reader::{Found, Section, integer};

/// Longest argument, in bytes.
const MAX_ARG_BYTES: usize = 16 * 1024;
/// Most arguments in one list.
const MAX_ARGS: usize = 256;
/// Most names in one list.
const MAX_NAMES: usize = 64;
/// Longest text of one line, in bytes.
const MAX_LINE_BYTES: usize = 256;
/// Longest name of a variable, in bytes.
const MAX_ENV_NAME_BYTES: usize = 128;
/// How the policy for plans refers to a plan's own files.
const FILE_REFERENCE: &str = "{file:";
/// The highest score.
const MAX_SCORE: i64 = 10;

pub(super) const TIERS: [(&str, Tier); 4] =
    [("free", Tier::Free), ("cheap", Tier::Cheap), ("standard", Tier::Standard), ("premium", Tier::Premium)];

pub(super) const CATEGORIES: [(&str, Category); 8] = [
    ("research", Category::Research),
    ("simple-edit", Category::SimpleEdit),
    ("complex-impl", Category::ComplexImpl),
    ("frontend", Category::Frontend),
    ("debugging", Category::Debugging),
    ("testing", Category::Testing),
    ("refactoring", Category::Refactoring),
    ("documentation", Category::Documentation),
];

pub(super) fn id(section: &Section<'_, '_>, builtin: &[&str]) -> Option<String> {
    let Some(id) = section.text("id") else {
        if !section.has("id") {
            section.missing("id", "the name that commands know it by");
        }
        return None;
    };
    match name_problem(&id.value, builtin) {
        None => Some(id.value),
        Some(problem) => {
            section.problem(id.at, problem);
            None
        }
    }
}

/// A text of one line.
pub(super) fn line(section: &Section<'_, '_>, key: &'static str) -> Option<String> {
    section.text(key).and_then(|found| checked_line(section, key, found))
}

pub(super) fn checked_line(section: &Section<'_, '_>, key: &str, found: Found<String>) -> Option<String> {
    let problem = if found.value.trim().is_empty() {
        "is empty".to_owned()
    } else if found.value.len() > MAX_LINE_BYTES {
        format!("has {} bytes; at most {MAX_LINE_BYTES}", found.value.len())
    } else if found.value.chars().any(char::is_control) {
        "has a control character".to_owned()
    } else {
        return Some(found.value);
    };
    section.problem(found.at, format!("`{key}` {problem}"));
    None
}

/// Arguments as they go to a program.
pub(super) fn args(section: &Section<'_, '_>, key: &'static str) -> Option<Vec<String>> {
    let found = section.texts(key)?;
    if found.len() > MAX_ARGS {
        section.problem(found[MAX_ARGS].at, format!("`{key}` has {} entries; at most {MAX_ARGS}", found.len()));
        return None;
    }
    let argument = |arg: &Found<String>| {
        let problem = argument_problem(&arg.value)?;
        section.problem(arg.at, format!("an argument in `{key}` {problem}"));
        Some(())
    };
    if found.iter().filter_map(argument).count() > 0 {
        return None;
    }
    Some(found.into_iter().map(|arg| arg.value).collect())
}

/// Why a text cannot be an argument.
pub(super) fn argument_problem(text: &str) -> Option<String> {
    if text.contains('\0') {
        Some("has a NUL".to_owned())
    } else if text.len() > MAX_ARG_BYTES {
        Some(format!("has {} bytes; at most {MAX_ARG_BYTES}", text.len()))
    } else if text.contains(FILE_REFERENCE) {
        Some(format!("has {FILE_REFERENCE:?} in it, which stands for a file of the plan"))
    } else {
        None
    }
}

/// A flag: it begins with a dash and is one word.
pub(super) fn flag(section: &Section<'_, '_>, key: &'static str) -> Option<Found<String>> {
    let found = section.text(key)?;
    let is_flag = found.value.starts_with('-')
        && found.value.trim_matches('-').len() > usize::from(found.value.ends_with('='))
        && found.value.len() <= MAX_LINE_BYTES
        && !found.value.contains(|c: char| c.is_whitespace() || c.is_control())
        && argument_problem(&found.value).is_none();
    if is_flag {
        return Some(found);
    }
    section.problem(found.at, format!("`{key}` must be one flag, such as \"--model\" or \"--model=\""));
    None
}

/// Names of variables.
pub(super) fn env_names(section: &Section<'_, '_>, key: &'static str) -> Vec<String> {
    let found = section.texts(key).unwrap_or_default();
    if found.len() > MAX_NAMES {
        section.problem(found[MAX_NAMES].at, format!("`{key}` has {} names; at most {MAX_NAMES}", found.len()));
    }
    for name in &found {
        if !is_env_name(&name.value) {
            let message = format!("{:?} is no name of a variable; a name is meant, never a value", name.value);
            section.problem(name.at, message);
        }
    }
    unique(found.into_iter().map(|name| name.value))
}

pub(super) fn unique(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        if !kept.contains(&name) {
            kept.push(name);
        }
    }
    kept
}

pub(super) fn is_env_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && bytes.len() <= MAX_ENV_NAME_BYTES
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// Scores by kind of work.
pub(super) fn scores(section: &Section<'_, '_>) -> BTreeMap<Category, u8> {
    let mut scores = BTreeMap::new();
    for (name, value) in section.pairs("scores") {
        let category = section.choose("scores", &name, &CATEGORIES);
        let score = integer(value.get_ref()).filter(|score| (0..=MAX_SCORE).contains(score));
        let Some(score) = score.and_then(|score| u8::try_from(score).ok()) else {
            section.problem(value.span().start, format!("a score is a whole number from 0 to {MAX_SCORE}"));
            continue;
        };
        scores.extend(category.map(|category| (category, score)));
    }
    scores
}
