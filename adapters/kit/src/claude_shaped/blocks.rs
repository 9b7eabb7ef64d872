//! Owns tool calls of the claude family: what one of them looks like as an event, and which are under way. Must not touch
//! the state of the run.

use std::borrow::Cow;

use crate::json::Object;
use crate::text::cut;
use crate::{Event, Kv, Tool};

/// The longest command, path or list of arguments that an event carries, in bytes. The log has all of it.
pub const MAX_DETAIL_BYTES: usize = 2 << 10;

/// The most tool calls whose beginning is remembered until they end.
const MAX_PENDING: usize = 64;

/// The longest text of a tool's result that is looked at, in bytes: how it begins.
const MAX_RESULT_BYTES: usize = 256;

/// Arguments that say what a call is about, the telling ones first.
const TELLING: [&str; 11] = [
    "command",
    "file_path",
    "absolute_path",
    "notebook_path",
    "path",
    "pattern",
    "globPattern",
    "url",
    "query",
    "skill",
    "description",
];

/// Tool calls that have begun. None of them has to end.
#[derive(Debug, Default)]
pub struct Pending(Vec<Begun>);

/// One of them.
#[derive(Debug)]
pub struct Begun {
    /// The agent's id of the call.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The contract's kind of tool.
    pub kind: &'static str,
    /// What it is about.
    pub detail: String,
    /// The file it edits.
    pub path: Option<String>,
}

impl Begun {
    /// The call as the contract has it.
    pub fn tool(self, ok: Option<bool>, exit_code: Option<i32>) -> Tool {
        Tool { id: self.id, name: self.name, kind: self.kind.to_owned(), detail: self.detail, ok, exit_code }
    }
}

impl Pending {
    /// A `tool_use` block.
    pub(super) fn started(&mut self, block: &Object<'_>, name: Cow<'_, str>, kind: &'static str) -> Option<Event> {
        let input = block.get("input");
        let arguments = input.and_then(crate::json::Value::as_object).unwrap_or_default();
        let begun = Begun {
            id: id(block, "id"),
            name: cut(&name, MAX_DETAIL_BYTES).into_owned(),
            kind,
            detail: detail(&arguments, input.map_or("", crate::json::Value::raw)),
            path: path(&arguments, kind),
        };
        Some(self.remember(begun))
    }

    /// A call has begun.
    pub fn remember(&mut self, begun: Begun) -> Event {
        let Begun { id, name, kind, detail, .. } = &begun;
        let event = Event::ToolStart(Tool {
            id: id.clone(),
            name: name.clone(),
            kind: (*kind).to_owned(),
            detail: detail.clone(),
            ok: None,
            exit_code: None,
        });
        if self.0.len() == MAX_PENDING {
            self.0.remove(0);
        }
        self.0.push(begun);
        event
    }

    /// A call that has ended, if its beginning was seen.
    pub fn take(&mut self, id: &str) -> Option<Begun> {
        let at = self.0.iter().rposition(|begun| begun.id == id)?;
        Some(self.0.remove(at))
    }

    /// A `tool_result` block.
    pub(super) fn ended(
        &mut self,
        block: &Object<'_>,
        change: impl Fn(&str, &str) -> &'static str,
        events: &mut Vec<Event>,
    ) {
        let id = id(block, "tool_use_id");
        let failed = block.get("is_error").is_some_and(|said| said.raw() == "true");
        let unknown =
            || Begun { id: id.clone(), name: String::new(), kind: "other", detail: String::new(), path: None };
        let mut begun = self.take(&id).unwrap_or_else(unknown);
        let changed = begun.path.take().filter(|_| !failed).map(|path| {
            let content = block.string("content").unwrap_or_default();
            let value = change(&begun.name, &content[..content.floor_char_boundary(MAX_RESULT_BYTES)]);
            Kv { key: path, value: value.to_owned() }
        });
        events.push(Event::ToolEnd(begun.tool(Some(!failed), None)));
        events.extend(changed.map(Event::FileChange));
    }
}

/// What a call is about, from its arguments; all of them when none is telling.
pub fn detail(arguments: &Object<'_>, raw: &str) -> String {
    let telling = TELLING.iter().find_map(|key| arguments.string(key));
    cut(telling.as_deref().unwrap_or(raw), MAX_DETAIL_BYTES).into_owned()
}

/// The file that a call of an editing tool is about.
fn path(arguments: &Object<'_>, kind: &str) -> Option<String> {
    const PATHS: [&str; 4] = ["file_path", "absolute_path", "notebook_path", "path"];
    if kind != "edit" {
        return None;
    }
    PATHS.iter().find_map(|key| arguments.string(key)).map(Cow::into_owned)
}

fn id(block: &Object<'_>, key: &str) -> String {
    block.string(key).map_or_else(String::new, |id| cut(&id, MAX_DETAIL_BYTES).into_owned())
}
