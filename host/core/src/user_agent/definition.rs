//! What the component behind the user's own agents is told: how the agent is started, what its output means, when a run
//! of it was a success. Its JSON is the value of the request's option [`OPTION`].
//!
//! `adapters/custom/definition.schema.json` is this shape for the other side, which is written without a word of Rust in
//! common; a test here holds the file to these types, and the definitions beside it are read by tests of both. Must not
//! read or check anything.

use schemars::JsonSchema;
use serde::Serialize;

/// The option that carries it.
pub const OPTION: &str = "definition";
/// The only version there is.
pub const VERSION: u32 = 1;

/// One agent of the user's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Definition {
    /// The version of this shape: 1. A component refuses what it does not know.
    pub v: u32,
    /// How the agent is started.
    pub command: Command,
    /// What its output means.
    pub output: Output,
    /// When a run was a success.
    pub success: Success,
    /// Where the token counts are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// How the agent is started. The order of arguments is: `args`, those of the autonomy, the flags for model, directory,
/// output file and session, the arguments of a fork, `end_args`, the prompt.
///
/// A flag that ends with `=` is joined with its value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Command {
    /// What every command line begins with.
    pub args: Vec<String>,
    /// What every command line ends with, before the prompt.
    pub end_args: Vec<String>,
    /// Arguments for a run that writes nothing. Null: the agent cannot promise that.
    pub read_only_args: Option<Vec<String>>,
    /// Arguments for a run that writes in its directory.
    pub workspace_args: Vec<String>,
    /// Arguments for a run without limits of the agent's own.
    pub full_args: Vec<String>,
    /// How the prompt gets in.
    pub prompt: Prompt,
    /// Before a model.
    pub model_flag: Option<String>,
    /// Before the working directory; it is the working directory of the process in any case.
    pub dir_flag: Option<String>,
    /// Before a file for the answer: one in the task's own directory, which nobody reads. For agents that want one; the
    /// answer is what the output says, and the host writes it where the caller wants it.
    pub output_flag: Option<String>,
    /// Before the session to be continued. Null: it cannot continue one.
    pub resume_flag: Option<String>,
    /// Variables to set.
    pub env: Vec<Variable>,
}

/// How the prompt gets in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Prompt {
    /// On stdin.
    #[default]
    Stdin,
    /// As the last argument.
    Arg {
        /// With `--` before it, so that one with a leading dash is no flag.
        guard: bool,
    },
    /// Behind a flag.
    Flag {
        /// The flag.
        flag: String,
    },
}

/// A variable to set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Variable {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// What stdout means. stderr is for people only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Output {
    /// Its format.
    pub format: Format,
    /// What the answer is, unless a rule `answer` says.
    pub answer: Answer,
    /// What lines mean, for [`Format::Jsonl`]. Every rule that fits a line applies, in this order.
    pub rules: Vec<Rule>,
}

/// The format of stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// All of it is the answer.
    Text,
    /// One JSON object per line.
    Jsonl,
}

/// What the answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The last message.
    Last,
    /// All messages, or all parts of messages, one after the other.
    All,
}

/// What a line means.
///
/// A path is keys with dots between them; a number is the place in a list; `.` alone is the whole line or element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rule {
    /// All of these hold for the line.
    pub when: Vec<Condition>,
    /// The path of a list: the rule is for each of its elements, and `where` and the paths of the event begin there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// All of these hold for the element.
    #[serde(rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub filter: Vec<Condition>,
    /// What happened.
    #[serde(flatten)]
    pub event: RuleEvent,
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Condition {
    /// Where the value is.
    pub path: String,
    /// What it must be.
    #[serde(flatten)]
    pub test: Test,
}

/// What a value must be. Null counts as not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// One of these, exactly.
    Is(Vec<Scalar>),
    /// None of these; a value that is not there is none of them.
    Not(Vec<Scalar>),
    /// There, or not there.
    Exists(bool),
    /// Not there, or an empty text, list or object; or else the opposite.
    Empty(bool),
    /// An integer above this one.
    Above(i64),
}

/// A value to compare with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Scalar {
    /// True or false.
    Flag(bool),
    /// A number without a fraction.
    Integer(i64),
    /// A text.
    Text(String),
}

/// What happened, and the paths of its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum RuleEvent {
    /// A whole piece of assistant text.
    Message {
        /// The text.
        text: String,
    },
    /// A part of one.
    Delta {
        /// The text.
        text: String,
    },
    /// Reasoning.
    Reasoning {
        /// The text.
        text: String,
    },
    /// Something people may want to know.
    Notice {
        /// The text.
        text: String,
    },
    /// The answer of the run, whatever the messages were.
    Answer {
        /// The text.
        text: String,
    },
    /// The agent's id of its session.
    Session {
        /// The id.
        text: String,
    },
    /// The model that really answers.
    Model {
        /// Its name.
        text: String,
    },
    /// A tool call begins.
    ToolStart(ToolPaths),
    /// A tool call ended.
    ToolEnd(ToolPaths),
    /// A file changed.
    FileChange {
        /// The file.
        file: String,
        /// What happened to it.
        #[serde(skip_serializing_if = "Option::is_none")]
        change: Option<String>,
        /// The agent's words for `add`, `update` and `delete`. Any other is an update.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        changes: Vec<Meaning>,
    },
    /// The provider said no, and the agent tries again.
    Retry(RefusalPaths),
    /// The agent gave up. A success mark does not undo it.
    Failure(RefusalPaths),
    /// A new turn begins: a success mark from before, and the answer, no longer count.
    Begin,
}

/// The parts of a tool call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ToolPaths {
    /// The agent's id of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The tool's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it does. What is no text is shown as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// True when it succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ok: Option<String>,
    /// True when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Its exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<String>,
    /// The kinds of tools, by name: shell, edit, read, search, web, mcp. Any other is `other`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Meaning>,
}

/// The parts of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RefusalPaths {
    /// What the provider or the agent said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The code by which its class is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The classes by code, as the contract names them. Only a whole code counts: prose is never looked into.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<Meaning>,
    /// The class of every other code.
    pub class: String,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<String>,
    /// The metered pool it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
}

/// A word of the agent's in the words of the contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Meaning {
    /// The agent's word; a number is written as text.
    pub value: String,
    /// The contract's.
    pub means: String,
}

/// When a run was a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "kebab-case")]
pub enum Success {
    /// A line of the agent's own for which all conditions hold, and no exit code other than 0.
    Mark {
        /// The conditions.
        when: Vec<Condition>,
    },
    /// Exit code 0 and an answer. The user says so: the agent has no mark.
    ExitZero,
}

/// Where the token counts are. Each is a path of an integer; the cost's is of a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Usage {
    /// All of these hold for a line with counts.
    pub when: Vec<Condition>,
    /// What the counts are about.
    pub counts: Counts,
    /// Input tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Input read from a cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<String>,
    /// Input written to a cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<String>,
    /// Whether `input` includes the two before.
    pub input_includes_cached: bool,
    /// Output tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Reasoning tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// Whether `output` includes them.
    pub output_includes_reasoning: bool,
    /// The cost in US dollars, as the agent says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<String>,
    /// The model that used them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// What token counts are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// What was used since the last line with counts.
    Step,
    /// The whole run so far.
    Run,
    /// The whole session so far, with what earlier runs used.
    Session,
}
