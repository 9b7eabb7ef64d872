//! The shapes that people's scripts read: one task object everywhere, totals, stream lines. Additive only.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::{Event, Recorded};
use crate::failure::Failure;
use crate::id::TaskId;
use crate::spec::TaskSpec;
use crate::task::{Status, Task, VerifyStatus};
use crate::usage::Usage;

/// The version of stream lines (`v`).
pub const STREAM_VERSION: u32 = 1;

/// A task as every `--json` prints it. Unknown is null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskView {
    /// Its id.
    pub id: TaskId,
    /// The agent's name.
    pub agent: String,
    /// The model seen to answer, else the one that was asked for.
    pub model: Option<String>,
    /// Where it is.
    pub status: Status,
    /// What verify said.
    pub verify_status: VerifyStatus,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// The agent's exit code, as a shell reports it.
    pub exit_code: Option<i32>,
    /// The prompt as the caller gave it.
    pub prompt: String,
    /// Where it ran.
    pub dir: String,
    /// The repository.
    pub repo: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// The worktree made for it.
    pub worktree: Option<String>,
    /// The workgroup.
    pub group: Option<String>,
    /// The task it retries.
    pub parent: Option<TaskId>,
    /// The agent's own session.
    pub session: Option<String>,
    /// When it was dispatched: ISO 8601, UTC.
    pub created_at: String,
    /// When its agent started.
    pub started_at: Option<String>,
    /// When it became final.
    pub ended_at: Option<String>,
    /// From the agent's start to the end, or to now while it runs. Null before the start.
    pub duration_ms: Option<u64>,
    /// Tokens.
    pub usage: Option<Usage>,
    /// US dollars.
    pub cost_usd: Option<f64>,
    /// The last milestone, or the question awaited.
    pub milestone: Option<String>,
    /// What the outcome rests on.
    pub evidence: Option<String>,
    /// It may write nothing.
    pub read_only: bool,
    /// Nobody waited in the foreground.
    pub background: bool,
    /// How writing was confined by the kernel; null when it was not.
    pub sandbox: Option<String>,
}

/// A task with what was asked for and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRecord {
    /// What was asked for.
    pub spec: TaskSpec,
    /// What became of it.
    pub task: Task,
}

impl TaskRecord {
    /// The view of it at a moment.
    #[must_use]
    pub fn view(&self, now_ms: i64) -> TaskView {
        let (spec, task) = (&self.spec, &self.task);
        TaskView {
            id: task.id.clone(),
            agent: spec.agent.clone(),
            model: task.model_seen.clone().or_else(|| spec.model.clone()),
            status: task.status,
            verify_status: task.verify_status,
            failure: task.failure.clone(),
            exit_code: task.exit_code,
            prompt: spec.prompt.clone(),
            dir: spec.place.dir.clone(),
            repo: spec.place.repo.clone(),
            branch: spec.place.branch.clone(),
            worktree: spec.place.worktree.clone(),
            group: spec.group.clone(),
            parent: spec.parent.clone(),
            session: task.session.clone(),
            created_at: iso8601(spec.created_at_ms),
            started_at: task.started_at_ms.map(iso8601),
            ended_at: task.ended_at_ms.map(iso8601),
            duration_ms: duration_ms(task, now_ms),
            usage: task.usage,
            cost_usd: task.cost_micro_usd.map(usd),
            milestone: task.milestone.clone(),
            evidence: task.evidence.clone(),
            read_only: spec.read_only(),
            background: spec.background,
            sandbox: None,
        }
    }
}

/// From the agent's start to the end, or to now.
#[must_use]
pub fn duration_ms(task: &Task, now_ms: i64) -> Option<u64> {
    let end = if task.status.is_terminal() { task.ended_at_ms? } else { now_ms };
    task.started_at_ms.map(|start| u64::try_from(end - start).unwrap_or(0))
}

/// Sums over a set of tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Totals {
    /// How many.
    pub tasks: u64,
    /// How many in each status; statuses without a task are left out.
    pub by_status: BTreeMap<String, u64>,
    /// Tokens of the tasks whose use is known; null when there are tasks and it is known of none.
    pub tokens: Option<u64>,
    /// US dollars of the tasks whose cost is known; null when there are tasks and it is known of none.
    pub cost_usd: Option<f64>,
    /// How many tasks have ended and have no known token use.
    pub tokens_unknown: u64,
    /// How many tasks have ended and have no known cost.
    pub cost_unknown: u64,
}

impl Default for Totals {
    /// Of no task at all: nothing, and that is known.
    fn default() -> Self {
        Self {
            tasks: 0,
            by_status: BTreeMap::new(),
            tokens: Some(0),
            cost_usd: Some(0.0),
            tokens_unknown: 0,
            cost_unknown: 0,
        }
    }
}

/// `aid board --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BoardView {
    /// Newest first.
    pub tasks: Vec<TaskView>,
    /// Over everything that the filter lets through, listed or not.
    pub totals: Totals,
}

/// `aid show --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShowView {
    /// The task.
    pub task: TaskView,
    /// Its events, oldest first.
    pub events: Vec<EventView>,
    /// The answer, when there is one.
    pub output: Option<String>,
}

/// An event of one task, in `show --json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventView {
    /// Its place in the task's log, from 1.
    pub seq: u64,
    /// When: ISO 8601, UTC.
    pub at: String,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// One line of a stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StreamLine {
    /// [`STREAM_VERSION`].
    pub v: u32,
    /// The task.
    pub task: TaskId,
    /// Its place in the task's log, from 1.
    pub seq: u64,
    /// When: ISO 8601, UTC.
    pub at: String,
    /// What; its `type` is the line's.
    #[serde(flatten)]
    pub event: Event,
}

impl EventView {
    /// The view of a recorded event.
    #[must_use]
    pub fn of(recorded: Recorded) -> Self {
        Self { seq: recorded.seq, at: iso8601(recorded.at_ms), event: recorded.event }
    }
}

impl StreamLine {
    /// The line for a recorded event.
    #[must_use]
    pub fn of(task: TaskId, recorded: Recorded) -> Self {
        Self { v: STREAM_VERSION, task, seq: recorded.seq, at: iso8601(recorded.at_ms), event: recorded.event }
    }
}

/// Milliseconds since the epoch as ISO 8601 in UTC, with milliseconds.
#[must_use]
pub fn iso8601(at_ms: i64) -> String {
    let stamp = jiff::Timestamp::from_millisecond(at_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("{stamp:.3}")
}

/// Millionths of a dollar as dollars.
#[must_use]
pub fn usd(micro_usd: u64) -> f64 {
    // Exact up to nine thousand million dollars.
    #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 millionths")]
    let micro = micro_usd as f64;
    micro / 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_with_milliseconds() {
        assert_eq!(iso8601(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso8601(1_795_340_000_123), "2026-11-22T09:33:20.123Z");
    }
}
