//! Who cannot take work, and why: holds, budgets, and what was used.

use aid_test_support::TestWorld;
use serde_json::{Value, json};

use crate::schema::Document;
use crate::scripts::{fails, ok, world};

const QUOTA: &str = "Quota exceeded. Check your plan and billing details.";

fn refused() -> Value {
    fails(QUOTA)
}

fn run(world: &TestWorld, more: &[&str]) -> aid_test_support::RunResult {
    world.aid(["run", "codex", "do it"]).args(more).run()
}

#[test]
fn a_refusal_holds_until_somebody_clears_it_or_a_success_does() {
    let world = world(refused());
    let _ = run(&world, &[]).expect_code(6);
    // The second is not started: the hold says who said what, and what ends it.
    let held =
        run(&world, &[]).expect_code(6).expect_stderr("quota used up").expect_stderr("aid config clear-limit codex");
    assert!(held.stderr_text().contains(QUOTA), "{}", held.describe());
    assert_eq!(world.aid(["board", "--json"]).run().json()["tasks"].as_array().map(Vec::len), Some(1));
    let _ = world.aid(["config", "agents"]).run().expect_code(0).expect_stdout("held: quota used up");
    let _ = world.aid(["doctor"]).run().expect_stdout("quota used up");

    world.install_agent("codex", &ok("fine"));
    let _ = run(&world, &["--force"]).expect_code(0);
    let _ = run(&world, &[]).expect_code(0);

    world.install_agent("codex", &refused());
    let _ = run(&world, &[]).expect_code(6);
    let _ = world.aid(["config", "clear-limit", "codex"]).run().expect_code(0).expect_stderr("forgot 1 hold");
    world.install_agent("codex", &ok("fine"));
    let _ = run(&world, &[]).expect_code(0);
    let _ = world.aid(["config", "clear-limit", "all"]).run().expect_code(0).expect_stderr("nothing was held");
    let _ = world.aid(["config", "clear-limit", "nobody"]).run().expect_code(3);
}

#[test]
fn a_refused_login_holds_until_the_login_changes() {
    let world = world(fails("unexpected status 401 Unauthorized: Incorrect API key provided"));
    let with_key = |key: &str| world.aid(["run", "codex", "do it"]).env("CODEX_API_KEY", key).run();
    let _ = with_key("one").expect_code(4);
    world.install_agent("codex", &ok("fine"));
    let held = with_key("one").expect_code(4).expect_stderr("until the login changes");
    assert!(!held.stderr_text().contains("one\""), "no key is shown");
    let _ = with_key("two").expect_code(0);
}

#[test]
fn text_about_limits_holds_nobody() {
    let text = format!("{QUOTA} You’ve hit your usage limit. exceeded retry limit, last status: 429 Too Many Requests");
    let world = world(json!([
        {"codex_start": {}},
        {"codex_command": {"command": "cat notes", "output": text, "exit": 1}},
        {"codex_message": text},
        {"codex_done": {}}
    ]));
    let _ = world.aid(["run", "codex", text.as_str()]).run().expect_code(0);
    let _ = run(&world, &[]).expect_code(0);
}

#[test]
fn a_fork_shares_the_limits_of_its_base() {
    let world = world(refused());
    let _ = world.aid(["agent", "fork", "codex", "--as", "codex-fast", "--model", "gpt-6-luna"]).run().expect_code(0);
    let _ = run(&world, &[]).expect_code(6);
    let _ = world.aid(["run", "codex-fast", "do it"]).run().expect_code(6).expect_stderr("quota used up");
}

#[test]
fn a_used_up_budget_refuses_and_a_nearly_used_up_one_warns() {
    let world = world(ok("fine"));
    world.write(
        "aid/config.toml",
        "[[usage.budget]]\nname = \"week\"\nagent = \"codex\"\nwindow = \"7d\"\ntask_limit = 5\n",
    );
    for _ in 0..4 {
        let quiet = run(&world, &[]).expect_code(0);
        assert!(!quiet.stderr_text().contains("budget"), "{}", quiet.describe());
    }
    let _ = run(&world, &[]).expect_code(0).expect_stderr("budget week: 4 of 5 tasks");
    let _ = run(&world, &[]).expect_code(10).expect_stderr("budget week: 5 of 5 tasks used up");
    let usage = world.aid(["usage", "--json"]).run().expect_code(0).json();
    Document::new(world.aid(["schema"]).run().json()).check("aid usage --json", &usage);
    assert_eq!(usage["budgets"][0]["level"], "exceeded");
    assert_eq!(usage["agents"][0]["tasks"], 5);
    assert_eq!(usage["agents"][0]["usage"]["input"], 6_000);
    assert_eq!((&usage["totals"]["cost_usd"], &usage["totals"]["cost_unknown"]), (&json!(null), &json!(5)));
    let _ = world.aid(["usage"]).run().expect_code(0).expect_stdout("6.0k").expect_stdout("used up");
}
