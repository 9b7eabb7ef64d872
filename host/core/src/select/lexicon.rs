//! Looks words up: verb forms and plurals, phrases, and what a path is about. The words themselves are in `words`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::reading::{Kind, Token};
use super::words::{Act, Class, FRAMEWORKS, NOUN_PHRASES, NOUNS, SIGNS, VERB_PHRASES, VERBS};
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

/// What a verb asks for, and its form.
pub(super) fn verb(word: &str) -> Option<(Act, Form)> {
    if let Some(act) = VERB_INDEX.get(word) {
        return Some((*act, Form::Base));
    }
    let ing = word.ends_with("ing");
    stems(word)
        .iter()
        .find_map(|stem| VERB_INDEX.get(stem.as_str()))
        .map(|act| (*act, if ing { Form::Ing } else { Form::Other }))
}

/// What a noun or adjective is about, and how surely.
pub(super) fn noun(word: &str) -> &'static [(Class, i32)] {
    if let Some(meanings) = NOUN_INDEX.get(word) {
        return meanings;
    }
    if word.len() > 6 && (word.ends_with("error") || word.ends_with("exception")) {
        return &[(Class::Failure, 100)];
    }
    stems(word).iter().find_map(|stem| NOUN_INDEX.get(stem.as_str())).map_or(&[], Vec::as_slice)
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

fn longest<T: Copy>(index: &Phrases<T>, tokens: &[Token]) -> Option<(T, usize)> {
    let first = tokens.first().filter(|t| t.kind == Kind::Word)?;
    let candidates = forms(&first.text).into_iter().filter_map(|form| index.get(form.as_str()));
    candidates.flatten().find_map(|(words, meaning)| {
        let same = words.len() <= tokens.len()
            && words
                .iter()
                .zip(tokens)
                .all(|(w, t)| t.kind == Kind::Word && (t.text == *w || forms(&t.text).iter().any(|f| f == w)));
        same.then_some((*meaning, words.len()))
    })
}

/// Whether a run of tokens starts with a phrase, in any form of its words.
pub(super) fn is_phrase(tokens: &[Token], phrase: &str) -> bool {
    let mut tokens = tokens.iter();
    phrase.split(' ').all(|word| {
        tokens.next().is_some_and(|t| {
            t.kind == Kind::Word
                && (t.text == word || t.text.starts_with(&word[..1]) && forms(&t.text).iter().any(|form| form == word))
        })
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

/// Whether a name that looks like a file is a framework's.
pub(super) fn is_framework(chunk: &str) -> bool {
    FRAMEWORKS.contains(&chunk)
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
