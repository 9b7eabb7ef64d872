//! How an agent lives and dies: waiting, signals, exit codes and the processes it leaves.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;

use rustix::process::{Signal, WaitOptions, waitpid};
use serde_json::json;

use crate::support::{Left, Running, World, stat};

/// The mask of ignored signals in a process status.
fn ignored(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    u64::from_str_radix(mask.trim(), 16).unwrap()
}

#[test]
fn the_exit_code_ends_the_script() {
    let output = World::new().run(&json!([{"out": "a"}, {"exit": 42}, {"out": "b"}]));
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(42), b"a".as_slice()));
}

#[test]
fn it_waits_for_a_file_in_a_directory_that_is_not_there_yet() {
    let world = World::new();
    let mut agent = world.start(&json!([{"line": "waiting"}, {"wait_file": "deep/er/go"}, {"out": "went on"}]));
    agent.await_line("\"waiting\"");
    assert!(agent.child.try_wait().unwrap().is_none());
    std::fs::create_dir_all(world.path("deep/er")).unwrap();
    std::fs::write(world.path("deep/er/go"), "").unwrap();
    let mut rest = String::new();
    agent.stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "went on");
}

#[test]
fn an_ignored_signal_does_nothing_and_a_handled_one_ends_it() {
    let world = World::new();
    let mut agent = world.start(&json!([
        {"ignore_signals": ["INT", "HUP"]},
        {"on_signal": {"signal": "SIGTERM", "exit": 7, "out": "bye\n"}},
        {"line": "ready"},
        {"hang": true}
    ]));
    agent.await_line("\"ready\"");
    // Had one of the first two any effect, it would come first: lower numbers are delivered first.
    agent.signal(Signal::HUP);
    agent.signal(Signal::INT);
    agent.signal(Signal::TERM);
    agent.await_line("bye");
    assert_eq!(agent.child.wait().unwrap().code(), Some(7));
}

#[test]
fn without_a_rule_a_signal_has_its_usual_effect() {
    let world = World::new();
    let mut agent = world.start(&json!([{"line": "ready"}, {"hang": true}]));
    agent.await_line("\"ready\"");
    agent.signal(Signal::INT);
    assert_eq!(agent.child.wait().unwrap().signal(), Some(2));
}

#[test]
fn it_kills_itself() {
    let output = World::new().run(&json!([{"out": "a"}, {"kill_self": "KILL"}, {"out": "b"}]));
    assert_eq!((output.status.signal(), output.stdout.as_slice()), (Some(9), b"a".as_slice()));
}

#[test]
fn it_stops_itself_until_it_is_continued() {
    let world = World::new();
    let mut agent = world.start(&json!([{"stop_self": true}, {"out": "continued"}]));
    let (_, status) = waitpid(Some(agent.pid()), WaitOptions::UNTRACED).unwrap().unwrap();
    assert!(status.stopped());
    agent.signal(Signal::CONT);
    let mut rest = String::new();
    agent.stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "continued");
}

#[test]
fn burnt_cpu_time_is_real() {
    let world = World::new();
    let mut agent = world.start(&json!([{"burn_cpu_ms": 60}, {"line": "burnt"}, {"hang": true}]));
    agent.await_line("\"burnt\"");
    let pid = agent.child.id().to_string();
    let ticks: u64 = [14, 15].iter().map(|field| stat(&pid, *field).parse::<u64>().unwrap()).sum();
    // 100 ticks are a second; two of the six may be lost to rounding.
    assert!(ticks >= 4, "{ticks} ticks");
}

#[test]
fn closed_output_ends_for_the_reader_while_the_agent_lives() {
    let world = World::new();
    let mut agent = world.start(&json!([{"out": "last"}, {"close_stdout": true}, {"out": "lost"}, {"hang": true}]));
    let mut all = String::new();
    agent.stdout.read_to_string(&mut all).unwrap();
    assert_eq!(all, "last");
    assert!(agent.child.try_wait().unwrap().is_none());
}

