//! Which work is worth little money: formatting, linting, touching up documents, running tests, comments, annotations.

use super::classify::{main_request, weigh};
use super::clause::clauses;
use super::complexity::{Complexity, size};
use super::reading::Reading;
use super::words::{Act, Class};
use crate::agent::Category;

/// How surely a clause must be about something, in percent, to count here.
const SURE: i32 = 50;

/// Whether a prompt's main request is low-value work, for which budget mode is right by itself.
///
/// Only the main request counts: "implement X and run the tests" is not low-value work. Nor is anything of high
/// complexity, nor finding out why something fails.
#[must_use]
pub fn is_low_value(prompt: &str) -> bool {
    let reading = Reading::of(prompt);
    let clauses = clauses(&reading);
    let Some(main) = main_request(&clauses).map(|at| &clauses[at]) else { return false };
    let category = weigh(&reading, &clauses).category;
    let complexity = size(&reading, &clauses).complexity;
    if complexity == Complexity::High || category == Category::Debugging || category == Category::Research {
        return false;
    }
    let about = |class| main.about(class) >= SURE;
    match main.act {
        Act::Format => true,
        Act::Run => about(Class::Test) || about(Class::Lint),
        Act::Change | Act::Fix | Act::Improve | Act::Edit | Act::Remove => {
            about(Class::Lint) || about(Class::Trifle) || about(Class::Docs) && category == Category::Documentation
        }
        Act::Add | Act::Make | Act::Write | Act::Document => {
            about(Class::Trifle) || is_comment(&main.objects, &main.verb)
        }
        Act::State => reading.length <= COMMAND_CHARS && (about(Class::Lint) || is_test_command(&reading)),
        _ => false,
    }
}

/// A bare command such as "cargo test" is at most this long.
const COMMAND_CHARS: usize = 40;

fn is_comment(objects: &[String], verb: &str) -> bool {
    let docs = &objects[Class::Docs as usize];
    verb == "comment" || ["comment", "docstring", "jsdoc", "rustdoc", "changelog"].iter().any(|w| docs.contains(w))
}

fn is_test_command(reading: &Reading) -> bool {
    const RUNNERS: &[&str] =
        &["cargo", "npm", "pnpm", "yarn", "go", "make", "pytest", "mvn", "gradle", "dotnet", "mix"];
    reading.sentences.len() == 1
        && reading.sentences[0].tokens.first().is_some_and(|t| RUNNERS.contains(&t.text.as_str()))
        && reading.sentences[0].tokens.get(1).is_none_or(|t| t.text == "test")
}
