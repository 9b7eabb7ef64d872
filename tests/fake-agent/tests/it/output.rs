//! What scripts say, write and read, and how a wrong script fails.

use std::io::Write;
use std::process::Stdio;

use serde_json::json;

use crate::support::World;

#[test]
fn the_version_needs_no_script() {
    let output = World::new().bare().arg("--version").output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "codex-cli 0.169.0\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_script_names_the_version_and_no_step_is_played() {
    let world = World::new();
    let script = json!({"version": "other 2.0", "steps": [{"touch": "played"}]});
    let output = world.agent(&script).arg("--version").output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "other 2.0\n");
    assert!(!world.path("played").exists());
}

#[test]
fn without_a_script_it_says_how_to_give_one() {
    let output = World::new().bare().output().unwrap();
    assert_eq!(output.status.code(), Some(99));
    assert!(String::from_utf8(output.stderr).unwrap().contains("FAKE_AGENT_SCRIPT"));
}

#[test]
fn the_script_is_found_in_a_file_and_beside_the_program() {
    let world = World::new();
    std::fs::write(world.path("script.json"), r#"{"steps":[{"out":"from the file"}]}"#).unwrap();
    let output = world.bare().env("FAKE_AGENT_SCRIPT", world.path("script.json")).output().unwrap();
    assert_eq!(output.stdout, b"from the file");

    let codex = world.path("codex");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fake-agent"), &codex).unwrap();
    std::fs::write(world.path("codex.script.json"), r#"[{"out":"from beside"}]"#).unwrap();
    assert_eq!(world.other(&codex).output().unwrap().stdout, b"from beside");
    let inline = world.other(&codex).env("FAKE_AGENT_STEPS", r#"[{"out":"inline"}]"#).output().unwrap();
    assert_eq!(inline.stdout, b"inline");
}

#[test]
fn a_wrong_step_is_named_before_any_step_is_played() {
    for (wrong, why) in [
        (json!({"dance": true}), "unknown variant `dance`"),
        (json!({"out": "a", "err": "b"}), "single key"),
        (json!({"hang": false}), "the only value is true"),
        (json!({"ignore_signals": ["NOPE"]}), "unknown signal"),
        (json!({"spawn": {"setsid": true}}), "argv or sleep_ms"),
        (json!({"spawn": {"sleep_ms": 1, "wait": true, "double_fork": true}}), "exclude each other"),
        (json!({"out": "a", "repeat": -1}), "whole number"),
    ] {
        let output = World::new().run(&json!([{"out": "first"}, wrong]));
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(99), "{wrong}");
        assert!(said.contains("step 1: ") && said.contains(why), "{wrong}: {said}");
        assert!(output.stdout.is_empty(), "{wrong}");
    }
}

#[test]
fn text_is_written_exactly_and_bytes_need_not_be_text() {
    let script = json!([{"out": "no newline"}, {"err": "to err"}, {"bytes_hex": "ff 0a c3"}, {"out": "{\"a\":1}"}]);
    let output = World::new().run(&script);
    assert_eq!(output.stdout, b"no newline\xff\x0a\xc3{\"a\":1}");
    assert_eq!(output.stderr, b"to err");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_step_is_repeated_with_its_number() {
    let said = World::new().run_well(&json!([{"repeat": 3, "line": {"n": "{n}"}}, {"repeat": 0, "out": "never"}]));
    assert_eq!(said, "{\"n\":\"1\"}\n{\"n\":\"2\"}\n{\"n\":\"3\"}\n");
}

#[test]
fn a_huge_line_is_a_valid_message_of_that_length() {
    let said = World::new().run_well(&json!([{"codex_message": "small"}, {"huge_line_bytes": 3_000_001}]));
    let line = said.lines().nth(1).unwrap();
    let event: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(event["item"]["text"].as_str().unwrap().len(), 3_000_001);
    assert_eq!((&event["item"]["id"], &event["item"]["type"]), (&json!("item_1"), &json!("agent_message")));
    assert_eq!(said.lines().count(), 2);
}

#[test]
fn a_good_run_has_the_recorded_lines() {
    let script = json!([{"codex_ok": {"answer": "Hello from the fake model. Done.", "thread": "01a20266-1f9c-70e2"}}]);
    let recorded = r#"{"type":"thread.started","thread_id":"01a20266-1f9c-70e2"}
{"type":"turn.started"}
{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"Hello from the fake model. Done."}}
{"type":"turn.completed","usage":{"input_tokens":1200,"cached_input_tokens":200,"cache_write_input_tokens":0,"output_tokens":34,"reasoning_output_tokens":5}}
"#;
    assert_eq!(World::new().run_well(&script), recorded);
}

#[test]
fn a_run_in_pieces_has_the_recorded_lines() {
    let script = json!([
        {"codex_start": {"thread": "01a20243-aa1f"}},
        {"codex_message": "I will create a file."},
        {"codex_command": {"command": "echo hi > f && cat f", "output": "hi\n"}},
        {"codex_command": {"command": "exit 3", "exit": 3}},
        {"codex_ok": {"answer": "Done.", "usage": {"in": 2500, "cached": 900, "out": 70, "reason": 10}}}
    ]);
    let recorded = r#"{"type":"thread.started","thread_id":"01a20243-aa1f"}
{"type":"turn.started"}
{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"I will create a file."}}
{"type":"item.started","item":{"id":"item_1","type":"command_execution","command":"/bin/bash -lc 'echo hi > f && cat f'","aggregated_output":"","exit_code":null,"status":"in_progress"}}
{"type":"item.completed","item":{"id":"item_1","type":"command_execution","command":"/bin/bash -lc 'echo hi > f && cat f'","aggregated_output":"hi\n","exit_code":0,"status":"completed"}}
{"type":"item.started","item":{"id":"item_2","type":"command_execution","command":"/bin/bash -lc 'exit 3'","aggregated_output":"","exit_code":null,"status":"in_progress"}}
{"type":"item.completed","item":{"id":"item_2","type":"command_execution","command":"/bin/bash -lc 'exit 3'","aggregated_output":"","exit_code":3,"status":"failed"}}
{"type":"item.completed","item":{"id":"item_3","type":"agent_message","text":"Done."}}
{"type":"turn.completed","usage":{"input_tokens":2500,"cached_input_tokens":900,"cache_write_input_tokens":0,"output_tokens":70,"reasoning_output_tokens":10}}
"#;
    assert_eq!(World::new().run_well(&script), recorded);
}

#[test]
fn a_failed_run_has_the_recorded_lines() {
    let output =
        World::new().run(&json!([{"codex_start": {"thread": "t"}}, {"codex_fail": "out of \"room\""}, {"exit": 1}]));
    let recorded = r#"{"type":"thread.started","thread_id":"t"}
{"type":"turn.started"}
{"type":"error","message":"out of \"room\""}
{"type":"turn.failed","error":{"message":"out of \"room\""}}
"#;
    assert_eq!(String::from_utf8(output.stdout).unwrap(), recorded);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn two_runs_do_not_share_a_thread_by_accident() {
    let world = World::new();
    let script = json!([{"codex_start": {}}]);
    assert_ne!(world.run_well(&script), world.run_well(&script));
}

#[test]
fn files_are_written_with_their_directories() {
    let world = World::new();
    world.run_well(&json!([
        {"write": {"path": "a/b/c.txt", "content": "one\n"}},
        {"append": {"path": "a/b/c.txt", "content": "two\n"}},
        {"append": {"path": "new/{pid}", "content": ""}},
        {"touch": "d/empty"}
    ]));
    assert_eq!(world.text("a/b/c.txt"), "one\ntwo\n");
    assert_eq!(world.text("d/empty"), "");
    let name = std::fs::read_dir(world.path("new")).unwrap().next().unwrap().unwrap().file_name();
    assert!(name.to_str().unwrap().parse::<u32>().is_ok(), "{name:?}");
}

#[test]
fn standard_input_is_kept_byte_for_byte_and_can_be_quoted() {
    let world = World::new();
    let script = json!([
        {"read_stdin": true}, {"echo_stdin_to": "prompt"}, {"codex_message": "got <{stdin}>"}
    ]);
    let mut child = world.agent(&script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"line\n\xff end \"q\"").unwrap();
    let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(std::fs::read(world.path("prompt")).unwrap(), b"line\n\xff end \"q\"");
    assert!(said.contains(r#""text":"got <line\n"#) && said.contains(r#"end \"q\">""#), "{said}");
}

#[test]
fn cases_choose_the_steps_by_prompt_arguments_and_name() {
    let world = World::new();
    let script = json!({
        "cases": [
            {"program": "gemini", "steps": [{"out": "I am gemini"}]},
            {"argv_contains": "login status", "steps": [{"out": "Logged in"}]},
            {"stdin_contains": "build", "argv_contains": "exec", "steps": [{"out": "builder of {stdin}"}]}
        ],
        "steps": [{"out": "other"}]
    });
    let said = |command: &mut std::process::Command, prompt: &str| {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        // A run that does not look at its input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(prompt.as_bytes());
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    };
    assert_eq!(said(world.agent(&script).args(["login", "status"]), ""), "Logged in");
    assert_eq!(said(world.agent(&script).args(["exec", "-"]), "build x"), "builder of build x");
    assert_eq!(said(world.agent(&script).args(["exec", "-"]), "test x"), "other");
    assert_eq!(said(&mut world.agent(&script), "build x"), "other");

    let gemini = world.path("gemini");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fake-agent"), &gemini).unwrap();
    let mut command = world.other(&gemini);
    assert_eq!(said(command.env("FAKE_AGENT_STEPS", script.to_string()), ""), "I am gemini");
}

#[test]
fn it_shows_what_it_was_given() {
    let world = World::new();
    let script = json!([{"dump_env_to": "env"}, {"dump_argv_to": "argv"}, {"dump_fds_to": "fds"}]);
    let mut command = world.agent(&script);
    command.args(["exec", "a b"]).env("MARKER", "m 1").stderr(Stdio::null()).stdout(Stdio::null());
    assert!(command.status().unwrap().success());
    assert_eq!(world.json("env")["MARKER"], "m 1");
    assert_eq!(world.json("argv").as_array().unwrap()[1..], [json!("exec"), json!("a b")]);
    // The starter of the tests may have left more open; only these three are ours.
    for fd in ["0", "1", "2"] {
        assert_eq!(world.json("fds")[fd], "/dev/null");
    }
}

#[test]
fn git_commits_in_the_working_directory() {
    let world = World::new();
    world.run_well(&json!([
        {"git": ["init", "-q"]},
        {"write": {"path": "f", "content": "x"}},
        {"git": ["add", "f"]},
        {"git": ["commit", "-q", "-m", "by the agent"]},
        {"git": ["tag", "kept"]}
    ]));
    let log = world.other("git".as_ref()).args(["log", "--format=%s %an", "kept"]).output().unwrap();
    assert_eq!(String::from_utf8(log.stdout).unwrap(), "by the agent Fake Agent\n");

    let output = world.run(&json!([{"git": ["no-such-command"]}]));
    assert_eq!(output.status.code(), Some(99));
    assert!(String::from_utf8(output.stderr).unwrap().contains("step 0: git no-such-command"));
}
