//! The adapters that this aid has, by name and by digest.

use std::sync::{Mutex, OnceLock, PoisonError};

use aid_adapter_bundle::BUILTIN;
use aid_core::spec::AdapterRef;

use crate::adapter::{Adapter, AdapterHost};
use crate::home::Home;

/// An adapter with the name it is known by.
#[derive(Clone)]
pub struct Entry {
    /// The agent's name.
    pub name: String,
    /// Its adapter.
    pub adapter: Adapter,
}

/// What was loaded, by home.
type Loaded = Vec<(Home, Vec<Entry>)>;

/// Every adapter. Nothing is compiled or run for this.
#[must_use]
pub fn entries(home: &Home) -> Vec<Entry> {
    // One per process and home: a loaded adapter keeps what it has compiled.
    static LOADED: OnceLock<Mutex<Loaded>> = OnceLock::new();
    let mut loaded = LOADED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, entries)) = loaded.iter().find(|(of, _)| of == home) {
        return entries.clone();
    }
    let host = AdapterHost::new(&home.cache());
    let load = |builtin: &aid_adapter_bundle::Builtin| {
        // Within the size limit: a test of the bundle says so.
        host.load(builtin.component).ok().map(|adapter| Entry { name: builtin.id.to_owned(), adapter })
    };
    let entries: Vec<Entry> = BUILTIN.iter().filter_map(load).collect();
    loaded.push((home.clone(), entries.clone()));
    entries
}

/// The adapter of a name.
#[must_use]
pub fn by_name(home: &Home, name: &str) -> Option<Entry> {
    entries(home).into_iter().find(|e| e.name == name)
}

/// Exactly the adapter that a task was dispatched with.
///
/// # Errors
/// In words, when it is not there any more.
pub fn exactly(home: &Home, wanted: &AdapterRef) -> Result<Adapter, String> {
    let adapter = successor(home, wanted)?;
    if adapter.digest().to_string() == wanted.digest {
        return Ok(adapter);
    }
    Err(format!("the adapter {} is not the one that the task was dispatched with; dispatch the task again", wanted.id))
}

/// The adapter that has the place of the one that a task was dispatched with: that one, or what an update made of it. It
/// reads the output of an agent that runs already.
///
/// # Errors
/// In words, when nothing has that place.
pub fn successor(home: &Home, wanted: &AdapterRef) -> Result<Adapter, String> {
    by_name(home, &wanted.id).map(|e| e.adapter).ok_or_else(|| format!("there is no adapter {}", wanted.id))
}
