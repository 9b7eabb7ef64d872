//! The components that ship: they keep the rules, and each reads the recorded transcripts through wasm exactly as its
//! parser does natively.

use std::fs;
use std::path::{Path, PathBuf};

use aid_adapter_bundle::BUILTIN;
use aid_adapter_codex::Codex;
use aid_adapter_kit as kit;
use aid_core::agent::{AgentEvent, Autonomy, ExitStatus, Request, Source, UsageSample};
use aid_engine::adapter::policy::{self, PolicyContext};
use aid_engine::adapter::{Adapter, Run};
use serde_json::{Value, json};

use crate::support::{kv, request, shared_host};

fn shipped(id: &str) -> Adapter {
    let builtin = BUILTIN.iter().find(|builtin| builtin.id == id).expect("it ships");
    shared_host().load(builtin.component).expect("small enough")
}

#[test]
fn every_shipped_adapter_keeps_the_rules() {
    for builtin in BUILTIN {
        let adapter = shared_host().load(builtin.component).expect("small enough");
        let manifest = adapter.describe().unwrap_or_else(|error| panic!("{}: {error}", builtin.id));
        assert_eq!(manifest.id, builtin.id);
        for autonomy in [Autonomy::ReadOnly, Autonomy::Workspace, Autonomy::Full] {
            let program = format!("/usr/bin/{}", manifest.programs[0]);
            let mut request = Request { autonomy, program: program.clone(), ..request() };
            if builtin.id == "custom" {
                // It is nobody without the definition of a user's agent.
                let path =
                    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../adapters/custom/agents/qwen.definition.json");
                request.options.push(kv("definition", &fs::read_to_string(path).expect("a definition")));
            }
            let plan = adapter.plan(&request).expect("an answer").expect("a plan");
            let home = |name: &str| (name == "HOME").then(|| "/home/u".to_owned());
            let context = PolicyContext { program: &program, variables: &home };
            if let Err(found) = policy::check(plan, &manifest, &context) {
                panic!("{} {autonomy:?}: {found:?}", builtin.id);
            }
        }
    }
}

#[test]
fn codex_transcripts_read_the_same_through_wasm_in_any_chunking() {
    let codex = shipped("codex");
    let names = transcripts();
    assert!(names.len() >= 20, "{names:?}");
    for name in names {
        let recording = Recording::read(&name);
        let native = recording.native();
        for chunk_bytes in [usize::MAX, 4096, 97, 7] {
            let wasm = recording.through(codex.start(&recording.request), chunk_bytes);
            assert_eq!(wasm, native, "{name} in chunks of {chunk_bytes}");
        }
    }
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../adapters/codex/transcripts")
}

fn transcripts() -> Vec<String> {
    let entries = fs::read_dir(directory()).expect("transcripts").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> =
        entries.filter_map(|name| name.to_str()?.strip_suffix(".expected.json").map(str::to_owned)).collect();
    names.sort();
    names
}

struct Recording {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    request: Request,
    exit: ExitStatus,
}

impl Recording {
    /// The output, and from the golden file the request and the exit that go with it.
    fn read(name: &str) -> Self {
        let read = |ending: &str| fs::read(directory().join(format!("{name}.{ending}"))).expect("a transcript");
        let golden: Value = serde_json::from_slice(&read("expected.json")).expect("JSON");
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let (asked, exit) = (&golden["request"], &golden["exit"]);
        Self {
            stdout: read("stdout"),
            stderr: read("stderr"),
            request: Request { model: text(&asked["model"]), resume: text(&asked["resume"]), ..request() },
            exit: ExitStatus {
                code: exit["code"].as_i64().map(|code| i32::try_from(code).expect("an exit code")),
                signal: exit["signal"].as_i64().map(|signal| i32::try_from(signal).expect("a signal")),
                stderr_tail: text(&exit["stderr_tail"]).unwrap_or_default(),
                resumed_from: text(&exit["resumed_from"]),
                previous_usage: serde_json::from_value::<Option<UsageSample>>(exit["previous_usage"].clone())
                    .expect("usage"),
            },
        }
    }

