//! Looks words up: verb forms and plurals, phrases, and what a path is about. The words themselves are in `words`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::reading::{Kind, Token};
use super::words::{Act, Class, NOUN_PHRASES, NOUNS, SCOPE, SIGNS, VERB_PHRASES, VERBS};
use crate::agent::Category;

/// The form a verb stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As an order has it.
    Base,
    /// With -ing.
    Ing,
    /// With -s or -ed.
    Other,
}

type Phrases<T> = HashMap<&'static str, Vec<(Vec<&'static str>, T)>>;

static VERB_INDEX: LazyLock<HashMap<&'static str, Act>> = LazyLock::new(|| {
    VERBS.iter().flat_map(|(act, words)| words.split_whitespace().map(move |word| (word, *act))).collect()
});
static NOUN_INDEX: LazyLock<HashMap<&'static str, Vec<(Class, i32)>>> = LazyLock::new(|| {
    let mut index: HashMap<_, Vec<_>> = HashMap::new();
    for (class, strength, words) in NOUNS {
        for word in words.split_whitespace() {
            index.entry(word).or_default().push((*class, *strength));
        }
    }
    index
});
static VERB_PHRASE_INDEX: LazyLock<Phrases<Act>> =
    LazyLock::new(|| phrases(VERB_PHRASES.iter().flat_map(|(act, list)| list.iter().map(|p| (*p, *act)))));
static NOUN_PHRASE_INDEX: LazyLock<Phrases<(Class, i32)>> =
    LazyLock::new(|| phrases(NOUN_PHRASES.iter().flat_map(|(c, s, list)| list.iter().map(|p| (*p, (*c, *s))))));
static SCOPE_INDEX: LazyLock<Phrases<(i32, &'static str)>> =
    LazyLock::new(|| phrases(SCOPE.iter().flat_map(|(delta, list)| list.iter().map(|p| (*p, (*delta, *p))))));
static SIGN_INDEX: LazyLock<Phrases<(Category, i32)>> =
    LazyLock::new(|| phrases(SIGNS.iter().flat_map(|(c, s, list)| list.iter().map(|p| (*p, (*c, *s))))));

fn phrases<T>(list: impl Iterator<Item = (&'static str, T)>) -> Phrases<T> {
    let mut index: Phrases<T> = HashMap::new();
    for (phrase, meaning) in list {
        let words: Vec<_> = phrase.split_whitespace().collect();
        if let Some(first) = words.first() {
            index.entry(first).or_default().push((words, meaning));
        }
    }
    for list in index.values_mut() {
        list.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    }
    index
}

/// What the tables know of a word.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// What it asks for as a verb, and in which form.
    pub(super) verb: Option<(Act, Form)>,
    /// What it is about as a noun or adjective, and how surely.
    pub(super) nouns: &'static [(Class, i32)],
    /// What it may be a form of, itself first.
    forms: Vec<String>,
}

impl Known {
    /// Looks a word up.
    pub(super) fn of(word: &str) -> Self {
        let forms = forms(word);
        Self { verb: verb(&forms), nouns: nouns(&forms), forms }
    }

    /// Whether it may be a form of a word.
    pub(super) fn is(&self, word: &str) -> bool {
        self.forms.iter().any(|form| form == word)
    }
}

fn verb(forms: &[String]) -> Option<(Act, Form)> {
    let (at, act) = forms.iter().enumerate().find_map(|(at, form)| Some((at, *VERB_INDEX.get(form.as_str())?)))?;
    let form = match at {
        0 => Form::Base,
        _ if forms[0].ends_with("ing") => Form::Ing,
        _ => Form::Other,
    };
    Some((act, form))
}

fn nouns(forms: &[String]) -> &'static [(Class, i32)] {
    if let Some(meanings) = NOUN_INDEX.get(forms[0].as_str()) {
        return meanings;
    }
    if is_error_name(&forms[0]) {
        return &[(Class::Failure, 100)];
    }
    forms.iter().find_map(|form| NOUN_INDEX.get(form.as_str())).map_or(&[], Vec::as_slice)
}

/// Whether a word is the name of an error: `typeerror`.
pub(super) fn is_error_name(word: &str) -> bool {
    word.len() > "exception".len() - 3 && (word.ends_with("error") || word.ends_with("exception"))
}

