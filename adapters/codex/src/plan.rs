//! Owns how codex is started. Must not start it, nor know what the host allows.

use aid_adapter_kit::{Arg, Autonomy, Input, Kv, Plan, PlanError, Request};

use crate::manifest::REASONING_EFFORTS;

/// The longest model name, session id or directory that is passed on, in bytes.
const MAX_VALUE_BYTES: usize = 1024;

/// What to run for a request.
///
/// The prompt always comes from stdin (`-`): an argument is limited to 128 KiB, and one that begins with a dash is
/// taken for a flag. All flags stand before `resume`, which does not know `-s` and `--add-dir` itself. The directory is
/// the working directory the host sets, so there is no `-C`. There is no `-o` either: codex leaves an empty file behind
/// when it fails, and the host writes the answer for every agent. The npm wrapper and the native binary have one name
/// and take the same arguments.
///
/// # Errors
/// [`PlanError::Invalid`] for a model, session or option that cannot be what it says it is.
pub fn plan(request: &Request) -> Result<Plan, PlanError> {
    let mut args = Arguments::default();
    args.add(["exec", "--json", "--skip-git-repo-check"]);
    args.add(sandbox(request.autonomy));
    // Nothing that waits for a server of the vendor's: without these an offline run ends five seconds late, asks a
    // remote repository for plugins, and looks for updates.
    args.add(["-c", "analytics.enabled=false", "--disable", "plugins"]);
    args.add(["-c", "check_for_update_on_startup=false"]);
    if let Some(model) = &request.model {
        args.add(["-m", checked("model", model)?]);
    }
    for option in &request.options {
        args.add_option(option, request.autonomy)?;
    }
    args.add(&request.extra_args);
    if let Some(session) = &request.resume {
        args.add(["resume", checked("session", session)?]);
    }
    args.add(["-"]);
    Ok(Plan {
        program: "codex".into(),
        args: args.0,
        env: Vec::new(),
        input: Input::Prompt,
        prompt_suffix: None,
        files: Vec::new(),
        // codex makes ~/.codex itself, but refuses to start when CODEX_HOME names a directory that is not there.
        make_dirs: vec!["$CODEX_HOME".into()],
        ext: Vec::new(),
    })
}

fn sandbox(autonomy: Autonomy) -> &'static [&'static str] {
    match autonomy {
        Autonomy::ReadOnly => &["-s", "read-only"],
        Autonomy::Workspace => &["-s", "workspace-write"],
        Autonomy::Full => &["--dangerously-bypass-approvals-and-sandbox"],
    }
}

#[derive(Default)]
struct Arguments(Vec<Arg>);

impl Arguments {
    fn add<'a>(&mut self, texts: impl IntoIterator<Item = impl AsRef<str> + 'a>) {
        self.0.extend(texts.into_iter().map(|text| Arg::Text(text.as_ref().to_owned())));
    }

    fn add_option(&mut self, option: &Kv, autonomy: Autonomy) -> Result<(), PlanError> {
        let value = option.value.as_str();
        match (option.key.as_str(), value) {
            ("reasoning-effort", effort) if REASONING_EFFORTS.contains(&effort) => {
                self.add(["-c", &format!("model_reasoning_effort=\"{effort}\"")]);
            }
            // The key belongs to one sandbox only; the others have no network, or no sandbox.
            ("network-access", "true" | "false") => {
                if autonomy == Autonomy::Workspace {
                    self.add(["-c", &format!("sandbox_workspace_write.network_access={value}")]);
                }
            }
            ("add-dir", dir) => {
                let dir = checked("add-dir", dir)?;
                if autonomy != Autonomy::ReadOnly {
                    self.add(["--add-dir", dir]);
                }
            }
            ("user-config", "false") => self.add(["--ignore-user-config"]),
            ("connection-retries", "bounded") => self.add(["--disable", "unbounded_connection_retries"]),
            ("user-config", "true") | ("connection-retries", "unbounded") => {}
            (key @ ("reasoning-effort" | "network-access" | "user-config" | "connection-retries"), value) => {
                return Err(PlanError::Invalid(format!("option {key} cannot be `{}`", value)));
            }
            (key, _) => {
                return Err(PlanError::Invalid(format!("codex has no option `{}`", key)));
            }
        }
        Ok(())
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
