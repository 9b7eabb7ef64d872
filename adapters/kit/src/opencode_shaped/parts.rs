//! Owns the parts of the family's lines: what a tool call looks like as an event, and what a step used. Must not touch
//! the state of the run.

use crate::json::{Object, Value};
use crate::text::cut;
use crate::{Event, Kv, Tool, Usage};

/// The longest command, query or list of arguments that an event carries, in bytes. The log has all of it.
const MAX_DETAIL_BYTES: usize = 2 << 10;

/// The most files that one call reports one by one.
const MAX_CHANGES: usize = 1000;

/// How the text begins with which a permission is refused in the name of the user.
const REJECTION: &str = "The user rejected permission";

/// The family's own tools, what kind each is, and the member of its input that says what it is about.
const TOOLS: &[(&str, &str, &str)] = &[
    ("apply_patch", "edit", "patchText"),
    ("bash", "shell", "command"),
    ("codesearch", "web", "query"),
    ("edit", "edit", "filePath"),
    ("glob", "search", "pattern"),
    ("grep", "search", "pattern"),
    ("invalid", "other", "error"),
    ("list", "read", "path"),
    ("lsp", "read", "filePath"),
    ("multiedit", "edit", "filePath"),
    ("patch", "edit", "patchText"),
    ("question", "other", "questions"),
    ("read", "read", "filePath"),
    ("skill", "other", "name"),
    ("task", "other", "description"),
    ("todoread", "other", "todos"),
    ("todowrite", "other", "todos"),
    ("webfetch", "web", "url"),
    ("websearch", "web", "query"),
    ("write", "edit", "filePath"),
];

/// A step that counted nothing: unknown, not zero.
pub(super) const UNKNOWN: Usage = Usage {
    input: None,
    cached_input: None,
    cache_write: None,
    output: None,
    reasoning: None,
    cost_micro_usd: None,
    model: None,
    cumulative: false,
};

/// What the reader has to know of a tool call.
pub(super) struct Used {
    pub(super) name: String,
    /// One of the family's own tools: its errors are the agent's own words.
    pub(super) is_builtin: bool,
    /// The provider ran it; it was no call to the agent.
    pub(super) by_provider: bool,
    pub(super) rejected: bool,
}

/// A tool call, which is written when it has ended.
pub(super) fn tool(part: &Object<'_>, events: &mut Vec<Event>) -> Used {
    let name = part.string("tool").map_or_else(String::new, |name| cut(&name, MAX_DETAIL_BYTES).into_owned());
    let state = part.object("state").unwrap_or_default();
    let known = TOOLS.iter().find(|(tool, _, _)| *tool == name);
    let metadata = state.object("metadata").unwrap_or_default();
    let exit_code = metadata.get("exit").and_then(Value::as_i32);
    let ok = match state.string("status").as_deref() {
        // A call that no tool could take is fed back to the model, and called completed.
        Some("completed") => Some(name != "invalid" && exit_code.is_none_or(|code| code == 0)),
        Some("error") => Some(false),
        _ => None,
    };
    let kind = match known {
        Some((_, kind, _)) => kind,
        // The tools of a server are called server_tool.
        None if name.contains('_') => "mcp",
        None => "other",
    };
    let id = part.string("callID").map_or_else(String::new, |id| cut(&id, MAX_DETAIL_BYTES).into_owned());
    let detail = detail(&state, known.map(|(_, _, member)| *member));
    events.push(Event::ToolEnd(Tool { id, name: name.clone(), kind: kind.to_owned(), detail, ok, exit_code }));
    if kind == "edit" && ok == Some(true) {
        changes(&name, &state, &metadata, events);
    }
    let flags = part.object("metadata").unwrap_or_default();
    Used {
        is_builtin: known.is_some(),
        by_provider: flags.get("providerExecuted").is_some_and(|value| value.raw() == "true"),
        rejected: ok == Some(false) && state.string("error").is_some_and(|error| error.starts_with(REJECTION)),
        name,
    }
}

