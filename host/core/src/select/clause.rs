//! Takes sentences apart into clauses: what each asks for, and what about. Weighs nothing.

use super::about;
use super::lexicon::{self, Form};
use super::reading::{Kind, Reading, Sentence, Token};
use super::weights;
use super::words::{
    Act, Class, DETERMINERS, FINITE, MODALS, NEGATED, OPERATIONS, PREFIXES, PREPOSITIONS, PRONOUNS, QUESTIONS, SKIPPED,
    SUBORDINATORS, Section,
};

/// How many classes of objects there are.
pub(super) const CLASSES: usize = 12;
/// How many tokens are searched for the verb of a clause that begins with a place.
const PLACE_TOKENS: usize = 8;
/// How many tokens behind a first word may make it a subject.
const SUBJECT_TOKENS: usize = 5;
/// How soon behind an order to look "why" must stand.
const WHY_TOKENS: usize = 3;

/// One clause.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    /// What it asks for.
    pub(super) act: Act,
    /// It gives an order.
    pub(super) order: bool,
    /// The word or words that say so.
    pub(super) verb: String,
    /// How surely it is about each class, in percent.
    pub(super) about: [i32; CLASSES],
    /// The words that say so.
    pub(super) objects: [String; CLASSES],
    /// Its object is a pronoun, or missing.
    pub(super) refers_back: bool,
    pub(super) section: Section,
    pub(super) bullet: bool,
    /// It only names files: where, not what.
    pub(super) place: bool,
    /// Somebody asks for it in so many words: "please", "I want you to".
    pub(super) explicit: bool,
    /// How many words it has.
    pub(super) words: usize,
    /// Forbids something.
    pub(super) negative: bool,
}

impl Clause {
    /// How surely it is about a class, in percent.
    pub(super) fn about(&self, class: Class) -> i32 {
        self.about[class as usize]
    }

    pub(super) fn note(&mut self, class: Class, strength: i32, word: &str) {
        let slot = class as usize;
        if strength > self.about[slot] {
            self.about[slot] = strength;
            word.clone_into(&mut self.objects[slot]);
        }
    }
}

/// All clauses of a prompt, in order.
pub(super) fn clauses(reading: &Reading) -> Vec<Clause> {
    let mut clauses = Vec::new();
    for sentence in &reading.sentences {
        if !is_protocol(sentence) {
            sentence_clauses(sentence, &mut clauses);
        }
    }
    clauses
}

/// Sentences about how to report progress say nothing of the work.
fn is_protocol(sentence: &Sentence) -> bool {
    let has = |word: &str| sentence.tokens.iter().any(|t| t.text == word);
    let asks =
        ["emit", "print", "line", "lines", "marker", "markers", "progress", "output", "report"].iter().any(|w| has(w));
    let role = sentence.tokens.first().is_some_and(|t| t.text == "you" || t.text == "you're")
        && sentence.tokens.get(1).is_some_and(|t| matches!(t.text.as_str(), "are" | "a" | "an" | "work" | "have"))
        && !sentence.tokens.iter().take(4).any(|t| t.text == "to");
    (has("milestone") || has("milestones")) && asks || has("no_changes_needed") || role
}

fn sentence_clauses(sentence: &Sentence, clauses: &mut Vec<Clause>) {
    let first = clauses.len();
    for (piece, joint) in pieces(&sentence.tokens) {
        let leading = clauses.len() == first;
        if leading
            && matches!(piece[0].text.as_str(), "as" | "act" | "acting")
            && piece.len() < 12
            && sentence.tokens.len() > piece.len()
        {
            continue;
        }
        let last = piece.as_ptr_range().end == sentence.tokens.as_ptr_range().end;
        let head = recognize(piece, leading, sentence.question && last);
        let told = joint && clauses.last().is_some_and(|c| !c.order) && !asks_expressly(piece);
        if !leading
            && (told || matches!(&head, Some(Head { act: Act::State | Act::Fact, .. })))
            && let Some(last) = clauses.last_mut()
        {
            continue_clause(last, piece);
            continue;
        }
        let Some(head) = head else { continue };
        let mut clause = Clause {
            act: head.act,
            order: head.order,
            verb: piece[head.verb_at..head.object_at].iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" "),
            about: [0; CLASSES],
            objects: Default::default(),
            refers_back: false,
            section: sentence.section,
            bullet: sentence.bullet,
            place: piece.iter().all(|t| t.kind == Kind::Path),
            explicit: asks_expressly(piece),
            words: piece.iter().filter(|t| t.kind != Kind::Comma).count(),
            negative: head.negative,
        };
        about::read(&mut clause, &piece[head.object_at..], 100);
        let proves = matches!(
            clause.verb.as_str(),
            "verify" | "check" | "validate" | "confirm" | "ensure" | "prove" | "make sure"
        );
        if clauses.is_empty() && proves && clause.about(Class::Test) >= 30 && clause.about(Class::Docs) == 0 {
            clause.act = Act::Test;
        }
        clauses.push(clause);
    }
}

