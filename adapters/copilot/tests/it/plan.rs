//! What is run for a request, and what the manifest says.

use aid_adapter_copilot::Copilot;
use aid_adapter_kit::{Adapter, Arg, Autonomy, Input, Kv, Plan, PlanError, Request};

use crate::support::request;

fn plan(request: &Request) -> Plan {
    let plan = Copilot::plan(request).expect("a plan");
    assert_eq!((plan.program.as_str(), &plan.input), ("copilot", &Input::Prompt));
    plan
}

fn line(request: &Request) -> String {
    let text = |arg| match arg {
        Arg::Text(text) => text,
        other => panic!("copilot takes no {other:?}"),
    };
    plan(request).args.into_iter().map(text).collect::<Vec<_>>().join(" ")
}

fn options(options: &[(&str, &str)]) -> Vec<Kv> {
    options.iter().map(|(key, value)| Kv { key: (*key).into(), value: (*value).into() }).collect()
}

const COMMON: &str = "--output-format json --no-ask-user --no-auto-update --no-color --disable-client-telemetry \
     --secret-env-vars=COPILOT_GITHUB_TOKEN,COPILOT_PROVIDER_API_KEY,COPILOT_PROVIDER_BEARER_TOKEN";

#[test]
fn each_autonomy_has_its_permissions() {
    let line = |autonomy| line(&Request { autonomy, ..request() });
    let reading = "--deny-tool=write --deny-tool=shell --available-tools=view,grep,glob,web_fetch";
    assert_eq!(line(Autonomy::ReadOnly), format!("{COMMON} --allow-all-tools {reading}"));
    assert_eq!(line(Autonomy::Workspace), format!("{COMMON} --allow-all-tools"));
    assert_eq!(line(Autonomy::Full), format!("{COMMON} --allow-all"));
}

#[test]
fn everything_has_its_place() {
    let request = Request {
        model: Some("gpt-5.4".into()),
        resume: Some("b38a54f3-6549-453d-8721-c93189f8b810".into()),
        options: options(&[
            ("reasoning-effort", "high"),
            ("add-dir", "/other"),
            ("max-ai-credits", "7"),
            ("offline", "true"),
        ]),
        extra_args: vec!["--agent".into(), "mine".into()],
        ..request()
    };
    let expected = format!(
        "{COMMON} --allow-all --model gpt-5.4 --reasoning-effort high --add-dir=/other --max-ai-credits 7 \
         --resume=b38a54f3-6549-453d-8721-c93189f8b810 --agent mine"
    );
    assert_eq!(line(&request), expected);
    let env: Vec<_> = plan(&request).env.into_iter().map(|kv| (kv.key, kv.value)).collect();
    assert_eq!(env, [("COPILOT_OFFLINE".to_owned(), "true".to_owned())]);
}

#[test]
fn values_that_could_be_read_as_something_else_are_refused() {
    let invalid = |request: Request| matches!(Copilot::plan(&request), Err(PlanError::Invalid(_)));
    let long = "x".repeat(2000);
    for value in ["", " ", "-m", "--last", "a\nb", "a\0b", "a\u{1b}[31m", &long] {
        assert!(invalid(Request { model: Some(value.into()), ..request() }), "model {value:?}");
        assert!(invalid(Request { resume: Some(value.into()), ..request() }), "session {value:?}");
        for key in ["add-dir", "reasoning-effort", "offline", "max-ai-credits", "nope"] {
            assert!(invalid(Request { options: options(&[(key, value)]), ..request() }), "{key} {value:?}");
        }
    }
}

#[test]
fn every_value_the_manifest_allows_makes_a_plan() {
    let manifest = Copilot::manifest();
    for option in manifest.options {
        for value in &option.allowed {
            let plan = plan(&Request { options: options(&[(&option.key, value)]), ..request() });
            assert!(plan.env.iter().all(|kv| manifest.env.contains(&kv.key)), "{}={value}", option.key);
        }
    }
}

#[test]
fn the_manifest_is_complete_and_keeps_to_the_contract() {
    let manifest = Copilot::manifest();
    assert_eq!((manifest.id.as_str(), manifest.version.as_str()), ("copilot", env!("CARGO_PKG_VERSION")));
    let mut categories: Vec<u8> = manifest.scores.iter().map(|score| score.category as u8).collect();
    categories.dedup();
    assert_eq!(categories.len(), 8, "one score for each category");
    assert!(manifest.models.is_empty(), "they belong to the account");
    assert!(
        !manifest.env.iter().any(|name| name.starts_with("GH_") || name.starts_with("GITHUB_")),
        "they open too much"
    );
    assert!(manifest.login.env.iter().all(|name| manifest.env.contains(name)));
    // As 1.0.102 answers.
    let version = "GitHub Copilot CLI 1.0.102.\nRun 'copilot update' to check for updates.";
    assert!(version.lines().any(|line| line.starts_with(&manifest.identity_marker)));
}
