//! Agents that users define in `agents/*.toml`: a whole agent (`[agent]`), or a fork of one that is there (`[fork]`).
//!
//! Text in, an agent or everything that is wrong with the text out. What the component behind whole agents is told is
//! [`definition`]'s, how an agent's facts lie over a manifest [`overlay`]'s. Must not read files, or know which adapters
//! there are.

pub mod definition;
mod fork;
pub mod overlay;
mod reader;
mod rules;
mod values;
mod whole;

use std::collections::BTreeMap;
use std::fmt;

use crate::agent::{Category, Login, Model, Score, Tier};
use crate::config::ConfigError;

use self::definition::Definition;
use self::reader::{Document, Section};

/// Longest definition file, in bytes.
pub const MAX_FILE_BYTES: usize = 256 * 1024;
/// Longest short name, in bytes.
const MAX_ID_BYTES: usize = 32;
/// Names that mean something else: `auto` chooses, and `custom` is the component behind all of these.
const RESERVED: [&str; 2] = ["auto", "custom"];

/// An agent that a user has defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserAgent {
    /// A CLI that no adapter knows, behind the component `custom`.
    Whole(Box<WholeAgent>),
    /// Another agent with other settings.
    Fork(Box<Fork>),
}

impl UserAgent {
    /// Its short name.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Whole(whole) => &whole.id,
            Self::Fork(fork) => &fork.id,
        }
    }
}

/// A CLI that no adapter knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeAgent {
    /// Short name.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Where it comes from; empty when nobody said.
    pub homepage: String,
    /// One line to act on when the program is missing.
    pub install_hint: String,
    /// Versions it was tried with, for people.
    pub tested_versions: String,
    /// How its program is found.
    pub programs: Programs,
    /// How the program proves to be the agent.
    pub identity: Option<Identity>,
    /// What it is good at.
    pub scores: Vec<Score>,
    /// Its price class as a whole.
    pub cost_class: Tier,
    /// Whether it gains on complex work.
    pub prefers_complex: bool,
    /// Its models.
    pub models: Vec<Model>,
    /// The skill added when none is named.
    pub default_skill: Option<String>,
    /// Environment names it may inherit.
    pub env: Vec<String>,
    /// Its own home.
    pub state_dirs: Vec<String>,
    /// How to see whether somebody is logged in.
    pub login: Login,
    /// The polite way to end it.
    pub stop_signal: String,
    /// What the component is told.
    pub definition: Definition,
}

/// How a program is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Programs {
    /// The first of these names on PATH.
    Names(Vec<String>),
    /// Exactly this file: an absolute path, chosen by the user.
    Path(String),
}

/// How a program proves to be the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Arguments that make it say who it is.
    pub args: Vec<String>,
    /// Start of the line by which it says so.
    pub marker: String,
}

/// Another agent with other settings. Its component stays exactly what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// Short name.
    pub id: String,
    /// Name for people, when it has one of its own.
    pub name: Option<String>,
    /// The agent that it is a fork of.
    pub base: String,
    /// SHA-256 of that agent's component, in lowercase hex.
    pub digest: String,
    /// The model when none is asked for.
    pub model: Option<String>,
    /// Further arguments.
    pub args: Vec<String>,
    /// Options of the adapter, by key.
    pub options: BTreeMap<String, String>,
    /// Further environment names it may inherit.
    pub env: Vec<String>,
    /// Scores in the place of the base's.
    pub scores: BTreeMap<Category, u8>,
    /// A price class in the place of the base's.
    pub cost_class: Option<Tier>,
}

/// Everything that is wrong with a file, from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgentError {
    /// At least one.
    pub problems: Vec<ConfigError>,
}

impl fmt::Display for UserAgentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for UserAgentError {}

/// Reads a definition file. `builtin` are the names of the agents that ship with aid, which no user's agent may have.
///
/// # Errors
/// With everything that is wrong, each with its place.
pub fn parse(text: &str, builtin: &[&str]) -> Result<UserAgent, UserAgentError> {
    let document = Document::new(text);
    let agent = if text.len() > MAX_FILE_BYTES {
        document.problem(0, format!("the file has {} bytes; at most {MAX_FILE_BYTES} are read", text.len()));
        None
    } else {
        let table = document.parse();
        let root = Section::root(&document, table.get_ref());
        read(&root, builtin)
    };
    match (agent, document.into_problems()) {
        (Some(agent), problems) if problems.is_empty() => Ok(agent),
        (_, problems) => Err(UserAgentError { problems }),
    }
}

fn read(root: &Section<'_, '_>, builtin: &[&str]) -> Option<UserAgent> {
    let (agent, fork) = (root.section("agent"), root.section("fork"));
    match (agent, fork) {
        (Some(agent), None) => whole::read(&agent, builtin).map(|whole| UserAgent::Whole(Box::new(whole))),
        (None, Some(fork)) => fork::read(&fork, builtin).map(|fork| UserAgent::Fork(Box::new(fork))),
        (Some(_), Some(fork)) => {
            root.problem(fork.at, "a file defines one agent: either [agent] or [fork]");
            None
        }
        (None, None) => {
            root.problem(0, "the file defines no agent: it needs [agent] or [fork]");
            None
        }
    }
}

/// Whether a text can be an agent's short name: a lowercase letter, then up to 31 lowercase letters, digits or hyphens.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_lowercase)
        && bytes.len() <= MAX_ID_BYTES
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}

/// Why a user's agent cannot have a name. None: it can.
#[must_use]
pub fn name_problem(id: &str, builtin: &[&str]) -> Option<String> {
    if !is_id(id) {
        let rule = "a lowercase letter, then up to 31 lowercase letters, digits or hyphens";
        return Some(format!("{id:?} cannot be an agent's name; use {rule}"));
    }
    if RESERVED.contains(&id) {
        return Some(format!("the name {id} has a meaning of its own; choose another"));
    }
    builtin.contains(&id).then(|| format!("{id} ships with aid; choose another name"))
}
