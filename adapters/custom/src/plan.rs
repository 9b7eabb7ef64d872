//! Owns how a user's agent is started. Must not start it, nor know what the host allows.

use aid_adapter_kit::{Arg, Autonomy, File, Input, Kv, Plan, PlanError, Request};

use crate::definition::{self, Definition, OPTION, Prompt};

/// The longest model name or session id that is passed on, in bytes.
const MAX_VALUE_BYTES: usize = 1024;
/// What the host takes for a reference to a plan's file.
const FILE_REFERENCE: &str = "{file:";
/// The file for an agent that wants to write its answer into one. Nobody reads it.
const ANSWER_FILE: &str = "answer.txt";

/// What to run for a request: the definition's arguments, those of the autonomy, the flags, the user's arguments of the
/// moment, and the prompt last.
///
/// # Errors
/// [`PlanError::Setup`] without a definition, [`PlanError::Unsupported`] for what the definition has no flag for,
/// [`PlanError::Invalid`] for a broken definition, and for a value that cannot be what it says it is.
pub fn plan(request: &Request) -> Result<Plan, PlanError> {
    if let Some(stranger) = request.options.iter().find(|option| option.key != OPTION) {
        return Err(PlanError::Invalid(format!("an agent of your own has no option `{}`", stranger.key)));
    }
    let definition = definition::of(request)
        .ok_or_else(|| PlanError::Setup("no agent is defined: write agents/NAME.toml below aid's home".into()))?
        .map_err(PlanError::Invalid)?;
    let command = &definition.command;
    let mut args = Arguments::default();
    args.add(&command.args);
    args.add(autonomy(&definition, request.autonomy)?);
    args.value(command.model_flag.as_deref(), "model", request.model.as_deref())?;
    args.dir(command.dir_flag.as_deref(), &request.workdir);
    if let Some(flag) = &command.output_flag {
        args.pair(flag, &format!("{FILE_REFERENCE}{ANSWER_FILE}}}"));
    }
    args.value(command.resume_flag.as_deref(), "session", request.resume.as_deref())?;
    args.add(&request.extra_args);
    args.add(&command.end_args);
    let input = args.prompt(&command.prompt);
    let answer_file = command.output_flag.as_ref().map(|_| File { name: ANSWER_FILE.into(), content: Vec::new() });
    Ok(Plan {
        program: request.program.clone(),
        args: args.0,
        env: command.env.iter().map(|(key, value)| Kv { key: key.clone(), value: value.clone() }).collect(),
        input,
        prompt_suffix: None,
        files: answer_file.into_iter().collect(),
        make_dirs: Vec::new(),
        ext: Vec::new(),
    })
}

fn autonomy(definition: &Definition, autonomy: Autonomy) -> Result<&[String], PlanError> {
    let command = &definition.command;
    match autonomy {
        Autonomy::Workspace => Ok(&command.workspace_args),
        Autonomy::Full => Ok(&command.full_args),
        Autonomy::ReadOnly => command.read_only_args.as_deref().ok_or_else(|| {
            let hint = "its definition has no `read_only_args`";
            PlanError::Unsupported(format!("this agent cannot promise to write nothing: {hint}"))
        }),
    }
}

#[derive(Default)]
struct Arguments(Vec<Arg>);

impl Arguments {
    fn add(&mut self, texts: &[String]) {
        self.0.extend(texts.iter().cloned().map(Arg::Text));
    }

    /// A flag with its value, in one argument where the flag ends with `=`.
    fn pair(&mut self, flag: &str, value: &str) {
        if flag.ends_with('=') {
            self.0.push(Arg::Text(format!("{flag}{value}")));
        } else {
            self.0.extend([Arg::Text(flag.to_owned()), Arg::Text(value.to_owned())]);
        }
    }

    fn value(&mut self, flag: Option<&str>, what: &str, value: Option<&str>) -> Result<(), PlanError> {
        match (flag, value) {
            (_, None) => {}
            (Some(flag), Some(value)) => self.pair(flag, checked(what, value)?),
            (None, Some(_)) => {
                let message = format!("this agent takes no {what}: its definition has no flag for it");
                return Err(PlanError::Unsupported(message));
            }
        }
        Ok(())
    }

    fn dir(&mut self, flag: Option<&str>, workdir: &str) {
        match flag {
            None => {}
            Some(flag) if flag.ends_with('=') => self.pair(flag, workdir),
            Some(flag) => self.0.extend([Arg::Text(flag.to_owned()), Arg::Workdir]),
        }
    }

    fn prompt(&mut self, prompt: &Prompt) -> Input {
        match prompt {
            Prompt::Stdin => return Input::Prompt,
            Prompt::Arg { guard } => {
                if *guard {
                    self.0.push(Arg::Text("--".into()));
                }
            }
            Prompt::Flag(flag) => self.0.push(Arg::Text(flag.clone())),
        }
        self.0.push(Arg::Prompt);
        Input::None
    }
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
    } else if value.contains(FILE_REFERENCE) {
        "looks like a file of the plan"
    } else {
        return Ok(value);
    };
    Err(PlanError::Invalid(format!("the {what} {problem}")))
}