#[test]
fn it_shows_the_dispositions_it_was_started_with() {
    let world = World::new();
    let script = json!([{"dump_signals_to": "signals"}]);
    world.run_well(&script);
    let blocked_line = world.text("signals").lines().any(|line| line.starts_with("SigBlk:"));
    assert!(blocked_line);
    assert_eq!(ignored(&world.text("signals")) & (1 << 12), 0, "SIGPIPE was not ignored by the starter");

    let mut shell = world.other("sh".as_ref());
    shell.args(["-c", "trap '' PIPE INT; exec \"$0\"", env!("CARGO_BIN_EXE_fake-agent")]);
    assert!(shell.env("FAKE_AGENT_STEPS", script.to_string()).status().unwrap().success());
    assert_eq!(ignored(&world.text("signals")) & 0x1002, 0x1002, "PIPE and INT were ignored by the starter");
}

#[test]
fn a_stubborn_grandchild_survives_with_everything_it_was_told() {
    let world = World::new();
    let mut agent = world.start(&json!([
        {"spawn": {"sleep_ms": 600_000, "setsid": true, "clear_env": true, "ignore_signals": ["TERM"], "pid_file": "run/pid"}},
        {"line": "ready"},
        {"hang": true}
    ]));
    agent.await_line("\"ready\"");
    let left = Left::read(&world, "run/pid");
    assert_eq!(left.stat(6), left.0, "it leads its own session");
    assert_eq!(left.stat(4), agent.child.id().to_string());
    assert!(left.file("environ").is_empty());
    let status = String::from_utf8(left.file("status")).unwrap();
    assert_ne!(ignored(&status) & (1 << 14), 0, "it ignores SIGTERM");
    for fd in 0..3 {
        let target = std::fs::read_link(format!("/proc/{}/fd/{fd}", left.0)).unwrap();
        assert_eq!(target.to_str(), Some("/dev/null"));
    }
    agent.child.kill().unwrap();
    agent.child.wait().unwrap();
    assert!(left.alive());
}

#[test]
fn a_plain_child_stays_in_the_session_and_keeps_environment_and_output() {
    let world = World::new();
    let script = json!([
        {"spawn": {"argv": ["sleep", "600"], "hold_stdout": true, "pid_file": "pid"}}, {"line": "ready"}, {"hang": true}
    ]);
    let mut command = world.agent(&script);
    command.env("MARKER", "m");
    let mut agent = Running::from(command);
    agent.await_line("\"ready\"");
    let left = Left::read(&world, "pid");
    let own = std::process::id().to_string();
    assert_eq!(left.stat(6), stat(&own, 6));
    assert!(left.file("environ").split(|byte| *byte == 0).any(|entry| entry == b"MARKER=m"));
    let output = |pid: &str| std::fs::read_link(format!("/proc/{pid}/fd/1")).unwrap();
    assert_eq!(output(&left.0), output(&agent.child.id().to_string()));
    assert!(left.file("cmdline").starts_with(b"sleep\0"));
}

#[test]
fn an_orphan_is_nobodys_child() {
    let world = World::new();
    let mut agent = world.start(&json!([
        {"spawn": {"sleep_ms": 600_000, "double_fork": true, "pid_file": "pid"}}, {"line": "ready"}, {"hang": true}
    ]));
    agent.await_line("\"ready\"");
    let left = Left::read(&world, "pid");
    assert_ne!(left.stat(4), agent.child.id().to_string());
}

#[test]
fn a_child_can_be_waited_for() {
    let world = World::new();
    let said = world.run_well(&json!([
        {"spawn": {"argv": ["sh", "-c", "echo from the child; echo x > made"], "hold_stdout": true, "wait": true}},
        {"out": "after it"}
    ]));
    assert_eq!(said, "from the child\nafter it");
    assert_eq!(world.text("made"), "x\n");
}

#[test]
fn a_child_that_cannot_be_started_is_an_error_of_its_step() {
    let output = World::new().run(&json!([{"spawn": {"argv": ["/nonexistent/program"]}}]));
    assert_eq!(output.status.code(), Some(99));
    assert!(String::from_utf8(output.stderr).unwrap().contains("step 0: the child could not"));
}
