//! Which kind of work a prompt asks for. Finds the main request among the clauses, and weighs it by the tables.
//!
//! The rule: the verb of the main request and what it is applied to decide; everything else only tips the balance.
//! With nothing to go by: files alone are a small edit (one or two) or a larger change (more), else it is research,
//! which changes nothing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::clause::{Clause, clauses};
use super::lexicon::{self, Known};
use super::reading::{Kind, Reading, Token};
use super::weights::{self, BASE, PROBING, RESPONSE, share};
use super::words::{Act, Class, Section, label};
use crate::agent::Category;

/// All kinds of work, the more special before the more general: the order in which ties are decided.
const CATEGORIES: [Category; 8] = [
    Category::Debugging,
    Category::Testing,
    Category::Refactoring,
    Category::Documentation,
    Category::Frontend,
    Category::SimpleEdit,
    Category::ComplexImpl,
    Category::Research,
];
/// A prompt of at least this many characters is a brief.
const BRIEF_CHARS: usize = 400;
/// An order of at most this many characters is terse.
const TERSE_CHARS: usize = 60;
/// From this many files on, a change is no small one.
const MANY_FILES: usize = 3;
/// Points that a hint must have to be told.
const MIN_EVIDENCE: i32 = 5;
/// At most this many hints are told.
const MAX_EVIDENCE: usize = 12;

/// What a prompt asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Classification {
    /// The kind of work.
    pub category: Category,
    /// What that rests on, the strongest first. Empty when the prompt says nothing.
    pub evidence: Vec<Evidence>,
}

/// One hint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// The words, lower-cased.
    pub words: String,
    /// What they hint at.
    pub category: Category,
    /// How strongly, in hundredths of a clear hint.
    pub points: i32,
}

/// Tells which kind of work a prompt asks for. Reads at most [`super::MAX_READ_BYTES`] of it.
#[must_use]
pub fn classify(prompt: &str) -> Classification {
    let reading = Reading::of(prompt);
    let clauses = clauses(&reading);
    weigh(&reading, &clauses)
}

/// Points by category.
#[derive(Debug, Default, Clone)]
struct Scores {
    points: [i32; 8],
    evidence: Vec<Evidence>,
}

impl Scores {
    fn add(&mut self, category: Category, points: i32, words: &str) {
        self.points[category as usize] += points;
        if points < MIN_EVIDENCE {
            return;
        }
        if let Some(known) = self.evidence.iter_mut().find(|e| e.category == category && e.words == words) {
            known.points += points;
        } else {
            self.evidence.push(Evidence { words: words.to_owned(), category, points });
        }
    }
}

pub(super) fn weigh(reading: &Reading, clauses: &[Clause]) -> Classification {
    let mut scores = Scores::default();
    let main = main_request(clauses);
    let mut aside = Scores::default();
    let it = main.filter(|m| refers(&clauses[*m])).map(|m| referent(clauses, m));
    for (at, clause) in clauses.iter().enumerate() {
        if Some(at) == main {
            score(clause, share::MAIN, &mut scores);
        } else {
            aside_of(clauses, at, main, it, &mut aside);
        }
    }
    signs(reading, &mut aside);
    for name in &reading.labels {
        if let Some((category, points)) = label(name) {
            scores.add(category, points, name);
        }
    }
    let shows_failure = reading.fenced.iter().take(40).any(|line| {
        line.split(|c: char| !c.is_alphanumeric())
            .any(|w| Known::of(w).nouns.iter().any(|(c, s)| *c == Class::Failure && *s >= 70))
    });
    if shows_failure {
        aside.add(Category::Debugging, weights::FENCED_FAILURE, "```");
    }
    for (slot, points) in aside.points.iter().enumerate() {
        scores.points[slot] += (*points).min(weights::MAX_ASIDE);
    }
    scores.evidence.append(&mut aside.evidence);
    size(reading, &mut scores);
    decide(reading, scores)
}

fn decide(reading: &Reading, scores: Scores) -> Classification {
    let best = CATEGORIES.into_iter().rev().max_by_key(|c| scores.points[*c as usize]);
    let category = match best {
        Some(best) if scores.points[best as usize] > 0 => best,
        _ if reading.files.len() >= MANY_FILES => Category::ComplexImpl,
        _ if !reading.files.is_empty() => Category::SimpleEdit,
        _ => Category::Research,
    };
    let mut evidence = scores.evidence;
    evidence
        .sort_by(|a, b| b.points.cmp(&a.points).then_with(|| a.words.cmp(&b.words)).then(a.category.cmp(&b.category)));
    evidence.truncate(MAX_EVIDENCE);
    Classification { category, evidence }
}

