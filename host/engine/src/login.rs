//! Whether somebody is logged in to an agent, as far as that can be seen without asking a provider: names of variables
//! and files. No value of a variable leaves this file, and no file is opened.

use std::fs;
use std::os::unix::fs::MetadataExt;

use aid_core::agent::Manifest;
use sha2::{Digest as _, Sha256};

use crate::adapter::policy::expand_dir;

/// How much of a digest tells two keys apart, in bytes: far too little to guess a key by.
const MARK_BYTES: usize = 4;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// A key or a login file is there; whether the provider takes it, nobody has asked.
    Seen(String),
    /// Neither is.
    NotSeen,
    /// The adapter does not say where to look.
    Unknown,
}

/// Looks.
#[must_use]
pub fn see(manifest: &Manifest) -> Login {
    let login = &manifest.login;
    if login.env.is_empty() && login.files.is_empty() {
        return Login::Unknown;
    }
    let key = login.env.iter().find(|name| value(name).is_some());
    if let Some(name) = key {
        return Login::Seen(format!("key in {name}"));
    }
    let file = files(manifest).into_iter().find(|path| path.is_file());
    file.map_or(Login::NotSeen, |path| Login::Seen(format!("login file {}", path.display())))
}

/// What the login looks like, for comparison with another moment: it changes with a key and with a login file. None where
/// the adapter does not say where to look.
#[must_use]
pub fn mark(manifest: &Manifest) -> Option<String> {
    if see(manifest) == Login::Unknown {
        return None;
    }
    let mut hash = Sha256::new();
    for name in &manifest.login.env {
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update(value(name).unwrap_or_default().as_bytes());
        hash.update([0]);
    }
    for path in files(manifest) {
        let seen = fs::metadata(&path).map(|meta| (meta.mtime(), meta.mtime_nsec(), meta.size(), meta.ino()));
        hash.update(format!("{}\0{:?}\0", path.display(), seen.ok()).as_bytes());
    }
    Some(hash.finalize().iter().take(MARK_BYTES).map(|byte| format!("{byte:02x}")).collect())
}

fn value(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn files(manifest: &Manifest) -> Vec<std::path::PathBuf> {
    let variables = |name: &str| std::env::var(name).ok();
    manifest.login.files.iter().filter_map(|text| expand_dir(text, &variables)).collect()
}