fn detail(state: &Object<'_>, member: Option<&str>) -> String {
    let Some(input) = state.get("input") else { return String::new() };
    let said = member.and_then(|member| input.as_object()?.string(member));
    match said {
        Some(text) => cut(&text, MAX_DETAIL_BYTES).into_owned(),
        None => cut(input.raw(), MAX_DETAIL_BYTES).into_owned(),
    }
}

/// The files that a call says it changed.
fn changes(name: &str, state: &Object<'_>, metadata: &Object<'_>, events: &mut Vec<Event>) {
    if let Some((files, count)) = metadata.get("files").and_then(|files| files.as_array(MAX_CHANGES)) {
        let unlisted = count - files.len();
        events.extend(files.into_iter().filter_map(|file| {
            let file = file.as_object()?;
            let path = file.string("filePath").or_else(|| file.string("relativePath"))?;
            let kind = file.string("type");
            let value = kind.as_deref().filter(|kind| matches!(*kind, "add" | "delete")).unwrap_or("update");
            Some(Event::FileChange(Kv { key: path.into_owned(), value: value.to_owned() }))
        }));
        if unlisted > 0 {
            events.push(Event::Notice(format!("{unlisted} more files changed in the same edit")));
        }
        return;
    }
    let asked = || state.object("input").and_then(|input| input.string("filePath"));
    let Some(path) = metadata.string("filepath").or_else(asked) else { return };
    let is_new = name == "write" && metadata.get("exists").is_some_and(|value| value.raw() == "false");
    let value = if is_new { "add" } else { "update" };
    events.push(Event::FileChange(Kv { key: path.into_owned(), value: value.to_owned() }));
}

/// What a step used. The family leaves cached tokens out of the input and reasoning out of the output; here they are in.
/// None when nothing was counted: a stream that broke off has zeros only. A cost of nothing means that the settings
/// name no price.
pub(super) fn usage(part: &Object<'_>) -> Option<Usage> {
    let tokens = part.object("tokens")?;
    let cache = tokens.object("cache").unwrap_or_default();
    let (input, output, reasoning) = (tokens.u64("input"), tokens.u64("output"), tokens.u64("reasoning"));
    let (read, write) = (cache.u64("read"), cache.u64("write"));
    let is_counted = [input, output, reasoning, read, write].iter().any(|count| count.is_some_and(|tokens| tokens > 0));
    let with = |count: u64, more: Option<u64>| count.saturating_add(more.unwrap_or(0));
    is_counted.then(|| Usage {
        input: input.map(|input| with(with(input, read), write)),
        cached_input: read,
        cache_write: write,
        output: output.map(|output| with(output, reasoning)),
        reasoning,
        cost_micro_usd: part.get("cost").and_then(micro_usd),
        model: None,
        cumulative: false,
    })
}

/// Dollars with a fraction, in millionths; none for zero and for what is no price.
fn micro_usd(cost: Value<'_>) -> Option<u64> {
    const MAX_USD: f64 = 1e9;
    let usd: f64 = cost.raw().parse().ok()?;
    let is_price = usd > 0.0 && usd < MAX_USD;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1e15")]
    is_price.then(|| (usd * 1e6).round() as u64)
}

/// Both together. A count that one of them does not have is unknown.
pub(super) fn sum(a: &Usage, b: &Usage) -> Usage {
    let add = |a: Option<u64>, b: Option<u64>| Some(a?.saturating_add(b?));
    Usage {
        input: add(a.input, b.input),
        cached_input: add(a.cached_input, b.cached_input),
        cache_write: add(a.cache_write, b.cache_write),
        output: add(a.output, b.output),
        reasoning: add(a.reasoning, b.reasoning),
        cost_micro_usd: add(a.cost_micro_usd, b.cost_micro_usd),
        model: None,
        cumulative: false,
    }
}
