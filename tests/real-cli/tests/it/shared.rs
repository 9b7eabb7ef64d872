//! What has to be true of every agent. Each rule is one function; the agents' own modules make tests of them.
//!
//! A real run costs seconds, so each asserts everything that can be seen of it.

use aid_test_support::{RunResult, for_file, lives};
use serde_json::{Value, json};

use crate::agents::Agent;
use crate::rig::{PROMPT, RUN_LIMIT, Rig, comparable};

const ANSWER: &str = "Done: made two files.\n\n* **made.txt** — naïve ✓";

/// The tests of an agent.
macro_rules! tests_of {
    ($agent:path: $($name:ident => $rule:expr;)+) => {
        $(
            #[test]
            fn $name() {
                if $crate::rig::is_sealed(&$name) {
                    $rule(&$agent);
                }
            }
        )+
    };
}
pub(crate) use tests_of;

/// Files really written, the exact answer, tokens as the server counted them; in front and behind the same record.
pub(crate) fn work_in_front_and_behind(agent: &'static Agent) {
    let steps = json!([
        {"text": "[MILESTONE] looking around", "tools": [(agent.shell)("echo hi > made.txt && cat made.txt")],
            "usage": {"in": 1000, "cached": 0, "out": 50, "reason": 10}},
        {"tools": [(agent.write)("src/hello.py", "print('wörld')")],
            "usage": {"in": 1500, "cached": 900, "out": 20, "reason": 0}},
        {"text": ANSWER, "chunk": 5, "usage": {"in": 2000, "cached": 1400, "out": 30, "reason": 5}}
    ]);
    let mut rig = Rig::with(agent, &steps);
    let target = rig.world.root().join("answer.md");
    let run = rig.run("t-front", &["--output", target.to_str().expect("text")]).expect_code(0);
    assert_eq!(run.stdout_text(), format!("{ANSWER}\n"));
    assert_eq!(std::fs::read(target).expect("the answer"), ANSWER.as_bytes());
    expect_work(&rig, "t-front");
    std::fs::remove_file(rig.at("made.txt")).expect("a file");
    std::fs::remove_dir_all(rig.at("src")).expect("a directory");
    rig.switch_model(&steps);
    rig.start("t-back");
    let _ = rig.wait("t-back").expect_code(0);
    expect_work(&rig, "t-back");
    let (mut front, mut back) = (comparable(rig.shown("t-front")), comparable(rig.shown("t-back")));
    // Only one of them had a file to write.
    for record in [&mut front, &mut back] {
        record["task"]["output_path"] = Value::Null;
    }
    assert_eq!(front, back);
}

fn expect_work(rig: &Rig, id: &str) {
    assert_eq!(std::fs::read(rig.at("made.txt")).expect("a file"), b"hi\n");
    assert_eq!(std::fs::read(rig.at("src/hello.py")).expect("a file"), "print('wörld')\n".as_bytes());
    assert_eq!(rig.aid(["output", id]).run().expect_code(0).stdout_text(), ANSWER);
    let shown = rig.shown(id);
    let task = &shown["task"];
    assert_eq!((&task["status"], &task["exit_code"]), (&json!("done"), &json!(0)), "{shown:#}");
    // Not every agent tells the others.
    for (count, tokens) in [("input", 4500), ("cached_input", 2300), ("output", 100), ("total", 4600)] {
        assert_eq!(task["usage"][count], tokens, "{count}\n{shown:#}");
    }
    assert_eq!(task["milestone"], "looking around", "{shown:#}");
    let requests = rig.model.turns();
    assert_eq!(requests.len(), 3);
    assert!(requests[0]["body"].to_string().contains(PROMPT));
    let key = |request: &Value| {
        let headers = ["authorization", "x-goog-api-key"].map(|name| request["headers"][name].clone());
        headers.iter().any(|value| value.as_str().is_some_and(|value| value.ends_with("real")))
    };
    assert!(requests.iter().all(key), "a request came with another key: {:#}", requests[0]["headers"]);
    assert_eq!(rig.world.git(&["log", "--format=%s"]), "first\n", "nothing is committed in somebody's own checkout");
    rig.expect_nothing_left(id);
}

/// A wrong key.
pub(crate) fn a_wrong_key_is_4(agent: &'static Agent) {
    let (_, requests) = refused(agent, &json!({"http": 401}), Some("auth"), 4);
    assert_eq!(requests, 1, "it does not become right by asking again");
}

/// A limit that is over soon.
pub(crate) fn a_rate_limit_is_6(agent: &'static Agent) {
    refused(agent, &json!({"limit": {"per": "minute", "retry_after_s": 1}}), Some("rate_limited"), 6);
}

/// A limit that is spent.
pub(crate) fn a_spent_quota_is_6(agent: &'static Agent) {
    refused(agent, &json!({"limit": {"per": "day", "retry_after_s": 1}}), Some("quota"), 6);
}

/// A stream that ends in the middle, as if that were its end. Some agents take that for an answer, and some ask again
/// for ever: `aid` has to end those.
pub(crate) fn an_unfinished_stream_is_1(agent: &'static Agent) {
    let step = json!({"text": CUT_TEXT, "chunk": 5, "unfinished": true});
    let (failure, requests) = refused(agent, &step, None, 1);
    assert!(requests < MANY_REQUESTS, "it was let go on: {requests} requests\n{failure}");
}

/// A connection that is cut. Not for agents that then try again in silence, for as long as a minute.
pub(crate) fn a_cut_connection_is_1(agent: &'static Agent) {
    let step = json!({"text": CUT_TEXT, "chunk": 5, "truncate": true});
    refused(agent, &step, None, 1);
}

/// What a model never gets to say whole.
const CUT_TEXT: &str = "this is cut off in the middle";

