//! How soon somebody who waits is told: most of the time, because one round may find the machine busy.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aid_test_support::{Signal, Stream};
use serde_json::{Value, json};

use crate::bed::{Backend, Bed, on_both};
use crate::processes::hold;

/// How late a wait may end.
const LIMIT: Duration = Duration::from_millis(500);
/// A dead runner has to be noticed, and a new one started, before the task can be settled.
const TAKE_OVER_LIMIT: Duration = Duration::from_secs(3);
const ROUNDS: usize = 15;

on_both!(watch_returns_when_the_task_is_final, watch_returns_when_runner_and_agent_are_killed);

fn watch_returns_when_the_task_is_final(backend: Backend) {
    let bed = Bed::new(backend, &json!([{"touch": "up"}, {"wait_file": "go"}, {"codex_ok": {"answer": "x"}}]));
    let mut late = Vec::new();
    for n in 0..ROUNDS {
        let id = format!("t-{n}");
        let mut watching = watched(&bed, &id);
        bed.touch("go");
        let _ = await_word(&mut watching, "DONE");
        let told = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        let _ = watching.wait().expect_code(0);
        let ended = millis(&bed.record(&id).task["ended_at"]);
        late.push(told.saturating_sub(ended));
    }
    report("settled → watch returns", backend, late, LIMIT);
}

fn watch_returns_when_runner_and_agent_are_killed(backend: Backend) {
    let steps = json!([{"write": {"path": "agent", "content": "{pid}"}}, {"touch": "up"}, {"hang": true}]);
    let bed = Bed::new(backend, &steps);
    let mut late = Vec::new();
    for n in 0..ROUNDS {
        let id = format!("t-{n}");
        let watching = watched(&bed, &id);
        let (runner, agent) = (hold(bed.runner(&id)), hold(bed.pid("agent")));
        // Frozen first: otherwise it, or one that takes its place, could see the agent's end.
        assert!(runner.signal(Signal::STOP) && agent.signal(Signal::KILL));
        agent.await_end();
        let began = Instant::now();
        assert!(runner.signal(Signal::KILL));
        let _ = watching.wait().expect_code(9).expect_stdout("FAIL");
        late.push(began.elapsed());
    }
    report("both killed → watch returns", backend, late, TAKE_OVER_LIMIT);
}

/// A task that waits, with somebody who watches it.
fn watched(bed: &Bed, id: &str) -> aid_test_support::Running {
    for file in ["up", "go"] {
        let _ = std::fs::remove_file(bed.at(file));
    }
    bed.start(id, &[]);
    let mut watching = bed.aid(["watch", "--quiet", id]).spawn();
    bed.await_file("up");
    let _ = await_word(&mut watching, "RUN");
    watching
}

fn await_word(watching: &mut aid_test_support::Running, word: &str) -> String {
    watching.wait_for(Stream::Out, word)
}

fn report(what: &str, backend: Backend, mut late: Vec<Duration>, limit: Duration) {
    late.sort();
    let (median, worst) = (late[late.len() / 2], late[late.len() - 1]);
    println!("{what} ({backend:?}): median {median:?}, worst {worst:?}");
    assert!(median < limit, "{what} ({backend:?}): {late:?}");
}

/// An ISO 8601 time in UTC of today or so, as time since 1970. Only differences within a day matter.
pub(crate) fn millis(at: &Value) -> Duration {
    let text = at.as_str().expect("a time");
    let clock = text.split_once('T').expect("date and time").1.trim_end_matches('Z');
    let seconds: f64 = clock.split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().expect("a number"));
    let today = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() / 86_400 * 86_400;
    Duration::from_secs(today) + Duration::from_secs_f64(seconds)
}
