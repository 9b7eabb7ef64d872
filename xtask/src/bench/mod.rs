//! `cargo xtask bench`: the numbers that aid holds, measured on a release build in one run, beside another orchestrator
//! where one is given. It measures from outside, as a person's script would; what needs the engine is in tests/bench.

mod crowd;
mod inner;
mod latency;
mod memory;
mod series;
mod subject;
mod table;

use std::path::PathBuf;

use crate::options::Options;
use crate::workspace::Workspace;
use crate::{Result, process, toolchain};

use self::subject::{Stage, Subject};
use self::table::Row;

/// How often each thing is measured.
#[derive(Debug, Clone, Copy)]
struct Counts {
    /// Whole runs of a task.
    runs: usize,
    /// Commands that only read.
    reads: usize,
    /// Rounds of the adapter's measurements.
    rounds: usize,
    /// Tasks that run while memory is looked at.
    watched: usize,
}

const FULL: Counts = Counts { runs: 40, reads: 40, rounds: 15, watched: 5 };
const QUICK: Counts = Counts { runs: 8, reads: 10, rounds: 3, watched: 2 };

/// Builds, measures, prints the table; an error when numbers are not held and `--check` asks for that.
pub(crate) fn run(workspace: &Workspace, options: &mut Options) -> Result {
    let counts = if options.flag("--quick") { QUICK } else { FULL };
    let (with_big, must_hold) = (options.flag("--big"), options.flag("--check"));
    let unoptimised = options.flag("--dev");
    let peer = options.value("--peer")?.map(|peer| parse_peer(&peer)).transpose()?;
    options.finish()?;
    let built = build(workspace, unoptimised)?;
    let stage = Stage::new(&built)?;
    let ours = stage.subject("aid", built.join("aid"))?;
    let peer = peer.map(|(name, program)| stage.subject(&name, program)).transpose()?;
    let rows = measure(&stage, &ours, peer.as_ref(), counts, with_big)?;
    println!("{}", table::render(&rows, peer.as_ref().map(|peer| peer.name.as_str())));
    let missed: Vec<&str> = rows.iter().filter(|row| !row.holds()).map(|row| row.what.as_str()).collect();
    if missed.is_empty() || !must_hold {
        return Ok(());
    }
    Err(format!("not held: {}", missed.join("; ")).into())
}

fn measure(stage: &Stage, ours: &Subject, peer: Option<&Subject>, counts: Counts, with_big: bool) -> Result<Vec<Row>> {
    let mut rows = latency::runs(ours, peer, counts.runs)?;
    rows.push(latency::watch(ours, peer, counts.runs)?);
    rows.push(inner::board(stage, ours, 2_000, 15.0, counts.reads)?);
    if with_big {
        rows.push(inner::board(stage, ours, 100_000, 50.0, counts.reads)?);
    }
    rows.extend(latency::small_commands(stage, ours, peer, counts.reads)?);
    rows.extend(inner::adapter(stage, counts.rounds)?);
    rows.push(memory::runner(ours, peer, counts.watched)?);
    for tasks in [60, 200] {
        rows.push(crowd::at_once(stage, ours, tasks)?);
    }
    Ok(rows)
}

/// `NAME=PATH`.
fn parse_peer(text: &str) -> Result<(String, PathBuf)> {
    let (name, path) = text.split_once('=').ok_or("--peer is NAME=PATH")?;
    let path = std::path::absolute(path)?;
    if !path.is_file() {
        return Err(format!("the peer {} is not there", path.display()).into());
    }
    Ok((name.to_owned(), path))
}

/// Returns the directory of the binaries.
fn build(workspace: &Workspace, unoptimised: bool) -> Result<PathBuf> {
    toolchain::ensure(toolchain::WASM)?;
    let (flag, dir) = if unoptimised { (None, "debug") } else { (Some("--release"), "release") };
    let mut cargo = workspace.cargo(["build", "--package", "aid", "--package", "aid-bench"]);
    process::run(cargo.args(flag))?;
    if unoptimised {
        println!("These are numbers of an unoptimised build: they say that the benchmark works, and nothing else.\n");
    }
    Ok(workspace.target().join(dir))
}
