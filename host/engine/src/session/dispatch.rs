//! From what a caller asks for to a running task: every check first, all problems at once, then the id, then the runner.

use std::path::{Path, PathBuf};

use aid_core::agent::{Autonomy, Category, Manifest, PlanError, RefusalClass};
use aid_core::config::{Config, EnvRules};
use aid_core::event::{Event, Settlement};
use aid_core::exit::ExitCode;
use aid_core::failure::{Failure, FailureClass};
use aid_core::id::{MAX_DIGITS, MIN_DIGITS, TaskId};
use aid_core::prompt::{Section, SectionKind, SectionSize, assemble};
use aid_core::spec::{Limits, MAX_PROMPT_BYTES, SPEC_VERSION, TaskSpec, Workplace};
use aid_core::task::Status;
use aid_core::user_agent::overlay::EXIT_IS_SUCCESS;

use super::advise::AUTO;
use super::choose::{self, Choice};
use super::{Session, SessionError};
use crate::clock::now_ms;
use crate::db::{CreateError, Ending};
use crate::home::{TaskLog, write_private};
use crate::lock::TaskLock;
use crate::login;
use crate::program;
use crate::registry;
use crate::runner::{self, answer, prepare};

/// How many generated ids of one length are tried before a longer one is.
const TRIES_PER_LENGTH: u32 = 8;
/// Longest time limit: 30 days.
const MAX_LIMIT_MS: u64 = 30 * 24 * 3600 * 1000;
const MS_PER_MINUTE: u64 = 60_000;
/// Random bytes of a marker.
const MARKER_BYTES: usize = 16;

/// What a caller decided.
#[derive(Debug, Clone)]
pub struct DispatchRequest {
    /// The agent's name.
    pub agent: String,
    /// The prompt.
    pub prompt: String,
    /// Absolute directory to work in.
    pub dir: PathBuf,
    /// Absolute paths of files that the task is about.
    pub context_files: Vec<PathBuf>,
    /// The kind of work, where the caller knows it.
    pub category: Option<Category>,
    /// A name for the task.
    pub id: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// How freely the agent may act.
    pub autonomy: Autonomy,
    /// Absolute path for the answer.
    pub output: Option<PathBuf>,
    /// Wall-clock limit.
    pub timeout_ms: Option<u64>,
    /// Idle limit.
    pub idle_timeout_ms: Option<u64>,
    /// Cost limit, in millionths of a US dollar.
    pub max_cost_micro_usd: Option<u64>,
    /// Nobody waits.
    pub background: bool,
    /// Save money.
    pub budget: bool,
    /// Who takes over, in this order, when the agent cannot take work.
    pub fallback: Vec<String>,
    /// Try a held agent all the same.
    pub force: bool,
    /// Who dispatches, when known.
    pub caller: Option<String>,
}

/// A checked dispatch: what would be started.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The task, with a provisional id unless the caller named it.
    pub spec: TaskSpec,
    /// The program and its arguments; `{prompt}` stands for the prompt, `{file:NAME}` for a file of the plan.
    pub argv: Vec<String>,
    /// Names of the variables that the agent gets.
    pub env_names: Vec<String>,
    /// The prompt's sections.
    pub sections: Vec<SectionSize>,
    /// What was decided for the caller, and why.
    pub decisions: Vec<String>,
    /// What the caller should know.
    pub notices: Vec<String>,
    named: bool,
}

/// What kind of thing is wrong with a dispatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The request.
    Usage,
    /// Something named is not there.
    NotFound,
    /// The agent's program is not there.
    ProgramNotFound,
    /// It cannot be executed, or is another program of that name.
    NotExecutable,
    /// The agent must be set up first.
    Setup,
    /// The agent cannot be used here, for a reason of its own.
    Unusable,
    /// The agent is held.
    Held(RefusalClass),
    /// A budget is used up.
    OverBudget,
    /// Something of aid's own.
    Internal,
}

/// One thing that is wrong with a dispatch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// Its kind.
    pub kind: ProblemKind,
    /// What and why.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// Why a checked dispatch did not become a task.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The name belongs to another task.
    #[error("the id {id} is taken")]
    Taken {
        /// The name.
        id: TaskId,
    },
    /// State.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The runner could not be started; the task is settled as failed.
    #[error("task {id} could not be started: {source}")]
    Runner {
        /// The task.
        id: TaskId,
        /// Why.
        source: std::io::Error,
    },
}

