//! The agents that this aid has, by name and by digest: those that ship with it, and those that the user defines in
//! `agents/*.toml`. Must not look for programs, nor decide whether an agent can work.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aid_adapter_bundle::BUILTIN;
use aid_core::agent::Manifest;
use aid_core::spec::AdapterRef;
use aid_core::user_agent::overlay::{RequestParts, overlay};
use aid_core::user_agent::{self, MAX_FILE_BYTES, Programs, UserAgent};

use crate::adapter::{Adapter, AdapterHost, manifest};
use crate::home::Home;

/// The component behind the agents that users define; no agent itself.
pub const CUSTOM: &str = "custom";
/// Most definition files that are read.
const MAX_FILES: usize = 256;

/// An agent with the name it is known by.
#[derive(Clone)]
pub struct Entry {
    /// The agent's name.
    pub name: String,
    /// Its adapter.
    pub adapter: Adapter,
    /// What the user says about it, where it is the user's.
    user: Option<Arc<UserAgent>>,
    /// The id of its component.
    component: String,
}

/// A definition file that gives no agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The name it would have had, as far as its file's name says.
    pub name: String,
    /// The file.
    pub file: PathBuf,
    /// Everything that is wrong, a line each.
    pub problem: String,
}

/// Every agent, and every file that gives none.
#[derive(Clone, Default)]
pub struct Known {
    /// Those that ship with aid first, then the user's by file name.
    pub entries: Vec<Entry>,
    /// One bad file is one bad entry.
    pub broken: Vec<Broken>,
}

impl Entry {
    /// What is known about it.
    ///
    /// # Errors
    /// In words, when its adapter says nothing.
    pub fn manifest(&self) -> Result<Manifest, String> {
        let base = self.adapter.describe().map_err(|e| e.to_string())?;
        let Some(user) = &self.user else { return Ok(base) };
        let manifest = overlay(&base, user);
        // What a user says is held to the rules of every manifest.
        manifest::check(&manifest)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
        Ok(manifest)
    }

    /// Which component reads its output.
    #[must_use]
    pub fn reference(&self) -> AdapterRef {
        AdapterRef { id: self.component.clone(), digest: self.adapter.digest().to_string() }
    }

    /// Whose limits apply: a fork's are its base's.
    #[must_use]
    pub fn account(&self) -> &str {
        match self.user.as_deref() {
            Some(UserAgent::Fork(fork)) => &fork.base,
            Some(UserAgent::Whole(_)) | None => &self.name,
        }
    }

    /// The agent that it is a fork of.
    #[must_use]
    pub fn base(&self) -> Option<&str> {
        (self.account() != self.name).then(|| self.account())
    }

    /// It ships with aid.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        self.user.is_none()
    }

    /// What it adds to a request.
    #[must_use]
    pub fn parts(&self) -> RequestParts {
        self.user.as_deref().map(UserAgent::request_parts).unwrap_or_default()
    }

    /// The program that its definition names by its path.
    #[must_use]
    pub fn named_program(&self) -> Option<&Path> {
        match self.user.as_deref() {
            Some(UserAgent::Whole(whole)) => match &whole.programs {
                Programs::Path(path) => Some(Path::new(path)),
                Programs::Names(_) => None,
            },
            Some(UserAgent::Fork(_)) | None => None,
        }
    }

    /// The user says which program it is, so nothing has to prove it.
    #[must_use]
    pub fn user_vouches(&self) -> bool {
        matches!(self.user.as_deref(), Some(UserAgent::Whole(_)))
    }
}

