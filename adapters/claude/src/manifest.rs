//! Owns who claude is. Must not decide anything: these are facts and scores.

use aid_adapter_kit::{Category, Login, Manifest, Model, OptionSpec, Score, Tier};

/// Directories that hold claude's login, settings and sessions. `CLAUDE_CONFIG_DIR` replaces the second one, and beside
/// that one there is a file, `~/.claude.json`, which is no directory and so not named here.
pub const STATE_DIRS: [&str; 3] = ["$CLAUDE_CONFIG_DIR", "~/.claude", "~/.cache/claude-cli-nodejs"];

/// How hard the model thinks, as `--effort` has it.
pub const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];

/// A first estimate, to be replaced by measured success: it writes and changes code as well as the best, and costs most.
const SCORES: [(Category, u8); 8] = [
    (Category::Research, 6),
    (Category::SimpleEdit, 5),
    (Category::ComplexImpl, 9),
    (Category::Frontend, 8),
    (Category::Debugging, 8),
    (Category::Testing, 7),
    (Category::Refactoring, 8),
    (Category::Documentation, 7),
];

/// The aliases that version 2.1.197's own help names, each the latest model of its line; the first is for the hardest
/// work. No prices: claude says itself what a run cost.
const MODELS: [(&str, Tier); 3] = [("opus", Tier::Premium), ("fable", Tier::Premium), ("sonnet", Tier::Standard)];

/// Names claude itself reads. `ANTHROPIC_BASE_URL` and the providers' endpoints are the user's to declare: they say who
/// gets the key.
const ENV: [&str; 15] = [
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CONFIG_DIR",
    "IS_SANDBOX",
    "DISABLE_AUTOUPDATER",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    "CLAUDE_CODE_MAX_OUTPUT_TOKENS",
    "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL",
    "BASH_DEFAULT_TIMEOUT_MS",
    "BASH_MAX_TIMEOUT_MS",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
];

/// The manifest.
pub fn manifest() -> Manifest {
    let strings = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    Manifest {
        id: "claude".into(),
        name: "Claude Code".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        homepage: "https://claude.com/claude-code".into(),
        install_hint: "npm install --global @anthropic-ai/claude-code, then claude auth login or ANTHROPIC_API_KEY"
            .into(),
        programs: strings(&["claude"]),
        // The version stands before the name ("2.1.197 (Claude Code)"), so `--version` has no marker to begin with. The
        // help's second line begins with the name.
        identity_args: strings(&["--help"]),
        identity_marker: "Claude Code - ".into(),
        tested_versions: "2.1.197".into(),
        scores: SCORES.map(|(category, value)| Score { category, value }).to_vec(),
        cost_class: Tier::Premium,
        prefers_complex: true,
        models: MODELS.map(|(name, tier)| Model { name: name.into(), tier, price: None }).to_vec(),
        default_skill: Some("implementer".into()),
        env: strings(&ENV),
        state_dirs: strings(&STATE_DIRS),
        login: Login {
            env: strings(&["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"]),
            files: strings(&["$CLAUDE_CONFIG_DIR/.credentials.json", "~/.claude/.credentials.json"]),
            args: strings(&["auth", "status"]),
        },
        features: strings(&["resume", "native-read-only"]),
        options: options(),
        // SIGTERM leaves the model's own commands running; SIGINT ends them too, and claude still says what it used.
        stop_signal: "SIGINT".into(),
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
        option("effort", "how hard the model thinks", &EFFORTS),
        option(
            "as-root",
            "allow: let root skip permissions too, as in a container (IS_SANDBOX=1)",
            &["allow", "refuse"],
        ),
        option("add-dir", "one more directory that may be used", &[]),
        option("fallback-model", "the model to take when the first one is overloaded", &[]),
    ]
}
