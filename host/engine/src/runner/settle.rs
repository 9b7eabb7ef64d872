//! The end of an attempt: what it came to, decided once from evidence, and written once.

use std::fs;
use std::path::Path;

use aid_core::agent::{ExitStatus, Outcome, Verdict};
use aid_core::event::{Event, Recorded, Settlement};
use aid_core::failure::{Failure, FailureClass};
use aid_core::hold::{Hold, Refused};
use aid_core::spec::TaskSpec;
use aid_core::task::{EndCause, Illegal, Status, Task, step};
use aid_core::user_agent::overlay::EXIT_IS_SUCCESS;

use super::RunnerError;
use super::answer;
use super::attempt::{Attempt, Fate};
use super::timers::{Retries, explain};
use crate::clock::now_ms;
use crate::db::{AppendError, Ending, HoldChange};
use crate::executor::Exit;
use crate::home::Home;
use crate::ledger::Ledger;
use crate::lock::Kept;

/// How much of stderr the adapter sees, in bytes.
const STDERR_TAIL_BYTES: u64 = 16 * 1024;
/// How a shell reports a signal.
const SIGNAL_BASE: i32 = 128;

/// Why an attempt ends before an agent ran.
pub(super) enum Early {
    /// Somebody asked for it.
    Ended(EndCause),
    /// It could not be started; with the exit code that a shell gives for that.
    Failed(Failure, Option<i32>),
}

/// Settles a task whose agent never ran.
pub(super) fn early(home: &Home, db: &mut Ledger, spec: &TaskSpec, early: Early) -> Result<(), RunnerError> {
    let evidence = "the agent was not started".to_owned();
    let mut settlement = Settlement {
        status: Status::Stopped,
        failure: None,
        exit_code: None,
        evidence,
        session: None,
        usage: None,
        cost_micro_usd: None,
    };
    match early {
        Early::Ended(cause) => settlement.evidence = format!("{} before the agent was started", explain(&cause)),
        Early::Failed(failure, exit_code) => {
            settlement.status = Status::Failed;
            settlement.failure = Some(failure);
            settlement.exit_code = exit_code;
        }
    }
    finish(db, spec, now_ms(), vec![Event::Settled { settlement }], Ending::default(), None)?;
    clean_up(home, spec);
    Ok(())
}

/// Settles a task whose agent is gone.
pub(super) fn settle(mut attempt: Attempt<'_>, exit: Option<Exit>) -> Result<(), RunnerError> {
    let seen = exit.unwrap_or(Exit { code: None, signal: None });
    let spec = attempt.followed.spec.clone();
    let status = ExitStatus {
        code: seen.code,
        signal: seen.signal,
        stderr_tail: attempt.err.last(STDERR_TAIL_BYTES),
        resumed_from: spec.resume.as_ref().map(|r| r.session.clone()),
        previous_usage: spec.resume.as_ref().and_then(|r| r.previous_usage.clone()),
    };
    let verdict = attempt.followed.observer.finish(&status);
    if let (Fate::Followed, Some(exit)) = (attempt.followed.fate, exit) {
        attempt.note(Event::Exited { code: exit.code, signal: exit.signal });
    }
    if !attempt.task.finished
        && spec.manifest.as_ref().is_some_and(|manifest| manifest.has_feature(EXIT_IS_SUCCESS))
        && verdict.as_ref().is_ok_and(|verdict| verdict.outcome == Outcome::Success)
    {
        // The user stated what success is for this agent, and only its end shows it.
        attempt.note(Event::Finished);
    }
    // What others asked for counts. What was seen and is not written yet goes with the settlement, in one write.
    attempt.look_for_requests();
    let task = foreseen(&attempt.task, attempt.followed.observer.pending().0);
    let said = match &verdict {
        Ok(verdict) => verdict.final_text.clone(),
        Err(_) => attempt.followed.observer.last_message().map(str::to_owned),
    };
    let mut settlement = decide(&task, &verdict, seen, attempt.followed.fate);
    settlement.usage = attempt.followed.observer.meter().usage();
    settlement.cost_micro_usd = attempt.followed.observer.cost_micro_usd();
    let at_ms = attempt.now_ms();
    let hold = hold_change(&spec, &task, &settlement, verdict.as_ref().ok(), at_ms);
    settlement.session = verdict.ok().and_then(|v| v.session);
    if settlement.status == Status::Done
        && let (Some(path), Some(said)) = (&spec.output, &said)
        && let Err(e) = answer::write(Path::new(path), said)
    {
        settlement.status = Status::Failed;
        let message = format!(
            "the agent finished, but its answer cannot be written to {path}: {e}; `aid output {}` has it",
            spec.id
        );
        settlement.failure = Some(Failure::new(FailureClass::Workspace, message));
    }
    let (events, progress) = attempt.followed.observer.pending();
    let (mut events, progress) = (events.to_vec(), *progress);
    events.push(Event::Settled { settlement });
    let ending = Ending { answer: said.as_deref(), hold: hold.as_ref() };
    finish(attempt.db, &spec, at_ms, events, ending, Some(&progress))?;
    clean_up(attempt.home, &spec);
    Ok(())
}

