//! How agents are started.

use aid_adapter_custom::plan::plan;
use aid_adapter_kit::{Arg, Autonomy, Input, Kv, Plan, PlanError, Request};
use serde_json::{Value, json};

use crate::support::{definition, request, text_definition};

fn with_command(command: Value) -> Request {
    let mut definition: Value = serde_json::from_str(&text_definition()).expect("JSON");
    definition["command"] = command;
    request(&definition.to_string())
}

/// A plan's arguments; what the host fills in is in braces.
fn argv(plan: &Plan) -> Vec<String> {
    let shown = |arg: &Arg| match arg {
        Arg::Text(text) => text.clone(),
        Arg::Prompt => "{prompt}".into(),
        Arg::Workdir => "{workdir}".into(),
        Arg::OutputFile => "{output-file}".into(),
    };
    plan.args.iter().map(shown).collect()
}

#[test]
fn claude_is_started_as_it_was_recorded() {
    let mut request = request(&definition("claude"));
    request.model = Some("plain".into());
    let plan_of = |request: &Request| plan(request).expect("a plan");
    let full = plan_of(&request);
    let recorded =
        ["-p", "--output-format", "stream-json", "--verbose", "--dangerously-skip-permissions", "--model", "plain"];
    assert_eq!(argv(&full), recorded);
    assert_eq!(full.input, Input::Prompt);
    assert_eq!(full.program, "/usr/bin/mine", "the program that the host resolved");
    assert!(full.env.contains(&Kv { key: "DISABLE_AUTOUPDATER".into(), value: "1".into() }));
    request.autonomy = Autonomy::ReadOnly;
    request.resume = Some("s-1".into());
    request.extra_args = vec!["--max-turns".into(), "3".into()];
    let expected = [
        "-p",
        "--output-format",
        "stream-json",
        "--verbose",
        "--permission-mode",
        "plan",
        "--model",
        "plain",
        "--resume",
        "s-1",
        "--max-turns",
        "3",
    ];
    assert_eq!(argv(&plan_of(&request)), expected);
}

#[test]
fn the_prompt_comes_last_and_is_never_a_flag() {
    let command = |prompt: Value| {
        json!({
            "args": ["run"], "end_args": ["now"], "prompt": prompt, "model_flag": "--model=", "dir_flag": "-C",
            "output_flag": "-o", "full_args": ["--yes"],
        })
    };
    let mut guarded = with_command(command(json!({ "by": "arg", "guard": true })));
    guarded.model = Some("m".into());
    let plan_of = |request: &Request| plan(request).expect("a plan");
    let found = plan_of(&guarded);
    let expected = ["run", "--yes", "--model=m", "-C", "{workdir}", "-o", "{file:answer.txt}", "now", "--", "{prompt}"];
    assert_eq!(argv(&found), expected);
    assert_eq!(found.input, Input::None);
    assert_eq!(found.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["answer.txt"]);
    let behind = plan_of(&with_command(command(json!({ "by": "flag", "flag": "-t" }))));
    assert!(argv(&behind).ends_with(&["now".into(), "-t".into(), "{prompt}".into()]));
    let bare = plan_of(&with_command(command(json!({ "by": "arg", "guard": false }))));
    assert!(argv(&bare).ends_with(&["now".into(), "{prompt}".into()]));
}

#[test]
fn what_the_definition_has_no_word_for_is_not_supported() {
    let base = with_command(json!({ "args": [], "prompt": { "by": "stdin" } }));
    for request in [
        Request { autonomy: Autonomy::ReadOnly, ..base.clone() },
        Request { model: Some("m".into()), ..base.clone() },
        Request { resume: Some("s".into()), ..base.clone() },
    ] {
        assert!(matches!(plan(&request), Err(PlanError::Unsupported(_))), "{:?}", plan(&request));
    }
    let none = with_command(json!({ "args": [], "read_only_args": [], "prompt": { "by": "stdin" } }));
    assert!(plan(&Request { autonomy: Autonomy::ReadOnly, ..none }).is_ok(), "a list without arguments is a promise");
}

#[test]
fn values_that_are_no_values_are_refused() {
    let base = request(&definition("claude"));
    for value in ["", " ", "-x", "--dangerously", "a\nb", "a\0b", "\u{1b}[31m", "{file:x}", &"x".repeat(2000)] {
        for request in [
            Request { model: Some(value.into()), ..base.clone() },
            Request { resume: Some(value.into()), ..base.clone() },
        ] {
            assert!(matches!(plan(&request), Err(PlanError::Invalid(_))), "{value:?}");
        }
    }
    let mut strange = base.clone();
    strange.options.push(Kv { key: "colour".into(), value: "red".into() });
    assert!(matches!(plan(&strange), Err(PlanError::Invalid(_))));
}

#[test]
fn without_a_definition_there_is_nothing_to_plan() {
    let nobody = Request { options: Vec::new(), ..request("") };
    assert!(matches!(plan(&nobody), Err(PlanError::Setup(_))));
    assert!(matches!(plan(&request("{}")), Err(PlanError::Invalid(_))));
}
