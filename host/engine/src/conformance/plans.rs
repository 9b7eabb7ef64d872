//! Checks of plans. Must not run one.

use aid_core::agent::{Arg, Autonomy, Input, KeyValue, Plan, PlanError, Request};

use super::{Bench, Finding};
use crate::adapter::policy::{self, PolicyContext};

const AUTONOMIES: [Autonomy; 3] = [Autonomy::ReadOnly, Autonomy::Workspace, Autonomy::Full];
/// The ability to keep a read-only promise.
const NATIVE_READ_ONLY: &str = "native-read-only";
/// A value of this length is no name of anything.
const TOO_LONG_BYTES: usize = 100_000;

pub(super) fn policy(bench: &Bench<'_>) -> Finding {
    let (mut problems, mut cases) = (Vec::new(), 0);
    for (what, request) in sound_requests(bench) {
        match ask(bench, &request) {
            Answer::Planned(plan) => {
                cases += 1;
                let variables = |name: &str| (name == "HOME").then(|| "/home/user".to_owned());
                let context = PolicyContext { program: &request.program, variables: &variables };
                if let Err(found) = policy::check(*plan, &bench.manifest, &context) {
                    problems.extend(found.iter().map(|violation| format!("{what}: {violation}")));
                }
            }
            Answer::Refused(_) => {}
            Answer::Failed(problem) => problems.push(format!("{what}: {problem}")),
        }
    }
    if cases == 0 && problems.is_empty() {
        return no_plan(bench);
    }
    Finding::of(problems, cases, "plans")
}

/// Requests that are right, whether or not this agent can do what they ask for.
fn sound_requests(bench: &Bench<'_>) -> Vec<(String, Request)> {
    let base = bench.request();
    let mut requests = Vec::new();
    for autonomy in AUTONOMIES {
        let request = Request { autonomy, ..base.clone() };
        let model = bench.manifest.models.first().map_or_else(|| "model-1".to_owned(), |model| model.name.clone());
        requests.push((format!("{autonomy:?}"), request.clone()));
        requests.push((format!("{autonomy:?} with a model"), Request { model: Some(model), ..request.clone() }));
        let session = Some("0199a213-81c0-7800-8aa1-bbab2a035a53".to_owned());
        requests.push((format!("{autonomy:?} with a session"), Request { resume: session, ..request.clone() }));
        for spec in &bench.manifest.options {
            for value in &spec.allowed {
                let option = KeyValue { key: spec.key.clone(), value: value.clone() };
                let what = format!("{autonomy:?} with {}={value}", spec.key);
                requests.push((what, with_option(&request, option)));
            }
        }
    }
    let odd = ["-x", "a b", "a\nb", "ä", "{file:x}"].map(str::to_owned).to_vec();
    requests.push(("context files with odd names".to_owned(), Request { context_files: odd, ..base.clone() }));
    let output_file = Some("/work/answer".to_owned());
    requests.push(("an output file".to_owned(), Request { output_file, budget: true, ..base }));
    requests
}

fn with_option(request: &Request, option: KeyValue) -> Request {
    let mut request = request.clone();
    request.options.retain(|other| other.key != option.key);
    request.options.push(option);
    request
}

pub(super) fn read_only(bench: &Bench<'_>) -> Finding {
    let promised = bench.manifest.has_feature(NATIVE_READ_ONLY);
    let ask_as = |autonomy| ask(bench, &Request { autonomy, ..bench.request() });
    match (ask_as(Autonomy::ReadOnly), ask_as(Autonomy::Full)) {
        (Answer::Failed(problem), _) => Finding::Broken(vec![problem]),
        (Answer::Refused(PlanError::Setup(_)), _) => no_plan(bench),
        (Answer::Refused(error), _) if promised => {
            Finding::Broken(vec![format!("the manifest has {NATIVE_READ_ONLY}, and the plan is refused: {error}")])
        }
        (Answer::Refused(_), _) => Finding::Kept("refused".to_owned()),
        (Answer::Planned(_), _) if !promised => {
            Finding::Broken(vec![format!("it is planned, and the manifest does not have {NATIVE_READ_ONLY}")])
        }
        (Answer::Planned(read_only), Answer::Planned(full)) if read_only == full => {
            Finding::Broken(vec!["it is planned exactly as a run without limits".to_owned()])
        }
        (Answer::Planned(_), _) => Finding::Kept("planned differently".to_owned()),
    }
}

pub(super) fn prompt(bench: &Bench<'_>) -> Finding {
    let (mut problems, mut cases) = (Vec::new(), 0);
    for autonomy in AUTONOMIES {
        let Answer::Planned(plan) = ask(bench, &Request { autonomy, ..bench.request() }) else { continue };
        cases += 1;
        problems.extend(prompt_problem(&plan).map(|problem| format!("{autonomy:?}: {problem}")));
    }
    if cases == 0 { no_plan(bench) } else { Finding::of(problems, cases, "plans") }
}

