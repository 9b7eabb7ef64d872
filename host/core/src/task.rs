//! The life of a task: one total transition function from events to state. Nothing else decides a status.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::{Event, ProcessIdentity, Recorded, Settlement};
use crate::failure::Failure;
use crate::id::TaskId;
use crate::usage::Usage;

/// Where a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Claimed; no agent yet.
    Queued,
    /// The agent runs.
    Running,
    /// The agent waits for an answer.
    AwaitingInput,
    /// The agent has ended; its work is being verified.
    Verifying,
    /// The agent's own success mark was seen.
    Done,
    /// The work of a done task was merged.
    Merged,
    /// It failed.
    Failed,
    /// Somebody stopped it.
    Stopped,
    /// It was never started, because of another task.
    Skipped,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Running,
        Self::AwaitingInput,
        Self::Verifying,
        Self::Done,
        Self::Merged,
        Self::Failed,
        Self::Stopped,
        Self::Skipped,
    ];

    /// Final; only `done` may still become `merged`.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        match self {
            Self::Queued | Self::Running | Self::AwaitingInput | Self::Verifying => false,
            Self::Done | Self::Merged | Self::Failed | Self::Stopped | Self::Skipped => true,
        }
    }

    /// The word on the board.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Running => "RUN",
            Self::AwaitingInput => "AWAIT",
            Self::Verifying => "VERIFY",
            Self::Done => "DONE",
            Self::Merged => "MERGED",
            Self::Failed => "FAIL",
            Self::Stopped => "STOP",
            Self::Skipped => "SKIP",
        }
    }

    /// The word in JSON and in the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::AwaitingInput => "awaiting_input",
            Self::Verifying => "verifying",
            Self::Done => "done",
            Self::Merged => "merged",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Skipped => "skipped",
        }
    }

    /// Reads [`Status::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// What the verify command said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerifyStatus {
    /// None was asked for.
    #[default]
    Skipped,
    /// It has not ended.
    Pending,
    /// It said yes.
    Passed,
    /// It said no.
    Failed,
    /// It could not run.
    Error,
}

/// Who wants the agent to end, and why. Each names its own limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum EndCause {
    /// A person or script said stop.
    User {
        /// Without asking the agent first.
        force: bool,
    },
    /// The wall-clock limit.
    Timeout {
        /// The limit.
        limit_ms: u64,
    },
    /// Every liveness channel was silent.
    Idle {
        /// The limit.
        limit_ms: u64,
    },
    /// It cost too much.
    MaxCost {
        /// The limit, in millionths of a US dollar.
        limit_micro_usd: u64,
    },
    /// It wrote too much.
    LogLimit {
        /// The limit for stdout and stderr together, in bytes.
        limit_bytes: u64,
    },
    /// It had nothing more to do, because it gave its success mark or gave up for good, and did not exit.
    Linger {
        /// How long it was given.
        limit_ms: u64,
    },
}

impl EndCause {
    /// Whether the agent is ended without being asked: somebody wants that, or every moment more does harm.
    #[must_use]
    pub const fn is_forced(&self) -> bool {
        match self {
            Self::User { force } => *force,
            Self::LogLimit { .. } => true,
            Self::Timeout { .. } | Self::Idle { .. } | Self::MaxCost { .. } | Self::Linger { .. } => false,
        }
    }
}

/// What a task is now: the fold of its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Where it is.
    pub status: Status,
    /// What verify said.
    pub verify_status: VerifyStatus,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// The agent's exit code as a shell would report it.
    pub exit_code: Option<i32>,
    /// What the outcome rests on.
    pub evidence: Option<String>,
    /// The agent's own session.
    pub session: Option<String>,
    /// The model that was seen to answer.
    pub model_seen: Option<String>,
    /// What was used; final once the task is.
    pub usage: Option<Usage>,
    /// What it cost, in millionths of a US dollar.
    pub cost_micro_usd: Option<u64>,
    /// The last milestone, or the question that is awaited.
    pub milestone: Option<String>,
    /// The agent gave its success mark.
    pub finished: bool,
    /// It works on after its last success mark.
    #[serde(default)]
    pub continued: bool,
    /// The first reason for which it was asked to end while it had work.
    pub end_cause: Option<EndCause>,
    /// The runner that holds it.
    pub runner: Option<ProcessIdentity>,
    /// The agent.
    pub agent: Option<ProcessIdentity>,
    /// When the agent started, in milliseconds since the epoch.
    pub started_at_ms: Option<i64>,
    /// When the task became final.
    pub ended_at_ms: Option<i64>,
    /// The last event.
    pub last_seq: u64,
}