/// The verb phrase that starts a run of tokens, and how many it takes.
pub(super) fn verb_phrase(tokens: &[Token]) -> Option<(Act, usize)> {
    longest(&VERB_PHRASE_INDEX, tokens)
}

/// The noun phrase that starts a run of tokens, and how many it takes.
pub(super) fn noun_phrase(tokens: &[Token]) -> Option<((Class, i32), usize)> {
    longest(&NOUN_PHRASE_INDEX, tokens)
}

/// The sign that starts a run of tokens, and how many it takes.
pub(super) fn sign(tokens: &[Token]) -> Option<((Category, i32), usize)> {
    longest(&SIGN_INDEX, tokens)
}

/// The words about the size of a task that start a run of tokens, what they add, and how many tokens they take.
pub(super) fn scope(tokens: &[Token]) -> Option<((i32, &'static str), usize)> {
    longest(&SCOPE_INDEX, tokens)
}

fn longest<T: Copy>(index: &Phrases<T>, tokens: &[Token]) -> Option<(T, usize)> {
    let first = tokens.first().filter(|t| t.kind == Kind::Word)?;
    let candidates = first.known.forms.iter().filter_map(|form| index.get(form.as_str()));
    candidates.flatten().find_map(|(words, meaning)| {
        let same =
            words.len() <= tokens.len() && words.iter().zip(tokens).all(|(w, t)| t.kind == Kind::Word && t.known.is(w));
        same.then_some((*meaning, words.len()))
    })
}

/// A word, its British spelling, and it without a plural or verb ending.
fn forms(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    if let Some(at) = word.find("behavior") {
        forms.push(format!("{}behaviour{}", &word[..at], &word[at + "behavior".len()..]));
    }
    forms.extend(stems(word));
    forms
}

/// What may be left of a word without its ending. Not all of these are words; the tables decide.
fn stems(word: &str) -> Vec<String> {
    let mut stems = Vec::new();
    let mut push = |stem: &str, end: &str| {
        if stem.chars().count() >= 2 {
            stems.push(format!("{stem}{end}"));
        }
    };
    if let Some(stem) = word.strip_suffix("ies").or_else(|| word.strip_suffix("ied")) {
        push(stem, "y");
    }
    for ending in ["s", "es", "ed", "ing", "d"] {
        let Some(stem) = word.strip_suffix(ending) else { continue };
        if ending == "s" && stem.ends_with('s') {
            continue;
        }
        push(stem, "");
        if ending == "ing" || ending == "ed" {
            push(stem, "e");
            let mut chars = stem.chars().rev();
            if let (Some(last), Some(before)) = (chars.next(), chars.next())
                && last == before
            {
                push(&stem[..stem.len() - last.len_utf8()], "");
            }
        }
    }
    stems
}

/// What a path is about. Weaker than a word: it only says where.
pub(super) fn path_class(path: &str) -> Option<(Class, i32)> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let test_dir = path
        .split('/')
        .any(|part| matches!(part, "test" | "tests" | "__tests__" | "spec" | "specs" | "e2e" | "cypress"));
    let parts: Vec<&str> = stem.split(['_', '-', '.']).collect();
    let test_name = parts.iter().any(|p| matches!(*p, "test" | "tests" | "spec" | "bench"))
        || (stem.len() > 5
            && (stem.ends_with("test") || stem.ends_with("tests"))
            && matches!(extension, "java" | "kt" | "cs" | "php" | "swift"));
    if test_dir || test_name {
        return Some((Class::Test, 60));
    }
    let doc_name =
        ["readme", "changelog", "contributing", "architecture", "license", "faq", "security"].contains(&stem);
    let doc_dir = path.split('/').any(|part| matches!(part, "doc" | "docs" | "adr" | "wiki" | "documentation"));
    if doc_name || doc_dir || matches!(extension, "md" | "rst" | "adoc" | "mdx" | "tex") {
        return Some((Class::Docs, 60));
    }
    if name.starts_with('.') {
        return Some((Class::Small, 60));
    }
    match extension {
        "css" | "scss" | "sass" | "less" | "html" | "htm" | "tsx" | "jsx" | "vue" | "svelte" | "astro" => {
            Some((Class::Screen, 60))
        }
        "toml" | "json" | "yaml" | "yml" | "ini" | "cfg" | "conf" | "env" | "lock" | "properties" => {
            Some((Class::Small, 80))
        }
        _ => None,
    }
}
