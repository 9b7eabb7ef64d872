//! What an agent inherits: default signals, three descriptors, an environment without other people's secrets. Nothing that
//! the caller of `aid` happens to have.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Stdio};

use aid_test_support::binary;
use serde_json::{Value, json};

use crate::bed::{Backend, Bed, on_both};

on_both!(
    signals_are_the_defaults,
    descriptors_of_the_caller_stay_with_it,
    the_environment_is_filtered,
    one_more_name_passes
);

fn read_json(bed: &Bed, name: &str) -> Value {
    let text = fs::read(bed.at(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
    serde_json::from_slice(&text).expect("JSON")
}

/// A shell or other program that starts `aid` in its own way; it gets the path of `aid` as `$AID`.
fn through(bed: &Bed, program: &str, args: &[&str]) -> std::process::Output {
    let mut command = Command::new(program);
    command.args(args).env_clear().envs(bed.variables()).env("AID", binary("aid")).current_dir(bed.world.work());
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|why| panic!("{program}: {why}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?}: {said}");
    output
}

/// Signals 32 and 33: the C library ignores them in whatever it starts, and takes care of them itself.
const OF_THE_C_LIBRARY: u64 = 0b11 << 31;

/// As under nohup and in scripts that block signals.
fn signals_are_the_defaults(backend: Backend) {
    let bed = Bed::new(backend, &json!([{"dump_signals_to": "signals"}, {"codex_ok": {"answer": "x"}}]));
    let aid = binary("aid");
    let aid = aid.to_str().expect("text");
    for (id, bg) in [("t-front", None), ("t-back", Some("--bg"))] {
        let _ = fs::remove_file(bed.at("signals"));
        let mut args = vec![
            "--ignore-signal=HUP,INT,QUIT,PIPE,TERM,CHLD,USR1",
            "--block-signal=TERM,CHLD,USR2,WINCH",
            aid,
            "run",
            "codex",
            "--id",
            id,
            "do it",
        ];
        args.extend(bg);
        through(&bed, "/usr/bin/env", &args);
        let _ = bed.wait(id).expect_code(0);
        let masks = fs::read_to_string(bed.at("signals")).expect("masks");
        for line in masks.lines() {
            let (name, mask) = line.split_once(':').expect("a mask");
            let mask = u64::from_str_radix(mask.trim(), 16).expect("a hexadecimal mask");
            assert_eq!(mask & !OF_THE_C_LIBRARY, 0, "{id}: {name} is {mask:x}");
        }
        assert_eq!(masks.lines().count(), 2, "{masks}");
    }
}

fn descriptors_of_the_caller_stay_with_it(backend: Backend) {
    let steps = json!([{"dump_fds_to": "fds"}, {"touch": "up"}, {"wait_file": "go"}, {"codex_ok": {"answer": "x"}}]);
    let bed = Bed::new(backend, &steps);
    // The descriptors are a pipe that this test reads to its end: it would hang for as long as somebody kept one.
    let shell = "exec 7>&1 9>&2 8</dev/null; exec \"$AID\" run codex --bg --id t-fds 'do it'";
    let output = through(&bed, "/bin/sh", &["-c", shell]);
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "t-fds");
    bed.await_file("up");
    let fds = read_json(&bed, "fds");
    let open: BTreeSet<&str> = fds.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(open, BTreeSet::from(["0", "1", "2"]), "{fds}");
    assert!(fds["1"].as_str().expect("a path").ends_with("t-fds.jsonl"), "{fds}");
    assert!(fds["2"].as_str().expect("a path").ends_with("t-fds.stderr"), "{fds}");
    bed.touch("go");
    let _ = bed.wait("t-fds").expect_code(0);
}

const SECRETS: &[&str] = &[
    "OPENAI_API_KEY",
    "GITHUB_TOKEN",
    "AWS_PROFILE",
    "DB_PASSWORD",
    "MY_SECRET_THING_SECRET",
    "SSH_AUTH_SOCK",
    "FAKE_API_KEY",
];

fn the_environment_is_filtered(backend: Backend) {
    let bed = Bed::new(backend, &json!([{"dump_env_to": "env"}, {"codex_ok": {"answer": "x"}}]));
    let mut command = bed.aid(["run", "codex", "--id", "t-env", "do it"]);
    for secret in SECRETS {
        command = command.env(secret, "hush");
    }
    for ours in ["AID_LOCK_FD", "AID_RUNNER", "AID_MARKER", "AID_TASK_ID", "AID_CALLER_KIND", "AID_ANYTHING"] {
        command = command.env(ours, "9");
    }
    let _ = command.env("CODEX_API_KEY", "its own").env("EDITOR", "ed").run().expect_code(0);
    let env = read_json(&bed, "env");
    let env = env.as_object().expect("an object");
    for secret in SECRETS {
        assert!(!env.contains_key(*secret), "{secret} reached the agent");
    }
    assert_eq!((&env["CODEX_API_KEY"], &env["EDITOR"]), (&json!("its own"), &json!("ed")));
    let ours: BTreeSet<&str> = env.keys().map(String::as_str).filter(|name| name.starts_with("AID_")).collect();
    let mut documented = BTreeSet::from(["AID_AGENT", "AID_HOME", "AID_MARKER", "AID_TASK_ID"]);
    if backend == Backend::Portable {
        documented.insert("AID_PLATFORM");
    }
    assert_eq!(ours, documented);
    assert_eq!((&env["AID_TASK_ID"], &env["AID_AGENT"]), (&json!("t-env"), &json!("codex")));
    assert_ne!(env["AID_MARKER"], "9");
    // What is recorded are names; no value is anywhere.
    let record = bed.record("t-env");
    assert!(!format!("{record}").contains("its own"), "{record}");
}

fn one_more_name_passes(backend: Backend) {
    let bed = Bed::new(backend, &json!([{"dump_env_to": "env"}, {"codex_ok": {"answer": "x"}}]));
    bed.world.write("aid/config.toml", "[agents.codex]\nenv = [\"FAKE_API_KEY\"]\n");
    let run = |id: &str| bed.aid(["run", "codex", "--id", id, "x"]).env("FAKE_API_KEY", "v").env("EDITOR", "ed").run();
    let _ = run("t-declared").expect_code(0);
    assert_eq!(read_json(&bed, "env")["FAKE_API_KEY"], "v");
    bed.world.write("aid/config.toml", "[env]\nmode = \"allowlist\"\n");
    let _ = run("t-allowlist").expect_code(0);
    let env = read_json(&bed, "env");
    assert!(env.get("FAKE_API_KEY").is_none() && env.get("EDITOR").is_none() && env["PATH"].is_string(), "{env}");
    bed.world.write("aid/config.toml", "[env]\nmode = \"all\"\n");
    let _ = run("t-all").expect_code(0);
    assert_eq!(read_json(&bed, "env")["FAKE_API_KEY"], "v");
}
