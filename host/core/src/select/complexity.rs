//! How much work a prompt asks for. Knows nothing of agents.
//!
//! Points for length, files, requirements and words of breadth; fewer for words of small scope. The reasons are told.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::classify::main_request;
use super::clause::{Clause, clauses};
use super::lexicon;
use super::reading::Reading;
use super::weights::PROBING;
use super::words::{Act, Class};

/// A prompt below this many characters says little more than the task.
const SHORT_CHARS: usize = 150;
/// A prompt above this many characters is a brief.
const LONG_CHARS: usize = 500;
/// More files than this make it a change across the project.
const FEW_FILES: usize = 3;
/// From this many list items on, there are several things to do.
const SEVERAL_ITEMS: usize = 3;
/// From this many list items on, there are many.
const MANY_ITEMS: usize = 7;
/// From this many orders on, there are several steps.
const SEVERAL_ORDERS: usize = 4;
/// What a hard subject adds in `SCOPE`.
const HARD_SUBJECT: i32 = 2;
/// Points from which on work is medium.
const MEDIUM_POINTS: i32 = 2;
/// Points from which on work is high.
const HIGH_POINTS: i32 = 4;

/// How much work a prompt asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Complexity {
    /// A known place, a known change.
    Low,
    /// An ordinary task.
    Medium,
    /// Many parts, or one that goes through everything.
    High,
}

impl fmt::Display for Complexity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        })
    }
}

/// An estimate, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sizing {
    /// The estimate.
    pub complexity: Complexity,
    /// Why, for people.
    pub reasons: Vec<String>,
}

/// Estimates how much work a prompt asks for. Reads at most [`super::MAX_READ_BYTES`] of it.
#[must_use]
pub fn complexity(prompt: &str) -> Sizing {
    let reading = Reading::of(prompt);
    size(&reading, &clauses(&reading))
}

pub(super) fn size(reading: &Reading, clauses: &[Clause]) -> Sizing {
    let mut points = 0;
    let mut reasons = Vec::new();
    let mut count = |delta: i32, reason: String| {
        points += delta;
        reasons.push(reason);
    };
    if reading.length > LONG_CHARS {
        count(4, format!("more than {LONG_CHARS} characters"));
    } else if reading.length >= SHORT_CHARS {
        count(2, format!("at least {SHORT_CHARS} characters"));
    }
    match reading.files.len() {
        0 | 1 => {}
        files if files > FEW_FILES => count(4, format!("{files} files")),
        files => count(2, format!("{files} files")),
    }
    match reading.bullets {
        items if items >= MANY_ITEMS => count(2, format!("{items} list items")),
        items if items >= SEVERAL_ITEMS => count(1, format!("{items} list items")),
        _ => {}
    }
    let orders = clauses.iter().filter(|c| c.order && !c.negative && c.act != Act::Chore).count();
    if orders >= SEVERAL_ORDERS && reading.bullets < SEVERAL_ITEMS {
        count(1, format!("{orders} steps"));
    }
    let main = main_request(clauses).map(|at| &clauses[at]);
    if main.is_some_and(|c| matches!(c.act, Act::Build | Act::Want)) {
        count(2, "something new".to_owned());
    }
    let probes = main.is_some_and(|c| PROBING.contains(&c.act));
    // In a question, a hard subject is only what it is about.
    for (delta, word) in scope_words(reading).into_iter().filter(|(delta, _)| !probes || *delta != HARD_SUBJECT) {
        count(delta, format!("\"{word}\""));
    }
    let trifle = main.is_some_and(|c| matches!(c.act, Act::Edit | Act::Format) || c.about(Class::Trifle) >= 50);
    if trifle {
        count(-3, "a small change by its nature".to_owned());
    }
    let complexity = match points {
        HIGH_POINTS.. => Complexity::High,
        MEDIUM_POINTS.. => Complexity::Medium,
        _ => Complexity::Low,
    };
    if reasons.is_empty() {
        reasons.push(format!("below {SHORT_CHARS} characters, at most one file"));
    }
    Sizing { complexity, reasons }
}

/// Words that say how far a change goes, each once.
fn scope_words(reading: &Reading) -> Vec<(i32, &'static str)> {
    let mut found = Vec::new();
    for sentence in &reading.sentences {
        for at in 0..sentence.tokens.len() {
            if let Some((scope, _)) = lexicon::scope(&sentence.tokens[at..])
                && !found.contains(&scope)
            {
                found.push(scope);
            }
        }
    }
    found
}