/// What was loaded, by home.
type Loaded = Vec<(Home, Vec<(&'static str, Adapter)>)>;

/// The components that ship, by id. Nothing is compiled or run for this.
fn components(home: &Home) -> Vec<(&'static str, Adapter)> {
    // One per process and home: a loaded adapter keeps what it has compiled.
    static LOADED: OnceLock<Mutex<Loaded>> = OnceLock::new();
    let mut loaded = LOADED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, components)) = loaded.iter().find(|(of, _)| of == home) {
        return components.clone();
    }
    let host = AdapterHost::new(&home.cache());
    // Within the size limit: a test of the bundle says so.
    let load =
        |builtin: &aid_adapter_bundle::Builtin| host.load(builtin.component).ok().map(|adapter| (builtin.id, adapter));
    let components: Vec<_> = BUILTIN.iter().filter_map(load).collect();
    loaded.push((home.clone(), components.clone()));
    components
}

/// Every agent.
#[must_use]
pub fn known(home: &Home) -> Known {
    let components = components(home);
    let builtin = |(id, adapter): &(&'static str, Adapter)| Entry {
        name: (*id).to_owned(),
        adapter: adapter.clone(),
        user: None,
        component: (*id).to_owned(),
    };
    let entries = components.iter().filter(|(id, _)| *id != CUSTOM).map(builtin).collect();
    let mut known = Known { entries, broken: Vec::new() };
    for file in files(&home.agents()) {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match read(&file).and_then(|text| define(&text, &known, &components)) {
            Ok(entry) => known.entries.push(entry),
            Err(problem) => known.broken.push(Broken { name: stem, file, problem }),
        }
    }
    known
}

/// The names that ship with aid, which no user's agent may have.
#[must_use]
pub fn builtin_names() -> Vec<&'static str> {
    BUILTIN.iter().map(|builtin| builtin.id).collect()
}

/// The agent that a definition gives, among those that are there.
///
/// # Errors
/// Everything that is wrong with it, a line each.
pub fn define_among(home: &Home, text: &str) -> Result<Entry, String> {
    define(text, &known(home), &components(home))
}

fn define(text: &str, known: &Known, components: &[(&'static str, Adapter)]) -> Result<Entry, String> {
    let user = user_agent::parse(text, &builtin_names()).map_err(|e| e.to_string())?;
    let name = user.id().to_owned();
    if known.entries.iter().any(|entry| entry.name == name) {
        return Err(format!("another file defines {name} already"));
    }
    let component = match &user {
        UserAgent::Whole(_) => CUSTOM.to_owned(),
        UserAgent::Fork(fork) => fork.base.clone(),
    };
    let is_fork = matches!(user, UserAgent::Fork(_));
    let found = components.iter().find(|(id, _)| *id == component && !(is_fork && *id == CUSTOM));
    let Some((_, adapter)) = found else { return Err(format!("there is no agent {component} to be a fork of")) };
    if let UserAgent::Fork(fork) = &user
        && adapter.digest().to_string() != fork.digest
    {
        return Err(format!(
            "it was made over another adapter of {component} than the one that is there; look at what changed, then \
             set digest = \"{}\"",
            adapter.digest()
        ));
    }
    let entry = Entry { name, adapter: adapter.clone(), user: Some(Arc::new(user)), component };
    entry.manifest()?;
    Ok(entry)
}

/// The definition files, by name.
fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let is_definition = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "toml");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_definition).collect();
    files.sort();
    files.truncate(MAX_FILES);
    files
}

fn read(file: &Path) -> Result<String, String> {
    let mut text = String::new();
    // One byte more than is allowed, so that the reader of the text sees that there is more.
    let limit = MAX_FILE_BYTES as u64 + 1;
    let read = fs::File::open(file).and_then(|open| open.take(limit).read_to_string(&mut text));
    read.map(|_| text).map_err(|e| format!("it cannot be read: {e}"))
}

/// The agent of a name.
#[must_use]
pub fn by_name(home: &Home, name: &str) -> Option<Entry> {
    known(home).entries.into_iter().find(|e| e.name == name)
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
    let found = components(home).into_iter().find(|(id, _)| *id == wanted.id);
    found.map(|(_, adapter)| adapter).ok_or_else(|| format!("there is no adapter {}", wanted.id))
}
