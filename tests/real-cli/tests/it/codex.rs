//! A world with the real codex CLI, set up so that it speaks to a scripted model and to nothing else.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use aid_test_support::{AidCommand, Inside, Namespace, RunResult, TestWorld, binary, inside, processes_with};
use serde_json::{Value, json};

use crate::model::Model;

/// Where another codex than the installed one is.
const CODEX_VARIABLE: &str = "AID_REAL_CODEX";

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

/// codex, a model, and a repository to work in.
pub(crate) struct Codex {
    pub(crate) world: TestWorld,
    pub(crate) model: Model,
}

impl Codex {
    /// The model plays these steps.
    pub(crate) fn with(steps: &Value) -> Self {
        let world = TestWorld::new();
        world.init_repository();
        symlink(real_codex(), world.bin().join("codex")).expect("a new link");
        // codex is started by node, and starts commands of the model by bash.
        for program in ["node", "bash"] {
            symlink(on_path(program), world.bin().join(program)).expect("a new link");
        }
        world.write("aid/config.toml", "[agents.codex]\nenv = [\"FAKE_API_KEY\"]\n");
        let model = Model::start(&world, &json!({"steps": steps}));
        let codex = Self { world, model };
        codex.point_to_model();
        codex
    }

    /// Another model from now on.
    pub(crate) fn switch_model(&mut self, steps: &Value) {
        self.model = Model::start(&self.world, &json!({"steps": steps}));
        self.point_to_model();
    }

    fn point_to_model(&self) {
        // Without retries a failure takes a second and not ten.
        let config = format!(
            "model_provider = \"fake\"\n[model_providers.fake]\nname = \"fake\"\n\
             base_url = \"http://127.0.0.1:{}/v1\"\nenv_key = \"FAKE_API_KEY\"\nwire_api = \"responses\"\n\
             request_max_retries = 0\nstream_max_retries = 0\n",
            self.model.port
        );
        self.world.write("home/.codex/config.toml", config);
    }

    pub(crate) fn aid<S: AsRef<std::ffi::OsStr>>(&self, args: impl IntoIterator<Item = S>) -> AidCommand {
        self.world.aid(args).env("FAKE_API_KEY", "dummy-key-not-real")
    }

    /// A run in the foreground.
    pub(crate) fn run(&self, id: &str, options: &[&str]) -> RunResult {
        self.aid(["run", "codex", "--id", id]).args(options).arg("do the task").run()
    }

    /// A run in the background.
    pub(crate) fn start(&self, id: &str) {
        let result = self.aid(["run", "codex", "--bg", "--id", id, "do the task"]).run().expect_code(0);
        assert_eq!(result.word(), id);
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

/// The codex under test: what the variable says, else what `cargo xtask test` has installed.
fn real_codex() -> PathBuf {
    let chosen = std::env::var_os(CODEX_VARIABLE).map(PathBuf::from);
    let installed = || {
        let target = binary("aid").ancestors().nth(2).map(Path::to_owned).expect("target/<profile>/aid");
        target.join("npm/node_modules/.bin/codex")
    };
    let codex = chosen.unwrap_or_else(installed);
    let hint = format!("run `cargo xtask test`, which installs it, or name one in {CODEX_VARIABLE}");
    codex.canonicalize().unwrap_or_else(|why| panic!("no codex at {}: {why}; {hint}", codex.display()))
}

fn on_path(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join(program)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{program} is not on PATH; install it"))
}

/// A command that the model runs.
pub(crate) fn shell(command: &str) -> Value {
    json!({"name": "exec_command", "args": {"cmd": command, "yield_time_ms": 60_000}})
}

/// A change to files that the model makes.
pub(crate) fn patch(text: &str) -> Value {
    json!({"name": "apply_patch", "custom": text})
}
