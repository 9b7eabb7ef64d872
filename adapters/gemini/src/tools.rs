//! Owns gemini's tool calls: what one of them looks like as an event. Must not touch the state of the run.

use aid_adapter_kit::json::Object;
use aid_adapter_kit::text::cut;
use aid_adapter_kit::{Event, Kv, Tool};

/// The longest command, path or query that an event carries, in bytes. The log has all of it.
const MAX_DETAIL_BYTES: usize = 2 << 10;

/// The longest name or id that an event carries, in bytes.
const MAX_NAME_BYTES: usize = 256;

/// The most begun calls that are remembered until they end. None of them has to.
const MAX_PENDING: usize = 64;

/// Parameters that say what a call is about, the most telling first.
const TELLING: [&str; 11] =
    ["command", "file_path", "pattern", "query", "prompt", "url", "dir_path", "path", "include", "title", "objective"];

/// Calls that have begun. Only there stands what they are.
#[derive(Debug, Default)]
pub(crate) struct Pending(Vec<Begun>);

#[derive(Debug)]
struct Begun {
    tool: Tool,
    /// What it writes, if it does.
    change: Option<Kv>,
}

impl Pending {
    /// Whether a call has not ended.
    pub(crate) fn is_open(&self) -> bool {
        !self.0.is_empty()
    }

    pub(crate) fn begin(&mut self, call: &Object<'_>, events: &mut Vec<Event>) {
        let text = |key| cut(&call.string(key).unwrap_or_default(), MAX_NAME_BYTES).into_owned();
        let (id, name) = (text("tool_id"), text("tool_name"));
        let parameters = call.object("parameters").unwrap_or_default();
        let (kind, detail) = (kind(&name).to_owned(), detail(call, &parameters));
        let tool = Tool { id, name, kind, detail, ok: None, exit_code: None };
        let change = change(&tool.name, &parameters);
        if self.0.len() >= MAX_PENDING {
            self.0.remove(0);
        }
        self.0.push(Begun { tool: tool.clone(), change });
        events.push(Event::ToolStart(tool));
    }

    /// A change is reported when it is made.
    pub(crate) fn end(&mut self, result: &Object<'_>, events: &mut Vec<Event>) {
        let id = cut(&result.string("tool_id").unwrap_or_default(), MAX_NAME_BYTES).into_owned();
        let begun = match self.0.iter().position(|begun| begun.tool.id == id) {
            Some(at) => self.0.remove(at),
            None => Begun { tool: unknown(id), change: None },
        };
        let failed = result.string("status").is_none_or(|status| status != "success") || result.get("error").is_some();
        // A command that ends with an error is a success to gemini, and its exit code is nowhere.
        let ok = if failed { Some(false) } else { (begun.tool.kind != "shell").then_some(true) };
        events.push(Event::ToolEnd(Tool { ok, ..begun.tool }));
        events.extend(begun.change.filter(|_| !failed).map(Event::FileChange));
    }
}

fn unknown(id: String) -> Tool {
    Tool { id, name: String::new(), kind: "other".into(), detail: String::new(), ok: None, exit_code: None }
}

fn kind(name: &str) -> &'static str {
    match name {
        "run_shell_command" => "shell",
        "write_file" | "replace" => "edit",
        "read_file" | "read_many_files" | "list_directory" => "read",
        "glob" | "grep_search" | "search_file_content" => "search",
        "google_web_search" | "web_fetch" => "web",
        _ if name.starts_with("mcp_") || name.contains("__") => "mcp",
        _ => "other",
    }
}

fn detail(call: &Object<'_>, parameters: &Object<'_>) -> String {
    let telling = TELLING.iter().find_map(|key| parameters.string(key));
    match (telling, call.get("parameters")) {
        (Some(text), _) => cut(&text, MAX_DETAIL_BYTES).into_owned(),
        (None, Some(all)) if all.raw() != "{}" => cut(all.raw(), MAX_DETAIL_BYTES).into_owned(),
        _ => String::new(),
    }
}

/// Whether a file that is written was there before is not said, except by an edit that replaces nothing.
fn change(name: &str, parameters: &Object<'_>) -> Option<Kv> {
    let how = match name {
        "write_file" => "update",
        "replace" if parameters.string("old_string").is_some_and(|old| old.is_empty()) => "add",
        "replace" => "update",
        _ => return None,
    };
    let path = parameters.string("file_path")?;
    Some(Kv { key: cut(&path, MAX_DETAIL_BYTES).into_owned(), value: how.to_owned() })
}
