//! What the policy lets a plan be: one rule at a time on a good plan, and the hostile component's own plans.

use aid_core::agent::{Arg, Input, KeyValue, Login, Manifest, Plan, PlanFile};
use aid_engine::adapter::limits::{
    ARG_BYTES_MAX, ARGS_MAX, ARGV_BYTES_MAX, ENV_VALUE_BYTES_MAX, FILE_BYTES_MAX, FILES_MAX, INPUT_BYTES_MAX,
    MANIFEST_LINE_BYTES_MAX,
};
use aid_engine::adapter::manifest;
use aid_engine::adapter::policy::{self, CheckedPlan, PolicyContext, PolicyViolation as V};

use crate::support::{hostile, kv, request};

const PROGRAM: &str = "/usr/bin/hostile-agent";

fn home(name: &str) -> Option<String> {
    (name == "HOME").then(|| "/home/u".to_owned())
}

fn check_as(plan: Plan, manifest: &Manifest, program: &str) -> Result<CheckedPlan, Vec<V>> {
    policy::check(plan, manifest, &PolicyContext { program, variables: &home })
}

fn check(plan: Plan) -> Result<CheckedPlan, Vec<V>> {
    check_as(plan, &good_manifest(), PROGRAM)
}

fn good_manifest() -> Manifest {
    hostile().describe().expect("a manifest")
}

/// What the hostile component plans when it is told `misdeed`.
fn hostile_plan(misdeed: &str) -> Plan {
    let mut request = request();
    request.model = Some(misdeed.to_owned());
    hostile().plan(&request).expect("an answer").expect("a plan")
}

fn good_plan() -> Plan {
    hostile_plan("!none")
}

fn violations(change: impl FnOnce(&mut Plan)) -> Vec<V> {
    let mut plan = good_plan();
    change(&mut plan);
    check(plan).expect_err("a violation")
}

fn text(text: &str) -> Arg {
    Arg::Text(text.to_owned())
}

fn env(name: &str) -> KeyValue {
    kv(name, "1")
}

#[test]
fn a_good_plan_passes_unchanged() {
    let plan = good_plan();
    let checked = check(plan.clone()).expect("no violation");
    assert_eq!(checked.program().to_str(), Some(PROGRAM));
    assert_eq!(checked.args(), [text("--autonomy=workspace"), Arg::Workdir, Arg::OutputFile, Arg::Prompt]);
    assert_eq!(checked.env(), [kv("HOSTILE_MODE", "{file:mode.txt}")]);
    assert_eq!(checked.input(), &Input::Bytes(b"in".to_vec()));
    assert_eq!(checked.prompt_suffix(), Some("suffix"));
    assert_eq!(checked.files(), plan.files);
    assert_eq!(
        checked.make_dirs().iter().map(|dir| dir.to_str().unwrap()).collect::<Vec<_>>(),
        ["/home/u/.hostile/sessions"]
    );
    assert_eq!(checked.ext(), plan.ext);
}

#[test]
fn hostile_plans_are_refused_each_for_its_reason() {
    let of = |misdeed: &str| check(hostile_plan(misdeed)).expect_err(misdeed);
    let program = "bash".to_owned();
    assert_eq!(
        of("!other-program"),
        [V::ForbiddenProgram { program: program.clone() }, V::UndeclaredProgram { program }]
    );
    assert_eq!(of("!ld-preload"), [V::ForbiddenEnv { name: "LD_PRELOAD".to_owned() }]);
    assert_eq!(of("!base-url"), [V::ForbiddenEnv { name: "OPENAI_BASE_URL".to_owned() }]);
    assert_eq!(of("!nul"), [V::Nul { place: "argument 5".to_owned() }]);
    assert_eq!(of("!many-args"), [V::TooMany { what: "arguments", count: 100_000, limit: ARGS_MAX }]);
}

#[test]
fn the_program_is_a_declared_one_or_the_resolved_one() {
    let with = |program: &str| Plan { program: program.to_owned(), ..good_plan() };
    assert_eq!(check(with(PROGRAM)).expect("resolved").program().to_str(), Some(PROGRAM));
    for program in ["other-agent", "/usr/bin/other-agent", "/tmp/hostile-agent", "./hostile-agent", ""] {
        let violation = V::UndeclaredProgram { program: program.to_owned() };
        assert_eq!(check(with(program)).expect_err(program), [violation]);
    }
}

#[test]
fn no_declaration_makes_a_shell_a_program() {
    let mut manifest = good_manifest();
    for program in ["sh", "python3.12", "env", "sudo"] {
        manifest.programs = vec![program.to_owned()];
        let plan = Plan { program: program.to_owned(), ..good_plan() };
        let resolved = format!("/usr/bin/{program}");
        let violation = V::ForbiddenProgram { program: program.to_owned() };
        assert_eq!(check_as(plan, &manifest, &resolved).expect_err(program), [violation]);
    }
    let violation = V::ForbiddenProgram { program: "/bin/dash".to_owned() };
    assert_eq!(check_as(good_plan(), &good_manifest(), "/bin/dash").expect_err("resolved to a shell"), [violation]);
}

