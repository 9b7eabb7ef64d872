//! `aid demo`: a whole task on this machine, and nothing left of it.

use aid_test_support::TestWorld;

#[test]
fn it_runs_a_whole_task_and_leaves_nothing() {
    let world = TestWorld::new();
    let demo = world.aid(["demo"]).run().expect_code(0);
    let text = demo.stdout_text();
    for part in [
        "$ aid run codex ",
        "HAIKU.txt holds a haiku",
        "$ git diff",
        "+++ b/HAIKU.txt",
        "+There is a poem in HAIKU.txt.",
        "$ aid show demo",
        "Wrote HAIKU.txt and mentioned it in README.md",
        "$ aid board",
        "Tasks: 1 | 1 DONE",
    ] {
        assert!(text.contains(part), "no {part:?}\n{}", demo.describe());
    }
    let _ = demo.expect_stderr("demo DONE after").expect_stderr("* Looked at the repository");
    assert!(!world.aid_home().exists(), "the caller's own state is not touched");
    assert_eq!(std::fs::read_dir(world.home()).expect("home").count(), 0);
    assert_eq!(std::fs::read_dir(world.root().join("tmp")).expect("tmp").count(), 0, "the temporary directory is gone");
}

#[test]
fn it_can_be_kept_to_look_around() {
    let world = TestWorld::new();
    let said = world.aid(["demo", "--keep"]).run().expect_code(0).stderr_text();
    let kept = std::fs::read_dir(world.root().join("tmp")).expect("tmp").next().expect("one").expect("entry").path();
    assert!(said.contains(kept.to_str().expect("text")), "{said}");
    assert!(kept.join("project/HAIKU.txt").is_file());
    let _ = world.aid(["board"]).env("AID_HOME", kept.join("aid-home")).run().expect_code(0).expect_stdout("demo");
}

#[test]
fn a_callers_own_agent_and_repository_do_not_matter() {
    let world = crate::scripts::world(crate::scripts::fails("must not be used"));
    world.init_repository();
    let demo = world.aid(["demo"]).env("GIT_DIR", world.work().join(".git")).env("CODEX_HOME", "/nonexistent");
    let _ = demo.run().expect_code(0);
    assert_eq!(world.git(&["status", "--porcelain"]), "");
}
