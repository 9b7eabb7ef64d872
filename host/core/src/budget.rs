//! Budgets: what a user allows an agent, or all of them, to use in a window of time, and how far it is used up.
//!
//! Reading the ledger and the clock is the engine's business. This file must not decide about a task: it says how full a
//! budget is.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::usage::{format_tokens, format_usd};

/// From this part on a budget warns, in percent.
pub const WARN_PERCENT: u64 = 80;
/// A full budget, in percent.
const FULL_PERCENT: u64 = 100;
const HOUR_MS: i64 = 3_600_000;
/// The longest rolling window, in days.
const MAX_DAYS: i64 = 366;

/// `[[usage.budget]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// What it is called.
    pub name: String,
    /// The agent it covers; without one it covers all.
    pub agent: Option<String>,
    /// What the user pays for, for people.
    pub plan: Option<String>,
    /// The window of time.
    #[serde(default)]
    pub window: Window,
    /// Most tasks.
    pub task_limit: Option<u64>,
    /// Most tokens.
    pub token_limit: Option<u64>,
    /// Most US dollars.
    pub cost_limit_usd: Option<f64>,
    /// Most requests. aid sees tasks, not requests, and counts one for each: a lower bound.
    pub request_limit: Option<u64>,
    /// Tasks that were run elsewhere.
    #[serde(default)]
    pub external_tasks: u64,
    /// Tokens that were used elsewhere.
    #[serde(default)]
    pub external_tokens: u64,
    /// US dollars that were spent elsewhere.
    #[serde(default)]
    pub external_cost_usd: f64,
    /// Requests that were made elsewhere.
    #[serde(default)]
    pub external_requests: u64,
    /// A moment at which the window began or will begin anew, ISO 8601; without it a window of hours or days always ends
    /// now.
    pub resets_at: Option<Timestamp>,
    /// For people.
    pub notes: Option<String>,
}

/// A window of time that ends now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Window {
    /// Since midnight.
    Today,
    /// Since the first of the month.
    Month,
    /// The last hours; days are 24 of them.
    Hours(i64),
    /// Always.
    #[default]
    All,
}

impl TryFrom<String> for Window {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong =
            || format!("window {text:?} is not one of today, month, all, or hours or days such as \"5h\" and \"7d\"");
        let hours = |number: &str, factor: i64| {
            let count: i64 = number.parse().map_err(|_| wrong())?;
            let hours = count.checked_mul(factor).filter(|hours| (1..=MAX_DAYS * 24).contains(hours));
            hours.map(Self::Hours).ok_or_else(wrong)
        };
        match text.as_str() {
            "today" | "daily" => Ok(Self::Today),
            "month" | "monthly" => Ok(Self::Month),
            "all" => Ok(Self::All),
            other => match (other.strip_suffix('h'), other.strip_suffix('d')) {
                (Some(number), _) => hours(number, 1),
                (_, Some(number)) => hours(number, 24),
                _ => Err(wrong()),
            },
        }
    }
}

impl Window {
    /// When it began, in milliseconds since the epoch; None: always. `anchor` is a moment at which one began.
    #[must_use]
    pub fn began_ms(self, now_ms: i64, zone: &TimeZone, anchor: Option<Timestamp>) -> Option<i64> {
        let now = || Some(Timestamp::from_millisecond(now_ms).ok()?.to_zoned(zone.clone()));
        let start =
            |day: Result<Zoned, jiff::Error>| day.ok()?.start_of_day().ok().map(|at| at.timestamp().as_millisecond());
        match self {
            Self::All => None,
            Self::Today => start(Ok(now()?)),
            Self::Month => start(now()?.first_of_month()),
            Self::Hours(hours) => {
                let length_ms = hours * HOUR_MS;
                let past_ms =
                    anchor.map_or(length_ms, |anchor| (now_ms - anchor.as_millisecond()).rem_euclid(length_ms));
                Some(now_ms - past_ms)
            }
        }
    }
}

