//! A world with a real agent CLI, set up so that it speaks to a scripted model and to nothing else. Knows no agent: how
//! each is set up is in `agents`.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aid_test_support::{AidCommand, Inside, Namespace, RunResult, TestWorld, binary, inside, processes_with};
use serde_json::{Value, json};

use crate::agents::Agent;
use crate::model::Model;

/// How long a run may take. A kilo needs ten seconds of both cores for nothing, and a machine may have other work.
pub(crate) const RUN_LIMIT: Duration = Duration::from_secs(240);

/// What the model is asked.
pub(crate) const PROMPT: &str = "do the task";

/// Whether this process is the one where only loopback is; otherwise the test has been run there.
///
/// # Panics
/// When there is no such place: a test of a real agent that could reach a network proves the wrong thing.
#[must_use]
pub(crate) fn is_sealed<F>(test: &F) -> bool {
    match inside(Namespace::Loopback, test) {
        Inside::Yes => true,
        Inside::Done => false,
        Inside::Impossible(why) => panic!(
            "these tests need a network namespace with nothing but loopback: be root, or allow user namespaces ({why})"
        ),
    }
}

/// An agent, a model, and a repository to work in.
pub(crate) struct Rig {
    pub(crate) agent: &'static Agent,
    pub(crate) world: TestWorld,
    pub(crate) model: Model,
}

impl Rig {
    /// The model plays these steps.
    pub(crate) fn with(agent: &'static Agent, steps: &Value) -> Self {
        Self::with_conversations(agent, steps, Vec::new())
    }

    /// The model plays these steps, and has other conversations too.
    pub(crate) fn with_conversations(agent: &'static Agent, steps: &Value, conversations: Vec<Value>) -> Self {
        let world = TestWorld::new();
        world.init_repository();
        symlink(real_cli(agent), world.bin().join(agent.id)).expect("a new link");
        for program in agent.needs {
            symlink(on_path(program), world.bin().join(program)).expect("a new link");
        }
        let names: Vec<_> = (agent.env)(&world, 0).into_iter().map(|(name, _)| name).collect();
        world.write("aid/config.toml", format!("[agents.{}]\nenv = {names:?}\n", agent.id));
        let model = Model::start(&world, &script(steps, conversations));
        let rig = Self { agent, world, model };
        rig.point_to_model();
        rig
    }

    /// Another model from now on.
    pub(crate) fn switch_model(&mut self, steps: &Value) {
        self.model = Model::start(&self.world, &script(steps, Vec::new()));
        self.point_to_model();
    }

    fn point_to_model(&self) {
        for (path, content) in (self.agent.files)(self.model.port) {
            self.world.write(path, content);
        }
    }

    pub(crate) fn aid<S: AsRef<std::ffi::OsStr>>(&self, args: impl IntoIterator<Item = S>) -> AidCommand {
        let variables = (self.agent.env)(&self.world, self.model.port);
        variables.into_iter().fold(self.world.aid(args), |command, (name, value)| command.env(name, value))
    }

    /// A run that has not started, without its prompt.
    pub(crate) fn prepared(&self, id: &str) -> AidCommand {
        self.aid(["run", self.agent.id, "--id", id]).args(self.agent.options)
    }

    /// A run in the foreground.
    pub(crate) fn run(&self, id: &str, options: &[&str]) -> RunResult {
        self.prepared(id).args(options).arg(PROMPT).spawn().wait_within(RUN_LIMIT)
    }

    /// A run in the background.
    pub(crate) fn start(&self, id: &str) {
        let result = self.prepared(id).args(["--bg", PROMPT]).run().expect_code(0);
        assert_eq!(result.word(), id);
    }

    /// `aid wait`.
    pub(crate) fn wait(&self, id: &str) -> RunResult {
        self.aid(["wait", id]).spawn().wait_within(RUN_LIMIT)
    }

    /// `aid show --json`.
    pub(crate) fn shown(&self, id: &str) -> Value {
        let shown = self.aid(["show", id, "--json"]).run().expect_code(0).json();
        let ends =
            shown["events"].as_array().expect("events").iter().filter(|event| event["type"] == "settled").count();
        assert_eq!(ends, 1, "{shown:#}");
        shown
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.world.work().join(name)
    }

    /// Fails when anything of the task lives.
    pub(crate) fn expect_nothing_left(&self, id: &str) {
        let home = processes_with("AID_HOME", &self.world.aid_home().to_string_lossy());
        let mut left = processes_with("AID_TASK_ID", id);
        left.retain(|process| home.iter().any(|ours| ours.pid == process.pid));
        assert!(left.is_empty(), "{id} is final and has living processes: {left:?}");
    }
}

/// The record without ids, times and processes. Calls of tools keep ids: how many there were before.
pub(crate) fn comparable(shown: Value) -> Value {
    let mut task = shown["task"].clone();
    let own = ["id", "session", "created_at", "started_at", "ended_at", "duration_ms", "background"];
    own.iter().for_each(|field| task[*field] = Value::Null);
    let hosts = ["claimed", "launching", "started", "adopted", "session", "exited", "settled"];
    let mut events = shown["events"].as_array().expect("events").clone();
    events.retain(|event| !hosts.contains(&event["type"].as_str().expect("a kind")));
    for event in &mut events {
        event["at"] = Value::Null;
        event["seq"] = Value::Null;
    }
    let mut calls: Vec<Value> = Vec::new();
    for call in events.iter_mut().filter_map(|event| event.pointer_mut("/tool/id")) {
        let known = calls.iter().position(|known| known == call).unwrap_or(calls.len());
        if known == calls.len() {
            calls.push(call.clone());
        }
        *call = Value::from(known);
    }
    json!({"task": task, "events": events, "output": shown["output"]})
}

/// Requests of an agent for a title or the like come first: they quote the prompt.
fn script(steps: &Value, conversations: Vec<Value>) -> Value {
    let helper = json!({"match": {"model": "helper"}, "steps": [{"text": "A title"}], "repeat_last": true});
    let all: Vec<Value> = std::iter::once(helper).chain(conversations).collect();
    json!({"steps": steps, "conversations": all})
}

/// The program under test: what the variable says, else what `cargo xtask test` has installed.
fn real_cli(agent: &Agent) -> PathBuf {
    let variable = format!("AID_REAL_{}", agent.id.to_uppercase());
    let installed = || {
        let target = binary("aid").ancestors().nth(2).map(Path::to_owned).expect("target/<profile>/aid");
        target.join("npm/node_modules").join(agent.program)
    };
    let program = std::env::var_os(&variable).map_or_else(installed, PathBuf::from);
    let hint = format!("run `cargo xtask test`, which installs it, or name one in {variable}");
    program.canonicalize().unwrap_or_else(|why| panic!("no {} at {}: {why}; {hint}", agent.id, program.display()))
}

fn on_path(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join(program)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{program} is not on PATH; install it"))
}
