//! Owns the definition as this side has it, and how it is read from JSON. Must not carry it out.
//!
//! `definition.schema.json` describes the JSON; the host checks what a user writes. This side only refuses what it cannot
//! carry out: another version, a word that it does not know, a part that is missing.

use aid_adapter_kit::Request;
use aid_adapter_kit::json::{Object, Value};

/// The option that carries a definition.
pub const OPTION: &str = "definition";
/// The only version there is.
const VERSION: u64 = 1;
/// Longest definition, in bytes.
const MAX_BYTES: usize = 256 << 10;
/// Most entries of one list.
const MAX_ENTRIES: usize = 1024;

/// One agent of the user's.
#[derive(Debug, Clone)]
pub struct Definition {
    pub(crate) command: Command,
    pub(crate) format: Format,
    pub(crate) answer: AnswerIs,
    pub(crate) rules: Vec<Rule>,
    pub(crate) success: Success,
    pub(crate) usage: Option<UsagePaths>,
}

#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub(crate) args: Vec<String>,
    pub(crate) end_args: Vec<String>,
    pub(crate) read_only_args: Option<Vec<String>>,
    pub(crate) workspace_args: Vec<String>,
    pub(crate) full_args: Vec<String>,
    pub(crate) prompt: Prompt,
    pub(crate) model_flag: Option<String>,
    pub(crate) dir_flag: Option<String>,
    pub(crate) output_flag: Option<String>,
    pub(crate) resume_flag: Option<String>,
    pub(crate) env: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub(crate) enum Prompt {
    Stdin,
    Arg { guard: bool },
    Flag(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Jsonl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerIs {
    Last,
    All,
}

#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) when: Vec<Condition>,
    pub(crate) each: Option<Path>,
    pub(crate) filter: Vec<Condition>,
    pub(crate) event: RuleEvent,
}

/// Keys on the way to a value. None: the line or element itself.
pub(crate) type Path = Vec<String>;

#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) path: Path,
    pub(crate) test: Test,
}

