//! What an order and its object weigh for each kind of work: data only. Points are hundredths of a clear hint.

use super::words::{Act, Class};
use crate::agent::Category::{self, ComplexImpl, Debugging, Documentation, Frontend};
use crate::agent::Category::{Refactoring, Research, SimpleEdit, Testing};

/// What an act says by itself.
pub(super) const BASE: &[(Act, Category, i32)] = &[
    (Act::Question, Research, 80),
    (Act::Why, Research, 60),
    (Act::Why, Debugging, 25),
    (Act::Ask, Research, 90),
    (Act::Look, Research, 50),
    (Act::Inspect, Research, 55),
    (Act::Inspect, Debugging, 20),
    (Act::Find, Research, 70),
    (Act::Fix, Debugging, 40),
    (Act::Debug, Debugging, 100),
    (Act::Edit, SimpleEdit, 90),
    (Act::Change, SimpleEdit, 45),
    (Act::Change, ComplexImpl, 5),
    (Act::Add, ComplexImpl, 30),
    (Act::Add, SimpleEdit, 12),
    (Act::Remove, SimpleEdit, 55),
    (Act::Build, ComplexImpl, 50),
    (Act::Write, ComplexImpl, 30),
    (Act::Improve, ComplexImpl, 30),
    (Act::Make, SimpleEdit, 18),
    (Act::Make, ComplexImpl, 25),
    (Act::Test, Testing, 90),
    (Act::Run, Testing, 25),
    (Act::Refactor, Refactoring, 100),
    (Act::Convert, Refactoring, 45),
    (Act::Convert, ComplexImpl, 15),
    (Act::Move, Refactoring, 35),
    (Act::Move, SimpleEdit, 30),
    (Act::Document, Documentation, 90),
    (Act::Style, Frontend, 70),
    (Act::Format, SimpleEdit, 90),
    (Act::Want, ComplexImpl, 30),
    (Act::Should, ComplexImpl, 20),
    (Act::Fact, Debugging, 15),
];

/// Acts that bring something about; their object says what.
const MAKING: &[Act] = &[Act::Add, Act::Build, Act::Write, Act::Improve, Act::Make, Act::Want, Act::Should, Act::Style];
const CHANGING: &[Act] = &[Act::Change, Act::Convert, Act::Move];
/// Of those that make, the ones that may well change a shape, and the ones that make something new.
const SHAPING: &[Act] = &[Act::Improve, Act::Make, Act::Want, Act::Should];
const PRODUCING: &[Act] = &[Act::Add, Act::Build, Act::Write];
/// Acts whose result may be an answer.
const ANSWERING: &[Act] = &[Act::Write, Act::Make, Act::Want, Act::Run];
/// Acts that only look.
pub(super) const PROBING: &[Act] = &[Act::Question, Act::Why, Act::Ask, Act::Look, Act::Inspect, Act::Find];