/// What was used in a window, as far as the ledger knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// Tasks that were dispatched.
    pub tasks: u64,
    /// Tokens of those whose use is known.
    pub tokens: u64,
    /// Millionths of a US dollar of those whose cost is known.
    pub cost_micro_usd: u64,
    /// Tasks that ended with an unknown use of tokens.
    pub tokens_unknown: u64,
    /// Tasks that ended with an unknown cost.
    pub cost_unknown: u64,
}

/// How far a budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Below [`WARN_PERCENT`].
    Ok,
    /// From there on.
    Warning,
    /// Nothing is left.
    Exceeded,
}

/// A budget at a moment.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BudgetView {
    /// What it is called.
    pub name: String,
    /// The agent it covers; null: all.
    pub agent: Option<String>,
    /// What the user pays for.
    pub plan: Option<String>,
    /// How far it is used up: its fullest limit.
    pub level: Level,
    /// Each limit that it sets.
    pub limits: Vec<LimitView>,
    /// When its window began: ISO 8601, UTC; null: no beginning.
    pub since: Option<String>,
    /// Tasks in the window with an unknown use of tokens: they are not counted.
    pub tokens_unknown: u64,
    /// Tasks in the window with an unknown cost: they are not counted.
    pub cost_unknown: u64,
    /// For people.
    pub notes: Option<String>,
}

/// One limit of a budget.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LimitView {
    /// `tasks`, `tokens`, `cost_usd` or `requests`.
    pub what: &'static str,
    /// What was used, elsewhere too.
    pub used: f64,
    /// What is allowed.
    pub limit: f64,
    /// How much of it is used, in whole percent, rounded down.
    pub percent: u64,
}

impl Budget {
    /// Whether work of an agent is covered.
    #[must_use]
    pub fn covers(&self, agent: &str) -> bool {
        self.agent.as_deref().is_none_or(|own| own == agent)
    }

