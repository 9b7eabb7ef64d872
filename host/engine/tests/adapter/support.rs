//! Components and hosts for the tests of this directory. The hostile component is built from source, once per process.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use aid_core::agent::{AgentEvent, Autonomy, ExitStatus, KeyValue, Request, Source, Verdict};
use aid_engine::adapter::{Adapter, AdapterHost, FaultKind, Run};

/// Set for the outer build: meant for the host's code, or already taken.
const OUTER_BUILD: [&str; 10] = [
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MAKEFLAGS",
    "CARGO_TARGET_DIR",
    "CLIPPY_ARGS",
    "MAKEFLAGS",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
];

/// The bytes of `tests/hostile` as a component.
pub(crate) fn hostile_bytes() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| component("hostile", "hostile"))
}

/// A component built from `tests/DIRECTORY`.
pub(crate) fn component(directory: &str, file: &str) -> Vec<u8> {
    let target_dir = target_dir().join("adapters");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--quiet", "--release", "--locked", "--target", "wasm32-wasip2", "--target-dir"])
        .arg(&target_dir)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests").join(directory));
    for name in OUTER_BUILD {
        cargo.env_remove(name);
    }
    let status = cargo.status().expect("cargo starts");
    assert!(status.success(), "building tests/{directory}: {status}");
    let built = target_dir.join(format!("wasm32-wasip2/release/{file}.wasm"));
    std::fs::read(built).expect("the component just built")
}

/// A copy of the hostile component with every occurrence of `from` replaced: same length, so it stays a component.
pub(crate) fn patched(from: &str, to: &str) -> Vec<u8> {
    patch(hostile_bytes(), from, to)
}

/// The same of any component.
pub(crate) fn patch(component: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "lengths are part of the format");
    let mut bytes = component.to_vec();
    let places: Vec<usize> =
        bytes.windows(from.len()).enumerate().filter(|(_, w)| *w == from.as_bytes()).map(|(at, _)| at).collect();
    assert!(!places.is_empty(), "{from} is in the component");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    bytes
}

/// The hostile component told how to behave in `describe`.
pub(crate) fn hostile_describing(misdeed: &str) -> Adapter {
    let told = format!("{:32}", format!("hostile-describe={misdeed}"));
    let bytes = patched("hostile-describe=!none          ", &told);
    shared_host().load(bytes).expect("small enough")
}

/// The hostile component, its code cached between tests and runs.
pub(crate) fn hostile() -> Adapter {
    shared_host().load(hostile_bytes()).expect("small enough")
}

/// A host whose cache outlives the test.
pub(crate) fn shared_host() -> AdapterHost {
    let host = AdapterHost::new(&target_dir().join("tmp").join("adapter-cache"));
    assert_eq!(host.cache_notice(), None);
    host
}

fn target_dir() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().expect("target/tmp has a parent").to_owned()
}

pub(crate) fn request() -> Request {
    Request {
        autonomy: Autonomy::Workspace,
        model: None,
        budget: false,
        resume: None,
        workdir: "/work".to_owned(),
        output_file: None,
        context_files: Vec::new(),
        program: "/usr/bin/hostile-agent".to_owned(),
        program_version: "1.0".to_owned(),
        options: Vec::new(),
        extra_args: Vec::new(),
        ext: Vec::new(),
    }
}

pub(crate) fn kv(key: &str, value: &str) -> KeyValue {
    KeyValue { key: key.to_owned(), value: value.to_owned() }
}

pub(crate) fn exit(told: &str) -> ExitStatus {
    ExitStatus { code: Some(0), stderr_tail: told.to_owned(), ..ExitStatus::default() }
}

/// What `run` makes of a piece of output that it must be able to read.
pub(crate) fn events(run: &mut Run, text: &str) -> Vec<AgentEvent> {
    let outcome = run.feed(Source::Out, text.as_bytes());
    assert_eq!(outcome.fault, None, "feeding {text:?}");
    outcome.events
}

/// The fault of one misdeed in `feed`, on an instance of its own, which must leave the next instance whole.
pub(crate) fn fault_in_feed(misdeed: &str) -> FaultKind {
    let mut run = hostile().start(&request());
    let outcome = run.feed(Source::Out, misdeed.as_bytes());
    assert_eq!(outcome.events, []);
    assert_eq!(
        events(&mut run, "good"),
        [AgentEvent::Message("good".to_owned()), AgentEvent::Notice("out call 1".to_owned())],
        "after {misdeed} a new instance works"
    );
    outcome.fault.unwrap_or_else(|| panic!("{misdeed} is a fault")).kind
}

/// The text that a tolerated misdeed in `feed` came back with.
pub(crate) fn said_in_feed(misdeed: &str) -> String {
    match events(&mut hostile().start(&request()), misdeed).as_slice() {
        [AgentEvent::Notice(said)] => said.clone(),
        other => panic!("{misdeed} came back with {other:?}"),
    }
}

/// The fault of one misdeed in `finish`.
pub(crate) fn fault_in_finish(misdeed: &str) -> FaultKind {
    hostile().start(&request()).finish(&exit(misdeed)).expect_err(misdeed).kind
}

pub(crate) fn finished(run: &mut Run) -> Verdict {
    run.finish(&exit("")).expect("a verdict")
}
