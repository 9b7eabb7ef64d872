//! Owns how cursor is started. Must not start it, nor know what the host allows.

use aid_adapter_kit::plan::{Arguments, checked};
use aid_adapter_kit::{Autonomy, Input, Kv, Plan, PlanError, Request};

/// What to run for a request.
///
/// The prompt comes from stdin alone: cursor adds stdin to the prompt on its command line, and without one there it is
/// the whole prompt. An argument is limited to 128 KiB, and one that begins with a dash is taken for a flag.
///
/// `--trust` and `--force` are two things: without the first cursor does not work in a directory that nobody has trusted
/// yet, without the second it runs no command. The output format is always named, as its default has changed; partial
/// output is never asked for, as it repeats texts. The directory is the working directory the host sets.
///
/// # Errors
/// [`PlanError::Invalid`] for a model, session or option that cannot be what it says it is.
pub fn plan(request: &Request) -> Result<Plan, PlanError> {
    let options = Options::read(&request.options)?;
    let mut args = Arguments::default();
    args.add(["-p", "--output-format", "stream-json", "--trust"]);
    match request.autonomy {
        Autonomy::ReadOnly => args.add(["--mode", options.read_only_mode]),
        Autonomy::Workspace => args.add(["--force", "--sandbox", options.sandbox.unwrap_or("enabled")]),
        Autonomy::Full => {
            args.add(["--force"]);
            args.add(options.sandbox.into_iter().flat_map(|sandbox| ["--sandbox", sandbox]));
        }
    }
    if options.approve_mcps {
        args.add(["--approve-mcps"]);
    }
    if let Some(model) = &request.model {
        args.add(["--model", checked("model", model)?]);
    }
    if let Some(session) = &request.resume {
        args.add(["--resume", checked("session", session)?]);
    }
    args.add(&request.extra_args);
    Ok(Plan {
        program: "cursor-agent".into(),
        args: args.into_args(),
        // A login that opens a browser waits for nobody.
        env: vec![Kv { key: "NO_OPEN_BROWSER".into(), value: "1".into() }],
        input: Input::Prompt,
        prompt_suffix: None,
        files: Vec::new(),
        make_dirs: Vec::new(),
        ext: Vec::new(),
    })
}

/// What the user set for this agent.
struct Options<'a> {
    read_only_mode: &'a str,
    sandbox: Option<&'a str>,
    approve_mcps: bool,
}

impl<'a> Options<'a> {
    fn read(options: &'a [Kv]) -> Result<Self, PlanError> {
        let mut read = Self { read_only_mode: "ask", sandbox: None, approve_mcps: false };
        for Kv { key, value } in options {
            match (key.as_str(), value.as_str()) {
                ("read-only-mode", mode @ ("ask" | "plan")) => read.read_only_mode = mode,
                ("sandbox", sandbox @ ("enabled" | "disabled")) => read.sandbox = Some(sandbox),
                ("approve-mcps", approve @ ("true" | "false")) => read.approve_mcps = approve == "true",
                (key @ ("read-only-mode" | "sandbox" | "approve-mcps"), value) => {
                    return Err(PlanError::Invalid(format!("option {key} cannot be `{value}`")));
                }
                (key, _) => return Err(PlanError::Invalid(format!("cursor has no option `{key}`"))),
            }
        }
        Ok(read)
    }
}
