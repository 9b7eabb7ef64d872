//! Owns how a run of codebuff ended. Must not read output: it judges what the reader kept.
//!
//! Only `turn.completed` makes a success. The exit code can take that away, never give it.

use aid_adapter_kit::codex_shaped::{MAX_MESSAGE_BYTES, State, Turn};
use aid_adapter_kit::text::cut;
use aid_adapter_kit::{ExitStatus, Outcome, Refusal, Tail, Verdict};

use crate::refusal;

/// What the program ends with when there is no key, and when it cannot do what its command line or its prompt says.
const NO_KEY_EXIT_CODE: i32 = 77;
const USAGE_EXIT_CODE: i32 = 2;

/// What the program puts before a reason on stderr.
const LABEL: &str = "aid-codebuff: ";

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
        let (outcome, evidence) = match &self.state.turn {
            Turn::Failed(refusal) => (Outcome::Failure(refusal.clone()), format!("turn.failed, {}", self.exit_text())),
            Turn::Completed => self.completed(answered),
            Turn::None | Turn::Running => self.unfinished(),
        };
        Verdict {
            outcome,
            evidence,
            final_text: final_text.filter(|text| !is_blank(text)),
            session: self.state.session.clone(),
            // Codebuff does not say.
            usage: None,
        }
    }

    fn completed(&self, answered: bool) -> (Outcome, String) {
        let evidence = format!("turn.completed, {}", self.exit_text());
        let outcome = match (self.stranger(), self.exit.signal, self.exit.code) {
            (Some(stranger), _, _) => failure(refusal::OTHER, stranger),
            // After a signal the code says nothing new: the work was complete, only the way out was cut short.
            (None, None, Some(code)) if code != 0 => {
                let hint = self.hint();
                let message = format!("codebuff completed its turn and then ended with exit code {code}{hint}");
                failure(refusal::OTHER, message)
            }
            _ if !answered => Outcome::NoResult("codebuff completed its turn without an answer".into()),
            _ => Outcome::Success,
        };
        (outcome, evidence)
    }

    /// Neither success nor failure mark.
    fn unfinished(&self) -> (Outcome, String) {
        let evidence = format!("no turn.completed, {}", self.exit_text());
        if let (false, None, Some(code @ 1..)) = (self.state.spoke, self.exit.signal, self.exit.code)
            && let Some(outcome) = self.start_failure(code)
        {
            return (outcome, evidence);
        }
        let mut missing = match self.exit.signal {
            Some(_) => format!("codebuff was ended by {} before turn.completed", self.exit_text()),
            None => format!("codebuff ended ({}) without turn.completed", self.exit_text()),
        };
        match &self.state.last_retry_notice {
            Some(notice) => {
                missing.push_str("; its last word: ");
                missing.push_str(&cut(notice, MAX_HINT_BYTES));
            }
            None => missing.push_str(&self.hint()),
        }
        (Outcome::Incomplete(missing), evidence)
    }

    /// Nothing on stdout: no model has spoken, so stderr is the program's own and says why.
    fn start_failure(&self, code: i32) -> Option<Outcome> {
        let lines = self.stderr_lines();
        let text = lines.join("\n");
        let text = text.trim();
        // What it says begins with its name; before that Node may have had a word.
        let text = text.find(LABEL).map_or(text, |start| &text[start + LABEL.len()..]);
        let (class, message) = match code {
            NO_KEY_EXIT_CODE if text.is_empty() => ("auth", "codebuff has no API key: set CODEBUFF_API_KEY".to_owned()),
            NO_KEY_EXIT_CODE => ("auth", text.to_owned()),
            _ if text.is_empty() => return None,
            USAGE_EXIT_CODE => (refusal::OTHER, text.to_owned()),
            _ => (refusal::OTHER, format!("codebuff did not start: {}", refusal::without_stack(text))),
        };
        Some(failure(class, cut(&message, MAX_MESSAGE_BYTES).into_owned()))
    }

    /// A session that is not the one to be continued knows nothing of it.
    fn stranger(&self) -> Option<String> {
        let wanted = self.resume?;
        match self.state.session.as_deref() {
            Some(session) if session == wanted => None,
            Some(session) => Some(format!("codebuff started a new session {session} instead of resuming {wanted}")),
            None => Some(format!("codebuff did not say that it resumed {wanted}")),
        }
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
        match self.stderr_lines().into_iter().rev().find(|line| !line.trim().is_empty()) {
            Some(line) => format!("; stderr: {}", cut(line.trim(), MAX_HINT_BYTES)),
            None => String::new(),
        }
    }

    /// What was fed; the host's own tail when nothing was, as in a run that was adopted late.
    fn stderr_lines(&self) -> Vec<&str> {
        let is_word = |line: &&str| !is_noise(line);
        if self.stderr.is_empty() {
            self.exit.stderr_tail.lines().filter(is_word).collect()
        } else {
            self.stderr.lines().filter(is_word).collect()
        }
    }
}

/// What Node and the SDK's libraries say to developers.
fn is_noise(line: &str) -> bool {
    ["AI SDK Warning", "(node:", "(Use `node "].iter().any(|start| line.starts_with(start))
}

fn failure(class: &str, message: String) -> Outcome {
    Outcome::Failure(Refusal { class: class.to_owned(), message, pool: None, retry_at: None, final_: true })
}
