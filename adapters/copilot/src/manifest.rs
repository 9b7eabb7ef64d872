//! Owns who copilot is. Must not decide anything: these are facts and scores.

use aid_adapter_kit::{Category, Login, Manifest, OptionSpec, Score, Tier};

/// Directories that hold copilot's login, settings and sessions, and the program that it unpacks on its first run.
/// `COPILOT_HOME` replaces the second one.
pub const STATE_DIRS: [&str; 3] = ["$COPILOT_HOME", "~/.copilot", "~/.cache/copilot"];

/// How hard the model thinks, as `--reasoning-effort` has it.
pub const EFFORTS: [&str; 7] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/// Keys that copilot itself reads, and keeps from the commands that the model runs. `GH_TOKEN` and `GITHUB_TOKEN` would do
/// for a login too, but they open far more than that: passing them on is the user's to decide.
pub const KEYS: [&str; 3] = ["COPILOT_GITHUB_TOKEN", "COPILOT_PROVIDER_API_KEY", "COPILOT_PROVIDER_BEARER_TOKEN"];

/// A first estimate, to be replaced by measured success: good at most things, with the model that the account has.
const SCORES: [(Category, u8); 8] = [
    (Category::Research, 4),
    (Category::SimpleEdit, 6),
    (Category::ComplexImpl, 7),
    (Category::Frontend, 6),
    (Category::Debugging, 6),
    (Category::Testing, 6),
    (Category::Refactoring, 6),
    (Category::Documentation, 6),
];

/// Other names that copilot itself reads. The provider's address is the user's to declare: it says who gets the key.
const ENV: [&str; 9] = [
    "COPILOT_HOME",
    "COPILOT_MODEL",
    "COPILOT_OFFLINE",
    "COPILOT_PROVIDER_TYPE",
    "COPILOT_PROVIDER_WIRE_API",
    "COPILOT_PROVIDER_MODEL_ID",
    "COPILOT_PROVIDER_WIRE_MODEL",
    "COPILOT_PROVIDER_MAX_PROMPT_TOKENS",
    "COPILOT_PROVIDER_MAX_OUTPUT_TOKENS",
];

/// The manifest.
pub fn manifest() -> Manifest {
    let strings = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    Manifest {
        id: "copilot".into(),
        name: "GitHub Copilot CLI".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        homepage: "https://github.com/github/copilot-cli".into(),
        install_hint: "npm install --global @github/copilot, then copilot login".into(),
        programs: strings(&["copilot"]),
        identity_args: strings(&["--version"]),
        identity_marker: "GitHub Copilot CLI ".into(),
        tested_versions: "1.0.102".into(),
        scores: SCORES.map(|(category, value)| Score { category, value }).to_vec(),
        cost_class: Tier::Standard,
        prefers_complex: false,
        // They belong to the account, or to the provider that the user set up.
        models: Vec::new(),
        default_skill: Some("implementer".into()),
        env: strings(&[&KEYS[..], &ENV[..]].concat()),
        state_dirs: strings(&STATE_DIRS),
        // Where a login is stored differs between systems and is not documented.
        login: Login { env: strings(&KEYS), files: Vec::new(), args: Vec::new() },
        features: strings(&["resume", "native-read-only"]),
        options: options(),
        // Interrupted, copilot ends its report and says so; SIGTERM does the same.
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
        option("reasoning-effort", "how hard the model thinks", &EFFORTS),
        option("add-dir", "one more directory that may be used", &[]),
        option("offline", "true: talk to the provider that is set up, and to nobody else", &["true", "false"]),
        option("max-ai-credits", "the most AI credits that the session may use", &[]),
    ]
}
