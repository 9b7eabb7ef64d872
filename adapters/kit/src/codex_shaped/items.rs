//! Owns the items of the codex family: what one of them looks like as an event. Must not touch the state of the turn.

use std::borrow::Cow;

use crate::json::{Object, Value};
use crate::text::cut;
use crate::{Event, Kv, Tool};

use super::MAX_MESSAGE_BYTES;

/// The longest command, query or list of arguments that an event carries, in bytes. The log has all of it.
const MAX_DETAIL_BYTES: usize = 2 << 10;

/// The most files that one item reports one by one.
const MAX_CHANGES: usize = 1000;

/// The most begun items whose changes are remembered until they end.
const MAX_PENDING: usize = 64;

/// Which end of an item a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Started,
    Completed,
}

/// Items that have begun and say only then what they are about. None of them has to end.
#[derive(Debug, Default)]
pub(super) struct Pending(Vec<Begun>);

#[derive(Debug)]
struct Begun {
    id: String,
    /// A command, for a shell item.
    detail: String,
    changes: Changes,
}

#[derive(Debug, Default)]
struct Changes {
    files: Vec<Kv>,
    unlisted: usize,
}

impl Pending {
    /// Unknown kinds of item give nothing: the set changes with every version.
    pub(super) fn read(&mut self, kind: &str, item: &Object<'_>, phase: Phase, events: &mut Vec<Event>) {
        match (kind, phase) {
            ("command_execution", _) => self.command(item, phase, events),
            ("file_change", _) => self.file_change(item, phase, events),
            ("mcp_tool_call", _) => tool(phase, mcp(item, phase), events),
            ("web_search", _) => tool(phase, web_search(item, phase), events),
            ("reasoning", Phase::Completed) => {
                let text = item.string("text").filter(|text| !text.is_empty());
                events.extend(text.map(|text| Event::Reasoning(text.into_owned())));
            }
            // A warning about the run, in the agent's words. Never a refusal: it goes on.
            ("error", Phase::Completed) => {
                let message = item.string("message");
                events.extend(message.map(|text| Event::Notice(cut(&text, MAX_MESSAGE_BYTES).into_owned())));
            }
            _ => {}
        }
    }

    fn command(&mut self, item: &Object<'_>, phase: Phase, events: &mut Vec<Event>) {
        let id = id(item);
        let said = item.string("command").map(|command| cut(&command, MAX_DETAIL_BYTES).into_owned());
        let (detail, ok, exit_code) = match phase {
            Phase::Started => {
                let detail = said.unwrap_or_default();
                self.remember(Begun { id: id.clone(), detail: detail.clone(), changes: Changes::default() });
                (detail, None, None)
            }
            Phase::Completed => {
                let begun = self.take(&id).map(|begun| begun.detail);
                let exit_code = item.get("exit_code").and_then(Value::as_i32);
                let ok = exit_code.map(|code| code == 0).or_else(|| succeeded(item));
                (said.or(begun).unwrap_or_default(), ok, exit_code)
            }
        };
        let name = "command_execution".to_owned();
        tool(phase, Tool { id, name, kind: "shell".to_owned(), detail, ok, exit_code }, events);
    }

    /// The change is reported when it is made. The list may stand in either line.
    fn file_change(&mut self, item: &Object<'_>, phase: Phase, events: &mut Vec<Event>) {
        let id = id(item);
        let said = changes(item);
        if phase == Phase::Started {
            return self.remember(Begun { id, detail: String::new(), changes: said.unwrap_or_default() });
        }
        let begun = self.take(&id).map(|begun| begun.changes);
        let Changes { files, unlisted } = said.or(begun).unwrap_or_default();
        if succeeded(item) == Some(false) {
            let paths: Vec<&str> = files.iter().map(|change| change.key.as_str()).collect();
            let detail = cut(&paths.join(", "), MAX_DETAIL_BYTES).into_owned();
            let (name, kind) = ("file_change".to_owned(), "edit".to_owned());
            return events.push(Event::ToolEnd(Tool { id, name, kind, detail, ok: Some(false), exit_code: None }));
        }
        events.extend(files.into_iter().map(Event::FileChange));
        if unlisted > 0 {
            events.push(Event::Notice(format!("{unlisted} more files changed in the same edit")));
        }
    }

    fn remember(&mut self, begun: Begun) {
        if self.0.len() == MAX_PENDING {
            self.0.remove(0);
        }
        self.0.push(begun);
    }

    fn take(&mut self, id: &str) -> Option<Begun> {
        let at = self.0.iter().position(|begun| begun.id == id)?;
        Some(self.0.remove(at))
    }
}

fn mcp(item: &Object<'_>, phase: Phase) -> Tool {
    let name = match (item.string("server"), item.string("tool")) {
        (Some(server), Some(tool)) => format!("{server}.{tool}"),
        (server, tool) => tool.or(server).unwrap_or(Cow::Borrowed("mcp_tool_call")).into_owned(),
    };
    let failed = item.get("error").is_some();
    Tool {
        id: id(item),
        name,
        kind: "mcp".to_owned(),
        detail: item.get("arguments").map_or_else(String::new, |json| cut(json.raw(), MAX_DETAIL_BYTES).into_owned()),
        ok: if phase == Phase::Started {
            None
        } else if failed {
            Some(false)
        } else {
            succeeded(item)
        },
        exit_code: None,
    }
}

fn web_search(item: &Object<'_>, phase: Phase) -> Tool {
    Tool {
        id: id(item),
        name: "web_search".to_owned(),
        kind: "web".to_owned(),
        detail: item.string("query").map_or_else(String::new, |query| cut(&query, MAX_DETAIL_BYTES).into_owned()),
        ok: if phase == Phase::Started { None } else { succeeded(item) },
        exit_code: None,
    }
}

fn tool(phase: Phase, tool: Tool, events: &mut Vec<Event>) {
    events.push(match phase {
        Phase::Started => Event::ToolStart(tool),
        Phase::Completed => Event::ToolEnd(tool),
    });
}

fn id(item: &Object<'_>) -> String {
    item.string("id").map_or_else(String::new, |id| cut(&id, MAX_DETAIL_BYTES).into_owned())
}

/// What the item says about itself; none when it does not say.
fn succeeded(item: &Object<'_>) -> Option<bool> {
    match &*item.string("status")? {
        "completed" => Some(true),
        "failed" | "declined" => Some(false),
        _ => None,
    }
}

fn changes(item: &Object<'_>) -> Option<Changes> {
    let (listed, count) = item.get("changes")?.as_array(MAX_CHANGES)?;
    let unlisted = count - listed.len();
    let files = listed.into_iter().filter_map(|change| {
        let change = change.as_object()?;
        let kind = change.string("kind");
        let value = kind.as_deref().filter(|kind| matches!(*kind, "add" | "delete")).unwrap_or("update");
        Some(Kv { key: change.string("path")?.into_owned(), value: value.to_owned() })
    });
    Some(Changes { files: files.collect(), unlisted })
}
