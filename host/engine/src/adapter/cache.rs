//! Compiled code and manifests on disk. Compiled code is native code that this process will run, so only a directory
//! that nobody else can write to is read. Nothing in here can fail: without a cache adapters are compiled each time.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use aid_core::agent::Manifest;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::error::CacheNotice;
use super::limits::{CACHE_FILES_MAX, CACHED_MANIFEST_BYTES_MAX, STALE_TEMP_FILE_SECS};
use super::manifest;

/// One directory of cached files.
pub(super) struct Cache {
    dir: PathBuf,
    write_failure: OnceLock<CacheNotice>,
}

const TEMP_SUFFIX: &str = ".tmp";

/// What a cached manifest file holds; another format is a miss.
#[derive(Serialize, Deserialize)]
struct CachedManifest {
    format: u32,
    digest: Digest,
    manifest: Manifest,
}

const MANIFEST_FORMAT: u32 = 1;

impl Cache {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir, write_failure: OnceLock::new() }
    }

    /// Why the cache is not used.
    pub(super) fn notice(&self) -> Option<CacheNotice> {
        self.inspect().err().or_else(|| self.write_failure.get().cloned())
    }

    /// What `parse` makes of a cached file. A file that it refuses is deleted.
    pub(super) fn read<T>(&self, name: &str, parse: impl FnOnce(&Path) -> Option<T>) -> Option<T> {
        if !matches!(self.inspect(), Ok(true)) {
            return None;
        }
        let path = self.dir.join(name);
        let found = fs::symlink_metadata(&path).ok()?;
        let parsed = if found.is_file() && is_ours_alone(&found) { parse(&path) } else { None };
        if parsed.is_none() {
            let _ = fs::remove_file(&path);
        }
        parsed
    }

    /// Keeps a file: whole or not at all, also when several processes write the same one or this one dies.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) {
        match self.inspect() {
            Ok(true) => {}
            Ok(false) => {
                if let Err(error) = DirBuilder::new().recursive(true).mode(0o700).create(&self.dir) {
                    self.note_failure(&error);
                    return;
                }
                if !matches!(self.inspect(), Ok(true)) {
                    return;
                }
            }
            Err(_) => return,
        }
        match self.replace(name, bytes) {
            Ok(()) => self.prune(),
            Err(error) => self.note_failure(&error),
        }
    }

    pub(super) fn manifest(&self, digest: Digest) -> Option<Manifest> {
        self.read(&manifest_name(digest), |path| {
            let mut text = Vec::new();
            File::open(path).ok()?.take(CACHED_MANIFEST_BYTES_MAX).read_to_end(&mut text).ok()?;
            let cached: CachedManifest = serde_json::from_slice(&text).ok()?;
            let valid = cached.format == MANIFEST_FORMAT
                && cached.digest == digest
                && manifest::check(&cached.manifest).is_ok();
            valid.then_some(cached.manifest)
        })
    }

    pub(super) fn store_manifest(&self, digest: Digest, manifest: &Manifest) {
        let cached = CachedManifest { format: MANIFEST_FORMAT, digest, manifest: manifest.clone() };
        // Plain records of strings and numbers: there is nothing in them that JSON cannot hold.
        if let Ok(text) = serde_json::to_vec(&cached) {
            self.write(&manifest_name(digest), &text);
        }
    }

    /// Whether the directory exists, if it may be trusted.
    fn inspect(&self) -> Result<bool, CacheNotice> {
        let found = match fs::metadata(&self.dir) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(self.unusable(&error)),
        };
        if !found.is_dir() {
            return Err(self.unusable(&io::Error::from(io::ErrorKind::NotADirectory)));
        }
        if found.uid() != own_uid() {
            return Err(CacheNotice::ForeignOwner { path: self.dir.clone(), owner: found.uid() });
        }
        if !is_ours_alone(&found) {
            return Err(CacheNotice::WritableByOthers { path: self.dir.clone(), mode: found.mode() & 0o7777 });
        }
        Ok(true)
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let unique = COUNTER.fetch_add(1, Ordering::Relaxed);
        let temp = self.dir.join(format!(".{name}.{}-{unique}{TEMP_SUFFIX}", std::process::id()));
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&temp)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&temp, self.dir.join(name)));
        if written.is_err() {
            let _ = fs::remove_file(&temp);
        }
        written
    }

    /// Removes what dead writers left, and the oldest files beyond the limit. What another process has mapped stays
    /// readable for it.
    fn prune(&self) {
        let Ok(entries) = fs::read_dir(&self.dir) else { return };
        let stale = SystemTime::now().checked_sub(Duration::from_secs(STALE_TEMP_FILE_SECS));
        let mut kept = Vec::new();
        for entry in entries.flatten() {
            let Ok(modified) = entry.metadata().and_then(|found| found.modified()) else { continue };
            let is_temp = entry.file_name().to_string_lossy().ends_with(TEMP_SUFFIX);
            if !is_temp {
                kept.push((modified, entry.path()));
            } else if stale.is_some_and(|stale| modified < stale) {
                let _ = fs::remove_file(entry.path());
            }
        }
        kept.sort();
        for (_, path) in kept.iter().take(kept.len().saturating_sub(CACHE_FILES_MAX)) {
            let _ = fs::remove_file(path);
        }
    }

    fn unusable(&self, error: &io::Error) -> CacheNotice {
        CacheNotice::Unusable { path: self.dir.clone(), message: error.to_string() }
    }

    fn note_failure(&self, error: &io::Error) {
        // The first failure is the one to tell.
        let _ = self.write_failure.set(self.unusable(error));
    }
}

fn manifest_name(digest: Digest) -> String {
    format!("{digest}.manifest.json")
}

fn is_ours_alone(found: &Metadata) -> bool {
    const OTHERS_WRITE: u32 = 0o022;
    found.uid() == own_uid() && found.mode() & OTHERS_WRITE == 0
}

fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}
