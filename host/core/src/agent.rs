//! What an adapter says about its agent: manifest, plan, events, verdict, in the host's own words.
//!
//! Every released version of the WIT contract is converted into these types once, at load; nothing above the adapter
//! host names a contract version. This file must not decide anything about a task.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Kinds of work an agent is scored for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Reading, comparing, explaining.
    Research,
    /// A small change in a known place.
    SimpleEdit,
    /// A change across files, or a new part.
    ComplexImpl,
    /// What people see: pages, components, styles.
    Frontend,
    /// Finding out why something fails.
    Debugging,
    /// Writing or running tests.
    Testing,
    /// Changing shape, not behaviour.
    Refactoring,
    /// Text for people.
    Documentation,
}

/// Price class of a model or an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Costs nothing.
    Free,
    /// For low-value work.
    Cheap,
    /// For most work.
    Standard,
    /// For the hardest work.
    Premium,
}

/// How freely the agent may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Autonomy {
    /// Writes nothing.
    ReadOnly,
    /// Writes in its own directory.
    Workspace,
    /// No limit of the agent's own.
    Full,
}

/// Which of the agent's streams bytes came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyValue {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

/// How well an agent does one kind of work, 0 to 10.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// The kind of work.
    pub category: Category,
    /// 0 (cannot) to 10 (best).
    pub value: u8,
}

/// Price per million tokens, in millionths of a US dollar. Reasoning tokens are priced as output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Price {
    /// Input that was not cached.
    pub input: u64,
    /// Input read from a cache.
    pub cached_input: u64,
    /// Input written to a cache; None where the provider does not charge it apart.
    pub cache_write: Option<u64>,
    /// Output, reasoning included.
    pub output: u64,
}

/// One model of an agent's catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Model {
    /// The name the agent's CLI takes.
    pub name: String,
    /// Its price class.
    pub tier: Tier,
    /// Its price, when known.
    pub price: Option<Price>,
}

/// An option that the user may set for an agent, or for a fork of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OptionSpec {
    /// The key.
    pub key: String,
    /// One line for people.
    pub help: String,
    /// The values it may have; empty means free text.
    pub allowed: Vec<String>,
    /// Without a value for it the agent is not set up.
    pub required: bool,
}

/// How to see, without asking a provider, whether somebody is logged in. All empty: there is no way to know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Login {
    /// A key in one of these variables.
    pub env: Vec<String>,
    /// One of these files, with `~` and `$NAME`.
    pub files: Vec<String>,
    /// Arguments with which the program says so: it then exits 0.
    pub args: Vec<String>,
}

/// What an adapter says about its agent before anything runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Manifest {
    /// Short name, `[a-z][a-z0-9-]{0,31}`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Version of the adapter.
    pub version: String,
    /// Where the agent comes from.
    pub homepage: String,
    /// One line to act on when the program is missing.
    pub install_hint: String,
    /// Program names to look for on PATH, in order.
    pub programs: Vec<String>,
    /// Arguments that make the program say who it is.
    pub identity_args: Vec<String>,
    /// Start of the line by which it says so; the rest of that line is its version. Empty: nothing tells it from others of
    /// that name, so only a program whose path the user has set is taken.
    pub identity_marker: String,
    /// Versions whose behaviour was recorded, for people.
    pub tested_versions: String,
    /// What it is good at.
    pub scores: Vec<Score>,
    /// Its price class as a whole.
    pub cost_class: Tier,
    /// Whether it gains on complex work.
    pub prefers_complex: bool,
    /// Its model catalogue.
    pub models: Vec<Model>,
    /// The skill added when none is named.
    pub default_skill: Option<String>,
    /// Environment names it may inherit and a plan may set.
    pub env: Vec<String>,
    /// Its own home, with `~` and `$NAME`.
    pub state_dirs: Vec<String>,
    /// How to see whether somebody is logged in.
    pub login: Login,
    /// Abilities: `resume`, `native-read-only`, `input`, `streams-usage`.
    pub features: Vec<String>,
    /// What the user may set.
    pub options: Vec<OptionSpec>,
    /// The polite way to end it.
    pub stop_signal: String,
    /// Open set of further facts.
    pub ext: Vec<KeyValue>,
}

impl Manifest {
    /// Whether the agent has an ability.
    #[must_use]
    pub fn has_feature(&self, feature: &str) -> bool {
        self.features.iter().any(|f| f == feature)
    }

    /// A model of the catalogue by its exact name.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|m| m.name == name)
    }
}

/// What the host asks an adapter to plan or follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// How freely the agent may act.
    pub autonomy: Autonomy,
    /// The model to use; None leaves it to the agent.
    pub model: Option<String>,
    /// Whether to save money.
    pub budget: bool,
    /// The agent's own session to continue.
    pub resume: Option<String>,
    /// Absolute working directory.
    pub workdir: String,
    /// Where the caller wants the answer.
    pub output_file: Option<String>,
    /// Files of interest.
    pub context_files: Vec<String>,
    /// Absolute path of the program.
    pub program: String,
    /// Its version as probed; empty when unknown.
    pub program_version: String,
    /// Options that the user has set.
    pub options: Vec<KeyValue>,
    /// Arguments that the user adds.
    pub extra_args: Vec<String>,
    /// Open set.
    pub ext: Vec<KeyValue>,
}

