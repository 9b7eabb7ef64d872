//! From a stored spec to a running agent: adapter, plan, policy, environment, files. The one builder of what is run.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Instant;

use aid_core::agent::{Arg, Input, Manifest, PlanError, Request};
use aid_core::event::{Event, ProcessIdentity};
use aid_core::failure::{Failure, FailureClass};
use aid_core::id::TaskId;
use aid_core::spec::{AdapterRef, TaskSpec};
use aid_core::usage::{Meter, PriceBook};
use aid_core::view::TaskRecord;

use super::RunnerError;
use super::attempt::{Attempt, Fate, Followed, Timing};
use super::observe::Observer;
use super::settle::{self, Early};
use crate::adapter::{Adapter, policy};
use crate::clock::now_ms;
use crate::db::Db;
use crate::executor::local::Local;
use crate::executor::{Executor, Launch, MARKER_VARIABLE, Mark, RUNNER_VARIABLE, StartError};
use crate::home::{Home, TaskLog, private_dir, write_private};
use crate::ledger::Ledger;
use crate::lock;
use crate::platform::{self, Signal};
use crate::registry;

/// How a task's output is read: its adapter, and the request that it was planned for.
pub(crate) struct Reader {
    pub(crate) adapter: Adapter,
    pub(crate) manifest: Manifest,
    pub(crate) request: Request,
}

/// Why nothing can be run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrepareError {
    #[error("{0}")]
    Adapter(String),
    #[error("{0}")]
    Plan(PlanError),
    #[error("the adapter's plan breaks the rules: {0}")]
    Policy(String),
}

/// Which adapter may serve a task.
pub(crate) type Choose = fn(&Home, &AdapterRef) -> Result<Adapter, String>;

/// Finds the adapter. Touches nothing but the adapter cache.
pub(crate) fn reader(home: &Home, spec: &TaskSpec, choose: Choose) -> Result<Reader, PrepareError> {
    let adapter = choose(home, &spec.adapter).map_err(PrepareError::Adapter)?;
    let manifest = match &spec.manifest {
        Some(overlay) => Manifest::clone(overlay),
        None => adapter.describe().map_err(|e| PrepareError::Adapter(e.to_string()))?,
    };
    Ok(Reader { adapter, manifest, request: request(spec) })
}

/// Asks the adapter for a plan and checks it against the host's rules.
pub(crate) fn plan(reader: &Reader, spec: &TaskSpec) -> Result<policy::CheckedPlan, PrepareError> {
    let plan = reader.adapter.plan(&reader.request);
    let plan = plan.map_err(|e| PrepareError::Adapter(e.to_string()))?.map_err(PrepareError::Plan)?;
    let variables = |name: &str| std::env::var(name).ok();
    let context = policy::PolicyContext { program: &spec.program.path, variables: &variables };
    policy::check(plan, &reader.manifest, &context).map_err(|violations| {
        PrepareError::Policy(violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    })
}

fn request(spec: &TaskSpec) -> Request {
    Request {
        autonomy: spec.autonomy,
        model: spec.model.clone(),
        budget: spec.budget,
        resume: spec.resume.as_ref().map(|r| r.session.clone()),
        workdir: spec.place.dir.clone(),
        output_file: spec.output.clone(),
        context_files: Vec::new(),
        program: spec.program.path.clone(),
        program_version: spec.program.version.clone(),
        options: spec.options.clone(),
        extra_args: spec.extra_args.clone(),
        ext: Vec::new(),
    }
}

/// The arguments as they are recorded and shown: everything but the prompt.
pub(crate) fn shown_args(
    spec: &TaskSpec,
    plan: &policy::CheckedPlan,
    file: impl Fn(&str) -> String + Copy,
) -> Vec<String> {
    plan.args()
        .iter()
        .map(|arg| match arg {
            Arg::Text(text) => policy::expand_files(text, file),
            Arg::Prompt => "{prompt}".to_owned(),
            Arg::Workdir => spec.place.dir.clone(),
            Arg::OutputFile => spec.output.clone().unwrap_or_default(),
        })
        .collect()
}

/// The agent's environment: what the rules let through of ours, what the plan sets, and who it is.
pub(crate) fn environment(
    spec: &TaskSpec,
    plan: &policy::CheckedPlan,
    file: impl Fn(&str) -> String + Copy,
) -> BTreeMap<OsString, OsString> {
    let mut env: BTreeMap<OsString, OsString> =
        std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(|name| passes(spec, name))).collect();
    // Where it really is, not where the caller was.
    env.insert("PWD".into(), spec.place.dir.clone().into());
    for pair in plan.env() {
        env.insert(pair.key.clone().into(), policy::expand_files(&pair.value, file).into());
    }
    env.insert("AID_TASK_ID".into(), spec.id.as_str().into());
    env.insert("AID_AGENT".into(), spec.agent.clone().into());
    env.insert(MARKER_VARIABLE.into(), spec.marker.clone().into());
    if let Some(group) = &spec.group {
        env.insert("AID_GROUP".into(), group.clone().into());
    }
    env
}