#[test]
fn variables_are_declared_allowed_and_well_formed() {
    let name = |name: &str| name.to_owned();
    assert_eq!(violations(|plan| plan.env.push(env("OTHER"))), [V::UndeclaredEnv { name: name("OTHER") }]);
    assert_eq!(violations(|plan| plan.env.push(env("PATH"))), [V::ForbiddenEnv { name: name("PATH") }]);
    assert_eq!(
        violations(|plan| plan.env.push(env("HOSTILE_MODE"))),
        [V::Twice { what: name("variable HOSTILE_MODE") }]
    );
    for bad in ["", "1A", "A-B", "A=B", "A B", "É", "A\0"] {
        let found = violations(|plan| plan.env.push(env(bad)));
        assert!(matches!(found.as_slice(), [V::BadEnvName { .. }]), "{bad:?}: {found:?}");
    }
    assert_eq!(
        violations(|plan| plan.env[0].value = "a\0".to_owned()),
        [V::Nul { place: name("variable HOSTILE_MODE") }]
    );
}

#[test]
fn sizes_are_capped_exactly_at_their_limits() {
    let large = |what: &str, bytes, limit| V::TooLarge { what: what.to_owned(), bytes, limit };
    let with = |change: &dyn Fn(&mut Plan)| {
        let mut plan = good_plan();
        change(&mut plan);
        check(plan).err().unwrap_or_default()
    };
    let arg = |bytes: usize| move |plan: &mut Plan| plan.args.push(text(&"x".repeat(bytes)));
    assert_eq!(with(&arg(ARG_BYTES_MAX)), []);
    assert_eq!(with(&arg(ARG_BYTES_MAX + 1)), [large("argument 5", ARG_BYTES_MAX + 1, ARG_BYTES_MAX)]);
    let args = |count: usize| move |plan: &mut Plan| plan.args = vec![text("x"); count];
    assert_eq!(with(&args(ARGS_MAX)), []);
    assert_eq!(with(&args(ARGS_MAX + 1)), [V::TooMany { what: "arguments", count: ARGS_MAX + 1, limit: ARGS_MAX }]);
    let all = ARGV_BYTES_MAX / ARG_BYTES_MAX + 1;
    let found = with(&|plan| plan.args = vec![text(&"x".repeat(ARG_BYTES_MAX)); all]);
    assert!(matches!(found.as_slice(), [V::TooLarge { what, .. }] if what == "command line"), "{found:?}");
    let value = |bytes: usize| move |plan: &mut Plan| plan.env[0].value = "x".repeat(bytes);
    assert_eq!(with(&value(ENV_VALUE_BYTES_MAX)), []);
    assert_eq!(with(&value(ENV_VALUE_BYTES_MAX + 1)).len(), 1);
    let input = |bytes: usize| move |plan: &mut Plan| plan.input = Input::Bytes(vec![0; bytes]);
    assert_eq!(with(&input(INPUT_BYTES_MAX)), [], "NUL is fine on stdin");
    assert_eq!(with(&input(INPUT_BYTES_MAX + 1)), [large("input", INPUT_BYTES_MAX + 1, INPUT_BYTES_MAX)]);
    let file = |bytes: usize| move |plan: &mut Plan| plan.files[0].content = vec![0; bytes];
    assert_eq!(with(&file(FILE_BYTES_MAX)), []);
    assert_eq!(with(&file(FILE_BYTES_MAX + 1)), [large("file mode.txt", FILE_BYTES_MAX + 1, FILE_BYTES_MAX)]);
}

#[test]
fn files_are_few_and_plainly_named() {
    let file = |name: &str| PlanFile { name: name.to_owned(), content: Vec::new() };
    let long = "x".repeat(65);
    for name in ["", ".", "..", ".hidden", "a/b", "/a", "a\\b", "a b", "a\0", "é", &long] {
        let found = violations(|plan| plan.files.push(file(name)));
        assert!(matches!(found.as_slice(), [V::BadFileName { .. }]), "{name:?}: {found:?}");
    }
    assert_eq!(violations(|plan| plan.files.push(file("mode.txt"))), [V::Twice { what: "file mode.txt".to_owned() }]);
    let found = violations(|plan| plan.files.extend((0..FILES_MAX).map(|index| file(&format!("f{index}")))));
    assert_eq!(found, [V::TooMany { what: "files", count: FILES_MAX + 1, limit: FILES_MAX }]);
}

#[test]
fn a_reference_names_a_file_of_the_plan() {
    let unknown = |place: &str, name: &str| V::UnknownFile { place: place.to_owned(), name: name.to_owned() };
    assert_eq!(
        violations(|plan| plan.args.push(text("--a={file:mode.txt},{file:../x}"))),
        [unknown("argument 5", "../x")]
    );
    assert_eq!(violations(|plan| plan.files.clear()), [unknown("variable HOSTILE_MODE", "mode.txt")]);
}