impl ProblemKind {
    /// Whether it is the agent's and not the request's, so that another agent may do.
    #[must_use]
    pub fn is_the_agents(self) -> bool {
        match self {
            Self::Held(_)
            | Self::OverBudget
            | Self::ProgramNotFound
            | Self::NotExecutable
            | Self::Unusable
            | Self::Setup => true,
            Self::Usage | Self::NotFound | Self::Internal => false,
        }
    }

    /// The exit code for a dispatch that is refused for it.
    #[must_use]
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::Usage | Self::Unusable => ExitCode::Usage,
            Self::Held(class) => choose::held_exit_code(class),
            Self::OverBudget => ExitCode::OverBudget,
            Self::NotFound => ExitCode::NotFound,
            Self::ProgramNotFound => ExitCode::ProgramNotFound,
            Self::NotExecutable => ExitCode::NotExecutable,
            Self::Setup => ExitCode::Auth,
            Self::Internal => ExitCode::Internal,
        }
    }
}

impl SubmitError {
    /// The exit code for it.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Taken { .. } => ExitCode::Usage,
            Self::Session(_) | Self::Runner { .. } => ExitCode::Internal,
        }
    }
}

impl Session {
    /// Checks a dispatch in every respect and says what would be started. Starts nothing and claims no id.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn plan(&self, request: &DispatchRequest) -> Result<Planned, Vec<Problem>> {
        let config = self.config().map_err(|e| vec![problem(ProblemKind::Usage, e.to_string(), None)])?;
        if request.agent == AUTO {
            let mut problems = Vec::new();
            check_request(request, &mut problems);
            return if problems.is_empty() { self.plan_auto(request, &config) } else { Err(problems) };
        }
        self.plan_one(request, &config)
    }

    /// With the agent that the request names.
    pub(super) fn plan_one(&self, request: &DispatchRequest, config: &Config) -> Result<Planned, Vec<Problem>> {
        let mut problems = Vec::new();
        let id = check_request(request, &mut problems);
        let choice = match self.choose(request, config) {
            Ok(choice) if problems.is_empty() => choice,
            Ok(_) => return Err(problems),
            Err(wrong) => {
                // A program cannot be looked for from a directory that is not there, which has been said already.
                let has_dir = request.dir.is_dir();
                problems.extend(wrong.into_iter().filter(|problem| has_dir || !problem.kind.is_the_agents()));
                return Err(problems);
            }
        };
        let Choice { entry, manifest, program, model, options, extra_args, budget, notices } = choice;
        let (full_prompt, sections) = prompt(request);
        if full_prompt.len() > MAX_PROMPT_BYTES {
            let message = format!("the prompt has {} bytes; at most {MAX_PROMPT_BYTES} are allowed", full_prompt.len());
            return Err(vec![problem(
                ProblemKind::Usage,
                message,
                Some("put the text in a file and name it in the prompt"),
            )]);
        }
        let named = id.is_some();
        let spec = TaskSpec {
            version: SPEC_VERSION,
            id: id.unwrap_or_else(|| TaskId::generated(0, MIN_DIGITS)),
            marker: random_hex(),
            agent: entry.name.clone(),
            adapter: entry.reference(),
            account: entry.base().map(str::to_owned),
            manifest: overlay(&entry, &manifest),
            login_mark: login::mark(&manifest),
            options,
            extra_args,
            budget,
            program,
            prompt: request.prompt.clone(),
            full_prompt,
            model,
            autonomy: request.autonomy,
            place: workplace(&request.dir),
            output: request.output.as_ref().map(|p| p.to_string_lossy().into_owned()),
            limits: limits(request, config),
            env: env_rules(&entry.name, &manifest, config),
            resume: None,
            group: None,
            parent: None,
            prices: config.pricing.iter().map(|(model, pricing)| (model.clone(), pricing.price())).collect(),
            background: request.background,
            caller: request.caller.clone(),
            created_at_ms: now_ms(),
        };
        let mut planned = self.planned(spec, &manifest, sections, named)?;
        planned.notices.splice(0..0, notices);
        Ok(planned)
    }

    fn planned(
        &self,
        spec: TaskSpec,
        manifest: &Manifest,
        sections: Vec<SectionSize>,
        named: bool,
    ) -> Result<Planned, Vec<Problem>> {
        let refused = |e: prepare::PrepareError| {
            let kind = match &e {
                prepare::PrepareError::Plan(PlanError::Setup(_)) => ProblemKind::Setup,
                prepare::PrepareError::Plan(PlanError::Invalid(_) | PlanError::Unsupported(_)) => ProblemKind::Usage,
                prepare::PrepareError::Adapter(_) | prepare::PrepareError::Policy(_) => ProblemKind::Internal,
            };
            vec![problem(kind, format!("{}: {e}", spec.agent), None)]
        };
        let plan = prepare::reader(&self.home, &spec, registry::exactly)
            .and_then(|reader| prepare::plan(&reader, &spec))
            .map_err(refused)?;
        let file = |name: &str| format!("{{file:{name}}}");
        let mut argv = vec![spec.program.path.clone()];
        argv.extend(prepare::shown_args(&spec, &plan, file));
        let env_names =
            prepare::environment(&spec, &plan, file).keys().map(|n| n.to_string_lossy().into_owned()).collect();
        let notices = notices(&spec, manifest);
        Ok(Planned { argv, env_names, sections, decisions: Vec::new(), notices, named, spec })
    }

    /// Claims the id and starts the runner.
    ///
    /// # Errors
    /// When the name is taken, the ledger cannot be written, or the runner not be started.
    pub fn submit(&mut self, planned: Planned) -> Result<TaskId, SubmitError> {
        let mut spec = planned.spec;
        let lock = self.claim(&mut spec, planned.named)?;
        let job = self.home.job(&spec.id);
        let written =
            serde_json::to_vec_pretty(&spec).map_err(std::io::Error::other).and_then(|json| write_private(&job, &json));
        let started = match written {
            Ok(()) => runner::spawn(&self.home, &spec.id, lock, false),
            Err(e) => Err((e, lock)),
        };
        match started {
            Ok(()) => Ok(spec.id),
            Err((source, lock)) => {
                self.settle_unstarted(&spec.id, &source)?;
                lock.retire();
                Err(SubmitError::Runner { id: spec.id, source })
            }
        }
    }

    /// Finds a free id and makes it ours: its lock first, so that the task never has a living owner and a free lock.
    fn claim(&mut self, spec: &mut TaskSpec, named: bool) -> Result<TaskLock, SubmitError> {
        for attempt in 0.. {
            let digits = MIN_DIGITS + attempt / TRIES_PER_LENGTH;
            if !named {
                if digits > MAX_DIGITS {
                    break;
                }
                spec.id = TaskId::generated(random_u64(), digits);
            }
            let path = self.home.lock(&spec.id);
            let lock = TaskLock::acquire(&path).map_err(Session::io(path))?;
            // A lock that is held belongs to a living task of that name. Logs without a task are all that is left of one
            // whose ledger was lost: they are not written to, nor read as somebody else's.
            let has_logs = [TaskLog::Out, TaskLog::Err].iter().any(|log| self.home.log(&spec.id, *log).exists());
            if let Some(lock) = lock.filter(|_| !has_logs) {
                match self.db.create_task(spec) {
                    Ok(_) => return Ok(lock),
                    Err(CreateError::Taken { .. }) => lock.retire(),
                    Err(CreateError::Db(e)) => {
                        lock.retire();
                        return Err(SessionError::Db(e).into());
                    }
                }
            }
            if named {
                break;
            }
        }
        Err(SubmitError::Taken { id: spec.id.clone() })
    }

    fn settle_unstarted(&mut self, id: &TaskId, source: &std::io::Error) -> Result<(), SessionError> {
        let failure = Failure::new(FailureClass::Workspace, format!("the runner could not be started: {source}"));
        let settlement = Settlement {
            status: Status::Failed,
            failure: Some(failure),
            exit_code: None,
            evidence: "the agent was not started".to_owned(),
            session: None,
            usage: None,
            cost_micro_usd: None,
        };
        self.db.settle(id, now_ms(), vec![Event::Settled { settlement }], Ending::default(), None)?;
        Ok(())
    }
}

