//! A disk without room and a home that cannot be written: clear words, nothing corrupt, no agent harmed. Needs mounts of
//! its own, so each test runs itself again in a mount namespace; where there is none, it says so and proves nothing.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use aid_test_support::{Inside, Namespace, inside};
use serde_json::json;

use crate::bed::{Backend, Bed};
use crate::processes::kill_hard;

/// Room for the ledger, the compiled adapter and some logs.
const HOME_SIZE: &str = "size=12m";

fn can_mount<F>(test: &F) -> bool {
    match inside(Namespace::Mounts, test) {
        Inside::Yes => true,
        Inside::Done => false,
        Inside::Impossible(why) => {
            println!("SKIPPED: no mount namespace, so no small disk: {why}");
            false
        }
    }
}

fn mount(args: &[&str], at: &Path) {
    let output = Command::new("mount").args(args).arg(at).output().expect("mount is there");
    assert!(output.status.success(), "mount {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A world whose state directory is a small disk of its own.
fn small(script: &serde_json::Value) -> Bed {
    let bed = Bed::empty(Backend::Linux);
    bed.world.install_agent("codex", script);
    fs::create_dir(bed.world.aid_home()).expect("a directory");
    mount(&["-t", "tmpfs", "-o", HOME_SIZE, "tmpfs"], &bed.world.aid_home());
    let _ = bed.aid(["run", "codex", "--id", "t-before", "warm up"]).run().expect_code(0);
    bed
}

/// Takes all the room that is left.
fn fill(bed: &Bed) {
    use std::io::Write as _;
    for size in [64 * 1024, 4096, 512, 1] {
        let mut file = fs::OpenOptions::new().append(true).create(true).open(ballast(bed)).expect("a file");
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}

fn ballast(bed: &Bed) -> std::path::PathBuf {
    bed.world.aid_home().join("ballast")
}

fn script() -> serde_json::Value {
    let waits = json!([{"write": {"path": "agent", "content": "{pid}"}}, {"codex_start": {"thread": "th"}}, {"touch": "up"},
        {"wait_file": "go"}, {"write": {"path": "work.txt", "content": "real work"}}, {"touch": "worked"},
        {"wait_file": "room"}, {"codex_ok": {"answer": "with room"}}]);
    json!({"cases": [{"stdin_contains": "wait for me", "steps": waits}], "steps": [{"codex_ok": {"answer": "quick"}}]})
}

#[test]
fn a_full_disk_refuses_a_dispatch() {
    if !can_mount(&a_full_disk_refuses_a_dispatch) {
        return;
    }
    let bed = small(&script());
    fill(&bed);
    let refused = bed.aid(["run", "codex", "--id", "t-full", "x"]).run().expect_code(125);
    let said = refused.stderr_text().to_lowercase();
    assert!(said.contains("full") || said.contains("no space"), "{}", refused.describe());
    // What is there can still be read.
    let _ = bed.aid(["show", "t-before"]).run().expect_code(0).expect_stdout("DONE");
    fs::remove_file(ballast(&bed)).expect("removed");
    let board = bed.aid(["board", "--json"]).run().expect_code(0).json();
    for task in board["tasks"].as_array().expect("tasks") {
        assert_ne!(task["status"], "running", "{board}");
    }
    let _ = bed.aid(["run", "codex", "--id", "t-after", "x"]).run().expect_code(0).expect_stdout("quick");
    expect_sound(&bed);
}

#[test]
fn an_agent_is_not_harmed_by_a_full_disk() {
    if !can_mount(&an_agent_is_not_harmed_by_a_full_disk) {
        return;
    }
    let bed = small(&script());
    let _ = bed.aid(["run", "codex", "--bg", "--id", "t-full", "wait for me"]).run().expect_code(0);
    bed.await_file("up");
    fill(&bed);
    bed.touch("go");
    bed.await_file("worked");
    let _ = bed.aid(["board"]).run().expect_code(0).expect_stdout("RUN");
    fs::remove_file(ballast(&bed)).expect("removed");
    bed.touch("room");
    let _ = bed.wait("t-full").expect_code(0);
    bed.record("t-full").expect_done("with room");
    expect_sound(&bed);
}

/// Nobody can write the request down; the runner hears of it all the same, and remembers it.
#[test]
fn a_task_is_stopped_on_a_full_disk() {
    if !can_mount(&a_task_is_stopped_on_a_full_disk) {
        return;
    }
    let bed = small(&script());
    let _ = bed.aid(["run", "codex", "--bg", "--id", "t-full", "wait for me"]).run().expect_code(0);
    bed.await_file("up");
    let mut watching = bed.aid(["watch", "--stream", "t-full"]).spawn();
    watching.wait_for(aid_test_support::Stream::Out, "session");
    fill(&bed);
    let stopped = bed.aid(["stop", "t-full"]).run().expect_code(1).expect_stdout("t-full unconfirmed RUN");
    let said = stopped.stderr_text();
    assert!(said.contains("nothing of t-full runs any more") && said.contains("full"), "{}", stopped.describe());
    assert!(!aid_test_support::lives(bed.pid("agent")), "the agent lives");
    fs::remove_file(ballast(&bed)).expect("removed");
    let _ = watching.wait().expect_code(1);
    let record = bed.record("t-full");
    assert_eq!((record.status(), record.kind("adopted").len()), ("stopped", 0), "{record}");
    expect_sound(&bed);
}

/// There is nobody who could do it or write it down.
#[test]
fn force_ends_an_agent_without_a_runner_on_a_full_disk() {
    if !can_mount(&force_ends_an_agent_without_a_runner_on_a_full_disk) {
        return;
    }
    let bed = small(&script());
    let _ = bed.aid(["run", "codex", "--bg", "--id", "t-full", "wait for me"]).run().expect_code(0);
    bed.await_file("up");
    let mut watching = bed.aid(["watch", "--stream", "t-full"]).spawn();
    watching.wait_for(aid_test_support::Stream::Out, "session");
    drop(watching);
    fill(&bed);
    let runner = crate::processes::hold(bed.runner("t-full"));
    assert!(runner.signal(aid_test_support::Signal::STOP));
    let stopped = bed.aid(["stop", "t-full", "--force"]).run().expect_code(1).expect_stdout("t-full unconfirmed RUN");
    assert!(stopped.stderr_text().contains("nothing of t-full runs any more"), "{}", stopped.describe());
    assert!(runner.has_ended() && !aid_test_support::lives(bed.pid("agent")));
    fs::remove_file(ballast(&bed)).expect("removed");
    let _ = bed.wait("t-full").expect_code(9);
    expect_sound(&bed);
}

/// Nobody can settle it while there is no room; nobody gives up, and nobody goes wild.
#[test]
fn a_runner_that_dies_on_a_full_disk_is_replaced_when_there_is_room() {
    if !can_mount(&a_runner_that_dies_on_a_full_disk_is_replaced_when_there_is_room) {
        return;
    }
    let bed = small(&script());
    let _ = bed.aid(["run", "codex", "--bg", "--id", "t-full", "wait for me"]).run().expect_code(0);
    bed.await_file("up");
    let mut watching = bed.aid(["watch", "--stream", "t-full"]).spawn();
    watching.wait_for(aid_test_support::Stream::Out, "session");
    fill(&bed);
    kill_hard(bed.runner("t-full"));
    let before = last_pid();
    // A length of time is what this looks at: how much is started in it.
    std::thread::sleep(Duration::from_secs(3));
    let started = last_pid() - before;
    assert!(started < 100, "{started} processes were started in 3 s for one task that cannot be settled");
    bed.touch("go");
    bed.await_file("worked");
    fs::remove_file(ballast(&bed)).expect("removed");
    bed.touch("room");
    let _ = watching.wait().expect_code(0);
    bed.record("t-full").expect_done("with room");
    expect_sound(&bed);
}

#[test]
fn a_home_that_cannot_be_written_can_be_read() {
    if !can_mount(&a_home_that_cannot_be_written_can_be_read) {
        return;
    }
    let bed = small(&script());
    bed.await_runners("t-before");
    // A mount of its own on top: the one below may be busy for a moment longer than its last user lives.
    let home = bed.world.aid_home();
    mount(&["--bind", home.to_str().expect("text")], &home);
    mount(&["-o", "remount,bind,ro"], &home);
    let refused = bed.aid(["run", "codex", "--id", "t-ro", "x"]).run().expect_code(125);
    let said = refused.stderr_text().to_lowercase();
    assert!(said.contains("read-only") || said.contains("readonly"), "{}", refused.describe());
    let _ = bed.aid(["board"]).run().expect_code(0).expect_stdout("t-before");
    let _ = bed.aid(["show", "t-before"]).run().expect_code(0).expect_stdout("DONE");
    let _ = bed.aid(["output", "t-before"]).run().expect_code(0).expect_stdout("quick");
}

/// Found out before the agent has worked for it, and not after.
#[test]
fn an_answer_that_cannot_be_written_is_refused_at_once() {
    if !can_mount(&an_answer_that_cannot_be_written_is_refused_at_once) {
        return;
    }
    let bed = Bed::new(Backend::Linux, &script());
    let place = bed.world.root().join("ro");
    fs::create_dir(&place).expect("a directory");
    mount(&["-t", "tmpfs", "-o", "ro", "tmpfs"], &place);
    std::os::unix::fs::symlink(place.join("linked"), bed.at("link")).expect("a link");
    for output in [place.join("answer.txt"), bed.at("link")] {
        let output = output.to_str().expect("text");
        let refused = bed.run("t-out", &["--output", output]).expect_code(2);
        let said = refused.stderr_text();
        assert!(said.contains(output) && said.contains("Read-only"), "{}", refused.describe());
    }
    let _ = bed.aid(["show", "t-out"]).run().expect_code(3);
}

#[test]
fn a_home_that_cannot_be_made_is_named() {
    if !can_mount(&a_home_that_cannot_be_made_is_named) {
        return;
    }
    let bed = Bed::empty(Backend::Linux);
    bed.world.install_agent("codex", &script());
    let parent = bed.world.root().join("ro");
    fs::create_dir(&parent).expect("a directory");
    mount(&["-t", "tmpfs", "-o", "ro", "tmpfs"], &parent);
    let home = parent.join("aid");
    let refused = bed.aid(["run", "codex", "x"]).env("AID_HOME", &home).run().expect_code(125);
    let said = refused.stderr_text();
    assert!(said.contains(home.to_str().expect("text")) && said.contains("Read-only"), "{}", refused.describe());
    let _ = bed.aid(["board"]).env("AID_HOME", &home).run().expect_code(0);
}

/// The number of the last process that was started in this namespace.
fn last_pid() -> i64 {
    let text = fs::read_to_string("/proc/loadavg").expect("/proc");
    text.split_ascii_whitespace().last().and_then(|pid| pid.parse().ok()).expect("a pid")
}

fn expect_sound(bed: &Bed) {
    let db = rusqlite::Connection::open(bed.world.aid_home().join("aid.db")).expect("the ledger");
    let verdict: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a check");
    assert_eq!(verdict, "ok");
}
