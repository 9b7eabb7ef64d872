//! Settings: where they are, what is in force, and what happens when they are wrong.

use aid_test_support::TestWorld;
use serde_json::json;

use crate::scripts::{ok, world};

#[test]
fn the_path_is_printed_alone() {
    let world = TestWorld::new();
    let path = world.aid(["config", "path"]).run().expect_code(0).word();
    assert_eq!(path, world.aid_home().join("config.toml").to_string_lossy());
}

#[test]
fn what_is_in_force_can_be_copied_back() {
    let world = TestWorld::new();
    world.write("aid/config.toml", "[background]\nidle_timeout_mins = 3\n[agents.codex]\nmodel = \"a \\\"b\\\"\"\n");
    let shown = world.aid(["config", "show"]).run().expect_code(0);
    let first = world.aid(["config", "show", "--json"]).run().expect_code(0).json();
    assert_eq!(first["background"]["idle_timeout_mins"], 3);
    assert_eq!(first["background"]["max_task_duration_mins"], 60);
    world.write("aid/config.toml", shown.stdout);
    assert_eq!(world.aid(["config", "show", "--json"]).run().expect_code(0).json(), first);
}

#[test]
fn a_mistake_has_its_place_and_stops_a_dispatch() {
    let world = world(ok("never"));
    for (text, place) in [
        ("[background]\nidle_timeout_mins = \"x\"\n", "line 2, column 21"),
        ("[background]\nidle_timeout = 5\n", "line 2, column 1"),
        ("[env\n", "line 1, column"),
        ("[env]\nmode = \"some\"\n", "line 2, column 8"),
    ] {
        let path = world.write("aid/config.toml", text);
        for words in [&["run", "codex", "hi"][..], &["run", "codex", "hi", "--dry-run"], &["config", "show"]] {
            let result = world.aid(words).run().expect_code(2).expect_stderr(place);
            let _ = result.expect_stderr(path.to_str().expect("text"));
        }
    }
    assert_eq!(world.aid(["board", "--json"]).run().expect_code(0).json()["tasks"], json!([]), "looking goes on");
}

#[test]
fn settings_reach_the_task() {
    let world = world(json!([{"dump_env_to": "env.json"}, {"codex_ok": {"answer": "x"}}]));
    world.write("aid/config.toml", "[agents.codex]\nenv = [\"MY_API_KEY\"]\n");
    let run = world.aid(["run", "codex", "hi"]).env("MY_API_KEY", "mine").env("OTHER_API_KEY", "theirs");
    let _ = run.run().expect_code(0);
    let variables: serde_json::Value = serde_json::from_slice(&world.read("work/env.json")).expect("JSON");
    assert_eq!(variables["MY_API_KEY"], "mine");
    assert_eq!(variables["OTHER_API_KEY"], json!(null));
}
