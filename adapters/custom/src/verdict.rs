//! Owns how a run of a user's agent ended. Must not read output: it judges what was kept of it.
//!
//! Either the definition's mark makes a success, and the exit code can only take it away; or the user has said that exit
//! code 0 can be trusted, and then it needs an answer besides.

use aid_adapter_kit::text::cut;
use aid_adapter_kit::{ExitStatus, Outcome, Refusal, Tail, Verdict};

use crate::answer::MAX_ANSWER_BYTES;
use crate::definition::{Definition, Format, Success};
use crate::state::State;

/// The longest line of stderr that is quoted as a hint, in bytes.
const MAX_HINT_BYTES: usize = 300;

/// Everything the verdict rests on.
pub(crate) struct Ended<'a> {
    pub(crate) definition: &'a Result<Definition, String>,
    pub(crate) state: &'a State,
    pub(crate) exit: &'a ExitStatus,
    /// The session that was to be continued.
    pub(crate) resume: Option<&'a str>,
    pub(crate) stderr: &'a Tail,
}

impl Ended<'_> {
    pub(crate) fn verdict(&self, answer: Option<String>) -> Verdict {
        let definition = match self.definition {
            Ok(definition) => definition,
            Err(problem) => return unread(problem),
        };
        let answer = answer.filter(|text| !text.trim().is_empty()).map(|text| without_end(definition.format, text));
        let (outcome, mut evidence) = match (&self.state.failure, &definition.success) {
            (Some(refusal), _) => {
                (Outcome::Failure(refusal.clone()), format!("the agent's failure mark, {}", self.exit_text()))
            }
            (None, Success::Mark(_)) => self.by_mark(answer.is_some()),
            (None, Success::ExitZero) => self.by_exit(answer.is_some()),
        };
        if self.state.answer.is_cut {
            evidence.push_str(&format!("; the answer is cut at {} MiB, the log has it whole", MAX_ANSWER_BYTES >> 20));
        }
        let usage = match &definition.usage {
            None => None,
            Some(paths) => {
                let previous = self.exit.previous_usage.as_ref();
                let (used, doubt) = self.state.used.of_this_run(paths.counts, self.resume.is_some(), previous);
                evidence.extend(doubt);
                used
            }
        };
        Verdict { outcome, evidence, final_text: answer, session: self.state.session.clone(), usage }
    }

    fn by_mark(&self, answered: bool) -> (Outcome, String) {
        if !self.state.marked {
            let evidence = format!("no success mark, {}", self.exit_text());
            return (self.unfinished("without its success mark"), evidence);
        }
        let evidence = format!("the agent's success mark, {}", self.exit_text());
        let outcome = match (self.exit.signal, self.exit.code) {
            // After a signal the code says nothing new: the work was complete, only the way out was cut short.
            (None, Some(code)) if code != 0 => failure(format!(
                "the agent said that it had succeeded and then ended with exit code {code}{}",
                self.hint()
            )),
            _ if !answered => Outcome::NoResult("the agent said that it had succeeded, without an answer".into()),
            _ => Outcome::Success,
        };
        (outcome, evidence)
    }

    fn by_exit(&self, answered: bool) -> (Outcome, String) {
        let evidence = format!("{}, which the agent's definition trusts", self.exit_text());
        let outcome = match (self.exit.signal, self.exit.code) {
            (None, Some(0)) if answered => Outcome::Success,
            (None, Some(0)) => Outcome::NoResult("the agent ended with exit code 0 and without an answer".into()),
            (None, Some(code)) => match &self.state.last_retry {
                Some(retry) => Outcome::Failure(Refusal { final_: true, ..retry.clone() }),
                None => failure(format!("the agent ended with exit code {code}{}", self.hint())),
            },
            _ => self.unfinished("before it came to its end"),
        };
        (outcome, evidence)
    }

    /// Neither a success nor a failure that the agent said itself.
    fn unfinished(&self, missing: &str) -> Outcome {
        if let (None, Some(code @ 1..)) = (self.exit.signal, self.exit.code) {
            if let Some(retry) = &self.state.last_retry {
                return Outcome::Failure(Refusal { final_: true, ..retry.clone() });
            }
            if !self.state.spoke {
                return failure(format!("the agent did not start: exit code {code}{}", self.hint()));
            }
        }
        let mut text = match self.exit.signal {
            Some(_) => format!("the agent was ended by {} {missing}", self.exit_text()),
            None => format!("the agent ended ({}) {missing}", self.exit_text()),
        };
        match &self.state.last_retry {
            Some(retry) => text.push_str(&format!("; its last word: {}", cut(&retry.message, MAX_HINT_BYTES))),
            None => text.push_str(&self.hint()),
        }
        Outcome::Incomplete(text)
    }

    fn exit_text(&self) -> String {
        match (self.exit.signal, self.exit.code) {
            (Some(signal), _) => format!("signal {signal}"),
            (None, Some(code)) => format!("exit code {code}"),
            (None, None) => "exit code unknown".into(),
        }
    }

    /// The last thing on stderr, to be read by people only.
    fn hint(&self) -> String {
        let is_said = |line: &&str| !line.trim().is_empty();
        // What was fed; the host's own tail when nothing was, as in a run that was adopted late.
        let line = if self.stderr.is_empty() {
            self.exit.stderr_tail.lines().rev().find(is_said)
        } else {
            self.stderr.lines().rev().find(is_said)
        };
        line.map(|line| format!("; stderr: {}", cut(line.trim(), MAX_HINT_BYTES))).unwrap_or_default()
    }
}

/// Without a definition nothing is known about the run.
fn unread(problem: &str) -> Verdict {
    Verdict {
        outcome: Outcome::Incomplete(format!("nobody can say what the agent's output means: {problem}")),
        evidence: "no definition".into(),
        final_text: None,
        session: None,
        usage: None,
    }
}

/// A text ends with the line ends that its lines have.
fn without_end(format: Format, mut text: String) -> String {
    if format == Format::Text {
        text.truncate(text.trim_end().len());
    }
    text
}

fn failure(message: String) -> Outcome {
    Outcome::Failure(Refusal { class: "other".into(), message, pool: None, retry_at: None, final_: true })
}
