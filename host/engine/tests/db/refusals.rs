//! Files, directories and disks that the ledger cannot live with: each has its own error, and nothing is harmed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use aid_engine::db::{AppendError, CreateError, Db, DbError, Filter};

use crate::fixtures::{T0, message, spec};
use crate::support::{Home, create, running};

/// Both ways of opening refuse, with the same words, and leave the file as it was.
fn refused(path: &Path) -> DbError {
    let before = fs::read(path).ok();
    let first = Db::open(path).unwrap_err();
    let second = Db::open_existing(path).unwrap_err();
    assert_eq!(first.to_string(), second.to_string());
    assert!(before == fs::read(path).ok(), "the file was touched");
    first
}

#[test]
fn a_newer_ledger_is_left_alone() {
    let home = Home::with_ledger();
    home.sql("PRAGMA user_version = 99");
    let error = refused(&home.ledger());
    assert!(matches!(error, DbError::TooNew { found: 99, .. }), "{error:?}");
    assert!(error.to_string().contains("update aid"), "{error}");
}

#[test]
fn a_file_of_another_kind_is_left_alone() {
    let home = Home::new();
    fs::write(home.ledger(), "# my notes about aid\n".repeat(100)).unwrap();
    let error = refused(&home.ledger());
    assert!(matches!(error, DbError::NotALedger { .. }), "{error:?}");
    assert!(error.to_string().contains("move it away"), "{error}");
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    for version in [0, 1, 99] {
        let home = Home::new();
        home.sql(&format!("CREATE TABLE notes (text); PRAGMA user_version = {version}"));
        let error = refused(&home.ledger());
        assert!(matches!(error, DbError::NotALedger { .. }), "{error:?}");
    }
}

#[test]
fn a_directory_is_no_ledger() {
    let home = Home::new();
    fs::create_dir(home.ledger()).unwrap();
    let error = refused(&home.ledger());
    assert!(matches!(error, DbError::NotALedger { .. }), "{error:?}");
}

#[test]
fn a_missing_directory_is_named() {
    let home = Home::new();
    let path = home.path().join("missing/aid.db");
    let error = Db::open(&path).unwrap_err();
    assert!(matches!(error, DbError::NoDirectory { .. }), "{error:?}");
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
}

#[test]
fn a_file_with_holes_is_damaged() {
    let home = Home::new();
    let mut db = home.open();
    for n in 0..200 {
        create(&mut db, &format!("t-{n:04x}"));
    }
    drop(db);
    home.checkpoint();
    let mut bytes = fs::read(home.ledger()).unwrap();
    // Everything behind the header and the schema.
    bytes[8 * 4096..].fill(0xa5);
    fs::write(home.ledger(), bytes).unwrap();
    let db = home.open();
    let error = db.list(&Filter { limit: 1_000, ..Filter::default() }).unwrap_err();
    assert!(matches!(error, DbError::Damaged { .. }), "{error:?}");
    assert!(error.to_string().contains("rescue"), "{error}");
}

/// Runs something as a user who has only the permissions that the modes of files give.
fn as_plain_user<T>(run: impl FnOnce() -> T) -> T {
    const NOBODY: libc::uid_t = 65_534;
    // SAFETY: takes no pointer. It changes the identity by which this thread alone opens files; a caller who is not
    // root stays as they are, and needs nothing.
    let own = unsafe { libc::setfsuid(NOBODY) };
    let result = run();
    // SAFETY: as above, back to what it was.
    unsafe { libc::setfsuid(own.cast_unsigned()) };
    result
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A home with one task that can be read but not written.
fn read_only_home(checkpointed: bool) -> Home {
    let home = Home::new();
    running(&mut home.open(), "t-1a2b");
    if checkpointed {
        home.checkpoint();
    }
    for name in home.files() {
        set_mode(&home.path().join(name), 0o444);
    }
    set_mode(home.path(), 0o555);
    home
}

#[test]
fn a_read_only_home_can_still_be_read() {
    // With the log that the last writer left, and without one.
    for checkpointed in [false, true] {
        let home = read_only_home(checkpointed);
        assert_eq!(home.files().contains(&"aid.db-wal".to_owned()), !checkpointed);
        as_plain_user(|| {
            let error = Db::open(&home.ledger()).unwrap_err();
            assert!(matches!(error, DbError::ReadOnly { .. }), "{error:?}");
            assert!(error.to_string().contains("make it writable"), "{error}");
            let mut db = Db::open_existing(&home.ledger()).unwrap().unwrap();
            let listed = db.list(&Filter::default()).unwrap();
            assert_eq!(listed.records.len(), 1);
            let task = &listed.records[0].task.id;
            let error = db.append(task, T0, vec![message("no")], None).unwrap_err();
            assert!(matches!(error, AppendError::Db(DbError::ReadOnly { .. })), "{error:?}");
            let error = db.create_task(&spec("t-2")).unwrap_err();
            assert!(matches!(error, CreateError::Db(DbError::ReadOnly { .. })), "{error:?}");
        });
        set_mode(home.path(), 0o755);
    }
}

/// Somebody who can write holds it open: the reader sees what was just written, not an old state.
#[test]
fn a_reader_without_permission_to_write_sees_the_present() {
    let home = Home::new();
    let mut writer = home.open();
    for name in ["aid.db", "aid.db-wal", "aid.db-shm"] {
        set_mode(&home.path().join(name), 0o444);
    }
    set_mode(home.path(), 0o555);
    let task = create(&mut writer, "t-1a2b");
    let seen = as_plain_user(|| Db::open_existing(&home.ledger()).unwrap().unwrap().resolve("t-", 9).unwrap());
    assert_eq!(seen, [task]);
    set_mode(home.path(), 0o755);
}

/// Without its side files a crashed writer's log would be missed silently.
#[test]
fn a_read_only_home_with_a_crashed_writers_log_is_not_misread() {
    let home = Home::new();
    running(&mut home.open(), "t-0001");
    home.checkpoint();
    let mut writer = home.open();
    running(&mut writer, "t-0002");
    let crashed = Home::new();
    for name in ["aid.db", "aid.db-wal"] {
        fs::copy(home.path().join(name), crashed.path().join(name)).unwrap();
        set_mode(&crashed.path().join(name), 0o444);
    }
    set_mode(crashed.path(), 0o555);
    let error = as_plain_user(|| Db::open_existing(&crashed.ledger()).unwrap_err());
    assert!(matches!(error, DbError::ReadOnly { .. }), "{error:?}");
    set_mode(crashed.path(), 0o755);
}

#[test]
fn a_ledger_of_somebody_else_is_a_matter_of_permission() {
    let home = Home::with_ledger();
    set_mode(&home.ledger(), 0o000);
    set_mode(home.path(), 0o555);
    as_plain_user(|| {
        for error in [Db::open(&home.ledger()).unwrap_err(), Db::open_existing(&home.ledger()).unwrap_err()] {
            assert!(matches!(error, DbError::Permission { .. }), "{error:?}");
        }
    });
    set_mode(home.path(), 0o755);
}

#[test]
fn a_ledger_cannot_be_made_in_a_directory_of_somebody_else() {
    let home = Home::new();
    set_mode(home.path(), 0o555);
    let error = as_plain_user(|| Db::open(&home.ledger()).unwrap_err());
    assert!(matches!(error, DbError::Permission { .. }), "{error:?}");
    set_mode(home.path(), 0o755);
    assert_eq!(home.files(), Vec::<String>::new());
}
