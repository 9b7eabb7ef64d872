//! Command lines that are wrong: exit code 2, said clearly, and nothing started.

use aid_test_support::TestWorld;

use crate::scripts::{ok, world};

fn refused(world: &TestWorld, words: &[&str], said: &[&str]) {
    let result = world.aid(words).run().expect_code(2);
    assert!(result.stdout.is_empty(), "{}", result.describe());
    let text = result.stderr_text();
    assert!(text.starts_with("error: "), "{text}");
    for part in said {
        assert!(text.contains(part), "no {part:?}\n{}", result.describe());
    }
}

#[test]
fn flags_and_values() {
    let world = world(ok("never"));
    for (words, said) in [
        (&["run", "codex", "--bgg", "hi"][..], &["--bgg", "'--bg'"][..]),
        (&["run", "codex", "hi", "--worktree", "x"], &["--worktree"]),
        (&["run", "codex"], &["<PROMPT>"]),
        (&["run", "codex", "hi", "there"], &["there"]),
        (&["run", "codex", "hi", "--timeout", "5"], &["no unit", "5s"]),
        (&["run", "codex", "hi", "--timeout", "0s"], &["out of range"]),
        (&["run", "codex", "hi", "--idle-timeout", "99d"], &["out of range"]),
        (&["run", "codex", "hi", "--timeout", "-1s"], &["-1s", "not a length of time", "--timeout"]),
        (&["wait", "t-1", "--timeout", "-1s"], &["-1s", "not a length of time"]),
        (&["run", "codex", "hi", "--max-cost=-1"], &["negative"]),
        (&["run", "codex", "hi", "--max-cost", "-1"], &["negative"]),
        (&["run", "codex", "hi", "--max-cost", "NaN"], &["US dollars"]),
        (&["run", "codex", "hi", "--id", "../up"], &["../up", "letters, digits"]),
        (&["run", "codex", "hi", "--dry-run", "--bg"], &["cannot be used with"]),
        (&["board", "--running", "--today"], &["cannot be used with"]),
        (&["board", "--limit", "0"], &["0"]),
        (&["show", "t-1", "--log", "--json"], &["cannot be used with"]),
        (&["watch", "--quiet", "--stream"], &["cannot be used with"]),
        (&["wait"], &["<IDS>"]),
        (&["stop"], &["<IDS>"]),
        (&["bord"], &["board"]),
        (&["completions", "tcsh"], &["possible values"]),
        (&["--color", "often", "board"], &["possible values"]),
    ] {
        refused(&world, words, said);
    }
    assert!(
        !world.aid_home().join("aid.db").exists()
            || world.aid(["board", "--json"]).run().json()["tasks"] == serde_json::json!([])
    );
}

#[test]
fn without_arguments_there_is_help() {
    let world = TestWorld::new();
    let _ = world.aid([""; 0]).run().expect_code(2).expect_stderr("Usage: aid");
}

#[test]
fn every_problem_is_said_at_once() {
    let world = world(ok("never"));
    let result = world.aid(["run", "codx", "hi", "--id", "a b", "--output", "no/where/x", "--dir", "missing"]).run();
    let result = result.expect_code(2);
    let text = result.stderr_text();
    assert_eq!(text.matches("error: ").count(), 4, "{text}");
    for part in ["a b", "no/where", "missing", "codx", "did you mean codex?"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_taken_name_is_refused() {
    let world = world(ok("one"));
    let _ = world.aid(["run", "codex", "hi", "--id", "mine"]).run().expect_code(0);
    let _ = world
        .aid(["run", "codex", "hi", "--id", "mine"])
        .run()
        .expect_code(2)
        .expect_stderr("error: the id mine is taken");
}

#[test]
fn ids_are_found_by_their_beginning() {
    let world = world(ok("one"));
    for id in ["alpha-1", "alpha-2", "t-beef"] {
        let _ = world.aid(["run", "codex", "hi", "--id", id]).run().expect_code(0);
    }
    let _ = world.aid(["output", "t-b"]).run().expect_code(0).expect_stdout("one");
    let _ = world.aid(["output", "alpha"]).run().expect_code(2).expect_stderr("alpha-1, alpha-2");
    let _ = world.aid(["output", "beef"]).run().expect_code(3).expect_stderr("did you mean t-beef?");
    let _ = world.aid(["output", "alpha-9"]).run().expect_code(3).expect_stderr("did you mean alpha-1, alpha-2?");
    let _ = world.aid(["output", "zzz"]).run().expect_code(3).expect_stderr("aid board --all");
    let both = world.aid(["watch", "--quiet", "t-b", "nope", "alpha"]).run();
    assert_eq!(both.stderr_text().matches("error: ").count(), 2, "{}", both.describe());
    let _ = both.expect_code(3);
}

#[test]
fn relative_state_directories_are_refused() {
    let world = TestWorld::new();
    let _ = world.aid(["board"]).env("AID_HOME", "here").run().expect_code(2).expect_stderr("not an absolute path");
    let _ =
        world.aid(["board"]).env_remove("AID_HOME").env_remove("HOME").run().expect_code(2).expect_stderr("AID_HOME");
}
