//! Owns who gemini is. Must not decide anything: these are facts and scores.

use aid_adapter_kit::{Category, Login, Manifest, Model, OptionSpec, Score, Tier};

/// Directories that hold gemini's login, settings and sessions. `GEMINI_CLI_HOME` replaces the home in which they lie.
pub const STATE_DIRS: [&str; 2] = ["$GEMINI_CLI_HOME/.gemini", "~/.gemini"];

/// How often gemini may ask its server for one thing before it gives up; its own default is 10, which takes more than
/// three minutes of silence.
pub const ATTEMPTS: [&str; 10] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];

/// What gemini can log in with, by the names that its settings have for it.
pub const AUTH_TYPES: [&str; 4] = ["gemini-api-key", "oauth-personal", "vertex-ai", "compute-default-credentials"];

const SCORES: [(Category, u8); 8] = [
    (Category::Research, 9),
    (Category::SimpleEdit, 2),
    (Category::ComplexImpl, 3),
    (Category::Frontend, 2),
    (Category::Debugging, 5),
    (Category::Testing, 3),
    (Category::Refactoring, 3),
    (Category::Documentation, 6),
];

/// The models that gemini 0.61.0 knows by name; it has no command that lists them. Tiers follow the names: flash-lite
/// is the small model of a generation, flash the middle one, pro the large one. Within a tier the first is the one to
/// prefer: the newest that is no preview, which not every account may use. Last come gemini's own aliases, behind which
/// the model changes.
///
/// No prices: gemini carries none, and a price from memory would be shown as somebody's bill.
const MODELS: [(&str, Tier); 15] = [
    ("gemini-3.5-flash-lite", Tier::Cheap),
    ("gemini-3.8-flash", Tier::Standard),
    ("gemini-2.5-pro", Tier::Premium),
    ("gemini-3.1-pro-preview", Tier::Premium),
    ("gemini-3-pro-preview", Tier::Premium),
    ("gemini-3.5-flash", Tier::Standard),
    ("gemini-3-flash-preview", Tier::Standard),
    ("gemini-2.5-flash", Tier::Standard),
    ("gemini-3.1-flash-lite", Tier::Cheap),
    ("gemini-2.5-flash-lite", Tier::Cheap),
    ("auto", Tier::Standard),
    ("pro", Tier::Premium),
    ("flash", Tier::Standard),
    ("flash-lite", Tier::Cheap),
    ("gemma-4-31b-it", Tier::Cheap),
];

/// Names gemini itself reads, and those that the plan sets.
const ENV: [&str; 19] = [
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_LOCATION",
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_GENAI_USE_GCA",
    "GOOGLE_GENAI_USE_VERTEXAI",
    "GOOGLE_GEMINI_BASE_URL",
    "GOOGLE_VERTEX_BASE_URL",
    "GEMINI_MODEL",
    "GEMINI_CLI_HOME",
    "GEMINI_CLI_NO_RELAUNCH",
    "GEMINI_CLI_SYSTEM_DEFAULTS_PATH",
    "GEMINI_CLI_SYSTEM_SETTINGS_PATH",
    "GEMINI_CLI_TRUSTED_FOLDERS_PATH",
    "GEMINI_CLI_TRUST_WORKSPACE",
    "NO_COLOR",
    "TERM",
    "COLORTERM",
];

/// The manifest.
pub fn manifest() -> Manifest {
    let strings = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    Manifest {
        id: "gemini".into(),
        name: "Gemini CLI".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        homepage: "https://github.com/google-gemini/gemini-cli".into(),
        install_hint: "npm install --global @google/gemini-cli, then set GEMINI_API_KEY or log in by starting gemini"
            .into(),
        programs: strings(&["gemini"]),
        // `--version` is a bare number, which many programs print. This names the product, costs the same second, and
        // stands on a line of its own; the version stays unknown.
        identity_args: strings(&["extensions", "--help"]),
        identity_marker: "Manage Gemini CLI extensions.".into(),
        tested_versions: "0.61.0".into(),
        scores: SCORES.map(|(category, value)| Score { category, value }).to_vec(),
        cost_class: Tier::Cheap,
        prefers_complex: false,
        models: MODELS.map(|(name, tier)| Model { name: name.into(), tier, price: None }).to_vec(),
        default_skill: Some("researcher".into()),
        env: strings(&ENV),
        state_dirs: strings(&STATE_DIRS),
        login: Login {
            env: strings(&["GEMINI_API_KEY", "GOOGLE_API_KEY"]),
            files: strings(&["$GEMINI_CLI_HOME/.gemini/oauth_creds.json", "~/.gemini/oauth_creds.json"]),
            args: Vec::new(),
        },
        features: strings(&["resume", "native-read-only"]),
        options: options(),
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
        option(
            "max-attempts",
            "how often one request is tried before gemini gives up (3); gemini's own settings.json wins",
            &ATTEMPTS,
        ),
        option(
            "auth",
            "what to log in with, where gemini's own settings.json does not say it; needed with GOOGLE_GEMINI_BASE_URL",
            &AUTH_TYPES,
        ),
        option("loop-detection", "false: do not end a run that seems to repeat itself", &["true", "false"]),
        option("include-directory", "one more directory that its file tools may use", &[]),
    ]
}