#[derive(Debug, Clone)]
pub(crate) enum Test {
    Is(Vec<Scalar>),
    Not(Vec<Scalar>),
    Exists(bool),
    Empty(bool),
    Above(i64),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Scalar {
    Flag(bool),
    Integer(i64),
    Text(String),
}

#[derive(Debug, Clone)]
pub(crate) enum RuleEvent {
    Message(Path),
    Delta(Path),
    Reasoning(Path),
    Notice(Path),
    Answer(Path),
    Session(Path),
    Model(Path),
    ToolStart(ToolPaths),
    ToolEnd(ToolPaths),
    FileChange { file: Path, change: Option<Path>, changes: Vec<(String, String)> },
    Retry(RefusalPaths),
    Failure(RefusalPaths),
    Begin,
}

#[derive(Debug, Clone)]
pub(crate) struct ToolPaths {
    pub(crate) id: Option<Path>,
    pub(crate) name: Option<Path>,
    pub(crate) detail: Option<Path>,
    pub(crate) ok: Option<Path>,
    pub(crate) failed: Option<Path>,
    pub(crate) exit_code: Option<Path>,
    pub(crate) kinds: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub(crate) struct RefusalPaths {
    pub(crate) message: Option<Path>,
    pub(crate) code: Option<Path>,
    pub(crate) classes: Vec<(String, String)>,
    pub(crate) class: String,
    pub(crate) retry_at: Option<Path>,
    pub(crate) pool: Option<Path>,
}

#[derive(Debug, Clone)]
pub(crate) enum Success {
    Mark(Vec<Condition>),
    ExitZero,
}

#[derive(Debug, Clone)]
pub(crate) struct UsagePaths {
    pub(crate) when: Vec<Condition>,
    pub(crate) counts: Counts,
    pub(crate) input: Option<Path>,
    pub(crate) cached_input: Option<Path>,
    pub(crate) cache_write: Option<Path>,
    pub(crate) input_includes_cached: bool,
    pub(crate) output: Option<Path>,
    pub(crate) reasoning: Option<Path>,
    pub(crate) output_includes_reasoning: bool,
    pub(crate) cost_usd: Option<Path>,
    pub(crate) model: Option<Path>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    Step,
    Run,
    Session,
}

/// The definition of a request. None: it has none.
pub(crate) fn of(request: &Request) -> Option<Result<Definition, String>> {
    let option = request.options.iter().find(|option| option.key == OPTION)?;
    Some(read(&option.value))
}

/// Reads a definition.
///
/// # Errors
/// With what cannot be carried out.
pub fn read(json: &str) -> Result<Definition, String> {
    if json.len() > MAX_BYTES {
        return Err(format!("the definition has {} bytes, the limit is {MAX_BYTES}", json.len()));
    }
    let root = Object::parse(json).map_err(|_| "the definition is not a JSON object".to_owned())?;
    match root.u64("v") {
        Some(VERSION) => {}
        Some(other) => return Err(format!("the definition is of version {other}, this component knows {VERSION}")),
        None => return Err("the definition says no version".into()),
    }
    let output = section(&root, "output")?;
    let definition = Definition {
        command: command(&section(&root, "command")?)?,
        format: word(&output, "format", &[("text", Format::Text), ("jsonl", Format::Jsonl)])?,
        answer: word(&output, "answer", &[("last", AnswerIs::Last), ("all", AnswerIs::All)])?,
        rules: entries(&output, "rules")?.into_iter().map(rule).collect::<Result<_, _>>()?,
        success: success(&section(&root, "success")?)?,
        usage: root.object("usage").map(|usage| usage_paths(&usage)).transpose()?,
    };
    match (definition.format, &definition.success) {
        // A model could write any line of a text.
        (Format::Text, Success::Mark(_)) => Err("the definition wants a success mark in text".into()),
        (_, Success::Mark(when)) if when.is_empty() => Err("the definition's success mark fits every line".into()),
        _ => Ok(definition),
    }
}

fn command(object: &Object<'_>) -> Result<Command, String> {
    let prompt = section(object, "prompt")?;
    let prompt = match prompt.string("by").as_deref() {
        Some("stdin") => Prompt::Stdin,
        Some("arg") => Prompt::Arg { guard: flag(&prompt, "guard")? },
        Some("flag") => Prompt::Flag(text(&prompt, "flag")?),
        other => return Err(unknown("prompt.by", other)),
    };
    let one = |key| object.string(key).map(|text| text.into_owned());
    let env = entries(object, "env")?.into_iter();
    Ok(Command {
        args: texts(object, "args")?,
        end_args: texts(object, "end_args")?,
        read_only_args: object.get("read_only_args").map(|_| texts(object, "read_only_args")).transpose()?,
        workspace_args: texts(object, "workspace_args")?,
        full_args: texts(object, "full_args")?,
        prompt,
        model_flag: one("model_flag"),
        dir_flag: one("dir_flag"),
        output_flag: one("output_flag"),
        resume_flag: one("resume_flag"),
        env: env
            .map(|pair| {
                let pair = as_object(pair, "env")?;
                Ok((text(&pair, "key")?, text(&pair, "value")?))
            })
            .collect::<Result<_, String>>()?,
    })
}

fn rule(value: Value<'_>) -> Result<Rule, String> {
    let object = as_object(value, "rules")?;
    let needed = |key| path(&object, key)?.ok_or_else(|| missing(key));
    let event = match object.string("event").as_deref() {
        Some("message") => RuleEvent::Message(needed("text")?),
        Some("delta") => RuleEvent::Delta(needed("text")?),
        Some("reasoning") => RuleEvent::Reasoning(needed("text")?),
        Some("notice") => RuleEvent::Notice(needed("text")?),
        Some("answer") => RuleEvent::Answer(needed("text")?),
        Some("session") => RuleEvent::Session(needed("text")?),
        Some("model") => RuleEvent::Model(needed("text")?),
        Some("tool_start") => RuleEvent::ToolStart(tool(&object)?),
        Some("tool_end") => RuleEvent::ToolEnd(tool(&object)?),
        Some("file_change") => RuleEvent::FileChange {
            file: needed("file")?,
            change: path(&object, "change")?,
            changes: meanings(&object, "changes")?,
        },
        Some("retry") => RuleEvent::Retry(refusal(&object)?),
        Some("failure") => RuleEvent::Failure(refusal(&object)?),
        Some("begin") => RuleEvent::Begin,
        other => return Err(unknown("event", other)),
    };
    Ok(Rule {
        when: conditions(&object, "when")?,
        each: path(&object, "each")?,
        filter: conditions(&object, "where")?,
        event,
    })
}

fn tool(object: &Object<'_>) -> Result<ToolPaths, String> {
    Ok(ToolPaths {
        id: path(object, "id")?,
        name: path(object, "name")?,
        detail: path(object, "detail")?,
        ok: path(object, "ok")?,
        failed: path(object, "failed")?,
        exit_code: path(object, "exit_code")?,
        kinds: meanings(object, "kinds")?,
    })
}

fn refusal(object: &Object<'_>) -> Result<RefusalPaths, String> {
    Ok(RefusalPaths {
        message: path(object, "message")?,
        code: path(object, "code")?,
        classes: meanings(object, "classes")?,
        class: text(object, "class")?,
        retry_at: path(object, "retry_at")?,
        pool: path(object, "pool")?,
    })
}

fn success(object: &Object<'_>) -> Result<Success, String> {
    match object.string("rule").as_deref() {
        Some("mark") => Ok(Success::Mark(conditions(object, "when")?)),
        Some("exit-zero") => Ok(Success::ExitZero),
        other => Err(unknown("success.rule", other)),
    }
}

fn usage_paths(object: &Object<'_>) -> Result<UsagePaths, String> {
    const COUNTS: [(&str, Counts); 3] = [("step", Counts::Step), ("run", Counts::Run), ("session", Counts::Session)];
    Ok(UsagePaths {
        when: conditions(object, "when")?,
        counts: word(object, "counts", &COUNTS)?,
        input: path(object, "input")?,
        cached_input: path(object, "cached_input")?,
        cache_write: path(object, "cache_write")?,
        input_includes_cached: flag(object, "input_includes_cached")?,
        output: path(object, "output")?,
        reasoning: path(object, "reasoning")?,
        output_includes_reasoning: flag(object, "output_includes_reasoning")?,
        cost_usd: path(object, "cost_usd")?,
        model: path(object, "model")?,
    })
}

fn conditions(object: &Object<'_>, key: &str) -> Result<Vec<Condition>, String> {
    entries(object, key)?.into_iter().map(|value| condition(&as_object(value, key)?)).collect()
}

fn condition(object: &Object<'_>) -> Result<Condition, String> {
    let scalars = |key| entries(object, key)?.into_iter().map(scalar).collect::<Result<Vec<_>, String>>();
    let test = if object.get("is").is_some() {
        Test::Is(scalars("is")?)
    } else if object.get("not").is_some() {
        Test::Not(scalars("not")?)
    } else if object.get("exists").is_some() {
        Test::Exists(flag(object, "exists")?)
    } else if object.get("empty").is_some() {
        Test::Empty(flag(object, "empty")?)
    } else {
        let above = object.get("above").and_then(|above| above.raw().parse().ok());
        Test::Above(above.ok_or("the definition has a condition of an unknown kind")?)
    };
    Ok(Condition { path: path(object, "path")?.ok_or_else(|| missing("path"))?, test })
}

fn scalar(value: Value<'_>) -> Result<Scalar, String> {
    match value.raw() {
        "true" => Ok(Scalar::Flag(true)),
        "false" => Ok(Scalar::Flag(false)),
        raw => match (value.as_string(), raw.parse()) {
            (Some(text), _) => Ok(Scalar::Text(text.into_owned())),
            (None, Ok(integer)) => Ok(Scalar::Integer(integer)),
            (None, Err(_)) => Err(format!("the definition compares with {raw}")),
        },
    }
}

fn path(object: &Object<'_>, key: &str) -> Result<Option<Path>, String> {
    let Some(value) = object.get(key) else { return Ok(None) };
    let text = value.as_string().ok_or_else(|| format!("the definition's `{key}` is not a text"))?;
    Ok(Some(if text == "." { Vec::new() } else { text.split('.').map(str::to_owned).collect() }))
}

fn meanings(object: &Object<'_>, key: &str) -> Result<Vec<(String, String)>, String> {
    let meaning = |value| {
        let object = as_object(value, key)?;
        Ok((text(&object, "value")?, text(&object, "means")?))
    };
    entries(object, key)?.into_iter().map(meaning).collect()
}

fn section<'a>(object: &Object<'a>, key: &str) -> Result<Object<'a>, String> {
    object.object(key).ok_or_else(|| missing(key))
}

