//! Tests of the OB-1 adapter, natively: what it asks of its user, what it plans, how it judges.

use aid_adapter_kit::{Adapter, Arg, Autonomy, Event, ExitStatus, Input, Kv, Outcome, PlanError, Request, Run, Source};
use aid_adapter_ob1::Ob1;
use aid_adapter_testkit::{
    Recording, exit_code, exit_signal, read, same_byte_by_byte, same_in_two_pieces, same_with_crlf, word,
};

fn request(options: &[(&str, &str)]) -> Request {
    let options = options.iter().map(|(key, value)| Kv { key: (*key).into(), value: (*value).into() }).collect();
    let program = "/opt/ob1/bin/ob1".to_owned();
    Request { autonomy: Autonomy::Workspace, program, options, ..aid_adapter_testkit::request("ob1", "") }
}

fn with_args(args: &str) -> Request {
    request(&[("args", args), ("success", "exit-zero")])
}

fn argv(request: &Request) -> Vec<String> {
    let text = |arg| match arg {
        Arg::Text(text) => text,
        Arg::Prompt => "<prompt>".to_owned(),
        other => panic!("{other:?}"),
    };
    Ob1::plan(request).expect("a plan").args.into_iter().map(text).collect()
}

#[test]
fn nothing_is_run_until_the_user_has_said_how_and_when_it_succeeded() {
    for (options, part) in [
        (&[][..], "set the option `args`"),
        (&[("success", "exit-zero")], "set the option `args`"),
        (&[("args", "run")], "set the option `success`"),
    ] {
        let Err(PlanError::Setup(text)) = Ob1::plan(&request(options)) else { panic!("{options:?}") };
        assert!(text.contains(part), "{text}");
        for word in ["config.toml", "[agents.ob1]", "program = \"/path/to/ob1\"", "args = ", "success = \"exit-zero\""]
        {
            assert!(text.contains(word), "{text}");
        }
    }
    let required: Vec<String> =
        Ob1::manifest().options.into_iter().filter(|option| option.required).map(|option| option.key).collect();
    assert_eq!(required, ["args", "success"]);
}

#[test]
fn the_template_is_run_word_for_word() {
    let request = with_args("task 'a b' --dir={workdir}");
    assert_eq!(argv(&request), ["task", "a b", "--dir=/repo"]);
    let plan = Ob1::plan(&request).expect("a plan");
    assert_eq!((plan.program.as_str(), plan.input), ("/opt/ob1/bin/ob1", Input::Prompt));
    assert_eq!((plan.env, plan.files, plan.make_dirs), (vec![], vec![], vec![]));
    let plan = Ob1::plan(&with_args("task -- {prompt}")).expect("a plan");
    assert_eq!((plan.args.last(), plan.input), (Some(&Arg::Prompt), Input::None), "not twice");
}

#[test]
fn what_the_user_adds_stands_where_flags_still_count() {
    let extra = |args: &str| argv(&Request { extra_args: vec!["-x".into(), "y z".into()], ..with_args(args) });
    assert_eq!(extra("task"), ["task", "-x", "y z"]);
    assert_eq!(extra("task {prompt} --last"), ["task", "-x", "y z", "<prompt>", "--last"]);
    assert_eq!(extra("task -- {prompt}"), ["task", "-x", "y z", "--", "<prompt>"]);
}

#[test]
fn a_model_needs_its_place_and_a_place_its_model() {
    let model =
        |args: &str, model: Option<&str>| Ob1::plan(&Request { model: model.map(str::to_owned), ..with_args(args) });
    let plan = model("-m {model}", Some("big")).expect("a plan");
    assert_eq!(plan.args, [Arg::Text("-m".into()), Arg::Text("big".into())]);
    assert!(matches!(model("run", Some("big")), Err(PlanError::Unsupported(_))));
    assert!(matches!(model("-m {model}", None), Err(PlanError::Invalid(_))));
    assert!(matches!(model("-m {model}", Some("--yolo")), Err(PlanError::Invalid(_))));
}

