//! kill -9 at random moments: of the foreground, of the runner, of the agent, of runner and agent. What is recorded must be
//! true each time, nothing that the agent wrote may be lost, and nothing may live on.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aid_test_support::{Process, Signal, Stream, processes_with};
use serde_json::{Value, json};

use crate::bed::{Backend, Bed};
use crate::processes::Held;
use crate::record::Record;

/// How many kills must hit something alive.
const KILLS: usize = 200;
/// How many rounds that may take; some come too late.
const MAX_ROUNDS: usize = 3 * KILLS;
/// How long the next `aid` command may take to see a true end, the rest of the agent's own life included.
const SETTLE_LIMIT: Duration = Duration::from_secs(2);
/// The agent's life in pieces of output, and the pause after each.
const PIECES: usize = 12;
const PAUSE_MS: u64 = 8;
/// The latest moment of a kill, a little beyond the end of an undisturbed run.
const LATEST_MS: u64 = 180;
const ANSWER: &str = "the answer";

#[test]
fn two_hundred_kills_at_random_moments() {
    let kills = AtomicUsize::new(0);
    let rounds = AtomicUsize::new(0);
    let mut took = std::thread::scope(|scope| {
        let workers = [Backend::Linux, Backend::Linux, Backend::Linux, Backend::Portable].into_iter().zip(1..);
        let (kills, rounds) = (&kills, &rounds);
        let workers: Vec<_> = workers
            .map(|(backend, seed)| scope.spawn(move || Worker::new(backend, seed).work(kills, rounds)))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("every round holds")).collect::<Vec<_>>()
    });
    took.sort();
    let (median, worst) = (took[took.len() / 2], took[took.len() - 1]);
    let (kills, rounds) = (kills.into_inner(), rounds.into_inner());
    println!("{kills} kills in {rounds} rounds; settled after {median:?}, at worst {worst:?}");
    // One that has to share its processor with everything else may take longer.
    assert!(median < SETTLE_LIMIT, "settled after {median:?}, at worst {worst:?}");
    assert!(kills >= KILLS, "only {kills} of {rounds} kills hit anything");
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Foreground,
    Runner,
    Agent,
    Both,
}

/// Who really was alive to be killed.
#[derive(Debug, Clone, Copy)]
struct Killed {
    runner_died: bool,
    agent_died: bool,
}

/// Whether anything was alive to be killed, and still had the variable when it was held.
fn kill(found: &[Process], name: &str, value: &str) -> bool {
    let mut hit = false;
    for process in found {
        let Some(held) = Held::open(process.pid) else { continue };
        // A process that was just forked looks like its parent until it becomes another program.
        hit |= processes_with(name, value).iter().any(|p| p.pid == process.pid) && held.signal(Signal::KILL);
    }
    hit
}

struct Worker {
    bed: Bed,
    random: Random,
    seed: u64,
    /// What an undisturbed run writes, and what becomes of it.
    log: Vec<u8>,
    told: Vec<Value>,
}

impl Worker {
    fn new(backend: Backend, seed: u64) -> Self {
        let bed = Bed::new(backend, &script());
        let _ = bed.run("undisturbed", &[]).expect_code(0).expect_stdout(ANSWER);
        let record = bed.record("undisturbed");
        record.expect_done(ANSWER);
        assert_eq!(record.kind("milestone").len(), 1, "{record}");
        let (log, told) = (bed.log("undisturbed"), record.told());
        Self { bed, random: Random::new(seed), seed, log, told }
    }

    fn work(mut self, kills: &AtomicUsize, rounds: &AtomicUsize) -> Vec<Duration> {
        let mut all = Vec::new();
        while kills.load(Ordering::SeqCst) < KILLS {
            let round = rounds.fetch_add(1, Ordering::SeqCst);
            if round >= MAX_ROUNDS {
                break;
            }
            let (hit, took) = self.round(round);
            kills.fetch_add(usize::from(hit), Ordering::SeqCst);
            all.push(took);
        }
        all
    }

