//! Owns what claude's own lines mean, on top of the family's reader. Must not judge the run.

use std::borrow::Cow;

use aid_adapter_kit::claude_shaped::{Dialect, Ending, Line, MAX_MESSAGE_BYTES, State, micro_usd};
use aid_adapter_kit::json::{Object, Value};
use aid_adapter_kit::text::cut;
use aid_adapter_kit::{Event, Refusal, Usage};

use crate::refusal;

/// The model of messages that claude writes itself.
const SYNTHETIC: &str = "<synthetic>";

/// Claude's dialect of the family.
#[derive(Debug, Default)]
pub(crate) struct ClaudeDialect {
    /// The subscription's limit that claude said is used up.
    limit: Option<refusal::Limit>,
}

impl Dialect for ClaudeDialect {
    fn tool_kind(&self, name: &str) -> &'static str {
        match name {
            "Bash" | "BashOutput" | "KillShell" | "Monitor" => "shell",
            "Edit" | "MultiEdit" | "NotebookEdit" | "Write" => "edit",
            "NotebookRead" | "Read" => "read",
            "Glob" | "Grep" | "LS" | "ToolSearch" => "search",
            "WebFetch" | "WebSearch" => "web",
            name if name.starts_with("mcp__") => "mcp",
            _ => "other",
        }
    }

    fn change(&self, _name: &str, line: &Object<'_>, _content: &str) -> &'static str {
        let kind = line.object("tool_use_result").and_then(|result| result.string("type"));
        if kind.as_deref() == Some("create") { "add" } else { "update" }
    }

    /// Both stand outside of what a model writes: the reason in the line, the model's name in the envelope.
    fn own_words<'a>(&self, line: &Object<'a>, message: &Object<'a>, _text: &str) -> Option<Cow<'a, str>> {
        let synthetic = || message.string("model").is_some_and(|model| model == SYNTHETIC);
        line.string("error").or_else(|| synthetic().then_some(Cow::Borrowed("")))
    }

    fn other(&mut self, line: &Line<'_>, state: &mut State, events: &mut Vec<Event>) -> bool {
        match (line.kind, line.subtype) {
            ("system", "api_retry") => self.retry(line.object, state, events),
            ("system", _) => {}
            ("rate_limit_event", _) => self.limit = refusal::Limit::used_up(line.object),
            _ => return false,
        }
        true
    }

    fn refusal(&self, ending: &Ending, state: &State) -> Option<Refusal> {
        (!ending.is_success()).then(|| refusal::of_ending(ending, state, self.limit.as_ref()))
    }

    /// `modelUsage` has every request of the process, those of its agents and those that were made again without
    /// streaming too; `usage` misses both. Neither goes back beyond a resume.
    fn usage(&self, result: &Object<'_>, state: &State) -> Option<Usage> {
        let models = result.object("modelUsage").unwrap_or_default();
        let mut usage = by_model(&models).or_else(|| plain(result))?;
        let names: Vec<&str> = models.keys().collect();
        usage.model = match names[..] {
            [only] => Some(only.to_owned()),
            _ => state.model.clone().filter(|model| names.is_empty() || names.contains(&model.as_str())),
        };
        usage.cost_micro_usd = result.get("total_cost_usd").and_then(|cost| micro_usd(cost.raw()));
        Some(usage)
    }
}

impl ClaudeDialect {
    fn retry(&self, line: &Object<'_>, state: &mut State, events: &mut Vec<Event>) {
        let reason = line.string("error").unwrap_or_default();
        let refusal = refusal::of_retry(&reason, line.u64("error_status"), self.limit.as_ref());
        let of = line.u64("max_retries").map(|max| format!(" of {max}")).unwrap_or_default();
        let attempt = line.u64("attempt").map(|attempt| format!(", attempt {attempt}{of}")).unwrap_or_default();
        let wait = line.get("retry_delay_ms").and_then(whole_seconds).map(|s| format!(" in {s} s")).unwrap_or_default();
        let notice = format!("claude tries again{wait}{attempt}: {}", refusal.message);
        events.push(Event::Notice(cut(&notice, MAX_MESSAGE_BYTES).into_owned()));
        state.retries(refusal, events);
    }
}

/// The delay has many decimal places.
fn whole_seconds(delay_ms: Value<'_>) -> Option<u64> {
    let whole = delay_ms.raw().split('.').next()?;
    Some(whole.parse::<u64>().ok()?.div_ceil(1000))
}

fn by_model(models: &Object<'_>) -> Option<Usage> {
    const COUNTS: [&str; 4] = ["inputTokens", "cacheReadInputTokens", "cacheCreationInputTokens", "outputTokens"];
    let mut sums = [None; 4];
    for model in models.keys().filter_map(|name| models.object(name)) {
        for (sum, key) in sums.iter_mut().zip(COUNTS) {
            *sum = match (*sum, model.u64(key)) {
                (Some(sum), Some(count)) => Some(u64::saturating_add(sum, count)),
                (sum, count) => sum.or(count),
            };
        }
    }
    counted(sums)
}

fn plain(result: &Object<'_>) -> Option<Usage> {
    const COUNTS: [&str; 4] =
        ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens"];
    let usage = result.object("usage")?;
    counted(COUNTS.map(|key| usage.u64(key)))
}

/// None when there are only zeros: nothing was counted. Claude counts what it read from a cache, and what it wrote to
/// one, apart from other input.
fn counted([fresh, cached_input, cache_write, output]: [Option<u64>; 4]) -> Option<Usage> {
    let counts = [fresh, cached_input, cache_write, output];
    let input = fresh.map(|fresh| [cached_input, cache_write].into_iter().flatten().fold(fresh, u64::saturating_add));
    counts.iter().any(|count| count.is_some_and(|tokens| tokens > 0)).then_some(Usage {
        input,
        cached_input,
        cache_write,
        output,
        reasoning: None,
        cost_micro_usd: None,
        model: None,
        cumulative: false,
    })
}
