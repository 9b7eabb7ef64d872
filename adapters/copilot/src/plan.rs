//! Owns how copilot is started. Must not start it, nor know what the host allows.

use aid_adapter_kit::plan::{Arguments, checked};
use aid_adapter_kit::{Autonomy, Input, Kv, Plan, PlanError, Request};

use crate::manifest::{EFFORTS, KEYS};

/// What a read-only run may do. All other tools, those of the user's servers too, are not there then, and calls of them
/// fail: verified with 1.0.102.
const READING_TOOLS: &str = "view,grep,glob,web_fetch";

/// What to run for a request.
///
/// The prompt comes from stdin: an argument is limited to 128 KiB. Flags with an optional value or a list are given as
/// `--flag=value`, so that they take nothing else.
///
/// # Errors
/// [`PlanError::Invalid`] for a model, session or option that cannot be what it says it is.
pub fn plan(request: &Request) -> Result<Plan, PlanError> {
    let mut args = Arguments::default();
    args.add(["--output-format", "json", "--no-ask-user", "--no-auto-update", "--no-color"]);
    args.add(["--disable-client-telemetry".to_owned(), format!("--secret-env-vars={}", KEYS.join(","))]);
    match request.autonomy {
        // What is denied stays denied, whatever is allowed beside it.
        Autonomy::ReadOnly => {
            args.add(["--allow-all-tools", "--deny-tool=write", "--deny-tool=shell"]);
            args.add([format!("--available-tools={READING_TOOLS}")]);
        }
        // Files outside of the directory stay closed.
        Autonomy::Workspace => args.add(["--allow-all-tools"]),
        Autonomy::Full => args.add(["--allow-all"]),
    }
    if let Some(model) = &request.model {
        args.add(["--model", checked("model", model)?]);
    }
    let mut env = Vec::new();
    for option in &request.options {
        add_option(option, &mut args, &mut env)?;
    }
    if let Some(session) = &request.resume {
        args.add([format!("--resume={}", checked("session", session)?)]);
    }
    args.add(&request.extra_args);
    Ok(Plan {
        program: "copilot".into(),
        args: args.into_args(),
        env,
        input: Input::Prompt,
        prompt_suffix: None,
        files: Vec::new(),
        make_dirs: Vec::new(),
        ext: Vec::new(),
    })
}

fn add_option(option: &Kv, args: &mut Arguments, env: &mut Vec<Kv>) -> Result<(), PlanError> {
    let value = option.value.as_str();
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    match (option.key.as_str(), value) {
        ("reasoning-effort", effort) if EFFORTS.contains(&effort) => args.add(["--reasoning-effort", effort]),
        ("add-dir", dir) => args.add([format!("--add-dir={}", checked("add-dir", dir)?)]),
        ("offline", "true") => env.push(Kv { key: "COPILOT_OFFLINE".into(), value: "true".into() }),
        ("offline", "false") => {}
        ("max-ai-credits", credits) if is_number => args.add(["--max-ai-credits", checked("max-ai-credits", credits)?]),
        (key @ ("reasoning-effort" | "offline" | "max-ai-credits"), value) => {
            return Err(PlanError::Invalid(format!("option {key} cannot be `{value}`")));
        }
        (key, _) => return Err(PlanError::Invalid(format!("copilot has no option `{key}`"))),
    }
    Ok(())
}
