//! The real CLI is a wrapper, a native program, and commands in sessions of their own: all of them end with the task, and
//! none of them ends with the runner.

use aid_test_support::{Signal, for_file, lives, processes_with};
use serde_json::{Value, json};

use crate::codex::{rig, shell};
use crate::rig::{Rig, comparable, is_sealed};

/// A command that says that it runs, and goes on when it is told to.
fn waiting_command() -> Value {
    shell(
        "echo $$ > command.pid.new; mv command.pid.new command.pid; while [ ! -e go ]; do sleep 0.05; done; echo went on",
    )
}

fn steps() -> Value {
    json!([{"text": "[MILESTONE] begun", "tools": [waiting_command()]}, {"text": "went on to the end"}])
}

/// A task whose model's command runs.
fn running(id: &str) -> Rig {
    let codex = rig(&steps());
    codex.start(id);
    for_file(&codex.at("command.pid"));
    codex
}

fn command_lives(codex: &Rig) -> bool {
    let text = std::fs::read_to_string(codex.at("command.pid")).expect("a pid");
    lives(text.trim().parse().expect("a pid"))
}

fn runner(codex: &Rig, id: &str) -> i32 {
    let home = processes_with("AID_HOME", &codex.world.aid_home().to_string_lossy());
    let mut runners = processes_with("AID_RUNNER", id);
    runners.retain(|process| home.iter().any(|ours| ours.pid == process.pid) && process.command.contains("__attempt"));
    assert_eq!(runners.len(), 1, "{runners:?}");
    runners[0].pid
}

#[test]
fn a_stop_leaves_no_process() {
    if !is_sealed(&a_stop_leaves_no_process) {
        return;
    }
    let codex = running("t-stop");
    assert!(command_lives(&codex));
    let _ = codex.aid(["stop", "t-stop"]).run().expect_code(0).expect_stdout("confirmed STOP");
    codex.expect_nothing_left("t-stop");
    assert!(!command_lives(&codex), "the model's command lives");
    let shown = codex.shown("t-stop");
    assert_eq!(
        (&shown["task"]["status"], &shown["task"]["milestone"]),
        (&json!("stopped"), &json!("begun")),
        "{shown:#}"
    );
}

#[test]
fn force_leaves_no_process() {
    if !is_sealed(&force_leaves_no_process) {
        return;
    }
    let codex = running("t-force");
    let _ = codex.aid(["stop", "t-force", "--force"]).run().expect_code(0).expect_stdout("confirmed STOP");
    codex.expect_nothing_left("t-force");
    assert!(!command_lives(&codex), "the model's command lives");
}

#[test]
fn a_killed_runner_is_not_missed() {
    if !is_sealed(&a_killed_runner_is_not_missed) {
        return;
    }
    let mut codex = running("t-killed");
    aid_test_support::kill(runner(&codex, "t-killed"), Signal::KILL);
    let _ = codex.aid(["board"]).run().expect_code(0).expect_stderr("a new one follows the agent");
    assert!(command_lives(&codex), "the agent was harmed");
    std::fs::write(codex.at("go"), "").expect("a file");
    let _ = codex.aid(["wait", "t-killed"]).run().expect_code(0);
    let shown = codex.shown("t-killed");
    assert_eq!(shown["output"], "went on to the end", "{shown:#}");
    codex.expect_nothing_left("t-killed");
    // Nobody can tell it from a run that nothing happened to, but for the exit code, which only a parent is told.
    codex.switch_model(&steps());
    codex.start("t-same");
    let _ = codex.aid(["wait", "t-same"]).run().expect_code(0);
    let (mut killed, mut same) = (comparable(shown), comparable(codex.shown("t-same")));
    for record in [&mut killed, &mut same] {
        record["task"]["exit_code"] = Value::Null;
        record["task"]["evidence"] = Value::Null;
    }
    assert_eq!(killed, same);
}

#[test]
fn a_killed_runner_and_agent_are_a_lost_task() {
    if !is_sealed(&a_killed_runner_and_agent_are_a_lost_task) {
        return;
    }
    let codex = running("t-lost");
    aid_test_support::kill(runner(&codex, "t-lost"), Signal::KILL);
    for process in processes_with("AID_TASK_ID", "t-lost") {
        if process.command.contains("codex") {
            aid_test_support::kill(process.pid, Signal::KILL);
        }
    }
    let _ = codex.aid(["wait", "t-lost"]).run().expect_code(9);
    codex.expect_nothing_left("t-lost");
    assert!(!command_lives(&codex), "the model's command lives");
}
