//! Owns how a run of the family ended. Must not read output: it judges what the reader kept.
//!
//! A success is a last step that finished with `stop` and left nothing to do, no error, no refused permission, and an
//! answer. The exit code is 0 in runs that did nothing at all, so it can take a success away and never give one.

use crate::text::cut;
use crate::{ExitStatus, Outcome, Refusal, Tail, Verdict};

use super::{Class, MAX_MESSAGE_BYTES, OwnWords, State, Step, errors, stderr};

/// The longest line of stderr that is quoted as a hint, in bytes.
const MAX_HINT_BYTES: usize = 300;

/// Everything the verdict rests on.
#[derive(Debug)]
pub struct Ended<'a> {
    /// How the agent is called in messages.
    pub name: &'static str,
    /// What the reader kept.
    pub state: &'a State,
    /// How the process ended.
    pub exit: &'a ExitStatus,
    /// The session that was to be continued.
    pub resume: Option<&'a str>,
    /// The agent profile that was asked for and not used.
    pub missing_profile: Option<&'a str>,
    /// The end of stderr.
    pub stderr: &'a Tail,
}

impl Ended<'_> {
    /// How it ended.
    pub fn verdict(&self, answer: Option<String>) -> Verdict {
        let answer = answer.filter(|text| !text.trim().is_empty());
        let outcome = self.failed().unwrap_or_else(|| match &self.state.last_step {
            Some(step) if step.is_end() => self.finished(answer.is_some()),
            last => self.unfinished(last.as_ref()),
        });
        let mut evidence = format!("{}, {}", self.last_word(), self.exit_text());
        if self.state.answer_cut {
            evidence.push_str("; the answer is longer than what is kept, the log has all of it");
        }
        Verdict {
            outcome,
            evidence,
            final_text: answer,
            session: self.state.session.clone(),
            usage: self.state.usage.clone().filter(|usage| usage.input.is_some() || usage.output.is_some()),
        }
    }

    /// What makes a failure of the run, whatever its last step and its exit code say.
    fn failed(&self) -> Option<Outcome> {
        let state = self.state;
        if let Some(profile) = self.missing_profile {
            return Some(failure(self.fallback(profile)));
        }
        let is_finished = state.last_step.as_ref().is_some_and(Step::is_end);
        if let Some(endless) = state.endless.as_ref().filter(|_| !is_finished) {
            return Some(Outcome::Failure(endless.clone()));
        }
        if let Some(refusal) = &state.refusal {
            return Some(Outcome::Failure(Refusal { final_: true, ..refusal.clone() }));
        }
        let own_rejection = matches!(&state.own_error, Some((OwnWords::Rejected, _)));
        let rejected = state.rejected_tool.as_ref().or(state.last_rejection.as_ref().filter(|_| !is_finished));
        if rejected.is_some() || own_rejection {
            let what = rejected.map_or("a tool", String::as_str);
            let text = format!("{} refused itself the use of {what}: nobody was there to allow it", self.name);
            return Some(failure(text));
        }
        None
    }

    fn finished(&self, answered: bool) -> Outcome {
        if let Some(stranger) = self.stranger() {
            return failure(stranger);
        }
        let no_answer = || Outcome::NoResult(format!("{} finished its last step without an answer", self.name));
        if matches!(&self.state.own_error, Some((OwnWords::NoAnswer, _))) {
            return no_answer();
        }
        match (self.exit.signal, self.exit.code) {
            // After a signal the code says nothing new: the work was complete, only the way out was cut short.
            (None, Some(code)) if code != 0 => {
                let hint = self.hint();
                failure(format!("{} finished its last step and then ended with exit code {code}{hint}", self.name))
            }
            _ if !answered => no_answer(),
            _ => Outcome::Success,
        }
    }

    /// Neither success nor failure mark.
    fn unfinished(&self, last: Option<&Step>) -> Outcome {
        let ended_by_itself = self.exit.signal.is_none();
        if ended_by_itself {
            if let Some(refusal) = self.start_failure() {
                return Outcome::Failure(refusal);
            }
            match last {
                Some(step) if step.broke_off() => {
                    let text = format!(
                        "the provider's stream broke off: the last step of {} finished with reason {:?} and no counts",
                        self.name, step.reason
                    );
                    return Outcome::Failure(Class::Network.refusal(text, true));
                }
                Some(step) if step.reason == "content-filter" => {
                    return Outcome::Failure(Class::Refused.refusal("the provider filtered the answer", true));
                }
                _ => {}
            }
        }
        let name = self.name;
        let missing = match (last, self.exit.signal) {
            _ if self.state.interrupted => format!("{name} was told to stop before it had finished"),
            (_, Some(signal)) => format!("{name} was ended by {} before its last step finished", signal_name(signal)),
            (Some(step), None) if step.reason == "length" => {
                format!("the answer was cut off at the model's output limit (reason {:?})", step.reason)
            }
            (Some(step), None) => {
                format!("the last step of {name} finished with reason {:?}, not \"stop\"", step.reason)
            }
            (None, None) => format!("{name} ended ({}) without finishing a step", self.exit_text()),
        };
        Outcome::Incomplete(missing + &self.hint())
    }

    /// Nothing on stdout, so stderr is the agent's own and says why.
    fn start_failure(&self) -> Option<Refusal> {
        if self.state.spoke || self.exit.code.is_none_or(|code| code == 0) {
            return None;
        }
        let text = stderr::reason(&stderr::lines(self.stderr, &self.exit.stderr_tail))?;
        let (class, message) = match self.resume {
            Some(session) if text == "Session not found" => {
                (Class::Other, format!("{} has no session {session} to resume", self.name))
            }
            _ => {
                let class = errors::by_text(&text).unwrap_or(Class::Other);
                (class, format!("{} did not start: {text}", self.name))
            }
        };
        Some(class.refusal(cut(&message, MAX_MESSAGE_BYTES), true))
    }

    fn fallback(&self, profile: &str) -> String {
        format!(
            "{} has no agent {profile:?} to run as and took its default one, which may do more than was allowed",
            self.name
        )
    }

    fn stranger(&self) -> Option<String> {
        let (wanted, name) = (self.resume?, self.name);
        match self.state.session.as_deref() {
            Some(session) if session == wanted => None,
            Some(session) => Some(format!("{name} worked in session {session} instead of resuming {wanted}")),
            None => Some(format!("{name} did not say that it resumed {wanted}")),
        }
    }

    fn last_word(&self) -> String {
        let failed = self.state.refusal.is_some() || self.state.own_error.is_some();
        match &self.state.last_step {
            _ if failed => "error".into(),
            Some(step) => format!("step_finish {:?}", step.reason),
            None => "no step_finish at the end".into(),
        }
    }

    fn exit_text(&self) -> String {
        match (self.exit.signal, self.exit.code) {
            (Some(signal), _) => signal_name(signal),
            (None, Some(code)) => format!("exit code {code}"),
            (None, None) => "exit code unknown".into(),
        }
    }

    /// The last thing on stderr, to be read by people only.
    fn hint(&self) -> String {
        let lines = stderr::lines(self.stderr, &self.exit.stderr_tail);
        match lines.iter().rev().map(|line| line.trim()).find(|line| !line.is_empty()) {
            Some(line) => format!("; stderr: {}", cut(line, MAX_HINT_BYTES)),
            None => String::new(),
        }
    }
}

fn failure(message: String) -> Outcome {
    Outcome::Failure(Class::Other.refusal(message, true))
}

/// As `kill -l` has it, for the signals that end an agent in practice.
fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        _ => return format!("signal {signal}"),
    };
    name.into()
}
