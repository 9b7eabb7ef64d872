//! Settings: their shape, their defaults, and the rule by which an environment name passes to an agent. Reading files
//! is the engine's business.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agent::Price;
use crate::budget::Budget;

/// The defaults, as the commented file that is also their documentation.
pub const DEFAULT_TOML: &str = include_str!("default-config.toml");

/// How an agent's environment is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnvMode {
    /// The caller's, less what looks like a secret.
    Filtered,
    /// A base and declared names only.
    Allowlist,
    /// The caller's.
    All,
}

/// `[background]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Background {
    /// Wall-clock limit in minutes.
    pub max_task_duration_mins: u64,
    /// Idle limit in minutes.
    pub idle_timeout_mins: u64,
}

/// `[env]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Env {
    /// The mode.
    pub mode: EnvMode,
    /// Patterns of names that are not passed on in the filtered mode.
    pub deny: Vec<String>,
}

/// `[agents.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AgentConfig {
    /// Further names that this agent may inherit.
    pub env: Vec<String>,
    /// The model when none is asked for.
    pub model: Option<String>,
    /// Absolute path of its program, instead of a search on PATH.
    pub program: Option<String>,
    /// Options of its adapter.
    pub options: BTreeMap<String, String>,
    /// Arguments to add to its command line.
    pub args: Vec<String>,
    /// Not to be used.
    pub disabled: bool,
}

/// `[selection]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Save money always.
    pub budget_mode: bool,
    /// Who takes over, in this order, from an agent that cannot take work.
    pub fallback: Vec<String>,
}

/// `[usage]`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UsageConfig {
    /// `[[usage.budget]]`.
    pub budget: Vec<Budget>,
}

/// `[pricing."MODEL"]`: US dollars per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pricing {
    /// Input that was not cached.
    pub input: f64,
    /// Input read from a cache; as input when it is left out.
    pub cached_input: Option<f64>,
    /// Input written to a cache; as input when it is left out.
    pub cache_write: Option<f64>,
    /// Output, reasoning included.
    pub output: f64,
}

impl Pricing {
    /// The price in whole millionths of a dollar, as the arithmetic wants it.
    #[must_use]
    pub fn price(&self) -> Price {
        Price {
            input: micro_usd(self.input),
            cached_input: micro_usd(self.cached_input.unwrap_or(self.input)),
            cache_write: self.cache_write.map(micro_usd),
            output: micro_usd(self.output),
        }
    }

    fn is_sound(&self) -> bool {
        let all = [Some(self.input), self.cached_input, self.cache_write, Some(self.output)];
        all.into_iter().flatten().all(|usd| (0.0..=MAX_PRICE_USD).contains(&usd))
    }
}

fn micro_usd(usd: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be in range when it was read"
    )]
    let micro = (usd * 1_000_000.0).round() as u64;
    micro
}

/// All settings, resolved.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Time limits.
    pub background: Background,
    /// Environment of agents.
    pub env: Env,
    /// How an agent is chosen.
    pub selection: Selection,
    /// What may be used.
    #[serde(default)]
    pub usage: UsageConfig,
    /// Settings of single agents.
    #[serde(default)]
    pub agents: BTreeMap<String, AgentConfig>,
    /// Prices by model name; they go before those of an agent's catalogue.
    #[serde(default)]
    pub pricing: BTreeMap<String, Pricing>,
}

/// Why a settings file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct ConfigError {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// Which variables an agent gets: a rule, never a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EnvRules {
    /// The mode.
    pub mode: EnvMode,
    /// Patterns that are not passed on in the filtered mode.
    pub deny: Vec<String>,
    /// Names that always pass: the adapter's and the user's.
    pub names: Vec<String>,
}

/// What passes in the allow-list mode. A trailing `*` stands for any rest.
const BASE_NAMES: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_*",
    "TZ",
    "TERM",
    "COLORTERM",
    "NO_COLOR",
    "TMPDIR",
    "XDG_*",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "all_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "GOPATH",
    "GOROOT",
    "JAVA_HOME",
    "PYENV_ROOT",
    "NVM_DIR",
    "VOLTA_HOME",
    "PNPM_HOME",
    "BUN_INSTALL",
    "DENO_DIR",
];

