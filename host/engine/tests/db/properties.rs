//! Whatever happens to a task, its row is the fold of its log; whatever a text is, it comes back whole.

// The same histories as for the state machine itself.
#[path = "../../../core/tests/strategies/mod.rs"]
mod strategies;

use aid_core::event::Event;
use aid_core::task::{Task, step};
use aid_engine::db::{AppendError, Db, Filter, Progress};
use proptest::prelude::*;

use crate::fixtures::{T0, done, id, message, spec};
use crate::support::{Home, create_with, log};
use strategies::{Happening, agent_words, histories};

/// Offers a history in batches, each at one moment. What the ledger refuses must be what the state machine refuses.
fn offer(db: &mut Db, expected: &mut Task, batch: &[Happening]) -> Result<(), TestCaseError> {
    let at_ms = batch[0].0;
    let events: Vec<Event> = batch.iter().map(|(_, event)| event.clone()).collect();
    let mut folded = Ok(expected.clone());
    for event in &events {
        folded = folded.and_then(|task: Task| {
            let recorded = aid_core::event::Recorded { seq: task.last_seq + 1, at_ms, event: event.clone() };
            step(&task, &recorded).map(|stepped| stepped.task)
        });
    }
    match (db.append(&expected.id.clone(), at_ms, events, None), folded) {
        (Ok(appended), Ok(task)) => {
            prop_assert_eq!(appended.first_seq, expected.last_seq + 1);
            prop_assert_eq!(&appended.task, &task);
            *expected = task;
        }
        (Err(AppendError::Illegal(refused)), Err(illegal)) => prop_assert_eq!(refused, illegal),
        (ledger, machine) => prop_assert!(false, "ledger: {:?}, machine: {:?}", ledger, machine),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_row_is_the_fold_of_the_log(history in histories(), batch in 1usize..4) {
        let home = Home::new();
        let mut db = home.open();
        let mut expected = db.create_task(&spec("t-1a2b")).unwrap();
        for batch in history.chunks(batch) {
            offer(&mut db, &mut expected, batch)?;
        }
        let task = expected.id.clone();
        drop(db);
        let db = home.open();
        let stored = db.projection(&task).unwrap();
        prop_assert_eq!(stored.as_ref(), Some(&expected));
        let log = log(&db, &task);
        let folded = log.iter().fold(Task::new(task.clone()), |task, recorded| step(&task, recorded).unwrap().task);
        prop_assert_eq!(&folded, &expected);
        // The narrow row agrees: in the sums, and in the list of live tasks.
        let totals = db.totals(&Filter::default()).unwrap();
        prop_assert_eq!(totals.by_status.get(expected.status.name()), Some(&1));
        prop_assert_eq!(db.unsettled().unwrap().records.is_empty(), expected.status.is_terminal());
        let tokens = expected.usage.and_then(|u| u.total());
        prop_assert_eq!(totals.tokens_unknown == 1, expected.status.is_terminal() && tokens.is_none());
    }

    #[test]
    fn any_text_comes_back_whole(text in any::<String>(), words in prop::collection::vec(agent_words(), 0..6)) {
        let home = Home::new();
        let mut db = home.open();
        let task = create_with(&mut db, "t-1a2b", |spec| {
            spec.prompt = text.clone();
            spec.group = Some(text.clone());
        });
        let mut events = crate::fixtures::start();
        events.push(message(&text));
        events.extend(words);
        db.append(&task, T0, events.clone(), None).unwrap();
        db.settle(&task, T0, done(), Some(text.as_str()), None).unwrap();
        let record = db.task(&task).unwrap().unwrap();
        prop_assert_eq!(&record.spec.prompt, &text);
        let stored: Vec<Event> = log(&db, &task).into_iter().map(|r| r.event).collect();
        prop_assert_eq!(&stored[1..=events.len()], &events[..]);
        let answer = db.answer(&task).unwrap();
        prop_assert_eq!(answer.as_ref(), Some(&text));
        let filter = Filter { group: Some(text), ..Filter::default() };
        prop_assert_eq!(db.list(&filter).unwrap().records.len(), 1);
    }
}

#[test]
fn ten_megabytes_come_back_whole() {
    const BYTES: usize = 10 * 1024 * 1024;
    let home = Home::new();
    let mut db = home.open();
    let piece = "é\0\u{1f980}\"\\\n";
    let big = piece.repeat(BYTES / piece.len());
    let task = create_with(&mut db, "t-1a2b", |spec| spec.full_prompt = big.clone());
    db.append(&task, T0, crate::fixtures::start(), None).unwrap();
    let far = Progress { out_offset: 1 << 40, out_events: u64::from(u32::MAX), ..Progress::default() };
    db.append(&task, T0, vec![message(&big)], Some(&far)).unwrap();
    db.settle(&task, T0, done(), Some(big.as_str()), None).unwrap();
    drop(db);
    let db = home.open();
    assert!(db.answer(&task).unwrap().as_deref() == Some(big.as_str()), "the answer differs");
    assert!(db.task(&task).unwrap().unwrap().spec.full_prompt == big, "the prompt differs");
    assert!(log(&db, &id("t-1a2b"))[3].event == message(&big), "the message differs");
    assert_eq!(db.progress(&task).unwrap(), far);
}
