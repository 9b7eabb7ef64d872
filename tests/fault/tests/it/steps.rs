//! The runner dies at one step of a task's life after the other. Each window is really hit, and each end is true.

use aid_test_support::{Signal, Stream, lives};
use serde_json::{Value, json};

use crate::bed::{Backend, Bed, on_both};
use crate::ledger::forget_start;
use crate::processes::{Held, hold, kill_hard};
use crate::record::Record;

/// How often a window that cannot be held open is tried.
const TRIES: usize = 200;

on_both!(
    before_the_agent_is_started,
    before_the_start_is_recorded,
    before_the_start_is_recorded_and_the_agent_dies_too,
    in_the_middle,
    in_the_middle_of_a_line,
    after_the_success_mark,
    after_the_exit_of_a_good_agent,
    after_the_exit_of_an_agent_that_was_cut_off,
    again_and_again,
);

/// A step in which the agent signals its own runner.
pub(crate) fn signal_runner(signal: &str) -> Value {
    let shell = format!("read -r pid name state parent rest < /proc/$PPID/stat; kill -{signal} $parent");
    json!({"spawn": {"argv": ["sh", "-c", shell], "wait": true}})
}

fn ok(answer: &str) -> Value {
    json!({"codex_ok": {"answer": answer, "thread": "th-1"}})
}

/// Returns when there is an event with this in the ledger.
fn await_event(bed: &Bed, id: &str, part: &str) {
    let mut watching = bed.aid(["watch", id, "--stream"]).spawn();
    watching.wait_for(Stream::Out, part);
}

/// The same steps without the kill.
fn undisturbed(backend: Backend, steps: &[Value]) -> (Vec<Value>, Vec<u8>) {
    let quiet: Vec<&Value> = steps.iter().filter(|step| step.get("spawn").is_none()).collect();
    let bed = Bed::new(backend, &json!(quiet));
    let _ = bed.run("same", &[]).expect_code(0);
    (bed.record("same").told(), bed.log("same"))
}

/// Runs the steps, the runner dying in one of them, and proves that nobody can tell afterwards.
fn survives(backend: Backend, answer: &str, steps: &[Value]) -> Record {
    let bed = Bed::new(backend, &json!(steps));
    bed.start("t-step", &[]);
    let _ = bed.wait("t-step").expect_code(0);
    let record = bed.record("t-step");
    record.expect_done(answer);
    assert!(!record.kind("adopted").is_empty(), "its runner was not killed\n{record}");
    let (told, log) = undisturbed(backend, steps);
    assert_eq!(record.told(), told, "{record}");
    assert_eq!(bed.log("t-step"), log);
    bed.expect_nothing_left("t-step");
    record
}

fn before_the_agent_is_started(backend: Backend) {
    let bed = Bed::new(backend, &json!([ok("never")]));
    let mut hits = 0;
    for n in 0..TRIES {
        let id = format!("early-{n}");
        bed.start(&id, &[]);
        for runner in bed.runners(&id) {
            // Too late is no failure: then another round is needed.
            let _ = Held::open(runner.pid).is_some_and(|held| held.signal(Signal::KILL));
        }
        let code = bed.wait(&id).code;
        let record = bed.record(&id);
        if record.kind("launching").is_empty() {
            hits += 1;
            record.expect_failed("lost");
            assert_eq!(code, 9, "{record}");
            assert!(bed.log(&id).is_empty(), "an agent ran\n{record}");
        }
        bed.expect_nothing_left(&id);
        if hits == 3 {
            return;
        }
    }
    panic!("the window was hit only {hits} times");
}

/// An agent whose start nobody has recorded, and what it started that outlives it.
fn unrecorded(backend: Backend) -> Bed {
    let daemon =
        json!({"spawn": {"sleep_ms": 60_000, "setsid": true, "ignore_signals": ["TERM"], "pid_file": "daemon"}});
    let steps = json!([{"write": {"path": "agent", "content": "{pid}"}}, daemon, {"touch": "up"}, {"wait_file": "go"},
        ok("found by its marker")]);
    let bed = Bed::new(backend, &steps);
    bed.start("t-step", &[]);
    bed.await_file("up");
    await_event(&bed, "t-step", "\"started\"");
    kill_hard(bed.runner("t-step"));
    forget_start(&bed, "t-step");
    bed
}

fn before_the_start_is_recorded(backend: Backend) {
    let bed = unrecorded(backend);
    let _ = bed.aid(["board"]).run().expect_code(0).expect_stderr("a new one follows the agent");
    bed.touch("go");
    let _ = bed.wait("t-step").expect_code(0);
    let record = bed.record("t-step");
    record.expect_done("found by its marker");
    assert_eq!(
        record.kind("adopted")[0]["agent"]["pid"],
        bed.pid("agent"),
        "another process was taken for it\n{record}"
    );
    assert!(!lives(bed.pid("daemon")), "{record}");
    bed.expect_nothing_left("t-step");
}

