//! Shapes of `--json` that the core does not have, and the schema of all of them. Additive only: a field is never renamed or
//! removed, and unknown is null.

use std::collections::BTreeMap;

use aid_core::agent::{Model, Score, Tier};
use aid_core::config::{Config, EnvMode};
use aid_core::hold::Hold;
use aid_core::select::Advice;
use aid_core::view::{BoardView, ShowView, StreamLine, TaskView, usd};
use aid_engine::doctor::Fact;
use aid_engine::login::{self, Login};
use aid_engine::session::{AgentEntry, Origin, Planned};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Map, Value};

use super::usage::UsageView;

/// `aid run --dry-run --json`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct PlanView {
    /// The agent's name.
    pub(crate) agent: String,
    /// The model that was asked for; null leaves it to the agent.
    pub(crate) model: Option<String>,
    /// Absolute path of the program.
    pub(crate) program: String,
    /// Its version as probed; empty when unknown.
    pub(crate) program_version: String,
    /// Where it would run.
    pub(crate) dir: String,
    /// The program and its arguments; `{prompt}` stands for the prompt.
    pub(crate) argv: Vec<String>,
    /// Names of the variables it would get.
    pub(crate) env_names: Vec<String>,
    /// The parts of the prompt.
    pub(crate) sections: Vec<SectionView>,
    /// An estimate for the whole prompt.
    pub(crate) prompt_tokens: u64,
    /// Wall-clock limit in milliseconds.
    pub(crate) timeout_ms: u64,
    /// Idle limit in milliseconds.
    pub(crate) idle_timeout_ms: u64,
    /// Cost limit in US dollars.
    pub(crate) max_cost_usd: Option<f64>,
    /// It could write nothing.
    pub(crate) read_only: bool,
    /// Where the answer would go.
    pub(crate) output: Option<String>,
    /// What was decided for the caller, and why.
    pub(crate) decisions: Vec<String>,
    /// What is worth knowing before it starts.
    pub(crate) notices: Vec<String>,
}

/// A part of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct SectionView {
    /// Its heading.
    pub(crate) title: String,
    /// Its bytes.
    pub(crate) bytes: u64,
    /// An estimate.
    pub(crate) tokens: u64,
}

impl PlanView {
    /// The view of a plan.
    pub(crate) fn of(planned: &Planned) -> Self {
        let spec = &planned.spec;
        let section = |s: &aid_core::prompt::SectionSize| SectionView {
            title: s.title.clone(),
            bytes: s.bytes,
            tokens: s.tokens,
        };
        Self {
            agent: spec.agent.clone(),
            model: spec.model.clone(),
            program: spec.program.path.clone(),
            program_version: spec.program.version.clone(),
            dir: spec.place.dir.clone(),
            argv: planned.argv.clone(),
            env_names: planned.env_names.clone(),
            sections: planned.sections.iter().map(section).collect(),
            prompt_tokens: aid_core::prompt::estimate_tokens(spec.full_prompt.len() as u64),
            timeout_ms: spec.limits.timeout_ms,
            idle_timeout_ms: spec.limits.idle_timeout_ms,
            max_cost_usd: spec.limits.max_cost_micro_usd.map(usd),
            read_only: spec.read_only(),
            output: spec.output.clone(),
            decisions: planned.decisions.clone(),
            notices: planned.notices.clone(),
        }
    }
}

/// An agent, in `agent show --json`. What a broken adapter cannot say is null or empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct AgentView {
    /// The name to dispatch to.
    pub(crate) name: String,
    /// Its name for people.
    pub(crate) display_name: Option<String>,
    /// It came with this build.
    pub(crate) builtin: bool,
    /// The agent that it is a fork of.
    pub(crate) base: Option<String>,
    /// Nothing is known to stand in the way of work. Its program is not asked who it is for this.
    pub(crate) available: bool,
    /// What stands in the way.
    pub(crate) why_not: Option<String>,
    /// What is seen of a login, without asking a provider; null: nothing, or there is no way to know.
    pub(crate) login: Option<String>,
    /// SHA-256 of its adapter, in hex.
    pub(crate) digest: String,
    /// Version of its adapter.
    pub(crate) adapter_version: Option<String>,
    /// Why its adapter cannot be used.
    pub(crate) problem: Option<String>,
    /// Absolute path of its program; null when it is not on PATH.
    pub(crate) path: Option<String>,
    /// Version of its program; null when nobody asked it, or it did not say.
    pub(crate) version: Option<String>,
    /// Versions whose behaviour was recorded.
    pub(crate) tested_versions: Option<String>,
    /// How to get the program.
    pub(crate) install_hint: Option<String>,
    /// Where it comes from.
    pub(crate) homepage: Option<String>,
    /// Its price class.
    pub(crate) cost_class: Option<Tier>,
    /// The skill added when none is named.
    pub(crate) default_skill: Option<String>,
    /// Its abilities.
    pub(crate) features: Vec<String>,
    /// Names of the environment that it may inherit: its own, and those of the settings.
    pub(crate) env: Vec<String>,
    /// What it is good at.
    pub(crate) scores: Vec<Score>,
    /// The models it knows.
    pub(crate) models: Vec<Model>,
    /// The model that the settings name for it.
    pub(crate) configured_model: Option<String>,
}

