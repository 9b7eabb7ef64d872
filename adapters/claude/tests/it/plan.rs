//! What is run for a request, and what the manifest says.

use aid_adapter_claude::Claude;
use aid_adapter_kit::{Adapter, Arg, Autonomy, Input, Kv, Plan, PlanError, Request};

use crate::support::request;

fn plan(request: &Request) -> Plan {
    let plan = Claude::plan(request).expect("a plan");
    assert_eq!((plan.program.as_str(), &plan.input), ("claude", &Input::Prompt));
    plan
}

fn line(request: &Request) -> String {
    let text = |arg| match arg {
        Arg::Text(text) => text,
        other => panic!("claude takes no {other:?}"),
    };
    plan(request).args.into_iter().map(text).collect::<Vec<_>>().join(" ")
}

fn options(options: &[(&str, &str)]) -> Vec<Kv> {
    options.iter().map(|(key, value)| Kv { key: (*key).into(), value: (*value).into() }).collect()
}

const COMMON: &str = "-p --output-format stream-json --verbose";

#[test]
fn each_autonomy_has_its_permissions() {
    let line = |autonomy| line(&Request { autonomy, ..request() });
    let reading = "Read,Grep,Glob,WebFetch,WebSearch";
    assert_eq!(
        line(Autonomy::ReadOnly),
        format!("{COMMON} --permission-mode dontAsk --strict-mcp-config --tools={reading} --allowedTools={reading}")
    );
    assert_eq!(
        line(Autonomy::Workspace),
        format!("{COMMON} --permission-mode acceptEdits --allowedTools=Bash,WebFetch,WebSearch")
    );
    assert_eq!(line(Autonomy::Full), format!("{COMMON} --dangerously-skip-permissions"));
}

#[test]
fn everything_has_its_place() {
    let request = Request {
        model: Some("opus".into()),
        resume: Some("aa7db730-1d91-40ff-809c-2441b0d36df1".into()),
        options: options(&[("effort", "high"), ("add-dir", "/other"), ("fallback-model", "sonnet")]),
        extra_args: vec!["--max-turns".into(), "3".into()],
        ..request()
    };
    let expected = format!(
        "{COMMON} --dangerously-skip-permissions --model opus --effort high --add-dir=/other --fallback-model sonnet \
         --resume aa7db730-1d91-40ff-809c-2441b0d36df1 --max-turns 3"
    );
    assert_eq!(line(&request), expected);
}

#[test]
fn root_is_let_in_only_when_the_user_says_so() {
    let names = |options| plan(&Request { options, ..request() }).env.into_iter().map(|kv| kv.key).collect::<Vec<_>>();
    let quiet = ["DISABLE_AUTOUPDATER", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"];
    assert_eq!(names(Vec::new()), quiet);
    assert_eq!(names(options(&[("as-root", "refuse")])), quiet);
    assert_eq!(names(options(&[("as-root", "allow")])), [quiet[0], quiet[1], "IS_SANDBOX"]);
}

#[test]
fn values_that_could_be_read_as_something_else_are_refused() {
    let invalid = |request: Request| matches!(Claude::plan(&request), Err(PlanError::Invalid(_)));
    let long = "x".repeat(2000);
    for value in ["", " ", "-m", "--last", "a\nb", "a\0b", "a\u{1b}[31m", &long] {
        assert!(invalid(Request { model: Some(value.into()), ..request() }), "model {value:?}");
        assert!(invalid(Request { resume: Some(value.into()), ..request() }), "session {value:?}");
        for key in ["add-dir", "fallback-model", "effort", "as-root"] {
            assert!(invalid(Request { options: options(&[(key, value)]), ..request() }), "{key} {value:?}");
        }
    }
    assert!(invalid(Request { options: options(&[("nope", "x")]), ..request() }));
}

#[test]
fn every_value_the_manifest_allows_makes_a_plan() {
    let manifest = Claude::manifest();
    for option in manifest.options {
        for value in &option.allowed {
            let plan = plan(&Request { options: options(&[(&option.key, value)]), ..request() });
            assert!(plan.env.iter().all(|kv| manifest.env.contains(&kv.key)), "{}={value}", option.key);
        }
    }
}

#[test]
fn the_manifest_is_complete_and_keeps_to_the_contract() {
    let manifest = Claude::manifest();
    assert_eq!((manifest.id.as_str(), manifest.version.as_str()), ("claude", env!("CARGO_PKG_VERSION")));
    let mut categories: Vec<u8> = manifest.scores.iter().map(|score| score.category as u8).collect();
    categories.dedup();
    assert_eq!(categories.len(), 8, "one score for each category");
    assert!(manifest.models.iter().all(|model| model.price.is_none()), "no price from memory");
    assert!(manifest.login.env.iter().all(|name| manifest.env.contains(name)));
    // As 2.1.197 answers.
    let help = "Usage: claude [options] [command] [prompt]\n\nClaude Code - starts an interactive session by default";
    assert!(help.lines().any(|line| line.starts_with(&manifest.identity_marker)));
}
