//! Adapters in one process: compiling, loading from the cache, and reading lines, natively and as wasm.

use std::path::Path;
use std::time::{Duration, Instant};

use aid_adapter_bundle::BUILTIN;
use aid_adapter_codex::Codex;
use aid_core::agent::{Autonomy, Request, Source};
use aid_engine::adapter::{AdapterHost, Run};
use serde_json::{Value, json};

use crate::Result;

/// How long a line is, its end included.
const LINE_BYTES: usize = 200;
/// Lines of one batch: what a busy agent writes between two looks of the runner.
const LINES_PER_BATCH: usize = 300;
/// Batches fed to one run.
const BATCHES: usize = 40;

/// Measures everything; `cache` should be an empty directory.
pub(crate) fn measure(cache: &Path, rounds: u32) -> Result<Value> {
    let component = BUILTIN.iter().find(|b| b.id == "codex").ok_or("no codex adapter")?.component;
    let mut compile_ms = Vec::new();
    for round in 0..rounds {
        let host = AdapterHost::new(&cache.join(format!("cold-{round}")));
        let began = Instant::now();
        host.load(component)?.describe()?;
        compile_ms.push(ms(began.elapsed()));
    }
    let warm = cache.join("cold-0");
    let mut load_ms = Vec::new();
    for _ in 0..rounds {
        let host = AdapterHost::new(&warm);
        let began = Instant::now();
        for builtin in BUILTIN {
            ready(&host, builtin.component)?;
        }
        load_ms.push(ms(began.elapsed()));
    }
    let batch = batch();
    let (mut native_us, mut wasm_us) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        native_us.push(feed_native(&batch)?);
        wasm_us.push(feed_wasm(&warm, component, &batch)?);
    }
    Ok(json!({"compile_ms": compile_ms, "load_ms": load_ms, "native_us": native_us, "wasm_us": wasm_us}))
}

/// Microseconds per line.
fn feed_native(batch: &[u8]) -> Result<f64> {
    let mut run = aid_adapter_kit::Run::<Codex>::new(native_request());
    let began = Instant::now();
    let events = (0..BATCHES).map(|_| run.feed(aid_adapter_kit::Source::Out, batch).len()).sum();
    per_line(began.elapsed(), events)
}

fn feed_wasm(cache: &Path, component: &'static [u8], batch: &[u8]) -> Result<f64> {
    let mut run = ready(&AdapterHost::new(cache), component)?;
    let began = Instant::now();
    let events = (0..BATCHES).map(|_| run.feed(Source::Out, batch).events.len()).sum();
    per_line(began.elapsed(), events)
}

/// A run whose instance is made. Describing alone would be answered without wasm.
fn ready(host: &AdapterHost, component: &'static [u8]) -> Result<Run> {
    let mut run = host.load(component)?.start(&request());
    match run.feed(Source::Out, b"\n").fault {
        Some(fault) => Err(format!("the adapter failed: {fault:?}").into()),
        None => Ok(run),
    }
}

fn per_line(elapsed: Duration, events: usize) -> Result<f64> {
    let lines = LINES_PER_BATCH * BATCHES;
    if events < lines {
        return Err(format!("{lines} lines gave only {events} events: the lines are not what the adapter reads").into());
    }
    #[expect(clippy::cast_precision_loss, reason = "a few thousand lines")]
    let lines = lines as f64;
    Ok(elapsed.as_secs_f64() * 1e6 / lines)
}

/// Assistant messages, each one line of exactly [`LINE_BYTES`].
fn batch() -> Vec<u8> {
    let mut batch = Vec::new();
    for number in 0..LINES_PER_BATCH {
        let head =
            format!(r#"{{"type":"item.completed","item":{{"id":"item_{number}","type":"agent_message","text":""#);
        let tail = "\"}}\n";
        let text = "x".repeat(LINE_BYTES.saturating_sub(head.len() + tail.len()));
        batch.extend_from_slice(format!("{head}{text}{tail}").as_bytes());
    }
    batch
}

fn request() -> Request {
    Request {
        autonomy: Autonomy::Full,
        model: None,
        budget: false,
        resume: None,
        workdir: "/repo".into(),
        output_file: None,
        context_files: Vec::new(),
        program: "/usr/bin/codex".into(),
        program_version: "0.169.0".into(),
        options: Vec::new(),
        extra_args: Vec::new(),
        ext: Vec::new(),
    }
}

fn native_request() -> aid_adapter_kit::Request {
    aid_adapter_kit::Request {
        autonomy: aid_adapter_kit::Autonomy::Full,
        model: None,
        budget: false,
        resume: None,
        workdir: "/repo".into(),
        output_file: None,
        context_files: Vec::new(),
        program: "/usr/bin/codex".into(),
        program_version: "0.169.0".into(),
        options: Vec::new(),
        extra_args: Vec::new(),
        ext: Vec::new(),
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
