//! The user's own agents: files that are right, with what the component is told about them; files that are wrong; forks
//! there and back; and how both lie over a manifest.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use aid_core::agent::{Category, Login, Manifest, Model, OptionSpec, Score, Tier};
use aid_core::user_agent::definition::Definition;
use aid_core::user_agent::overlay::overlay;
use aid_core::user_agent::{Fork, Programs, UserAgent, WholeAgent, parse};
use proptest::prelude::*;
use serde_json::Value;

const BUILTIN: [&str; 2] = ["codex", "gemini"];
const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../adapters/custom")
}

/// Compares with a file that the other side reads too; `UPDATE_EXPECT=1` rewrites it.
fn check_file(path: &Path, actual: &Value) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(path, serde_json::to_string_pretty(actual).expect("JSON") + "\n").expect("a writable file");
    }
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let expected: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(*actual, expected, "{}: UPDATE_EXPECT=1 rewrites it", path.display());
}

fn sample(name: &str) -> WholeAgent {
    let path = directory().join(format!("agents/{name}.toml"));
    let text = fs::read_to_string(&path).expect("a sample");
    match parse(&text, &BUILTIN) {
        Ok(UserAgent::Whole(whole)) => *whole,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn the_samples_give_what_the_component_reads() {
    for name in ["claude", "qwen", "copilot", "crush"] {
        let definition: Value = serde_json::from_str(&sample(name).definition.to_json()).expect("JSON");
        check_file(&directory().join(format!("agents/{name}.definition.json")), &definition);
    }
}

#[test]
fn the_schema_is_the_shape() {
    let schema = serde_json::to_value(schemars::schema_for!(Definition)).expect("JSON");
    check_file(&directory().join("definition.schema.json"), &schema);
}

#[test]
fn a_whole_agent_has_what_its_file_says() {
    let claude = sample("claude");
    assert_eq!(claude.programs, Programs::Names(vec!["claude".to_owned()]));
    assert_eq!(claude.cost_class, Tier::Premium);
    assert_eq!(claude.scores.len(), 3);
    let price = claude.models[0].price.expect("a price");
    assert_eq!(
        (price.input, price.cached_input, price.cache_write, price.output),
        (3_000_000, 300_000, Some(3_750_000), 15_000_000)
    );
    let crush = sample("crush");
    assert_eq!(crush.programs, Programs::Path("/usr/local/bin/crush".to_owned()));
    assert_eq!(crush.name, "crush");
}

/// A file that is right, with lines after its tables.
fn whole(agent: &str, command: &str, output: &str, success: &str) -> String {
    format!(
        "[agent]\nid = \"mine\"\nprogram = \"mine\"\n{agent}\n[agent.command]\n{command}\n[agent.output]\n\
         format = \"jsonl\"\n[[agent.output.rule]]\nwhen = {{ type = \"m\" }}\nevent = \"message\"\ntext = \"t\"\n{output}\n\
         [agent.success]\nrule = \"mark\"\nwhen = {{ type = \"done\" }}\n{success}\n"
    )
}

fn problems(text: &str) -> Vec<String> {
    match parse(text, &BUILTIN) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    assert_eq!(problems(&whole("", "", "", "")), [""; 0]);
    let cases = [
        ("", "line 1, column 1: the file defines no agent: it needs [agent] or [fork]"),
        ("[agnet]\n", "line 1, column 2: the file has no key `agnet`; did you mean `agent`?"),
        (&whole("enw = []", "", "", ""), "line 4, column 1: [agent] has no key `enw`; did you mean `env`?"),
        (&whole("cost_class = \"chaep\"", "", "", ""), "did you mean `cheap`?"),
        (&whole("env = [\"A=1\"]", "", "", ""), "a name is meant, never a value"),
        (
            &whole("env = \"A\"", "", "", ""),
            "line 4, column 7: `env` must be a list of texts, and is of the type string",
        ),
        (&whole("state_dirs = [\"~\"]", "", "", ""), "is no directory of the agent's own"),
        (&whole("state_dirs = [\"~/../x\"]", "", "", ""), "is no directory of the agent's own"),
        (&whole("state_dirs = [\"/etc\"]", "", "", ""), "is no directory of the agent's own"),
        (&whole("stop_signal = \"SIGKILL\"", "", "", ""), "use SIGINT, SIGTERM, SIGHUP"),
        (&whole("scores = { research = 11 }", "", "", ""), "a score is a whole number from 0 to 10"),
        (&whole("scores = { reserch = 1 }", "", "", ""), "did you mean `research`?"),
        (&whole("model = [{ name = \"m\", input = 1 }]", "", "", ""), "a price needs `input` and `output`"),
        (&whole("model = [{ name = \"m\", input = -1, output = 1 }]", "", "", ""), "`input` is out of range"),
        (&whole("login = { env = [\"K\"] }", "", "", ""), "must stand in `env` of [agent] too"),
        (&whole("", "model_flag = \"model\"", "", ""), "`model_flag` must be one flag"),
        (&whole("", "model_flag = \"--\"", "", ""), "`model_flag` must be one flag"),
        (&whole("", "args = [\"{file:x}\"]", "", ""), "stands for a file of the plan"),
        (&whole("", "args = [\"a\\u0000\"]", "", ""), "has a NUL"),
        (&whole("", "prompt = \"flag\"", "", ""), "[agent.command] needs `prompt_flag`"),
        (&whole("", "prompt = \"flag\"\nprompt_flag = \"-p=\"", "", ""), "cannot end with `=`"),
        (&whole("", "guard = true", "", ""), "`guard` is for `prompt = \"arg\"`"),
        (&whole("", "env = { A-B = \"x\" }", "", ""), "is no name of a variable"),
        (&whole("", "", "each = \"a..b\"", ""), "is no path"),
        (&whole("", "", "where = { x = 1 }", ""), "`where` is about the elements of `each`"),
        (&whole("", "", "[[agent.output.rule]]\nevent = \"begin\"", ""), "needs `when`"),
        (
            &whole("", "", "[[agent.output.rule]]\nwhen = { a = 1 }\nevent = \"masage\"", ""),
            "`event` cannot be \"masage\"",
        ),
        (&whole("", "", "[[agent.output.rule]]\nwhen = { a = 1.5 }\nevent = \"begin\"", ""), "this is no condition"),
        (
            &whole("", "", "[[agent.output.rule]]\nwhen = { a = { abov = 1 } }\nevent = \"begin\"", ""),
            "this is no condition",
        ),
        (
            &whole(
                "",
                "",
                "[[agent.output.rule]]\nwhen = { a = 1 }\nevent = \"failure\"\nclasses = { x = \"auht\" }\ncode = \"c\"",
                "",
            ),
            "did you mean `auth`?",
        ),
        (&whole("", "", "text2 = \"x\"", ""), "[agent.output.rule] has no key `text2`"),
        (&whole("", "", "", "[agent.usage]\nwhen = { a = 1 }\ninput = \"i\""), "[agent.usage] needs `counts`"),
        (
            &whole(
                "",
                "",
                "",
                "[agent.usage]\nwhen = { a = 1 }\ncounts = \"run\"\ninput = \"i\"\ncached_input = \"c\"",
            ),
            "needs `input_includes_cached`",
        ),
        (&whole("", "", "", "[agent.identity]\nargs = [\"-v\"]"), "[agent.identity] needs `marker`"),
        ("[agent\n", "line 1"),
    ];
    for (text, expected) in cases {
        let found = problems(text);
        assert!(found.iter().any(|problem| problem.contains(expected)), "{expected}\nin {found:#?}\nof {text}");
    }
}

#[test]
fn a_success_rule_must_be_one() {
    let with = |output: &str, success: &str| {
        format!("[agent]\nid = \"mine\"\nprogram = \"mine\"\n[agent.output]\n{output}\n[agent.success]\n{success}\n")
    };
    let text = "format = \"text\"";
    assert_eq!(problems(&with(text, "rule = \"exit-zero\"")), [""; 0]);
    for (output, success, expected) in [
        (text, "", "[agent.success] needs `rule`"),
        (text, "rule = \"mark\"\nwhen = { type = \"x\" }", "text has no success mark"),
        (text, "rule = \"last-line\"", "use mark, exit-zero"),
        (text, "rule = \"exit-zero\"\nwhen = { a = 1 }", "`when` is for `rule = \"mark\"`"),
        ("format = \"text\"\nanswer = \"all\"", "rule = \"exit-zero\"", "`answer` is for `format = \"jsonl\"`"),
        ("format = \"jsonl\"", "rule = \"exit-zero\"", "no rule says what the answer is"),
        (
            "format = \"jsonl\"\nrule = [{ when = { a = 1 }, event = \"delta\", text = \"t\" }]",
            "rule = \"exit-zero\"",
            "set `answer = \"all\"`",
        ),
        (
            "format = \"jsonl\"\nrule = [{ when = { a = 1 }, event = \"message\", text = \"t\" }]",
            "rule = \"mark\"\nwhen = { a = { empty = true } }",
            "a success mark needs a value that is exactly so",
        ),
    ] {
        let found = problems(&with(output, success));
        assert!(found.iter().any(|problem| problem.contains(expected)), "{expected}\nin {found:#?}");
    }
}

#[test]
fn all_problems_are_said_at_once_from_top_to_bottom() {
    let text = "[agent]\nid = \"codex\"\nprogram = \"./x\"\nenw = 1\nextra = 1\n[agent.command]\nmodel_flag = 3\n";
    let error = parse(text, &BUILTIN).expect_err("wrong");
    let lines: Vec<usize> = error.problems.iter().map(|problem| problem.line).collect();
    assert!(lines.is_sorted(), "{lines:?}");
    for expected in [
        "codex ships with aid",
        "\"./x\" is neither",
        "no key `enw`",
        "no key `extra`",
        "`model_flag` must be a text",
        "[agent] needs `output`",
        "[agent] needs `success`",
    ] {
        assert!(error.to_string().contains(expected), "{expected} in\n{error}");
    }
}

#[test]
fn names_are_checked() {
    let fork = |id: &str| format!("[fork]\nid = {id:?}\nbase = \"codex\"\ndigest = \"{DIGEST}\"\n");
    for id in ["a", "codex-fast", "a2"] {
        assert_eq!(problems(&fork(id)), [""; 0], "{id}");
    }
    for id in ["", "A", "2a", "-a", "a_b", "a.b", "../a", "codex", "auto", "custom", &"a".repeat(33)] {
        assert_eq!(problems(&fork(id)).len(), 1, "{id}");
    }
    let both = format!("{}\n[agent]\nid = \"x\"\n", fork("x"));
    assert!(problems(&both).iter().any(|problem| problem.contains("either [agent] or [fork]")));
}

#[test]
fn a_fork_says_what_is_wrong_with_it() {
    for (text, expected) in [
        ("[fork]\nid = \"x\"\n", "[fork] needs `base`"),
        ("[fork]\nid = \"x\"\nbase = \"codex\"\n", "[fork] needs `digest`"),
        ("[fork]\nid = \"x\"\nbase = \"x\"\n", "a fork cannot be its own base"),
        ("[fork]\nid = \"x\"\nbase = \"custom\"\n", "is no agent that can be forked"),
        ("[fork]\ndigest = \"12\"\n", "64 lowercase hex digits"),
        ("[fork]\noptions = { a = [1] }\n", "`a` must be a text, an integer, or true or false"),
        ("[fork]\noptions = { \"a b\" = 1 }\n", "cannot be the name of an option"),
        ("[fork]\narg = []\n", "did you mean `args`?"),
    ] {
        let found = problems(text);
        assert!(found.iter().any(|problem| problem.contains(expected)), "{expected}\nin {found:#?}");
    }
}

fn any_fork() -> impl Strategy<Value = Fork> {
    let line = "[ -~äß→]{0,20}[!-~]";
    let arg = "[ -~\n\täß→\"']{0,20}";
    let score = (0..8_usize, 0..=10_u8);
    (
        "[a-z][a-z0-9-]{0,10}",
        proptest::option::of(line),
        proptest::option::of(line),
        proptest::collection::vec(arg, 0..4),
        proptest::collection::btree_map("[a-z][a-z0-9_-]{0,8}", "[ -~äß→\"']{0,20}", 0..4),
        proptest::collection::btree_set("[A-Z_][A-Z0-9_]{0,8}", 0..4),
        proptest::collection::vec(score, 0..4),
        proptest::option::of(0..4_usize),
    )
        .prop_map(|(id, name, model, args, options, env, scores, tier)| Fork {
            id: format!("f{id}"),
            name,
            base: "gemini".to_owned(),
            digest: DIGEST.to_owned(),
            model,
            args: args.into_iter().filter(|arg| !arg.contains("{file:")).collect(),
            options,
            env: env.into_iter().collect(),
            scores: scores.into_iter().map(|(category, value)| (CATEGORIES[category], value)).collect(),
            cost_class: tier.map(|tier| [Tier::Free, Tier::Cheap, Tier::Standard, Tier::Premium][tier]),
        })
}

const CATEGORIES: [Category; 8] = [
    Category::Research,
    Category::SimpleEdit,
    Category::ComplexImpl,
    Category::Frontend,
    Category::Debugging,
    Category::Testing,
    Category::Refactoring,
    Category::Documentation,
];

proptest! {
    #[test]
    fn a_fork_survives_its_file(fork in any_fork()) {
        let text = fork.to_toml();
        let read = parse(&text, &BUILTIN).unwrap_or_else(|error| panic!("{error}\nof {text}"));
        prop_assert_eq!(read, UserAgent::Fork(Box::new(fork)), "{}", text);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "([a-z]{0,8}|\\[\\[?agent(\\.[a-z]{1,8})?\\]\\]?|= |\"|\n|\\{|\\}|[0-9]|ä){0,40}") {
        let _ = parse(&text, &BUILTIN);
    }
}

#[test]
fn no_damage_to_a_sample_makes_the_reader_panic() {
    let text = fs::read_to_string(directory().join("agents/claude.toml")).expect("a sample");
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    for at in ends {
        let _ = parse(&text[..at], &BUILTIN);
        let _ = parse(&text[at..], &BUILTIN);
    }
}

fn base() -> Manifest {
    Manifest {
        id: "codex".to_owned(),
        name: "Codex".to_owned(),
        version: "1.0.0".to_owned(),
        homepage: "https://example.invalid".to_owned(),
        install_hint: "install it".to_owned(),
        programs: vec!["codex".to_owned()],
        identity_args: vec!["--version".to_owned()],
        identity_marker: "codex ".to_owned(),
        tested_versions: "1".to_owned(),
        scores: vec![Score { category: Category::Testing, value: 7 }],
        cost_class: Tier::Standard,
        prefers_complex: true,
        models: vec![Model { name: "m".to_owned(), tier: Tier::Standard, price: None }],
        default_skill: None,
        env: vec!["A".to_owned()],
        state_dirs: vec!["~/.codex".to_owned()],
        login: Login::default(),
        features: vec!["resume".to_owned()],
        options: vec![OptionSpec { key: "k".to_owned(), help: String::new(), allowed: Vec::new(), required: true }],
        stop_signal: "SIGINT".to_owned(),
        ext: Vec::new(),
    }
}

#[test]
fn a_fork_changes_only_what_it_names() {
    let fork = UserAgent::Fork(Box::new(Fork {
        id: "fast".to_owned(),
        name: None,
        base: "codex".to_owned(),
        digest: DIGEST.to_owned(),
        model: Some("m-2".to_owned()),
        args: vec!["--x".to_owned()],
        options: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
        env: vec!["B".to_owned(), "A".to_owned()],
        scores: BTreeMap::from([(Category::Testing, 1), (Category::Research, 2)]),
        cost_class: Some(Tier::Cheap),
    }));
    let over = overlay(&base(), &fork);
    assert_eq!(over.id, "fast");
    assert_eq!(over.env, ["A", "B"]);
    assert_eq!(over.scores.iter().map(|score| score.value).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(over.cost_class, Tier::Cheap);
    let untouched = Manifest {
        id: base().id,
        name: base().name,
        env: base().env,
        scores: base().scores,
        cost_class: base().cost_class,
        ..over
    };
    assert_eq!(untouched, base());
    let parts = fork.request_parts();
    assert_eq!((parts.model.as_deref(), parts.extra_args.as_slice()), (Some("m-2"), &["--x".to_owned()][..]));
    assert_eq!((parts.options[0].key.as_str(), parts.options[0].value.as_str()), ("k", "v"));
}

#[test]
fn a_whole_agent_is_nobody_but_itself() {
    let over = overlay(&base(), &UserAgent::Whole(Box::new(sample("claude"))));
    assert_eq!((over.id.as_str(), over.version.as_str()), ("claude", "1.0.0"));
    assert_eq!(over.programs, ["claude"]);
    assert_eq!(over.identity_marker, "", "the base's own says nothing about this program");
    assert!(over.options.is_empty(), "the definition is no option of the user's");
    assert_eq!(over.features, ["resume", "native-read-only"]);
    // What a plan sets must be declared.
    assert!(over.env.contains(&"DISABLE_AUTOUPDATER".to_owned()), "{:?}", over.env);
    let crush = UserAgent::Whole(Box::new(sample("crush")));
    let over = overlay(&base(), &crush);
    assert_eq!(over.features, ["resume", "exit-is-success"]);
    assert_eq!(over.programs, ["crush"]);
    let parts = crush.request_parts();
    assert_eq!(parts.options.len(), 1);
    assert_eq!(parts.options[0].key, "definition");
    assert!(parts.options[0].value.starts_with("{\"v\":1,"), "{}", parts.options[0].value);
    assert_eq!((parts.model, parts.extra_args.len()), (None, 0));
}
