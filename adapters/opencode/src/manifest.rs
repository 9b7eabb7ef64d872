//! Owns who opencode is. Must not decide anything: these are facts and scores.

use aid_adapter_kit::{Category, Login, Manifest, OptionSpec, Score, Tier};

use crate::plan::SWITCHES;

/// Directories that hold opencode's login, settings, sessions and caches. It uses `/tmp/opencode` too, which is no directory
/// of its own: all users share it.
pub const STATE_DIRS: [&str; 8] = [
    "$XDG_DATA_HOME/opencode",
    "$XDG_CONFIG_HOME/opencode",
    "$XDG_STATE_HOME/opencode",
    "$XDG_CACHE_HOME/opencode",
    "~/.local/share/opencode",
    "~/.config/opencode",
    "~/.local/state/opencode",
    "~/.cache/opencode",
];

const SCORES: [(Category, u8); 8] = [
    (Category::Research, 1),
    (Category::SimpleEdit, 8),
    (Category::ComplexImpl, 3),
    (Category::Frontend, 2),
    (Category::Debugging, 4),
    (Category::Testing, 4),
    (Category::Refactoring, 4),
    (Category::Documentation, 5),
];

/// The keys of the providers that opencode itself looks for, as its own catalogue of providers names them. Not all of its
/// hundred, and none that opens more than models: cloud accounts and code forges are the user's to declare. Each is
/// visible to the commands that the model runs.
pub const PROVIDER_KEYS: [&str; 27] = [
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
const SETTINGS: [&str; 13] = [
    "OPENCODE_AUTH_CONTENT",
    "OPENCODE_CONFIG",
    "OPENCODE_CONFIG_CONTENT",
    "OPENCODE_CONFIG_DIR",
    "OPENCODE_DISABLE_PROJECT_CONFIG",
    "OPENCODE_PERMISSION",
    "OPENCODE_PURE",
    "AWS_REGION",
    "AZURE_RESOURCE_NAME",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
];

/// The manifest.
pub fn manifest() -> Manifest {
    let strings = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    let switches = SWITCHES.iter().map(|(name, _)| *name);
    let names = SETTINGS.into_iter().chain(switches).chain(PROVIDER_KEYS);
    Manifest {
        id: "opencode".into(),
        name: "opencode".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        homepage: "https://opencode.ai".into(),
        install_hint: "npm install --global opencode-ai, then opencode auth login".into(),
        programs: strings(&["opencode"]),
        // `--version` prints a bare number, as anything may. `debug info` names both, but loads the user's plugins,
        // opens the database and asks servers; this does none of it.
        identity_args: strings(&["completion"]),
        identity_marker: "###-begin-opencode-completions-###".into(),
        tested_versions: "1.18.33".into(),
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
            files: strings(&["$XDG_DATA_HOME/opencode/auth.json", "~/.local/share/opencode/auth.json"]),
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
        option("agent", "which of opencode's own agents works; a read-only run always has one of aid's", &[]),
        option("variant", "the model's variant, such as high or max", &[]),
        option("thinking", "true: show what the model thinks", &["true", "false"]),
        option(
            "default-model",
            "allow: without a model opencode chooses one, from its own settings or its vendor's hosted ones",
            &["allow", "deny"],
        ),
        option("default-plugins", "true: load the plugins with which some logins work", &["true", "false"]),
    ]
}