/// Reads a settings file over the defaults. Tables are merged key by key; lists are replaced.
///
/// # Errors
/// With the place of the first thing that is not TOML, not known or not of its type.
pub fn parse(text: &str) -> Result<Config, ConfigError> {
    let user: toml::Table = text.parse().map_err(|e| located(text, &e))?;
    // Read alone first, so that an error has its place in the user's own file.
    toml::from_str::<Partial>(text).map_err(|e| located(text, &e))?;
    let mut merged: toml::Table = DEFAULT_TOML.parse().map_err(|e| located(DEFAULT_TOML, &e))?;
    merge(&mut merged, user);
    let config: Config = merged.try_into().map_err(|e| located("", &e))?;
    check(&config, text)?;
    Ok(config)
}

/// The defaults alone.
#[must_use]
pub fn defaults() -> Config {
    parse("").expect("the embedded defaults are read by a test of this module")
}

/// The same shape with everything optional.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read only for its errors")]
struct Partial {
    background: Option<PartialBackground>,
    env: Option<PartialEnv>,
    selection: Option<PartialSelection>,
    usage: Option<UsageConfig>,
    agents: Option<BTreeMap<String, AgentConfig>>,
    pricing: Option<BTreeMap<String, Pricing>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read only for its errors")]
struct PartialBackground {
    max_task_duration_mins: Option<u64>,
    idle_timeout_mins: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read only for its errors")]
struct PartialEnv {
    mode: Option<EnvMode>,
    deny: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read only for its errors")]
struct PartialSelection {
    budget_mode: Option<bool>,
    fallback: Option<Vec<String>>,
}

/// Highest price of a million tokens, in US dollars: more is a slip.
const MAX_PRICE_USD: f64 = 100_000.0;
/// Longest time limit: 30 days.
const MAX_LIMIT_MINS: u64 = 30 * 24 * 60;

fn check(config: &Config, text: &str) -> Result<(), ConfigError> {
    let limits = [
        ("max_task_duration_mins", config.background.max_task_duration_mins),
        ("idle_timeout_mins", config.background.idle_timeout_mins),
    ];
    for (key, value) in limits {
        if value == 0 || value > MAX_LIMIT_MINS {
            let (line, column) = text.find(key).map_or((1, 1), |at| place(text, at));
            let message = format!("{key} = {value} is out of range; use 1 to {MAX_LIMIT_MINS} minutes");
            return Err(ConfigError { line, column, message });
        }
    }
    let at = |word: &str| text.find(word).map_or((1, 1), |at| place(text, at));
    for budget in &config.usage.budget {
        if let Some(message) = budget.problem() {
            let (line, column) = if budget.name.is_empty() { at("budget") } else { at(&format!("{:?}", budget.name)) };
            return Err(ConfigError { line, column, message });
        }
    }
    for (agent, settings) in &config.agents {
        if let Some(program) = settings.program.as_deref().filter(|program| !program.starts_with('/')) {
            let (line, column) = at(&format!("{program:?}"));
            let message = format!("the program of {agent} must be an absolute path, not {program:?}");
            return Err(ConfigError { line, column, message });
        }
    }
    for (model, pricing) in &config.pricing {
        if !pricing.is_sound() {
            let (line, column) = at(model);
            let message =
                format!("a price of {model} is out of range; use 0 to {MAX_PRICE_USD} US dollars per million tokens");
            return Err(ConfigError { line, column, message });
        }
    }
    Ok(())
}

fn merge(base: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => merge(old, new),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

fn located(text: &str, error: &toml::de::Error) -> ConfigError {
    let at = error.span().map_or(0, |span| span.start);
    let (line, column) = place(text, at);
    ConfigError { line, column, message: error.message().trim().to_owned() }
}

/// Line and column, from 1, of a byte.
pub(crate) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |n| n + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

impl EnvRules {
    /// Whether a variable of the caller passes to the agent.
    #[must_use]
    pub fn passes(&self, name: &str) -> bool {
        if self.names.iter().any(|n| n == name) {
            return true;
        }
        match self.mode {
            EnvMode::All => true,
            EnvMode::Filtered => !self.deny.iter().any(|pattern| matches(pattern, name)),
            EnvMode::Allowlist => BASE_NAMES.iter().any(|base| match base.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => *base == name,
            }),
        }
    }
}

/// `*` stands for any text; ASCII case does not matter. Linear in both for the patterns that have few stars.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_ascii_uppercase(), name.to_ascii_uppercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(mode: EnvMode) -> EnvRules {
        EnvRules { mode, deny: defaults().env.deny, names: vec!["CODEX_API_KEY".to_owned()] }
    }

