//! Owns who codex is. Must not decide anything: these are facts and scores.

use aid_adapter_kit::{Category, Login, Manifest, Model, OptionSpec, Score, Tier};

/// Directories that hold codex's login, settings and sessions. `CODEX_HOME` replaces the second one.
pub const STATE_DIRS: [&str; 2] = ["$CODEX_HOME", "~/.codex"];

/// How hard the model thinks. Not every model knows all of them; codex rejects what its model does not know.
pub const REASONING_EFFORTS: [&str; 6] = ["low", "medium", "high", "xhigh", "max", "ultra"];

const SCORES: [(Category, u8); 8] = [
    (Category::Research, 1),
    (Category::SimpleEdit, 4),
    (Category::ComplexImpl, 9),
    (Category::Frontend, 4),
    (Category::Debugging, 7),
    (Category::Testing, 7),
    (Category::Refactoring, 8),
    (Category::Documentation, 3),
];

/// The catalogue that codex 0.169.0 carries (`codex debug models`); the first is its own default. Tiers follow the
/// names: sol is the large model of a generation, terra the middle one, luna the small one, astra stands above sol.
/// Within a tier the first is the one to prefer.
///
/// No prices: the catalogue has none, a subscription is not billed by token at all, and a price from memory would be
/// shown as somebody's bill. Unknown stays unknown until the user's own price table says otherwise.
const MODELS: [(&str, Tier); 9] = [
    ("gpt-6.1-sol", Tier::Premium),
    ("gpt-6.1-terra", Tier::Standard),
    ("gpt-6-luna", Tier::Cheap),
    ("gpt-6-astra", Tier::Premium),
    ("gpt-6-sol", Tier::Premium),
    ("gpt-5.6-sol", Tier::Premium),
    ("gpt-5.6-terra", Tier::Standard),
    ("gpt-5.5", Tier::Standard),
    ("gpt-5.6-luna", Tier::Cheap),
];

/// Names codex itself reads. `OPENAI_API_KEY` is not among them: `codex exec` ignores it, so passing it on would only
/// show a secret to the commands the model runs. A custom provider's `env_key` is the user's to declare.
const ENV: [&str; 4] = ["CODEX_HOME", "CODEX_API_KEY", "OPENAI_ORGANIZATION", "OPENAI_PROJECT"];

/// The manifest.
pub fn manifest() -> Manifest {
    let strings = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    Manifest {
        id: "codex".into(),
        name: "Codex CLI".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        homepage: "https://github.com/openai/codex".into(),
        install_hint: "npm install --global @openai/codex, then codex login".into(),
        programs: strings(&["codex"]),
        identity_args: strings(&["--version"]),
        identity_marker: "codex-cli ".into(),
        tested_versions: "0.169.0".into(),
        scores: SCORES.map(|(category, value)| Score { category, value }).to_vec(),
        cost_class: Tier::Premium,
        prefers_complex: true,
        models: MODELS.map(|(name, tier)| Model { name: name.into(), tier, price: None }).to_vec(),
        default_skill: Some("implementer".into()),
        env: strings(&ENV),
        state_dirs: strings(&STATE_DIRS),
        login: Login {
            env: strings(&["CODEX_API_KEY"]),
            files: strings(&["$CODEX_HOME/auth.json", "~/.codex/auth.json"]),
            args: strings(&["login", "status"]),
        },
        features: strings(&["resume", "native-read-only"]),
        options: options(),
        // SIGTERM leaves the model's own commands running; SIGINT ends them too.
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
        option("reasoning-effort", "how hard the model thinks", &REASONING_EFFORTS),
        option("network-access", "let commands in the workspace sandbox use the network", &["true", "false"]),
        option("add-dir", "one more directory that may be written to", &[]),
        option("user-config", "false: ignore config.toml in codex's home", &["true", "false"]),
        option(
            "connection-retries",
            "unbounded: wait for the network until a time limit; bounded: give up after about half a minute",
            &["unbounded", "bounded"],
        ),
    ]
}