/// New behaviour is more likely in a brief, a small edit in a few words. Only tips what was said already.
fn size(reading: &Reading, scores: &mut Scores) {
    let small = scores.points[Category::SimpleEdit as usize];
    let large = scores.points[Category::ComplexImpl as usize];
    if small == 0 && large == 0 {
        return;
    }
    if reading.length >= BRIEF_CHARS || reading.files.len() > MANY_FILES {
        scores.points[Category::ComplexImpl as usize] += weights::BREADTH_BONUS;
    } else if reading.length <= TERSE_CHARS && small > 0 {
        scores.points[Category::SimpleEdit as usize] += weights::BREVITY_BONUS;
    }
}

/// The clause that says what is to be done.
pub(super) fn main_request(clauses: &[Clause]) -> Option<usize> {
    let pick = |wanted: &dyn Fn(&Clause) -> bool| -> Option<usize> {
        let order = (0..clauses.len()).find(|at| wanted(&clauses[*at]) && is_request(&clauses[*at]))?;
        Some(doing_behind(clauses, order).unwrap_or(order))
    };
    let in_task = clauses.iter().any(|c| c.section == Section::Task);
    let task = if in_task { pick(&|c| c.section == Section::Task) } else { None };
    // A task that is a title alone ("Goal: connection pooling") is the request too.
    task.or_else(|| clauses.iter().position(|c| c.section == Section::Task && c.act != Act::Chore))
        .or_else(|| pick(&|c| c.section == Section::Body))
        .or_else(|| pick(&|c| c.section == Section::Context && c.order && c.explicit))
        .or_else(|| pick(&|c| c.section == Section::Context && c.order))
        .or_else(|| strongest_statement(clauses))
        .or_else(|| clauses.iter().position(|c| !c.negative))
}

fn is_request(clause: &Clause) -> bool {
    !clause.negative && clause.act != Act::Chore && !matches!(clause.act, Act::State | Act::Fact | Act::Should)
}

/// The first statement that says anything.
fn strongest_statement(clauses: &[Clause]) -> Option<usize> {
    let says = |c: &Clause| c.about.iter().copied().max().unwrap_or(0) >= 40;
    clauses.iter().position(|c| !c.negative && c.section != Section::Criteria && c.act != Act::Chore && says(c))
}

/// Behind an order to look at something first, the order to do something.
fn doing_behind(clauses: &[Clause], first: usize) -> Option<usize> {
    let start = &clauses[first];
    if !PROBING.contains(&start.act) || matches!(start.act, Act::Find) && start.about(Class::Failure) > 0 {
        return None;
    }
    let doing = (first + 1..clauses.len()).find(|at| {
        let c = &clauses[*at];
        let same_part = c.section == start.section && (!c.bullet || start.bullet);
        c.order
            && same_part
            && is_request(c)
            && !PROBING.contains(&c.act)
            && c.act != Act::Run
            && c.about(Class::Report) < 50
    })?;
    let orders_answer = matches!(clauses[doing].verb.as_str(), "group" | "sort" | "rank");
    let kept = (orders_answer || matches!(clauses[doing].act, Act::Write | Act::Document)) && start.act != Act::Look;
    (!kept).then_some(doing)
}

/// Weighs a clause beside the main request. What "it" stands for, or where the work is, is read as its object.
fn aside_of(clauses: &[Clause], at: usize, main: Option<usize>, it: Option<usize>, scores: &mut Scores) {
    let clause = &clauses[at];
    if let Some(main) = main.filter(|m| at < *m)
        && (clause.place
            || is_topic(clauses, at, main)
            || it == Some(at) && !(clause.act == Act::Look && clauses[main].act == Act::Build))
    {
        let act = if clauses[main].act == Act::Make { Act::State } else { clauses[main].act };
        objects(clause, act, share::REFERENT, scores);
        return;
    }
    if let Some(main) = main.filter(|m| at + 1 == *m && !clause.order && !clause.negative && is_vague(&clauses[*m])) {
        objects(clause, clauses[main].act, share::IMPLIED, scores);
    }
    let looked_into = main.is_some_and(|m| clauses[m].act == Act::Inspect && clauses[m].words <= 3 && at == m + 1);
    if looked_into && (clause.act == Act::Fact || clause.about(Class::Failure) >= 30) {
        scores.add(Category::Debugging, weights::STATED_CASE, &clauses[at - 1].verb);
    }
    score(clause, share_of(clauses, at), scores);
}

