//! Owns how gemini is started. Must not start it, nor know what the host allows.

use aid_adapter_kit::{Arg, Autonomy, File, Input, Kv, Plan, PlanError, Request};

use crate::manifest::{ATTEMPTS, AUTH_TYPES};

/// The longest model name or directory that is passed on, in bytes.
const MAX_VALUE_BYTES: usize = 1024;

/// How often one request is tried, where the user has not said it. Three take about a quarter of a minute.
const DEFAULT_ATTEMPTS: &str = "3";

const SETTINGS_FILE: &str = "settings.json";

/// The lengths of the parts of a UUID.
const UUID_PARTS: [usize; 5] = [8, 4, 4, 4, 12];

/// What to run for a request.
///
/// The prompt always comes from stdin: an argument is limited to 128 KiB, and one that begins with a dash is taken for
/// a flag. gemini reads at most 8 MiB of it. It takes a text that begins with a slash for a command of its own, which
/// the host's prompts never do: they begin with the heading of a section. It adds the content of files that the prompt
/// names as `@path`; only for paths that exist, because the settings below switch off its search for similar ones.
///
/// Without `--skip-trust` gemini refuses to work in a directory that nobody has trusted in its own dialogue. `yolo` has
/// no sandbox, so it serves for the workspace too: the other modes have no shell, and the host confines what it can.
///
/// The settings are defaults, so that neither the user's own nor an administrator's lose to them. gemini ignores the
/// file, with a warning, where others may write to a directory above it.
///
/// # Errors
/// [`PlanError::Invalid`] for a model, session or option that cannot be what it says it is.
pub fn plan(request: &Request) -> Result<Plan, PlanError> {
    let mut args: Vec<String> = vec!["--approval-mode".into(), approval_mode(request.autonomy).into()];
    args.extend(["--skip-trust", "-o", "stream-json"].map(str::to_owned));
    if let Some(model) = &request.model {
        args.extend(["-m".into(), checked("model", model)?.to_owned()]);
    }
    if let Some(session) = &request.resume {
        args.extend(["--resume".into(), checked_session(session)?.to_owned()]);
    }
    let options = Options::read(&request.options)?;
    args.extend(options.directories.iter().map(|dir| format!("--include-directories={dir}")));
    args.extend(request.extra_args.iter().cloned());
    Ok(Plan {
        program: "gemini".into(),
        args: args.into_iter().map(Arg::Text).collect(),
        env: environment(),
        input: Input::Prompt,
        prompt_suffix: None,
        files: vec![File { name: SETTINGS_FILE.into(), content: options.settings().into_bytes() }],
        make_dirs: Vec::new(),
        ext: Vec::new(),
    })
}

fn approval_mode(autonomy: Autonomy) -> &'static str {
    match autonomy {
        Autonomy::ReadOnly => "plan",
        Autonomy::Workspace | Autonomy::Full => "yolo",
    }
}

fn environment() -> Vec<Kv> {
    let variable = |key: &str, value: &str| Kv { key: key.into(), value: value.into() };
    vec![
        // One process instead of two: the outer one ignores every signal, and costs 145 MB.
        variable("GEMINI_CLI_NO_RELAUNCH", "true"),
        variable("GEMINI_CLI_SYSTEM_DEFAULTS_PATH", &format!("{{file:{SETTINGS_FILE}}}")),
        variable("NO_COLOR", "1"),
        // Without these two gemini warns about the terminal that it does not have.
        variable("TERM", "xterm-256color"),
        variable("COLORTERM", "truecolor"),
    ]
}

/// The user's options, checked.
struct Options<'a> {
    attempts: &'a str,
    auth: Option<&'a str>,
    detects_loops: bool,
    directories: Vec<&'a str>,
}

impl<'a> Options<'a> {
    fn read(options: &'a [Kv]) -> Result<Self, PlanError> {
        let mut read = Self { attempts: DEFAULT_ATTEMPTS, auth: None, detects_loops: true, directories: Vec::new() };
        for Kv { key, value } in options {
            match (key.as_str(), value.as_str()) {
                ("max-attempts", attempts) if ATTEMPTS.contains(&attempts) => read.attempts = attempts,
                ("auth", auth) if AUTH_TYPES.contains(&auth) => read.auth = Some(auth),
                ("loop-detection", "true") => read.detects_loops = true,
                ("loop-detection", "false") => read.detects_loops = false,
                ("include-directory", dir) => read.directories.push(checked_directory(dir)?),
                ("max-attempts" | "auth" | "loop-detection", _) => {
                    return Err(PlanError::Invalid(format!("option {key} cannot be `{value}`")));
                }
                _ => return Err(PlanError::Invalid(format!("gemini has no option `{key}`"))),
            }
        }
        Ok(read)
    }

    /// gemini's settings: nothing phones home, updates itself, or waits long for a server. Every value is one of a list,
    /// so none needs an escape.
    fn settings(&self) -> String {
        let auth = self.auth.map(|auth| format!(r#","security":{{"auth":{{"selectedType":"{auth}"}}}}"#));
        format!(
            concat!(
                r#"{{"general":{{"enableAutoUpdate":false,"enableAutoUpdateNotification":false,"maxAttempts":{}}},"#,
                r#""privacy":{{"usageStatisticsEnabled":false}},"telemetry":{{"enabled":false}},"#,
                r#""context":{{"fileFiltering":{{"enableRecursiveFileSearch":false}}}},"#,
                r#""model":{{"disableLoopDetection":{}}}{}}}"#,
            ),
            self.attempts,
            !self.detects_loops,
            auth.unwrap_or_default(),
        )
    }
}

/// gemini's sessions are UUIDs. Anything else means another session to it: `latest` the last one, or a new one where
/// there is none, and a number a place in a list.
fn checked_session(session: &str) -> Result<&str, PlanError> {
    let lengths = session.split('-').map(str::len);
    let is_uuid = lengths.eq(UUID_PARTS) && session.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if is_uuid { Ok(session) } else { Err(PlanError::Invalid("the session is not one of gemini's ids, a UUID".into())) }
}

/// The flag takes a list that is separated by commas.
fn checked_directory(dir: &str) -> Result<&str, PlanError> {
    if dir.contains(',') {
        return Err(PlanError::Invalid(
            "the include-directory has a comma, which gemini takes for two directories".into(),
        ));
    }
    checked("include-directory", dir)
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
