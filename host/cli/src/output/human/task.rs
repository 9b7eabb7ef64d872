//! A task in a few words: its label, its sums, and the line that closes a run.

use aid_core::duration::format_duration_ms;
use aid_core::failure::{Failure, FailureClass};
use aid_core::task::{Status, VerifyStatus};
use aid_core::usage::{UNKNOWN, format_tokens, format_usd};
use aid_core::view::TaskView;

use super::{gist, word};
use crate::output::Tone;

/// The line that closes a run: what it is about, how it went, what to do next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ClosingLine {
    /// How the label looks.
    pub(crate) tone: Tone,
    /// Id and label.
    pub(crate) head: String,
    /// Everything else.
    pub(crate) rest: String,
}

/// `DONE`, `DONE [VFAIL]`, `RUN` and so on.
pub(crate) fn label(task: &TaskView) -> String {
    match task.verify_status {
        VerifyStatus::Failed | VerifyStatus::Error => format!("{} [VFAIL]", task.status.label()),
        VerifyStatus::Skipped | VerifyStatus::Pending | VerifyStatus::Passed => task.status.label().to_owned(),
    }
}

/// How a task's label looks.
pub(crate) fn tone_of(task: &TaskView) -> Tone {
    let verified = !matches!(task.verify_status, VerifyStatus::Failed | VerifyStatus::Error);
    match task.status {
        Status::Done | Status::Merged if verified => Tone::Good,
        Status::Done | Status::Merged | Status::Failed => Tone::Bad,
        Status::AwaitingInput | Status::Stopped => Tone::Attention,
        Status::Running | Status::Verifying => Tone::Live,
        Status::Queued | Status::Skipped => Tone::Faint,
    }
}

/// `12s, 1.2k tokens, $0.0123`; what is unknown is `—`.
pub(crate) fn counted(task: &TaskView) -> String {
    format!("{}, {} tokens, {}", duration(task), tokens(task), cost(task))
}

/// `842ms`, `12s`, or `—` when it never started.
pub(super) fn duration(task: &TaskView) -> String {
    task.duration_ms.map_or_else(|| UNKNOWN.to_owned(), format_duration_ms)
}

/// `1.2k`, or `—`.
pub(super) fn tokens(task: &TaskView) -> String {
    format_tokens(task.usage.as_ref().and_then(aid_core::usage::Usage::total))
}

/// `$0.0123`, or `—`.
pub(super) fn cost(task: &TaskView) -> String {
    dollars(task.cost_usd)
}

/// Dollars of a view for people.
pub(super) fn dollars(usd: Option<f64>) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a view's dollars are whole millionths, and a float cast saturates"
    )]
    let micro = usd.map(|usd| (usd * 1_000_000.0).round() as u64);
    format_usd(micro)
}

/// Why it failed: the class, what was said, and when to try again.
pub(super) fn failure(failure: &Failure) -> String {
    let mut text = word(&failure.class);
    let said = gist(&failure.message);
    if !said.is_empty() {
        text.push_str(": ");
        text.push_str(&said);
    }
    if let Some(retry_at) = &failure.retry_at {
        text.push_str(&format!(" (again: {})", gist(retry_at)));
    }
    text
}

/// The closing line of a task that somebody waited for.
pub(crate) fn closing(task: &TaskView) -> ClosingLine {
    let why = match (&task.failure, task.status) {
        (Some(reason), _) => format!(" ({})", failure(reason)),
        (None, Status::Stopped) => task.evidence.as_deref().map(|why| format!(" ({})", gist(why))).unwrap_or_default(),
        (None, _) => String::new(),
    };
    let head = format!("{} {}", task.id, label(task));
    ClosingLine { tone: tone_of(task), head, rest: format!("{why} after {} · next: {}", counted(task), next(task)) }
}

/// The command that most people want now.
pub(super) fn next(task: &TaskView) -> String {
    let id = &task.id;
    match (task.status, task.failure.as_ref().map(|failure| failure.class)) {
        (Status::Queued | Status::Running | Status::AwaitingInput | Status::Verifying, _) => format!("aid watch {id}"),
        (Status::Failed, Some(FailureClass::Spawn | FailureClass::Auth)) => "aid doctor".to_owned(),
        (Status::Failed, Some(FailureClass::Incomplete | FailureClass::Adapter | FailureClass::Lost)) => {
            format!("aid show {id} --log")
        }
        (Status::Failed | Status::Stopped, _) => format!("aid show {id} --events"),
        (Status::Done | Status::Merged | Status::Skipped, _) => format!("aid show {id}"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A settled task with everything unknown.
    pub(crate) fn view() -> TaskView {
        serde_json::from_value(serde_json::json!({
            "id": "t-1a2b", "agent": "codex", "model": null, "status": "done", "verify_status": "skipped",
            "failure": null, "exit_code": 0, "prompt": "do it", "dir": "/w", "repo": null, "branch": null,
            "worktree": null, "group": null, "parent": null, "session": null,
            "created_at": "2026-11-22T09:33:20.123Z", "started_at": null, "ended_at": null, "duration_ms": null,
            "usage": null, "cost_usd": null, "milestone": null, "evidence": null, "read_only": false,
            "background": false, "sandbox": null
        }))
        .expect("a view")
    }

    #[test]
    fn unknown_is_a_dash() {
        assert_eq!(counted(&view()), "—, — tokens, —");
    }

    #[test]
    fn money_survives_the_way_through_a_float() {
        for micro in [0, 1, 99, 100, 123_456, 1_000_000, 9_007_199_254_740_991] {
            assert_eq!(dollars(Some(aid_core::view::usd(micro))), format_usd(Some(micro)), "{micro}");
        }
    }

    #[test]
    fn a_failed_verify_is_not_good() {
        let mut task = view();
        assert_eq!((label(&task).as_str(), tone_of(&task)), ("DONE", Tone::Good));
        task.verify_status = VerifyStatus::Failed;
        assert_eq!((label(&task).as_str(), tone_of(&task)), ("DONE [VFAIL]", Tone::Bad));
    }

    #[test]
    fn the_closing_line_says_why_and_what_next() {
        let mut task = view();
        task.status = Status::Failed;
        task.duration_ms = Some(2_000);
        task.failure = Some(Failure::new(FailureClass::Auth, "401\u{1b}[2J\nmore"));
        let line = closing(&task);
        assert_eq!(line.head, "t-1a2b FAIL");
        assert_eq!(line.rest, " (auth: 401) after 2s, — tokens, — · next: aid doctor");
    }
}
