//! What adds to an agent's own score for a task, and what takes from it. Says nothing of who wins.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::complexity::Complexity;
use crate::agent::Tier;

/// For an agent that costs little, in budget mode.
const BUDGET_CHEAP: i32 = 4;
/// For one that does not.
const BUDGET_EXPENSIVE: i32 = -6;
/// For an agent that gains on complex work, when it is.
const PREFERS_COMPLEX: i32 = 2;
/// For an agent that cannot take work now.
const HELD: i32 = -10;
/// How a hold is named among the adjustments.
pub(super) const HELD_REASON: &str = "held";
/// So many settled tasks are a history.
const MIN_SETTLED: u64 = 5;
/// Below this success rate, in percent, a history speaks against an agent.
const POOR_PERCENT: u64 = 65;
/// From this success rate on, it speaks for it.
const GOOD_PERCENT: u64 = 90;
const POOR_HISTORY: i32 = -3;
const GOOD_HISTORY: i32 = 2;

/// One change to a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Adjustment {
    /// Why, for people.
    pub reason: String,
    /// By how much.
    pub delta: i32,
}

/// Whether to save money, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BudgetMode {
    /// No.
    #[default]
    Off,
    /// The caller or the settings ask for it.
    Asked,
    /// The task is low-value work.
    LowValue,
}

impl BudgetMode {
    /// Whether to save money.
    #[must_use]
    pub fn is_on(self) -> bool {
        self != Self::Off
    }
}

/// Whether an agent could be started now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// It could.
    Available,
    /// It could not: no program, not set up, switched off, or not able to do what is asked.
    Unavailable {
        /// Why, for people.
        why: String,
    },
}

/// How an agent's settled tasks went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    /// Tasks that became done or merged.
    pub good: u64,
    /// All tasks that count.
    pub settled: u64,
}

impl History {
    /// The success rate in whole percent, rounded down. None when there are too few tasks to say.
    #[must_use]
    pub fn percent(self) -> Option<u64> {
        let percent = u128::from(self.good.min(self.settled)) * 100 / u128::from(self.settled.max(1));
        (self.settled >= MIN_SETTLED).then(|| u64::try_from(percent).unwrap_or(100))
    }

    /// What it adds. Rounding down keeps both limits exact: 89.9 % is not 90 %, and 64.9 % is below 65 %.
    fn delta(self) -> Option<(u64, i32)> {
        match self.percent()? {
            percent if percent < POOR_PERCENT => Some((percent, POOR_HISTORY)),
            percent if percent >= GOOD_PERCENT => Some((percent, GOOD_HISTORY)),
            _ => None,
        }
    }
}

/// What the score of one agent depends on besides its own number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circumstances {
    pub(super) cost_class: Tier,
    pub(super) prefers_complex: bool,
    pub(super) held: bool,
    pub(super) history: History,
    pub(super) budget: BudgetMode,
    pub(super) complexity: Complexity,
}

/// Every change to an agent's score, in a fixed order.
///
/// In budget mode free and cheap agents gain; standard ones are expensive too, for a task that needs neither.
pub(super) fn adjustments(c: Circumstances) -> Vec<Adjustment> {
    let mut list = Vec::new();
    let mut push = |delta, reason: String| list.push(Adjustment { reason, delta });
    if c.budget.is_on() {
        match c.cost_class {
            Tier::Free => push(BUDGET_CHEAP, "budget mode: free agent".to_owned()),
            Tier::Cheap => push(BUDGET_CHEAP, "budget mode: cheap agent".to_owned()),
            Tier::Standard => push(BUDGET_EXPENSIVE, "budget mode: standard-priced agent".to_owned()),
            Tier::Premium => push(BUDGET_EXPENSIVE, "budget mode: premium agent".to_owned()),
        }
    }
    if c.complexity == Complexity::High && c.prefers_complex {
        push(PREFERS_COMPLEX, "high complexity suits it".to_owned());
    }
    if c.held {
        push(HELD, HELD_REASON.to_owned());
    }
    if let Some((percent, delta)) = c.history.delta() {
        push(delta, format!("history: {percent}% success"));
    }
    list
}