/// Whether a request names nothing by which to tell its kind.
fn is_vague(clause: &Clause) -> bool {
    clause.order && clause.about.iter().all(|s| *s < 40)
}

/// Whether a clause is a title that names what the next one is about: "landing page: …".
fn is_topic(clauses: &[Clause], at: usize, main: usize) -> bool {
    let clause = &clauses[at];
    at == 0 && main == 1 && clause.act == Act::State && clause.words <= 3 && clause.about(Class::Failure) < 30
}

/// The nearest clause before that is about anything.
fn referent(clauses: &[Clause], main: usize) -> usize {
    (0..main).rev().find(|at| clauses[*at].about.iter().any(|s| *s >= 30)).unwrap_or(main)
}

/// How much a clause beside the main request counts.
fn share_of(clauses: &[Clause], at: usize) -> i32 {
    let clause = &clauses[at];
    if clause.negative || clause.act == Act::Chore {
        return 0;
    }
    match clause.section {
        Section::Criteria => share::CRITERIA,
        Section::Context => share::CONTEXT,
        Section::Body if at == 0 && !clause.bullet && !PROBING.contains(&clause.act) => share::FIRST,
        Section::Task | Section::Body if clause.bullet || !clause.order => share::REMARK,
        Section::Task | Section::Body => share::OTHER,
    }
}

/// Whether a clause says "it" of what stands before: "fix it", "why?".
fn refers(clause: &Clause) -> bool {
    clause.refers_back && clause.words <= 6
}

fn score(clause: &Clause, share: i32, scores: &mut Scores) {
    for (act, category, points) in BASE {
        if *act == clause.act {
            scores.add(*category, points * share / 100, &clause.verb);
        }
    }
    objects(clause, clause.act, share, scores);
}

fn objects(clause: &Clause, act: Act, share: i32, scores: &mut Scores) {
    let broken = matches!(act, Act::State | Act::Fact | Act::Fix | Act::Should) && clause.about(Class::Failure) >= 60;
    for (acts, class, category, points) in RESPONSE {
        if acts.contains(&act) {
            let thing =
                broken && !matches!(class, Class::Failure | Class::Slow | Class::Looks | Class::Trifle | Class::Lint);
            let points = if thing { points * weights::BROKEN_THING / 100 } else { *points };
            let points = points * clause.about(*class) / 100 * share / 100;
            if points != 0 {
                scores.add(*category, points, &clause.objects[*class as usize]);
            }
        }
    }
}

/// "No … changes", "without changing …": the shape shall change, and what else may not.
fn unchanged(tokens: &[Token]) -> Option<(i32, String)> {
    let is = |t: &Token, words: &[&str]| t.kind == Kind::Word && words.contains(&t.text.as_str());
    for (at, token) in tokens.iter().enumerate() {
        if !is(token, &["no", "without", "zero"]) {
            continue;
        }
        let rest = &tokens[at + 1..tokens.len().min(at + 4)];
        let Some(change) = rest.iter().position(|t| is(t, &["change", "changes", "changing", "altering"])) else {
            continue;
        };
        if rest.iter().any(|t| is(t, &["code", "other", "further", "file", "files", "anything", "more", "needed"])) {
            continue;
        }
        let same = rest[..change]
            .iter()
            .any(|t| is(t, &["logic", "functional", "visual", "visible", "functionality", "semantic"]))
            || token.text == "without";
        let points = if same { weights::SAME_BEHAVIOUR } else { weights::SAME_OTHERWISE };
        return Some((points, format!("{} {}", token.text, rest[change].text)));
    }
    None
}

/// Word sequences that speak for themselves.
fn signs(reading: &Reading, scores: &mut Scores) {
    for sentence in &reading.sentences {
        let mut at = 0;
        while at < sentence.tokens.len() {
            if let Some(((category, points), len)) = lexicon::sign(&sentence.tokens[at..]) {
                let words: Vec<_> = sentence.tokens[at..at + len].iter().map(|t| t.text.as_str()).collect();
                scores.add(category, points, &words.join(" "));
                at += len;
            } else {
                at += 1;
            }
        }
        if let Some((points, words)) = unchanged(&sentence.tokens) {
            scores.add(Category::Refactoring, points, &words);
        }
    }
}
