//! Creating tasks, appending to them, settling them; and who wins when two try.

use std::sync::Barrier;
use std::thread;

use aid_core::event::{Event, Recorded};
use aid_core::task::{Effect, EndCause, Illegal, Status};
use aid_engine::db::{AppendError, CreateError, Db, DbError, Filter, Progress};

use crate::fixtures::{T0, done, failed, id, message, process, spec, start, stopped};
use crate::support::{Home, create, log, running, settlements};

#[test]
fn a_new_task_is_stored_whole() {
    let home = Home::new();
    let mut db = home.open();
    let spec = spec("t-1a2b");
    let task = db.create_task(&spec).unwrap();
    assert_eq!((task.status, task.last_seq), (Status::Queued, 1));
    let record = db.task(&task.id).unwrap().unwrap();
    assert_eq!((record.spec, record.task), (spec, task.clone()));
    assert_eq!(log(&db, &task.id), [Recorded { seq: 1, at_ms: T0, event: Event::Created }]);
    assert_eq!(db.progress(&task.id).unwrap(), Progress::default());
    assert_eq!(db.answer(&task.id).unwrap(), None);
}

#[test]
fn an_id_is_claimed_once() {
    let home = Home::new();
    let mut db = home.open();
    let first = db.create_task(&spec("t-1a2b")).unwrap();
    let mut other = spec("t-1a2b");
    other.prompt = "another".to_owned();
    let error = db.create_task(&other).unwrap_err();
    assert!(matches!(&error, CreateError::Taken { id } if *id == first.id), "{error:?}");
    let record = db.task(&first.id).unwrap().unwrap();
    assert_eq!((record.spec, record.task), (spec("t-1a2b"), first.clone()));
    assert_eq!(log(&db, &first.id).len(), 1);
    assert_eq!(db.totals(&Filter::default()).unwrap().tasks, 1);
}

#[test]
fn an_append_stores_events_state_and_progress_together() {
    let home = Home::new();
    let mut db = home.open();
    let task = create(&mut db, "t-1a2b");
    let progress = Progress { out_offset: 812, err_offset: 40, out_events: 3, err_events: 1 };
    let mut events = start();
    events.push(Event::Finished);
    events.push(Event::EndRequested { cause: EndCause::Linger { limit_ms: 5 } });
    let appended = db.append(&task, T0 + 7, events.clone(), Some(&progress)).unwrap();
    assert_eq!(appended.first_seq, 2);
    assert_eq!(appended.effects, [Effect::AwaitExit, Effect::EndAgent { force: false }]);
    assert_eq!(appended.task.agent, Some(process(11)));
    assert_eq!(db.projection(&task).unwrap().as_ref(), Some(&appended.task));
    assert_eq!(db.progress(&task).unwrap(), progress);
    let stored = log(&db, &task);
    assert!(stored.iter().map(|r| r.seq).eq(1..=5));
    assert!(stored[1..].iter().all(|r| r.at_ms == T0 + 7));
    assert!(stored[1..].iter().map(|r| &r.event).eq(&events));

    // Without a progress the old one stays; without an event only the progress moves.
    db.append(&task, T0 + 8, vec![message("hello")], None).unwrap();
    assert_eq!(db.progress(&task).unwrap(), progress);
    let further = Progress { out_offset: 900, ..progress };
    let appended = db.append(&task, T0 + 9, Vec::new(), Some(&further)).unwrap();
    assert_eq!((appended.first_seq, appended.task.last_seq), (7, 6));
    assert_eq!(db.progress(&task).unwrap(), further);
}