pub(super) fn problem(kind: ProblemKind, message: String, hint: Option<&str>) -> Problem {
    Problem { kind, message, hint: hint.map(str::to_owned) }
}

/// What can be checked without looking at the agent.
fn check_request(request: &DispatchRequest, problems: &mut Vec<Problem>) -> Option<TaskId> {
    let mut usage = |message: String, hint: Option<&str>| problems.push(problem(ProblemKind::Usage, message, hint));
    if request.prompt.trim().is_empty() {
        usage("the prompt is empty".to_owned(), Some("say what the agent should do"));
    }
    if request.prompt.contains('\0') {
        usage("the prompt has a NUL character in it".to_owned(), None);
    }
    match std::fs::metadata(&request.dir) {
        Ok(meta) if meta.is_dir() && is_utf8(&request.dir) => {}
        Ok(meta) if meta.is_dir() => usage(format!("{} has a name that is not UTF-8", request.dir.display()), None),
        Ok(_) => usage(format!("{} is not a directory", request.dir.display()), None),
        Err(e) => usage(format!("cannot use the directory {}: {e}", request.dir.display()), None),
    }
    for file in request.context_files.iter().filter(|file| !file.is_file()) {
        usage(format!("{} is not a file", file.display()), None);
    }
    if let Some(output) = &request.output {
        check_output(output, &mut usage);
    }
    for (flag, limit) in [("--timeout", request.timeout_ms), ("--idle-timeout", request.idle_timeout_ms)] {
        if limit.is_some_and(|ms| ms == 0 || ms > MAX_LIMIT_MS) {
            usage(format!("{flag} is out of range; use more than nothing and at most 30 days"), None);
        }
    }
    let id = request.id.as_deref().map(TaskId::parse)?;
    id.map_err(|e| usage(e.to_string(), None)).ok()
}

