//! What is run for a request, and what the manifest says.

use aid_adapter_kit::{Adapter, Arg, Autonomy, Input, Kv, Plan, PlanError, Request};
use aid_adapter_qwen::Qwen;

use crate::support::request;

fn plan(request: &Request) -> Plan {
    let plan = Qwen::plan(request).expect("a plan");
    assert_eq!((plan.program.as_str(), &plan.input), ("qwen", &Input::Prompt));
    plan
}

fn line(request: &Request) -> String {
    let text = |arg| match arg {
        Arg::Text(text) => text,
        other => panic!("qwen takes no {other:?}"),
    };
    plan(request).args.into_iter().map(text).collect::<Vec<_>>().join(" ")
}

fn options(options: &[(&str, &str)]) -> Vec<Kv> {
    options.iter().map(|(key, value)| Kv { key: (*key).into(), value: (*value).into() }).collect()
}

#[test]
fn each_autonomy_has_its_mode() {
    let line = |autonomy| line(&Request { autonomy, ..request() });
    assert_eq!(line(Autonomy::ReadOnly), "-o stream-json --approval-mode plan");
    assert_eq!(line(Autonomy::Workspace), "-o stream-json --approval-mode auto-edit");
    assert_eq!(line(Autonomy::Full), "-o stream-json --approval-mode yolo");
}

#[test]
fn everything_has_its_place() {
    let request = Request {
        model: Some("qwen3-coder-plus".into()),
        resume: Some("9d276c90-729f-4ed6-bd0e-09ea8ccebeb1".into()),
        options: options(&[("auth-type", "openai"), ("add-dir", "/other")]),
        extra_args: vec!["--max-session-turns".into(), "3".into()],
        ..request()
    };
    let expected = "-o stream-json --approval-mode yolo -m qwen3-coder-plus --auth-type openai --add-dir=/other \
                    --resume 9d276c90-729f-4ed6-bd0e-09ea8ccebeb1 --max-session-turns 3";
    assert_eq!(line(&request), expected);
}

#[test]
fn what_reports_and_updates_is_off_by_a_file() {
    let plan = plan(&request());
    assert_eq!(
        (plan.env[0].key.as_str(), plan.env[0].value.as_str()),
        ("QWEN_CODE_SYSTEM_DEFAULTS_PATH", "{file:defaults.json}")
    );
    let settings: serde_json::Value = serde_json::from_slice(&plan.files[0].content).expect("JSON");
    assert_eq!(settings["privacy"]["usageStatisticsEnabled"], false);
    assert_eq!((plan.files.len(), plan.files[0].name.as_str()), (1, "defaults.json"));
}

#[test]
fn values_that_could_be_read_as_something_else_are_refused() {
    let invalid = |request: Request| matches!(Qwen::plan(&request), Err(PlanError::Invalid(_)));
    let long = "x".repeat(2000);
    for value in ["", " ", "-m", "--last", "a\nb", "a\0b", "a\u{1b}[31m", &long] {
        assert!(invalid(Request { model: Some(value.into()), ..request() }), "model {value:?}");
        assert!(invalid(Request { resume: Some(value.into()), ..request() }), "session {value:?}");
        for key in ["add-dir", "auth-type", "nope"] {
            assert!(invalid(Request { options: options(&[(key, value)]), ..request() }), "{key} {value:?}");
        }
    }
}

#[test]
fn every_value_the_manifest_allows_makes_a_plan() {
    let manifest = Qwen::manifest();
    for option in manifest.options {
        for value in &option.allowed {
            let plan = plan(&Request { options: options(&[(&option.key, value)]), ..request() });
            assert!(plan.env.iter().all(|kv| manifest.env.contains(&kv.key)), "{}={value}", option.key);
        }
    }
}

#[test]
fn the_manifest_is_complete_and_keeps_to_the_contract() {
    let manifest = Qwen::manifest();
    assert_eq!((manifest.id.as_str(), manifest.version.as_str()), ("qwen", env!("CARGO_PKG_VERSION")));
    let mut categories: Vec<u8> = manifest.scores.iter().map(|score| score.category as u8).collect();
    categories.dedup();
    assert_eq!(categories.len(), 8, "one score for each category");
    assert!(manifest.models.is_empty(), "they belong to whoever answers");
    assert!(manifest.login.env.iter().all(|name| manifest.env.contains(name)));
    // As 0.15.10 answers.
    let help = "Usage: qwen [options] [command]\n\nQwen Code - Launch an interactive CLI, use -p/--prompt";
    assert!(help.lines().any(|line| line.starts_with(&manifest.identity_marker)));
}
