//! Owns how the family is started. Must not start it, nor know what the host allows.
//!
//! The prompt always comes from stdin: some members rewrite a prompt that is an argument, wait for ever for an open
//! stdin, and an argument is limited to 128 KiB. `--auto` says yes to every question, because nobody is there to be
//! asked; it does not overrule what is denied.

use crate::{Arg, Autonomy, Input, Kv, Plan, PlanError, Request};

/// The profile of our own under which a read-only run works. A name that no user's is likely to have.
pub const READ_ONLY_PROFILE: &str = "aid-read-only";

/// What that profile may do. Everything is denied first, so that tools of servers and of later versions are too; then
/// come what only reads. The denials at the end are there once more, for a profile of the same name that allows them.
///
/// A profile of our own, because a permission from the environment is weaker than one that the user's settings give to
/// a profile: `agent.build.permission` would let an edit through.
const READ_ONLY_PERMISSION: &str = r#"{"*":"deny","read":"allow","grep":"allow","glob":"allow","list":"allow","lsp":"allow","todoread":"allow","todowrite":"allow","webfetch":"allow","websearch":"allow","codesearch":"allow","edit":"deny","bash":"deny","task":"deny","external_directory":"deny"}"#;

/// For a run that may write in its own directory.
const WORKSPACE_PERMISSION: &str = r#"{"external_directory":"deny"}"#;

/// The longest model name, session id or option that is passed on, in bytes.
const MAX_VALUE_BYTES: usize = 1024;

/// One member of the family.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Its program, and how it is called in messages.
    pub program: &'static str,
    /// Variables of every run.
    pub switches: &'static [(&'static str, &'static str)],
    /// The switch among those that the option `default-plugins` leaves out.
    pub default_plugins: &'static str,
    /// The variable that holds settings as JSON, stronger than every file.
    pub config_content: &'static str,
    /// The variable that holds permissions as JSON.
    pub permission: &'static str,
    /// The variable that keeps the user's plugins out: each is a program.
    pub pure: &'static str,
    /// The variable that keeps the settings of the directory out: they can start plugins and servers.
    pub no_project_config: &'static str,
}

impl Member {
    /// What to run for a request.
    ///
    /// # Errors
    /// [`PlanError::Setup`] without a model, unless the option `default-model` allows that. [`PlanError::Invalid`] for
    /// a model, session or option that cannot be what it says it is.
    pub fn plan(&self, request: &Request) -> Result<Plan, PlanError> {
        let options = Options::read(self, &request.options)?;
        let read_only = request.autonomy == Autonomy::ReadOnly;
        let mut args = vec!["run", "--format", "json", "--auto"];
        match &request.model {
            Some(model) => args.extend(["-m", model_name(model)?]),
            None if options.default_model => {}
            None => return Err(self.no_model()),
        }
        let profile = if read_only { Some(READ_ONLY_PROFILE) } else { options.profile };
        args.extend(profile.iter().flat_map(|profile| ["--agent", profile]));
        args.extend(options.variant.iter().flat_map(|variant| ["--variant", variant]));
        args.extend(options.thinking.then_some("--thinking"));
        if let Some(session) = &request.resume {
            args.extend(["-s", checked("session", session)?]);
        }
        args.extend(request.extra_args.iter().map(String::as_str));
        Ok(Plan {
            program: self.program.into(),
            args: args.into_iter().map(|text| Arg::Text(text.to_owned())).collect(),
            env: self.env(request.autonomy, &options),
            input: Input::Prompt,
            prompt_suffix: None,
            files: Vec::new(),
            make_dirs: Vec::new(),
            ext: Vec::new(),
        })
    }

    fn env(&self, autonomy: Autonomy, options: &Options<'_>) -> Vec<Kv> {
        let kv = |key: &str, value: &str| Kv { key: key.to_owned(), value: value.to_owned() };
        let switches =
            self.switches.iter().filter(|(key, _)| !(options.default_plugins && *key == self.default_plugins));
        let mut env: Vec<Kv> = switches.map(|(key, value)| kv(key, value)).collect();
        match autonomy {
            Autonomy::ReadOnly => {
                let profile = format!(
                    r#"{{"agent":{{"{READ_ONLY_PROFILE}":{{"mode":"primary","description":"reads and writes nothing","permission":{READ_ONLY_PERMISSION}}}}}}}"#
                );
                env.extend([
                    kv(self.config_content, &profile),
                    kv(self.permission, READ_ONLY_PERMISSION),
                    kv(self.pure, "1"),
                    kv(self.no_project_config, "1"),
                ]);
            }
            Autonomy::Workspace => env.push(kv(self.permission, WORKSPACE_PERMISSION)),
            Autonomy::Full => {}
        }
        env
    }

    fn no_model(&self) -> PlanError {
        let name = self.program;
        PlanError::Setup(format!(
            "no model for {name}: without one it may send the prompt to its vendor's hosted free model. Name one with \
             --model PROVIDER/MODEL, as `model` under [agents.{name}], or set its option default-model = \"allow\" where \
             {name}'s own settings name one; `{name} models` lists them"
        ))
    }
}

#[derive(Default)]
struct Options<'a> {
    profile: Option<&'a str>,
    variant: Option<&'a str>,
    thinking: bool,
    default_model: bool,
    default_plugins: bool,
}

impl<'a> Options<'a> {
    fn read(member: &Member, given: &'a [Kv]) -> Result<Self, PlanError> {
        let mut options = Self::default();
        for Kv { key, value } in given {
            match (key.as_str(), value.as_str()) {
                ("agent", value) => options.profile = Some(checked("agent", value)?),
                ("variant", value) => options.variant = Some(checked("variant", value)?),
                ("thinking", "true" | "false") => options.thinking = value == "true",
                ("default-model", "allow" | "deny") => options.default_model = value == "allow",
                ("default-plugins", "true" | "false") => options.default_plugins = value == "true",
                (key @ ("thinking" | "default-model" | "default-plugins"), value) => {
                    return Err(PlanError::Invalid(format!("option {key} cannot be `{value}`")));
                }
                (key, _) => return Err(PlanError::Invalid(format!("{} has no option `{key}`", member.program))),
            }
        }
        Ok(options)
    }
}

/// A provider, a slash, a model: anything else ends in an error that does not say what is wrong.
fn model_name(model: &str) -> Result<&str, PlanError> {
    let model = checked("model", model)?;
    match model.split_once('/') {
        Some((provider, name)) if !provider.is_empty() && !name.is_empty() => Ok(model),
        _ => Err(PlanError::Invalid(format!("the model `{model}` is not of the form PROVIDER/MODEL"))),
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
    } else {
        return Ok(value);
    };
    Err(PlanError::Invalid(format!("the {what} {problem}")))
}
