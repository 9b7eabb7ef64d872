//! The JSON lines of `codex exec --json` 0.169, with the keys in the order that program writes them. Nothing else of
//! the codex CLI is played here.

use serde::Deserialize;

use crate::play::write_out;

/// How much of a huge line is written at once.
const HUGE_WRITE_BYTES: u64 = 64 * 1024;

/// A whole successful run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodexOk {
    answer: String,
    #[serde(default)]
    usage: Usage,
    thread: Option<String>,
}

/// The lines before the first item.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodexStart {
    thread: Option<String>,
}

/// A shell command that the agent ran.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodexCommand {
    command: String,
    #[serde(default)]
    output: String,
    #[serde(default)]
    exit: i32,
}

/// The success mark.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodexDone {
    #[serde(default)]
    usage: Usage,
}

/// Tokens of the thread so far.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Usage {
    r#in: u64,
    cached: u64,
    cache_write: u64,
    out: u64,
    reason: u64,
}

impl Default for Usage {
    fn default() -> Self {
        Self { r#in: 1200, cached: 200, cache_write: 0, out: 34, reason: 5 }
    }
}

/// How far the stream of this run has come.
#[derive(Debug, Default)]
pub(crate) struct CodexStream {
    started: bool,
    next_item: u64,
}

impl CodexStream {
    /// Thread, turn, one answer, success.
    pub(crate) fn ok(&mut self, ok: &CodexOk) -> Result<(), String> {
        self.ensure_started(ok.thread.as_deref())?;
        self.message(&ok.answer)?;
        usage_line(&ok.usage)
    }

    /// Thread and turn.
    pub(crate) fn start(&mut self, start: &CodexStart) -> Result<(), String> {
        self.ensure_started(start.thread.as_deref())
    }

    /// One piece of assistant text.
    pub(crate) fn message(&mut self, text: &str) -> Result<(), String> {
        let (id, text) = (self.take_item(), quoted(text));
        write_out(
            format!(
                "{{\"type\":\"item.completed\",\"item\":{{\"id\":\"{id}\",\"type\":\"agent_message\",\"text\":{text}}}}}\n"
            )
            .as_bytes(),
        )
    }

    /// Assistant text of the given length in one line, written in pieces so that it needs no memory.
    pub(crate) fn huge_message(&mut self, bytes: u64) -> Result<(), String> {
        let id = self.take_item();
        let head = "{\"type\":\"item.completed\",\"item\":{\"id\":\"";
        write_out(format!("{head}{id}\",\"type\":\"agent_message\",\"text\":\"").as_bytes())?;
        let block = [b'x'; HUGE_WRITE_BYTES as usize];
        let mut left = bytes;
        while left > 0 {
            let now = left.min(HUGE_WRITE_BYTES);
            write_out(&block[..now as usize])?;
            left -= now;
        }
        write_out(b"\"}}\n")
    }

    /// The start and the end of a command.
    pub(crate) fn command(&mut self, command: &CodexCommand) -> Result<(), String> {
        let id = self.take_item();
        let shell = quoted(&format!("/bin/bash -lc '{}'", command.command));
        let item = |event: &str, rest: &str| {
            write_out(
                format!(
                    "{{\"type\":\"item.{event}\",\"item\":{{\"id\":\"{id}\",\"type\":\"command_execution\",\"command\":{shell},{rest}}}}}\n"
                )
                .as_bytes(),
            )
        };
        item("started", "\"aggregated_output\":\"\",\"exit_code\":null,\"status\":\"in_progress\"")?;
        let status = if command.exit == 0 { "completed" } else { "failed" };
        let (output, code) = (quoted(&command.output), command.exit);
        item("completed", &format!("\"aggregated_output\":{output},\"exit_code\":{code},\"status\":\"{status}\""))
    }

    /// The success mark with the usage.
    pub(crate) fn done(&mut self, done: &CodexDone) -> Result<(), String> {
        usage_line(&done.usage)
    }

    /// The error and the failure mark. The real program then ends with exit code 1, which the script has to say.
    pub(crate) fn fail(&mut self, message: &str) -> Result<(), String> {
        self.ensure_started(None)?;
        let message = quoted(message);
        write_out(format!("{{\"type\":\"error\",\"message\":{message}}}\n").as_bytes())?;
        write_out(format!("{{\"type\":\"turn.failed\",\"error\":{{\"message\":{message}}}}}\n").as_bytes())
    }

    fn ensure_started(&mut self, thread: Option<&str>) -> Result<(), String> {
        if self.started {
            return Ok(());
        }
        self.started = true;
        // Usage is counted per thread, so two runs that say nothing about it must not share one.
        let own = format!("01a20243-ffd2-7e40-8f61-{:012x}", std::process::id());
        let thread = quoted(thread.unwrap_or(&own));
        write_out(format!("{{\"type\":\"thread.started\",\"thread_id\":{thread}}}\n").as_bytes())?;
        write_out(b"{\"type\":\"turn.started\"}\n")
    }

    fn take_item(&mut self) -> String {
        let id = format!("item_{}", self.next_item);
        self.next_item += 1;
        id
    }
}

fn usage_line(usage: &Usage) -> Result<(), String> {
    let Usage { r#in, cached, cache_write, out, reason } = usage;
    write_out(
        format!(
            "{{\"type\":\"turn.completed\",\"usage\":{{\"input_tokens\":{in},\"cached_input_tokens\":{cached},\"cache_write_input_tokens\":{cache_write},\"output_tokens\":{out},\"reasoning_output_tokens\":{reason}}}}}\n"
        )
        .as_bytes(),
    )
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
