//! A model server that plays a script. Ends with the test.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use aid_test_support::{TestWorld, binary};
use serde_json::Value;

pub(crate) struct Model {
    child: Child,
    pub(crate) port: u64,
    log: PathBuf,
}

impl Model {
    /// Starts it; it is ready when this returns.
    pub(crate) fn start(world: &TestWorld, script: &Value) -> Self {
        let steps = world.write("model/script.json", script.to_string());
        let log = world.root().join("model/log");
        let _ = std::fs::remove_file(&log);
        let mut command = Command::new(binary("fake-model"));
        command.arg("--script").arg(steps).arg("--log").arg(&log).env_clear();
        // It ends when its standard input does, however this test ends.
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the model server starts");
        let mut first = String::new();
        BufReader::new(child.stdout.as_mut().expect("a pipe")).read_line(&mut first).expect("its port");
        let ready: Value = serde_json::from_str(&first).unwrap_or_else(|why| panic!("{first:?}: {why}"));
        Self { child, port: ready["port"].as_u64().expect("a port"), log }
    }

    /// Requests so far for a turn of the task's own model, oldest first.
    pub(crate) fn turns(&self) -> Vec<Value> {
        let mut turns = self.requests();
        turns.retain(|request| request["step"].is_u64() && request["conversation"].is_null());
        turns
    }

    /// Requests so far, oldest first.
    pub(crate) fn requests(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
