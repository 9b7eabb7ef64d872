//! Making, opening and reopening the ledger.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{SystemTime, UNIX_EPOCH};

use aid_engine::db::{Db, Filter, SCHEMA_VERSION};

use crate::fixtures::{T0, done, id};
use crate::support::{Home, create, log, running};

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn an_empty_home_gets_a_ledger_for_its_user_alone() {
    let home = Home::new();
    let mut db = home.open();
    create(&mut db, "t-1a2b");
    for name in ["aid.db", "aid.db-wal", "aid.db-shm", "aid.db.init"] {
        assert_eq!(mode(&home.path().join(name)), 0o600, "{name}");
    }
    drop(db);
    // The write-ahead log stays for the next one.
    assert_eq!(home.files(), ["aid.db", "aid.db-shm", "aid.db-wal", "aid.db.init"]);
    let version: i64 = rusqlite::Connection::open(home.ledger())
        .unwrap()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, SCHEMA_VERSION);
}

#[test]
fn a_file_that_is_still_empty_becomes_a_ledger() {
    let home = Home::new();
    fs::write(home.ledger(), b"").unwrap();
    assert!(Db::open_existing(&home.ledger()).unwrap().is_none());
    assert_eq!(fs::metadata(home.ledger()).unwrap().len(), 0);
    create(&mut home.open(), "t-1a2b");
    assert_eq!(home.open().resolve("t-", 9).unwrap(), [id("t-1a2b")]);
}

/// The ledger and its log: bytes and times. The index of the log (`-shm`) is memory that processes share, not a record.
fn stored(home: &Home) -> Vec<(Vec<u8>, SystemTime)> {
    let look = |name: &str| {
        let path = home.path().join(name);
        (fs::read(&path).unwrap_or_default(), fs::metadata(&path).map_or(UNIX_EPOCH, |m| m.modified().unwrap()))
    };
    ["aid.db", "aid.db-wal"].map(look).to_vec()
}

#[test]
fn opening_a_current_ledger_writes_nothing() {
    let home = Home::new();
    running(&mut home.open(), "t-1a2b");
    fs::remove_file(home.path().join("aid.db.init")).unwrap();
    // With a log that the last writer left, and without one.
    for checkpointed in [false, true] {
        if checkpointed {
            home.checkpoint();
            drop(home.open());
        }
        let before = stored(&home);
        assert_eq!(before[1].0.is_empty(), checkpointed);
        for _ in 0..3 {
            let db = home.open();
            assert_eq!(db.list(&Filter::default()).unwrap().records.len(), 1);
            drop(db);
            drop(Db::open_existing(&home.ledger()).unwrap().unwrap());
        }
        assert!(before == stored(&home), "a file or its time has changed");
    }
    assert!(!home.files().contains(&"aid.db.init".to_owned()), "no lock was taken");
}

#[test]
fn opening_beside_a_writer_adds_nothing_to_its_log() {
    let home = Home::new();
    let mut writer = home.open();
    running(&mut writer, "t-1a2b");
    let wal = home.path().join("aid.db-wal");
    let before = fs::read(&wal).unwrap();
    assert!(!before.is_empty());
    let reader = home.open();
    assert_eq!(reader.unsettled().unwrap().records, [id("t-1a2b")]);
    drop(reader);
    assert!(before == fs::read(&wal).unwrap(), "the write-ahead log has changed");
}

#[test]
fn nothing_is_created_where_there_is_no_ledger() {
    let home = Home::new();
    assert!(Db::open_existing(&home.ledger()).unwrap().is_none());
    assert!(Db::open_existing(&home.path().join("no/such/dir/aid.db")).unwrap().is_none());
    assert_eq!(home.files(), Vec::<String>::new());
}

#[test]
fn everything_is_the_same_after_reopening() {
    let home = Home::new();
    let mut db = home.open();
    let task = running(&mut db, "t-1a2b");
    db.settle(&task, T0 + 9, done(), Some("the answer"), None).unwrap();
    let before =
        (db.task(&task).unwrap(), log(&db, &task), db.answer(&task).unwrap(), db.totals(&Filter::default()).unwrap());
    drop(db);
    let db = home.open();
    let after =
        (db.task(&task).unwrap(), log(&db, &task), db.answer(&task).unwrap(), db.totals(&Filter::default()).unwrap());
    assert_eq!(before, after);
    assert_eq!(after.2.as_deref(), Some("the answer"));
}

#[test]
fn a_ledger_that_lost_its_journal_mode_gets_it_back() {
    let home = Home::with_ledger();
    home.sql("PRAGMA journal_mode = DELETE");
    create(&mut home.open(), "t-1a2b");
    let mode: String = rusqlite::Connection::open(home.ledger())
        .unwrap()
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
}

/// What a killed writer had committed is there, whoever opens next.
#[test]
fn what_a_killed_writer_committed_is_kept() {
    let home = Home::new();
    let mut writer = home.open();
    running(&mut writer, "t-1a2b");
    let killed = Home::new();
    for name in ["aid.db", "aid.db-wal"] {
        fs::copy(home.path().join(name), killed.path().join(name)).unwrap();
    }
    let db = Db::open_existing(&killed.ledger()).unwrap().unwrap();
    assert_eq!(log(&db, &id("t-1a2b")), log(&writer, &id("t-1a2b")));
}

#[test]
fn a_connection_can_move_to_another_thread() {
    let home = Home::new();
    let mut db = home.open();
    let task = std::thread::spawn(move || create(&mut db, "t-1a2b")).join().unwrap();
    assert_eq!(task, id("t-1a2b"));
}
