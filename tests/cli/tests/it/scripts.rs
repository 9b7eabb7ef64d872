//! Scripts for the fake agent, and worlds that have it as `codex`.

use aid_test_support::{Process, TestWorld};
use serde_json::{Value, json};

/// A world whose `codex` plays these steps.
pub(crate) fn world(steps: Value) -> TestWorld {
    let world = TestWorld::new();
    world.install_agent("codex", &steps);
    world
}

/// One good run.
pub(crate) fn ok(answer: &str) -> Value {
    json!([{"codex_ok": {"answer": answer}}])
}

/// A run that the provider ends.
pub(crate) fn fails(message: &str) -> Value {
    json!([{"codex_fail": message}, {"exit": 1}])
}

/// A run that goes on until the file appears, then ends well.
pub(crate) fn until(world: &TestWorld, file: &str) -> Value {
    let file = world.root().join(file).to_string_lossy().into_owned();
    json!([
        {"codex_start": {}},
        {"codex_message": "[MILESTONE] half way\n\nnow I wait"},
        {"wait_file": file},
        {"codex_message": "all done"},
        {"codex_done": {}}
    ])
}

/// A world whose `codex` goes on until [`release`].
pub(crate) fn waiting_world() -> TestWorld {
    let world = TestWorld::new();
    world.install_agent("codex", &until(&world, "go"));
    world
}

/// Lets the agents of [`waiting_world`] end.
pub(crate) fn release(world: &TestWorld) {
    world.write("go", "");
}

/// Starts a task in the background and returns its id.
pub(crate) fn background(world: &TestWorld, prompt: &str) -> String {
    world.aid(["run", "codex", prompt, "--bg"]).run().expect_code(0).word()
}

/// Runs a task to its end and returns its id.
pub(crate) fn finished(world: &TestWorld, prompt: &str) -> String {
    let id = background(world, prompt);
    let waited = world.aid(["wait", &id]).run();
    assert_ne!(waited.code, 125, "{}", waited.describe());
    id
}

/// Processes of agents that still live. A runner may take a moment more to exit; what it settled is settled.
pub(crate) fn agents_alive(world: &TestWorld) -> Vec<Process> {
    world.processes().into_iter().filter(|process| !process.command.contains("__attempt")).collect()
}

/// The task as `show --json` tells it.
pub(crate) fn task(world: &TestWorld, id: &str) -> Value {
    world.aid(["show", id, "--json"]).run().expect_code(0).json()["task"].clone()
}