/// What one refused batch may leave behind: nothing.
fn assert_refused(db: &mut Db, events: Vec<Event>) -> Illegal {
    let task = id("t-1a2b");
    let look = |db: &Db| {
        let totals = db.totals(&Filter::default()).unwrap();
        (db.task(&task).unwrap(), log(db, &task), db.progress(&task).unwrap(), db.answer(&task).unwrap(), totals)
    };
    let before = look(db);
    let progress = Progress { out_offset: 99_999, ..Progress::default() };
    let settles = matches!(events.last(), Some(Event::Settled { .. }));
    let error = if settles {
        db.settle(&task, T0 + 99, events, Some("a late answer"), Some(&progress)).map(drop).unwrap_err()
    } else {
        db.append(&task, T0 + 99, events, Some(&progress)).map(drop).unwrap_err()
    };
    assert_eq!(look(db), before);
    match error {
        AppendError::Illegal(illegal) => illegal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_illegal_event_takes_its_whole_batch_with_it() {
    let home = Home::new();
    let mut db = home.open();
    running(&mut db, "t-1a2b");
    let illegal = assert_refused(&mut db, vec![message("kept?"), Event::Finished, Event::Created]);
    assert!(matches!(illegal, Illegal::Move { event: "created", .. }), "{illegal:?}");
    // A success without the success mark.
    let settled = done().pop().unwrap();
    let illegal = assert_refused(&mut db, vec![message("kept?"), settled]);
    assert!(matches!(illegal, Illegal::Move { event: "settled", .. }), "{illegal:?}");
}

#[test]
fn a_task_is_settled_once_with_its_answer() {
    let home = Home::new();
    let mut db = home.open();
    let task = running(&mut db, "t-1a2b");
    let settled = db.settle(&task, T0 + 9, done(), Some("42"), None).unwrap();
    assert_eq!((settled.status, settled.ended_at_ms), (Status::Done, Some(T0 + 9)));
    assert_eq!(db.answer(&task).unwrap().as_deref(), Some("42"));
    assert_eq!(db.unsettled().unwrap().records, []);
    for late in [done(), failed(), stopped(), vec![message("late")], start()] {
        let illegal = assert_refused(&mut db, late);
        assert!(matches!(illegal, Illegal::Final { status: Status::Done, .. }), "{illegal:?}");
    }
    assert_eq!(settlements(&db, &task), 1);
    let merged = db.append(&task, T0 + 20, vec![Event::Merged { into: "main".into(), commit: "c0ffee".into() }], None);
    assert_eq!(merged.unwrap().task.status, Status::Merged);
    assert_eq!(db.task(&task).unwrap().unwrap().task.ended_at_ms, Some(T0 + 9));
}

#[test]
fn settling_needs_a_settlement() {
    let home = Home::new();
    let mut db = home.open();
    let task = running(&mut db, "t-1a2b");
    for (events, last) in [(vec![Event::Finished], "finished"), (Vec::new(), "missing")] {
        let error = db.settle(&task, T0 + 9, events, Some("no"), None).unwrap_err();
        assert!(matches!(error, AppendError::NotASettlement { last: l, .. } if l == last), "{error:?}");
    }
    assert_eq!(log(&db, &task).len(), 3);
}

#[test]
fn a_task_that_is_not_there_is_not_found() {
    let home = Home::new();
    let mut db = home.open();
    let task = id("t-beef");
    let errors = [
        db.append(&task, T0, vec![message("x")], None).map(drop).unwrap_err(),
        db.settle(&task, T0, failed(), None, None).map(drop).unwrap_err(),
        db.progress(&task).map(drop).unwrap_err().into(),
        db.answer(&task).map(drop).unwrap_err().into(),
        db.events(&task, 0, 1).map(drop).unwrap_err().into(),
    ];
    for error in errors {
        assert!(matches!(&error, AppendError::Db(DbError::NotFound { id }) if *id == task), "{error:?}");
    }
    assert_eq!(db.task(&task).unwrap(), None);
    assert_eq!(db.projection(&task).unwrap(), None);
}

#[test]
fn stop_and_settle_race_two_hundred_times_with_one_winner() {
    const RACES: usize = 200;
    let home = Home::new();
    let mut db = home.open();
    let tasks: Vec<_> = (0..RACES).map(|n| running(&mut db, &format!("t-{n:04x}"))).collect();
    let barrier = Barrier::new(2);
    let race = |end: fn() -> Vec<Event>, answer: Option<&'static str>| {
        let mut db = home.open();
        let (tasks, barrier) = (&tasks, &barrier);
        move || {
            let attempt = |task| {
                barrier.wait();
                match db.settle(task, T0 + 5, end(), answer, None) {
                    Ok(_) => true,
                    Err(AppendError::Illegal(Illegal::Final { .. })) => false,
                    Err(e) => panic!("{e}"),
                }
            };
            tasks.iter().map(attempt).collect::<Vec<bool>>()
        }
    };
    let (stop, settle) = (race(stopped, None), race(done, Some("the answer")));
    let (stops, settles) = thread::scope(|scope| {
        let (stop, settle) = (scope.spawn(stop), scope.spawn(settle));
        (stop.join().unwrap(), settle.join().unwrap())
    });
    for (n, task) in tasks.iter().enumerate() {
        assert!(stops[n] != settles[n], "task {task}: stop {}, settle {}", stops[n], settles[n]);
        let won = if stops[n] { (Status::Stopped, None) } else { (Status::Done, Some("the answer".to_owned())) };
        let now = db.projection(task).unwrap().unwrap();
        assert_eq!((now.status, db.answer(task).unwrap()), won);
        assert_eq!(settlements(&db, task), 1);
        assert_eq!(log(&db, task).len(), 5, "the loser appended nothing");
    }
}

#[test]
fn a_change_by_another_connection_is_seen_as_one() {
    let home = Home::new();
    let mut writer = home.open();
    let watcher = home.open();
    let first = watcher.data_version().unwrap();
    assert_eq!(watcher.data_version().unwrap(), first);
    create(&mut writer, "t-1a2b");
    let second = watcher.data_version().unwrap();
    assert_ne!(first, second);
    assert_eq!(watcher.data_version().unwrap(), second);
}