/// Further items of a list, or a remark behind a comma.
fn continue_clause(clause: &mut Clause, piece: &[Token]) {
    let mut aside = clause.clone();
    aside.about = [0; CLASSES];
    about::read(&mut aside, piece, if clause.order { 40 } else { 80 });
    for slot in 0..CLASSES {
        if aside.about[slot] > clause.about[slot] {
            clause.about[slot] = aside.about[slot];
            clause.objects[slot] = std::mem::take(&mut aside.objects[slot]);
        }
    }
}

/// Cuts a sentence at commas, and at "and" before another order. Whether each stands behind an "and".
fn pieces(tokens: &[Token]) -> Vec<(&[Token], bool)> {
    let mut pieces = Vec::new();
    let mut joint = false;
    let mut start = 0;
    for at in 0..tokens.len() {
        let cut = tokens[at].kind == Kind::Comma
            || at > start && is_joint(&tokens[at]) && starts_order(&tokens[at + 1..]) && !in_phrase(tokens, at)
            || at > start && tokens[at].text == "then";
        if cut {
            if at > start {
                pieces.push((&tokens[start..at], joint));
            }
            joint = tokens[at].kind != Kind::Comma;
            start = at + 1;
        }
    }
    if start < tokens.len() {
        pieces.push((&tokens[start..], joint));
    }
    pieces
}

/// Whether an "and" belongs to a name: "drag and drop".
fn in_phrase(tokens: &[Token], at: usize) -> bool {
    (at.saturating_sub(2)..at).any(|from| lexicon::noun_phrase(&tokens[from..]).is_some_and(|(_, len)| from + len > at))
}

pub(super) fn is_joint(token: &Token) -> bool {
    token.kind == Kind::Word && matches!(token.text.as_str(), "and" | "then" | "or" | "but" | "&" | "plus")
}

fn starts_order(tokens: &[Token]) -> bool {
    let tokens = &tokens[skip_prefix(tokens)..];
    let Some(first) = tokens.first().filter(|t| t.kind == Kind::Word) else { return false };
    let Some((_, Form::Base)) = first.known.verb else { return false };
    let points = tokens.get(1).is_none_or(|t| t.kind != Kind::Word || DETERMINERS.contains(&t.text.as_str()));
    points && tokens.len() > 1 || first.known.nouns.is_empty() || lexicon::verb_phrase(tokens).is_some()
}

struct Head {
    act: Act,
    order: bool,
    negative: bool,
    verb_at: usize,
    object_at: usize,
}

fn skip_prefix(tokens: &[Token]) -> usize {
    let mut at = 0;
    loop {
        let rest = &tokens[at..];
        let prefix = PREFIXES.iter().filter(|p| starts_with(rest, p)).map(|p| p.len()).max();
        let word = rest.first().is_some_and(|t| t.kind == Kind::Word && SKIPPED.contains(&t.text.as_str()));
        match (prefix, word) {
            (Some(len), _) if len < rest.len() => at += len,
            (None, true) if rest.len() > 1 => at += 1,
            _ => return at,
        }
    }
}

fn starts_with(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len() >= words.len() && words.iter().zip(tokens).all(|(w, t)| t.kind == Kind::Word && t.text == *w)
}

/// What a clause asks for. None: nothing that matters.
fn recognize(piece: &[Token], leading: bool, question: bool) -> Option<Head> {
    let at = skip_prefix(piece);
    let rest = &piece[at..];
    let first = rest.first()?;
    let word = if first.kind == Kind::Word { first.text.as_str() } else { "" };
    let head = |act, verb_at: usize, object_at: usize| Head { act, order: true, negative: false, verb_at, object_at };
    let asked = |act, object_at: usize| Head { act, order: false, negative: false, verb_at: at, object_at };
    if matches!(word, "getting" | "seeing") && leading {
        return Some(asked(Act::State, at + 1));
    }
    if matches!(word, "don't" | "never" | "not" | "no" | "without" | "dont") || starts_with(rest, &["do", "not"]) {
        let negative = word != "no" && word != "not" && word != "never" || !leading;
        return Some(Head { negative, order: false, ..head(if negative { Act::Chore } else { Act::State }, at, at) });
    }
    if word == "why" || rest.len() > 2 && starts_with(&rest[1..], &["idea", "why"]) {
        return Some(asked(Act::Why, at + 1));
    }
    if !is_subject(rest) {
        if let Some((act, len)) = lexicon::verb_phrase(rest).or_else(|| parted_phrase(rest)) {
            return Some(head(why(act, &rest[len..]), at, at + len));
        }
        if let Some((act, form)) = first.known.verb.filter(|_| first.kind == Kind::Word)
            && (form == Form::Base || form == Form::Ing && leading && rest.len() > 1)
        {
            let act = if act == Act::Ask && for_docs(rest) { Act::Document } else { why(act, &rest[1..]) };
            return Some(head(act, at, at + 1));
        }
    }
    let asks = QUESTIONS.contains(&word) && (leading || question) || question && leading;
    if asks && (question || word != "any") {
        return Some(asked(Act::Question, at + usize::from(QUESTIONS.contains(&word))));
    }
    if PREPOSITIONS.contains(&word)
        && let Some(verb_at) = order_behind_place(rest)
        && let Some((act, _)) = rest[verb_at].known.verb
    {
        return Some(head(act, at + verb_at, at + verb_at + 1));
    }
    if matches!(word, "i" | "we" | "users" | "people" | "customers" | "i'd" | "it")
        && let Some(wish) =
            rest.iter().take(4).position(|t| matches!(t.text.as_str(), "want" | "need" | "wants" | "like" | "wish"))
    {
        return Some(asked(Act::Want, at + wish + 1));
    }
    let modal = rest.iter().take(14).any(|t| t.kind == Kind::Word && MODALS.contains(&t.text.as_str()));
    let act = match (modal, states(rest)) {
        (true, _) => Act::Should,
        (false, true) => Act::Fact,
        (false, false) => Act::State,
    };
    Some(asked(act, at))
}