#[test]
fn directories_are_made_below_the_state_directories_alone() {
    for dir in
        ["~", "/tmp/x", "~/.other", "~/.hostile/../.ssh", "~/.hostile-not", "$HOME/.other", "x", "~/.hostile/", ""]
    {
        let violation = V::ForeignDir { dir: dir.to_owned() };
        assert_eq!(violations(|plan| plan.make_dirs.push(dir.to_owned())), [violation]);
    }
    assert_eq!(
        violations(|plan| plan.make_dirs.push("~/.hostile/\0".to_owned())),
        [V::Nul { place: "directory".to_owned() }]
    );
    let mut manifest = good_manifest();
    manifest.env.push("HOSTILE_HOME".to_owned());
    manifest.state_dirs.push("$HOSTILE_HOME".to_owned());
    let plan = Plan { make_dirs: vec!["$HOSTILE_HOME/a".to_owned(), "~/.hostile".to_owned()], ..good_plan() };
    let checked = check_as(plan.clone(), &manifest, PROGRAM).expect("no violation");
    assert_eq!(checked.make_dirs().len(), 1, "the variable is unset, so the directory is not needed");
    let set = |name: &str| Some(if name == "HOME" { "/home/u" } else { "/data/h" }.to_owned());
    let context = PolicyContext { program: PROGRAM, variables: &set };
    let checked = policy::check(plan, &manifest, &context).expect("no violation");
    assert_eq!(checked.make_dirs()[0].to_str(), Some("/data/h/a"));
}

#[test]
fn a_variable_cannot_turn_a_state_directory_into_a_home() {
    let mut manifest = good_manifest();
    manifest.state_dirs.push("$HOSTILE_HOME".to_owned());
    for whole in ["/home/u", "/home", "/"] {
        let set = |name: &str| Some(if name == "HOME" { "/home/u" } else { whole }.to_owned());
        assert_eq!(policy::state_dirs(&manifest, &set), [std::path::Path::new("/home/u/.hostile")], "{whole}");
    }
}

#[test]
fn all_violations_come_at_once() {
    let found = violations(|plan| {
        plan.program = "sh".to_owned();
        plan.args.push(text("\0"));
        plan.env.push(env("LD_PRELOAD"));
        plan.files.push(PlanFile { name: "../x".to_owned(), content: Vec::new() });
        plan.make_dirs.push("/etc".to_owned());
    });
    assert_eq!(found.len(), 6, "{found:?}");
}

fn manifest_problems(change: impl FnOnce(&mut Manifest)) -> Vec<String> {
    let mut manifest = good_manifest();
    // Its rules rest on those of other fields.
    manifest.login = Login::default();
    change(&mut manifest);
    manifest::check(&manifest).expect_err("a problem").into_iter().map(|problem| problem.field).collect()
}

#[test]
fn manifests_keep_the_rules() {
    let set = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    for id in ["", "A", "1a", "a_b", "é", &"a".repeat(33)] {
        assert_eq!(manifest_problems(|m| m.id = id.to_owned()), ["id"], "{id:?}");
    }
    for program in ["a/b", "..", "-x", "", "bash", "node", "a b"] {
        assert_eq!(manifest_problems(|m| m.programs = set(&[program])), ["programs[0]"], "{program:?}");
    }
    assert_eq!(manifest_problems(|m| m.programs.clear()), ["programs"]);
    for signal in ["SIGKILL", "INT", ""] {
        assert_eq!(manifest_problems(|m| m.stop_signal = signal.to_owned()), ["stop-signal"]);
    }
    assert_eq!(manifest_problems(|m| m.scores[0].value = 11), ["scores[0]"]);
    assert_eq!(manifest_problems(|m| m.scores[1].category = m.scores[0].category), ["scores[1]"]);
    assert_eq!(manifest_problems(|m| m.env = set(&["A", "B C"])), ["env[1]"]);
    assert_eq!(manifest_problems(|m| m.name = "a\u{1b}[31m".to_owned()), ["name"]);
    assert_eq!(manifest_problems(|m| m.homepage = "x".repeat(MANIFEST_LINE_BYTES_MAX + 1)), ["homepage"]);
    assert_eq!(manifest_problems(|m| m.models = vec![m.models[0].clone(); 1025]), ["models"]);
    for dir in ["/etc", "~", "~/", "~/..", "~/a/../..", "$HOME", "$XDG_CONFIG_HOME", "$UNDECLARED", "a", "~root", "$"] {
        assert_eq!(manifest_problems(|m| m.state_dirs = set(&[dir])), ["state-dirs[0]"], "{dir:?}");
    }
    let login = |env: &[&str], files: &[&str]| Login { env: set(env), files: set(files), args: Vec::new() };
    assert_eq!(manifest_problems(|m| m.login = login(&["HOSTILE_MODE", "OTHER"], &[])), ["login.env[1]"]);
    for file in ["~/.ssh/id", "~/.hostile", "~/.hostile/../x", "~/.hostile2/x"] {
        assert_eq!(
            manifest_problems(|m| m.login = login(&[], &["~/.hostile/login", file])),
            ["login.files[1]"],
            "{file}"
        );
    }
    let mut good = good_manifest();
    good.login = Login::default();
    good.state_dirs = set(&["$HOSTILE_MODE", "$XDG_CONFIG_HOME/hostile", "~/.config/hostile/deep"]);
    assert_eq!(manifest::check(&good), Ok(()));
}