    #[test]
    fn defaults_are_read() {
        let config = defaults();
        assert_eq!(config.background.max_task_duration_mins, 60);
        assert_eq!(config.background.idle_timeout_mins, 10);
        assert_eq!(config.env.mode, EnvMode::Filtered);
        assert!(config.agents.is_empty());
    }

    #[test]
    fn a_file_changes_what_it_names() {
        let config = parse("[background]\nidle_timeout_mins = 3\n[agents.codex]\nenv = [\"X\"]\n").expect("valid");
        assert_eq!(config.background.idle_timeout_mins, 3);
        assert_eq!(config.background.max_task_duration_mins, 60);
        assert_eq!(config.agents["codex"].env, ["X"]);
    }

    #[test]
    fn budgets_and_selection_are_read() {
        let text = "[selection]\nbudget_mode = true\n[[usage.budget]]\nname = \"week\"\nagent = \"codex\"\nwindow = \"7d\"\n\
                    cost_limit_usd = 20.0\n[agents.ob1]\nprogram = \"/opt/ob1\"\noptions = { args = \"run\" }\n";
        let config = parse(text).expect("valid");
        assert!(config.selection.budget_mode && config.selection.fallback.len() == 4);
        assert_eq!(config.usage.budget[0].cost_limit_usd, Some(20.0));
        assert_eq!(config.agents["ob1"].options["args"], "run");
        for (wrong, line) in [
            ("[[usage.budget]]\nname = \"b\"\nwindow = \"5x\"\ntask_limit = 1", 3),
            ("[[usage.budget]]\nname = \"b\"", 2),
            ("[[usage.budget]]\nname = \"b\"\ntasklimit = 1", 3),
            ("[agents.ob1]\nprogram = \"ob1\"", 2),
        ] {
            assert_eq!(parse(wrong).expect_err(wrong).line, line, "{wrong}");
        }
    }

    #[test]
    fn prices_are_dollars_per_million_tokens() {
        let config = parse("[pricing.\"m-1\"]\ninput = 1.25\ncached_input = 0.125\noutput = 10\n").expect("valid");
        let price = config.pricing["m-1"].price();
        assert_eq!(
            (price.input, price.cached_input, price.cache_write, price.output),
            (1_250_000, 125_000, None, 10_000_000)
        );
        for bad in ["input = -1\noutput = 1", "input = 1\noutput = inf", "input = 1\noutput = nan", "input = 1"] {
            assert!(parse(&format!("[pricing.m]\n{bad}\n")).is_err(), "{bad}");
        }
    }

    #[test]
    fn errors_have_a_place() {
        let cases = [
            ("[background]\nidle_timeout_mins = \"x\"", 2),
            ("[background]\nmax_task_duration = 5", 2),
            ("\n\n[envv]\nmode = \"all\"", 3),
            ("[env]\nmode = \"some\"", 2),
            ("[env\n", 1),
            ("[background]\n\nidle_timeout_mins = 0", 3),
        ];
        for (text, line) in cases {
            let error = parse(text).expect_err(text);
            assert_eq!(error.line, line, "{text:?}: {error}");
        }
    }

    #[test]
    fn secrets_do_not_pass() {
        let filtered = rules(EnvMode::Filtered);
        for name in [
            "OPENAI_API_KEY",
            "GITHUB_TOKEN",
            "aws_profile",
            "DB_PASSWORD_FILE",
            "MY_SECRET",
            "X_CREDENTIALS",
            "SSH_AUTH_SOCK",
        ] {
            assert!(!filtered.passes(name), "{name}");
        }
        for name in ["PATH", "EDITOR", "CODEX_API_KEY", "MONKEY", "KEYBOARD"] {
            assert!(filtered.passes(name), "{name}");
        }
        let allowlist = rules(EnvMode::Allowlist);
        assert!(allowlist.passes("LC_ALL") && allowlist.passes("CODEX_API_KEY") && !allowlist.passes("EDITOR"));
        assert!(rules(EnvMode::All).passes("GITHUB_TOKEN"));
    }

    #[test]
    fn patterns() {
        for (pattern, name, hit) in [
            ("*_KEY", "A_KEY", true),
            ("*_KEY", "KEY", false),
            ("AWS_*", "AWS_", true),
            ("*A*B*", "xxaxxbxx", true),
            ("*A*B*", "xxbxxaxx", false),
            ("GH_*_TOKEN", "GH_X_TOKEN", true),
            ("EXACT", "EXACTLY", false),
        ] {
            assert_eq!(matches(pattern, name), hit, "{pattern} {name}");
        }
    }
}
