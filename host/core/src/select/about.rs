//! Reads what a clause is about from the words behind its verb. Weighs nothing.

use super::clause::{Clause, for_docs, is_joint, subordinator};
use super::lexicon::{self, Form, is_error_name};
use super::reading::{Kind, Token};
use super::weights;
use super::words::{Act, Class, DETERMINERS, FAILURE_NOUNS, FINITE, NEGATED, PREDICATES, PREPOSITIONS, PRONOUNS};

/// A trifle is one wherever it stands in an order.
const TRIFLE_SCALE: i32 = 80;
/// How many words of a piece of code are looked at.
const CODE_WORDS: usize = 12;

/// How much the words of a group count, in percent, by where the group stands.
mod place {
    pub(super) const FIRST: i32 = 100;
    /// "The introduction of the handbook", when the first word says nothing.
    pub(super) const OF: i32 = 80;
    /// Without a first group, or behind an "and".
    pub(super) const SECOND: i32 = 60;
    /// Behind a first group that said nothing.
    pub(super) const AFTER_UNKNOWN: i32 = 50;
    /// Behind one that said what it is.
    pub(super) const LATER: i32 = 35;
}

/// Points for failure, in percent, by how a statement says that something is not so.
mod denial {
    /// "Doesn't", "cannot".
    pub(super) const VERB: i32 = 80;
    /// "Returns no results".
    pub(super) const NONE: i32 = 50;
    pub(super) const NOT: i32 = 35;
    /// "When I press save twice": not a denial, but the way in which failures are told.
    pub(super) const OCCASION: i32 = 25;
}

/// Below this, in percent, a clause has not yet said what it is about.
const UNSAID: i32 = 30;

/// Reads what a clause is about: the last noun of a group counts most, the first group before later ones. All of it
/// counts by `share`, in percent.
pub(super) fn read(clause: &mut Clause, tokens: &[Token], share: i32) {
    clause.refers_back |= tokens.is_empty() || tokens.iter().take(3).any(|t| PRONOUNS.contains(&t.text.as_str()));
    let statement = matches!(clause.act, Act::State | Act::Fact | Act::Should);
    let mut scan = Scan { clause, tokens, share, statement, group: Vec::new(), scale: place::FIRST, subordinate: 100 };
    let mut at = 0;
    while at < tokens.len() {
        at += scan.phrase(at).unwrap_or_else(|| scan.word(at));
    }
    scan.close();
    if clause.act == Act::Write && for_docs(tokens) {
        clause.note(Class::Docs, 70, "in a document");
    }
}

/// Reading in progress.
struct Scan<'a> {
    clause: &'a mut Clause,
    tokens: &'a [Token],
    share: i32,
    /// The clause states something.
    statement: bool,
    /// The words since the last preposition or the like: where each starts, and how many tokens it takes.
    group: Vec<(usize, usize)>,
    /// What the group counts, by its place.
    scale: i32,
    /// What it counts, by the part of the sentence.
    subordinate: i32,
}

