//! What is run for a request, and what the manifest says.

use aid_adapter_kilo::Kilo;
use aid_adapter_kit::{Adapter, Arg, Autonomy, Category, Input, PlanError, Request, Tier};
use serde_json::Value;

use crate::support::{options, request};

fn with_model() -> Request {
    Request { model: Some("openai/gpt-5".into()), ..request() }
}

fn argv(request: &Request) -> String {
    let plan = Kilo::plan(request).expect("a plan");
    assert_eq!((plan.program.as_str(), plan.input), ("kilo", Input::Prompt));
    let text = |arg| if let Arg::Text(text) = arg { text } else { panic!("kilo takes no {arg:?}") };
    plan.args.into_iter().map(text).collect::<Vec<_>>().join(" ")
}

fn variable(request: &Request, name: &str) -> Option<String> {
    Kilo::plan(request).expect("a plan").env.into_iter().find(|kv| kv.key == name).map(|kv| kv.value)
}

#[test]
fn the_prompt_comes_from_stdin_and_every_question_has_an_answer() {
    assert_eq!(argv(&with_model()), "run --format json --auto -m openai/gpt-5");
    let request = Request {
        resume: Some("ses_1".into()),
        options: options(&[("agent", "plan"), ("variant", "high"), ("thinking", "true")]),
        extra_args: vec!["--title".into(), "a b".into()],
        ..with_model()
    };
    let expected =
        "run --format json --auto -m openai/gpt-5 --agent plan --variant high --thinking -s ses_1 --title a b";
    assert_eq!(argv(&request), expected);
}

#[test]
fn without_a_model_nothing_is_started_unless_the_user_allows_it() {
    let Err(PlanError::Setup(text)) = Kilo::plan(&request()) else { panic!("no model") };
    for part in ["--model PROVIDER/MODEL", "[agents.kilo]", "default-model"] {
        assert!(text.contains(part), "{text}");
    }
    let with = |value: &str| Request { options: options(&[("default-model", value)]), ..request() };
    assert!(Kilo::plan(&with("deny")).is_err());
    assert_eq!(argv(&with("allow")), "run --format json --auto");
}

#[test]
fn a_read_only_run_has_a_profile_of_its_own_that_no_setting_widens() {
    let base = with_model();
    let request = Request { autonomy: Autonomy::ReadOnly, options: options(&[("agent", "build")]), ..base };
    assert_eq!(argv(&request), "run --format json --auto -m openai/gpt-5 --agent aid-read-only");
    let json = |name: &str| -> Value { serde_json::from_str(&variable(&request, name).expect(name)).expect("JSON") };
    let profile = json("KILO_CONFIG_CONTENT")["agent"]["aid-read-only"].clone();
    assert_eq!(profile["mode"], "primary");
    for permission in [&profile["permission"], &json("KILO_PERMISSION")] {
        for tool in ["*", "edit", "bash", "task", "external_directory"] {
            assert_eq!(permission[tool], "deny", "{tool}");
        }
        assert_eq!(permission["read"], "allow");
    }
    // What comes later is stronger, so the denial of everything has to be first.
    assert!(variable(&request, "KILO_PERMISSION").is_some_and(|json| json.starts_with("{\"*\":\"deny\"")));
    assert_eq!(variable(&request, "KILO_PURE").as_deref(), Some("1"));
    assert_eq!(variable(&request, "KILO_DISABLE_PROJECT_CONFIG").as_deref(), Some("1"));
}

#[test]
fn a_workspace_run_stays_in_its_directory_and_a_full_one_has_no_limit() {
    let request = |autonomy| Request { autonomy, ..with_model() };
    let permission = variable(&request(Autonomy::Workspace), "KILO_PERMISSION");
    assert_eq!(permission.as_deref(), Some("{\"external_directory\":\"deny\"}"));
    assert_eq!(variable(&request(Autonomy::Full), "KILO_PERMISSION"), None);
}