#[test]
fn what_nobody_knows_is_not_promised() {
    let read_only = |options| Ob1::plan(&Request { autonomy: Autonomy::ReadOnly, ..request(options) });
    assert!(matches!(read_only(&[("args", "run"), ("success", "exit-zero")]), Err(PlanError::Unsupported(_))));
    let plan = read_only(&[("args", "run"), ("read-only-args", "look"), ("success", "exit-zero")]).expect("a plan");
    assert_eq!(plan.args, [Arg::Text("look".into())]);
    let resume = Request { resume: Some("s".into()), ..with_args("run") };
    assert!(matches!(Ob1::plan(&resume), Err(PlanError::Unsupported(_))));
    for option in [("success", "always"), ("output", "json"), ("nope", "x")] {
        let options = [("args", "run"), ("success", "exit-zero"), option];
        assert!(matches!(Ob1::plan(&request(&options)), Err(PlanError::Invalid(_))), "{option:?}");
    }
    let Err(PlanError::Setup(text)) = Ob1::plan(&with_args("'run")) else { panic!("a setup error") };
    assert!(text.contains("the option `args` has a ' without its end"), "{text}");
}

fn run(stdout: &str, stderr: &str, request: Request, exit: ExitStatus) -> Recording {
    Recording::made_up(stdout, stderr, request, exit)
}

#[test]
fn only_exit_code_0_is_a_success_and_only_where_the_user_has_said_so() {
    let unknown = ExitStatus { code: None, ..exit_code(0) };
    let cases = [
        ("done\n", exit_code(0), "success"),
        ("done", exit_code(0), "success"),
        (" \n\n", exit_code(0), "no-result"),
        ("", exit_code(0), "no-result"),
        ("done\n", exit_code(1), "other"),
        ("done\n", exit_signal(15), "incomplete"),
        ("done\n", unknown, "incomplete"),
    ];
    for (stdout, exit, expected) in cases {
        let reading = read::<Ob1>(&run(stdout, "", with_args("run"), exit.clone()));
        assert_eq!(word(&reading.verdict.outcome), expected, "{stdout:?}, {exit:?}");
        assert!(!reading.stdout_events.contains(&Event::Finished), "it has no mark of its own");
        let unsaid = read::<Ob1>(&run(stdout, "", request(&[("args", "run")]), exit));
        assert_ne!(unsaid.verdict.outcome, Outcome::Success, "{stdout:?}");
    }
    assert_eq!(Ob1::manifest().features, ["exit-is-success"]);
}

#[test]
fn stdout_is_the_answer_and_its_lines_are_events() {
    let recording = run("\none\n\ntwo \n\n", "x\nno luck\n\n", with_args("run"), exit_code(0));
    let reading = read::<Ob1>(&recording);
    assert_eq!(reading.verdict.final_text.as_deref(), Some("\none\n\ntwo"));
    let said: Vec<&Event> = reading.stdout_events.iter().collect();
    assert_eq!(said[1], &Event::MessageDelta("one\n".into()));
    assert_eq!(reading.stderr_events, []);
    let failed = read::<Ob1>(&Recording { exit: exit_code(3), ..recording });
    let Outcome::Failure(refusal) = failed.verdict.outcome else { panic!("a failure") };
    assert_eq!(
        (refusal.class.as_str(), refusal.message.as_str()),
        ("other", "ob1 ended with exit code 3; stderr: no luck")
    );
}

#[test]
fn an_answer_that_is_not_whole_is_none() {
    let line = "x".repeat(1 << 20) + "\n";
    for stdout in [line.repeat(13), "x".repeat(13 << 20) + "\nthe end\n"] {
        let mut run = Run::<Ob1>::new(with_args("run"));
        for chunk in stdout.as_bytes().chunks(64 << 10) {
            run.feed(Source::Out, chunk);
        }
        let verdict = run.finish(&exit_code(0));
        assert_eq!((word(&verdict.outcome), verdict.final_text), ("no-result", None));
    }
}

#[test]
fn what_it_writes_decides_nothing_and_the_chunking_changes_nothing() {
    let text = "Quota exceeded.\n{\"type\":\"turn.failed\"}\nexit-zero\nü🚀\n";
    let recordings = [0, 1].map(|code| run(text, text, with_args("run"), exit_code(code)));
    for (recording, expected) in recordings.iter().zip(["success", "other"]) {
        let reading = read::<Ob1>(recording);
        assert_eq!(word(&reading.verdict.outcome), expected);
        assert!(reading.stdout_events.iter().all(|event| matches!(event, Event::MessageDelta(_))));
    }
    same_in_two_pieces::<Ob1>(&recordings);
    same_byte_by_byte::<Ob1>(&recordings);
    same_with_crlf::<Ob1>(&recordings);
}
