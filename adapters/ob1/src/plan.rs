//! Owns how OB-1 is started: as its user says, word for word. Must not add a flag.

use aid_adapter_kit::{Arg, Autonomy, Input, Kv, Plan, PlanError, Request};

use crate::manifest::EXIT_ZERO;
use crate::template::{self, Word};

/// The longest model name or directory that is passed on, in bytes.
const MAX_VALUE_BYTES: usize = 1024;

/// What to write where, for somebody who has not set the agent up.
const SETUP: &str = "in config.toml, for example:\n\
    [agents.ob1]\n\
    program = \"/path/to/ob1\"\n\
    options = { args = \"<the arguments with which it runs one task and ends>\", success = \"exit-zero\" }";

/// What to run for a request.
///
/// # Errors
/// [`PlanError::Setup`] until the user has said how it is run; [`PlanError::Unsupported`] for what that does not cover.
pub fn plan(request: &Request) -> Result<Plan, PlanError> {
    let options = Options::read(&request.options)?;
    let key = if request.autonomy == Autonomy::ReadOnly { "read-only-args" } else { "args" };
    let template = match (options.args, options.read_only_args, request.autonomy) {
        (None, ..) => return Err(setup("aid does not know how to run ob1: set the option `args`")),
        (_, None, Autonomy::ReadOnly) => {
            let text = "aid knows no way to keep ob1 from writing: set the option `read-only-args` if it has one";
            return Err(PlanError::Unsupported(text.into()));
        }
        (_, Some(args), Autonomy::ReadOnly) => args,
        (Some(args), ..) => args,
    };
    if !options.says_success {
        return Err(setup("aid does not know when ob1 has succeeded: set the option `success`"));
    }
    if request.resume.is_some() {
        return Err(PlanError::Unsupported("aid knows no way to continue a session of ob1".into()));
    }
    let words = template::words(template).map_err(|problem| setup(&format!("the option `{key}` {problem}")))?;
    let args = arguments(&words, request)?;
    let input = if args.iter().any(|arg| matches!(arg, Arg::Prompt)) { Input::None } else { Input::Prompt };
    Ok(Plan {
        program: request.program.clone(),
        args,
        env: Vec::new(),
        input,
        prompt_suffix: None,
        files: Vec::new(),
        make_dirs: Vec::new(),
        ext: Vec::new(),
    })
}

#[derive(Default)]
struct Options<'a> {
    args: Option<&'a str>,
    read_only_args: Option<&'a str>,
    says_success: bool,
}

impl<'a> Options<'a> {
    fn read(options: &'a [Kv]) -> Result<Self, PlanError> {
        let mut read = Self::default();
        for Kv { key, value } in options {
            match (key.as_str(), value.as_str()) {
                ("args", args) => read.args = Some(args),
                ("read-only-args", args) => read.read_only_args = Some(args),
                ("success", EXIT_ZERO) => read.says_success = true,
                ("output", "text") => {}
                ("success" | "output", _) => {
                    return Err(PlanError::Invalid(format!("option {key} cannot be `{value}`")));
                }
                _ => return Err(PlanError::Invalid(format!("ob1 has no option `{key}`"))),
            }
        }
        Ok(read)
    }
}

/// The user's further arguments stand before the prompt and before a `--`, after which nothing is a flag.
fn arguments(words: &[Word], request: &Request) -> Result<Vec<Arg>, PlanError> {
    let takes_model = words.iter().any(|word| matches!(word, Word::Text(parts) if parts.takes_model()));
    let model = match (&request.model, takes_model) {
        (Some(_), false) => {
            let text = "ob1 has no way to choose a model here: its option `args` has no {model}";
            return Err(PlanError::Unsupported(text.into()));
        }
        (None, true) => {
            return Err(PlanError::Invalid("ob1's option `args` has {model}: name one with --model".into()));
        }
        (model, _) => model.as_deref().map(|model| checked("model", model)).transpose()?.unwrap_or_default(),
    };
    let workdir = checked("directory", &request.workdir)?;
    let mut args: Vec<Arg> = Vec::with_capacity(words.len() + request.extra_args.len());
    let is_end_of_flags = |word: &Word| match word {
        Word::Prompt => true,
        Word::Text(parts) => parts.is("--"),
    };
    let flags = words.iter().position(is_end_of_flags).unwrap_or(words.len());
    let arg = |word: &Word| match word {
        Word::Prompt => Arg::Prompt,
        Word::Text(parts) => Arg::Text(parts.filled(workdir, model)),
    };
    args.extend(words[..flags].iter().map(arg));
    args.extend(request.extra_args.iter().cloned().map(Arg::Text));
    args.extend(words[flags..].iter().map(arg));
    Ok(args)
}

fn setup(problem: &str) -> PlanError {
    PlanError::Setup(format!("{problem}; {SETUP}"))
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
