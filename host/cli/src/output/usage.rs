//! `aid usage --json`: sums over tasks. A sum says how many tasks it could not count; with nothing known it is null.

use std::collections::BTreeMap;

use aid_core::budget::BudgetView;
use aid_core::view::{iso8601, usd};
use aid_engine::db::UsageRow;
use schemars::JsonSchema;
use serde::Serialize;

/// `aid usage --json`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct UsageView {
    /// `today`, `7d`, `30d` or `all`.
    pub(crate) period: String,
    /// Since when: ISO 8601, UTC; null: always.
    pub(crate) since: Option<String>,
    /// By agent, the most used first.
    pub(crate) agents: Vec<AgentUsage>,
    /// Over all of them.
    pub(crate) totals: Sum,
    /// Every budget of the settings, whatever the selection.
    pub(crate) budgets: Vec<BudgetView>,
}

/// What one agent used.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct AgentUsage {
    /// Its name.
    pub(crate) agent: String,
    /// All of its tasks.
    #[serde(flatten)]
    pub(crate) sum: Sum,
    /// The same by model; a null model is unknown.
    pub(crate) models: Vec<ModelUsage>,
}

/// What one model of an agent used.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct ModelUsage {
    /// The model that answered, else the one that was asked for.
    pub(crate) model: Option<String>,
    /// All tasks with it.
    #[serde(flatten)]
    pub(crate) sum: Sum,
}

/// Sums over tasks, of what is known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Sum {
    /// How many.
    pub(crate) tasks: u64,
    /// How many in each status; statuses without a task are left out.
    pub(crate) by_status: BTreeMap<String, u64>,
    /// Tokens; null when no task told any.
    pub(crate) usage: Option<TokenSum>,
    /// US dollars; null when the cost of no task is known.
    pub(crate) cost_usd: Option<f64>,
    /// Ended tasks without a known use of tokens: not in the sums.
    pub(crate) tokens_unknown: u64,
    /// Ended tasks without a known cost: not in the sum.
    pub(crate) cost_unknown: u64,
}

/// Sums of tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct TokenSum {
    /// Input, cached included.
    pub(crate) input: u64,
    /// Of these, read from a cache.
    pub(crate) cached_input: u64,
    /// Of these, written to a cache.
    pub(crate) cache_write: u64,
    /// Output, reasoning included.
    pub(crate) output: u64,
    /// Of these, reasoning.
    pub(crate) reasoning: u64,
    /// Input plus output.
    pub(crate) total: u64,
}

impl UsageView {
    /// The view of some rows.
    pub(crate) fn of(period: &str, since_ms: Option<i64>, rows: &[UsageRow], budgets: Vec<BudgetView>) -> Self {
        let mut names: Vec<&str> = rows.iter().map(|row| row.agent.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let mut agents: Vec<AgentUsage> = names.into_iter().map(|name| AgentUsage::of(name, rows)).collect();
        agents.sort_by(|a, b| b.sum.tasks.cmp(&a.sum.tasks).then_with(|| a.agent.cmp(&b.agent)));
        Self { period: period.to_owned(), since: since_ms.map(iso8601), agents, totals: Sum::of(rows.iter()), budgets }
    }
}

impl AgentUsage {
    fn of(name: &str, rows: &[UsageRow]) -> Self {
        let own: Vec<&UsageRow> = rows.iter().filter(|row| row.agent == name).collect();
        let mut models: Vec<&Option<String>> = own.iter().map(|row| &row.model).collect();
        models.sort_unstable();
        models.dedup();
        let of_model = |model: &Option<String>| ModelUsage {
            model: model.clone(),
            sum: Sum::of(own.iter().copied().filter(|row| row.model == *model)),
        };
        let models = models.into_iter().map(of_model).collect();
        Self { agent: name.to_owned(), sum: Sum::of(own.iter().copied()), models }
    }
}

impl Sum {
    fn of<'a>(rows: impl Iterator<Item = &'a UsageRow>) -> Self {
        let mut sum = Self::default();
        let (mut tokens, mut with_tokens, mut cost_micro_usd, mut with_cost) = (TokenSum::default(), 0, 0, 0);
        for row in rows {
            sum.tasks += row.tasks;
            let status = row.status.map_or("unknown", |status| status.name());
            *sum.by_status.entry(status.to_owned()).or_default() += row.tasks;
            if row.status.is_none_or(|status| status.is_terminal()) {
                sum.tokens_unknown += row.tasks - row.with_tokens;
                sum.cost_unknown += row.tasks - row.with_cost;
            }
            let [input, cached_input, cache_write, output, reasoning] = row.parts;
            tokens.input += input;
            tokens.cached_input += cached_input;
            tokens.cache_write += cache_write;
            tokens.output += output;
            tokens.reasoning += reasoning;
            tokens.total += row.tokens;
            with_tokens += row.with_tokens;
            with_cost += row.with_cost;
            cost_micro_usd += row.cost_micro_usd;
        }
        sum.usage = (with_tokens > 0).then_some(tokens);
        sum.cost_usd = (with_cost > 0).then(|| usd(cost_micro_usd));
        sum
    }
}
