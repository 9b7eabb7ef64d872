//! Owns how a run of codex ended. Must not read output: it judges what the reader kept.
//!
//! Only `turn.completed` makes a success. The exit code can take that away, never give it.

use aid_adapter_kit::codex_shaped::{State, Turn};
use aid_adapter_kit::text::cut;
use aid_adapter_kit::{ExitStatus, Outcome, Refusal, Tail, Usage, Verdict, usage};

use crate::refusal::Class;
use crate::startup;

/// The longest line of stderr that is quoted as a hint, in bytes.
const MAX_HINT_BYTES: usize = 300;

/// Everything the verdict rests on.
pub(crate) struct Ended<'a> {
    pub(crate) state: &'a State,
    pub(crate) exit: &'a ExitStatus,
    /// The session that was to be continued.
    pub(crate) resume: Option<&'a str>,
    pub(crate) stderr: &'a Tail,
}

impl Ended<'_> {
    pub(crate) fn verdict(&self, final_text: Option<String>) -> Verdict {
        let is_blank = |text: &str| text.trim().is_empty();
        let answered = self.state.answered && final_text.as_deref().is_some_and(|text| !is_blank(text));
        let (outcome, mut evidence) = match &self.state.turn {
            Turn::Failed(refusal) => (Outcome::Failure(refusal.clone()), format!("turn.failed, {}", self.exit_text())),
            Turn::Completed => self.completed(answered),
            Turn::None | Turn::Running => self.unfinished(),
        };
        let (used, doubt) = self.used();
        evidence.extend(doubt);
        Verdict {
            outcome,
            evidence,
            final_text: final_text.filter(|text| !is_blank(text)),
            session: self.state.session.clone(),
            usage: used,
        }
    }

    fn completed(&self, answered: bool) -> (Outcome, String) {
        let evidence = format!("turn.completed, {}", self.exit_text());
        if let Some(stranger) = self.stranger() {
            return (failure(stranger), evidence);
        }
        let outcome = match (self.exit.signal, self.exit.code) {
            // After a signal the code says nothing new: the work was complete, only the way out was cut short.
            (None, Some(code)) if code != 0 => {
                let hint = self.hint();
                failure(format!("codex completed its turn and then ended with exit code {code}{hint}"))
            }
            _ if !answered => Outcome::NoResult("codex completed its turn without an answer".into()),
            _ => Outcome::Success,
        };
        (outcome, evidence)
    }

    /// Neither success nor failure mark.
    fn unfinished(&self) -> (Outcome, String) {
        let evidence = format!("no turn.completed, {}", self.exit_text());
        if let (None, Some(code @ 1..)) = (self.exit.signal, self.exit.code)
            && let Some(refusal) = self.start_failure(code).or_else(|| self.state.last_error.clone())
        {
            return (Outcome::Failure(refusal), evidence);
        }
        let mut missing = match self.exit.signal {
            Some(signal) => format!("codex was ended by {} before turn.completed", signal_name(signal)),
            None => format!("codex ended ({}) without turn.completed", self.exit_text()),
        };
        if let Some(notice) = &self.state.last_retry_notice {
            missing.push_str("; its last word: ");
            missing.push_str(&cut(notice, MAX_HINT_BYTES));
        } else {
            missing.push_str(&self.hint());
        }
        (Outcome::Incomplete(missing), evidence)
    }

    /// Nothing on stdout, so stderr is codex's own and says why.
    fn start_failure(&self, code: i32) -> Option<Refusal> {
        if self.state.spoke {
            return None;
        }
        startup::reason(&self.stderr_lines(), code, self.resume)
    }

    /// codex begins a new thread, and says nothing, where it cannot continue the one it was given.
    fn stranger(&self) -> Option<String> {
        let wanted = self.resume?;
        match self.state.session.as_deref() {
            Some(session) if session == wanted => None,
            Some(session) => Some(format!("codex started a new thread {session} instead of resuming {wanted}")),
            None => Some(format!("codex did not say that it resumed {wanted}")),
        }
    }

    /// What this run used, and why that is not known where a total is.
    fn used(&self) -> (Option<Usage>, Option<&'static str>) {
        let Some(total) = &self.state.usage else { return (None, None) };
        let resumed = self.resume.is_some_and(|wanted| self.state.session.as_deref() == Some(wanted));
        if !resumed {
            return (Some(Usage { cumulative: false, ..total.clone() }), None);
        }
        match &self.exit.previous_usage {
            None => (None, Some("; usage unknown: no total from before this run")),
            Some(previous) => match usage::since(previous, total) {
                Some(used) => (Some(used), None),
                None => (None, Some("; usage unknown: the total from before this run does not fit")),
            },
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
        match self.stderr_lines().into_iter().rev().find(|line| !startup::is_noise(line)) {
            Some(line) => format!("; stderr: {}", cut(line.trim(), MAX_HINT_BYTES)),
            None => String::new(),
        }
    }

    /// What was fed; the host's own tail when nothing was, as in a run that was adopted late.
    fn stderr_lines(&self) -> Vec<&str> {
        if self.stderr.is_empty() { self.exit.stderr_tail.lines().collect() } else { self.stderr.lines().collect() }
    }
}

fn failure(message: String) -> Outcome {
    let class = Class::Other.as_str().to_owned();
    Outcome::Failure(Refusal { class, message, pool: None, retry_at: None, final_: true })
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
