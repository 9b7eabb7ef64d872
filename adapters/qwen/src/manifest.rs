//! Owns who qwen is. Must not decide anything: these are facts and scores.

use aid_adapter_kit::{Category, Login, Manifest, OptionSpec, Score, Tier};

/// Directories that hold qwen's login, settings and sessions. `QWEN_HOME` replaces the second one.
pub const STATE_DIRS: [&str; 2] = ["$QWEN_HOME", "~/.qwen"];

/// Who answers: the protocols and logins that `--auth-type` knows.
pub const AUTH_TYPES: [&str; 5] = ["openai", "anthropic", "qwen-oauth", "gemini", "vertex-ai"];

/// A first estimate, to be replaced by measured success: a general worker at a low price, whose strength depends on the
/// model behind it.
const SCORES: [(Category, u8); 8] = [
    (Category::Research, 3),
    (Category::SimpleEdit, 6),
    (Category::ComplexImpl, 5),
    (Category::Frontend, 4),
    (Category::Debugging, 4),
    (Category::Testing, 5),
    (Category::Refactoring, 4),
    (Category::Documentation, 5),
];

/// Names qwen itself reads. The servers' addresses (`OPENAI_BASE_URL`) are the user's to declare: they say who gets the
/// key.
const ENV: [&str; 14] = [
    "OPENAI_API_KEY",
    "OPENAI_MODEL",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_MODEL",
    "GEMINI_API_KEY",
    "GEMINI_MODEL",
    "GOOGLE_API_KEY",
    "GOOGLE_MODEL",
    "DASHSCOPE_API_KEY",
    "QWEN_HOME",
    "QWEN_OAUTH",
    "QWEN_CODE_MAX_OUTPUT_TOKENS",
    "QWEN_CODE_API_TIMEOUT_MS",
    "QWEN_CODE_SYSTEM_DEFAULTS_PATH",
];

/// The manifest.
pub fn manifest() -> Manifest {
    let strings = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    Manifest {
        id: "qwen".into(),
        name: "Qwen Code".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        homepage: "https://github.com/QwenLM/qwen-code".into(),
        install_hint: "npm install --global @qwen-code/qwen-code, then qwen auth".into(),
        programs: strings(&["qwen"]),
        // `--version` is a bare number and proves nothing; the help's third line begins with the name.
        identity_args: strings(&["--help"]),
        identity_marker: "Qwen Code - ".into(),
        tested_versions: "0.15.10".into(),
        scores: SCORES.map(|(category, value)| Score { category, value }).to_vec(),
        cost_class: Tier::Cheap,
        prefers_complex: false,
        // They belong to whoever answers, which is the user's choice.
        models: Vec::new(),
        default_skill: Some("implementer".into()),
        env: strings(&ENV),
        state_dirs: strings(&STATE_DIRS),
        login: Login {
            env: strings(&[
                "OPENAI_API_KEY",
                "ANTHROPIC_API_KEY",
                "GEMINI_API_KEY",
                "GOOGLE_API_KEY",
                "DASHSCOPE_API_KEY",
            ]),
            files: strings(&["$QWEN_HOME/oauth_creds.json", "~/.qwen/oauth_creds.json"]),
            args: Vec::new(),
        },
        features: strings(&["resume", "native-read-only"]),
        options: options(),
        // The launcher dies of it at once; the process behind it, which gets it too, ends the model's commands first.
        stop_signal: "SIGTERM".into(),
        ext: Vec::new(),
    }
}

fn options() -> Vec<OptionSpec> {
    let option = |key: &str, help: &str, allowed: &[&str]| OptionSpec {
        key: key.into(),
        help: help.into(),
        allowed: allowed.iter().map(ToString::to_string).collect(),
        required: false,
    };
    vec![
        option("auth-type", "who answers; without it qwen's own settings say so", &AUTH_TYPES),
        option("add-dir", "one more directory that may be used", &[]),
    ]
}
