//! Owns the rules by which every member of the claude family judges a run. What a member's own words mean comes from
//! its adapter, as [`Findings`]. Must not read output.
//!
//! Only a `result` that the dialect takes for the success mark makes a success, and only when nothing that the task may do
//! was denied. The exit code can take that away, never give it.

use crate::exit::{caught_signal, exit_text, failed, failure, hint, signal_name, stderr_lines};
use crate::{Autonomy, ExitStatus, Outcome, Refusal, Tail, Verdict};

use super::{State, is_blank, used};

/// Everything that a verdict rests on.
#[derive(Debug)]
pub struct Run<'a> {
    /// The agent's short name, for texts.
    pub agent: &'a str,
    /// What the reader kept.
    pub state: &'a State,
    /// How the process ended.
    pub exit: &'a ExitStatus,
    /// What it was allowed to do.
    pub autonomy: Autonomy,
    /// The session that was to be continued.
    pub resume: Option<&'a str>,
    /// What was kept of stderr.
    pub stderr: &'a Tail,
}

/// What only the member can find.
#[derive(Debug, Default)]
pub struct Findings {
    /// The calls that were not permitted: "2 tool calls were not permitted (Write, Bash)".
    pub denied: Option<String>,
    /// Why the agent could not go on, where it said so and gave no result.
    pub last_word: Option<Refusal>,
    /// Why the agent did not get to work, by its stderr.
    pub not_begun: Option<Refusal>,
    /// The answer.
    pub answer: Option<String>,
}

impl Run<'_> {
    /// How the run ended.
    pub fn verdict(&self, findings: Findings) -> Verdict {
        let answer = findings.answer.filter(|text| !is_blank(text));
        let (outcome, mut evidence) = match &self.state.ending {
            Some(ended) => match &ended.refusal {
                Some(refusal) => {
                    let evidence = format!("result {}, {}", word(&ended.ending.subtype), exit_text(self.exit));
                    (Outcome::Failure(refusal.clone()), format!("{evidence}, refused: {}", refusal.class))
                }
                None => self.completed(findings.denied.as_deref(), answer.is_some()),
            },
            None => self.unfinished(findings.last_word, findings.not_begun),
        };
        let resumed = self.resume.is_some_and(|wanted| self.state.session.as_deref() == Some(wanted));
        let (usage, doubt) = used(self.state.usage.as_ref(), resumed, self.exit.previous_usage.as_ref());
        evidence.extend(doubt);
        Verdict { outcome, evidence, final_text: answer, session: self.state.session.clone(), usage }
    }

    /// Whether stderr may be asked why the agent did not get to work.
    pub fn may_not_have_begun(&self) -> bool {
        self.state.ending.is_none() && failed(self.exit) && caught_signal(self.exit).is_none()
    }

    /// The last lines of stderr.
    pub fn stderr_lines(&self) -> Vec<&str> {
        stderr_lines(self.stderr, self.exit)
    }

    fn completed(&self, denied: Option<&str>, answered: bool) -> (Outcome, String) {
        let agent = self.agent;
        let mut evidence = format!("result success, {}", exit_text(self.exit));
        if let Some(denied) = denied {
            evidence.push_str(&format!(", {denied}"));
        }
        let outcome = if let Some(signal) = caught_signal(self.exit) {
            // It may have gone on with a command of its own cut short.
            let name = signal_name(signal);
            Outcome::Incomplete(format!("{agent} was ended by {name}, and its last result may rest on cut work"))
        } else if failed(self.exit) {
            let hint = self.hint();
            failure(format!("{agent} reported success and then ended with {}{hint}", exit_text(self.exit)))
        } else if let Some(stranger) = self.stranger() {
            failure(stranger)
        } else if let (Some(denied), Autonomy::Workspace | Autonomy::Full) = (denied, self.autonomy) {
            failure(format!("{agent} reported success, but {denied}: what they were for was not done"))
        } else if !answered {
            Outcome::NoResult(format!("{agent} reported success without an answer"))
        } else {
            Outcome::Success
        };
        (outcome, evidence)
    }

    /// No `result`.
    fn unfinished(&self, last_word: Option<Refusal>, not_begun: Option<Refusal>) -> (Outcome, String) {
        let evidence = format!("no result, {}", exit_text(self.exit));
        if let Some(refusal) = last_word {
            let evidence = format!("{evidence}, last word: {}", refusal.message);
            return (Outcome::Failure(refusal), evidence);
        }
        if let Some(refusal) = not_begun {
            return (Outcome::Failure(refusal), evidence);
        }
        let agent = self.agent;
        let mut missing = match self.exit.signal.or(caught_signal(self.exit)).map(signal_name) {
            Some(signal) => format!("{agent} was ended by {signal} before its result"),
            None => format!("{agent} ended ({}) without a result", exit_text(self.exit)),
        };
        match &self.state.retry {
            Some(retry) => missing.push_str(&format!("; it was trying again after: {}", retry.message)),
            None => missing.push_str(&self.hint()),
        }
        (Outcome::Incomplete(missing), evidence)
    }

    /// A session is continued under its own id.
    fn stranger(&self) -> Option<String> {
        let (agent, wanted) = (self.agent, self.resume?);
        match self.state.session.as_deref() {
            Some(session) if session == wanted => None,
            Some(session) => Some(format!("{agent} worked in session {session} instead of resuming {wanted}")),
            None => Some(format!("{agent} did not say that it resumed {wanted}")),
        }
    }

    fn hint(&self) -> String {
        hint(&self.stderr_lines(), |_| false)
    }
}

fn word(subtype: &str) -> &str {
    if subtype.is_empty() { "without a word" } else { subtype }
}

/// "2 tool calls were not permitted (Write, Bash)"; none when there were none.
pub fn denied(calls: usize, tools: &[String]) -> Option<String> {
    let calls = match calls {
        0 => return None,
        1 => "1 tool call was".to_owned(),
        calls => format!("{calls} tool calls were"),
    };
    let names = if tools.is_empty() { String::new() } else { format!(" ({})", tools.join(", ")) };
    Some(format!("{calls} not permitted{names}"))
}
