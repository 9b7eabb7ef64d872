//! Stdout that goes away, stderr that is not there, and colour that nobody asked for.

use aid_test_support::{Stream, TestWorld};
use serde_json::json;

use crate::scripts::{background, finished, ok, release, task, waiting_world, world};

/// The writing end of a pipe that nobody reads.
fn closed_pipe() -> std::os::fd::OwnedFd {
    let (reader, writer) = rustix::pipe::pipe().expect("a pipe");
    drop(reader);
    writer
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let world = world(ok("the answer"));
    let id = finished(&world, "hi");
    for words in [
        &["board"][..],
        &["board", "--json"],
        &["show", &id],
        &["show", &id, "--events"],
        &["show", &id, "--log"],
        &["output", &id],
        &["watch", &id],
        &["watch", "--stream", &id],
        &["wait", "--json", &id],
        &["agent", "list"],
        &["completions", "bash"],
        &["help", "exit-codes"],
    ] {
        let result = world.aid(words).stdout_to(closed_pipe()).run().expect_code(0);
        assert!(!result.stderr_text().contains("panic"), "{}", result.describe());
        assert!(!result.stderr_text().contains("error"), "{}", result.describe());
    }
}

#[test]
fn a_run_whose_reader_left_ends_with_the_tasks_code() {
    let world = world(
        json!({"cases": [{"stdin_contains": "fail", "steps": [{"exit": 1}]}], "steps": [{"codex_ok": {"answer": "x"}}]}),
    );
    let _ = world.aid(["run", "codex", "hi"]).stdout_to(closed_pipe()).run().expect_code(0).expect_stderr("DONE");
    let _ = world.aid(["run", "codex", "fail"]).stdout_to(closed_pipe()).run().expect_code(1).expect_stderr("FAIL");
}

#[test]
fn a_stream_without_a_reader_does_not_wait_for_the_task() {
    let world = waiting_world();
    let id = background(&world, "hi");
    let _ = world.aid(["watch", "--stream", &id]).stdout_to(closed_pipe()).run().expect_code(0);
    assert_eq!(task(&world, &id)["ended_at"], json!(null), "the task goes on");
    release(&world);
    let _ = world.aid(["wait", &id]).run().expect_code(0);
}

#[test]
fn a_run_survives_the_loss_of_stderr() {
    let world = waiting_world();
    // The reader of stderr leaves after two lines, while the task runs.
    let script = "\"$0\" run codex hi --id mine 2>&1 >answer | { read -r line; read -r line; }";
    let shell = world.command("sh").args(["-c", script]).arg(aid_test_support::binary("aid")).spawn();
    aid_test_support::for_file(&world.aid_home().join("logs/mine.jsonl"));
    let mut follow = world.aid(["watch", "--stream", "mine"]).spawn();
    let _ = follow.wait_for(Stream::Out, "\"type\":\"milestone\"");
    release(&world);
    let _ = follow.wait().expect_code(0);
    let _ = shell.wait().expect_code(0);
    assert_eq!(task(&world, "mine")["status"], "done");
    assert_eq!(world.read("work/answer"), b"all done\n");
}

#[test]
fn there_is_no_colour_in_a_pipe_unless_forced() {
    let world = world(ok("x"));
    let id = finished(&world, "hi");
    let escapes = |text: &[u8]| text.contains(&0x1b);
    let board = |variables: &[(&str, &str)], words: &[&str]| {
        let mut command = world.aid(words);
        for (name, value) in variables {
            command = command.env(name, value);
        }
        command.run().expect_code(0)
    };
    assert!(!escapes(&board(&[], &["board"]).stdout));
    assert!(escapes(&board(&[("CLICOLOR_FORCE", "1")], &["board"]).stdout));
    assert!(!escapes(&board(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &["board"]).stdout));
    assert!(escapes(&board(&[("NO_COLOR", "1")], &["board", "--color=always"]).stdout));
    assert!(!escapes(&board(&[("CLICOLOR_FORCE", "1")], &["--color", "never", "board"]).stdout));
    assert!(escapes(&board(&[], &["show", &id, "--color", "always"]).stdout));
    let json = board(&[("CLICOLOR_FORCE", "1")], &["board", "--json"]);
    assert!(!escapes(&json.stdout), "JSON has no colour, ever");
    let help =
        world.aid(["run", "codex", "--nope"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").run().expect_code(2);
    assert!(!escapes(&help.stderr), "{}", help.describe());
}

#[test]
fn stdout_is_data_alone() {
    let world = world(ok("the answer"));
    let run = world.aid(["run", "codex", "hi"]).run().expect_code(0);
    assert_eq!(run.stdout_text(), "the answer\n");
    for line in run.stderr_text().lines() {
        assert!(line.starts_with("[aid] "), "{line}");
    }
    let bg = world.aid(["run", "codex", "hi", "--bg"]).run().expect_code(0);
    assert!(bg.word().starts_with("t-"));
    assert!(bg.stderr_text().contains("aid watch"));
    let _ = world.aid(["wait", &bg.word()]).run().expect_code(0);
    assert!(TestWorld::new().aid(["board"]).run().expect_code(0).stdout.is_empty());
}
