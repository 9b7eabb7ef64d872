//! Owns what cursor's own lines mean, on top of the family's reader. Must not judge the run.

use std::borrow::Cow;

use aid_adapter_kit::claude_shaped::{Begun, Dialect, Ending, Line, MAX_DETAIL_BYTES, State, detail};
use aid_adapter_kit::json::{Object, Value};
use aid_adapter_kit::text::cut;
use aid_adapter_kit::{Event, Kv, Refusal, Usage};

/// How the name of a tool ends in a `tool_call`.
const TOOL_SUFFIX: &str = "ToolCall";

/// Cursor's dialect of the family: tools have lines of their own.
#[derive(Debug, Default)]
pub(crate) struct CursorDialect {
    rejected: usize,
}

impl CursorDialect {
    /// How many tool calls were not permitted.
    pub(crate) fn rejected(&self) -> usize {
        self.rejected
    }
}

impl Dialect for CursorDialect {
    fn tool_kind(&self, name: &str) -> &'static str {
        match name {
            "shell" => "shell",
            "delete" | "edit" | "write" => "edit",
            "read" => "read",
            "glob" | "grep" | "ls" | "semSearch" => "search",
            "fetch" | "webFetch" | "webSearch" => "web",
            "mcp" => "mcp",
            _ => "other",
        }
    }

    /// Whether a file was there before is not documented.
    fn change(&self, name: &str, _line: &Object<'_>, _content: &str) -> &'static str {
        if name == "delete" { "delete" } else { "update" }
    }

    /// Cursor says what it has to say on stderr.
    fn own_words<'a>(&self, _line: &Object<'a>, _message: &Object<'a>, _text: &str) -> Option<Cow<'a, str>> {
        None
    }

    fn other(&mut self, line: &Line<'_>, state: &mut State, events: &mut Vec<Event>) -> bool {
        match (line.kind, line.subtype) {
            ("tool_call", "started") => self.started(line.object, state, events),
            ("tool_call", "completed") => self.completed(line.object, state, events),
            ("thinking", _) => state.goes_on(),
            ("system" | "tool_call", _) => {}
            _ => return false,
        }
        true
    }

    fn refusal(&self, ending: &Ending, _state: &State) -> Option<Refusal> {
        let said = || ending.errors.clone().unwrap_or_else(|| "cursor's result is no success".into());
        (!ending.is_success()).then(|| Refusal {
            class: "other".into(),
            message: said(),
            pool: None,
            retry_at: None,
            final_: true,
        })
    }

    /// Newer versions count, and count what a cache gave and took apart from other input.
    fn usage(&self, result: &Object<'_>, state: &State) -> Option<Usage> {
        let usage = result.object("usage")?;
        let [fresh, output, cached_input, cache_write] =
            ["inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens"].map(|key| usage.u64(key));
        let cached = [cached_input, cache_write];
        let input = fresh.map(|fresh| cached.into_iter().flatten().fold(fresh, u64::saturating_add));
        [input, output].iter().any(|count| count.is_some_and(|tokens| tokens > 0)).then(|| Usage {
            input,
            cached_input,
            cache_write,
            output,
            reasoning: None,
            cost_micro_usd: None,
            model: state.model.clone(),
            cumulative: false,
        })
    }
}

impl CursorDialect {
    fn started(&self, line: &Object<'_>, state: &mut State, events: &mut Vec<Event>) {
        state.goes_on();
        state.answer.clear();
        if let Some(call) = Call::read(line) {
            events.push(state.tools.remember(self.begun(line, &call)));
        }
    }

    fn completed(&mut self, line: &Object<'_>, state: &mut State, events: &mut Vec<Event>) {
        state.goes_on();
        let Some(call) = Call::read(line) else { return };
        let mut begun = state.tools.take(&id(line)).unwrap_or_else(|| self.begun(line, &call));
        let result = call.body.object("result");
        let success = result.as_ref().and_then(|result| result.object("success"));
        let exit_code = success.as_ref().and_then(|success| success.get("exitCode")).and_then(Value::as_i32);
        let is_rejected = result.as_ref().is_some_and(|result| result.get("rejected").is_some());
        self.rejected += usize::from(is_rejected);
        let ok = result.as_ref().map(|_| success.is_some() && exit_code.is_none_or(|code| code == 0));
        let changed = begun.path.take().filter(|_| ok == Some(true));
        let change = changed.map(|path| Kv { key: path, value: self.change(&begun.name, line, "").into() });
        events.push(Event::ToolEnd(begun.tool(ok, exit_code)));
        events.extend(change.map(Event::FileChange));
    }

    fn begun(&self, line: &Object<'_>, call: &Call<'_>) -> Begun {
        let arguments = call.body.get("args").or_else(|| call.body.get("arguments"));
        let members = arguments.and_then(Value::as_object).unwrap_or_default();
        let kind = self.tool_kind(&call.name);
        Begun {
            id: id(line),
            name: call.name.clone(),
            kind,
            detail: detail(&members, arguments.map_or("", Value::raw)),
            path: members.string("path").filter(|_| kind == "edit").map(Cow::into_owned),
        }
    }
}

/// What stands in a `tool_call`: one member that is named after its tool.
struct Call<'a> {
    name: String,
    body: Object<'a>,
}

impl<'a> Call<'a> {
    fn read(line: &Object<'a>) -> Option<Self> {
        let call = line.object("tool_call")?;
        let named = call.keys().find_map(|key| Some((key.strip_suffix(TOOL_SUFFIX)?.to_owned(), key.to_owned())));
        if let Some((name, key)) = named {
            return Some(Self { name: cut(&name, MAX_DETAIL_BYTES).into_owned(), body: call.object(&key)? });
        }
        let body = call.object("function")?;
        let name =
            body.string("name").map_or_else(|| "function".into(), |name| cut(&name, MAX_DETAIL_BYTES).into_owned());
        Some(Self { name, body })
    }
}

fn id(line: &Object<'_>) -> String {
    line.string("call_id").map_or_else(String::new, |id| cut(&id, MAX_DETAIL_BYTES).into_owned())
}
