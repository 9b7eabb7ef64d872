//! Signals to a run in the foreground: they end the run, and the task only when that is what was asked for.

use aid_test_support::{Running, Signal, Stream, TestWorld};

use crate::scripts::{agents_alive, release, task, waiting_world};

/// A run that has got so far that its agent waits.
fn started(world: &TestWorld) -> Running {
    let mut run = world.aid(["run", "codex", "hi", "--id", "mine"]).spawn();
    let _ = run.wait_for(Stream::Err, "half way");
    run
}

#[test]
fn one_interrupt_detaches() {
    let world = waiting_world();
    let mut run = started(&world);
    run.signal(Signal::INT);
    let said = run.wait_for(Stream::Err, "again within 2 s");
    assert!(said.contains("aid watch mine") && said.contains("aid stop mine"), "{said}");
    let _ = run.wait().expect_code(130);
    assert_eq!(task(&world, "mine")["status"], "running");
    release(&world);
    let _ = world.aid(["wait", "mine"]).run().expect_code(0);
}

#[test]
fn a_second_interrupt_stops_the_task() {
    let world = waiting_world();
    let mut run = started(&world);
    run.signal(Signal::INT);
    let _ = run.wait_for(Stream::Err, "again within 2 s");
    run.signal(Signal::INT);
    let _ = run.wait().expect_code(130).expect_stderr("mine STOP");
    assert_eq!(task(&world, "mine")["status"], "stopped");
    assert_eq!(agents_alive(&world), []);
}

#[test]
fn a_task_that_ends_in_between_is_reported() {
    let world = waiting_world();
    let mut run = started(&world);
    run.signal(Signal::INT);
    let _ = run.wait_for(Stream::Err, "again within 2 s");
    release(&world);
    let _ = run.wait().expect_code(0).expect_stdout("all done\n").expect_stderr("mine DONE");
}

#[test]
fn a_hangup_or_a_term_leaves_the_task_alone() {
    for signal in [Signal::HUP, Signal::TERM] {
        let world = waiting_world();
        let mut run = started(&world);
        run.signal(signal);
        let _ = run.wait().expect_code(130).expect_stderr("come back: aid watch mine");
        release(&world);
        let _ = world.aid(["wait", "mine"]).run().expect_code(0);
        assert_eq!(task(&world, "mine")["status"], "done", "{signal:?}");
    }
}

#[test]
fn a_killed_run_leaves_the_task_alone() {
    let world = waiting_world();
    let mut run = started(&world);
    run.signal(Signal::KILL);
    let _ = run.wait().expect_code(137);
    release(&world);
    let _ = world.aid(["watch", "--quiet", "mine"]).run().expect_code(0);
}
