//! Owns how qwen is started. Must not start it, nor know what the host allows.

use aid_adapter_kit::plan::{Arguments, checked};
use aid_adapter_kit::{Autonomy, File, Input, Kv, Plan, PlanError, Request};

use crate::manifest::AUTH_TYPES;

/// Settings that hold where the user's own say nothing: no reports to the vendor, no updates. There is no flag for
/// either. The file stands in for the machine's defaults, which hardly any machine has.
const DEFAULTS: &str = r#"{"privacy":{"usageStatisticsEnabled":false},"general":{"enableAutoUpdate":false}}"#;

/// The name of the file with them.
const DEFAULTS_FILE: &str = "defaults.json";

/// What to run for a request.
///
/// The prompt comes from stdin: an argument is limited to 128 KiB, and one that begins with a dash is taken for a flag.
/// `plan` is qwen's read-only mode: it offers no tool that writes or runs anything, and refuses them, and the way out of
/// the mode, to a model that calls them all the same.
///
/// # Errors
/// [`PlanError::Invalid`] for a model, session or option that cannot be what it says it is.
pub fn plan(request: &Request) -> Result<Plan, PlanError> {
    let mut args = Arguments::default();
    args.add(["-o", "stream-json", "--approval-mode", approval_mode(request.autonomy)]);
    if let Some(model) = &request.model {
        args.add(["-m", checked("model", model)?]);
    }
    for Kv { key, value } in &request.options {
        match (key.as_str(), value.as_str()) {
            ("auth-type", value) if AUTH_TYPES.contains(&value) => args.add(["--auth-type", value]),
            ("add-dir", dir) => args.add([format!("--add-dir={}", checked("add-dir", dir)?)]),
            ("auth-type", value) => {
                return Err(PlanError::Invalid(format!("option auth-type cannot be `{value}`")));
            }
            (key, _) => return Err(PlanError::Invalid(format!("qwen has no option `{key}`"))),
        }
    }
    if let Some(session) = &request.resume {
        args.add(["--resume", checked("session", session)?]);
    }
    args.add(&request.extra_args);
    Ok(Plan {
        program: "qwen".into(),
        args: args.into_args(),
        env: vec![Kv { key: "QWEN_CODE_SYSTEM_DEFAULTS_PATH".into(), value: format!("{{file:{DEFAULTS_FILE}}}") }],
        input: Input::Prompt,
        prompt_suffix: None,
        files: vec![File { name: DEFAULTS_FILE.into(), content: DEFAULTS.into() }],
        make_dirs: Vec::new(),
        ext: Vec::new(),
    })
}

/// `auto-edit` offers no commands without somebody to ask, so a workspace run edits files and runs nothing.
fn approval_mode(autonomy: Autonomy) -> &'static str {
    match autonomy {
        Autonomy::ReadOnly => "plan",
        Autonomy::Workspace => "auto-edit",
        Autonomy::Full => "yolo",
    }
}