    /// One task, one kill, one look.
    fn round(&mut self, round: usize) -> (bool, Duration) {
        let victims = [Victim::Foreground, Victim::Runner, Victim::Agent, Victim::Both];
        let victim = victims[self.random.below(4) as usize];
        let delay = Duration::from_millis(self.random.below(LATEST_MS));
        let watched = victim == Victim::Foreground || self.random.below(2) == 0;
        let leaves = if self.random.below(4) == 0 { "leave a process" } else { "go" };
        let id = format!("k-{round}");
        let story = format!("seed {}: {id}: {victim:?} after {delay:?}, watched: {watched}", self.seed);

        let mut command = self.bed.aid(["run", "codex", "--id", &id, leaves]);
        if !watched {
            command = command.arg("--bg");
        }
        let began = Instant::now();
        let mut running = command.spawn();
        if victim != Victim::Foreground {
            running.wait_for(Stream::Err, if watched { "has the task" } else { "watch it" });
        }
        // The random moment that this test is about.
        std::thread::sleep(delay.saturating_sub(began.elapsed()));
        if victim == Victim::Foreground {
            running.signal(Signal::KILL);
        }
        let runner_died = matches!(victim, Victim::Runner | Victim::Both) && self.kill_runner(&id);
        let agent_died = matches!(victim, Victim::Agent | Victim::Both) && self.kill_agent(&id);
        let hit = victim == Victim::Foreground || runner_died || agent_died;
        let looked = Instant::now();
        let _ = self.bed.aid(["board"]).run().expect_code(0);
        let code = self.bed.wait(&id).code;
        let took = looked.elapsed();
        let seen = running.wait().code;
        if victim == Victim::Foreground && code == 3 {
            // It died before it had claimed the id: then nothing at all may be there.
            assert!(self.bed.log(&id).is_empty() && self.bed.marked(&id).is_empty(), "{story}");
            return (hit, took);
        }
        let record = self.bed.record(&id);
        self.judge(&record, &self.bed.log(&id), Killed { runner_died, agent_died }, code, &story);
        if watched && victim != Victim::Foreground {
            assert_eq!(seen, code, "{story}: the foreground saw another end\n{record}");
        }
        self.bed.expect_no_process(&id);
        self.bed.await_runners(&id);
        (hit, took)
    }

    fn kill_runner(&self, id: &str) -> bool {
        kill(&self.bed.runners(id), "AID_RUNNER", id)
    }

    fn kill_agent(&self, id: &str) -> bool {
        let leads = |process: &Process| {
            let pid = rustix::process::Pid::from_raw(process.pid);
            let (group, session) = (rustix::process::getpgid(pid), rustix::process::getsid(pid));
            group.is_ok_and(|group| Some(group) == pid) && session.is_ok_and(|session| Some(session) != pid)
        };
        let agents: Vec<Process> = self.bed.marked(id).into_iter().filter(leads).collect();
        kill(&agents, "AID_TASK_ID", id)
    }

    /// The record against what was really written.
    fn judge(&self, record: &Record, log: &[u8], killed: Killed, code: i32, story: &str) {
        let Killed { runner_died, agent_died } = killed;
        assert!(self.log.starts_with(log), "{story}: the log is not what the agent writes\n{record}");
        let is_whole = log.len() == self.log.len();
        assert!(agent_died || is_whole || log.is_empty(), "{story}: output was lost: {} bytes\n{record}", log.len());
        let told = record.told();
        let complete = log.iter().filter(|byte| **byte == b'\n').count();
        let wanted = self.told_after(complete);
        assert_eq!(told, wanted, "{story}: events\n{record}");
        if is_whole {
            record.expect_done(ANSWER);
            assert_eq!(code, 0, "{story}");
            return;
        }
        match record.class() {
            "lost" => assert_eq!(code, 9, "{story}\n{record}"),
            "incomplete" => assert_eq!(code, 1, "{story}\n{record}"),
            other => panic!("{story}: failed as {other:?}\n{record}"),
        }
        let runner_saw_it = agent_died && !runner_died;
        assert!(!runner_saw_it || record.class() == "incomplete", "{story}\n{record}");
        assert!(!runner_saw_it || record.task["exit_code"] == 128 + 9, "{story}\n{record}");
        assert!(agent_died || record.class() == "lost", "{story}\n{record}");
    }

    /// The events that so many complete lines of output make.
    fn told_after(&self, lines: usize) -> &[Value] {
        let made = |line| match line {
            TURN_LINE => 0,
            MILESTONE_LINE | LAST_LINE => 2,
            _ => 1,
        };
        let events = (0..lines).map(made).sum::<usize>();
        &self.told[..events]
    }
}

/// Lines of output, counted from 0: thread, turn, the pieces, the answer, the end.
const TURN_LINE: usize = 1;
const MILESTONE_LINE: usize = 2 + PIECES / 2;
const LAST_LINE: usize = 2 + PIECES + 1;

fn script() -> Value {
    let mut steps = vec![json!({"codex_start": {"thread": "th-kill"}})];
    for piece in 0..PIECES {
        let text =
            if piece == PIECES / 2 { "[MILESTONE] half way".to_owned() } else { format!("piece {piece} — 端") };
        steps.push(json!({"codex_message": text}));
        steps.push(json!({"sleep_ms": PAUSE_MS}));
    }
    let mut leaving = steps.clone();
    leaving.insert(5, json!({"spawn": {"sleep_ms": 60_000, "setsid": true}}));
    for steps in [&mut steps, &mut leaving] {
        steps.push(json!({"codex_ok": {"answer": ANSWER}}));
    }
    json!({"cases": [{"stdin_contains": "leave a process", "steps": leaving}], "steps": steps})
}

/// xorshift64: the same moments for the same seed.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        /// Odd and without a pattern: spreads small seeds over all bits.
        const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
        Self(seed.wrapping_mul(SPREAD))
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