fn word<T: Copy>(object: &Object<'_>, key: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = object.string(key);
    let known = words.iter().find(|(word, _)| Some(*word) == found.as_deref());
    known.map(|(_, value)| *value).ok_or_else(|| unknown(key, found.as_deref()))
}

fn text(object: &Object<'_>, key: &str) -> Result<String, String> {
    object.string(key).map(|text| text.into_owned()).ok_or_else(|| missing(key))
}

fn flag(object: &Object<'_>, key: &str) -> Result<bool, String> {
    match object.get(key).map(Value::raw) {
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        _ => Err(missing(key)),
    }
}

fn texts(object: &Object<'_>, key: &str) -> Result<Vec<String>, String> {
    let text = |value: Value<'_>| value.as_string().map(|text| text.into_owned()).ok_or_else(|| missing(key));
    entries(object, key)?.into_iter().map(text).collect()
}

/// The entries of a list; a list that is not there has none.
fn entries<'a>(object: &Object<'a>, key: &str) -> Result<Vec<Value<'a>>, String> {
    let Some(value) = object.get(key) else { return Ok(Vec::new()) };
    match value.as_array(MAX_ENTRIES) {
        Some((entries, count)) if count <= MAX_ENTRIES => Ok(entries),
        Some((_, count)) => Err(format!("the definition's `{key}` has {count} entries, the limit is {MAX_ENTRIES}")),
        None => Err(format!("the definition's `{key}` is not a list")),
    }
}

fn as_object<'a>(value: Value<'a>, key: &str) -> Result<Object<'a>, String> {
    value.as_object().ok_or_else(|| format!("the definition's `{key}` has an entry that is not an object"))
}

fn missing(key: &str) -> String {
    format!("the definition lacks a usable `{key}`")
}

fn unknown(key: &str, found: Option<&str>) -> String {
    match found {
        Some(word) => format!("the definition's `{key}` is `{word}`, which this component does not know"),
        None => missing(key),
    }
}