/// Whether a variable of ours goes to the agent. Names that the host sets itself do not, except the home and the platform
/// choice, so that an `aid` below the agent finds the same ledger. Nor do those by which a git hook tells git where its
/// repository is: the agent may work in another.
fn passes(spec: &TaskSpec, name: &str) -> bool {
    const OF_THE_CALLERS_PLACE: [&str; 10] = [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "OLDPWD",
    ];
    let is_ours = name.starts_with("AID_");
    let is_for_nested = name == "AID_HOME" || name == platform::BACKEND_VARIABLE;
    is_for_nested || (!is_ours && !OF_THE_CALLERS_PLACE.contains(&name) && spec.env.passes(name))
}

/// The whole attempt.
pub(super) fn run(home: &Home, db: &mut Ledger, record: TaskRecord, adopt: bool) -> Result<(), RunnerError> {
    let mark = Mark {
        marker: record.spec.marker.clone(),
        control: home.lock(&record.spec.id),
        out: home.log(&record.spec.id, TaskLog::Out),
        err: home.log(&record.spec.id, TaskLog::Err),
    };
    if adopt { take_over(home, db, record, &mark) } else { begin(home, db, record.spec, &mark) }
}

/// Follows an agent whose runner died, or reads what it left.
fn take_over(home: &Home, db: &mut Ledger, record: TaskRecord, mark: &Mark) -> Result<(), RunnerError> {
    let TaskRecord { spec, task } = record;
    let execution = executor(home, &spec).attach(task.agent.as_ref(), mark).map_err(RunnerError::Follow)?;
    let found = execution.agent().cloned();
    let is_alive =
        found.as_ref().and_then(|a| platform::current().hold(a).ok().flatten()).is_some_and(|h| h.is_alive());
    let fate = match (is_alive, found.is_some() || has_output(mark)) {
        (true, _) => Fate::Followed,
        (false, true) => Fate::Gone,
        (false, false) => Fate::NeverStarted,
    };
    let age_ms = found.as_ref().and_then(|a| platform::current().age_ms(a));
    let agent = found.filter(|_| is_alive);
    db.append(&spec.id, now_ms(), vec![Event::Adopted { runner: own_identity(), agent }], None)?;
    let timing = Timing::adopted(&spec, task.started_at_ms, now_ms(), age_ms);
    let observer = match reader(home, &spec, registry::successor) {
        Ok(reader) => observer(&spec, &reader),
        Err(e) => Observer::blind(e.to_string()),
    };
    let polite = polite_signal(home, &spec);
    let mut attempt = Attempt::new(home, db, Followed { spec, execution, observer, timing, polite, fate })?;
    attempt.catch_up()?;
    attempt.run_to_end()
}

