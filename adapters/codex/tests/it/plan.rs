//! What is run for a request, and what the manifest says.

use aid_adapter_codex::Codex;
use aid_adapter_kit::{Adapter, Arg, Autonomy, Input, Kv, PlanError, Request};

use crate::support::request;

fn argv(request: &Request) -> Vec<String> {
    let plan = Codex::plan(request).expect("a plan");
    assert_eq!((plan.program.as_str(), plan.input), ("codex", Input::Prompt));
    plan.args
        .into_iter()
        .map(|arg| match arg {
            Arg::Text(text) => text,
            other => panic!("codex takes no {other:?}"),
        })
        .collect()
}

fn options(options: &[(&str, &str)]) -> Vec<Kv> {
    options.iter().map(|(key, value)| Kv { key: (*key).into(), value: (*value).into() }).collect()
}

const COMMON: &str = "-c analytics.enabled=false --disable plugins -c check_for_update_on_startup=false";

#[test]
fn each_autonomy_has_its_sandbox() {
    let line = |autonomy| argv(&Request { autonomy, ..request() }).join(" ");
    let expected = |sandbox: &str| format!("exec --json --skip-git-repo-check {sandbox} {COMMON} -");
    assert_eq!(line(Autonomy::ReadOnly), expected("-s read-only"));
    assert_eq!(line(Autonomy::Workspace), expected("-s workspace-write"));
    assert_eq!(line(Autonomy::Full), expected("--dangerously-bypass-approvals-and-sandbox"));
}

#[test]
fn every_flag_stands_before_resume_and_the_prompt_comes_last() {
    let request = Request {
        autonomy: Autonomy::Workspace,
        model: Some("gpt-6.1-sol".into()),
        resume: Some("01a20249-bb93-7861-ad32-e3d139401f72".into()),
        options: options(&[
            ("reasoning-effort", "high"),
            ("network-access", "true"),
            ("add-dir", "/other"),
            ("user-config", "false"),
            ("connection-retries", "bounded"),
        ]),
        ..request()
    };
    let expected = format!(
        "exec --json --skip-git-repo-check -s workspace-write {COMMON} -m gpt-6.1-sol \
         -c model_reasoning_effort=\"high\" -c sandbox_workspace_write.network_access=true --add-dir /other \
         --ignore-user-config --disable unbounded_connection_retries resume 01a20249-bb93-7861-ad32-e3d139401f72 -"
    );
    assert_eq!(argv(&request).join(" "), expected);
}

#[test]
fn arguments_that_the_user_adds_stand_among_the_flags() {
    let request = Request { extra_args: vec!["--search".into(), "-c".into(), "x=\"a b\"".into()], ..request() };
    assert!(argv(&request).join(" ").ends_with(" --search -c x=\"a b\" -"), "{:?}", argv(&request));
}

#[test]
fn options_that_widen_a_read_only_run_are_left_out() {
    let options = options(&[("network-access", "true"), ("add-dir", "/other"), ("user-config", "true")]);
    let line = argv(&Request { autonomy: Autonomy::ReadOnly, options, ..request() }).join(" ");
    assert_eq!(line, format!("exec --json --skip-git-repo-check -s read-only {COMMON} -"));
}

#[test]
fn values_that_could_be_read_as_something_else_are_refused() {
    let invalid = |request: Request| matches!(Codex::plan(&request), Err(PlanError::Invalid(_)));
    let long = "x".repeat(2000);
    for value in ["", " ", "-m", "--last", "a\nb", "a\0b", "a\u{1b}[31m", &long] {
        assert!(invalid(Request { model: Some(value.into()), ..request() }), "model {value:?}");
        assert!(invalid(Request { resume: Some(value.into()), ..request() }), "session {value:?}");
        assert!(invalid(Request { options: options(&[("add-dir", value)]), ..request() }), "add-dir {value:?}");
    }
    for (key, value) in [("reasoning-effort", "huge"), ("network-access", "yes"), ("user-config", ""), ("nope", "x")] {
        assert!(invalid(Request { options: options(&[(key, value)]), ..request() }), "{key}={value}");
    }
}

#[test]
fn every_value_the_manifest_allows_makes_a_plan() {
    for option in Codex::manifest().options {
        for value in &option.allowed {
            let options = options(&[(&option.key, value)]);
            assert!(Codex::plan(&Request { options, ..request() }).is_ok(), "{}={value}", option.key);
        }
    }
}

#[test]
fn directories_to_make_lie_where_the_manifest_says_codex_lives() {
    let plan = Codex::plan(&request()).expect("a plan");
    let manifest = Codex::manifest();
    assert_eq!(plan.make_dirs, ["$CODEX_HOME"]);
    assert!(plan.make_dirs.iter().all(|dir| manifest.state_dirs.contains(dir)));
    assert!(plan.env.iter().all(|variable| manifest.env.contains(&variable.key)));
}

#[test]
fn the_manifest_is_complete_and_keeps_to_the_contract() {
    let manifest = Codex::manifest();
    assert_eq!((manifest.id.as_str(), manifest.version.as_str()), ("codex", env!("CARGO_PKG_VERSION")));
    assert_eq!(manifest.scores.iter().map(|score| score.value).collect::<Vec<_>>(), [1, 4, 9, 4, 7, 7, 8, 3]);
    let mut categories: Vec<u8> = manifest.scores.iter().map(|score| score.category as u8).collect();
    categories.dedup();
    assert_eq!(categories.len(), 8, "one score for each category");
    let names: std::collections::BTreeSet<&str> = manifest.models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names.len(), manifest.models.len(), "no model twice");
    assert!(!manifest.env.iter().any(|name| name == "OPENAI_API_KEY"), "codex ignores it");
    assert_eq!(manifest.stop_signal, "SIGINT");
}
