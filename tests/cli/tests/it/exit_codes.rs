//! Every exit code that can be produced, each by what it stands for.

use aid_test_support::{RunResult, Signal, TestWorld, kill};
use serde_json::json;

use crate::scripts::{background, fails, finished, ok, release, task, waiting_world, world};

fn run(world: &TestWorld) -> RunResult {
    world.aid(["run", "codex", "do it"]).run()
}

#[test]
fn good_is_0() {
    let result = run(&world(ok("the answer"))).expect_code(0);
    assert_eq!(result.stdout_text(), "the answer\n");
    let closing = result.stderr_text().lines().last().expect("a closing line").to_owned();
    for part in ["[aid] t-", " DONE after ", "1.2k tokens", "next: aid show t-"] {
        assert!(closing.contains(part), "{closing}");
    }
}

#[test]
fn a_failed_task_is_1() {
    let world = world(json!([{"codex_start": {}}, {"codex_message": "half"}, {"exit": 0}]));
    let result = run(&world).expect_code(1).expect_stderr("FAIL (incomplete");
    assert!(!result.stderr_text().contains("DONE"), "an exit code of 0 is no success");
}

#[test]
fn usage_is_2_and_starts_nothing() {
    let world = world(ok("never"));
    let _ = world.aid(["run", "nobody", "hi"]).run().expect_code(2).expect_stderr("unknown agent \"nobody\"");
    assert_eq!(world.aid(["board", "--json"]).run().json()["tasks"], json!([]));
}

#[test]
fn not_found_is_3() {
    let world = world(ok("one"));
    for words in [
        &["show", "t-9999"][..],
        &["output", "x"],
        &["watch", "x"],
        &["wait", "x"],
        &["stop", "x"],
        &["agent", "show", "x"],
    ] {
        let before = world.aid(words).run().expect_code(3);
        assert!(before.stdout.is_empty() && before.stderr_text().starts_with("error: "), "{}", before.describe());
    }
    let _ = run(&world).expect_code(0);
    let _ = world.aid(["watch", "--quiet", "t-typo"]).run().expect_code(3).expect_stderr("there is no task \"t-typo\"");
}

#[test]
fn a_refused_login_is_4() {
    let message = "unexpected status 401 Unauthorized: bad key, url: http://127.0.0.1:1/v1/responses";
    let _ = run(&world(fails(message))).expect_code(4).expect_stderr("FAIL (auth: ");
}

#[test]
fn a_rate_limit_is_6() {
    let limited = "exceeded retry limit, last status: 429 Too Many Requests";
    let _ = run(&world(fails(limited))).expect_code(6).expect_stderr("FAIL (rate_limited: ");
    let quota = "Quota exceeded. Check your plan and billing details.";
    let _ = run(&world(fails(quota))).expect_code(6).expect_stderr("FAIL (quota: ");
}

#[test]
fn what_nobody_saw_end_is_9() {
    let world = waiting_world();
    let id = background(&world, "hi");
    let _ =
        world.aid(["watch", "--stream", &id]).spawn().wait_for(aid_test_support::Stream::Out, "\"type\":\"milestone\"");
    let processes = world.processes();
    let runner = processes.iter().find(|process| process.command.contains("__attempt")).expect("a runner");
    let agent = processes.iter().find(|process| process.command.contains("codex")).expect("an agent");
    kill(runner.pid, Signal::KILL);
    kill(agent.pid, Signal::KILL);
    let _ = world.aid(["wait", &id]).run().expect_code(9);
    assert_eq!(task(&world, &id)["failure"]["class"], "lost");
}

#[test]
fn a_time_limit_is_124() {
    let world = waiting_world();
    let result = world.aid(["run", "codex", "hi", "--timeout", "300ms"]).run().expect_code(124);
    assert!(result.stderr_text().contains("(--timeout)"), "the timer is named\n{}", result.describe());
    let idle = world.aid(["run", "codex", "hi", "--idle-timeout", "300ms"]).run().expect_code(124);
    assert!(idle.stderr_text().contains("(--idle-timeout)"), "the timer is named\n{}", idle.describe());
}

#[test]
fn a_wait_that_ends_first_is_124() {
    let world = waiting_world();
    let id = background(&world, "hi");
    let _ = world.aid(["wait", &id, "--timeout", "50ms"]).run().expect_code(124).expect_stderr("they go on");
    release(&world);
    let _ = world.aid(["wait", &id, "--timeout", "50s"]).run().expect_code(0);
}

#[test]
fn our_own_failure_is_125() {
    let world = world(ok("one"));
    let id = finished(&world, "hi");
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let _ =
        world.aid(["show", &id]).stdout_to(full).run().expect_code(125).expect_stderr("error: cannot write to stdout");
    world.write("file", "");
    let _ = world.aid(["run", "codex", "hi"]).env("AID_HOME", world.root().join("file/x")).run().expect_code(125);
}

#[test]
fn an_impostor_is_126() {
    let world = world(json!({"version": "some other tool 1.0", "steps": [{"exit": 0}]}));
    let _ = run(&world).expect_code(126).expect_stderr("is not Codex CLI");
}

#[test]
fn a_missing_program_is_127() {
    let _ = run(&TestWorld::new()).expect_code(127).expect_stderr("not found on PATH").expect_stderr("hint: ");
}

#[test]
fn several_tasks_give_the_first_code_that_is_not_good() {
    let world = world(json!({"cases": [
        {"stdin_contains": "limited", "steps": [{"codex_fail": "exceeded retry limit, last status: 429 Too Many Requests"}, {"exit": 1}]},
        {"stdin_contains": "broken", "steps": [{"exit": 3}]}
    ], "steps": [{"codex_ok": {"answer": "fine"}}]}));
    // The refused one last: after it the agent is held.
    let [good, broken, limited] = ["fine", "broken", "limited"].map(|prompt| background(&world, prompt));
    for (ids, code) in
        [(vec![&good], 0), (vec![&good, &limited, &broken], 6), (vec![&broken, &limited], 1), (vec![&good, &good], 0)]
    {
        let _ = world.aid(["watch", "--quiet"]).args(&ids).run().expect_code(code);
        let _ = world.aid(["wait"]).args(&ids).run().expect_code(code);
    }
}
