//! The one description of a task that everything starts from: run, retry, batch, MCP, and the runner itself.
//!
//! A spec is written once, at dispatch, and never changed. It holds what the caller decided, resolved as far as
//! the caller could see it, and nothing secret: the environment's values are not in it, only the rule by which the
//! runner picks them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agent::{Autonomy, KeyValue, Manifest, Price, UsageSample};
use crate::config::EnvRules;
use crate::id::TaskId;

/// The version that this build writes. It reads this one and the one before.
pub const SPEC_VERSION: u32 = 1;
/// Longest prompt, assembled, in bytes.
pub const MAX_PROMPT_BYTES: usize = 4 * 1024 * 1024;

/// Which adapter, exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdapterRef {
    /// The adapter's id.
    pub id: String,
    /// SHA-256 of the component, in hex.
    pub digest: String,
}

/// Which program, exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProgramRef {
    /// Absolute path.
    pub path: String,
    /// As its identity probe said; empty when unknown.
    pub version: String,
}

/// Where the work happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Workplace {
    /// Absolute directory the agent runs in.
    pub dir: String,
    /// The repository's root, when the directory is in one.
    pub repo: Option<String>,
    /// The branch checked out there.
    pub branch: Option<String>,
    /// The worktree made for the task.
    pub worktree: Option<String>,
}

/// Bounds on a run. Every one is a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// Wall clock, in milliseconds from the agent's start.
    pub timeout_ms: u64,
    /// Silence on every liveness channel, in milliseconds.
    pub idle_timeout_ms: u64,
    /// Cost, in millionths of a US dollar.
    pub max_cost_micro_usd: Option<u64>,
}

/// An agent's own session to continue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resume {
    /// Its id.
    pub session: String,
    /// What it had used before, for agents that count whole sessions.
    pub previous_usage: Option<UsageSample>,
}

/// A task, as it was dispatched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TaskSpec {
    /// [`SPEC_VERSION`] of the writer.
    pub version: u32,
    /// The task's id.
    pub id: TaskId,
    /// Random text by which the task's processes are found again: their environment carries it.
    pub marker: String,
    /// The agent's name.
    pub agent: String,
    /// Its adapter.
    pub adapter: AdapterRef,
    /// Whose limits apply, where that is not the agent's own name: the agent that this one is a fork of.
    #[serde(default)]
    pub account: Option<String>,
    /// What is known about the agent, where that is not what its adapter says: a fork, or an agent that a user defined.
    #[serde(default)]
    pub manifest: Option<Box<Manifest>>,
    /// What the login looked like, for comparison with another. Not a secret.
    #[serde(default)]
    pub login_mark: Option<String>,
    /// Options of the adapter.
    #[serde(default)]
    pub options: Vec<KeyValue>,
    /// Arguments that the user adds.
    #[serde(default)]
    pub extra_args: Vec<String>,
    /// Save money.
    #[serde(default)]
    pub budget: bool,
    /// Its program.
    pub program: ProgramRef,
    /// The prompt as the caller gave it.
    pub prompt: String,
    /// The prompt as the agent gets it.
    pub full_prompt: String,
    /// The model that was asked for.
    pub model: Option<String>,
    /// How freely the agent may act.
    pub autonomy: Autonomy,
    /// Where.
    pub place: Workplace,
    /// Absolute path for the answer.
    pub output: Option<String>,
    /// Bounds.
    pub limits: Limits,
    /// Which variables the agent gets.
    pub env: EnvRules,
    /// A session to continue.
    pub resume: Option<Resume>,
    /// The workgroup.
    pub group: Option<String>,
    /// The task that this one retries.
    pub parent: Option<TaskId>,
    /// Prices that the user has set, by model.
    #[serde(default)]
    pub prices: BTreeMap<String, Price>,
    /// Nobody waits in the foreground.
    pub background: bool,
    /// Who dispatched it, when a session was recognised.
    pub caller: Option<String>,
    /// When, in milliseconds since the epoch.
    pub created_at_ms: i64,
}

impl TaskSpec {
    /// Whose limits apply.
    #[must_use]
    pub fn account(&self) -> &str {
        self.account.as_deref().unwrap_or(&self.agent)
    }

    /// Whether the task may write nothing.
    #[must_use]
    pub fn read_only(&self) -> bool {
        self.autonomy == Autonomy::ReadOnly
    }
}

/// Why a stored spec cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// Written by a later build.
    #[error(
        "the task was written by a newer aid (spec version {found}; this one reads up to {SPEC_VERSION}); update aid"
    )]
    TooNew {
        /// The version found.
        found: u64,
    },
    /// Not a spec.
    #[error("the stored task is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
}

/// Reads a stored spec.
///
/// # Errors
/// When it is of a later version, or damaged.
pub fn read(json: &str) -> Result<TaskSpec, SpecError> {
    let value: serde_json::Value = serde_json::from_str(json)?;
    let found = value.get("version").and_then(serde_json::Value::as_u64).unwrap_or(0);
    if found > u64::from(SPEC_VERSION) {
        return Err(SpecError::TooNew { found });
    }
    Ok(serde_json::from_value(value)?)
}
