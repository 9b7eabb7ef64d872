//! The world of a fault test: an agent called `codex`, a state directory whose adapter is compiled already, a choice of
//! platform backend, and the few questions that every test asks. It expects nothing of its own.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, symlink};
use std::path::{Path, PathBuf};

use aid_test_support::{AidCommand, Process, RunResult, TestWorld, binary, processes_with};
use serde_json::Value;

use crate::processes::{Held, parent};
use crate::record::Record;

/// Chooses the backend of the process.
const BACKEND_VARIABLE: &str = "AID_PLATFORM";

/// The two platform backends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Linux,
    Portable,
}

/// One test function for both backends: a module of its name with a test for each.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            use crate::bed::Backend;

            #[test]
            fn linux() {
                super::$name(Backend::Linux);
            }

            #[test]
            fn portable() {
                super::$name(Backend::Portable);
            }
        }
    )+};
}
pub(crate) use on_both;

/// The same for functions that mostly wait: one test for each, with both backends at the same time.
macro_rules! on_both_at_once {
    ($($name:ident),+ $(,)?) => {
        mod both {
            $(
                #[test]
                fn $name() {
                    crate::bed::at_once(super::$name);
                }
            )+
        }
    };
}
pub(crate) use on_both_at_once;

/// Runs it for both backends; a failure says which by the name of the thread.
pub(crate) fn at_once(test: fn(Backend)) {
    std::thread::scope(|scope| {
        for (name, backend) in [("linux", Backend::Linux), ("portable", Backend::Portable)] {
            let thread = std::thread::Builder::new().name(name.to_owned());
            thread.spawn_scoped(scope, move || test(backend)).expect("a thread");
        }
    });
}

/// A world with an agent.
pub(crate) struct Bed {
    pub(crate) world: TestWorld,
    backend: Backend,
}

impl Bed {
    pub(crate) fn new(backend: Backend, script: &Value) -> Self {
        let bed = Self::empty(backend);
        bed.world.install_agent("codex", script);
        seed(&bed.world);
        bed
    }

    /// No agent, and no state directory.
    pub(crate) fn empty(backend: Backend) -> Self {
        let world = TestWorld::new();
        // The portable backend asks it for everything.
        symlink("/usr/bin/ps", world.bin().join("ps")).expect("a new link");
        Self { world, backend }
    }

    pub(crate) fn aid<S: AsRef<std::ffi::OsStr>>(&self, args: impl IntoIterator<Item = S>) -> AidCommand {
        let command = self.world.aid(args);
        match self.backend {
            Backend::Linux => command,
            Backend::Portable => command.env(BACKEND_VARIABLE, "portable"),
        }
    }

    /// The environment of a run, for programs that start `aid` themselves.
    pub(crate) fn variables(&self) -> Vec<(std::ffi::OsString, std::ffi::OsString)> {
        let mut variables = self.world.variables();
        if self.backend == Backend::Portable {
            variables.push((BACKEND_VARIABLE.into(), "portable".into()));
        }
        variables
    }

    /// Dispatches in the background.
    pub(crate) fn start(&self, id: &str, options: &[&str]) {
        let result = self.dispatch(id, options).run().expect_code(0);
        assert_eq!(result.word(), id);
    }

    /// The command that dispatches in the background.
    pub(crate) fn dispatch(&self, id: &str, options: &[&str]) -> AidCommand {
        self.aid(["run", "codex", "--bg", "--id", id]).args(options).arg("do it")
    }

    /// Runs to the end in the foreground.
    pub(crate) fn run(&self, id: &str, options: &[&str]) -> RunResult {
        self.aid(["run", "codex", "--id", id]).args(options).arg("do it").run()
    }

    pub(crate) fn wait(&self, id: &str) -> RunResult {
        self.aid(["wait", id]).run()
    }

    /// What is known of the task; the events are proven to be a whole log.
    pub(crate) fn record(&self, id: &str) -> Record {
        Record::of(&self.aid(["show", id, "--json"]).run().expect_code(0).json())
    }

    /// What the agent wrote on stdout.
    pub(crate) fn log(&self, id: &str) -> Vec<u8> {
        fs::read(self.world.aid_home().join("logs").join(format!("{id}.jsonl"))).unwrap_or_default()
    }

