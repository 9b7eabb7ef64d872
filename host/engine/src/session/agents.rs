//! The agents that aid knows, and whether each can be used here: one answer for run, lists, advice and the doctor.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use aid_core::agent::{KeyValue, Manifest};
use aid_core::config::{AgentConfig, Config};
use aid_core::hold::{self, Hold};

use crate::home::Home;
use crate::program::{self, FindError, Identified, Proof};
use crate::registry::{self, Entry};
use crate::{clock, login};

/// Where an agent comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It ships with aid.
    Builtin,
    /// The user's, over another agent.
    Fork {
        /// That agent.
        base: String,
    },
    /// The user's own.
    User,
}

/// An agent.
pub struct AgentEntry {
    /// Its name.
    pub name: String,
    /// What is known about it; in words, why nothing is.
    pub manifest: Result<Manifest, String>,
    /// The first program of its names on PATH, or the one that the user named, not yet proven to be it. None: there is
    /// none.
    pub program: Option<PathBuf>,
    /// SHA-256 of its adapter, in hex; empty when it has none.
    pub digest: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Its part of the registry; None for a definition that gives no agent.
    entry: Option<Entry>,
}

/// Every agent. Runs no program, and no wasm once the adapters' manifests are cached.
#[must_use]
pub fn agents(home: &Home, config: Option<&Config>) -> Vec<AgentEntry> {
    let path = search_path();
    let known = registry::known(home);
    let entry = |entry: Entry| {
        let manifest = entry.manifest();
        let program = match (&manifest, named_program(&entry, config)) {
            (Ok(_), Some(named)) => program::is_executable(&named).then_some(named),
            (Ok(manifest), None) => program::candidates(&manifest.programs, &path).into_iter().next(),
            (Err(_), _) => None,
        };
        let origin = match entry.base() {
            _ if entry.is_builtin() => Origin::Builtin,
            Some(base) => Origin::Fork { base: base.to_owned() },
            None => Origin::User,
        };
        let digest = entry.adapter.digest().to_string();
        AgentEntry { name: entry.name.clone(), manifest, program, digest, origin, entry: Some(entry) }
    };
    let broken = |broken: registry::Broken| AgentEntry {
        name: broken.name,
        manifest: Err(format!("{}: {}", broken.file.display(), broken.problem)),
        program: None,
        digest: String::new(),
        origin: Origin::User,
        entry: None,
    };
    known.entries.into_iter().map(entry).chain(known.broken.into_iter().map(broken)).collect()
}

pub(super) fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

fn settings<'a>(config: Option<&'a Config>, name: &str) -> Option<&'a AgentConfig> {
    config.and_then(|config| config.agents.get(name))
}

/// The program that the user named: for the agent itself, or for the one that it is a fork of.
fn named_program(entry: &Entry, config: Option<&Config>) -> Option<PathBuf> {
    let by_settings = |name| settings(config, name).and_then(|own| own.program.as_deref()).map(PathBuf::from);
    by_settings(&entry.name)
        .or_else(|| by_settings(entry.account()))
        .or_else(|| entry.named_program().map(Path::to_owned))
}

/// The model that the user chose for an agent: in the settings, else in its definition.
pub(super) fn own_model(entry: &Entry, config: Option<&Config>) -> Option<String> {
    settings(config, &entry.name).and_then(|own| own.model.clone()).or_else(|| entry.parts().model)
}

/// Finds the program that proves to be an agent, or that its user vouches for.
pub(super) fn locate(
    entry: &Entry,
    manifest: &Manifest,
    config: Option<&Config>,
    home: &Home,
    workdir: &Path,
) -> Result<Identified, FindError> {
    match named_program(entry, config) {
        Some(path) => program::at(manifest, home, &path, workdir),
        None => {
            let proof = if entry.user_vouches() { Proof::UserVouches } else { Proof::Required };
            program::find(manifest, home, &search_path(), workdir, proof)
        }
    }
}