/// What has to be done because of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// End the agent: politely unless forced.
    EndAgent {
        /// Skip the polite signal and the term signal.
        force: bool,
    },
    /// The work is complete: give the agent a bounded time to exit by itself.
    AwaitExit,
}

/// A transition: the next state and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The next state.
    pub task: Task,
    /// What has to be done.
    pub effects: Vec<Effect>,
}

/// An event that cannot happen in this state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// The task is already final.
    #[error("task {id} is already {}; {event} comes too late", .status.name())]
    Final {
        /// The task.
        id: TaskId,
        /// Its status.
        status: Status,
        /// The event.
        event: &'static str,
    },
    /// The event does not fit the state.
    #[error("{event} cannot happen to task {id} while it is {}", .status.name())]
    Move {
        /// The task.
        id: TaskId,
        /// Its status.
        status: Status,
        /// The event.
        event: &'static str,
    },
    /// A gap or a repetition in the log.
    #[error("event {found} of task {id} cannot follow event {last}")]
    Sequence {
        /// The task.
        id: TaskId,
        /// The last event.
        last: u64,
        /// The one that came.
        found: u64,
    },
}

impl Task {
    /// A task before its first event.
    #[must_use]
    pub fn new(id: TaskId) -> Self {
        Self {
            id,
            status: Status::Queued,
            verify_status: VerifyStatus::Skipped,
            failure: None,
            exit_code: None,
            evidence: None,
            session: None,
            model_seen: None,
            usage: None,
            cost_micro_usd: None,
            milestone: None,
            finished: false,
            continued: false,
            end_cause: None,
            runner: None,
            agent: None,
            started_at_ms: None,
            ended_at_ms: None,
            last_seq: 0,
        }
    }

    /// Finished and, if it was asked for, verified.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        matches!(self.status, Status::Done | Status::Merged)
            && matches!(self.verify_status, VerifyStatus::Skipped | VerifyStatus::Passed)
    }
}

/// Applies one event. Pure and total: every event has an answer in every state.
///
/// # Errors
/// [`Illegal`] when the event cannot happen now; the task is unchanged then.
pub fn step(task: &Task, recorded: &Recorded) -> Result<Step, Illegal> {
    let event = &recorded.event;
    if task.last_seq.checked_add(1) != Some(recorded.seq) {
        return Err(Illegal::Sequence { id: task.id.clone(), last: task.last_seq, found: recorded.seq });
    }
    if !is_legal(task, event) {
        let (id, status, event) = (task.id.clone(), task.status, event.kind());
        return Err(if status.is_terminal() {
            Illegal::Final { id, status, event }
        } else {
            Illegal::Move { id, status, event }
        });
    }
    let mut next = task.clone();
    next.last_seq = recorded.seq;
    let effects = apply(&mut next, event, recorded.at_ms);
    Ok(Step { task: next, effects })
}

/// Which events may happen where.
fn is_legal(task: &Task, event: &Event) -> bool {
    use Status::{AwaitingInput, Done, Queued, Running};
    let status = task.status;
    let alive = !status.is_terminal() && task.last_seq > 0;
    let with_agent = alive && matches!(status, Running | AwaitingInput);
    match event {
        Event::Created => task.last_seq == 0,
        Event::Claimed { .. } | Event::Launching { .. } | Event::Started { .. } => alive && status == Queued,
        Event::Adopted { .. }
        | Event::Notice { .. }
        | Event::AdapterFault { .. }
        | Event::EventsCapped { .. }
        | Event::Leak { .. }
        | Event::EndRequested { .. } => alive,
        Event::Session { .. }
        | Event::Model { .. }
        | Event::Message { .. }
        | Event::MessageDelta { .. }
        | Event::Reasoning { .. }
        | Event::ToolStart { .. }
        | Event::ToolEnd { .. }
        | Event::FileChange { .. }
        | Event::Usage { .. }
        | Event::Refusal { .. }
        | Event::Awaiting { .. }
        | Event::Finished
        | Event::Continued
        | Event::Ext { .. }
        | Event::Milestone { .. }
        | Event::Finding { .. }
        | Event::Memory { .. }
        | Event::Exited { .. } => with_agent,
        Event::Answered => alive && status == AwaitingInput,
        Event::Verifying { .. } => alive && status == Running && task.finished,
        Event::Settled { settlement } => alive && may_settle(task, settlement),
        Event::Merged { .. } => status == Done,
    }
}

