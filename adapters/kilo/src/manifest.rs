//! Owns who kilo is. Must not decide anything: these are facts and scores.

use aid_adapter_kit::{Category, Login, Manifest, OptionSpec, Score, Tier};

use crate::plan::SWITCHES;

/// Directories that hold kilo's login, settings, sessions and caches. It uses `/tmp/kilo` too, which is no directory
/// of its own: all users share it.
pub const STATE_DIRS: [&str; 8] = [
    "$XDG_DATA_HOME/kilo",
    "$XDG_CONFIG_HOME/kilo",
    "$XDG_STATE_HOME/kilo",
    "$XDG_CACHE_HOME/kilo",
    "~/.local/share/kilo",
    "~/.config/kilo",
    "~/.local/state/kilo",
    "~/.cache/kilo",
];

const SCORES: [(Category, u8); 8] = [
    (Category::Research, 1),
    (Category::SimpleEdit, 7),
    (Category::ComplexImpl, 2),
    (Category::Frontend, 2),
    (Category::Debugging, 3),
    (Category::Testing, 3),
    (Category::Refactoring, 3),
    (Category::Documentation, 4),
];

/// The keys of the providers that kilo itself looks for, as its own catalogue of providers names them. Not all of its
/// hundred, and none that opens more than models: cloud accounts and code forges are the user's to declare. Each is
/// visible to the commands that the model runs.
pub const PROVIDER_KEYS: [&str; 28] = [
    "KILO_API_KEY",
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "GOOGLE_GENERATIVE_AI_API_KEY",
    "GEMINI_API_KEY",
    "AI_GATEWAY_API_KEY",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AZURE_API_KEY",
    "BASETEN_API_KEY",
    "CEREBRAS_API_KEY",
    "COHERE_API_KEY",
    "DASHSCOPE_API_KEY",
    "DEEPINFRA_API_KEY",
    "DEEPSEEK_API_KEY",
    "FIREWORKS_API_KEY",
    "GROQ_API_KEY",
    "HF_TOKEN",
    "KIMI_API_KEY",
    "MINIMAX_API_KEY",
    "MISTRAL_API_KEY",
    "MOONSHOT_API_KEY",
    "NVIDIA_API_KEY",
    "OPENCODE_API_KEY",
    "PERPLEXITY_API_KEY",
    "TOGETHER_API_KEY",
    "XAI_API_KEY",
    "ZHIPU_API_KEY",
];

/// Settings that the user may have made in the environment, and those that a plan makes.
const SETTINGS: [&str; 14] = [
    "KILO_AUTH_CONTENT",
    "KILO_CONFIG",
    "KILO_CONFIG_CONTENT",
    "KILO_CONFIG_DIR",
    "KILO_DISABLE_PROJECT_CONFIG",
    "KILO_PERMISSION",
    "KILO_PURE",
    "AWS_REGION",
    "AZURE_RESOURCE_NAME",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "KILO_ORG_ID",
];

/// The manifest.
pub fn manifest() -> Manifest {
    let strings = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    let switches = SWITCHES.iter().map(|(name, _)| *name);
    let names = SETTINGS.into_iter().chain(switches).chain(PROVIDER_KEYS);
    Manifest {
        id: "kilo".into(),
        name: "Kilo CLI".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        homepage: "https://kilo.ai".into(),
        install_hint: "npm install --global @kilocode/cli, then kilo auth login".into(),
        programs: strings(&["kilo"]),
        // `--version` prints a bare number, as anything may. `debug info` names both, but loads the user's plugins,
        // opens the database and asks servers and its telemetry; this does none of it.
        identity_args: strings(&["completion"]),
        identity_marker: "###-begin-kilo-completions-###".into(),
        tested_versions: "7.7.7".into(),
        scores: SCORES.map(|(category, value)| Score { category, value }).to_vec(),
        cost_class: Tier::Cheap,
        prefers_complex: false,
        // Which models there are depends on the providers that the user has set up.
        models: Vec::new(),
        default_skill: Some("implementer".into()),
        env: names.map(str::to_owned).collect(),
        state_dirs: strings(&STATE_DIRS),
        login: Login {
            env: strings(&PROVIDER_KEYS),
            files: strings(&["$XDG_DATA_HOME/kilo/auth.json", "~/.local/share/kilo/auth.json"]),
            args: Vec::new(),
        },
        features: strings(&["resume", "native-read-only", "streams-usage"]),
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
        option("agent", "which of kilo's own agents works; a read-only run always has one of aid's", &[]),
        option("variant", "the model's variant, such as high or max", &[]),
        option("thinking", "true: show what the model thinks", &["true", "false"]),
        option(
            "default-model",
            "allow: without a model kilo chooses one, from its own settings or its vendor's hosted ones",
            &["allow", "deny"],
        ),
        option("default-plugins", "true: load the plugins with which some logins work", &["true", "false"]),
    ]
}
