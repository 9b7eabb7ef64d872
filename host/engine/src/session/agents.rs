//! The agents that aid knows, and whether each can be used here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use aid_core::agent::Manifest;

use crate::home::Home;
use crate::program::{self, FindError, Identified};
use crate::registry;

/// An agent.
pub struct AgentEntry {
    /// Its name.
    pub name: String,
    /// What its adapter says; in words, why it says nothing.
    pub manifest: Result<Manifest, String>,
    /// The first program of its names on PATH, not yet proven to be it. None: there is none.
    pub program: Option<PathBuf>,
    /// SHA-256 of the adapter, in hex.
    pub digest: String,
    /// It ships with aid.
    pub builtin: bool,
}

/// Every agent. Runs no program, and no wasm once the adapters' manifests are cached.
#[must_use]
pub fn agents(home: &Home) -> Vec<AgentEntry> {
    let path = search_path();
    let entry = |entry: registry::Entry| {
        let manifest = entry.adapter.describe().map_err(|e| e.to_string());
        let program = manifest.as_ref().ok().and_then(|m| program::candidates(&m.programs, &path).into_iter().next());
        AgentEntry { name: entry.name, manifest, program, digest: entry.adapter.digest().to_string(), builtin: true }
    };
    registry::entries(home).into_iter().map(entry).collect()
}

pub(super) fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

impl AgentEntry {
    /// Finds the program that proves to be this agent. Bounded; remembered until the program changes.
    ///
    /// # Errors
    /// When none does.
    pub fn identify(&self, home: &Home, workdir: &Path) -> Result<Identified, FindError> {
        match &self.manifest {
            Ok(manifest) => program::find(manifest, home, &search_path(), workdir),
            Err(_) => Err(FindError::NotFound { programs: self.name.clone() }),
        }
    }
}