/// One argument of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arg {
    /// Literal text; `{file:NAME}` stands for a plan file's path.
    Text(String),
    /// The prompt.
    Prompt,
    /// The working directory.
    Workdir,
    /// The file for the answer.
    OutputFile,
}

/// What the agent reads on stdin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// Nothing: end of file at once.
    None,
    /// The prompt, then end of file.
    Prompt,
    /// These bytes, then end of file.
    Bytes(Vec<u8>),
}

/// A file that the host writes for the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFile {
    /// A plain file name.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// What to run. Untrusted until the host's policy has passed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// A program of the manifest, or the request's resolved path.
    pub program: String,
    /// Its arguments.
    pub args: Vec<Arg>,
    /// Variables to set.
    pub env: Vec<KeyValue>,
    /// Its stdin.
    pub input: Input,
    /// Text to add after the prompt.
    pub prompt_suffix: Option<String>,
    /// Files to write for it.
    pub files: Vec<PlanFile>,
    /// Directories that must exist.
    pub make_dirs: Vec<String>,
    /// Open set.
    pub ext: Vec<KeyValue>,
}

/// Why an adapter has no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The agent cannot do what is asked.
    #[error("{0}")]
    Unsupported(String),
    /// The request itself is wrong.
    #[error("{0}")]
    Invalid(String),
    /// Something must be set up first; the text says what.
    #[error("{0}")]
    Setup(String),
}

/// Token counts as an agent reported them. None is unknown, not zero.
///
/// `input` includes `cached_input`; `output` includes `reasoning`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UsageSample {
    /// Input tokens.
    pub input: Option<u64>,
    /// Of these, read from a cache.
    pub cached_input: Option<u64>,
    /// Of these, written to a cache.
    pub cache_write: Option<u64>,
    /// Output tokens.
    pub output: Option<u64>,
    /// Of these, reasoning.
    pub reasoning: Option<u64>,
    /// What the agent itself says it cost, in millionths of a US dollar.
    pub cost_micro_usd: Option<u64>,
    /// The model that used them.
    pub model: Option<String>,
    /// Totals of the whole agent session so far, not a difference.
    pub cumulative: bool,
}

/// A tool call of the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToolCall {
    /// The agent's id of the call.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// One of shell, edit, read, search, web, mcp, other.
    pub kind: String,
    /// What it does, for people.
    pub detail: String,
    /// Whether it succeeded, when known.
    pub ok: Option<bool>,
    /// Its exit code, when it has one.
    pub exit_code: Option<i32>,
}

/// Why somebody behind the agent said no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusalClass {
    /// Too many requests for now.
    RateLimit,
    /// A quota, plan or balance is used up.
    Quota,
    /// Not logged in, or not allowed.
    Auth,
    /// The provider has no room now.
    Capacity,
    /// The conversation is too long.
    Context,
    /// The model does not exist or is not ours to use.
    Model,
    /// The provider could not be reached.
    Network,
    /// The provider would not answer this.
    Refused,
    /// Anything else.
    Other,
}

/// Somebody behind the agent said no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    /// Its class.
    pub class: RefusalClass,
    /// In the provider's words.
    pub message: String,
    /// The metered pool it is about, when known.
    pub pool: Option<String>,
    /// When it ends, as the agent said it.
    pub retry_at: Option<String>,
    /// The agent gave up on it.
    #[serde(rename = "final")]
    pub is_final: bool,
}

/// One thing the agent did, as its adapter read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentEvent {
    /// The agent's own session id.
    Session(String),
    /// The model that answers.
    Model(String),
    /// A whole piece of assistant text.
    Message(String),
    /// A part of a piece of assistant text.
    MessageDelta(String),
    /// Reasoning text.
    Reasoning(String),
    /// A tool call begins.
    ToolStart(ToolCall),
    /// A tool call ended.
    ToolEnd(ToolCall),
    /// A file changed: path and `add`, `update` or `delete`.
    FileChange(KeyValue),
    /// Tokens used.
    Usage(UsageSample),
    /// Something people may want to know.
    Notice(String),
    /// The provider said no.
    Refusal(Refusal),
    /// The agent asks its user.
    Question(String),
    /// The agent's own success mark.
    Finished,
    /// Something outside the contract.
    Ext(KeyValue),
}

/// How the agent's process ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitStatus {
    /// Its exit code. Both None: nobody saw the end.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// The last of its stderr.
    pub stderr_tail: String,
    /// The session this run was to continue.
    pub resumed_from: Option<String>,
    /// That session's cumulative usage before this run.
    pub previous_usage: Option<UsageSample>,
}

/// What an adapter makes of a finished run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The agent's own success mark was there.
    Success,
    /// The provider or the agent said no.
    Failure(Refusal),
    /// The output ended without the success mark.
    Incomplete(String),
    /// The success mark came, the answer did not.
    NoResult(String),
}

/// The adapter's judgement of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// How it ended.
    pub outcome: Outcome,
    /// What that rests on, for people.
    pub evidence: String,
    /// The answer.
    pub final_text: Option<String>,
    /// The agent's own session id.
    pub session: Option<String>,
    /// What this run used.
    pub usage: Option<UsageSample>,
}
