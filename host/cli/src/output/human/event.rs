//! Events as people follow them: a short line for what is worth a look while it happens, and a line for each of them for
//! whoever wants to see everything.

use aid_core::agent::ToolCall;
use aid_core::duration::format_exact_ms;
use aid_core::event::{Event, LeakedProcess, ProcessIdentity, Settlement};
use aid_core::task::EndCause;
use aid_core::usage::{format_tokens, format_usd};

use super::{gist, plural, word};
use crate::output::Tone;

/// Lines that an agent writes for aid; they are shown as what they mean.
const MARKERS: [&str; 3] = ["[MILESTONE]", "[FINDING]", "[MEMORY"];

/// What is worth a line while a task runs. How a task ended is not: that has a line of its own.
pub(crate) fn progress(event: &Event) -> Option<(Tone, String)> {
    let line = match event {
        Event::Started { .. } => (Tone::Faint, "started".to_owned()),
        Event::Adopted { agent: Some(_), .. } => (Tone::Attention, "a new runner follows the agent".to_owned()),
        Event::Adopted { agent: None, .. } => (Tone::Attention, "a new runner reads what the agent left".to_owned()),
        Event::Model { name } => (Tone::Faint, format!("model {}", gist(name))),
        Event::Message { text } => (Tone::Plain, own_words(text)?),
        Event::ToolStart { tool } => (Tone::Faint, tool_call(tool)),
        Event::ToolEnd { tool } if tool.ok == Some(false) => {
            (Tone::Attention, format!("{} failed{}", tool_call(tool), exit(tool)))
        }
        Event::FileChange { path, change } => (Tone::Live, format!("{} {}", gist(change), gist(path))),
        Event::Milestone { text } => (Tone::Good, format!("* {}", gist(text))),
        Event::Awaiting { question } => (Tone::Attention, format!("waits for input: {}", gist(question))),
        Event::Refusal { .. }
        | Event::Notice { .. }
        | Event::AdapterFault { .. }
        | Event::EventsCapped { .. }
        | Event::EndRequested { .. }
        | Event::Leak { .. } => (Tone::Attention, detail(event)),
        Event::Verifying { .. } => (Tone::Faint, detail(event)),
        Event::Created
        | Event::Claimed { .. }
        | Event::Launching { .. }
        | Event::Session { .. }
        | Event::MessageDelta { .. }
        | Event::Reasoning { .. }
        | Event::ToolEnd { .. }
        | Event::Usage { .. }
        | Event::Answered
        | Event::Finished
        | Event::Continued
        | Event::Ext { .. }
        | Event::Finding { .. }
        | Event::Memory { .. }
        | Event::Exited { .. }
        | Event::Settled { .. }
        | Event::Merged { .. } => return None,
    };
    Some(line)
}

/// Everything about one event, on one line.
pub(crate) fn detail(event: &Event) -> String {
    match event {
        Event::Created | Event::Answered | Event::Finished | Event::Continued => String::new(),
        Event::Claimed { runner } => format!("runner {}", process(runner)),
        Event::Launching { program, args, env_names } => {
            let line = std::iter::once(program).chain(args).map(|word| gist(word)).collect::<Vec<_>>().join(" ");
            format!("{line} ({})", plural(env_names.len() as u64, "variable"))
        }
        Event::Started { agent } => format!("agent {}", process(agent)),
        Event::Adopted { runner, agent } => {
            let agent =
                agent.as_ref().map_or_else(|| "agent gone".to_owned(), |agent| format!("agent {}", process(agent)));
            format!("runner {}, {agent}", process(runner))
        }
        Event::Session { id } => gist(id),
        Event::Model { name } => gist(name),
        Event::Message { text }
        | Event::MessageDelta { text }
        | Event::Reasoning { text }
        | Event::Milestone { text }
        | Event::Finding { text } => gist(text),
        Event::ToolStart { tool } => tool_call(tool),
        Event::ToolEnd { tool } => format!("{}{}", tool_call(tool), tool_end(tool)),
        Event::FileChange { path, change } => format!("{} {}", gist(change), gist(path)),
        Event::Usage { sample } => {
            let total = if sample.cumulative { " (of the whole session)" } else { "" };
            let cost = sample.cost_micro_usd.map(|cost| format!(", {}", format_usd(Some(cost)))).unwrap_or_default();
            format!("{} in, {} out{cost}{total}", format_tokens(sample.input), format_tokens(sample.output))
        }
        Event::Notice { text } => gist(text),
        Event::Refusal { refusal } => format!("{}: {}", word(&refusal.class), gist(&refusal.message)),
        Event::Awaiting { question } => gist(question),
        Event::Ext { kind, json } => format!("{}: {}", gist(kind), gist(json)),
        Event::Memory { kind, text } => format!("{}: {}", gist(kind), gist(text)),
        Event::AdapterFault { call, message, gave_up } => {
            let then = if *gave_up { "; output is kept but no longer read" } else { "" };
            format!("adapter failed in {}: {}{then}", gist(call), gist(message))
        }
        Event::EventsCapped { limit } => format!("after {limit} events the log alone has the rest"),
        Event::EndRequested { cause } => format!("stopping: {}", end_cause(cause)),
        Event::Exited { code, signal } => match (code, signal) {
            (_, Some(signal)) => format!("signal {signal}"),
            (Some(code), None) => format!("code {code}"),
            (None, None) => "nobody saw how".to_owned(),
        },
        Event::Leak { processes, more } => leak(processes, *more),
        Event::Verifying { command } => format!("verifying: {}", gist(command)),
        Event::Settled { settlement } => settled(settlement),
        Event::Merged { into, commit } => format!("into {} as {}", gist(into), gist(commit)),
    }
}

