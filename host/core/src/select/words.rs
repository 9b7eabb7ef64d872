//! The words that tell kinds of work apart, and what they weigh: data only. Rules that use them are in `classify`.
//!
//! Words are listed in their base form; `lexicon` knows plurals and verb endings. Points are hundredths of a clear hint.

mod grammar;
mod nouns;
mod paths;
mod phrases;
mod signs;
mod titles;
mod verbs;

pub(super) use grammar::{
    DETERMINERS, FAILURE_NOUNS, FINITE, MODALS, NEGATED, OPERATIONS, PREDICATES, PREFIXES, PREPOSITIONS, PRONOUNS,
    QUESTIONS, SKIPPED, SUBORDINATORS,
};
pub(super) use nouns::NOUNS;
pub(super) use paths::{DIRECTORIES, EXTENSIONS, FRAMEWORKS};
pub(super) use phrases::NOUN_PHRASES;
pub(super) use signs::{SCOPE, SIGNS};
pub(super) use titles::{SECTIONS, label};
pub(super) use verbs::{VERB_PHRASES, VERBS};

/// Which part of a brief a sentence stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// No particular one.
    Body,
    /// What is to be done.
    Task,
    /// Why, and what is there already.
    Context,
    /// How one will know that it is done, and what to respect.
    Criteria,
}

/// What a clause asks for, by its verb or form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Act {
    /// A question.
    Question,
    /// A question for a cause.
    Why,
    /// To say how something is.
    Ask,
    /// To look before doing something.
    Look,
    /// To find out.
    Inspect,
    /// To search.
    Find,
    Fix,
    Debug,
    /// A change that is small by nature.
    Edit,
    Change,
    Add,
    Remove,
    Build,
    Write,
    Improve,
    Make,
    Test,
    Run,
    Refactor,
    Convert,
    Move,
    Document,
    Style,
    Format,
    /// Somebody wants a thing.
    Want,
    /// Something should be so.
    Should,
    /// A title, or something else without a verb.
    State,
    /// Something is so.
    Fact,
    /// To be done along with the task.
    Chore,
}

/// What a noun, adjective or path is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    Test,
    Docs,
    /// A thing on the screen.
    Screen,
    /// How something on the screen looks.
    Looks,
    /// Something does not work.
    Failure,
    /// Small by nature.
    Small,
    /// A typing error, a name, a type annotation: small whatever it is in.
    Trifle,
    /// A part of a system.
    Part,
    /// Text about how the code is built.
    Shape,
    /// Formatters and linters.
    Lint,
    /// A result for the asker.
    Report,
    Slow,
}
