//! What is run for a request, and what the manifest says.

use aid_adapter_gemini::Gemini;
use aid_adapter_kit::{Adapter, Arg, Autonomy, Input, Kv, Plan, PlanError, Request};
use serde_json::Value;

use crate::support::{SESSION, request};

fn planned(request: &Request) -> Plan {
    let plan = Gemini::plan(request).expect("a plan");
    assert_eq!((plan.program.as_str(), &plan.input), ("gemini", &Input::Prompt));
    plan
}

fn argv(request: &Request) -> Vec<String> {
    let args = planned(request).args.into_iter().map(|arg| match arg {
        Arg::Text(text) => text,
        other => panic!("gemini takes no {other:?}"),
    });
    args.collect()
}

fn settings(request: &Request) -> Value {
    let plan = planned(request);
    assert_eq!(plan.files.len(), 1);
    assert_eq!(plan.files[0].name, "settings.json");
    serde_json::from_slice(&plan.files[0].content).expect("settings that are JSON")
}

fn options(options: &[(&str, &str)]) -> Vec<Kv> {
    options.iter().map(|(key, value)| Kv { key: (*key).into(), value: (*value).into() }).collect()
}

#[test]
fn each_autonomy_has_its_approval_mode() {
    let line = |autonomy| argv(&Request { autonomy, ..request() }).join(" ");
    let expected = |mode: &str| format!("--approval-mode {mode} --skip-trust -o stream-json");
    assert_eq!(line(Autonomy::ReadOnly), expected("plan"));
    assert_eq!(line(Autonomy::Workspace), expected("yolo"));
    assert_eq!(line(Autonomy::Full), expected("yolo"));
}

#[test]
fn everything_asked_for_is_a_flag_and_what_the_user_adds_comes_last() {
    let request = Request {
        model: Some("gemini-2.5-pro".into()),
        resume: Some(SESSION.into()),
        options: options(&[("include-directory", "/other"), ("include-directory", "/third"), ("max-attempts", "1")]),
        extra_args: vec!["--extensions".into(), "a b".into()],
        ..request()
    };
    let expected = format!(
        "--approval-mode yolo --skip-trust -o stream-json -m gemini-2.5-pro --resume {SESSION} \
         --include-directories=/other --include-directories=/third --extensions a b"
    );
    assert_eq!(argv(&request).join(" "), expected);
}

#[test]
fn the_settings_keep_gemini_quiet_and_say_what_the_user_chose() {
    let plain = settings(&request());
    assert_eq!(plain["general"]["maxAttempts"], 3);
    for (section, key) in
        [("general", "enableAutoUpdate"), ("privacy", "usageStatisticsEnabled"), ("telemetry", "enabled")]
    {
        assert_eq!(plain[section][key], false, "{section}.{key}");
    }
    assert_eq!(plain["context"]["fileFiltering"]["enableRecursiveFileSearch"], false);
    assert_eq!(plain["model"]["disableLoopDetection"], false);
    assert_eq!(plain.get("security"), None, "what to log in with is the user's own business");

    let chosen = options(&[("max-attempts", "1"), ("auth", "gemini-api-key"), ("loop-detection", "false")]);
    let chosen = settings(&Request { options: chosen, ..request() });
    assert_eq!(chosen["general"]["maxAttempts"], 1);
    assert_eq!(chosen["security"]["auth"]["selectedType"], "gemini-api-key");
    assert_eq!(chosen["model"]["disableLoopDetection"], true);
}

#[test]
fn values_that_could_be_read_as_something_else_are_refused() {
    let invalid = |request: Request| matches!(Gemini::plan(&request), Err(PlanError::Invalid(_)));
    let long = "x".repeat(2000);
    for value in ["", " ", "-m", "--yolo", "a\nb", "a\0b", "a\u{1b}[31m", &long] {
        assert!(invalid(Request { model: Some(value.into()), ..request() }), "model {value:?}");
        assert!(invalid(Request { resume: Some(value.into()), ..request() }), "session {value:?}");
        let options = options(&[("include-directory", value)]);
        assert!(invalid(Request { options, ..request() }), "include-directory {value:?}");
    }
    for session in ["latest", "5", "80d66202-baab-40e8-a4d4-9f1b9be68f0", "80d66202baab40e8a4d49f1b9be68f05", "x-y-z"] {
        assert!(invalid(Request { resume: Some(session.into()), ..request() }), "session {session:?}");
    }
    for (key, value) in [
        ("max-attempts", "0"),
        ("max-attempts", "11"),
        ("auth", "x\"}"),
        ("loop-detection", "no"),
        ("include-directory", "/a,/b"),
        ("nope", "x"),
    ] {
        assert!(invalid(Request { options: options(&[(key, value)]), ..request() }), "{key}={value}");
    }
}

#[test]
fn every_value_the_manifest_allows_makes_a_plan() {
    for option in Gemini::manifest().options {
        for value in &option.allowed {
            let options = options(&[(&option.key, value)]);
            settings(&Request { options, ..request() });
        }
    }
}

#[test]
fn what_the_plan_sets_is_declared() {
    let (plan, manifest) = (planned(&request()), Gemini::manifest());
    assert!(plan.env.iter().all(|variable| manifest.env.contains(&variable.key)));
    assert!(plan.env.iter().any(|variable| variable.value == "{file:settings.json}"));
    assert_eq!(plan.make_dirs, Vec::<String>::new());
}

#[test]
fn the_manifest_is_complete_and_keeps_to_the_contract() {
    let manifest = Gemini::manifest();
    assert_eq!((manifest.id.as_str(), manifest.version.as_str()), ("gemini", env!("CARGO_PKG_VERSION")));
    assert_eq!(manifest.scores.iter().map(|score| score.value).collect::<Vec<_>>(), [9, 2, 3, 2, 5, 3, 3, 6]);
    let mut categories: Vec<u8> = manifest.scores.iter().map(|score| score.category as u8).collect();
    categories.dedup();
    assert_eq!(categories.len(), 8, "one score for each category");
    let names: std::collections::BTreeSet<&str> = manifest.models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names.len(), manifest.models.len(), "no model twice");
    assert!(manifest.models.iter().all(|model| model.price.is_none()), "no price is known");
    assert!(manifest.identity_marker.len() > "0.".len(), "a bare version proves nothing");
    assert_eq!((manifest.stop_signal.as_str(), manifest.default_skill.as_deref()), ("SIGTERM", Some("researcher")));
    assert!(manifest.login.env.iter().all(|name| manifest.env.contains(name)));
}
