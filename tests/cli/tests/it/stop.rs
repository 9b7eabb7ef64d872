//! `aid stop`: what it answers, and that it is true.

use aid_test_support::Stream;
use serde_json::json;

use crate::scripts::{agents_alive, background, finished, ok, task, waiting_world, world};

#[test]
fn a_stop_is_confirmed_when_nothing_is_left() {
    let world = waiting_world();
    let [first, second] = ["one", "two"].map(|prompt| background(&world, prompt));
    for id in [&first, &second] {
        let _ = world.aid(["watch", "--stream", id]).spawn().wait_for(Stream::Out, "\"type\":\"milestone\"");
    }
    let stopped = world.aid(["stop", &first, &second]).run().expect_code(0).stdout_text();
    assert_eq!(stopped, format!("{first} confirmed STOP\n{second} confirmed STOP\n"));
    assert_eq!(agents_alive(&world), []);
    assert_eq!(task(&world, &first)["status"], "stopped");
    let _ = world.aid(["wait", &first]).run().expect_code(1);
}

#[test]
fn an_agent_that_does_not_listen_is_forced() {
    let world = world(json!([{"ignore_signals": ["INT", "TERM", "HUP"]}, {"codex_start": {}}, {"hang": true}]));
    let id = background(&world, "hi");
    let _ = world.aid(["watch", "--stream", &id]).spawn().wait_for(Stream::Out, "\"type\":\"session\"");
    let _ = world.aid(["stop", "--force", &id]).run().expect_code(0).expect_stdout("confirmed STOP");
    assert_eq!(agents_alive(&world), []);
}

#[test]
fn what_is_final_stays_as_it_is() {
    let world = world(ok("x"));
    let id = finished(&world, "hi");
    let before = task(&world, &id);
    let _ = world.aid(["stop", &id]).run().expect_code(0).expect_stdout("confirmed DONE (it was final before)");
    assert_eq!(task(&world, &id), before);
}
