//! Owns output that is only text: all of stdout is the answer, and the exit code says whether it is one, because the user
//! has said so. Must not look for a meaning in the text.

use aid_adapter_kit::text::cut;
use aid_adapter_kit::{Event, ExitStatus, Outcome, Refusal, Verdict};

/// The longest answer that is kept, in bytes. A longer one is no answer: a part of it would pass for the whole.
const MAX_ANSWER_BYTES: usize = 12 << 20;

/// The longest line of stderr that is quoted, in bytes.
const MAX_HINT_BYTES: usize = 300;

/// stdout so far.
#[derive(Debug, Default)]
pub(crate) struct Output {
    text: String,
    is_broken: bool,
}

impl Output {
    /// The next line.
    pub(crate) fn push(&mut self, line: &str, events: &mut Vec<Event>) {
        events.push(Event::MessageDelta(format!("{line}\n")));
        if self.text.len() + line.len() >= MAX_ANSWER_BYTES {
            self.lose();
        }
        if !self.is_broken {
            self.text.push_str(line);
            self.text.push('\n');
        }
    }

    /// A part of it was not kept.
    pub(crate) fn lose(&mut self) {
        self.text = String::new();
        self.is_broken = true;
    }

    /// How it ended. `exit_is_success` is the user's word, without which there is no success.
    pub(crate) fn verdict(&mut self, exit: &ExitStatus, exit_is_success: bool, stderr: Option<&str>) -> Verdict {
        let mut text = std::mem::take(&mut self.text);
        text.truncate(text.trim_end().len());
        let hint = stderr.map(|line| format!("; stderr: {}", cut(line.trim(), MAX_HINT_BYTES))).unwrap_or_default();
        let how = match (exit.signal, exit.code) {
            (Some(signal), _) => format!("signal {signal}"),
            (None, Some(code)) => format!("exit code {code}"),
            (None, None) => "exit code unknown".into(),
        };
        let outcome = match (exit.signal, exit.code) {
            (None, Some(0)) if !exit_is_success => Outcome::Incomplete(
                "ob1 ended, and nobody has said what its success looks like (option `success`)".into(),
            ),
            (None, Some(0)) if self.is_broken => {
                Outcome::NoResult("ob1's answer was too long to be kept; the log has it".into())
            }
            (None, Some(0)) if text.trim().is_empty() => Outcome::NoResult("ob1 ended well and wrote nothing".into()),
            (None, Some(0)) => Outcome::Success,
            (None, Some(code)) => Outcome::Failure(failure(format!("ob1 ended with exit code {code}{hint}"))),
            _ => Outcome::Incomplete(format!("ob1 did not end by itself ({how}){hint}")),
        };
        let rule = if exit_is_success { "by the user's rule exit-zero" } else { "without a rule of success" };
        Verdict {
            outcome,
            evidence: format!("{how}, {rule}"),
            final_text: Some(text).filter(|text| !text.trim().is_empty()),
            session: None,
            usage: None,
        }
    }
}

fn failure(message: String) -> Refusal {
    Refusal { class: "other".to_owned(), message, pool: None, retry_at: None, final_: true }
}