/// Starts the agent and follows it.
fn begin(home: &Home, db: &mut Ledger, spec: TaskSpec, mark: &Mark) -> Result<(), RunnerError> {
    let claimed = db.append(&spec.id, now_ms(), vec![Event::Claimed { runner: own_identity() }], None)?;
    if let Some(cause) = claimed.task.end_cause {
        return settle::early(home, db, &spec, Early::Ended(cause));
    }
    let ready = reader(home, &spec, registry::exactly).and_then(|r| Ok((plan(&r, &spec)?, r)));
    let (plan, reader) = match ready {
        Ok(ready) => ready,
        Err(e) => return settle::early(home, db, &spec, Early::Failed(failure(&e), None)),
    };
    let launch = match launch(home, &spec, &plan, mark) {
        Ok(launch) => launch,
        Err(e) => return settle::early(home, db, &spec, Early::Failed(e, None)),
    };
    db.append(&spec.id, now_ms(), vec![launching(&spec, &plan, &launch)], None)?;
    let observer = observer(&spec, &reader);
    let execution = match executor(home, &spec).start(&launch, mark) {
        Ok(execution) => execution,
        Err(e) => return settle::early(home, db, &spec, start_failure(&e)),
    };
    let started = execution.agent().cloned().map(|agent| Event::Started { agent });
    let timing = Timing::started(&spec, Instant::now());
    let polite = signal_of(&reader.manifest);
    let mut attempt =
        Attempt::new(home, db, Followed { spec, execution, observer, timing, polite, fate: Fate::Followed })?;
    attempt.note(started.unwrap_or(Event::Notice { text: "the agent's process cannot be identified".to_owned() }));
    // At once: a successor then knows the agent and need not look for it. A failure is tried again soon.
    let _ = attempt.write_now();
    attempt.run_to_end()
}

fn polite_signal(home: &Home, spec: &TaskSpec) -> Signal {
    reader(home, spec, registry::successor).map_or(Signal::TERM, |r| signal_of(&r.manifest))
}

fn signal_of(manifest: &Manifest) -> Signal {
    match manifest.stop_signal.as_str() {
        "SIGINT" => Signal::INT,
        "SIGHUP" => Signal::HUP,
        _ => Signal::TERM,
    }
}

fn has_output(mark: &Mark) -> bool {
    [&mark.out, &mark.err].iter().any(|path| std::fs::metadata(path).is_ok_and(|m| m.len() > 0))
}

fn own_identity() -> ProcessIdentity {
    let pid = i32::try_from(std::process::id()).unwrap_or_default();
    // A process that runs can always be identified where processes can be; elsewhere the lock alone decides.
    platform::current().identify(pid).unwrap_or(ProcessIdentity { pid, start: 0, boot: String::new() })
}

fn executor(home: &Home, spec: &TaskSpec) -> Local {
    let (home, own) = (home.clone(), spec.id.clone());
    Local::new(move |process| belongs_to_another(&home, &own, process).unwrap_or(false))
}

/// Whether a process is the runner of another task, or carries the mark of another unfinished one: an `aid` below our
/// agent started it, and it outlives our task. What it says of itself counts only as far as the ledger confirms it.
fn belongs_to_another(home: &Home, own: &TaskId, process: &ProcessIdentity) -> Option<bool> {
    let platform = platform::current();
    let says = |name: &str| {
        let id = TaskId::parse(&platform.variable(process.pid, name)?).ok()?;
        (id != *own).then_some(id)
    };
    let (as_runner, as_agent) = (says(RUNNER_VARIABLE), says("AID_TASK_ID"));
    let id = as_runner.as_ref().or(as_agent.as_ref())?;
    let record = Db::open_existing(&home.db()).ok()??.task(id).ok()??;
    let is_unfinished = !record.task.status.is_terminal();
    if as_runner.is_some() {
        // One that has only just started is not in the ledger yet; then its lock speaks for it.
        return Some(match &record.task.runner {
            Some(runner) => runner == process,
            None => is_unfinished && lock::is_held(&home.lock(id)).unwrap_or(false),
        });
    }
    Some(is_unfinished && platform.variable(process.pid, MARKER_VARIABLE).as_deref() == Some(&record.spec.marker))
}

