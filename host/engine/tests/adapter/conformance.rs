//! The conformance checks: what ships passes all of them, and an adapter with one defect fails exactly the check that is
//! for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use aid_adapter_bundle::BUILTIN;
use aid_core::user_agent::{self, UserAgent};
use aid_engine::adapter::Adapter;
use aid_engine::conformance::{CheckResult, ConformanceError, Subject, check, rules};

use crate::support::{component, patch, shared_host};

/// Each check is a few seconds of work.
const THREADS: usize = 4;
const NO_DEFECT: &str = "broken-adapter=none                     ";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn shipped(id: &str) -> Adapter {
    let builtin = BUILTIN.iter().find(|builtin| builtin.id == id).expect("it ships");
    shared_host().load(builtin.component).expect("small enough")
}

fn broken(defect: &str) -> Adapter {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = BYTES.get_or_init(|| component("broken-adapter", "broken_adapter"));
    let told = format!("{:40}", format!("broken-adapter={defect}"));
    shared_host().load(patch(bytes, NO_DEFECT, &told)).expect("small enough")
}

fn results(subject: &Subject, transcripts: &str) -> Vec<CheckResult> {
    check(subject, Some(&root().join(transcripts))).expect("results")
}

/// The ids of checks that came out like this.
fn ids(results: &[CheckResult], ok: Option<bool>) -> Vec<&str> {
    results.iter().filter(|result| result.ok == ok).map(|result| result.id.as_str()).collect()
}

#[test]
fn codex_passes_every_check() {
    let results = results(&Subject::new(shipped("codex")), "adapters/codex/transcripts");
    assert_eq!(ids(&results, Some(true)).len(), rules().count(), "{results:#?}");
}

#[test]
fn users_agents_pass_too() {
    for name in ["claude", "qwen", "copilot"] {
        let text = fs::read_to_string(root().join(format!("adapters/custom/agents/{name}.toml"))).expect("a sample");
        let user = user_agent::parse(&text, &[]).expect("a definition");
        let results =
            results(&Subject::new(shipped("custom")).defined_by(user), &format!("adapters/custom/transcripts/{name}"));
        assert_eq!(ids(&results, Some(false)), [""; 0], "{name}: {results:#?}");
        assert_eq!(ids(&results, None), [""; 0], "{name}: {results:#?}");
    }
}

#[test]
fn what_could_not_be_looked_at_is_not_called_kept() {
    let text = fs::read_to_string(root().join("adapters/custom/agents/crush.toml")).expect("a sample");
    let user: UserAgent = user_agent::parse(&text, &[]).expect("a definition");
    let results = check(&Subject::new(shipped("custom")).defined_by(user), None).expect("results");
    assert_eq!(ids(&results, Some(false)), [""; 0], "{results:#?}");
    assert_eq!(ids(&results, None).len(), 6, "all about recordings: {results:#?}");
    // Without a definition the component is nobody, and says what it needs.
    let nobody = check(&Subject::new(shipped("custom")), None).expect("results");
    assert_eq!(ids(&nobody, Some(false)), [""; 0], "{nobody:#?}");
    assert!(ids(&nobody, None).contains(&"plan.policy"), "{nobody:#?}");
}

#[test]
fn without_a_defect_nothing_is_found() {
    let results = results(&Subject::new(broken("none")), "tests/broken-adapter/transcripts");
    assert_eq!(ids(&results, Some(true)).len(), rules().count(), "{results:#?}");
}

#[test]
fn each_defect_is_found_by_its_check_alone() {
    let all: Vec<&str> = rules().map(|(id, _)| id).collect();
    std::thread::scope(|scope| {
        for some in all.chunks(all.len().div_ceil(THREADS)) {
            scope.spawn(move || {
                for id in some {
                    let results = results(&Subject::new(broken(id)), "tests/broken-adapter/transcripts");
                    assert_eq!(ids(&results, Some(false)), [*id], "{results:#?}");
                }
            });
        }
    });
}

#[test]
fn recordings_that_cannot_be_read_are_an_error() {
    let directory = tempfile::tempdir().expect("a directory");
    let error = |path: &Path| match check(&Subject::new(broken("none")), Some(path)) {
        Err(error @ ConformanceError::Recording { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    };
    assert!(error(&directory.path().join("nowhere")).contains("nowhere"));
    assert!(error(directory.path()).contains("there is no NAME.run.json in it"));
    fs::write(directory.path().join("a.run.json"), "{}").expect("a file");
    assert!(error(directory.path()).contains("a.stdout"));
    fs::write(directory.path().join("a.run.json"), "{").expect("a file");
    assert!(error(directory.path()).contains("a.run.json"));
}