impl AgentView {
    /// The view of an agent. Its program is not asked for its version.
    pub(crate) fn of(entry: &AgentEntry, config: Option<&Config>, holds: &[Hold]) -> Self {
        let manifest = entry.manifest.as_ref().ok();
        let own = config.and_then(|config| config.agents.get(&entry.name));
        let why_not = entry.obstacle(config, holds);
        let mut env = manifest.map(|m| m.env.clone()).unwrap_or_default();
        env.extend(own.into_iter().flat_map(|own| own.env.iter().cloned()));
        Self {
            name: entry.name.clone(),
            display_name: manifest.map(|m| m.name.clone()),
            builtin: entry.origin == Origin::Builtin,
            base: match &entry.origin {
                Origin::Fork { base } => Some(base.clone()),
                Origin::Builtin | Origin::User => None,
            },
            available: why_not.is_none(),
            why_not,
            login: manifest.and_then(|manifest| match login::see(manifest) {
                Login::Seen(what) => Some(what),
                Login::NotSeen | Login::Unknown => None,
            }),
            digest: entry.digest.clone(),
            adapter_version: manifest.map(|m| m.version.clone()),
            problem: entry.manifest.as_ref().err().cloned(),
            path: entry.program.as_ref().map(|path| path.display().to_string()),
            version: None,
            tested_versions: manifest.map(|m| m.tested_versions.clone()),
            install_hint: manifest.map(|m| m.install_hint.clone()),
            homepage: manifest.map(|m| m.homepage.clone()),
            cost_class: manifest.map(|m| m.cost_class),
            default_skill: manifest.and_then(|m| m.default_skill.clone()),
            features: manifest.map(|m| m.features.clone()).unwrap_or_default(),
            env,
            scores: manifest.map(|m| m.scores.clone()).unwrap_or_default(),
            models: manifest.map(|m| m.models.clone()).unwrap_or_default(),
            configured_model: own.and_then(|own| own.model.clone()),
        }
    }
}

/// `aid agent list --json` and `aid config agents --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct AgentsView {
    /// By name.
    pub(crate) agents: Vec<AgentView>,
}

/// `aid config show --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct SettingsView {
    /// Time limits.
    pub(crate) background: BackgroundView,
    /// Environment of agents.
    pub(crate) env: EnvView,
    /// How an agent is chosen.
    pub(crate) selection: SelectionView,
    /// Settings of single agents.
    pub(crate) agents: BTreeMap<String, AgentSettingsView>,
}

/// `[background]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct BackgroundView {
    /// Wall-clock limit in minutes.
    pub(crate) max_task_duration_mins: u64,
    /// Idle limit in minutes.
    pub(crate) idle_timeout_mins: u64,
}

/// `[env]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct EnvView {
    /// The mode.
    pub(crate) mode: EnvMode,
    /// Patterns of names that are not passed on in the filtered mode.
    pub(crate) deny: Vec<String>,
}

/// `[selection]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct SelectionView {
    /// Save money always.
    pub(crate) budget_mode: bool,
    /// Who takes over, in this order.
    pub(crate) fallback: Vec<String>,
}

/// `[agents.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct AgentSettingsView {
    /// Further names that it may inherit.
    pub(crate) env: Vec<String>,
    /// The model when none is asked for.
    pub(crate) model: Option<String>,
    /// Absolute path of its program.
    pub(crate) program: Option<String>,
    /// Options of its adapter.
    pub(crate) options: BTreeMap<String, String>,
    /// Arguments to add to its command line.
    pub(crate) args: Vec<String>,
    /// Not to be used.
    pub(crate) disabled: bool,
}

impl SettingsView {
    /// The view of the settings in force.
    pub(crate) fn of(config: &Config) -> Self {
        let agents = config.agents.iter().map(|(name, agent)| {
            let view = AgentSettingsView {
                env: agent.env.clone(),
                model: agent.model.clone(),
                program: agent.program.clone(),
                options: agent.options.clone(),
                args: agent.args.clone(),
                disabled: agent.disabled,
            };
            (name.clone(), view)
        });
        Self {
            background: BackgroundView {
                max_task_duration_mins: config.background.max_task_duration_mins,
                idle_timeout_mins: config.background.idle_timeout_mins,
            },
            env: EnvView { mode: config.env.mode, deny: config.env.deny.clone() },
            selection: SelectionView {
                budget_mode: config.selection.budget_mode,
                fallback: config.selection.fallback.clone(),
            },
            agents: agents.collect(),
        }
    }
}

/// `aid doctor --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct DoctorView {
    /// Nothing is bad.
    pub(crate) good: bool,
    /// What was looked at.
    pub(crate) facts: Vec<Fact>,
}

/// The schema of every documented shape: which command prints which, and what they look like.
pub(crate) fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let commands = [
        ("aid board --json", generator.subschema_for::<BoardView>()),
        ("aid show ID --json", generator.subschema_for::<ShowView>()),
        ("aid run AGENT PROMPT --json", generator.subschema_for::<TaskView>()),
        ("aid run AGENT PROMPT --dry-run --json", generator.subschema_for::<PlanView>()),
        ("aid wait ID --json", generator.subschema_for::<TaskView>()),
        ("aid watch ID --stream", generator.subschema_for::<StreamLine>()),
        ("aid agent list --json", generator.subschema_for::<AgentsView>()),
        ("aid agent show NAME --json", generator.subschema_for::<AgentView>()),
        ("aid config agents --json", generator.subschema_for::<AgentsView>()),
        ("aid config show --json", generator.subschema_for::<SettingsView>()),
        ("aid advise PROMPT --json", generator.subschema_for::<Advice>()),
        ("aid usage --json", generator.subschema_for::<UsageView>()),
        ("aid doctor --json", generator.subschema_for::<DoctorView>()),
    ];
    let commands: Map<String, Value> =
        commands.into_iter().map(|(name, schema)| (name.to_owned(), schema.to_value())).collect();
    let definitions = generator.take_definitions(true);
    let mut document = Map::new();
    document.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    document.insert("title".to_owned(), "What aid prints with --json and --stream".into());
    document.insert("commands".to_owned(), commands.into());
    document.insert("$defs".to_owned(), definitions.into());
    document.into()
}
