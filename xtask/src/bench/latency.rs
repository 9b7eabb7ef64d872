//! How long things take that people and scripts wait for. Ours and the peer's take turns, so that both meet the same
//! machine.

use std::process::Command;
use std::time::{Duration, Instant};

use super::series::Series;
use super::subject::{Stage, Subject, now};
use super::table::Row;
use crate::Result;

/// Runs that fill caches and are not counted.
const WARM_UP: usize = 2;
/// Long enough for a watcher to be there before the end.
const WATCHED: Duration = Duration::from_millis(200);

/// From `run` to the agent's first instruction, and from its last to the return of `run`.
pub(super) fn runs(ours: &Subject, peer: Option<&Subject>, count: usize) -> Result<Vec<Row>> {
    let (mut starts, mut returns) = (Columns::new(), Columns::new());
    for round in 0..WARM_UP + count {
        for subject in std::iter::once(ours).chain(peer) {
            let (start, end) = one_run(subject)?;
            if round >= WARM_UP {
                starts.add(subject, ours, start);
                returns.add(subject, ours, end);
            }
        }
    }
    Ok(vec![starts.row("aid run → agent process started", 10.0)?, returns.row("agent exit → aid run returns", 5.0)?])
}

fn one_run(subject: &Subject) -> Result<(f64, f64)> {
    subject.forget()?;
    let mut command = subject.command(&["run", "codex", "say done"]);
    let before = now();
    let status = command.status()?;
    let after = now();
    if !status.success() {
        return Err(format!("{}: a good run ended with {status}", subject.name).into());
    }
    Ok((1e3 * (subject.stamp("start")? - before), 1e3 * (after - subject.stamp("end")?)))
}

/// From the agent's last instruction to the return of `watch --quiet`.
pub(super) fn watch(ours: &Subject, peer: Option<&Subject>, count: usize) -> Result<Row> {
    let mut columns = Columns::new();
    for _ in 0..count {
        for subject in std::iter::once(ours).chain(peer) {
            subject.hold(WATCHED)?;
            subject.forget()?;
            let id = subject.dispatch()?;
            subject.command(&["watch", "--quiet", &id]).status()?;
            let after = now();
            columns.add(subject, ours, 1e3 * (after - subject.stamp("end")?));
            subject.hold(Duration::ZERO)?;
        }
    }
    columns.row("agent exit → aid watch --quiet returns", 30.0)
}

/// Commands that have next to nothing to do.
pub(super) fn small_commands(stage: &Stage, ours: &Subject, peer: Option<&Subject>, count: usize) -> Result<Vec<Row>> {
    let mut versions = Columns::new();
    let mut boards = Columns::new();
    for round in 0..WARM_UP + count {
        for subject in std::iter::once(ours).chain(peer) {
            let empty = subject.with_home(stage.dir("empty")?.join(format!("{}-{round}", subject.name)));
            let version = time(&mut subject.command(&["--version"]))?;
            let board = time(&mut empty.command(&["board"]))?;
            if round >= WARM_UP {
                versions.add(subject, ours, version);
                boards.add(subject, ours, board);
            }
        }
    }
    Ok(vec![versions.row("aid --version", 2.0)?, boards.row("aid board, empty home", 6.0)?])
}

/// Milliseconds of a whole run.
pub(super) fn time(command: &mut Command) -> Result<f64> {
    let began = Instant::now();
    let status = command.status()?;
    let elapsed = began.elapsed();
    if !status.success() {
        return Err(format!("{command:?} ended with {status}").into());
    }
    Ok(elapsed.as_secs_f64() * 1e3)
}

/// Our numbers and the peer's.
struct Columns {
    ours: Vec<f64>,
    peer: Vec<f64>,
}

impl Columns {
    fn new() -> Self {
        Self { ours: Vec::new(), peer: Vec::new() }
    }

    fn add(&mut self, of: &Subject, ours: &Subject, value: f64) {
        if of.program == ours.program { self.ours.push(value) } else { self.peer.push(value) }
    }

    fn row(self, what: &str, hold_ms: f64) -> Result<Row> {
        let ours = Series::new(self.ours).ok_or("nothing was measured")?;
        Ok(Row::new(what, "ms", Some(hold_ms), ours).beside(Series::new(self.peer)))
    }
}