/// No agent tries that often by itself, and each that asks for ever soon does.
const MANY_REQUESTS: usize = 40;

/// Runs against a model that only ever does this. Fails unless the task failed with this exit code, and for this reason
/// where one is given; returns the failure, and how often the model was asked.
fn refused(agent: &'static Agent, step: &Value, class: Option<&str>, code: i32) -> (Value, usize) {
    let rig = Rig::with(agent, &Value::from(vec![step.clone(); 2 * MANY_REQUESTS]));
    let run = rig.run("t-refused", &[]);
    let shown = rig.shown("t-refused");
    let task = &shown["task"];
    assert_eq!(task["status"], "failed", "{shown:#}");
    if let Some(class) = class {
        assert_eq!(task["failure"]["class"], class, "{shown:#}");
    }
    assert!(task["failure"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{shown:#}");
    expect_end(&rig, &run, code, &shown);
    rig.expect_nothing_left("t-refused");
    (task["failure"].clone(), rig.model.turns().len())
}

fn expect_end(rig: &Rig, run: &RunResult, code: i32, shown: &Value) {
    assert_eq!(run.code, code, "{}\n{shown:#}", run.describe());
    // What the model said before it was cut off is not lost, and nothing else is said in its name.
    let said = run.stdout_text();
    assert!(CUT_TEXT.starts_with(said.trim_end()) && said.trim_end() != CUT_TEXT, "{}", run.describe());
    assert_eq!(rig.aid(["wait", "t-refused"]).run().code, code, "wait tells another end\n{shown:#}");
}

/// `--read-only`: the model tries, nothing is written.
pub(crate) fn read_only_writes_nothing(agent: &'static Agent) {
    let outside = "echo x > by-shell.txt; echo x > ../outside.txt; echo x > $HOME/in-home.txt; \
                   echo x > README.md; git commit --allow-empty -qm sneaky";
    let rig = Rig::with(
        agent,
        &json!([{"tools": [(agent.shell)(outside)]}, {"tools": [(agent.write)("by-tool.txt", "x")]}, {"text": "tried"}]),
    );
    let _ = rig.run("t-read", &["--read-only"]).expect_code(0).expect_stdout("tried");
    assert_eq!(rig.model.turns().len(), 3, "the model did not get to try");
    for path in ["by-shell.txt", "by-tool.txt", "../outside.txt"] {
        assert!(!rig.at(path).exists(), "{path} was written");
    }
    assert!(!rig.world.home().join("in-home.txt").exists());
    assert_eq!(std::fs::read(rig.at("README.md")).expect("a file"), b"a project\n");
    assert_eq!(rig.world.git(&["status", "--porcelain"]), "");
    assert_eq!(rig.world.git(&["log", "--format=%s"]), "first\n");
    let shown = rig.shown("t-read");
    assert_eq!((&shown["task"]["read_only"], &shown["task"]["status"]), (&json!(true), &json!("done")), "{shown:#}");
    rig.expect_nothing_left("t-read");
}

/// A stop ends the agent, and the command that its model runs.
pub(crate) fn a_stop_leaves_no_process(agent: &'static Agent) {
    // The second file says that the first one is whole.
    let command = (agent.shell)("echo $$ > command.pid; : > begun; while :; do sleep 0.1; done");
    let steps = json!([{"text": "[MILESTONE] begun", "tools": [command]}, {"text": "never said"}]);
    let rig = Rig::with(agent, &steps);
    rig.start("t-stop");
    for_file(&rig.at("begun"));
    let pid = std::fs::read_to_string(rig.at("command.pid")).expect("a pid").trim().parse().expect("a pid");
    assert!(lives(pid));
    let _ = rig.aid(["stop", "t-stop"]).run().expect_code(0).expect_stdout("confirmed STOP");
    rig.expect_nothing_left("t-stop");
    assert!(!lives(pid), "the model's command lives");
    let shown = rig.shown("t-stop");
    assert_eq!(shown["task"]["status"], "stopped", "{shown:#}");
}

/// Runs at once on one home of the agent, each in a directory of its own, get each its own answer and write its own file.
///
/// The home has been used before: in a fresh one opencode and kilo make their database, and of several that do that at
/// once some fail.
pub(crate) fn runs_at_once(agent: &'static Agent) {
    let prompt = |number: usize| format!("task number {number} of many");
    let conversation = |number: usize| {
        let file = (agent.write)("made.txt", &format!("by {number}"));
        json!({"match": {"body": prompt(number)}, "steps": [{"tools": [file]}, {"text": format!("answer {number}")}]})
    };
    let numbers = 1..=agent.at_once;
    let first = json!([{"text": "first"}]);
    let rig = Rig::with_conversations(agent, &first, numbers.clone().map(conversation).collect());
    let _ = rig.run("t-first", &[]).expect_code(0);
    let start = |number: usize| {
        let dir = rig.world.root().join(format!("work-{number}"));
        std::fs::create_dir(&dir).expect("a new directory");
        rig.prepared(&format!("t-{number}")).arg(prompt(number)).current_dir(dir).spawn()
    };
    let running: Vec<_> = numbers.clone().map(start).collect();
    for (number, run) in numbers.zip(running) {
        let run = run.wait_within(RUN_LIMIT).expect_code(0);
        assert_eq!(run.stdout_text(), format!("answer {number}\n"));
        assert_eq!(rig.world.read(&format!("work-{number}/made.txt")), format!("by {number}\n").as_bytes());
        let id = format!("t-{number}");
        let shown = rig.shown(&id);
        assert_eq!(shown["task"]["usage"]["total"], 2 * 1234, "{shown:#}");
        rig.expect_nothing_left(&id);
    }
}
