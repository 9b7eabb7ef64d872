//! Where a prompt can come from, and that it reaches the agent byte for byte.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use aid_test_support::{AidCommand, TestWorld};
use serde_json::json;

use crate::scripts::{task, world};

/// A world whose agent keeps what it reads.
fn listening() -> TestWorld {
    world(json!([{"echo_stdin_to": "heard"}, {"codex_ok": {"answer": "ok"}}]))
}

/// Runs it and returns the prompt as it was stored; what the agent heard must have it in it.
fn prompt_of(world: &TestWorld, command: AidCommand) -> String {
    let _ = command.run().expect_code(0);
    let newest = world.aid(["board", "--json", "--limit=1"]).run().expect_code(0).json()["tasks"][0].clone();
    let prompt = newest["prompt"].as_str().expect("text").to_owned();
    let heard = String::from_utf8(world.read("work/heard")).expect("text");
    assert!(heard.contains(&prompt), "the agent heard {heard:?}");
    prompt
}

#[test]
fn every_form() {
    let world = listening();
    world.write("work/task.md", "from a file\r\n\u{1b}[1mbold\n");
    for (words, stdin, wanted) in [
        (&["run", "codex", "plain"][..], "", "plain"),
        (&["run", "codex", "-x do it"], "", "-x do it"),
        (&["run", "codex", "-x do it", "--read-only"], "", "-x do it"),
        (&["run", "codex", "--read-only", "-d is odd"], "", "-d is odd"),
        (&["run", "codex", "--help me"], "", "--help me"),
        (&["run", "codex", "--", "--bg"], "", "--bg"),
        (&["run", "codex", "--", "-"], "piped\n", "piped\n"),
        (&["--color=never", "run", "codex", "- one\n- two"], "", "- one\n- two"),
        (&["run", "codex", "-"], "piped\ntext\n", "piped\ntext\n"),
        (&["run", "codex", "@task.md"], "", "from a file\r\n\u{1b}[1mbold\n"),
        (&["run", "codex", "@@codex literally"], "", "@codex literally"),
        (&["run", "codex", "a\u{202e}b \u{1f980}"], "", "a\u{202e}b \u{1f980}"),
    ] {
        let command = world.aid(words).stdin(stdin);
        assert_eq!(prompt_of(&world, command), wanted, "{words:?}");
    }
}

#[test]
fn a_big_prompt_comes_through_a_file_or_a_pipe() {
    let world = listening();
    let big = "words and more words\n".repeat(50_000);
    world.write("work/big.txt", &big);
    assert_eq!(prompt_of(&world, world.aid(["run", "codex", "-"]).stdin(big.as_str())), big);
    assert_eq!(prompt_of(&world, world.aid(["run", "codex", "@big.txt"])), big);
}

#[test]
fn prompts_that_say_nothing_are_refused() {
    let world = listening();
    for (words, stdin) in
        [(&["run", "codex", ""][..], ""), (&["run", "codex", " \n\t"], ""), (&["run", "codex", "-"], "  \n")]
    {
        let _ = world.aid(words).stdin(stdin).run().expect_code(2).expect_stderr("is empty");
    }
    world.write("work/empty", "");
    let _ = world.aid(["run", "codex", "@empty"]).run().expect_code(2).expect_stderr("the prompt in empty is empty");
    let _ = world.aid(["run", "codex", "@"]).run().expect_code(2).expect_stderr("write '@@'");
    let _ = world.aid(["run", "codex", "@missing"]).run().expect_code(3).expect_stderr("missing").expect_stderr("'@@'");
    let _ = world.aid(["run", "codex", "@."]).run().expect_code(2).expect_stderr("prompt file .");
    assert!(!world.work().join("heard").exists());
}

#[test]
fn prompts_that_are_no_text_are_refused_with_the_place() {
    let world = listening();
    let wrong = world.aid(["run", "codex"]).arg(OsStr::from_bytes(b"ab\xff")).run();
    let _ = wrong.expect_code(2).expect_stderr("the prompt is not UTF-8: byte 3 (line 1)");
    let _ =
        world.aid(["run", "codex", "-"]).stdin(&b"a\nb\xc3"[..]).run().expect_code(2).expect_stderr("byte 4 (line 2)");
    let _ = world.aid(["run", "codex", "-"]).stdin(&b"a\0b"[..]).run().expect_code(2).expect_stderr("NUL");
    let too_long = vec![b'x'; 4 * 1024 * 1024 + 1];
    let _ = world
        .aid(["run", "codex", "-"])
        .stdin(too_long)
        .run()
        .expect_code(2)
        .expect_stderr("longer than 4194304 bytes");
}

#[test]
fn the_place_of_work_is_the_current_directory_unless_told() {
    let world = world(json!([{"touch": "here"}, {"codex_ok": {"answer": "ok"}}]));
    std::fs::create_dir(world.root().join("other")).expect("a directory");
    let id = world.aid(["run", "codex", "hi", "--bg"]).run().expect_code(0).word();
    let _ = world.aid(["wait", &id]).run().expect_code(0);
    assert!(world.work().join("here").exists(), "in the background too");
    let _ = world.aid(["run", "codex", "hi", "-d", "../other"]).run().expect_code(0);
    assert!(world.root().join("other/here").exists());
    assert_eq!(task(&world, &id)["dir"], world.work().to_string_lossy().as_ref());
}

#[test]
fn the_answer_goes_to_a_file_as_well() {
    let world = world(crate::scripts::ok("line one\nline two"));
    let _ =
        world.aid(["run", "codex", "hi", "-o", "answer.md"]).run().expect_code(0).expect_stdout("line one\nline two\n");
    assert_eq!(world.read("work/answer.md"), b"line one\nline two");
}