    fn through(&self, mut run: Run, chunk_bytes: usize) -> Value {
        let mut read = |source, bytes: &[u8]| {
            let mut events: Vec<AgentEvent> = Vec::new();
            for chunk in bytes.chunks(chunk_bytes) {
                let outcome = run.feed(source, chunk);
                assert_eq!(outcome.fault, None);
                events.extend(outcome.events);
            }
            events
        };
        let (out, err) = (read(Source::Out, &self.stdout), read(Source::Err, &self.stderr));
        let verdict = run.finish(&self.exit).expect("a verdict");
        json!({ "out": out, "err": err, "verdict": verdict })
    }

    fn native(&self) -> Value {
        let mut run = kit::Run::<Codex>::new(kit::Request {
            autonomy: kit::Autonomy::Workspace,
            model: self.request.model.clone(),
            budget: self.request.budget,
            resume: self.request.resume.clone(),
            workdir: self.request.workdir.clone(),
            output_file: None,
            context_files: Vec::new(),
            program: self.request.program.clone(),
            program_version: self.request.program_version.clone(),
            options: Vec::new(),
            extra_args: Vec::new(),
            ext: Vec::new(),
        });
        let out = run.feed(kit::Source::Out, &self.stdout);
        let err = run.feed(kit::Source::Err, &self.stderr);
        let usage = |u: &UsageSample| kit::Usage {
            input: u.input,
            cached_input: u.cached_input,
            cache_write: u.cache_write,
            output: u.output,
            reasoning: u.reasoning,
            cost_micro_usd: u.cost_micro_usd,
            model: u.model.clone(),
            cumulative: u.cumulative,
        };
        let verdict = run.finish(&kit::ExitStatus {
            code: self.exit.code,
            signal: self.exit.signal,
            stderr_tail: self.exit.stderr_tail.clone(),
            resumed_from: self.exit.resumed_from.clone(),
            previous_usage: self.exit.previous_usage.as_ref().map(usage),
        });
        as_host(json!({ "out": out, "err": err, "verdict": verdict }))
    }
}

/// The JSON of the contract's types in the spelling of the host's: both are written without a word about the other, so
/// this holds the host's conversion to account.
fn as_host(value: Value) -> Value {
    const VARIANTS: [(&str, &str); 18] = [
        ("Session", "session"),
        ("Model", "model"),
        ("Message", "message"),
        ("MessageDelta", "message_delta"),
        ("Reasoning", "reasoning"),
        ("ToolStart", "tool_start"),
        ("ToolEnd", "tool_end"),
        ("FileChange", "file_change"),
        ("Usage", "usage"),
        ("Notice", "notice"),
        ("Refusal", "refusal"),
        ("Question", "question"),
        ("Ext", "ext"),
        ("Failure", "failure"),
        ("Incomplete", "incomplete"),
        ("NoResult", "no_result"),
        ("Success", "success"),
        ("Finished", "finished"),
    ];
    let renamed = |name: &str| VARIANTS.iter().find(|(from, _)| *from == name).map(|(_, to)| (*to).to_owned());
    match value {
        Value::Array(all) => all.into_iter().map(as_host).collect(),
        Value::String(text) => renamed(&text).unwrap_or(text).into(),
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| match (key.as_str(), value) {
                ("final_", value) => ("final".to_owned(), value),
                ("class", Value::String(class)) => (key, class.replace('-', "_").into()),
                // Free text stays as it is, whatever it says.
                (_, text @ Value::String(_)) if key != "outcome" => (renamed(&key).unwrap_or(key), text),
                (_, value) => (renamed(&key).unwrap_or(key), as_host(value)),
            })
            .collect(),
        other => other,
    }
}
