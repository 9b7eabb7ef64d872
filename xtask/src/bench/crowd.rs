//! Many tasks at once: how long it takes matters little, that each of them tells the truth matters much.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::series::Series;
use super::subject::{Stage, Subject};
use super::table::Row;
use crate::Result;

/// Processes that dispatch at the same time.
const DISPATCHERS: usize = 8;
/// How long each agent works.
const AGENT: Duration = Duration::from_millis(100);
/// Longest time for all of them.
const LIMIT: &str = "300s";

/// Dispatches so many tasks at once and waits for all of them.
pub(super) fn at_once(stage: &Stage, ours: &Subject, tasks: usize) -> Result<Row> {
    let subject = ours.with_home(stage.dir(&format!("crowd-{tasks}"))?);
    subject.hold(AGENT)?;
    let began = Instant::now();
    let (ids, mut problems) = dispatch_all(&subject, tasks);
    let mut words = vec!["wait", "--timeout", LIMIT];
    words.extend(ids.iter().map(String::as_str));
    let waited = subject.command(&words).status()?;
    let elapsed = began.elapsed().as_secs_f64();
    subject.hold(Duration::ZERO)?;
    if !waited.success() {
        problems.push(format!("aid wait ended with {waited}"));
    }
    problems.extend(untrue(&subject, &ids, tasks)?);
    problems.extend(complaints(&subject.aid_home.join("logs")));
    let series = Series::new(vec![elapsed]).ok_or("nothing was measured")?;
    let problem = (!problems.is_empty()).then(|| problems.join("; "));
    Ok(Row { problem, ..Row::new(format!("{tasks} tasks at once, until all are settled"), "s", None, series) })
}

fn dispatch_all(subject: &Subject, tasks: usize) -> (BTreeSet<String>, Vec<String>) {
    let share = |dispatcher: usize| (dispatcher..tasks).step_by(DISPATCHERS).count();
    let one = || -> Result<String> {
        let output = subject
            .command(&["run", "codex", "say done", "--bg"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() || said.contains("locked") {
            return Err(format!("a dispatch ended with {}: {}", output.status, said.trim()).into());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let work = |dispatcher| (0..share(dispatcher)).map(|_| one().map_err(|why| why.to_string())).collect::<Vec<_>>();
    let results: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..DISPATCHERS).map(|dispatcher| scope.spawn(move || work(dispatcher))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    });
    let mut ids = BTreeSet::new();
    let mut problems = Vec::new();
    for result in results {
        match result {
            Ok(id) => {
                ids.insert(id);
            }
            Err(why) => problems.push(why),
        }
    }
    (ids, problems)
}

/// What the board says that is not so: every agent succeeded.
fn untrue(subject: &Subject, ids: &BTreeSet<String>, tasks: usize) -> Result<Option<String>> {
    let limit = (tasks * 2).to_string();
    let board = subject.command(&["board", "--all", "--json", "--limit", &limit]).stdout(Stdio::piped()).output()?;
    let board: Value = serde_json::from_slice(&board.stdout)?;
    let listed = board["tasks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_true = |task: &&Value| {
        let has_id = task["id"].as_str().is_some_and(|id| ids.contains(id));
        has_id && task["status"] == "done" && task["exit_code"] == 0
    };
    let done = listed.iter().filter(is_true).count();
    Ok((done != tasks).then(|| format!("{done} of {tasks} are done; {} are listed", listed.len())))
}

/// What runners said about themselves: they only speak when something is wrong.
fn complaints(logs: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(logs) else { return vec!["there are no logs".to_owned()] };
    let logs =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "runner"));
    let said = logs.filter_map(|path| fs::read_to_string(path).ok());
    said.filter(|text| !text.trim().is_empty()).map(|text| text.trim().to_owned()).collect()
}
