//! `--read-only`: the model tries, nothing is written.

use serde_json::json;

use crate::codex::{patch, rig, shell};
use crate::rig::is_sealed;

#[test]
fn nothing_is_written_by_shell_or_patch() {
    if !is_sealed(&nothing_is_written_by_shell_or_patch) {
        return;
    }
    let outside = "echo x > by-shell.txt; echo x > ../outside.txt; echo x > $HOME/in-home.txt; rm -f README.md; git commit --allow-empty -qm sneaky";
    let codex = rig(&json!([
        {"tools": [shell(outside)]},
        {"tools": [patch("*** Begin Patch\n*** Add File: by-patch.txt\n+x\n*** Update File: README.md\n@@\n-a project\n+changed\n*** End Patch\n")]},
        {"text": "tried"}
    ]));
    let _ = codex.run("t-read", &["--read-only"]).expect_code(0).expect_stdout("tried");
    assert_eq!(codex.model.requests().len(), 3, "the model did not get to try");
    for path in ["by-shell.txt", "by-patch.txt", "../outside.txt"] {
        assert!(!codex.at(path).exists(), "{path} was written");
    }
    assert!(!codex.world.home().join("in-home.txt").exists());
    assert_eq!(std::fs::read(codex.at("README.md")).expect("a file"), b"a project\n");
    assert_eq!(codex.world.git(&["status", "--porcelain"]), "");
    assert_eq!(codex.world.git(&["log", "--format=%s"]), "first\n");
    let shown = codex.shown("t-read");
    assert_eq!((&shown["task"]["read_only"], &shown["task"]["status"]), (&json!(true), &json!("done")), "{shown:#}");
    codex.expect_nothing_left("t-read");
}

/// The same attempts do write without the flag: the test above is about the flag.
#[test]
fn the_same_attempts_write_without_it() {
    if !is_sealed(&the_same_attempts_write_without_it) {
        return;
    }
    let codex = rig(&json!([{"tools": [shell("echo x > by-shell.txt")]}, {"text": "wrote"}]));
    let _ = codex.run("t-write", &[]).expect_code(0);
    assert!(codex.at("by-shell.txt").exists());
}
