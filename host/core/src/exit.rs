//! The public table of exit codes, and which of them a settled task means. The only place that knows either.

use crate::failure::FailureClass;
use crate::task::{EndCause, Status, Task, VerifyStatus};

/// An exit code of `aid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// Good.
    Good = 0,
    /// A task failed.
    TaskFailed = 1,
    /// The command line, a file or a name is wrong.
    Usage = 2,
    /// No such task, agent or file.
    NotFound = 3,
    /// Authentication.
    Auth = 4,
    /// An agent waits for input.
    NeedsInput = 5,
    /// Rate limit or quota.
    RateLimit = 6,
    /// The agent finished, its work did not verify.
    VerifyFailed = 7,
    /// A merge conflict.
    Conflict = 8,
    /// Nobody saw the end.
    Lost = 9,
    /// Over budget.
    OverBudget = 10,
    /// A time limit.
    Timeout = 124,
    /// An error of aid itself.
    Internal = 125,
    /// The agent's program cannot be executed.
    NotExecutable = 126,
    /// The agent's program was not found.
    ProgramNotFound = 127,
    /// Interrupted from the keyboard.
    Interrupted = 130,
}

impl ExitCode {
    /// Every code, ascending.
    pub const ALL: [Self; 16] = [
        Self::Good,
        Self::TaskFailed,
        Self::Usage,
        Self::NotFound,
        Self::Auth,
        Self::NeedsInput,
        Self::RateLimit,
        Self::VerifyFailed,
        Self::Conflict,
        Self::Lost,
        Self::OverBudget,
        Self::Timeout,
        Self::Internal,
        Self::NotExecutable,
        Self::ProgramNotFound,
        Self::Interrupted,
    ];

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it means, for people.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::TaskFailed => "a task failed or was stopped",
            Self::Usage => "usage error: a flag, an agent, a name or a file is wrong; nothing was started",
            Self::NotFound => "not found",
            Self::Auth => "the agent is not logged in, or its provider refused its credentials",
            Self::NeedsInput => "an agent waits for input",
            Self::RateLimit => "rate limit or quota",
            Self::VerifyFailed => "the agent finished, but the verify command failed",
            Self::Conflict => "merge conflict; nothing was changed",
            Self::Lost => "lost: runner and agent were gone before the end was seen",
            Self::OverBudget => "over budget",
            Self::Timeout => "a time limit (wall clock or idle) ended the task, or the wait",
            Self::Internal => "aid's own error",
            Self::NotExecutable => "the agent's program cannot be executed",
            Self::ProgramNotFound => "the agent's program was not found",
            Self::Interrupted => "interrupted; the task itself goes on unless it was stopped",
        }
    }
}

/// The exit code that a task means to whoever waited for it.
#[must_use]
pub fn of_task(task: &Task) -> ExitCode {
    match task.status {
        Status::Done | Status::Merged => match task.verify_status {
            VerifyStatus::Failed | VerifyStatus::Error => ExitCode::VerifyFailed,
            VerifyStatus::Skipped | VerifyStatus::Pending | VerifyStatus::Passed => ExitCode::Good,
        },
        Status::Stopped => match task.end_cause {
            Some(EndCause::MaxCost { .. }) => ExitCode::OverBudget,
            Some(
                EndCause::User { .. }
                | EndCause::Timeout { .. }
                | EndCause::Idle { .. }
                | EndCause::LogLimit { .. }
                | EndCause::Linger { .. },
            )
            | None => ExitCode::TaskFailed,
        },
        Status::Skipped => ExitCode::TaskFailed,
        Status::AwaitingInput => ExitCode::NeedsInput,
        Status::Queued | Status::Running | Status::Verifying => ExitCode::Internal,
        Status::Failed => task.failure.as_ref().map_or(ExitCode::TaskFailed, |f| of_failure(f.class, task.exit_code)),
    }
}

/// The exit code of a failure; `exit_code` is the task's, which for a program that did not start is 126 or 127.
fn of_failure(class: FailureClass, exit_code: Option<i32>) -> ExitCode {
    match class {
        FailureClass::Auth => ExitCode::Auth,
        FailureClass::RateLimited | FailureClass::Quota => ExitCode::RateLimit,
        FailureClass::Timeout | FailureClass::Idle => ExitCode::Timeout,
        FailureClass::Lost => ExitCode::Lost,
        FailureClass::Adapter => ExitCode::Internal,
        FailureClass::Spawn if exit_code == Some(127) => ExitCode::ProgramNotFound,
        FailureClass::Spawn => ExitCode::NotExecutable,
        FailureClass::AgentError
        | FailureClass::ModelUnavailable
        | FailureClass::ContextOverflow
        | FailureClass::Network
        | FailureClass::Refused
        | FailureClass::Incomplete
        | FailureClass::NoResult
        | FailureClass::Hook
        | FailureClass::Workspace => ExitCode::TaskFailed,
    }
}
