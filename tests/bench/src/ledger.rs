//! Ledgers made to size, through the engine's own writes: what the board finds is what real runs would have left.

use std::path::Path;
use std::time::Instant;

use aid_core::agent::{Autonomy, ToolCall, UsageSample};
use aid_core::config::{EnvMode, EnvRules};
use aid_core::event::{Event, ProcessIdentity, Settlement};
use aid_core::failure::{Failure, FailureClass};
use aid_core::id::TaskId;
use aid_core::spec::{AdapterRef, Limits, ProgramRef, SPEC_VERSION, TaskSpec, Workplace};
use aid_core::task::Status;
use aid_core::usage::Usage;
use aid_engine::db::Db;
use aid_engine::home::Home;
use serde_json::{Value, json};

use crate::Result;

/// When the first task was dispatched, in milliseconds since the epoch.
const T0: i64 = 1_795_000_000_000;
/// One dispatch every ten seconds.
const BETWEEN_TASKS_MS: i64 = 10_000;
/// One task in so many failed.
const FAILED_ONE_IN: u64 = 12;
/// Created, claimed, started, finished, usage, exited, settled: what is left of a task's events is its work.
const FRAME_EVENTS: u64 = 7;
/// The end of a task's work, written in a transaction of its own like a runner does.
const EVENTS_PER_BATCH: usize = 50;

/// Fills a ledger with settled tasks that have exactly this many events each.
pub(crate) fn make(root: &Path, tasks: u64, events: u64) -> Result<Value> {
    if events < FRAME_EVENTS {
        return Err(format!("a settled task has at least {FRAME_EVENTS} events").into());
    }
    let began = Instant::now();
    let home = Home::locate(Some(root.into()), None)?;
    home.ensure()?;
    let mut db = Db::open(&home.db())?;
    for number in 0..tasks {
        let at_ms = T0 + BETWEEN_TASKS_MS * i64::try_from(number)?;
        let spec = spec(number, at_ms)?;
        db.create_task(&spec)?;
        let process = |pid| ProcessIdentity { pid, start: number, boot: "bench".to_owned() };
        let start = vec![Event::Claimed { runner: process(10) }, Event::Started { agent: process(11) }];
        db.append(&spec.id, at_ms, start, None)?;
        let work: Vec<Event> = (0..events - FRAME_EVENTS).map(work).collect();
        for batch in work.chunks(EVENTS_PER_BATCH) {
            db.append(&spec.id, at_ms, batch.to_vec(), None)?;
        }
        db.settle(&spec.id, at_ms + BETWEEN_TASKS_MS, end(number), Some("Done: the tests are green."), None)?;
    }
    Ok(json!({"tasks": tasks, "events": tasks * events, "seconds": began.elapsed().as_secs_f64()}))
}

fn spec(number: u64, created_at_ms: i64) -> Result<TaskSpec> {
    let prompt =
        format!("Find out why request {number} is answered twice, fix it and add a test that fails without the fix");
    Ok(TaskSpec {
        version: SPEC_VERSION,
        id: TaskId::parse(&format!("t-{number:06x}"))?,
        marker: format!("{number:032x}"),
        agent: "codex".to_owned(),
        adapter: AdapterRef { id: "codex".to_owned(), digest: "00".repeat(32) },
        account: None,
        manifest: None,
        login_mark: None,
        options: Vec::new(),
        extra_args: Vec::new(),
        budget: false,
        program: ProgramRef { path: "/usr/bin/codex".to_owned(), version: "0.169.0".to_owned() },
        full_prompt: format!("--- Task ---\n{prompt}\n\n--- Milestones ---\nReport a milestone after every step.\n"),
        prompt,
        model: None,
        autonomy: Autonomy::Full,
        place: Workplace { dir: "/home/u/src".to_owned(), repo: None, branch: None, worktree: None },
        output: None,
        limits: Limits { timeout_ms: 3_600_000, idle_timeout_ms: 600_000, max_cost_micro_usd: None },
        env: EnvRules { mode: EnvMode::Filtered, deny: vec!["*_KEY".to_owned()], names: Vec::new() },
        resume: None,
        group: None,
        parent: None,
        prices: std::collections::BTreeMap::new(),
        background: true,
        caller: None,
        created_at_ms,
    })
}

fn work(number: u64) -> Event {
    let tool = |ok| ToolCall {
        id: format!("item_{number}"),
        name: "command_execution".to_owned(),
        kind: "shell".to_owned(),
        detail: "cargo test --package server --test answers".to_owned(),
        ok,
        exit_code: ok.map(i32::from),
    };
    match number % 4 {
        0 => Event::Message { text: "The second answer comes from a retry that is not idempotent.".to_owned() },
        1 => Event::ToolStart { tool: tool(None) },
        2 => Event::ToolEnd { tool: tool(Some(true)) },
        _ => Event::Milestone { text: format!("step {number} is done") },
    }
}

fn end(number: u64) -> Vec<Event> {
    let sample =
        UsageSample { input: Some(1200 + number), output: Some(34), cumulative: true, ..UsageSample::default() };
    let usage = Usage { input: Some(1200 + number), output: Some(34), ..Usage::default() };
    let failed = number.is_multiple_of(FAILED_ONE_IN);
    let failure = failed.then(|| Failure::new(FailureClass::AgentError, "the model said that it cannot go on"));
    let settlement = Settlement {
        status: if failed { Status::Failed } else { Status::Done },
        failure,
        exit_code: Some(i32::from(failed)),
        evidence: "turn.completed".to_owned(),
        session: Some(format!("session-{number}")),
        usage: Some(usage),
        cost_micro_usd: Some(1_000 + number),
    };
    vec![
        Event::Usage { sample },
        Event::Finished,
        Event::Exited { code: Some(0), signal: None },
        Event::Settled { settlement },
    ]
}