#[test]
fn nothing_updates_itself_reports_or_shares() {
    for name in [
        "KILO_DISABLE_AUTOUPDATE",
        "KILO_DISABLE_MODELS_FETCH",
        "KILO_DISABLE_LSP_DOWNLOAD",
        "KILO_DISABLE_DEFAULT_PLUGINS",
        "KILO_DISABLE_SHARE",
        "KILO_DISABLE_CLAUDE_CODE",
        "KILO_TELEMETRY_LEVEL",
        "KILO_NO_DAEMON",
        "KILO_DISABLE_SESSION_INGEST",
        "KILO_DISABLE_CODEBASE_INDEXING",
    ] {
        assert!(variable(&with_model(), name).is_some(), "{name}");
    }
    let with_plugins = Request { options: options(&[("default-plugins", "true")]), ..with_model() };
    assert_eq!(variable(&with_plugins, "KILO_DISABLE_DEFAULT_PLUGINS"), None);
}

#[test]
fn values_that_could_be_read_as_something_else_are_refused() {
    let invalid = |request: Request| matches!(Kilo::plan(&request), Err(PlanError::Invalid(_)));
    let long = "x/".repeat(2000);
    for value in ["", " ", "-m", "--last", "a\nb", "a\0b", "a\u{1b}[31m", &long] {
        assert!(invalid(Request { model: Some(value.into()), ..request() }), "model {value:?}");
        assert!(invalid(Request { resume: Some(value.into()), ..with_model() }), "session {value:?}");
        for key in ["agent", "variant"] {
            assert!(invalid(Request { options: options(&[(key, value)]), ..with_model() }), "{key} {value:?}");
        }
    }
    for model in ["gpt-5", "/gpt-5", "openai/"] {
        assert!(invalid(Request { model: Some(model.into()), ..request() }), "{model}");
    }
    for (key, value) in [("thinking", "yes"), ("default-model", ""), ("default-plugins", "1"), ("nope", "x")] {
        assert!(invalid(Request { options: options(&[(key, value)]), ..with_model() }), "{key}={value}");
    }
}

#[test]
fn every_value_the_manifest_allows_makes_a_plan_of_declared_variables() {
    let manifest = Kilo::manifest();
    for autonomy in [Autonomy::ReadOnly, Autonomy::Workspace, Autonomy::Full] {
        for option in &manifest.options {
            for value in &option.allowed {
                let options = options(&[(&option.key, value)]);
                let plan = Kilo::plan(&Request { autonomy, options, ..with_model() }).expect("a plan");
                assert!(plan.env.iter().all(|kv| manifest.env.contains(&kv.key)), "{:?}", plan.env);
                let names: std::collections::BTreeSet<_> = plan.env.iter().map(|kv| &kv.key).collect();
                assert_eq!(names.len(), plan.env.len(), "no variable twice");
            }
        }
    }
}

#[test]
fn the_manifest_is_complete_and_keeps_to_the_contract() {
    let manifest = Kilo::manifest();
    assert_eq!((manifest.id.as_str(), manifest.version.as_str()), ("kilo", env!("CARGO_PKG_VERSION")));
    assert_eq!(manifest.scores.iter().map(|score| score.value).collect::<Vec<_>>(), [1, 7, 2, 2, 3, 3, 3, 4]);
    assert_eq!(manifest.scores[0].category, Category::Research);
    let mut categories: Vec<u8> = manifest.scores.iter().map(|score| score.category as u8).collect();
    categories.dedup();
    assert_eq!(categories.len(), 8, "one score for each category");
    assert_eq!(manifest.cost_class, Tier::Cheap);
    assert!(manifest.models.is_empty(), "no model is a default");
    let names: std::collections::BTreeSet<_> = manifest.env.iter().collect();
    assert_eq!(names.len(), manifest.env.len(), "no variable twice");
    assert!(manifest.env.len() <= 64, "the contract's bound");
    assert!(manifest.login.env.iter().all(|name| manifest.env.contains(name)));
    assert!(manifest.login.files.iter().all(|file| manifest.state_dirs.iter().any(|dir| file.starts_with(dir))));
    assert_eq!(manifest.stop_signal, "SIGTERM");
    assert_eq!(manifest.features, ["resume", "native-read-only", "streams-usage"]);
}
