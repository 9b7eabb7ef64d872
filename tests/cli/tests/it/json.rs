//! What programs read: every documented shape holds, and the documented schema is the current one.

use aid_test_support::TestWorld;
use serde_json::{Value, json};

use crate::schema::Document;
use crate::scripts::{background, fails, finished, ok, release, waiting_world, world};

/// The schema as it is documented, from the project's root.
const DOCUMENTED: &str = include_str!("../../../../docs/json-schema.json");

fn documented() -> Document {
    Document::new(serde_json::from_str(DOCUMENTED).expect("the documented schema is JSON"))
}

#[test]
fn the_documented_schema_is_the_current_one() {
    let current = TestWorld::new().aid(["schema"]).run().expect_code(0).stdout_text();
    assert_eq!(current, DOCUMENTED, "run `aid schema > docs/json-schema.json`");
}

#[test]
fn every_shape_holds() {
    let world = world(json!([
        {"codex_start": {}},
        {"codex_message": "[MILESTONE] one\n\n[FINDING] two"},
        {"codex_command": {"command": "false", "exit": 1}},
        {"line": {"type": "error", "message": "Reconnecting... 1/5 (x)"}},
        {"codex_message": "the answer"},
        {"codex_done": {}}
    ]));
    let schema = documented();
    let run = world.aid(["run", "codex", "hi", "--json"]).run().expect_code(0).json();
    schema.check("aid run AGENT PROMPT --json", &run);
    let id = run["id"].as_str().expect("text");
    schema.check("aid wait ID --json", &world.aid(["wait", "--json", id]).run().expect_code(0).json());
    schema.check("aid board --json", &world.aid(["board", "--json"]).run().expect_code(0).json());
    schema.check("aid show ID --json", &world.aid(["show", id, "--json"]).run().expect_code(0).json());
    for line in world.aid(["watch", id, "--stream"]).run().expect_code(0).json_lines() {
        schema.check("aid watch ID --stream", &line);
    }
    let plan = world.aid(["run", "codex", "hi", "--dry-run", "--json"]).run().expect_code(0).json();
    schema.check("aid run AGENT PROMPT --dry-run --json", &plan);
    schema.check("aid agent list --json", &world.aid(["agent", "list", "--json"]).run().expect_code(0).json());
    schema.check(
        "aid agent show NAME --json",
        &world.aid(["agent", "show", "codex", "--json"]).run().expect_code(0).json(),
    );
    schema.check("aid config agents --json", &world.aid(["config", "agents", "--json"]).run().expect_code(0).json());
    schema.check("aid config show --json", &world.aid(["config", "show", "--json"]).run().expect_code(0).json());
    schema.check("aid doctor --json", &world.aid(["doctor", "--json"]).run().expect_code(0).json());
}

#[test]
fn the_checker_can_fail() {
    let schema = documented();
    let world = world(ok("x"));
    let mut task = world.aid(["run", "codex", "hi", "--json"]).run().expect_code(0).json();
    assert!(schema.problems("aid run AGENT PROMPT --json", &task).is_empty());
    task["status"] = json!("finished");
    assert!(!schema.problems("aid run AGENT PROMPT --json", &task).is_empty(), "an unknown status");
    task["status"] = json!("done");
    task["exit_code"] = json!("0");
    assert!(!schema.problems("aid run AGENT PROMPT --json", &task).is_empty(), "a wrong type");
    task.as_object_mut().expect("an object").remove("exit_code");
    assert!(!schema.problems("aid run AGENT PROMPT --json", &task).is_empty(), "a missing field");
}

/// The fields of the task object that scripts rely on. Fields may be added, none may go.
#[test]
fn a_task_has_its_fields() {
    let world = world(fails("exceeded retry limit, last status: 429 Too Many Requests"));
    let id = finished(&world, "hi");
    let task = crate::scripts::task(&world, &id);
    for field in [
        "id",
        "agent",
        "model",
        "status",
        "verify_status",
        "failure",
        "exit_code",
        "prompt",
        "dir",
        "repo",
        "branch",
        "worktree",
        "group",
        "parent",
        "session",
        "created_at",
        "started_at",
        "ended_at",
        "duration_ms",
        "usage",
        "cost_usd",
        "milestone",
        "read_only",
        "background",
        "sandbox",
    ] {
        assert!(task.get(field).is_some(), "no {field}: {task}");
    }
    for field in ["class", "message", "pool", "retry_at"] {
        assert!(task["failure"].get(field).is_some(), "no failure.{field}: {task}");
    }
    assert_eq!(task["failure"]["class"], "rate_limited");
    assert_eq!(task["cost_usd"], Value::Null, "unknown is null, not nothing");
    let created = task["created_at"].as_str().expect("text");
    assert!(created.ends_with('Z') && created.contains('T'), "{created}");
}

#[test]
fn a_background_run_prints_the_task_as_it_is() {
    let world = waiting_world();
    let task = world.aid(["run", "codex", "hi", "--bg", "--json"]).run().expect_code(0).json();
    assert!(task["status"] == "queued" || task["status"] == "running", "{task}");
    assert_eq!((task["background"].clone(), task["ended_at"].clone()), (json!(true), json!(null)));
    documented().check("aid run AGENT PROMPT --json", &task);
    let other = background(&world, "hi");
    documented().check("aid board --json", &world.aid(["board", "--json"]).run().expect_code(0).json());
    release(&world);
    let _ = world.aid(["wait", &other, task["id"].as_str().expect("text")]).run().expect_code(0);
}

#[test]
fn errors_stay_on_stderr() {
    let world = world(ok("x"));
    for words in
        [&["run", "nobody", "hi", "--json"][..], &["show", "nothing", "--json"], &["agent", "show", "x", "--json"]]
    {
        let result = world.aid(words).run();
        assert!(
            result.code != 0 && result.stdout.is_empty() && result.stderr_text().starts_with("error: "),
            "{}",
            result.describe()
        );
    }
}
