//! What is run for a request, and what the manifest says.

use aid_adapter_cursor::Cursor;
use aid_adapter_kit::{Adapter, Arg, Autonomy, Input, Kv, PlanError, Request, Tier};

use crate::support::request;

fn line(request: &Request) -> String {
    let plan = Cursor::plan(request).expect("a plan");
    assert_eq!((plan.program.as_str(), plan.input), ("cursor-agent", Input::Prompt));
    let manifest = Cursor::manifest();
    assert!(manifest.programs.contains(&plan.program));
    assert!(plan.env.iter().all(|variable| manifest.env.contains(&variable.key)));
    let text = |arg| match arg {
        Arg::Text(text) => text,
        other => panic!("cursor takes no {other:?}"),
    };
    plan.args.into_iter().map(text).collect::<Vec<_>>().join(" ")
}

fn options(options: &[(&str, &str)]) -> Vec<Kv> {
    options.iter().map(|(key, value)| Kv { key: (*key).into(), value: (*value).into() }).collect()
}

const COMMON: &str = "-p --output-format stream-json --trust";

#[test]
fn each_autonomy_has_its_flags() {
    let line = |autonomy| line(&Request { autonomy, ..request() });
    assert_eq!(line(Autonomy::ReadOnly), format!("{COMMON} --mode ask"));
    assert_eq!(line(Autonomy::Workspace), format!("{COMMON} --force --sandbox enabled"));
    assert_eq!(line(Autonomy::Full), format!("{COMMON} --force"));
}

#[test]
fn everything_has_its_place_and_the_prompt_has_none() {
    let request = Request {
        model: Some("auto".into()),
        resume: Some("c6b62c6f-7ead-4fd6-9922-e952131177ff".into()),
        options: options(&[("sandbox", "disabled"), ("approve-mcps", "true"), ("read-only-mode", "plan")]),
        extra_args: vec!["-H".into(), "a: b".into()],
        ..request()
    };
    let expected = format!(
        "{COMMON} --force --sandbox disabled --approve-mcps --model auto \
         --resume c6b62c6f-7ead-4fd6-9922-e952131177ff -H a: b"
    );
    assert_eq!(line(&request), expected);
    let read_only =
        Request { autonomy: Autonomy::ReadOnly, model: None, resume: None, extra_args: Vec::new(), ..request };
    assert_eq!(line(&read_only), format!("{COMMON} --mode plan --approve-mcps"));
}

#[test]
fn values_that_could_be_read_as_something_else_are_refused() {
    let invalid = |request: Request| matches!(Cursor::plan(&request), Err(PlanError::Invalid(_)));
    let long = "x".repeat(2000);
    for value in ["", " ", "-m", "--last", "a\nb", "a\0b", "a\u{1b}[31m", &long] {
        assert!(invalid(Request { model: Some(value.into()), ..request() }), "model {value:?}");
        assert!(invalid(Request { resume: Some(value.into()), ..request() }), "session {value:?}");
        for key in ["read-only-mode", "sandbox", "approve-mcps", "nope"] {
            assert!(invalid(Request { options: options(&[(key, value)]), ..request() }), "{key} {value:?}");
        }
    }
}

#[test]
fn every_value_the_manifest_allows_makes_a_plan() {
    for option in Cursor::manifest().options {
        for value in &option.allowed {
            line(&Request { options: options(&[(&option.key, value)]), ..request() });
        }
    }
}

#[test]
fn the_manifest_is_complete_and_keeps_to_the_contract() {
    let manifest = Cursor::manifest();
    assert_eq!((manifest.id.as_str(), manifest.version.as_str()), ("cursor", env!("CARGO_PKG_VERSION")));
    assert_eq!(manifest.scores.iter().map(|score| score.value).collect::<Vec<_>>(), [2, 4, 7, 9, 5, 5, 6, 4]);
    let mut categories: Vec<u8> = manifest.scores.iter().map(|score| score.category as u8).collect();
    categories.dedup();
    assert_eq!(categories.len(), 8, "one score for each category");
    assert_eq!((manifest.cost_class, manifest.prefers_complex), (Tier::Standard, true));
    assert_eq!(manifest.default_skill.as_deref(), Some("implementer"));
    assert!(manifest.models.iter().all(|model| model.price.is_none()), "no price from memory");
    assert!(!manifest.features.iter().any(|feature| feature == "native-read-only"), "never seen to be kept");
    assert!(!manifest.install_hint.contains("npm"), "those packages are not cursor");
}

#[test]
fn programs_of_the_same_name_do_not_pass_for_cursor() {
    let marker = Cursor::manifest().identity_marker;
    let is_cursor = |said: &str| said.lines().any(|line| line.starts_with(&marker));
    assert!(is_cursor("Usage: agent [options] [command] [prompt...]\n\nStart the Cursor Agent\n\nArguments:"));
    for impostor in [
        "cursor-agent 1.0.3\nA task sequence creator for Cursor Agent",
        "agent 2.0\nUsage: agent [--cursor]\nworks with cursor",
        "2026.09.18-9a7762b",
        "This wrapper can Start the Cursor Agent for you",
        "",
    ] {
        assert!(!is_cursor(impostor), "{impostor}");
    }
}
