//! What is run for a request, and what the manifest says.

use aid_adapter_codebuff::Codebuff;
use aid_adapter_kit::{Adapter, Arg, Autonomy, Input, Kv, PlanError, Request};

use crate::support::request;

fn argv(request: &Request) -> String {
    let plan = Codebuff::plan(request).expect("a plan");
    assert_eq!((plan.program.as_str(), plan.input), ("aid-codebuff", Input::Prompt));
    let texts = plan.args.into_iter().map(|arg| match arg {
        Arg::Text(text) => text,
        other => panic!("codebuff takes no {other:?}"),
    });
    texts.collect::<Vec<_>>().join(" ")
}

fn options(options: &[(&str, &str)]) -> Vec<Kv> {
    options.iter().map(|(key, value)| Kv { key: (*key).into(), value: (*value).into() }).collect()
}

#[test]
fn a_request_without_wishes_needs_no_flags() {
    assert_eq!(argv(&request()), "");
    assert_eq!(argv(&Request { autonomy: Autonomy::Workspace, ..request() }), "");
    assert_eq!(argv(&Request { autonomy: Autonomy::ReadOnly, ..request() }), "--read-only");
}

#[test]
fn every_wish_has_its_flag() {
    let wish = Request {
        autonomy: Autonomy::ReadOnly,
        model: Some("openai/gpt-5.1".into()),
        resume: Some("cb-1".into()),
        options: options(&[("mode", "max"), ("max-steps", "20")]),
        extra_args: vec!["--cwd".into(), "sub dir".into()],
        ..request()
    };
    let expected = "--model openai/gpt-5.1 --mode max --max-steps 20 --resume cb-1 --read-only --cwd sub dir";
    assert_eq!(argv(&wish), expected);
    let options = options(&[("agent", "codebuff/base@0.0.16")]);
    assert_eq!(argv(&Request { options, ..request() }), "--agent codebuff/base@0.0.16");
}

#[test]
fn a_cheap_task_has_the_cheap_mode_unless_the_user_has_set_one() {
    assert_eq!(argv(&Request { budget: true, ..request() }), "--mode free");
    let options = options(&[("mode", "normal")]);
    assert_eq!(argv(&Request { budget: true, options, ..request() }), "--mode normal");
}

#[test]
fn reading_only_is_not_promised_for_an_agent_of_the_store() {
    let options = options(&[("agent", "codebuff/base@0.0.16")]);
    let wish = Request { autonomy: Autonomy::ReadOnly, options, ..request() };
    assert!(matches!(Codebuff::plan(&wish), Err(PlanError::Unsupported(_))));
}

#[test]
fn values_that_could_be_read_as_something_else_are_refused() {
    let invalid = |request: Request| matches!(Codebuff::plan(&request), Err(PlanError::Invalid(_)));
    let long = "x".repeat(2000);
    for value in ["", " ", "-m", "--read-only", "a\nb", "a\0b", "a\u{1b}[31m", &long] {
        assert!(invalid(Request { model: Some(value.into()), ..request() }), "model {value:?}");
        assert!(invalid(Request { resume: Some(value.into()), ..request() }), "session {value:?}");
        assert!(invalid(Request { options: options(&[("agent", value)]), ..request() }), "agent {value:?}");
    }
    let others = [("mode", "lavish"), ("max-steps", "0"), ("max-steps", "10001"), ("max-steps", "+5"), ("nope", "x")];
    for (key, value) in others.into_iter().chain([("max-steps", ""), ("max-steps", "000000005"), ("mode", "")]) {
        assert!(invalid(Request { options: options(&[(key, value)]), ..request() }), "{key}={value}");
    }
    let options = options(&[("agent", "a/b")]);
    assert!(invalid(Request { model: Some("x".into()), options, ..request() }), "an agent brings its model");
}

#[test]
fn every_value_the_manifest_allows_makes_a_plan() {
    for option in Codebuff::manifest().options {
        for value in &option.allowed {
            let options = options(&[(&option.key, value)]);
            assert!(Codebuff::plan(&Request { options, ..request() }).is_ok(), "{}={value}", option.key);
        }
    }
}

#[test]
fn the_manifest_is_complete_and_keeps_to_the_contract() {
    let manifest = Codebuff::manifest();
    assert_eq!((manifest.id.as_str(), manifest.version.as_str()), ("codebuff", env!("CARGO_PKG_VERSION")));
    assert_eq!(manifest.scores.iter().map(|score| score.value).collect::<Vec<_>>(), [2, 5, 8, 7, 6, 6, 7, 4]);
    let mut categories: Vec<u8> = manifest.scores.iter().map(|score| score.category as u8).collect();
    categories.dedup();
    assert_eq!(categories.len(), 8, "one score for each category");
    assert!(manifest.login.env.iter().all(|name| manifest.env.contains(name)));
    assert!(!manifest.env.iter().any(|name| name.contains("CLAUDE")), "nobody else's login");
    assert_eq!(manifest.stop_signal, "SIGTERM");
}

/// The program says its version with the words by which it is recognised, and is the one that was tested.
#[test]
fn the_manifest_and_the_program_agree() {
    let manifest = Codebuff::manifest();
    let read = |file: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("plugin").join(file);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let package: serde_json::Value = serde_json::from_str(&read("package.json")).expect("JSON");
    let (version, sdk) = (&package["version"], &package["dependencies"]["@codebuff/sdk"]);
    let tested = format!("{}, with @codebuff/sdk {}", version.as_str().expect("one"), sdk.as_str().expect("one"));
    assert_eq!(manifest.tested_versions, tested);
    assert!(package["bin"][&manifest.programs[0]].is_string());
    assert!(read("src/main.mjs").contains(&format!("`{}${{version}}", manifest.identity_marker)));
    assert!(read("src/exit.mjs").contains("NO_KEY = 77;") && read("src/exit.mjs").contains("USAGE = 2;"));
}
