//! Owns what qwen's own lines mean, on top of the family's reader. Must not judge the run.

use std::borrow::Cow;

use aid_adapter_kit::claude_shaped::{Dialect, Ending, Line, State};
use aid_adapter_kit::json::Object;
use aid_adapter_kit::{Event, Refusal, Usage};

use crate::refusal;

/// Qwen's dialect of the family.
#[derive(Debug)]
pub(crate) struct QwenDialect;

impl Dialect for QwenDialect {
    fn tool_kind(&self, name: &str) -> &'static str {
        match name {
            "monitor" | "run_shell_command" => "shell",
            "edit" | "notebook_edit" | "replace" | "write_file" => "edit",
            "read_file" | "read_many_files" => "read",
            "glob" | "grep_search" | "list_directory" | "search_file_content" | "tool_search" => "search",
            "web_fetch" | "web_search" => "web",
            name if name.starts_with("mcp__") => "mcp",
            _ => "other",
        }
    }

    fn change(&self, _name: &str, _line: &Object<'_>, content: &str) -> &'static str {
        if content.starts_with("Successfully created ") { "add" } else { "update" }
    }

    /// Qwen puts the error that ended a turn into the assistant's text. A model can write the same text, but not without
    /// tokens: a message that nobody was paid for was not a model's.
    fn own_words<'a>(&self, _line: &Object<'a>, message: &Object<'a>, text: &str) -> Option<Cow<'a, str>> {
        let usage = message.object("usage").unwrap_or_default();
        let is_free = ["input_tokens", "output_tokens"].iter().all(|key| usage.u64(key).is_none_or(|count| count == 0));
        (is_free && refusal::error(text).is_some()).then_some(Cow::Borrowed(""))
    }

    fn other(&mut self, line: &Line<'_>, _state: &mut State, _events: &mut Vec<Event>) -> bool {
        line.kind == "system"
    }

    fn refusal(&self, ending: &Ending, state: &State) -> Option<Refusal> {
        match &state.own_words {
            Some(own) if ending.is_success() => Some(refusal::of_error(refusal::error(&own.text).unwrap_or(&own.text))),
            None if ending.is_success() => None,
            _ => Some(refusal::of_error(ending.errors.as_deref().unwrap_or("qwen's result is no success"))),
        }
    }

    /// Totals of the whole session, helpers' requests included; `input_tokens` has what a cache gave.
    fn usage(&self, result: &Object<'_>, state: &State) -> Option<Usage> {
        let usage = result.object("usage")?;
        let [input, cached_input, output] =
            ["input_tokens", "cache_read_input_tokens", "output_tokens"].map(|key| usage.u64(key));
        [input, output].iter().any(|count| count.is_some_and(|tokens| tokens > 0)).then(|| Usage {
            input,
            cached_input,
            cache_write: None,
            output,
            reasoning: None,
            cost_micro_usd: None,
            model: state.model.clone(),
            cumulative: true,
        })
    }
}
