//! Many processes on one ledger: nobody is turned away, nothing is lost.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use aid_core::event::Event;
use aid_core::id::TaskId;
use aid_engine::db::{CreateError, Db, Filter};

use crate::fixtures::{T0, id, message, spec};
use crate::support::{Home, log, running};

/// Set for a child: what it is to do.
const JOB: &str = "LEDGER_TEST_JOB";
/// Set for a child: where.
const PLACE: &str = "LEDGER_TEST_PLACE";
/// Set for a child: which one it is.
const NUMBER: &str = "LEDGER_TEST_NUMBER";

/// This test binary again, up to the point where it waits for its stdin to end.
fn child(job: &str, place: &Path, number: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "processes::a_child_does_its_job", "--nocapture"])
        .env(JOB, job)
        .env(PLACE, place)
        .env(NUMBER, number.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Starts all of them at once, and collects what they complain about.
fn run_all(mut children: Vec<Child>) {
    for child in &mut children {
        drop(child.stdin.take());
    }
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The other side of the tests here. Run by itself it has no job, and says that it has none.
#[test]
fn a_child_does_its_job() {
    let job = std::env::var(JOB);
    let (Ok(place), Ok(number)) = (std::env::var(PLACE), std::env::var(NUMBER)) else {
        assert!(job.is_err(), "a job without a place");
        return;
    };
    let number: usize = number.parse().unwrap();
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    match job.unwrap().as_str() {
        "create" => create_one(Path::new(&place), number),
        "append" => append_to_all(Path::new(&place), number),
        other => panic!("unknown job {other}"),
    }
}

/// How many ledgers are made, one after the other: a single one may be over before the last process has begun.
const LEDGERS: usize = 8;

/// Opens, perhaps makes, each ledger; one id is its own, one is wanted by everybody.
fn create_one(place: &Path, number: usize) {
    for ledger in 0..LEDGERS {
        let mut db = Db::open(&place.join(ledger.to_string())).unwrap();
        db.create_task(&spec(&format!("t-{number:04x}"))).unwrap();
        match db.create_task(&spec("wanted")) {
            Ok(_) => drop(db.create_task(&spec("won")).unwrap()),
            Err(CreateError::Taken { id }) => assert_eq!(id.as_str(), "wanted"),
            Err(e) => panic!("{e}"),
        }
    }
}

#[test]
fn thirty_two_processes_make_one_ledger() {
    const PROCESSES: usize = 32;
    let home = Home::new();
    run_all((0..PROCESSES).map(|n| child("create", home.path(), n)).collect());
    for ledger in 0..LEDGERS {
        let db = Db::open(&home.path().join(ledger.to_string())).unwrap();
        let listed = db.list(&Filter { limit: 100, ..Filter::default() }).unwrap();
        assert_eq!(listed.damaged, []);
        // `won` exists once: a second winner could not have created it.
        assert_eq!(listed.records.len(), PROCESSES + 2);
        assert_eq!(db.resolve("w", 9).unwrap(), [id("wanted"), id("won")]);
    }
}

const WRITERS: usize = 16;
const TASKS: usize = 64;

fn shared_task(n: usize) -> TaskId {
    id(&format!("t-{n:04x}"))
}

/// Two events to every task, beginning somewhere else in each process.
fn append_to_all(place: &Path, number: usize) {
    let mut db = Db::open(place).unwrap();
    for n in 0..TASKS {
        let task = shared_task((n + number * TASKS / WRITERS) % TASKS);
        let events = vec![message(&format!("first of {number}")), message(&format!("second of {number}"))];
        db.append(&task, T0 + 2, events, None).unwrap();
    }
}

#[test]
fn sixteen_processes_lose_nothing() {
    let home = Home::new();
    let mut db = home.open();
    for n in 0..TASKS {
        running(&mut db, shared_task(n).as_str());
    }
    run_all((0..WRITERS).map(|n| child("append", &home.ledger(), n)).collect());
    for n in 0..TASKS {
        let log = log(&db, &shared_task(n));
        assert!(log.iter().map(|r| r.seq).eq(1..=3 + 2 * WRITERS as u64), "task {n}");
        // Each batch is together and in order, and each is there once.
        let mut seen: Vec<String> = log[3..]
            .chunks(2)
            .map(|pair| match (&pair[0].event, &pair[1].event) {
                (Event::Message { text: a }, Event::Message { text: b }) => {
                    assert_eq!(a.replace("first", "second"), *b);
                    a.clone()
                }
                other => panic!("{other:?}"),
            })
            .collect();
        seen.sort();
        let mut wanted: Vec<String> = (0..WRITERS).map(|n| format!("first of {n}")).collect();
        wanted.sort();
        assert_eq!(seen, wanted);
    }
}
