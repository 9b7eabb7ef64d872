//! Owns who OB-1 is, as far as it is known. Must not decide anything, nor say what nobody has seen.

use aid_adapter_kit::{Category, Login, Manifest, OptionSpec, Score, Tier};

/// The one rule of success there is for output without marks.
pub const EXIT_ZERO: &str = "exit-zero";

const SCORES: [(Category, u8); 8] = [
    (Category::Research, 5),
    (Category::SimpleEdit, 3),
    (Category::ComplexImpl, 5),
    (Category::Frontend, 3),
    (Category::Debugging, 4),
    (Category::Testing, 4),
    (Category::Refactoring, 4),
    (Category::Documentation, 3),
];

/// The manifest. No models, variables, directories or versions: none of them is publicly known.
pub fn manifest() -> Manifest {
    Manifest {
        id: "ob1".into(),
        name: "OB-1".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        homepage: "https://openblocklabs.com".into(),
        install_hint: "OB-1 is in early access: ask for it at openblocklabs.com, then tell aid how it is run under \
                       [agents.ob1] in config.toml (program, and the options args and success)"
            .into(),
        programs: vec!["ob1".into()],
        // Other programs have this name too, and nothing is known by which this one could be told from them: without a
        // marker only the path that the user has set is taken.
        identity_args: Vec::new(),
        identity_marker: String::new(),
        tested_versions: "none: how it is run is the user's to say".into(),
        scores: SCORES.map(|(category, value)| Score { category, value }).to_vec(),
        cost_class: Tier::Standard,
        prefers_complex: false,
        models: Vec::new(),
        default_skill: None,
        env: Vec::new(),
        state_dirs: Vec::new(),
        login: Login { env: Vec::new(), files: Vec::new(), args: Vec::new() },
        features: vec!["exit-is-success".into()],
        options: options(),
        stop_signal: "SIGTERM".into(),
        ext: Vec::new(),
    }
}

fn options() -> Vec<OptionSpec> {
    let option = |key: &str, help: &str, allowed: &[&str], required: bool| OptionSpec {
        key: key.into(),
        help: help.into(),
        allowed: allowed.iter().map(ToString::to_string).collect(),
        required,
    };
    vec![
        option(
            "args",
            "all its arguments, in one text. Words are split at blanks; 'x y' and \"x y\" are one word, and \\ takes the \
             next character as it is, also inside \"…\". {workdir} and {model} are replaced. A word {prompt} becomes \
             the prompt, which begins with dashes; without it the prompt comes on stdin",
            &[],
            true,
        ),
        option(
            "success",
            "exit-zero: you say that this program ends with exit code 0 if and only if it did its work, and that its \
             stdout is the answer",
            &[EXIT_ZERO],
            true,
        ),
        option(
            "read-only-args",
            "like args, for tasks that may not write; without it there are no such tasks",
            &[],
            false,
        ),
        option("output", "what its stdout is: text, the only kind that is read", &["text"], false),
    ]
}