/// What an object adds, by act.
pub(super) const RESPONSE: &[(&[Act], Class, Category, i32)] = &[
    (MAKING, Class::Test, Testing, 95),
    (MAKING, Class::Docs, Documentation, 95),
    (MAKING, Class::Screen, Frontend, 95),
    (MAKING, Class::Looks, Frontend, 95),
    (MAKING, Class::Part, ComplexImpl, 35),
    (MAKING, Class::Small, SimpleEdit, 40),
    (MAKING, Class::Trifle, SimpleEdit, 90),
    (MAKING, Class::Lint, SimpleEdit, 50),
    (SHAPING, Class::Shape, Refactoring, 85),
    (PRODUCING, Class::Shape, Refactoring, 30),
    (ANSWERING, Class::Report, Research, 80),
    (&[Act::Build, Act::Add], Class::Report, Research, 25),
    (MAKING, Class::Slow, ComplexImpl, 20),
    (MAKING, Class::Failure, Debugging, 25),
    (CHANGING, Class::Test, Testing, 75),
    (CHANGING, Class::Docs, Documentation, 85),
    (CHANGING, Class::Screen, Frontend, 75),
    (CHANGING, Class::Looks, Frontend, 85),
    (CHANGING, Class::Part, ComplexImpl, 55),
    (CHANGING, Class::Small, SimpleEdit, 50),
    (CHANGING, Class::Trifle, SimpleEdit, 90),
    (CHANGING, Class::Lint, SimpleEdit, 50),
    (CHANGING, Class::Shape, Refactoring, 65),
    (CHANGING, Class::Failure, Debugging, 25),
    (&[Act::Remove], Class::Shape, Refactoring, 100),
    (&[Act::Remove], Class::Docs, Documentation, 30),
    (&[Act::Remove], Class::Screen, Frontend, 25),
    (&[Act::Remove], Class::Looks, Frontend, 50),
    (&[Act::Remove], Class::Test, Testing, 20),
    (&[Act::Remove], Class::Small, SimpleEdit, 40),
    (&[Act::Remove], Class::Trifle, SimpleEdit, 80),
    (&[Act::Edit], Class::Looks, Frontend, 95),
    (&[Act::Edit], Class::Trifle, SimpleEdit, 60),
    (&[Act::Fix], Class::Failure, Debugging, 60),
    (&[Act::Fix], Class::Slow, Debugging, 40),
    (&[Act::Fix], Class::Test, Debugging, 30),
    (&[Act::Fix], Class::Looks, Frontend, 80),
    (&[Act::Fix], Class::Screen, Frontend, 30),
    (&[Act::Fix], Class::Docs, Documentation, 60),
    (&[Act::Fix], Class::Trifle, SimpleEdit, 110),
    (&[Act::Fix], Class::Lint, SimpleEdit, 110),
    (&[Act::Fix], Class::Small, SimpleEdit, 25),
    (&[Act::Fix], Class::Shape, Refactoring, 60),
    (&[Act::Test], Class::Test, Testing, 30),
    (&[Act::Run], Class::Test, Testing, 80),
    (&[Act::Run], Class::Lint, SimpleEdit, 90),
    (&[Act::Run], Class::Failure, Debugging, 30),
    (&[Act::Format], Class::Docs, Documentation, 20),
    (&[Act::Convert], Class::Test, Testing, 20),
    (&[Act::Debug], Class::Failure, Debugging, 30),
    (&[Act::Document], Class::Docs, Documentation, 30),
    (&[Act::Refactor], Class::Shape, Refactoring, 30),
    (&[Act::Question, Act::Ask, Act::Look], Class::Failure, Debugging, 40),
    (&[Act::Question, Act::Ask, Act::Look], Class::Slow, Debugging, 25),
    (&[Act::Why], Class::Failure, Debugging, 120),
    (&[Act::Why], Class::Slow, Debugging, 100),
    (&[Act::Inspect], Class::Failure, Debugging, 90),
    (&[Act::Inspect], Class::Slow, Debugging, 70),
    (&[Act::Find], Class::Failure, Debugging, 90),
    (PROBING, Class::Report, Research, 40),
    (&[Act::Fact], Class::Failure, Debugging, 75),
    (&[Act::Fact], Class::Slow, Debugging, 55),
    (&[Act::Fact], Class::Looks, Frontend, 100),
    (&[Act::Fact], Class::Screen, Frontend, 30),
    (&[Act::Fact], Class::Test, Testing, 45),
    (&[Act::Fact], Class::Docs, Documentation, 50),
    (&[Act::Fact], Class::Part, ComplexImpl, 8),
    (&[Act::Fact], Class::Small, SimpleEdit, 15),
    (&[Act::Fact], Class::Trifle, SimpleEdit, 90),
    (&[Act::Fact], Class::Shape, Refactoring, 60),
    (&[Act::State], Class::Failure, Debugging, 75),
    (&[Act::State], Class::Slow, Debugging, 55),
    (&[Act::State], Class::Looks, Frontend, 75),
    (&[Act::State], Class::Screen, Frontend, 45),
    (&[Act::State], Class::Test, Testing, 60),
    (&[Act::State], Class::Docs, Documentation, 60),
    (&[Act::State], Class::Part, ComplexImpl, 30),
    (&[Act::State], Class::Small, SimpleEdit, 20),
    (&[Act::State], Class::Trifle, SimpleEdit, 90),
    (&[Act::State], Class::Lint, SimpleEdit, 60),
    (&[Act::State], Class::Shape, Refactoring, 60),
    (&[Act::State], Class::Report, Research, 40),
];

/// How much of a clause counts, in percent, by what it is to the prompt.
pub(super) mod share {
    /// The main request.
    pub(in crate::select) const MAIN: i32 = 100;
    /// The first thing said, when it is not the main request: a title, or the problem.
    pub(in crate::select) const FIRST: i32 = 40;
    /// The clause that "it" in the main request stands for.
    pub(in crate::select) const REFERENT: i32 = 90;
    /// The statement before a request that names no thing of its own.
    pub(in crate::select) const IMPLIED: i32 = 60;
    /// Anything else that is asked.
    pub(in crate::select) const OTHER: i32 = 15;
    /// A statement beside the request.
    pub(in crate::select) const REMARK: i32 = 10;
    /// Background.
    pub(in crate::select) const CONTEXT: i32 = 8;
    /// Criteria, constraints, chores.
    pub(in crate::select) const CRITERIA: i32 = 4;
}

/// What all clauses but the main request can add to a category together.
pub(super) const MAX_ASIDE: i32 = 90;
/// What is left, in percent, of what a thing is about when it does not work: a broken page is a failure first.
pub(super) const BROKEN_THING: i32 = 40;
/// Added for debugging when what is to be looked into is a statement.
pub(super) const STATED_CASE: i32 = 50;
/// Added for refactoring by "no … changes", when it is the behaviour that shall not change.
pub(super) const SAME_BEHAVIOUR: i32 = 80;
/// The same, when it is something else.
pub(super) const SAME_OTHERWISE: i32 = 40;
/// Added for new behaviour when a brief is long or names many files.
pub(super) const BREADTH_BONUS: i32 = 20;
/// Added for a small edit when an order is very short.
pub(super) const BREVITY_BONUS: i32 = 8;
/// Added for debugging when a fenced block shows a failure.
pub(super) const FENCED_FAILURE: i32 = 25;