    /// How far it is used up.
    #[must_use]
    pub fn at(&self, used: &Used, since_ms: Option<i64>) -> BudgetView {
        let limits: Vec<LimitView> = [
            limit("tasks", count(used.tasks + self.external_tasks), self.task_limit.map(count)),
            limit("tokens", count(used.tokens + self.external_tokens), self.token_limit.map(count)),
            limit("cost_usd", crate::view::usd(used.cost_micro_usd) + self.external_cost_usd, self.cost_limit_usd),
            limit("requests", count(used.tasks + self.external_requests), self.request_limit.map(count)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let fullest = limits.iter().map(|limit| limit.percent).max().unwrap_or(0);
        let level = match fullest {
            FULL_PERCENT.. => Level::Exceeded,
            WARN_PERCENT.. => Level::Warning,
            _ => Level::Ok,
        };
        BudgetView {
            name: self.name.clone(),
            agent: self.agent.clone(),
            plan: self.plan.clone(),
            level,
            limits,
            since: since_ms.map(crate::view::iso8601),
            tokens_unknown: used.tokens_unknown,
            cost_unknown: used.cost_unknown,
            notes: self.notes.clone(),
        }
    }

    /// What is wrong with it, if anything: a limit that is none, or no limit at all.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let Self { name, task_limit, token_limit, cost_limit_usd, request_limit, external_cost_usd, .. } = self;
        let money = |usd: f64| usd.is_finite() && usd >= 0.0;
        if name.trim().is_empty() {
            Some("a budget has no name".to_owned())
        } else if task_limit.or(*token_limit).or(*request_limit).is_none() && cost_limit_usd.is_none() {
            Some(format!("budget {name} sets no limit; use task_limit, token_limit, cost_limit_usd or request_limit"))
        } else if !cost_limit_usd.is_none_or(money) || !money(*external_cost_usd) {
            Some(format!("budget {name} has an amount of money that is none"))
        } else if self.resets_at.is_some() && !matches!(self.window, Window::Hours(_)) {
            Some(format!("budget {name} has resets_at, which goes with a window of hours or days"))
        } else {
            None
        }
    }
}

impl BudgetView {
    /// Its fullest limit in words, such as `12 of 10 tasks`.
    #[must_use]
    pub fn explain(&self) -> String {
        let Some(limit) = self.limits.iter().max_by_key(|limit| limit.percent) else { return "no limit".to_owned() };
        match limit.what {
            "cost_usd" => format!("{} of {}", dollars(limit.used), dollars(limit.limit)),
            what => format!(
                "{} of {} {what}",
                format_tokens(Some(whole(limit.used))),
                format_tokens(Some(whole(limit.limit)))
            ),
        }
    }
}

fn limit(what: &'static str, used: f64, limit: Option<f64>) -> Option<LimitView> {
    let limit = limit?;
    let percent = if limit > 0.0 { whole(used / limit * 100.0) } else { FULL_PERCENT };
    Some(LimitView { what, used, limit, percent })
}

fn dollars(usd: f64) -> String {
    format_usd(Some(whole(usd * 1_000_000.0)))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count: too large becomes the largest")]
fn whole(value: f64) -> u64 {
    value as u64
}

#[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
fn count(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-25T08:00:00Z.
    const NOW: i64 = 1_795_593_600_000;

    fn budget(toml: &str) -> Budget {
        toml::from_str(&format!("name = \"b\"\n{toml}")).expect("a budget")
    }

    #[test]
    fn the_fullest_limit_decides() {
        let budget = budget("task_limit = 10\ncost_limit_usd = 2.0\ntoken_limit = 1000000");
        let level = |tasks, cost_micro_usd| budget.at(&Used { tasks, cost_micro_usd, ..Used::default() }, None).level;
        assert_eq!(level(7, 0), Level::Ok);
        assert_eq!(level(8, 0), Level::Warning);
        assert_eq!(level(10, 0), Level::Exceeded);
        assert_eq!(level(1, 1_600_000), Level::Warning);
        assert_eq!(level(1, 2_000_000), Level::Exceeded);
    }

    #[test]
    fn what_was_used_elsewhere_counts() {
        let budget = budget("request_limit = 100\nexternal_requests = 79\ntoken_limit = 10\nexternal_tokens = 9");
        let view = budget.at(&Used { tasks: 1, ..Used::default() }, None);
        assert_eq!((view.limits[1].percent, view.limits[0].percent), (80, 90));
        assert_eq!(view.explain(), "9 of 10 tokens");
    }

    #[test]
    fn windows_begin_where_they_say() {
        let began = |text: &str, anchor: Option<&str>| {
            let window = Window::try_from(text.to_owned()).expect("a window");
            let anchor = anchor.map(|at| at.parse().expect("a moment"));
            window.began_ms(NOW, &TimeZone::UTC, anchor).map(crate::view::iso8601)
        };
        assert_eq!(began("all", None), None);
        assert_eq!(began("today", None).as_deref(), Some("2026-11-25T00:00:00.000Z"));
        assert_eq!(began("month", None).as_deref(), Some("2026-11-01T00:00:00.000Z"));
        assert_eq!(began("5h", None).as_deref(), Some("2026-11-25T03:00:00.000Z"));
        assert_eq!(began("5h", Some("2026-11-25T10:00:00Z")).as_deref(), Some("2026-11-25T05:00:00.000Z"));
        assert_eq!(began("7d", Some("2026-11-01T09:00:00Z")).as_deref(), Some("2026-11-22T09:00:00.000Z"));
        for wrong in ["", "5", "0h", "-1d", "5m", "9999999999999999999d", "fortnight"] {
            assert!(Window::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_budget_that_cannot_mean_anything_is_said() {
        assert_eq!(budget("task_limit = 1").problem(), None);
        for wrong in [
            "",
            "cost_limit_usd = -1.0",
            "cost_limit_usd = nan",
            "task_limit = 1\nresets_at = \"2026-11-25T10:00:00Z\"",
        ] {
            assert!(budget(wrong).problem().is_some(), "{wrong}");
        }
    }
}
