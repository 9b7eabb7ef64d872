//! Many at once, on a home that nobody has prepared: every task true, nothing locked, nothing lost.

use std::process::{Command, Stdio};

use aid_test_support::binary;
use serde_json::json;

use crate::bed::{Backend, Bed};

#[test]
fn thirty_two_dispatchers_on_an_empty_home() {
    const DISPATCHERS: usize = 32;
    let bed = Bed::empty(Backend::Linux);
    bed.world.install_agent("codex", &json!([{"codex_ok": {"answer": "{stdin}", "thread": "th"}}]));
    assert!(!bed.world.aid_home().exists());
    let ids: Vec<String> = (0..DISPATCHERS).map(|n| format!("c-{n}")).collect();
    let running: Vec<_> =
        ids.iter().map(|id| bed.aid(["run", "codex", "--bg", "--id", id, &format!("mine is {id}.")]).spawn()).collect();
    for (run, id) in running.into_iter().zip(&ids) {
        assert_eq!(run.wait().expect_code(0).word(), *id);
    }
    expect_all_true(&bed, &ids);
}

#[test]
fn sixty_tasks_from_eight_processes() {
    const PROCESSES: usize = 8;
    const TASKS: usize = 60;
    let steps = json!([{"codex_start": {}}, {"codex_message": "one"}, {"sleep_ms": 200}, {"codex_message": "two"},
        {"sleep_ms": 200}, {"codex_ok": {"answer": "{stdin}"}}]);
    let bed = Bed::new(Backend::Linux, &steps);
    let ids: Vec<String> = (0..TASKS).map(|n| format!("m-{n}")).collect();
    let shell = "for id; do \"$AID\" run codex --bg --id $id \"mine is $id.\" || exit 1; done";
    let shells: Vec<_> = (0..PROCESSES)
        .map(|process| {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", shell, "sh"]).args(ids.iter().skip(process).step_by(PROCESSES));
            command.env_clear().envs(bed.variables()).env("AID", binary("aid")).current_dir(bed.world.work());
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a shell")
        })
        .collect();
    // People look meanwhile.
    let looking: Vec<_> = (0..4).map(|_| bed.aid(["board"]).spawn()).collect();
    for shell in shells {
        let output = shell.wait_with_output().expect("an end");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !said.contains("locked"), "{said}");
    }
    for look in looking {
        let result = look.wait().expect_code(0);
        assert!(!result.stderr_text().contains("locked"), "{}", result.describe());
    }
    expect_all_true(&bed, &ids);
}

/// Everybody's own answer, complete logs, and no runner that had anything to complain about.
fn expect_all_true(bed: &Bed, ids: &[String]) {
    let _ = bed.aid(["wait"]).args(ids).run().expect_code(0);
    let board = bed.aid(["board", "--json", "--all"]).run().expect_code(0).json();
    assert_eq!(
        (&board["totals"]["tasks"], &board["totals"]["by_status"]["done"]),
        (&json!(ids.len()), &json!(ids.len()))
    );
    for id in ids {
        let record = bed.record(id);
        let answer = record.output.clone().unwrap_or_default();
        assert!(answer.contains(&format!("mine is {id}.")), "{id} has somebody else's answer: {answer:?}\n{record}");
        record.expect_done(&answer);
        assert!(record.kind("adopted").is_empty(), "its runner was taken for dead\n{record}");
        let messages = record.kind("message").len();
        assert_eq!(messages, String::from_utf8_lossy(&bed.log(id)).matches("agent_message").count(), "{record}");
        let complaints = std::fs::read(bed.world.aid_home().join("logs").join(format!("{id}.runner"))).expect("a log");
        assert!(complaints.is_empty(), "{}", String::from_utf8_lossy(&complaints));
        bed.expect_nothing_left(id);
    }
}
