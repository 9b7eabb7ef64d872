//! Owns copilot's tool calls: what one of them looks like as an event, and which were denied. Must not judge.

use aid_adapter_kit::claude_shaped::{Begun, MAX_DETAIL_BYTES, Pending, detail};
use aid_adapter_kit::json::{Object, Value};
use aid_adapter_kit::text::cut;
use aid_adapter_kit::{Event, Kv};

/// The most denied tools that are told by name.
const MAX_DENIED: usize = 20;

/// The most files that one call reports one by one.
const MAX_CHANGES: usize = 1000;

/// Tool calls.
#[derive(Debug, Default)]
pub(crate) struct Tools {
    pending: Pending,
    /// How many calls were not permitted.
    pub(crate) denials: usize,
    /// The tools of these calls, each once, the first ones.
    pub(crate) denied: Vec<String>,
}

impl Tools {
    /// A `tool.execution_start`.
    pub(crate) fn started(&mut self, data: &Object<'_>) -> Event {
        self.pending.remember(begun(data))
    }

    /// A `tool.execution_complete`.
    pub(crate) fn ended(&mut self, data: &Object<'_>, events: &mut Vec<Event>) {
        let begun = self.pending.take(&text(data, "toolCallId")).unwrap_or_else(|| begun(data));
        let exit_code = data.object("shellExecution").and_then(|shell| shell.get("exitCode")).and_then(Value::as_i32);
        let said = data.get("success").map(|said| said.raw() == "true");
        let ok = said.map(|said| said && exit_code.is_none_or(|code| code == 0));
        if data.object("error").and_then(|error| error.string("code")).as_deref() == Some("denied") {
            self.denials += 1;
            if !self.denied.contains(&begun.name) && self.denied.len() < MAX_DENIED {
                self.denied.push(begun.name.clone());
            }
        }
        events.push(Event::ToolEnd(begun.tool(ok, exit_code)));
        changes(data, events);
    }
}

fn begun(data: &Object<'_>) -> Begun {
    let name = text(data, "toolName");
    let arguments = data.get("arguments");
    let members = arguments.and_then(Value::as_object).unwrap_or_default();
    let kind = if data.get("mcpServerName").is_some() { "mcp" } else { kind(&name) };
    let detail = detail(&members, arguments.map_or("", Value::raw));
    Begun { id: text(data, "toolCallId"), name, kind, detail, path: None }
}

fn kind(name: &str) -> &'static str {
    match name {
        "bash" | "powershell" => "shell",
        name if name.ends_with("_bash") || name.ends_with("_powershell") => "shell",
        "apply_patch" | "create" | "edit" | "str_replace_editor" => "edit",
        "view" => "read",
        "glob" | "grep" | "rg" => "search",
        "web_fetch" | "web_search" => "web",
        _ => "other",
    }
}

/// What a call did to files, in copilot's own words.
fn changes(data: &Object<'_>, events: &mut Vec<Event>) {
    let Some((edits, count)) = data.get("fileEdits").and_then(|edits| edits.as_array(MAX_CHANGES)) else { return };
    let unlisted = count - edits.len();
    for edit in edits.into_iter().filter_map(Value::as_object) {
        let Some(path) = edit.string("path") else { continue };
        let value = match edit.string("kind").as_deref() {
            Some("create") => "add",
            Some("delete") => "delete",
            _ => "update",
        };
        events.push(Event::FileChange(Kv { key: path.into_owned(), value: value.to_owned() }));
    }
    if unlisted > 0 {
        events.push(Event::Notice(format!("{unlisted} more files changed in the same edit")));
    }
}

fn text(data: &Object<'_>, key: &str) -> String {
    data.string(key).map_or_else(String::new, |text| cut(&text, MAX_DETAIL_BYTES).into_owned())
}