impl Scan<'_> {
    fn worth(&self, percent: i32) -> i32 {
        percent * self.scale / 100 * self.subordinate / 100 * self.share / 100
    }

    /// Reads a noun phrase that starts here, and says how many tokens it takes.
    fn phrase(&mut self, at: usize) -> Option<usize> {
        let ((class, strength), len) = lexicon::noun_phrase(&self.tokens[at..])?;
        self.group.push((at, len));
        let next = self.tokens.get(at + len);
        let last = next.is_none_or(|t| ends_group(t) || says(t).is_empty());
        let strength = if last || is_adjective(class) { strength } else { strength / 2 };
        let words: Vec<_> = self.tokens[at..at + len].iter().map(|t| t.text.as_str()).collect();
        let worth = self.worth(strength);
        self.clause.note(class, worth, &words.join(" "));
        Some(len)
    }

    /// Reads one token.
    fn word(&mut self, at: usize) -> usize {
        let token = &self.tokens[at];
        let text = token.text.as_str();
        let word = token.kind == Kind::Word;
        let participle = at > 0 && !self.group.is_empty() && matches!(token.known.verb, Some((_, Form::Ing)));
        if let Some(percent) = subordinator(text).filter(|_| word) {
            self.subordinate_part(text, percent);
        } else if self.denies(at) {
            self.close();
            self.failure(denial::VERB, text);
        } else if text == "no" && at > 0 && self.clause.act == Act::Fact {
            self.failure(denial::NONE, text);
            self.close();
        } else if self.statement && word && ends_subject(token) {
            self.close();
            self.scale = place::FIRST;
            self.group.push((at, 1));
        } else if word && FINITE.contains(&text) {
            self.close();
            let scale = if self.statement { place::FIRST } else { self.scale };
            self.scale = place::FIRST;
            self.group.push((at, 1));
            self.close();
            self.scale = scale;
        } else if ends_group(token) || participle {
            self.boundary(at);
            if participle && !ends_group(token) {
                self.group.push((at, 1));
            }
        } else if !is_weak(text) {
            self.group.push((at, 1));
        }
        1
    }

    fn subordinate_part(&mut self, text: &str, percent: i32) {
        self.close();
        let not = self.statement && text == "not";
        if not {
            self.failure(denial::NOT, text);
        } else {
            self.subordinate = self.subordinate.min(percent);
        }
        let occasion = matches!(text, "when" | "whenever" | "after" | "since" | "if");
        if self.statement && occasion && self.clause.words > 3 {
            self.failure(denial::OCCASION, text);
        }
    }

    /// Whether a token says that something does not work.
    fn denies(&self, at: usize) -> bool {
        let told = self.statement || weights::PROBING.contains(&self.clause.act);
        told && self.subordinate == 100 && NEGATED.contains(&self.tokens[at].text.as_str())
    }

    fn failure(&mut self, percent: i32, word: &str) {
        self.clause.note(Class::Failure, percent * self.share / 100, word);
    }

    /// Ends the group before a token, and weighs the next by what the token is.
    fn boundary(&mut self, at: usize) {
        let token = &self.tokens[at];
        let text = token.text.as_str();
        let named = self.close();
        let unsaid = self.clause.about.iter().all(|s| *s < UNSAID);
        self.scale = if is_joint(token) || token.kind == Kind::Comma {
            self.scale.min(place::SECOND)
        } else if text == "to" && matches!(self.clause.act, Act::Move | Act::Convert) {
            self.scale
        } else if text == "of" && named && unsaid {
            place::OF
        } else if named && unsaid && self.scale == place::FIRST {
            place::AFTER_UNKNOWN
        } else if named || self.scale < place::FIRST {
            self.scale.min(place::LATER)
        } else if at > 0 && PREPOSITIONS.contains(&text) {
            place::SECOND
        } else {
            self.scale
        };
    }

    /// Counts the words of the group, and says whether there were any.
    fn close(&mut self) -> bool {
        let members = std::mem::take(&mut self.group);
        let Some((last, _)) = members.last().copied() else { return false };
        let head = says(&self.tokens[last]);
        for (at, _) in members.into_iter().filter(|(_, len)| *len == 1) {
            let token = &self.tokens[at];
            for (class, strength) in says(token) {
                let part = if at == last { 100 } else { self.modifier(class, &token.text, &head) };
                let mut worth = self.worth(strength * part / 100);
                if class == Class::Trifle && self.clause.order {
                    worth = worth.max(strength * part / 100 * TRIFLE_SCALE / 100 * self.share / 100);
                }
                self.clause.note(class, worth, &token.text);
            }
        }
        true
    }

    /// What a word before the last of its group counts, in percent: a failing test fails, but a test page is a page.
    fn modifier(&self, class: Class, text: &str, head: &[(Class, i32)]) -> i32 {
        let adjective = match class {
            Class::Failure => !FAILURE_NOUNS.contains(&text),
            Class::Looks | Class::Shape | Class::Slow | Class::Trifle => true,
            Class::Docs => matches!(text, "readme" | "changelog" | "contributing"),
            Class::Test => matches!(text, "mock" | "fake" | "stub"),
            _ => false,
        };
        let small = head.iter().any(|(c, _)| *c == Class::Small) && matches!(class, Class::Docs | Class::Test);
        let known = head.iter().any(|(_, s)| *s >= 70);
        match (adjective, self.clause.act, known) {
            (true, ..) => 90,
            (_, Act::Make, _) => 80,
            _ if small => 70,
            (_, _, true) => 30,
            (_, _, false) => 60,
        }
    }
}

fn is_adjective(class: Class) -> bool {
    matches!(class, Class::Failure | Class::Looks | Class::Shape)
}

/// Whether a word of a statement is its verb.
pub(super) fn ends_subject(token: &Token) -> bool {
    PREDICATES.contains(&token.text.as_str())
        || matches!(token.known.verb, Some((_, Form::Other))) && token.known.nouns.is_empty()
}

fn is_weak(text: &str) -> bool {
    DETERMINERS.contains(&text) && text != "missing" || PRONOUNS.contains(&text)
}

fn ends_group(token: &Token) -> bool {
    let text = token.text.as_str();
    token.kind == Kind::Comma
        || is_joint(token)
        || token.kind == Kind::Word
            && (PREPOSITIONS.contains(&text) || FINITE.contains(&text) || subordinator(text).is_some())
}

/// What an identifier is about: a version, an error's name, or a little of what its words say.
fn code(token: &Token) -> Vec<(Class, i32)> {
    let text = token.text.as_str();
    let numbers = text
        .trim_start_matches(['v', '^', '~'])
        .split('.')
        .take_while(|p| p.starts_with(|c: char| c.is_ascii_digit()))
        .count();
    if numbers >= 3 {
        return vec![(Class::Trifle, 60)];
    }
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).take(CODE_WORDS);
    if words.clone().count() != 1 && words.clone().any(is_error_name)
        || text.contains(' ') && words.clone().any(|w| w == "error")
    {
        return vec![(Class::Failure, 90)];
    }
    token.known.nouns.iter().map(|(c, s)| (*c, s / 3)).collect()
}

/// What a token is about.
pub(super) fn says(token: &Token) -> Vec<(Class, i32)> {
    match token.kind {
        Kind::Word => token.known.nouns.to_vec(),
        Kind::Path => lexicon::path_class(&token.text).into_iter().collect(),
        Kind::Quoted => token.known.nouns.iter().map(|(c, s)| (*c, s / 6)).collect(),
        Kind::Code => code(token),
        Kind::Comma => Vec::new(),
    }
}