/// `LEAK: 2 processes outlived the agent and were ended: sleep (123), node (124)`.
pub(super) fn leak(processes: &[LeakedProcess], unlisted: u64) -> String {
    const SHOWN: usize = 5;
    let named = processes.iter().take(SHOWN).map(|process| format!("{} ({})", gist(&process.command), process.pid));
    let count = processes.len() as u64 + unlisted;
    let more = if count > SHOWN as u64 { ", …" } else { "" };
    let noun = if count == 1 { "process" } else { "processes" };
    let named = named.collect::<Vec<_>>();
    format!("LEAK: {count} {noun} outlived the agent, ended now: {}{more}", named.join(", "))
}

/// Who ended it, and by which limit.
fn end_cause(cause: &EndCause) -> String {
    match cause {
        EndCause::User { force: false } => "asked to".to_owned(),
        EndCause::User { force: true } => "forced to".to_owned(),
        EndCause::Timeout { limit_ms } => format!("it took longer than {} (--timeout)", format_exact_ms(*limit_ms)),
        EndCause::Idle { limit_ms } => {
            format!("nothing was heard of it for {} (--idle-timeout)", format_exact_ms(*limit_ms))
        }
        EndCause::MaxCost { limit_micro_usd } => {
            format!("it cost more than {} (--max-cost)", format_usd(Some(*limit_micro_usd)))
        }
        EndCause::LogLimit { limit_bytes } => format!("it wrote more than {} MiB", limit_bytes / (1024 * 1024)),
        EndCause::Linger { limit_ms } => {
            format!("it had finished or given up, and did not exit for {}", format_exact_ms(*limit_ms))
        }
    }
}

fn settled(settlement: &Settlement) -> String {
    let why = settlement.failure.as_ref().map(super::task::failure);
    let evidence = gist(&settlement.evidence);
    let parts = [Some(settlement.status.label().to_owned()), why, Some(evidence)];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" — ")
}

fn process(identity: &ProcessIdentity) -> String {
    format!("pid {}", identity.pid)
}

fn tool_call(tool: &ToolCall) -> String {
    let what = gist(&tool.detail);
    let name = gist(&tool.name);
    match (tool.kind.as_str(), what.is_empty()) {
        ("shell", false) => format!("$ {what}"),
        (_, false) => format!("{name}: {what}"),
        (_, true) => name,
    }
}

fn tool_end(tool: &ToolCall) -> String {
    match tool.ok {
        Some(true) => " — ok".to_owned(),
        Some(false) => format!(" — failed{}", exit(tool)),
        None => String::new(),
    }
}

fn exit(tool: &ToolCall) -> String {
    tool.exit_code.map(|code| format!(" (exit {code})")).unwrap_or_default()
}

/// The first line that the agent wrote for people.
fn own_words(text: &str) -> Option<String> {
    let line =
        text.lines().map(str::trim).find(|l| !l.is_empty() && !MARKERS.iter().any(|marker| l.starts_with(marker)));
    line.map(gist).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(kind: &str, ok: Option<bool>) -> ToolCall {
        let (id, name, detail) = ("1".to_owned(), "exec".to_owned(), "make\ntest".to_owned());
        ToolCall { id, name, kind: kind.to_owned(), detail, ok, exit_code: ok.map(|ok| i32::from(!ok)) }
    }

    #[test]
    fn progress_is_one_line_in_the_agents_own_words() {
        let message = |text: &str| progress(&Event::Message { text: text.to_owned() }).map(|(_, line)| line);
        assert_eq!(message("[MILESTONE] half\n\nNow the rest\nand more").as_deref(), Some("Now the rest"));
        assert_eq!(message("[MILESTONE] half\n[FINDING] x"), None);
        assert_eq!(message(" \n\u{1b}[2J\n"), None);
        assert_eq!(progress(&Event::ToolStart { tool: tool("shell", None) }).map(|l| l.1).as_deref(), Some("$ make"));
        assert_eq!(progress(&Event::ToolEnd { tool: tool("edit", Some(true)) }), None);
        let failed = progress(&Event::ToolEnd { tool: tool("mcp", Some(false)) }).map(|line| line.1);
        assert_eq!(failed.as_deref(), Some("exec: make failed (exit 1)"));
    }

    #[test]
    fn a_timer_is_named() {
        let line = detail(&Event::EndRequested { cause: EndCause::Idle { limit_ms: 90_000 } });
        assert_eq!(line, "stopping: nothing was heard of it for 1m30s (--idle-timeout)");
    }

    #[test]
    fn what_leaked_is_named() {
        let one = |pid| LeakedProcess { pid, command: "sleep\n".to_owned() };
        assert_eq!(leak(&[one(1)], 0), "LEAK: 1 process outlived the agent, ended now: sleep (1)");
        assert!(leak(&[one(1), one(2)], 0).starts_with("LEAK: 2 processes outlived"));
        assert!(leak(&[one(1), one(2)], 40).starts_with("LEAK: 42 processes outlived"));
    }
}
