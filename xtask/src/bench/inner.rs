//! Rows whose preparation or measurement needs the engine, which tests/bench has.

use serde_json::Value;

use super::latency;
use super::series::Series;
use super::subject::{Stage, Subject};
use super::table::Row;
use crate::{Result, process};

/// Events of each task of a made ledger.
const EVENTS_PER_TASK: u64 = 100;
/// Boards that are read before it counts.
const WARM_UP: usize = 3;

/// `aid board` on a ledger of settled tasks.
pub(super) fn board(stage: &Stage, ours: &Subject, tasks: u64, hold_ms: f64, count: usize) -> Result<Row> {
    let home = stage.dir(&format!("ledger-{tasks}"))?;
    let (tasks_word, events_word) = (tasks.to_string(), EVENTS_PER_TASK.to_string());
    let mut make = stage.inner();
    make.arg("ledger").arg(&home).args([&tasks_word, &events_word]);
    let made: Value = serde_json::from_str(&process::read(&mut make)?)?;
    let subject = ours.with_home(home);
    let mut times = Vec::new();
    for round in 0..WARM_UP + count {
        let time = latency::time(&mut subject.command(&["board"]))?;
        if round >= WARM_UP {
            times.push(time);
        }
    }
    let what = format!("aid board, {tasks} tasks / {} events", made["events"]);
    Ok(Row::new(what, "ms", Some(hold_ms), series(times)?))
}

/// Reading lines, compiling and loading.
pub(super) fn adapter(stage: &Stage, rounds: usize) -> Result<Vec<Row>> {
    let mut measure = stage.inner();
    measure.arg("adapter").arg(stage.dir("adapter-cache")?).arg(rounds.to_string());
    let measured: Value = serde_json::from_str(&process::read(&mut measure)?)?;
    let column = |name: &str| -> Result<Vec<f64>> {
        let values = measured[name].as_array().ok_or_else(|| format!("no {name} was measured"))?;
        Ok(values.iter().filter_map(Value::as_f64).collect())
    };
    let (native, wasm) = (column("native_us")?, column("wasm_us")?);
    let ratios = wasm.iter().zip(&native).map(|(wasm, native)| wasm / native).collect();
    Ok(vec![
        Row::new("adapter feed, per 200-byte line", "µs", Some(3.0), series(wasm)?),
        Row::new("… the same parser natively", "µs", None, series(native)?),
        Row::new("… wasm to native", "×", Some(2.5), series(ratios)?),
        Row::new("first use of an adapter", "ms", Some(200.0), series(column("compile_ms")?)?),
        Row::new("cached load of all adapters", "ms", Some(3.0), series(column("load_ms")?)?),
    ])
}

fn series(values: Vec<f64>) -> Result<Series> {
    Series::new(values).ok_or_else(|| "nothing was measured".into())
}
