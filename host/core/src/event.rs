//! Everything that can happen to a task, in the order it was observed. The event log of a task is its truth; the row
//! that people see is a projection of it ([`crate::task`]).
//!
//! Stored as JSON: a variant is never renamed, a field only ever added with a default.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agent::{AgentEvent, Refusal, ToolCall, UsageSample};
use crate::failure::Failure;
use crate::task::{EndCause, Status};
use crate::usage::Usage;

/// A process that cannot be mistaken for a later one with the same pid.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ProcessIdentity {
    /// Its pid.
    pub pid: i32,
    /// When it started, in the platform's own unit (Linux: clock ticks since boot).
    pub start: u64,
    /// The boot it belongs to.
    pub boot: String,
}

/// A process that outlived its agent and was ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeakedProcess {
    /// Its pid.
    pub pid: i32,
    /// Its short command name.
    pub command: String,
}

/// How a task became final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settlement {
    /// `done`, `failed`, `stopped` or `skipped`.
    pub status: Status,
    /// Why, when it failed.
    pub failure: Option<Failure>,
    /// The agent's exit code, as a shell would report it (128 + signal). None when nobody saw it.
    pub exit_code: Option<i32>,
    /// What the outcome rests on, for people.
    pub evidence: String,
    /// The agent's own session.
    pub session: Option<String>,
    /// What the run used.
    pub usage: Option<Usage>,
    /// What it cost, in millionths of a US dollar.
    pub cost_micro_usd: Option<u64>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The id was claimed; always the first event.
    Created,
    /// A runner took the task.
    Claimed {
        /// The runner.
        runner: ProcessIdentity,
    },
    /// What is about to be started. The prompt is not in it.
    Launching {
        /// Absolute path of the program.
        program: String,
        /// Its arguments; `{prompt}` stands for the prompt.
        args: Vec<String>,
        /// Names of the variables that it gets.
        env_names: Vec<String>,
    },
    /// The agent runs.
    Started {
        /// The agent's process.
        agent: ProcessIdentity,
    },
    /// A new runner follows an agent whose runner died.
    Adopted {
        /// The new runner.
        runner: ProcessIdentity,
        /// The agent, when it still lived.
        agent: Option<ProcessIdentity>,
    },
    /// The agent's own session id.
    Session {
        /// The id.
        id: String,
    },
    /// The model that answers.
    Model {
        /// Its name.
        name: String,
    },
    /// A whole piece of assistant text.
    Message {
        /// The text.
        text: String,
    },
    /// A part of a piece of assistant text.
    MessageDelta {
        /// The text.
        text: String,
    },
    /// Reasoning.
    Reasoning {
        /// The text.
        text: String,
    },
    /// A tool call begins.
    ToolStart {
        /// The call.
        tool: ToolCall,
    },
    /// A tool call ended.
    ToolEnd {
        /// The call.
        tool: ToolCall,
    },
    /// A file changed, as the agent said.
    FileChange {
        /// Its path.
        path: String,
        /// `add`, `update` or `delete`.
        change: String,
    },
    /// Tokens used.
    Usage {
        /// The sample.
        sample: UsageSample,
    },
    /// Something people may want to know.
    Notice {
        /// The text.
        text: String,
    },
    /// The provider said no.
    Refusal {
        /// The refusal.
        refusal: Refusal,
    },
    /// The agent asks, and waits.
    Awaiting {
        /// The question.
        question: String,
    },
    /// The agent goes on after an answer.
    Answered,
    /// The agent's own success mark.
    Finished,
    /// The agent works on after its success mark.
    Continued,
    /// Something outside the contract.
    Ext {
        /// Its kind.
        kind: String,
        /// Its JSON, as text.
        json: String,
    },
    /// Progress, from the assistant's own text.
    Milestone {
        /// The text.
        text: String,
    },
    /// Evidence for the workgroup, from the assistant's own text.
    Finding {
        /// The text.
        text: String,
    },
    /// Knowledge for the project, from the assistant's own text.
    Memory {
        /// discovery, convention, lesson or fact.
        kind: String,
        /// The text.
        text: String,
    },
    /// The adapter failed on something; the agent was not touched.
    AdapterFault {
        /// The call that failed.
        call: String,
        /// What happened.
        message: String,
        /// From here on output is kept but no longer read.
        gave_up: bool,
    },
    /// Further agent events are no longer recorded one by one; the log has them all.
    EventsCapped {
        /// The limit that was reached.
        limit: u64,
    },
    /// Somebody wants the agent to end.
    EndRequested {
        /// Who, and why.
        cause: EndCause,
    },
    /// The agent's process ended.
    Exited {
        /// Its exit code.
        code: Option<i32>,
        /// The signal that ended it.
        signal: Option<i32>,
    },
    /// Processes outlived the agent and were ended.
    Leak {
        /// They, as many as are listed.
        processes: Vec<LeakedProcess>,
        /// How many more there were.
        #[serde(default)]
        more: u64,
    },
    /// The verify command runs.
    Verifying {
        /// The command.
        command: String,
    },
    /// The task is final. Exactly one per task.
    Settled {
        /// How.
        settlement: Settlement,
    },
    /// The work of a done task was merged.
    Merged {
        /// The branch it went into.
        into: String,
        /// The commit it became.
        commit: String,
    },
}

