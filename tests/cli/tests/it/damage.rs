//! State that is damaged or cannot be written: one bad thing is one bad line.

use std::os::unix::fs::PermissionsExt as _;

use aid_test_support::TestWorld;
use serde_json::json;

use crate::scripts::{finished, ok, world};

/// Changes who may do what with everything below the state directory. Root may do anything anyway.
fn set_modes(world: &TestWorld, dir: u32, file: u32) {
    let home = world.aid_home();
    let set = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("our own file");
    };
    for entry in std::fs::read_dir(&home).expect("a state directory") {
        let path = entry.expect("an entry").path();
        set(&path, if path.is_dir() { dir } else { file });
    }
    set(&home, dir);
}

#[test]
fn a_home_that_cannot_be_written_can_be_read() {
    let world = world(ok("the answer"));
    let id = finished(&world, "hi");
    if rustix::process::geteuid().is_root() {
        // Modes do not bind root; a directory where a file should be does.
        std::fs::remove_dir_all(world.aid_home().join("run")).expect("removed");
        std::fs::write(world.aid_home().join("run"), "").expect("a file");
    } else {
        set_modes(&world, 0o500, 0o400);
    }
    let _ = world.aid(["board"]).run().expect_code(0).expect_stdout(&id);
    let _ = world.aid(["output", &id]).run().expect_code(0).expect_stdout("the answer");
    let _ = world.aid(["show", &id]).run().expect_code(0).expect_stdout("DONE");
    let refused = world.aid(["run", "codex", "hi"]).run().expect_code(125);
    assert!(refused.stderr_text().starts_with("error: "), "{}", refused.describe());
    if !rustix::process::geteuid().is_root() {
        set_modes(&world, 0o700, 0o600);
    }
}

#[test]
fn a_ledger_that_is_none_is_left_alone() {
    let world = world(ok("x"));
    let path = world.write("aid/aid.db", "this is a text file, and somebody may want it back\n".repeat(100));
    let before = std::fs::read(&path).expect("read");
    for words in [&["board"][..], &["run", "codex", "hi"], &["show", "x"]] {
        let _ = world.aid(words).run().expect_code(125).expect_stderr("is not a ledger of aid");
    }
    assert_eq!(std::fs::read(&path).expect("read"), before);
}

#[test]
fn a_removed_log_is_no_error() {
    let world = world(ok("x"));
    let id = finished(&world, "hi");
    std::fs::remove_file(world.aid_home().join(format!("logs/{id}.jsonl"))).expect("a log");
    let _ = world.aid(["show", &id, "--log"]).run().expect_code(0).expect_stderr("has no log");
    let _ = world.aid(["show", &id]).run().expect_code(0);
    assert_eq!(world.aid(["board", "--json"]).run().expect_code(0).json()["tasks"][0]["id"], json!(id));
}