/// What an agent left behind is not the agent.
fn before_the_start_is_recorded_and_the_agent_dies_too(backend: Backend) {
    let bed = unrecorded(backend);
    kill_hard(bed.pid("agent"));
    let _ = bed.wait("t-step").expect_code(9);
    let record = bed.record("t-step");
    record.expect_failed("lost");
    assert!(record.kind("adopted")[0]["agent"].is_null(), "{record}");
    assert!(!lives(bed.pid("daemon")), "{record}");
    bed.expect_nothing_left("t-step");
}

fn in_the_middle(backend: Backend) {
    let said = json!({"codex_message": "[MILESTONE] said before"});
    let steps = [said, json!({"sleep_ms": 60}), signal_runner("KILL"), json!({"codex_message": "after"}), ok("done")];
    let record = survives(backend, "done", &steps);
    assert_eq!(record.kind("milestone").len(), 1, "{record}");
}

fn in_the_middle_of_a_line(backend: Backend) {
    // Cut inside a character, too: é is c3 a9.
    let (head, tail) =
        (r#"{"type":"item.completed","item":{"id":"item_0","type":"agent_message","text":"caf"#, "\"}}\n");
    let steps = [
        json!({"codex_start": {"thread": "th-1"}}),
        json!({"out": head}),
        json!({"bytes_hex": "c3"}),
        json!({"sleep_ms": 60}),
        signal_runner("KILL"),
        json!({"bytes_hex": "a9"}),
        json!({"out": tail}),
        ok("done"),
    ];
    let record = survives(backend, "done", &steps);
    assert!(record.told().contains(&json!({"type": "message", "text": "café"})), "{record}");
}

fn after_the_success_mark(backend: Backend) {
    let steps = [ok("done"), json!({"sleep_ms": 60}), signal_runner("KILL"), json!({"err": "bye\n"})];
    survives(backend, "done", &steps);
}

/// The runner is stopped, the agent ends, the runner is killed: nobody has seen the end.
fn unseen_end(backend: Backend, last: Value) -> (Bed, i32) {
    let steps = json!([{"codex_message": "said"}, {"write": {"path": "agent", "content": "{pid}"}}, {"touch": "up"},
        {"wait_file": "go"}, signal_runner("STOP"), last]);
    let bed = Bed::new(backend, &steps);
    bed.start("t-unseen", &[]);
    bed.await_file("up");
    await_event(&bed, "t-unseen", "said");
    let (runner, agent) = (bed.runner("t-unseen"), hold(bed.pid("agent")));
    bed.touch("go");
    agent.await_end();
    kill_hard(runner);
    let code = bed.wait("t-unseen").code;
    bed.expect_nothing_left("t-unseen");
    (bed, code)
}

fn after_the_exit_of_a_good_agent(backend: Backend) {
    let (bed, code) = unseen_end(backend, ok("unseen"));
    let record = bed.record("t-unseen");
    record.expect_done("unseen");
    assert_eq!((code, &record.task["exit_code"]), (0, &Value::Null), "{record}");
    assert!(record.kind("adopted")[0]["agent"].is_null(), "{record}");
}

fn after_the_exit_of_an_agent_that_was_cut_off(backend: Backend) {
    let (bed, code) = unseen_end(backend, json!({"exit": 0}));
    let record = bed.record("t-unseen");
    record.expect_failed("lost");
    assert_eq!(code, 9, "{record}");
    assert!(record.told().contains(&json!({"type": "message", "text": "said"})), "{record}");
}

/// Every runner that comes is killed; the agent is not harmed by any of it.
fn again_and_again(backend: Backend) {
    const KILLS: usize = 5;
    let mut steps = vec![json!({"write": {"path": "agent", "content": "{pid}"}})];
    for n in 0..KILLS {
        steps.push(json!({"codex_message": format!("part {n}")}));
        steps.push(json!({"touch": format!("at-{n}")}));
        steps.push(json!({"wait_file": format!("go-{n}")}));
    }
    steps.push(ok("unharmed"));
    let bed = Bed::new(backend, &json!(steps));
    bed.start("t-again", &[]);
    for n in 0..KILLS {
        bed.await_file(&format!("at-{n}"));
        kill_hard(bed.runner("t-again"));
        let _ = bed.aid(["board"]).run().expect_code(0).expect_stderr("a new one follows the agent");
        bed.touch(&format!("go-{n}"));
    }
    let _ = bed.wait("t-again").expect_code(0);
    let record = bed.record("t-again");
    record.expect_done("unharmed");
    assert_eq!(record.kind("message").len(), KILLS + 1, "{record}");
    let adopted = record.kind("adopted");
    assert_eq!(adopted.len(), KILLS, "{record}");
    assert!(adopted.iter().all(|adopted| adopted["agent"]["pid"] == bed.pid("agent")), "{record}");
    bed.expect_nothing_left("t-again");
}
