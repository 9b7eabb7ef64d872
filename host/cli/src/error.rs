//! What goes wrong, for people: what failed, why, and what to do next; and the exit code it ends with. Nothing here prints.

use std::error::Error;

use aid_core::exit::ExitCode;

/// Why a command ends early.
#[derive(Debug)]
pub(crate) struct CliError {
    /// What the process ends with.
    pub(crate) code: ExitCode,
    /// Every problem, in the order it should be read; never empty.
    pub(crate) problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What failed and why.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) hints: Vec<String>,
}

/// What a command returns: how the process ends.
pub(crate) type Outcome = Result<ExitCode, CliError>;

impl CliError {
    /// One problem.
    pub(crate) fn new(code: ExitCode, message: impl Into<String>) -> Self {
        Self { code, problems: vec![Problem { message: message.into(), hints: Vec::new() }] }
    }

    /// The command line, a name or a file is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ExitCode::Usage, message)
    }

    /// There is no such thing.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(ExitCode::NotFound, message)
    }

    /// Our own failure; `doing` reads after "cannot".
    pub(crate) fn internal(doing: &str, why: &dyn Error) -> Self {
        Self::new(ExitCode::Internal, format!("cannot {doing}: {}", chain(why)))
    }

    /// Adds what to do next to the last problem.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Some(problem) = self.problems.last_mut() {
            problem.hints.push(hint.into());
        }
        self
    }
}

/// An error with everything that caused it, outermost first. A cause that its effect already quotes is not repeated.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Layer {
        text: &'static str,
        source: Option<std::io::Error>,
    }

    #[test]
    fn causes_are_named_once() {
        let cause = || Some(std::io::Error::other("disk on fire"));
        let quoting = Layer { text: "cannot save: disk on fire", source: cause() };
        assert_eq!(chain(&quoting), "cannot save: disk on fire");
        let silent = Layer { text: "cannot save", source: cause() };
        assert_eq!(chain(&silent), "cannot save: disk on fire");
    }

    #[test]
    fn hints_belong_to_the_last_problem() {
        let mut error = CliError::usage("a");
        error.problems.push(Problem { message: "b".to_owned(), hints: Vec::new() });
        let error = error.hint("do c");
        assert!(error.problems[0].hints.is_empty());
        assert_eq!(error.problems[1].hints, ["do c"]);
    }
}