/// A success needs the agent's success mark; a failure needs a reason; nothing is skipped once it ran.
fn may_settle(task: &Task, settlement: &Settlement) -> bool {
    match settlement.status {
        Status::Done => task.finished && settlement.failure.is_none() && task.status != Status::Queued,
        Status::Failed => settlement.failure.is_some(),
        Status::Stopped => settlement.failure.is_none() && task.end_cause.is_some(),
        Status::Skipped => settlement.failure.is_none() && task.status == Status::Queued,
        Status::Queued | Status::Running | Status::AwaitingInput | Status::Verifying | Status::Merged => false,
    }
}

fn apply(task: &mut Task, event: &Event, at_ms: i64) -> Vec<Effect> {
    match event {
        Event::Created
        | Event::Launching { .. }
        | Event::Message { .. }
        | Event::MessageDelta { .. }
        | Event::Reasoning { .. }
        | Event::ToolStart { .. }
        | Event::ToolEnd { .. }
        | Event::FileChange { .. }
        | Event::Usage { .. }
        | Event::Notice { .. }
        | Event::Refusal { .. }
        | Event::Ext { .. }
        | Event::Finding { .. }
        | Event::Memory { .. }
        | Event::AdapterFault { .. }
        | Event::EventsCapped { .. }
        | Event::Exited { .. }
        | Event::Leak { .. } => {}
        Event::Claimed { runner } => task.runner = Some(runner.clone()),
        Event::Started { agent } => start(task, Some(agent), at_ms),
        Event::Adopted { runner, agent } => {
            task.runner = Some(runner.clone());
            start(task, agent.as_ref(), at_ms);
        }
        Event::Session { id } => task.session = Some(id.clone()),
        Event::Model { name } => task.model_seen = Some(name.clone()),
        Event::Awaiting { question } => {
            task.status = Status::AwaitingInput;
            task.milestone = Some(question.clone());
        }
        Event::Answered => {
            task.status = Status::Running;
            task.milestone = None;
        }
        Event::Finished => {
            (task.finished, task.continued) = (true, false);
            return vec![Effect::AwaitExit];
        }
        Event::Continued => task.continued = task.finished,
        Event::Milestone { text } => task.milestone = Some(text.clone()),
        Event::EndRequested { cause } => {
            // Whoever comes after the success mark ends the process, not the work: that is complete.
            if !task.finished || task.continued {
                task.end_cause.get_or_insert_with(|| cause.clone());
            }
            return vec![Effect::EndAgent { force: cause.is_forced() }];
        }
        Event::Verifying { .. } => {
            task.status = Status::Verifying;
            task.verify_status = VerifyStatus::Pending;
        }
        Event::Settled { settlement } => settle(task, settlement, at_ms),
        Event::Merged { .. } => task.status = Status::Merged,
    }
    Vec::new()
}

/// The agent is there. An adoption that finds no agent moves on too: its output is read to the end.
fn start(task: &mut Task, agent: Option<&ProcessIdentity>, at_ms: i64) {
    if let Some(agent) = agent {
        task.agent = Some(agent.clone());
        task.started_at_ms.get_or_insert(at_ms);
    }
    if task.status == Status::Queued {
        task.status = Status::Running;
    }
}

fn settle(task: &mut Task, settlement: &Settlement, at_ms: i64) {
    task.status = settlement.status;
    task.failure.clone_from(&settlement.failure);
    task.exit_code = settlement.exit_code;
    task.evidence = Some(settlement.evidence.clone());
    if settlement.session.is_some() {
        task.session.clone_from(&settlement.session);
    }
    task.usage.clone_from(&settlement.usage);
    task.cost_micro_usd = settlement.cost_micro_usd;
    task.ended_at_ms = Some(at_ms);
}