    /// A path in the directory that the agent works in.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.world.work().join(name)
    }

    pub(crate) fn touch(&self, name: &str) {
        fs::write(self.at(name), "").expect("a file");
    }

    pub(crate) fn await_file(&self, name: &str) {
        aid_test_support::for_file(&self.at(name));
    }

    /// A pid that a process wrote down.
    pub(crate) fn pid(&self, name: &str) -> i32 {
        let text = fs::read_to_string(self.at(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
        text.trim().parse().unwrap_or_else(|why| panic!("{name}: {text:?}: {why}"))
    }

    /// The runner of a task that is going on.
    pub(crate) fn runner(&self, id: &str) -> i32 {
        match self.runners(id).as_slice() {
            [one] => one.pid,
            other => panic!("not one runner of {id}: {other:?}"),
        }
    }

    /// Every process that is a runner of the task.
    pub(crate) fn runners(&self, id: &str) -> Vec<Process> {
        let mut found = self.ours(processes_with("AID_RUNNER", id));
        // What a runner starts looks like it until it becomes another program.
        found.retain(|process| process.command.contains("__attempt"));
        let runners: Vec<i32> = found.iter().map(|process| process.pid).collect();
        found.retain(|process| parent(process.pid).is_some_and(|parent| !runners.contains(&parent)));
        found
    }

    /// A runner that has settled its task has nothing to do but exit.
    pub(crate) fn await_runners(&self, id: &str) {
        self.runners(id).iter().filter_map(|runner| Held::open(runner.pid)).for_each(|runner| runner.await_end());
    }

    /// Every process that carries the task's marker.
    pub(crate) fn marked(&self, id: &str) -> Vec<Process> {
        let job = fs::read(self.world.aid_home().join("jobs").join(format!("{id}.json"))).unwrap_or_default();
        // Without a job there is no marker; the id is in the environment all the same.
        let marker =
            serde_json::from_slice::<Value>(&job).ok().and_then(|job| Some(job["marker"].as_str()?.to_owned()));
        let mut found = marker.map(|marker| processes_with("AID_MARKER", &marker)).unwrap_or_default();
        found.extend(self.ours(processes_with("AID_TASK_ID", id)));
        found
    }

    /// Ids are only unique within a world.
    fn ours(&self, mut found: Vec<Process>) -> Vec<Process> {
        let home = processes_with("AID_HOME", &self.world.aid_home().to_string_lossy());
        found.retain(|process| home.iter().any(|ours| ours.pid == process.pid));
        found
    }

    /// No process of a final task may be there.
    pub(crate) fn expect_no_process(&self, id: &str) {
        let left = self.marked(id);
        assert!(left.is_empty(), "{id} is final and has living processes: {left:?}");
    }

    /// Nothing of a final task may be there when its runner, whom nobody killed, is gone.
    pub(crate) fn expect_nothing_left(&self, id: &str) {
        self.expect_no_process(id);
        self.await_runners(id);
        let dir = self.world.aid_home().join("run").join(format!("{id}.d"));
        assert!(!dir.exists(), "{} is still there", dir.display());
    }
}

/// Compiling the adapter is another test's subject: the compiled one is made once per build and copied.
fn seed(world: &TestWorld) {
    let meta = fs::metadata(binary("aid")).expect("a binary");
    let base = world.root().parent().expect("worlds have a common directory");
    let seed = base.join(format!("fault-cache-{}-{}.{:09}", meta.len(), meta.mtime(), meta.mtime_nsec()));
    if !seed.exists() {
        let maker = TestWorld::new();
        let _ = maker.aid(["agent", "list"]).run().expect_code(0);
        let draft = tempfile::Builder::new().prefix("cache").tempdir_in(base).expect("a temporary directory");
        copy_files(&maker.aid_home().join("cache"), draft.path());
        // Another test may have been faster, with the same content.
        let _ = fs::rename(draft.path(), &seed);
    }
    let home = world.aid_home();
    fs::DirBuilder::new().mode(0o700).create(&home).expect("a new directory");
    fs::DirBuilder::new().mode(0o700).create(home.join("cache")).expect("a new directory");
    copy_files(&seed, &home.join("cache"));
}

fn copy_files(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap_or_else(|why| panic!("{}: {why}", from.display())).flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}
