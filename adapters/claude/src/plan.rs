//! Owns how claude is started. Must not start it, nor know what the host allows.

use aid_adapter_kit::plan::{Arguments, checked};
use aid_adapter_kit::{Autonomy, Input, Kv, Plan, PlanError, Request};

use crate::manifest::EFFORTS;

/// The tools of a read-only run. None of them writes or runs anything; `Bash` is left out because the only thing between
/// it and the disk is a judgement about the command. Verified with 2.1.197: no other tool is offered to the model then.
const READING_TOOLS: &str = "Read,Grep,Glob,WebFetch,WebSearch";

/// What a workspace run may do without being asked: edits of files come with the mode, commands with the list.
const WORKING_TOOLS: &str = "Bash,WebFetch,WebSearch";

/// What to run for a request.
///
/// The prompt comes from stdin: an argument is limited to 128 KiB, and one that begins with a dash is taken for a flag.
/// Flags that take lists are given as `--flag=value`, so that they cannot swallow what follows them.
///
/// # Errors
/// [`PlanError::Invalid`] for a model, session or option that cannot be what it says it is.
pub fn plan(request: &Request) -> Result<Plan, PlanError> {
    let mut args = Arguments::default();
    args.add(["-p", "--output-format", "stream-json", "--verbose"]);
    match request.autonomy {
        // Servers of the user's could offer tools that write: a read-only run has none.
        Autonomy::ReadOnly => {
            args.add(["--permission-mode", "dontAsk", "--strict-mcp-config"]);
            args.add([format!("--tools={READING_TOOLS}"), format!("--allowedTools={READING_TOOLS}")]);
        }
        Autonomy::Workspace => {
            args.add(["--permission-mode", "acceptEdits"]);
            args.add([format!("--allowedTools={WORKING_TOOLS}")]);
        }
        Autonomy::Full => args.add(["--dangerously-skip-permissions"]),
    }
    if let Some(model) = &request.model {
        args.add(["--model", checked("model", model)?]);
    }
    // What is not about the task itself: updates, and reports to the vendor.
    let mut env = vec![variable("DISABLE_AUTOUPDATER"), variable("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC")];
    for option in &request.options {
        add_option(option, &mut args, &mut env)?;
    }
    if let Some(session) = &request.resume {
        args.add(["--resume", checked("session", session)?]);
    }
    args.add(&request.extra_args);
    Ok(Plan {
        program: "claude".into(),
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
    match (option.key.as_str(), value) {
        ("effort", effort) if EFFORTS.contains(&effort) => args.add(["--effort", effort]),
        ("as-root", "allow") => env.push(variable("IS_SANDBOX")),
        ("as-root", "refuse") => {}
        ("add-dir", dir) => args.add([format!("--add-dir={}", checked("add-dir", dir)?)]),
        ("fallback-model", model) => args.add(["--fallback-model", checked("fallback-model", model)?]),
        (key @ ("effort" | "as-root"), value) => {
            return Err(PlanError::Invalid(format!("option {key} cannot be `{value}`")));
        }
        (key, _) => return Err(PlanError::Invalid(format!("claude has no option `{key}`"))),
    }
    Ok(())
}

fn variable(name: &str) -> Kv {
    Kv { key: name.into(), value: "1".into() }
}
