//! Rules of the task state machine that hold for every sequence of events, sensible or not.

mod strategies;

use aid_core::event::{Event, Recorded};
use aid_core::id::TaskId;
use aid_core::task::{Effect, Illegal, Status, Task, step};
use proptest::prelude::*;
use strategies::{Happening, agent_words, histories, moments};

fn new_task() -> Task {
    Task::new(TaskId::parse("t-1a2b").unwrap())
}

fn next(task: &Task, (at_ms, event): &Happening) -> Recorded {
    Recorded { seq: task.last_seq + 1, at_ms: *at_ms, event: event.clone() }
}

/// Offers every event in turn, as a ledger would. Returns the final task and what was accepted.
fn run(history: &[Happening]) -> (Task, Vec<Recorded>) {
    let mut task = new_task();
    let mut accepted = Vec::new();
    for happening in history {
        let recorded = next(&task, happening);
        if let Ok(stepped) = step(&task, &recorded) {
            task = stepped.task;
            accepted.push(recorded);
        }
    }
    (task, accepted)
}

fn fold(log: &[Recorded]) -> Result<Task, Illegal> {
    log.iter().try_fold(new_task(), |task, recorded| Ok(step(&task, recorded)?.task))
}

fn is_settled(recorded: &Recorded) -> bool {
    matches!(recorded.event, Event::Settled { .. })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Rule 2: a terminal state is written once, and only `done` moves on, to `merged`.
    #[test]
    fn a_task_settles_at_most_once(history in histories()) {
        let mut task = new_task();
        let mut settled = 0;
        for happening in &history {
            let recorded = next(&task, happening);
            let result = step(&task, &recorded);
            if task.status.is_terminal() {
                let merges = task.status == Status::Done && matches!(recorded.event, Event::Merged { .. });
                match &result {
                    Ok(stepped) => {
                        prop_assert!(merges, "{} after {:?}", recorded.event.kind(), task.status);
                        let merged = Task { status: Status::Merged, last_seq: recorded.seq, ..task.clone() };
                        prop_assert_eq!(&stepped.task, &merged);
                        prop_assert_eq!(&stepped.effects, &Vec::new());
                    }
                    Err(illegal) => {
                        prop_assert!(!merges);
                        let (id, status, event) = (task.id.clone(), task.status, recorded.event.kind());
                        prop_assert_eq!(illegal, &Illegal::Final { id, status, event });
                    }
                }
            }
            if let Ok(stepped) = result {
                settled += usize::from(is_settled(&recorded));
                task = stepped.task;
            }
        }
        prop_assert!(settled <= 1);
        prop_assert_eq!(task.status.is_terminal(), settled == 1);
    }

    /// Rule 3: success needs the agent's own success mark, a failure its reason.
    #[test]
    fn success_needs_the_success_mark(history in histories()) {
        let (task, log) = run(&history);
        let marked = log.iter().any(|r| matches!(r.event, Event::Finished));
        prop_assert_eq!(task.finished, marked);
        match task.status {
            Status::Done | Status::Merged => prop_assert!(marked && task.failure.is_none()),
            Status::Failed => prop_assert!(task.failure.is_some()),
            Status::Stopped => prop_assert!(task.failure.is_none() && task.end_cause.is_some()),
            Status::Skipped => prop_assert!(task.agent.is_none() && !marked && task.failure.is_none()),
            Status::Queued | Status::Running | Status::AwaitingInput | Status::Verifying => {
                prop_assert_eq!((task.failure, task.ended_at_ms, task.exit_code), (None, None, None));
            }
        }
    }

    /// Rule 3: no word of a model, tool or provider moves a task, fails it, ends it or asks for anything.
    #[test]
    fn words_decide_nothing(
        history in histories(),
        words in prop::collection::vec((moments(), agent_words()), 1..20),
    ) {
        let (before, _) = run(&history);
        let mut task = before.clone();
        for happening in &words {
            if let Ok(stepped) = step(&task, &next(&task, happening)) {
                prop_assert_eq!(stepped.effects, Vec::new());
                task = stepped.task;
            }
        }
        let allowed = Task {
            session: task.session.clone(),
            model_seen: task.model_seen.clone(),
            milestone: task.milestone.clone(),
            usage: task.usage,
            cost_micro_usd: task.cost_micro_usd,
            last_seq: task.last_seq,
            ..before
        };
        prop_assert_eq!(task, allowed);
    }

    /// The log has no gap and no repetition: any place but the next one is refused, whatever the event.
    #[test]
    fn only_the_next_place_is_accepted(history in histories(), last in moments(), seq in any::<u64>(), near in 0u64..4) {
        let (task, log) = run(&history);
        prop_assert!(log.iter().map(|r| r.seq).eq(1..=task.last_seq));
        let event = history.last().map_or(Event::Created, |(_, event)| event.clone());
        for seq in [seq, (task.last_seq + near).saturating_sub(1)] {
            let recorded = Recorded { seq, at_ms: last, event: event.clone() };
            let refused = Illegal::Sequence { id: task.id.clone(), last: task.last_seq, found: seq };
            match step(&task, &recorded) {
                Err(illegal) if seq != task.last_seq + 1 => prop_assert_eq!(illegal, refused),
                Err(illegal) => prop_assert_ne!(illegal, refused),
                Ok(stepped) => prop_assert_eq!((seq, stepped.task.last_seq), (task.last_seq + 1, seq)),
            }
        }
    }

    /// A replay of what was accepted is accepted again and leads to the same task, also through JSON, and also when
    /// it goes on from a stored state.
    #[test]
    fn a_replay_is_equal(history in histories(), cut in any::<prop::sample::Index>()) {
        let (task, log) = run(&history);
        prop_assert_eq!(fold(&log), Ok(task.clone()));
        let stored: Vec<Recorded> = serde_json::from_str(&serde_json::to_string(&log).unwrap()).unwrap();
        prop_assert_eq!(&stored, &log);
        let cut = cut.index(log.len() + 1);
        let half = fold(&log[..cut]).unwrap();
        let mut resumed: Task = serde_json::from_str(&serde_json::to_string(&half).unwrap()).unwrap();
        for recorded in &stored[cut..] {
            resumed = step(&resumed, recorded).unwrap().task;
        }
        prop_assert_eq!(resumed, task);
    }

    /// A task starts when its agent is first there and ends when it settles; neither moves afterwards.
    #[test]
    fn times_are_those_of_their_events(history in histories()) {
        let (task, log) = run(&history);
        let brings_agent = |event: &Event| matches!(event, Event::Started { .. } | Event::Adopted { agent: Some(_), .. });
        let started = log.iter().find(|r| brings_agent(&r.event)).map(|r| r.at_ms);
        let ended = log.iter().find(|r| is_settled(r)).map(|r| r.at_ms);
        prop_assert_eq!(task.started_at_ms, started);
        prop_assert_eq!(task.ended_at_ms, ended);
        prop_assert_eq!(task.ended_at_ms.is_some(), task.status.is_terminal());
        prop_assert_eq!(task.agent.is_some(), started.is_some());
    }

    /// Every accepted request to end reaches the agent, and the first reason is the one that is kept.
    #[test]
    fn the_first_reason_to_end_is_kept(history in histories()) {
        let mut task = new_task();
        for happening in &history {
            let Ok(stepped) = step(&task, &next(&task, happening)) else { continue };
            if matches!(happening.1, Event::EndRequested { .. }) {
                let asks = matches!(stepped.effects[..], [Effect::EndAgent { .. }]);
                prop_assert!(asks, "{:?}", stepped.effects);
            }
            if task.end_cause.is_some() || (task.finished && !task.continued) {
                prop_assert_eq!(&stepped.task.end_cause, &task.end_cause);
            } else if let Event::EndRequested { cause } = &happening.1 {
                prop_assert_eq!(stepped.task.end_cause.as_ref(), Some(cause));
            }
            task = stepped.task;
        }
    }
}

/// A task whose every state was reached, so that the properties above are about something.
#[test]
fn histories_reach_every_state() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    const HISTORIES: usize = 4_000;
    let mut runner = TestRunner::deterministic();
    let mut reached = std::collections::HashSet::new();
    for _ in 0..HISTORIES {
        let history = histories().new_tree(&mut runner).unwrap().current();
        reached.insert(run(&history).0.status);
    }
    let missing: Vec<Status> = Status::ALL.into_iter().filter(|s| !reached.contains(s)).collect();
    assert_eq!(missing, []);
}
