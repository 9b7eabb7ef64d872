//! What a runner keeps in memory while its agent runs.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::series::Series;
use super::subject::Subject;
use super::table::Row;
use crate::Result;

/// How long the agent runs.
const AGENT: Duration = Duration::from_millis(1500);
/// When the runner is looked at after the agent's start: it has read the first lines and waits.
const SETTLE: Duration = Duration::from_millis(700);
const KIB_PER_MB: f64 = 1024.0;

/// Resident memory of runners.
pub(super) fn runner(ours: &Subject, peer: Option<&Subject>, count: usize) -> Result<Row> {
    let ours = Series::new(sizes(ours, count)?).ok_or("no runner was found")?;
    let peer = peer.map(|peer| sizes(peer, count)).transpose()?.and_then(Series::new);
    Ok(Row::new("runner memory while an agent runs", "MB", Some(16.0), ours).beside(peer))
}

fn sizes(subject: &Subject, count: usize) -> Result<Vec<f64>> {
    subject.hold(AGENT)?;
    let mut sizes = Vec::new();
    for _ in 0..count {
        subject.forget()?;
        let id = subject.dispatch()?;
        subject.wait_for_start()?;
        std::thread::sleep(SETTLE);
        sizes.extend(resident_mb(&subject.program, &id));
        subject.command(&["watch", "--quiet", &id]).status()?;
    }
    subject.hold(Duration::ZERO)?;
    Ok(sizes)
}

/// Of the process of that program which has the task's id among its arguments.
fn resident_mb(program: &Path, id: &str) -> Option<f64> {
    let program = program.canonicalize().ok()?;
    let mut processes = fs::read_dir("/proc").ok()?.flatten().map(|entry| entry.path());
    let dir = processes.find(|dir| {
        let arguments = fs::read(dir.join("cmdline")).unwrap_or_default();
        let is_named = arguments.split(|byte| *byte == 0).any(|word| word == id.as_bytes());
        is_named && fs::read_link(dir.join("exe")).is_ok_and(|exe| exe == program)
    })?;
    let status = fs::read_to_string(dir.join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / KIB_PER_MB)
}
