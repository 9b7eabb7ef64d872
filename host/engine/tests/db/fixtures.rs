//! Specs and events for tests of the ledger.

use aid_core::agent::{Autonomy, UsageSample};
use aid_core::config::{EnvMode, EnvRules};
use aid_core::event::{Event, ProcessIdentity, Settlement};
use aid_core::failure::{Failure, FailureClass};
use aid_core::id::TaskId;
use aid_core::spec::{AdapterRef, Limits, ProgramRef, SPEC_VERSION, TaskSpec, Workplace};
use aid_core::task::{EndCause, Status};
use aid_core::usage::Usage;

/// The moment at which the first task of a test is dispatched.
pub(crate) const T0: i64 = 1_795_340_000_000;

pub(crate) fn id(text: &str) -> TaskId {
    TaskId::parse(text).unwrap()
}

pub(crate) fn spec(text: &str) -> TaskSpec {
    TaskSpec {
        version: SPEC_VERSION,
        id: id(text),
        marker: format!("marker-of-{text}"),
        agent: "codex".to_owned(),
        adapter: AdapterRef { id: "codex".to_owned(), digest: "00".repeat(32) },
        account: None,
        manifest: None,
        login_mark: None,
        options: Vec::new(),
        extra_args: Vec::new(),
        budget: false,
        program: ProgramRef { path: "/usr/bin/codex".to_owned(), version: "0.140.0".to_owned() },
        prompt: format!("prompt of {text}"),
        full_prompt: format!("prompt of {text}\n\n--- Methodology ---\nbe exact"),
        model: None,
        autonomy: Autonomy::Workspace,
        place: Workplace { dir: "/home/u/src".to_owned(), repo: None, branch: None, worktree: None },
        output: None,
        limits: Limits { timeout_ms: 3_600_000, idle_timeout_ms: 600_000, max_cost_micro_usd: None },
        env: EnvRules { mode: EnvMode::Filtered, deny: vec!["*_KEY".to_owned()], names: Vec::new() },
        resume: None,
        group: None,
        parent: None,
        prices: std::collections::BTreeMap::new(),
        background: false,
        caller: None,
        created_at_ms: T0,
    }
}

pub(crate) fn process(pid: i32) -> ProcessIdentity {
    ProcessIdentity { pid, start: 4711, boot: "boot".to_owned() }
}

/// From claimed to running.
pub(crate) fn start() -> Vec<Event> {
    vec![Event::Claimed { runner: process(10) }, Event::Started { agent: process(11) }]
}

pub(crate) fn message(text: &str) -> Event {
    Event::Message { text: text.to_owned() }
}

pub(crate) fn cumulative(input: u64) -> Event {
    Event::Usage {
        sample: UsageSample { input: Some(input), output: Some(1), cumulative: true, ..UsageSample::default() },
    }
}

pub(crate) fn settlement(status: Status) -> Settlement {
    let failure = (status == Status::Failed).then(|| Failure::new(FailureClass::AgentError, "it broke"));
    Settlement {
        status,
        failure,
        exit_code: Some(0),
        evidence: "turn.completed".to_owned(),
        session: None,
        usage: None,
        cost_micro_usd: None,
    }
}

/// The end of a good run.
pub(crate) fn done() -> Vec<Event> {
    vec![Event::Finished, Event::Settled { settlement: settlement(Status::Done) }]
}

/// The end of a good run of an agent's session that used this many tokens and dollars.
pub(crate) fn done_with(session: &str, tokens: Option<u64>, cost_micro_usd: Option<u64>) -> Vec<Event> {
    let usage = tokens.map(|input| Usage { input: Some(input), output: Some(0), ..Usage::default() });
    let session = Some(session.to_owned());
    let settlement = Settlement { session, usage, cost_micro_usd, ..settlement(Status::Done) };
    vec![Event::Finished, Event::Settled { settlement }]
}

pub(crate) fn stopped() -> Vec<Event> {
    vec![
        Event::EndRequested { cause: EndCause::User { force: false } },
        Event::Settled { settlement: settlement(Status::Stopped) },
    ]
}

pub(crate) fn failed() -> Vec<Event> {
    vec![Event::Settled { settlement: settlement(Status::Failed) }]
}
