//! Owns the rules by which a run is judged for agents that end with a line of their own which says how it went. What an
//! agent's words mean comes from its adapter, as [`Findings`]. Must not read output.
//!
//! Only what the adapter takes for the success mark makes a success, and only when nothing that the task may do was
//! denied. The exit code can take that away, never give it.

use crate::exit::{caught_signal, exit_text, failed, failure, hint, signal_name, stderr_lines};
use crate::text::is_blank;
use crate::{Autonomy, ExitStatus, Outcome, Refusal, Tail, Usage, Verdict, usage};

/// Everything that a verdict rests on.
#[derive(Debug)]
pub struct Run<'a> {
    /// The agent's short name, for texts.
    pub agent: &'a str,
    /// The agent's last line, as it says how the run went.
    pub end: End<'a>,
    /// The agent's id of its session.
    pub session: Option<&'a str>,
    /// What it counted.
    pub usage: Option<&'a Usage>,
    /// What it was trying to overcome when nothing more came.
    pub retry: Option<&'a Refusal>,
    /// How the process ended.
    pub exit: &'a ExitStatus,
    /// What it was allowed to do.
    pub autonomy: Autonomy,
    /// The session that was to be continued.
    pub resume: Option<&'a str>,
    /// What was kept of stderr.
    pub stderr: &'a Tail,
}

/// The line with which an agent ends.
#[derive(Debug, Clone, Copy)]
pub enum End<'a> {
    /// None came.
    Missing,
    /// The success mark, in the agent's words: "result success".
    Mark(&'a str),
    /// The agent's words, and why they are no success.
    Refused(&'a str, &'a Refusal),
}

/// What only the adapter can find.
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
        let (outcome, mut evidence) = match self.end {
            End::Mark(mark) => self.completed(mark, findings.denied.as_deref(), answer.is_some()),
            End::Refused(words, refusal) => {
                let evidence = format!("{words}, {}, refused: {}", exit_text(self.exit), refusal.class);
                (Outcome::Failure(refusal.clone()), evidence)
            }
            End::Missing => self.unfinished(findings.last_word, findings.not_begun),
        };
        let resumed = self.resume.is_some_and(|wanted| self.session == Some(wanted));
        let (usage, doubt) = used(self.usage, resumed, self.exit.previous_usage.as_ref());
        evidence.extend(doubt);
        Verdict { outcome, evidence, final_text: answer, session: self.session.map(str::to_owned), usage }
    }

    /// Whether stderr may be asked why the agent did not get to work.
    pub fn may_not_have_begun(&self) -> bool {
        matches!(self.end, End::Missing) && failed(self.exit) && caught_signal(self.exit).is_none()
    }

    /// The last lines of stderr.
    pub fn stderr_lines(&self) -> Vec<&str> {
        stderr_lines(self.stderr, self.exit)
    }

    fn completed(&self, mark: &str, denied: Option<&str>, answered: bool) -> (Outcome, String) {
        let agent = self.agent;
        let mut evidence = format!("{mark}, {}", exit_text(self.exit));
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
            failure(format!("{agent} reported success, but {denied} and never made"))
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
        match self.retry {
            Some(retry) => missing.push_str(&format!("; it was trying again after: {}", retry.message)),
            None => missing.push_str(&self.hint()),
        }
        (Outcome::Incomplete(missing), evidence)
    }

    /// A session is continued under its own id.
    fn stranger(&self) -> Option<String> {
        let (agent, wanted) = (self.agent, self.resume?);
        match self.session {
            Some(session) if session == wanted => None,
            Some(session) => Some(format!("{agent} worked in session {session} instead of resuming {wanted}")),
            None => Some(format!("{agent} did not say that it resumed {wanted}")),
        }
    }

    fn hint(&self) -> String {
        hint(&self.stderr_lines(), |_| false)
    }
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

/// What the run used, and why that is not known where a total is.
pub fn used(total: Option<&Usage>, resumed: bool, previous: Option<&Usage>) -> (Option<Usage>, Option<&'static str>) {
    let Some(total) = total else { return (None, None) };
    if !total.cumulative || !resumed {
        return (Some(Usage { cumulative: false, ..total.clone() }), None);
    }
    match previous {
        None => (None, Some("; usage unknown: no total from before this run")),
        Some(previous) => match usage::since(previous, total) {
            Some(used) => (Some(used), None),
            None => (None, Some("; usage unknown: the total from before this run does not fit")),
        },
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
