//! `aid agent` and `aid doctor`: what is here and what is not.

use aid_test_support::TestWorld;
use serde_json::json;

use crate::scripts::{ok, world};

#[test]
fn an_agent_is_ready_when_its_program_is_there() {
    let world = world(ok("x"));
    let _ = world.aid(["agent", "list"]).run().expect_code(0).expect_stdout("ready").expect_stdout("codex");
    let shown = world.aid(["agent", "show", "codex", "--json"]).run().expect_code(0).json();
    assert_eq!(shown["version"], "0.169.0");
    assert_eq!(shown["path"], json!(world.bin().join("codex")));
    assert_eq!(shown["problem"], json!(null));
    world.remove_agent("codex");
    let _ = world.aid(["agent", "list"]).run().expect_code(0).expect_stdout("not installed");
    let gone = world.aid(["agent", "show", "codex", "--json"]).run().expect_code(0).json();
    assert_eq!((gone["path"].clone(), gone["version"].clone()), (json!(null), json!(null)));
    let _ = world.aid(["agent", "show", "codx"]).run().expect_code(3).expect_stderr("did you mean codex?");
}

#[test]
fn settings_of_an_agent_are_shown_with_it() {
    let world = world(ok("x"));
    world.write("aid/config.toml", "[agents.codex]\nmodel = \"gpt-6-luna\"\nenv = [\"MY_PROXY\"]\n");
    let agents = world.aid(["config", "agents", "--json"]).run().expect_code(0).json();
    let codex = agents["agents"].as_array().expect("a list").iter().find(|agent| agent["name"] == "codex").cloned();
    let codex = codex.expect("codex");
    assert_eq!(codex["configured_model"], "gpt-6-luna");
    assert!(codex["env"].as_array().expect("a list").contains(&json!("MY_PROXY")));
    let _ = world.aid(["config", "agents"]).run().expect_code(0).expect_stdout("gpt-6-luna");
}

#[test]
fn the_doctor_says_what_works() {
    let world = world(ok("x"));
    let healthy = world.aid(["doctor", "--json"]).run().expect_code(0).json();
    assert_eq!(healthy["good"], json!(true));
    let facts = healthy["facts"].as_array().expect("a list");
    assert!(facts.iter().any(|fact| fact["name"] == "codex" && fact["state"] == "good"), "{facts:?}");
    let _ = world.aid(["doctor"]).run().expect_code(0).expect_stdout("0.169.0");
    world.write("aid/config.toml", "[nonsense");
    let _ = world.aid(["doctor"]).run().expect_code(1).expect_stdout("bad").expect_stdout("config.toml");
}

#[test]
fn the_doctor_makes_nothing_where_nothing_is() {
    let world = TestWorld::new();
    let _ = world.aid(["doctor"]).run().expect_code(0).expect_stdout("codex").expect_stdout("hint: ");
    assert!(!world.aid_home().join("aid.db").exists());
}
