//! Owns how a run of cursor ended. Must not read output: it judges what the reader kept.
//!
//! Only a `result` that claims success and no error makes one; cursor writes none when it fails. The exit code can take
//! that away, never give it.

use aid_adapter_kit::claude_shaped::{State, used};
use aid_adapter_kit::exit::{caught_signal, exit_text, failed, failure, hint, signal_name, stderr_lines};
use aid_adapter_kit::{Autonomy, ExitStatus, Outcome, Tail, Verdict};

use crate::startup;

/// Everything the verdict rests on.
pub(crate) struct Run<'a> {
    pub(crate) state: &'a State,
    /// How many tool calls were not permitted.
    pub(crate) rejected: usize,
    pub(crate) exit: &'a ExitStatus,
    pub(crate) autonomy: Autonomy,
    /// The session that was to be continued.
    pub(crate) resume: Option<&'a str>,
    pub(crate) stderr: &'a Tail,
}

impl Run<'_> {
    pub(crate) fn verdict(&self, answer: Option<String>) -> Verdict {
        let (outcome, evidence) = match &self.state.ending {
            Some(ended) => match &ended.refusal {
                Some(refusal) => {
                    let evidence = format!("result {}, {}", ended.ending.subtype, exit_text(self.exit));
                    (Outcome::Failure(refusal.clone()), evidence)
                }
                None => self.completed(answer.is_some()),
            },
            None => self.unfinished(),
        };
        let (usage, doubt) = used(self.state.usage.as_ref(), false, None);
        let evidence = evidence + doubt.unwrap_or_default();
        Verdict { outcome, evidence, final_text: answer, session: self.state.session.clone(), usage }
    }

    fn completed(&self, answered: bool) -> (Outcome, String) {
        let mut evidence = format!("result success, {}", exit_text(self.exit));
        if self.rejected > 0 {
            evidence.push_str(&format!(", {}", self.denied()));
        }
        let outcome = if let Some(signal) = caught_signal(self.exit) {
            let name = signal_name(signal);
            Outcome::Incomplete(format!("cursor was ended by {name}, and its last result may rest on cut work"))
        } else if failed(self.exit) {
            let lines = stderr_lines(self.stderr, self.exit);
            let hint = hint(&lines, startup::is_noise);
            failure(format!("cursor reported success and then ended with {}{hint}", exit_text(self.exit)))
        } else if let Some(stranger) = self.stranger() {
            failure(stranger)
        } else if self.rejected > 0 && self.autonomy != Autonomy::ReadOnly {
            failure(format!("cursor reported success, but {}: what they were for was not done", self.denied()))
        } else if !answered {
            Outcome::NoResult("cursor reported success without an answer".into())
        } else {
            Outcome::Success
        };
        (outcome, evidence)
    }

    /// No `result`.
    fn unfinished(&self) -> (Outcome, String) {
        let evidence = format!("no result, {}", exit_text(self.exit));
        let lines = stderr_lines(self.stderr, self.exit);
        let signal = self.exit.signal.or(caught_signal(self.exit)).map(signal_name);
        if !self.state.worked
            && failed(self.exit)
            && signal.is_none()
            && let Some(refusal) = startup::reason(&lines)
        {
            return (Outcome::Failure(refusal), evidence);
        }
        let mut missing = match signal {
            Some(signal) => format!("cursor was ended by {signal} before its result"),
            None => format!("cursor ended ({}) without a result", exit_text(self.exit)),
        };
        missing.push_str(&hint(&lines, startup::is_noise));
        (Outcome::Incomplete(missing), evidence)
    }

    fn stranger(&self) -> Option<String> {
        let wanted = self.resume?;
        match self.state.session.as_deref() {
            Some(session) if session == wanted => None,
            Some(session) => Some(format!("cursor worked in session {session} instead of resuming {wanted}")),
            None => Some(format!("cursor did not say that it resumed {wanted}")),
        }
    }

    fn denied(&self) -> String {
        let calls = if self.rejected == 1 { "1 tool call was" } else { &format!("{} tool calls were", self.rejected) };
        format!("{calls} not permitted")
    }
}