/// Whether a clause has a verb of its own, as a title has not.
fn states(tokens: &[Token]) -> bool {
    let mut placed = false;
    for (at, token) in tokens.iter().enumerate() {
        let text = token.text.as_str();
        if token.kind == Kind::Word
            && subordinator(text).is_some()
            && at > 0
            && !NEGATED.contains(&text)
            && text != "not"
        {
            return false;
        }
        if at > 0 && token.kind == Kind::Word {
            let plain = FINITE.contains(&text) && !text.ends_with("ing") || NEGATED.contains(&text);
            if plain || about::ends_subject(token) && !placed {
                return true;
            }
        }
        placed |= token.kind == Kind::Comma || PREPOSITIONS.contains(&text);
    }
    false
}

/// With which percentage words count behind one that begins a subordinate part.
pub(super) fn subordinator(text: &str) -> Option<i32> {
    SUBORDINATORS.iter().find(|(word, _)| *word == text).map(|(_, percent)| *percent)
}

/// "Find out why": an order that looks for a cause.
fn why(act: Act, rest: &[Token]) -> Act {
    let probing = weights::PROBING.contains(&act);
    if probing && rest.iter().take(WHY_TOKENS).any(|t| t.text == "why") { Act::Why } else { act }
}

/// A verb phrase around a pronoun: "sort it out".
fn parted_phrase(rest: &[Token]) -> Option<(Act, usize)> {
    let [first, second, third, ..] = rest else { return None };
    if !PRONOUNS.contains(&second.text.as_str()) {
        return None;
    }
    let (act, len) = lexicon::verb_phrase(&[first.clone(), third.clone()])?;
    (len == 2).then_some((act, 3))
}

/// Whether what is to be explained goes into a document: "explain the setup in CONTRIBUTING.md".
pub(super) fn for_docs(rest: &[Token]) -> bool {
    (1..rest.len()).any(|at| {
        let docs = about::says(&rest[at]).iter().any(|(c, s)| *c == Class::Docs && *s >= 50);
        let into =
            rest[at.saturating_sub(3)..at].iter().any(|t| matches!(t.text.as_str(), "in" | "to" | "into" | "for"));
        docs && into
    })
}

/// "please", "can you", "I want you to".
fn asks_expressly(piece: &[Token]) -> bool {
    piece.iter().take(2).any(|t| t.text == "please" || t.text == "pls")
        || PREFIXES
            .iter()
            .any(|p| (p.contains(&"you") || p.contains(&"your") || p.contains(&"task")) && starts_with(piece, p))
}

/// Whether the first word is the subject of a statement, or a name: "build fails", "support for X".
fn is_subject(rest: &[Token]) -> bool {
    let Some(second) = rest.get(1) else { return false };
    let first = rest[0].text.as_str();
    let noun = !rest[0].known.nouns.is_empty()
        || matches!(first, "search" | "update" | "change" | "design" | "list" | "order");
    let names = matches!(second.text.as_str(), "for" | "of" | "between");
    if names && noun {
        return true;
    }
    for (at, token) in rest.iter().enumerate().skip(1).take(SUBJECT_TOKENS) {
        let text = token.text.as_str();
        if token.kind == Kind::Comma || subordinator(text).is_some() && text != "not" {
            return false;
        }
        if token.kind != Kind::Word {
            continue;
        }
        if OPERATIONS.contains(&first) && matches!(text, "error" | "errors" | "crash" | "bug" | "exception" | "failure")
        {
            return rest.get(at + 1).is_none_or(|t| t.known.nouns.is_empty());
        }
        if FINITE.contains(&text) {
            return !(text == "failing" || text == "failed" || text == "broken" || text == "times");
        }
        if DETERMINERS.contains(&text) || PREPOSITIONS.contains(&text) || is_joint(token) {
            return false;
        }
    }
    false
}

/// The order in "in config.yml set replicas to 3".
fn order_behind_place(rest: &[Token]) -> Option<usize> {
    (2..rest.len().min(PLACE_TOKENS)).find(|at| {
        rest[*at].kind == Kind::Word
            && rest[at - 1].kind != Kind::Word
            && matches!(rest[*at].known.verb, Some((_, Form::Base)))
    })
}
