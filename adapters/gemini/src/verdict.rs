//! Owns how a run of gemini ended. Must not read output: it judges what the reader kept.
//!
//! Only a `result` that says success, after which nothing came and before which gemini did not stop by itself, makes a
//! success. The exit code can take that away, never give it: gemini ends with 0 also when it is told to end, when the
//! stream breaks, and when it loses its output.

use aid_adapter_kit::text::cut;
use aid_adapter_kit::{ExitStatus, Outcome, Refusal, Tail, Verdict};

use crate::answer::Said;
use crate::parse::{Reader, State};
use crate::refusal::{self, Class};
use crate::{stats, stderr};

/// The longest line of stderr that is quoted as a hint, in bytes.
const MAX_HINT_BYTES: usize = 300;

/// What gemini ends with when nobody is logged in.
const AUTH_EXIT_CODE: i32 = 41;

/// What gemini ends with when it cannot use what it was given: no prompt, or no such session.
const INPUT_EXIT_CODE: i32 = 42;

/// The HTTP statuses with which gemini ends as its exit code, of which a system keeps the last eight bits.
const STATUSES: [u64; 12] = [400, 401, 402, 403, 404, 408, 413, 429, 500, 502, 503, 504];

/// Everything the verdict rests on.
pub(crate) struct Ended<'a> {
    pub(crate) reader: &'a Reader,
    pub(crate) exit: &'a ExitStatus,
    /// The session that was to be continued.
    pub(crate) resume: Option<&'a str>,
    pub(crate) stderr: &'a Tail,
}

impl Ended<'_> {
    pub(crate) fn verdict(&self, said: Said) -> Verdict {
        let exit = self.exit_text();
        let (outcome, mut evidence) = match self.reader.state() {
            State::Succeeded => (self.succeeded(&said), format!("result success, {exit}")),
            State::Stopped(stop) => {
                let evidence = format!("result success after \"{}\", {exit}", cut(stop, MAX_HINT_BYTES));
                (failure(Class::Other, format!("gemini stopped by itself: {stop}")), evidence)
            }
            State::Failed(refusal) => (Outcome::Failure(self.refined(refusal)), format!("result error, {exit}")),
            State::Silent | State::Running => (self.unfinished(), format!("no result, {exit}")),
        };
        if said.was_repeated {
            evidence.push_str("; the answer was begun anew, and counts once");
        }
        Verdict {
            outcome,
            evidence,
            final_text: said.answer.or(said.earlier.filter(|_| *self.reader.state() != State::Succeeded)),
            session: self.reader.session().map(str::to_owned),
            usage: stats::sum(self.reader.usage()),
        }
    }

    fn succeeded(&self, said: &Said) -> Outcome {
        if let Some(stranger) = self.stranger() {
            return failure(Class::Other, stranger);
        }
        match (self.exit.signal, self.exit.code) {
            // After a signal the code says nothing new: the work was complete, only the way out was cut short.
            (None, Some(code)) if code != 0 => {
                let hint = self.hint();
                failure(Class::Other, format!("gemini completed its run and then ended with exit code {code}{hint}"))
            }
            _ if said.is_broken => Outcome::NoResult("gemini's answer was too long to be kept; the log has it".into()),
            _ if said.answer.is_none() => Outcome::NoResult("gemini completed its run without an answer".into()),
            _ => Outcome::Success,
        }
    }

    /// A text that says nothing about its class leaves the exit code to say it: it is the status of the same error.
    fn refined(&self, refusal: &Refusal) -> Refusal {
        let status = self.failure_code().and_then(status_of).filter(|_| refusal.class == Class::Other.as_str());
        match status.and_then(refusal::by_status) {
            Some(class) => Refusal { class: class.as_str().to_owned(), pool: self.pool(class), ..refusal.clone() },
            None => refusal.clone(),
        }
    }

    /// Neither success nor failure mark.
    fn unfinished(&self) -> Outcome {
        if let Some(code) = self.failure_code() {
            let has_begun = *self.reader.state() == State::Running;
            // Without a line of its own gemini did not begin; other lines may mean that its output was changed.
            if !has_begun && !self.reader.is_garbled() {
                return self.start_failure(code);
            }
            if let Some((status, class)) = status_of(code).and_then(|s| Some((s, refusal::by_status(s)?))) {
                let message = format!("gemini ended with exit code {code}, which stands for HTTP status {status}");
                return Outcome::Failure(Refusal { pool: self.pool(class), ..refusal::with(class, message) });
            }
        }
        let how = match self.exit.signal {
            Some(signal) => format!("gemini was ended by {} before its result", signal_name(signal)),
            None => format!("gemini ended ({}) without a result", self.exit_text()),
        };
        Outcome::Incomplete(how + &self.hint())
    }

    /// No line of gemini's protocol. The exit code says what kind it is, stderr has the words.
    fn start_failure(&self, code: i32) -> Outcome {
        let reason = stderr::reason(&self.stderr_lines());
        let words = reason.map_or_else(|| format!("exit code {code}"), |reason| format!("exit code {code}: {reason}"));
        let (class, message) = match (code, self.resume) {
            (AUTH_EXIT_CODE, _) => (Class::Auth, format!("gemini has nothing to log in with ({words})")),
            (INPUT_EXIT_CODE, Some(session)) => {
                (Class::Other, format!("gemini has no session {session} to resume in this directory ({words})"))
            }
            _ => {
                let class = status_of(code).and_then(refusal::by_status).unwrap_or(Class::Other);
                (class, format!("gemini did not start ({words})"))
            }
        };
        failure(class, message)
    }

    /// gemini begins a new session, and says nothing, where there is none to continue.
    fn stranger(&self) -> Option<String> {
        let wanted = self.resume?;
        match self.reader.session() {
            Some(session) if session == wanted => None,
            Some(session) => Some(format!("gemini started a new session {session} instead of resuming {wanted}")),
            None => Some(format!("gemini did not say that it resumed {wanted}")),
        }
    }

    fn pool(&self, class: Class) -> Option<String> {
        self.reader.model().filter(|_| class.is_about_a_model()).map(str::to_owned)
    }

    /// The exit code, when it is gemini's own and no success.
    fn failure_code(&self) -> Option<i32> {
        self.exit.code.filter(|code| *code > 0 && self.exit.signal.is_none())
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
        match stderr::last_word(&self.stderr_lines()) {
            Some(line) => format!("; stderr: {}", cut(line, MAX_HINT_BYTES)),
            None => String::new(),
        }
    }

    /// What was fed; the host's own tail when nothing was, as in a run that was adopted late.
    fn stderr_lines(&self) -> Vec<&str> {
        if self.stderr.is_empty() { self.exit.stderr_tail.lines().collect() } else { self.stderr.lines().collect() }
    }
}

fn failure(class: Class, message: String) -> Outcome {
    Outcome::Failure(refusal::with(class, message))
}

/// The HTTP status behind an exit code.
fn status_of(code: i32) -> Option<u64> {
    const EXIT_CODES: u64 = 256;
    let code = u64::try_from(code).ok()?;
    STATUSES.into_iter().find(|status| status % EXIT_CODES == code)
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