/// The options that an agent's adapter gets: the definition's, and over them the settings'.
///
/// # Errors
/// Everything that is wrong with them.
pub(super) fn options(
    entry: &Entry,
    manifest: &Manifest,
    config: Option<&Config>,
) -> Result<Vec<KeyValue>, Vec<String>> {
    let mut options = entry.parts().options;
    let set = settings(config, &entry.name).map(|own| own.options.clone()).unwrap_or_default();
    let mut wrong = Vec::new();
    for (key, value) in set {
        match manifest.options.iter().find(|spec| spec.key == key) {
            None => {
                let known: Vec<&str> = manifest.options.iter().map(|spec| spec.key.as_str()).collect();
                wrong.push(format!("{} has no option {key:?}; it has {}", entry.name, list(&known)));
            }
            Some(spec) if !spec.allowed.is_empty() && !spec.allowed.contains(&value) => {
                let allowed: Vec<&str> = spec.allowed.iter().map(String::as_str).collect();
                wrong.push(format!("option {key} of {} cannot be {value:?}; use {}", entry.name, list(&allowed)));
            }
            Some(_) => {
                options.retain(|option| option.key != key);
                options.push(KeyValue { key, value });
            }
        }
    }
    for spec in manifest.options.iter().filter(|spec| spec.required) {
        if !options.iter().any(|option| option.key == spec.key) {
            wrong.push(format!(
                "{} is not set up: [agents.{}] in config.toml needs options.{} ({})",
                entry.name, entry.name, spec.key, spec.help
            ));
        }
    }
    if wrong.is_empty() { Ok(options) } else { Err(wrong) }
}

fn list(words: &[&str]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

impl AgentEntry {
    /// Finds the program that proves to be this agent. Bounded; remembered until the program changes.
    ///
    /// # Errors
    /// When none does.
    pub fn identify(&self, home: &Home, config: Option<&Config>, workdir: &Path) -> Result<Identified, FindError> {
        match (&self.manifest, &self.entry) {
            (Ok(manifest), Some(entry)) => locate(entry, manifest, config, home, workdir),
            _ => Err(FindError::NotFound { programs: self.name.clone() }),
        }
    }

    /// Why it cannot take work, without running anything; None when nothing is known to stand in its way.
    #[must_use]
    pub fn obstacle(&self, config: Option<&Config>, holds: &[Hold]) -> Option<String> {
        let (manifest, entry) = match (&self.manifest, &self.entry) {
            (Ok(manifest), Some(entry)) => (manifest, entry),
            (Err(problem), _) => return Some(problem.clone()),
            (Ok(_), None) => return Some("its definition gives no agent".to_owned()),
        };
        if settings(config, &self.name).is_some_and(|own| own.disabled) {
            return Some("disabled in config.toml".to_owned());
        }
        if let Err(wrong) = options(entry, manifest, config) {
            return wrong.into_iter().next();
        }
        if self.program.is_none() {
            return Some(match named_program(entry, config) {
                Some(named) => format!("{} is not there, or cannot be executed", named.display()),
                None => format!("{} is not on PATH", manifest.programs.join(" or ")),
            });
        }
        self.hold(config, holds).map(|hold| format!("held: {}", hold.explain(clock::now_ms())))
    }

    /// The hold that stands in the way of work with the model that it would use.
    #[must_use]
    pub fn hold<'a>(&self, config: Option<&Config>, holds: &'a [Hold]) -> Option<&'a Hold> {
        let (manifest, entry) = (self.manifest.as_ref().ok()?, self.entry.as_ref()?);
        standing(entry, manifest, own_model(entry, config).as_deref(), holds)
    }

    /// The model that the user chose for it.
    #[must_use]
    pub fn own_model(&self, config: Option<&Config>) -> Option<String> {
        own_model(self.entry.as_ref()?, config)
    }
}

/// The one question whether work may go to an agent.
pub(super) fn standing<'a>(
    entry: &Entry,
    manifest: &Manifest,
    model: Option<&str>,
    holds: &'a [Hold],
) -> Option<&'a Hold> {
    if holds.is_empty() {
        return None;
    }
    // Without a model the agent takes its own first choice, which its catalogue begins with.
    let model = model.or_else(|| manifest.models.first().map(|first| first.name.as_str()));
    hold::blocking(holds, entry.account(), model, clock::now_ms(), login::mark(manifest).as_deref())
}
