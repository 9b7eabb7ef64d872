//! The script: where it is found, its JSON shape, and which steps a run plays. It checks everything it can before the
//! first step, and does nothing itself.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::child::Spawn;
use crate::codex::{CodexCommand, CodexDone, CodexOk, CodexStart};
use crate::signals::SignalName;

/// Names the JSON file that holds the script.
pub(crate) const FILE_VAR: &str = "FAKE_AGENT_SCRIPT";
/// Holds the script itself, or only its list of steps; wins over the file.
pub(crate) const INLINE_VAR: &str = "FAKE_AGENT_STEPS";
/// Appended to the path the program was started by: a script that no environment filter can hide.
const BESIDE_SUFFIX: &str = ".script.json";

/// A whole script.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    /// What `--version` prints.
    pub(crate) version: Option<String>,
    /// Looked through in order; the first that matches is played instead of `steps`.
    #[serde(default)]
    pub(crate) cases: Vec<Case>,
    /// What is played when no case matches.
    pub(crate) steps: Option<Vec<Value>>,
}

/// Steps for some of the runs: every condition that is given has to hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// A part of standard input, which is then read to its end before the first step.
    pub(crate) stdin_contains: Option<String>,
    /// A part of the arguments, joined with spaces.
    pub(crate) argv_contains: Option<String>,
    /// The file name the program was started by.
    pub(crate) program: Option<String>,
    /// What is played.
    pub(crate) steps: Vec<Value>,
}

/// One step: an action, and how often it is done.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) repeat: u64,
    /// Kept as JSON because placeholders are filled in each time it is done; known to be an [`Action`].
    pub(crate) action: Value,
}

/// What a step can do; the key of the step is the snake_case name of the variant.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Out(String),
    Err(String),
    Line(Value),
    BytesHex(String),
    HugeLineBytes(u64),
    SleepMs(u64),
    WaitFile(PathBuf),
    Touch(PathBuf),
    Write(FileContent),
    Append(FileContent),
    ReadStdin(Yes),
    EchoStdinTo(PathBuf),
    DumpEnvTo(PathBuf),
    DumpArgvTo(PathBuf),
    DumpSignalsTo(PathBuf),
    DumpFdsTo(PathBuf),
    Spawn(Spawn),
    IgnoreSignals(Vec<SignalName>),
    OnSignal(OnSignal),
    BurnCpuMs(u64),
    KillSelf(SignalName),
    StopSelf(Yes),
    Git(Vec<String>),
    CloseStdout(Yes),
    Exit(u8),
    Hang(Yes),
    CodexOk(CodexOk),
    CodexStart(CodexStart),
    CodexMessage(String),
    CodexCommand(CodexCommand),
    CodexDone(CodexDone),
    CodexFail(String),
}

/// A file and the text for it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileContent {
    pub(crate) path: PathBuf,
    pub(crate) content: String,
}

/// How a signal ends the run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OnSignal {
    pub(crate) signal: SignalName,
    pub(crate) exit: u8,
    /// Written to standard output before the exit.
    #[serde(default)]
    pub(crate) out: String,
}

/// The value of a step that takes none: `true`, because `false` would say nothing.
#[derive(Debug, Deserialize)]
#[serde(try_from = "bool")]
pub(crate) struct Yes;

impl TryFrom<bool> for Yes {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        if value { Ok(Self) } else { Err("the only value is true; leave the step out instead") }
    }
}

impl Script {
    /// The script of this run: [`INLINE_VAR`], else [`FILE_VAR`], else the file beside the program. `None` without any.
    pub(crate) fn find(program: &str) -> Result<Option<Self>, String> {
        if let Some(text) = std::env::var_os(INLINE_VAR) {
            return Self::parse(&text.to_string_lossy()).map(Some).map_err(|why| format!("{INLINE_VAR}: {why}"));
        }
        let path = match std::env::var_os(FILE_VAR) {
            Some(path) => PathBuf::from(path),
            None => {
                let beside = PathBuf::from(format!("{program}{BESIDE_SUFFIX}"));
                if !program.contains('/') || !beside.exists() {
                    return Ok(None);
                }
                beside
            }
        };
        let text = std::fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))?;
        Self::parse(&text).map(Some).map_err(|why| format!("{}: {why}", path.display()))
    }

    /// Reads a script, or a bare list of steps.
    fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|why| why.to_string())?;
        match value {
            Value::Array(steps) => Ok(Self { steps: Some(steps), ..Self::default() }),
            other => serde_json::from_value(other).map_err(|why| why.to_string()),
        }
    }

    /// The steps for this run. `stdin` is asked for only when a case looks at it.
    pub(crate) fn select(
        self,
        args: &[String],
        stdin: &mut dyn FnMut() -> Result<String, String>,
    ) -> Result<Vec<Step>, String> {
        for case in self.cases {
            if case.matches(args, stdin)? {
                return parse_steps(case.steps);
            }
        }
        let steps = self.steps.ok_or("no case matches this run, and there are no other steps")?;
        parse_steps(steps)
    }
}

impl Case {
    fn matches(&self, args: &[String], stdin: &mut dyn FnMut() -> Result<String, String>) -> Result<bool, String> {
        if self.stdin_contains.is_none() && self.argv_contains.is_none() && self.program.is_none() {
            return Err("a case needs stdin_contains, argv_contains or program".to_owned());
        }
        let name = args.first().and_then(|program| Path::new(program).file_name());
        if self.program.as_deref().is_some_and(|wanted| name != Some(wanted.as_ref())) {
            return Ok(false);
        }
        let options = args.get(1..).unwrap_or_default().join(" ");
        if self.argv_contains.as_deref().is_some_and(|part| !options.contains(part)) {
            return Ok(false);
        }
        match &self.stdin_contains {
            Some(part) => Ok(stdin()?.contains(part)),
            None => Ok(true),
        }
    }
}

/// Splits off `repeat` and checks every action, so that a wrong script fails before it has done anything.
fn parse_steps(steps: Vec<Value>) -> Result<Vec<Step>, String> {
    steps.into_iter().enumerate().map(|(index, step)| parse_step(step).map_err(|why| at_step(index, &why))).collect()
}

fn parse_step(mut step: Value) -> Result<Step, String> {
    let fields = step.as_object_mut().ok_or("a step is an object with one key")?;
    let repeat = match fields.remove("repeat") {
        None => 1,
        Some(count) => count.as_u64().ok_or("repeat is a whole number")?,
    };
    let action = Action::deserialize(&step).map_err(|why| why.to_string())?;
    if let Action::Spawn(spawn) = &action {
        spawn.check()?;
    }
    Ok(Step { repeat, action: step })
}

/// An error that says which step it belongs to, counted from 0.
pub(crate) fn at_step(index: usize, why: &str) -> String {
    format!("step {index}: {why}")
}
