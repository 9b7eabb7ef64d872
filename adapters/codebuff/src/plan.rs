//! Owns how codebuff is started. Must not start it, nor know what the host allows.

use aid_adapter_kit::{Arg, Autonomy, Input, Plan, PlanError, Request};

use crate::manifest::MODES;

/// The longest model name, agent or session id that is passed on, in bytes.
const MAX_VALUE_BYTES: usize = 1024;

/// The most steps that can be asked for; the program has the same bound.
const MAX_STEPS: u32 = 10_000;

/// The cost mode of a task that has to be cheap.
const BUDGET_MODE: &str = "free";

/// What to run for a request.
///
/// The prompt comes from stdin. The directory is the working directory the host sets, so there is no `--cwd`. Whether
/// there is a key cannot be seen from here: the program says so itself, before it does anything, with an exit code of
/// its own.
///
/// # Errors
/// [`PlanError::Invalid`] for a model, session or option that cannot be what it says it is; [`PlanError::Unsupported`]
/// for a read-only run of an agent from the store, whose code aid's program cannot hold to that.
pub fn plan(request: &Request) -> Result<Plan, PlanError> {
    let mut chosen = Chosen::default();
    for option in &request.options {
        chosen.add(&option.key, &option.value)?;
    }
    let mut args: Vec<String> = Vec::new();
    let mut add = |flag: &str, value: &str| args.extend([flag.to_owned(), value.to_owned()]);
    if let Some(model) = &request.model {
        if chosen.agent.is_some() {
            return Err(PlanError::Invalid(
                "an agent of the store brings its own model; leave agent or model out".into(),
            ));
        }
        add("--model", checked("model", model)?);
    }
    if let Some(agent) = chosen.agent {
        if request.autonomy == Autonomy::ReadOnly {
            let reason = "codebuff can be held to reading only without an agent of the store; leave option agent out";
            return Err(PlanError::Unsupported(reason.into()));
        }
        add("--agent", agent);
    }
    if let Some(mode) = chosen.mode.or(request.budget.then_some(BUDGET_MODE)) {
        add("--mode", mode);
    }
    if let Some(steps) = chosen.max_steps {
        add("--max-steps", steps);
    }
    if let Some(session) = &request.resume {
        add("--resume", checked("session", session)?);
    }
    // Codebuff knows no border around a directory: `workspace` and `full` are the same to it.
    if request.autonomy == Autonomy::ReadOnly {
        args.push("--read-only".into());
    }
    args.extend(request.extra_args.iter().cloned());
    Ok(Plan {
        program: "aid-codebuff".into(),
        args: args.into_iter().map(Arg::Text).collect(),
        env: Vec::new(),
        input: Input::Prompt,
        prompt_suffix: None,
        files: Vec::new(),
        make_dirs: Vec::new(),
        ext: Vec::new(),
    })
}

/// What the options ask for; of one that is given twice the last counts.
#[derive(Default)]
struct Chosen<'a> {
    agent: Option<&'a str>,
    mode: Option<&'a str>,
    max_steps: Option<&'a str>,
}

impl<'a> Chosen<'a> {
    fn add(&mut self, key: &str, value: &'a str) -> Result<(), PlanError> {
        match key {
            "agent" => self.agent = Some(checked("agent", value)?),
            "mode" if MODES.contains(&value) => self.mode = Some(value),
            "max-steps" if is_steps(value) => self.max_steps = Some(value),
            "mode" | "max-steps" => {
                return Err(PlanError::Invalid(format!("option {key} cannot be `{value}`")));
            }
            _ => return Err(PlanError::Invalid(format!("codebuff has no option `{key}`"))),
        }
        Ok(())
    }
}

fn is_steps(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit())
        && value.parse().is_ok_and(|steps: u32| (1..=MAX_STEPS).contains(&steps))
        && value.len() <= MAX_STEPS.to_string().len()
}

/// A value that can only be read as a value.
fn checked<'a>(what: &str, value: &'a str) -> Result<&'a str, PlanError> {
    let problem = if value.trim().is_empty() {
        "is empty"
    } else if value.len() > MAX_VALUE_BYTES {
        "is too long"
    } else if value.starts_with('-') {
        "begins with a dash"
    } else if value.chars().any(char::is_control) {
        "has a control character"
    } else {
        return Ok(value);
    };
    Err(PlanError::Invalid(format!("the {what} {problem}")))
}