/// As it was given, and where it leads.
fn is_utf8(path: &Path) -> bool {
    path.to_str().is_some() && std::fs::canonicalize(path).is_ok_and(|real| real.to_str().is_some())
}

fn check_output(output: &Path, usage: &mut impl FnMut(String, Option<&str>)) {
    let parent = output.parent().unwrap_or(output);
    if output.to_str().is_none() {
        usage(format!("{} has a name that is not UTF-8", output.display()), None);
    } else if ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"].iter().any(|own| output.starts_with(own)) {
        let hint = "the answer goes to stdout by itself";
        usage(format!("{} would be the runner's own, not yours", output.display()), Some(hint));
    } else if output.is_dir() {
        usage(format!("the output file {} is a directory", output.display()), None);
    } else if !parent.is_dir() {
        usage(format!("the output file's directory {} does not exist", parent.display()), None);
    } else if let Err(e) = answer::check(output) {
        usage(format!("the output file {} cannot be written: {e}", output.display()), None);
    }
}

/// What the runner must know about the agent besides what its adapter says.
fn overlay(entry: &registry::Entry, manifest: &Manifest) -> Option<Box<Manifest>> {
    let differs = !entry.is_builtin() || manifest.has_feature(EXIT_IS_SUCCESS);
    differs.then(|| Box::new(manifest.clone()))
}

fn prompt(request: &DispatchRequest) -> (String, Vec<SectionSize>) {
    let mut parts = vec![Section::task(request.prompt.clone()), Section::milestones()];
    if !request.context_files.is_empty() {
        let names = request.context_files.iter().map(|path| path.to_string_lossy());
        let body = format!("Read these files first:\n{}", names.collect::<Vec<_>>().join("\n"));
        parts.push(Section::new(SectionKind::ContextFiles, body));
    }
    let assembled = assemble(&parts);
    (assembled.text, assembled.sections)
}

fn limits(request: &DispatchRequest, config: &Config) -> Limits {
    Limits {
        timeout_ms: request.timeout_ms.unwrap_or(config.background.max_task_duration_mins * MS_PER_MINUTE),
        idle_timeout_ms: request.idle_timeout_ms.unwrap_or(config.background.idle_timeout_mins * MS_PER_MINUTE),
        max_cost_micro_usd: request.max_cost_micro_usd,
    }
}

fn env_rules(agent: &str, manifest: &Manifest, config: &Config) -> EnvRules {
    let mut names = manifest.env.clone();
    names.extend(config.agents.get(agent).map(|a| a.env.clone()).unwrap_or_default());
    EnvRules { mode: config.env.mode, deny: config.env.deny.clone(), names }
}

/// The directory, and the repository that it is in.
fn workplace(dir: &Path) -> Workplace {
    let dir = std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
    let repo = program::repository(&dir).map(|d| d.to_string_lossy().into_owned());
    Workplace { dir: dir.to_string_lossy().into_owned(), repo, branch: None, worktree: None }
}

fn notices(spec: &TaskSpec, manifest: &Manifest) -> Vec<String> {
    let mut notices = Vec::new();
    if spec.limits.max_cost_micro_usd.is_some() && !manifest.has_feature("streams-usage") {
        notices
            .push(format!("{} says what it used only at its end: --max-cost cannot stop it before that", spec.agent));
    }
    if let Some(model) = &spec.model
        && !manifest.models.is_empty()
        && manifest.model(model).is_none()
    {
        notices.push(format!("model {model} is not in the catalogue of {}; it is passed on as it is", spec.agent));
    }
    notices
}

fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).expect("every system that aid runs on has a random source");
    bytes
}

fn random_u64() -> u64 {
    u64::from_ne_bytes(random_bytes())
}

fn random_hex() -> String {
    random_bytes::<MARKER_BYTES>().iter().map(|b| format!("{b:02x}")).collect()
}
