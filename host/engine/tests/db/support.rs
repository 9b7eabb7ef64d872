//! A ledger in a directory of its own, and ways to look at it from outside.

use std::path::{Path, PathBuf};

use aid_core::event::{Event, Recorded};
use aid_core::id::TaskId;
use aid_core::spec::TaskSpec;
use aid_engine::db::Db;
use tempfile::TempDir;

use crate::fixtures;

pub(crate) struct Home {
    dir: TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A home whose ledger is there and closed.
    pub(crate) fn with_ledger() -> Self {
        let home = Self::new();
        drop(home.open());
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.dir.path().join("aid.db")
    }

    pub(crate) fn open(&self) -> Db {
        Db::open(&self.ledger()).unwrap()
    }

    /// SQLite without the ledger's rules, to break things.
    pub(crate) fn sql(&self, sql: &str) {
        rusqlite::Connection::open(self.ledger()).unwrap().execute_batch(sql).unwrap();
    }

    /// Moves everything from the write-ahead log into the ledger's own file.
    pub(crate) fn checkpoint(&self) {
        self.sql("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// The names of everything in the home, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

pub(crate) fn create(db: &mut Db, name: &str) -> TaskId {
    create_with(db, name, |_| {})
}

pub(crate) fn create_with(db: &mut Db, name: &str, change: impl FnOnce(&mut TaskSpec)) -> TaskId {
    let mut spec = fixtures::spec(name);
    change(&mut spec);
    db.create_task(&spec).unwrap().id
}

/// A task whose agent runs.
pub(crate) fn running(db: &mut Db, name: &str) -> TaskId {
    let id = create(db, name);
    db.append(&id, fixtures::T0 + 1, fixtures::start(), None).unwrap();
    id
}

pub(crate) fn log(db: &Db, id: &TaskId) -> Vec<Recorded> {
    let page = db.events(id, 0, usize::MAX).unwrap();
    assert_eq!(page.damaged, []);
    page.events
}

pub(crate) fn settlements(db: &Db, id: &TaskId) -> usize {
    log(db, id).iter().filter(|r| matches!(r.event, Event::Settled { .. })).count()
}