fn observer(spec: &TaskSpec, reader: &Reader) -> Observer {
    let baseline = spec.resume.as_ref().and_then(|r| r.previous_usage.clone());
    let mut prices = PriceBook::new(&reader.manifest.models, spec.model.clone());
    for (model, price) in &spec.prices {
        prices.set(model.clone(), *price);
    }
    Observer::new(reader.adapter.start(&reader.request), Meter::new(baseline), prices)
}

/// Writes the files and says what to start.
fn launch(home: &Home, spec: &TaskSpec, plan: &policy::CheckedPlan, mark: &Mark) -> Result<Launch, Failure> {
    let dir = home.task_dir(&spec.id);
    let workspace = |path: &std::path::Path, e: std::io::Error| {
        Failure::new(FailureClass::Workspace, format!("cannot write {}: {e}", path.display()))
    };
    private_dir(&dir).map_err(|e| workspace(&dir, e))?;
    for made in plan.make_dirs() {
        private_dir(made).map_err(|e| workspace(made, e))?;
    }
    let place = dir.clone();
    let file = move |name: &str| place.join(name).to_string_lossy().into_owned();
    for wanted in plan.files() {
        let path = dir.join(&wanted.name);
        write_private(&path, &wanted.content).map_err(|e| workspace(&path, e))?;
    }
    let prompt = with_suffix(spec, plan);
    let stdin = dir.join(".stdin");
    let input: &[u8] = match plan.input() {
        Input::None => &[],
        Input::Prompt => prompt.as_bytes(),
        Input::Bytes(bytes) => bytes,
    };
    write_private(&stdin, input).map_err(|e| workspace(&stdin, e))?;
    let args = plan.args().iter().map(|arg| match arg {
        Arg::Text(text) => OsString::from(policy::expand_files(text, &file)),
        Arg::Prompt => OsString::from(&prompt),
        Arg::Workdir => OsString::from(&spec.place.dir),
        Arg::OutputFile => OsString::from(spec.output.clone().unwrap_or_default()),
    });
    Ok(Launch {
        program: PathBuf::from(&spec.program.path),
        args: args.collect(),
        env: environment(spec, plan, &file).into_iter().collect(),
        dir: PathBuf::from(&spec.place.dir),
        stdin,
        out: mark.out.clone(),
        err: mark.err.clone(),
    })
}

fn with_suffix(spec: &TaskSpec, plan: &policy::CheckedPlan) -> String {
    match plan.prompt_suffix() {
        Some(suffix) => format!("{}\n\n{suffix}", spec.full_prompt),
        None => spec.full_prompt.clone(),
    }
}

fn launching(spec: &TaskSpec, plan: &policy::CheckedPlan, launch: &Launch) -> Event {
    Event::Launching {
        program: launch.program.to_string_lossy().into_owned(),
        args: shown_args(spec, plan, |name| format!("{{file:{name}}}")),
        env_names: launch.env.iter().map(|(name, _)| name.to_string_lossy().into_owned()).collect(),
    }
}

fn failure(error: &PrepareError) -> Failure {
    let class = match error {
        PrepareError::Plan(PlanError::Setup(_)) => FailureClass::Auth,
        PrepareError::Adapter(_) | PrepareError::Policy(_) | PrepareError::Plan(_) => FailureClass::Adapter,
    };
    Failure::new(class, error.to_string())
}

fn start_failure(error: &StartError) -> Early {
    /// As a shell reports a command that it cannot execute, or cannot find.
    const NOT_EXECUTABLE: i32 = 126;
    const NOT_FOUND: i32 = 127;
    let (class, code) = match error {
        StartError::Directory { .. } | StartError::File { .. } | StartError::NoRoom { .. } => {
            (FailureClass::Workspace, None)
        }
        StartError::NotFound { .. } => (FailureClass::Spawn, Some(NOT_FOUND)),
        StartError::NotExecutable { .. } => (FailureClass::Spawn, Some(NOT_EXECUTABLE)),
    };
    Early::Failed(Failure::new(class, error.to_string()), code)
}