/// An event with its place in the task's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recorded {
    /// Its place, from 1, without gaps.
    pub seq: u64,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// What.
    pub event: Event,
}

impl Event {
    /// The variant's name as stored.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Claimed { .. } => "claimed",
            Self::Launching { .. } => "launching",
            Self::Started { .. } => "started",
            Self::Adopted { .. } => "adopted",
            Self::Session { .. } => "session",
            Self::Model { .. } => "model",
            Self::Message { .. } => "message",
            Self::MessageDelta { .. } => "message_delta",
            Self::Reasoning { .. } => "reasoning",
            Self::ToolStart { .. } => "tool_start",
            Self::ToolEnd { .. } => "tool_end",
            Self::FileChange { .. } => "file_change",
            Self::Usage { .. } => "usage",
            Self::Notice { .. } => "notice",
            Self::Refusal { .. } => "refusal",
            Self::Awaiting { .. } => "awaiting",
            Self::Answered => "answered",
            Self::Finished => "finished",
            Self::Continued => "continued",
            Self::Ext { .. } => "ext",
            Self::Milestone { .. } => "milestone",
            Self::Finding { .. } => "finding",
            Self::Memory { .. } => "memory",
            Self::AdapterFault { .. } => "adapter_fault",
            Self::EventsCapped { .. } => "events_capped",
            Self::EndRequested { .. } => "end_requested",
            Self::Exited { .. } => "exited",
            Self::Leak { .. } => "leak",
            Self::Verifying { .. } => "verifying",
            Self::Settled { .. } => "settled",
            Self::Merged { .. } => "merged",
        }
    }
}

impl From<AgentEvent> for Event {
    fn from(event: AgentEvent) -> Self {
        match event {
            AgentEvent::Session(id) => Self::Session { id },
            AgentEvent::Model(name) => Self::Model { name },
            AgentEvent::Message(text) => Self::Message { text },
            AgentEvent::MessageDelta(text) => Self::MessageDelta { text },
            AgentEvent::Reasoning(text) => Self::Reasoning { text },
            AgentEvent::ToolStart(tool) => Self::ToolStart { tool },
            AgentEvent::ToolEnd(tool) => Self::ToolEnd { tool },
            AgentEvent::FileChange(kv) => Self::FileChange { path: kv.key, change: kv.value },
            AgentEvent::Usage(sample) => Self::Usage { sample },
            AgentEvent::Notice(text) => Self::Notice { text },
            AgentEvent::Refusal(refusal) => Self::Refusal { refusal },
            AgentEvent::Question(question) => Self::Awaiting { question },
            AgentEvent::Finished => Self::Finished,
            AgentEvent::Ext(kv) => Self::Ext { kind: kv.key, json: kv.value },
        }
    }
}
