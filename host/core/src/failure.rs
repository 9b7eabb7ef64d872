//! Why a task failed: the closed set of classes, and how a refusal becomes one of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agent::{Refusal, RefusalClass};

/// Why a task failed. One word for scripts, in JSON and on the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// The agent said that it failed, for a reason of its own.
    AgentError,
    /// The provider asked to slow down.
    RateLimited,
    /// A quota, plan or balance is used up.
    Quota,
    /// Not logged in, or not allowed.
    Auth,
    /// The model does not exist, is not ours, or has no room.
    ModelUnavailable,
    /// The conversation grew too long for the model.
    ContextOverflow,
    /// The provider could not be reached.
    Network,
    /// The provider would not answer.
    Refused,
    /// The output ended without the agent's own success mark.
    Incomplete,
    /// The success mark came with an empty answer.
    NoResult,
    /// The wall-clock limit.
    Timeout,
    /// Every liveness channel was silent for too long.
    Idle,
    /// The agent's program could not be started.
    Spawn,
    /// The adapter failed: a trap, a limit, a bad plan.
    Adapter,
    /// A hook said no.
    Hook,
    /// The directory, worktree or output file could not be used.
    Workspace,
    /// Runner and agent were both gone before the end was seen.
    Lost,
}

/// Why a task failed, for people and scripts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// The class.
    pub class: FailureClass,
    /// What happened, in words.
    pub message: String,
    /// The metered pool it is about, when the provider said so.
    pub pool: Option<String>,
    /// When it ends, in the provider's words.
    pub retry_at: Option<String>,
}

impl Failure {
    /// A failure without a pool or an end.
    #[must_use]
    pub fn new(class: FailureClass, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), pool: None, retry_at: None }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let class = match refusal.class {
            RefusalClass::RateLimit => FailureClass::RateLimited,
            RefusalClass::Quota => FailureClass::Quota,
            RefusalClass::Auth => FailureClass::Auth,
            RefusalClass::Capacity | RefusalClass::Model => FailureClass::ModelUnavailable,
            RefusalClass::Context => FailureClass::ContextOverflow,
            RefusalClass::Network => FailureClass::Network,
            RefusalClass::Refused => FailureClass::Refused,
            RefusalClass::Other => FailureClass::AgentError,
        };
        Self { class, message: refusal.message, pool: refusal.pool, retry_at: refusal.retry_at }
    }
}