/// What the end shows about who can take work. Only a refusal that an adapter read on its provider's channel, and that the
/// task failed of, makes a hold; only a success ends one.
fn hold_change(
    spec: &TaskSpec,
    task: &Task,
    settlement: &Settlement,
    verdict: Option<&Verdict>,
    at_ms: i64,
) -> Option<HoldChange> {
    if settlement.status == Status::Done {
        let pool = task.model_seen.clone().or_else(|| spec.model.clone());
        let began_ms = task.started_at_ms?;
        return Some(HoldChange::Clear { account: spec.account().to_owned(), pool, began_ms });
    }
    let Outcome::Failure(refusal) = &verdict?.outcome else { return None };
    if settlement.failure != Some(refusal.clone().into()) {
        return None;
    }
    let zone = jiff::tz::TimeZone::system();
    let refused =
        Refused { account: spec.account(), task: &spec.id, at_ms, zone: &zone, login: spec.login_mark.as_deref() };
    Hold::of(refusal, &refused).map(|hold| HoldChange::Set(Box::new(hold)))
}

/// The task as it will be when these events are written: what is judged must be what will stand before the judgement.
fn foreseen(task: &Task, pending: &[Event]) -> Task {
    pending.iter().fold(task.clone(), |task, event| {
        let recorded = Recorded { seq: task.last_seq + 1, at_ms: now_ms(), event: event.clone() };
        match step(&task, &recorded) {
            Ok(next) => next.task,
            // It will be refused when it is written, too.
            Err(_) => task,
        }
    })
}

/// The last write. It is tried for a bounded time; after that a successor finds the lock free and the logs complete.
fn finish(
    db: &mut Ledger,
    spec: &TaskSpec,
    at_ms: i64,
    events: Vec<Event>,
    ending: Ending<'_>,
    progress: Option<&crate::db::Progress>,
) -> Result<(), RunnerError> {
    let mut retries = Retries::begin();
    loop {
        if db.keep_lock() == Kept::Lost {
            return Err(RunnerError::Superseded);
        }
        match db.settle(&spec.id, at_ms, events.clone(), ending, progress) {
            Ok(_) | Err(AppendError::Illegal(Illegal::Final { .. })) => return Ok(()),
            Err(AppendError::Db(why)) => match retries.next(&why) {
                // Nothing signals a disk with room or a free ledger.
                Some(pause) => std::thread::sleep(pause),
                None => return Err(RunnerError::Append(why.into())),
            },
            Err(e) => return Err(e.into()),
        }
    }
}

/// What it came to. The agent's own success mark and nothing else makes a success.
fn decide(task: &Task, verdict: &Result<Verdict, String>, exit: Exit, fate: Fate) -> Settlement {
    let exit_code = exit.code.or_else(|| exit.signal.map(|s| SIGNAL_BASE + s));
    let mut settlement = Settlement {
        status: Status::Failed,
        failure: None,
        exit_code,
        evidence: String::new(),
        session: None,
        usage: None,
        cost_micro_usd: None,
    };
    if let Some(cause) = &task.end_cause
        && !is_overruled(cause, task, verdict)
    {
        settlement.evidence = explain(cause);
        let class = match cause {
            EndCause::Timeout { .. } => Some(FailureClass::Timeout),
            EndCause::Idle { .. } => Some(FailureClass::Idle),
            EndCause::LogLimit { .. } => Some(FailureClass::AgentError),
            EndCause::User { .. } | EndCause::MaxCost { .. } | EndCause::Linger { .. } => None,
        };
        match class {
            Some(class) => settlement.failure = Some(Failure::new(class, settlement.evidence.clone())),
            None => settlement.status = Status::Stopped,
        }
        return settlement;
    }
    if fate == Fate::NeverStarted {
        settlement.evidence = "its runner was gone, and there is no sign that the agent ever ran".to_owned();
        settlement.failure = Some(Failure::new(FailureClass::Lost, settlement.evidence.clone()));
        return settlement;
    }
    let verdict = match verdict {
        Ok(verdict) => verdict,
        Err(fault) => {
            settlement.evidence = "the adapter gave no verdict; the log has the whole output".to_owned();
            settlement.failure = Some(Failure::new(FailureClass::Adapter, fault.clone()));
            return settlement;
        }
    };
    settlement.evidence.clone_from(&verdict.evidence);
    settlement.failure = match &verdict.outcome {
        Outcome::Success if task.finished => {
            settlement.status = Status::Done;
            None
        }
        Outcome::Success => {
            let message = "the adapter claims a success without the agent's success mark";
            Some(Failure::new(FailureClass::Adapter, message))
        }
        Outcome::Failure(refusal) => Some(refusal.clone().into()),
        Outcome::NoResult(text) => Some(Failure::new(FailureClass::NoResult, text.clone())),
        Outcome::Incomplete(text) if fate == Fate::Gone => {
            let message = format!("runner and agent were both gone before the end was seen; {text}");
            Some(Failure::new(FailureClass::Lost, message))
        }
        Outcome::Incomplete(text) => Some(Failure::new(FailureClass::Incomplete, text.clone())),
    };
    settlement
}

/// Whether the adapter's judgement counts, and not the reason for which the agent was ended: it had nothing more to do; or
/// a time limit came while it worked on after its success mark, and the adapter stands by that mark.
fn is_overruled(cause: &EndCause, task: &Task, verdict: &Result<Verdict, String>) -> bool {
    let stands = || task.continued && verdict.as_ref().is_ok_and(|v| v.outcome == Outcome::Success);
    match cause {
        EndCause::Linger { .. } => true,
        EndCause::Timeout { .. } | EndCause::Idle { .. } => stands(),
        EndCause::User { .. } | EndCause::MaxCost { .. } | EndCause::LogLimit { .. } => false,
    }
}

/// The task's own directory is for the agent's run alone: its prompt is in the ledger.
fn clean_up(home: &Home, spec: &TaskSpec) {
    // What stays is removed by whoever settles next under this id, or by hand; it is private.
    let _ = fs::remove_dir_all(home.task_dir(&spec.id));
}
