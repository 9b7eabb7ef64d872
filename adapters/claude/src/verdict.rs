//! Owns how a run of claude ended. Must not read output: it judges what the reader kept.
//!
//! Only a `result` that claims success and no error makes one, and only when nothing that the task may do was denied. The
//! exit code can take that away, never give it.

use aid_adapter_kit::claude_shaped::{Ending, State, is_blank, used};
use aid_adapter_kit::exit::{caught_signal, exit_text, failed, failure, hint, signal_name, stderr_lines};
use aid_adapter_kit::{Autonomy, ExitStatus, Outcome, Refusal, Tail, Verdict};

use crate::{refusal, startup};

/// Everything the verdict rests on.
pub(crate) struct Run<'a> {
    pub(crate) state: &'a State,
    pub(crate) exit: &'a ExitStatus,
    pub(crate) autonomy: Autonomy,
    /// The session that was to be continued.
    pub(crate) resume: Option<&'a str>,
    pub(crate) stderr: &'a Tail,
}

impl Run<'_> {
    /// `claimed` is the answer that the result names, `words` what the assistant said last.
    pub(crate) fn verdict(&self, claimed: Option<String>, words: Option<String>) -> Verdict {
        let (outcome, mut evidence, answer) = match &self.state.ending {
            Some(ended) => match &ended.refusal {
                // What a failed result names is claude's own text, and no answer.
                Some(refusal) => {
                    let evidence = format!("result {}, is_error, {}", ended.ending.subtype, exit_text(self.exit));
                    (Outcome::Failure(refusal.clone()), evidence, words)
                }
                None => {
                    let answer = claimed.filter(|text| !is_blank(text)).or(words);
                    let (outcome, evidence) = self.completed(&ended.ending, answer.is_some());
                    (outcome, evidence, answer)
                }
            },
            None => {
                let (outcome, evidence) = self.unfinished();
                (outcome, evidence, words)
            }
        };
        let resumed = self.resume.is_some_and(|wanted| self.state.session.as_deref() == Some(wanted));
        let (usage, doubt) = used(self.state.usage.as_ref(), resumed, self.exit.previous_usage.as_ref());
        evidence.extend(doubt);
        Verdict { outcome, evidence, final_text: answer, session: self.state.session.clone(), usage }
    }

    fn completed(&self, ending: &Ending, answered: bool) -> (Outcome, String) {
        let mut evidence = format!("result success, {}", exit_text(self.exit));
        if ending.denials > 0 {
            evidence.push_str(&format!(", {}", denied(ending)));
        }
        let outcome = if let Some(signal) = caught_signal(self.exit) {
            // It may have gone on with a command of its own cut short.
            let name = signal_name(signal);
            Outcome::Incomplete(format!("claude was ended by {name}, and its last result may rest on cut work"))
        } else if failed(self.exit) {
            let lines = stderr_lines(self.stderr, self.exit);
            let hint = hint(&lines, startup::is_noise);
            failure(format!("claude reported success and then ended with {}{hint}", exit_text(self.exit)))
        } else if let Some(stranger) = self.stranger() {
            failure(stranger)
        } else if ending.denials > 0 && self.autonomy != Autonomy::ReadOnly {
            failure(format!("claude reported success, but {}: what they were for was not done", denied(ending)))
        } else if !answered {
            Outcome::NoResult("claude reported success without an answer".into())
        } else {
            Outcome::Success
        };
        (outcome, evidence)
    }

    /// No `result`.
    fn unfinished(&self) -> (Outcome, String) {
        let mut evidence = format!("no result, {}", exit_text(self.exit));
        if let Some(refusal) = self.last_refusal() {
            evidence.push_str(&format!(", last word: {}", refusal.message));
            return (Outcome::Failure(refusal), evidence);
        }
        let lines = stderr_lines(self.stderr, self.exit);
        if !self.state.spoke
            && failed(self.exit)
            && caught_signal(self.exit).is_none()
            && let Some(refusal) = startup::reason(&lines)
        {
            return (Outcome::Failure(refusal), evidence);
        }
        let signal = self.exit.signal.or(caught_signal(self.exit)).map(signal_name);
        let mut missing = match signal {
            Some(signal) => format!("claude was ended by {signal} before its result"),
            None => format!("claude ended ({}) without a result", exit_text(self.exit)),
        };
        match &self.state.retry {
            Some(retry) => missing.push_str(&format!("; it was trying again after: {}", retry.message)),
            None => missing.push_str(&hint(&lines, startup::is_noise)),
        }
        (Outcome::Incomplete(missing), evidence)
    }

    /// What claude said last, when that was that it cannot go on.
    fn last_refusal(&self) -> Option<Refusal> {
        let said = self.state.own_words.as_ref().and_then(refusal::of_words);
        said.or_else(|| self.state.retry.clone().filter(|retry| retry.final_))
    }

    /// Claude continues a session under its own id, or says that there is none.
    fn stranger(&self) -> Option<String> {
        let wanted = self.resume?;
        match self.state.session.as_deref() {
            Some(session) if session == wanted => None,
            Some(session) => Some(format!("claude worked in session {session} instead of resuming {wanted}")),
            None => Some(format!("claude did not say that it resumed {wanted}")),
        }
    }
}

/// "2 tool calls were not permitted (Write, Bash)".
fn denied(ending: &Ending) -> String {
    let calls = if ending.denials == 1 { "1 tool call was" } else { &format!("{} tool calls were", ending.denials) };
    format!("{calls} not permitted ({})", ending.denied_tools.join(", "))
}