/// A prompt may begin with a dash: as an argument it needs a `--`, or a flag of its own, before it.
fn prompt_problem(plan: &Plan) -> Option<String> {
    let arguments = plan.args.iter().filter(|arg| **arg == Arg::Prompt).count();
    match (arguments, plan.input == Input::Prompt) {
        (0, false) => return Some("the prompt does not go in".to_owned()),
        (0, true) => return None,
        (1, false) => {}
        _ => return Some("the prompt goes in more than once".to_owned()),
    }
    let at = plan.args.iter().position(|arg| *arg == Arg::Prompt)?;
    let before = at.checked_sub(1).and_then(|before| plan.args.get(before));
    let guards = plan.args[..at].contains(&Arg::Text("--".to_owned()));
    let is_flag = matches!(before, Some(Arg::Text(text)) if text.starts_with('-'));
    (!guards && !is_flag).then(|| "a prompt that begins with a dash would be taken for a flag".to_owned())
}

pub(super) fn values(bench: &Bench<'_>) -> Finding {
    let base = bench.request();
    if !matches!(ask(bench, &base), Answer::Planned(_)) {
        return no_plan(bench);
    }
    let (mut problems, mut cases) = (Vec::new(), 0);
    let mut must_be_refused = |what: String, request: Request| {
        cases += 1;
        match ask(bench, &request) {
            Answer::Refused(_) => {}
            Answer::Planned(_) => problems.push(format!("{what} is planned")),
            Answer::Failed(problem) => problems.push(format!("{what}: {problem}")),
        }
    };
    for (what, value) in hostile_values() {
        must_be_refused(format!("a model {what}"), Request { model: Some(value.clone()), ..base.clone() });
        must_be_refused(format!("a session {what}"), Request { resume: Some(value.clone()), ..base.clone() });
        for spec in &bench.manifest.options {
            let option = KeyValue { key: spec.key.clone(), value: value.clone() };
            must_be_refused(format!("an option {} {what}", spec.key), with_option(&base, option));
        }
    }
    for spec in bench.manifest.options.iter().filter(|spec| !spec.allowed.is_empty()) {
        let option = KeyValue { key: spec.key.clone(), value: "none-of-these".to_owned() };
        must_be_refused(format!("a value of {} that it does not allow", spec.key), with_option(&base, option));
    }
    let unknown = KeyValue { key: "no-such-option".to_owned(), value: "x".to_owned() };
    must_be_refused("an option that it does not have".to_owned(), with_option(&base, unknown));
    Finding::of(problems, cases, "values")
}

fn hostile_values() -> Vec<(&'static str, String)> {
    vec![
        ("that begins with a dash", "-x".to_owned()),
        ("that looks like a flag", "--dangerously-allow=all".to_owned()),
        ("with a line break", "a\nb".to_owned()),
        ("with a NUL", "a\0b".to_owned()),
        ("with a control sequence", "a\u{1b}[31mb".to_owned()),
        ("that is too long", "x".repeat(TOO_LONG_BYTES)),
        ("that is empty", String::new()),
    ]
}

pub(super) fn extra_args(bench: &Bench<'_>) -> Finding {
    let mut request = bench.request();
    let added = ["--aid-one", "two words", "", "--aid-three=ä"].map(str::to_owned);
    request.extra_args.extend(added.clone());
    match ask(bench, &request) {
        Answer::Failed(problem) => Finding::Broken(vec![problem]),
        Answer::Refused(PlanError::Setup(_)) => no_plan(bench),
        Answer::Refused(error) => Finding::Broken(vec![format!("refused: {error}")]),
        Answer::Planned(plan) => {
            let wanted: Vec<Arg> = added.into_iter().map(Arg::Text).collect();
            let found = plan.args.windows(wanted.len()).any(|window| window == wanted);
            let problem = "they are not in the plan, in their order and side by side".to_owned();
            Finding::of(if found { Vec::new() } else { vec![problem] }, 1, "plans")
        }
    }
}

/// What the adapter said to a request.
enum Answer {
    Planned(Box<Plan>),
    Refused(PlanError),
    Failed(String),
}

fn ask(bench: &Bench<'_>, request: &Request) -> Answer {
    match bench.adapter.plan(request) {
        Ok(Ok(plan)) => Answer::Planned(Box::new(plan)),
        Ok(Err(error)) => Answer::Refused(error),
        Err(error) => Answer::Failed(error.to_string()),
    }
}

fn no_plan(bench: &Bench<'_>) -> Finding {
    match ask(bench, &bench.request()) {
        Answer::Refused(PlanError::Setup(what)) => Finding::Unknown(format!("it must be set up first: {what}")),
        Answer::Refused(error) => Finding::Broken(vec![format!("it plans nothing: {error}")]),
        Answer::Failed(problem) => Finding::Broken(vec![problem]),
        Answer::Planned(_) => Finding::Unknown("it plans only runs without limits".to_owned()),
    }
}
