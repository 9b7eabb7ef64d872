//! Holds: which agent, or which metered pool of it, cannot take work, who said so, and what ends it.
//!
//! A hold comes from a refusal that ended a run and nothing else: adapters read refusals on the provider's own channel
//! only, so no text of a model, a tool or a file can make one. This file must not know a clock: moments come in.

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agent::{Refusal, RefusalClass};
use crate::id::TaskId;
use crate::retry_at;

const MINUTE_MS: i64 = 60_000;
/// How long a rate limit is taken to last when nobody says.
pub const RATE_LIMIT_MS: i64 = 5 * MINUTE_MS;
/// How long a provider is taken to have no room when nobody says.
pub const CAPACITY_MS: i64 = 2 * MINUTE_MS;
/// How long a used-up quota is left alone when nobody says.
pub const QUOTA_MS: i64 = 60 * MINUTE_MS;

/// What ends a hold, besides a success on the same pool and `aid config clear-limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldEnd {
    /// A moment that the provider named.
    Provider,
    /// Nobody named one; it is tried again from a moment that aid chose.
    Assumed,
    /// Another login.
    Login,
}

/// An agent, or a pool of it, cannot take work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Whose limits were met: an agent, for its forks too.
    pub account: String,
    /// The metered pool it is about; None: all of the account.
    pub pool: Option<String>,
    /// Why.
    pub class: RefusalClass,
    /// In the provider's words.
    pub message: String,
    /// The task that was refused.
    pub task: TaskId,
    /// Since when, in milliseconds since the epoch.
    pub since_ms: i64,
    /// What ends it.
    pub end: HoldEnd,
    /// When it ends by itself, in milliseconds since the epoch; None for [`HoldEnd::Login`].
    pub until_ms: Option<i64>,
    /// What the login looked like, for [`HoldEnd::Login`]: not a secret, and of use only for comparison.
    pub login: Option<String>,
}

/// Where and when a run was refused.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// Whose limits apply.
    pub account: &'a str,
    /// The task.
    pub task: &'a TaskId,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// In which zone a provider's wall-clock time is read.
    pub zone: &'a TimeZone,
    /// What the login looks like now.
    pub login: Option<&'a str>,
}

impl Hold {
    /// The hold that a run leaves which ended with this refusal, if it is one that others would meet too.
    #[must_use]
    pub fn of(refusal: &Refusal, refused: &Refused<'_>) -> Option<Self> {
        let assumed_ms = match refusal.class {
            RefusalClass::RateLimit => Some(RATE_LIMIT_MS),
            RefusalClass::Quota => Some(QUOTA_MS),
            RefusalClass::Capacity => Some(CAPACITY_MS),
            // Where no login can be seen, none can be seen to change either.
            RefusalClass::Auth => refused.login.is_none().then_some(QUOTA_MS),
            RefusalClass::Context
            | RefusalClass::Model
            | RefusalClass::Network
            | RefusalClass::Refused
            | RefusalClass::Other => return None,
        };
        let said = refusal.retry_at.as_deref().and_then(|text| retry_at::parse(text, refused.at_ms, refused.zone));
        let (end, until_ms) = match (assumed_ms, said) {
            (None, _) => (HoldEnd::Login, None),
            (Some(_), Some(said)) => (HoldEnd::Provider, Some(said)),
            (Some(assumed_ms), None) => (HoldEnd::Assumed, Some(refused.at_ms.saturating_add(assumed_ms))),
        };
        Some(Self {
            account: refused.account.to_owned(),
            pool: refusal.pool.clone(),
            class: refusal.class,
            message: refusal.message.clone(),
            task: refused.task.clone(),
            since_ms: refused.at_ms,
            end,
            until_ms,
            login: refused.login.filter(|_| end == HoldEnd::Login).map(str::to_owned),
        })
    }

    /// Whether it still stands at a moment, with the login as it is now.
    #[must_use]
    pub fn stands(&self, now_ms: i64, login: Option<&str>) -> bool {
        match (self.end, self.until_ms) {
            (HoldEnd::Login, _) => self.login.as_deref() == login,
            (HoldEnd::Provider | HoldEnd::Assumed, Some(until_ms)) => now_ms < until_ms,
            (HoldEnd::Provider | HoldEnd::Assumed, None) => true,
        }
    }

    /// Whether work for a model is what it is about. `model` is the one that would be asked for, or the agent's own first
    /// choice where that is known.
    #[must_use]
    pub fn concerns(&self, account: &str, model: Option<&str>) -> bool {
        // A pool may be a model, or a provider whose models are named `PROVIDER/MODEL`.
        let is_of = |pool: &str| {
            model.is_some_and(|model| {
                model.strip_prefix(pool).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        self.account == account && self.pool.as_deref().is_none_or(is_of)
    }

    /// Why work is refused, for people: who said what, and what ends it.
    #[must_use]
    pub fn explain(&self, now_ms: i64) -> String {
        let what = match self.class {
            RefusalClass::RateLimit => "rate limit",
            RefusalClass::Quota => "quota used up",
            RefusalClass::Auth => "login refused",
            _ => "no room at the provider",
        };
        let pool = self.pool.as_deref().map(|pool| format!(" for {pool}")).unwrap_or_default();
        let until = match (self.end, self.until_ms) {
            (HoldEnd::Login, _) => "until the login changes".to_owned(),
            (_, Some(until_ms)) => {
                let left_ms = u64::try_from(until_ms.saturating_sub(now_ms)).unwrap_or(0);
                let by = if self.end == HoldEnd::Provider { "the provider says" } else { "aid's guess" };
                format!("for {} more ({by})", crate::duration::format_duration_ms(left_ms))
            }
            (_, None) => "until it works again".to_owned(),
        };
        let message = crate::text::sanitize_line(&self.message);
        format!("{what}{pool}, {until}: {} told {} {message:?}", self.account, self.task)
    }
}

/// The hold that stands in the way of work: the one predicate of run, auto, advise, batch and doctor. Of several the one
/// that ends last.
#[must_use]
pub fn blocking<'a>(
    holds: &'a [Hold],
    account: &str,
    model: Option<&str>,
    now_ms: i64,
    login: Option<&str>,
) -> Option<&'a Hold> {
    let stands = |hold: &&Hold| hold.concerns(account, model) && hold.stands(now_ms, login);
    holds.iter().filter(stands).max_by_key(|hold| hold.until_ms.unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_340_000_000;

    fn refusal(class: RefusalClass, pool: Option<&str>, retry_at: Option<&str>) -> Refusal {
        let (pool, retry_at) = (pool.map(str::to_owned), retry_at.map(str::to_owned));
        Refusal { class, message: "no".to_owned(), pool, retry_at, is_final: true }
    }

    fn hold(refusal: &Refusal) -> Option<Hold> {
        let task = TaskId::parse("t-1a2b").expect("an id");
        let refused = Refused { account: "codex", task: &task, at_ms: NOW, zone: &TimeZone::UTC, login: Some("key:1") };
        Hold::of(refusal, &refused)
    }

    #[test]
    fn only_what_others_would_meet_too_is_a_hold() {
        use RefusalClass as C;
        for class in [C::Context, C::Model, C::Network, C::Refused, C::Other] {
            assert_eq!(hold(&refusal(class, None, None)), None, "{class:?}");
        }
        let full = hold(&refusal(C::Capacity, Some("sol"), None)).expect("a hold");
        assert_eq!(full.until_ms, Some(NOW + CAPACITY_MS));
    }

    #[test]
    fn the_providers_time_goes_before_a_guess() {
        let told = hold(&refusal(RefusalClass::RateLimit, None, Some("in 90s"))).expect("a hold");
        assert_eq!((told.end, told.until_ms), (HoldEnd::Provider, Some(NOW + 90_000)));
        let guessed = hold(&refusal(RefusalClass::RateLimit, None, Some("soon"))).expect("a hold");
        assert_eq!((guessed.end, guessed.until_ms), (HoldEnd::Assumed, Some(NOW + RATE_LIMIT_MS)));
        assert!(guessed.stands(NOW, None) && !guessed.stands(NOW + RATE_LIMIT_MS, None));
    }

    #[test]
    fn a_refused_login_holds_until_the_login_changes() {
        let hold = hold(&refusal(RefusalClass::Auth, None, None)).expect("a hold");
        assert_eq!(hold.end, HoldEnd::Login);
        assert!(hold.stands(i64::MAX, Some("key:1")));
        assert!(!hold.stands(NOW, Some("key:2")) && !hold.stands(NOW, None));
    }

    #[test]
    fn a_refused_login_that_cannot_be_seen_is_tried_again_some_time() {
        let task = TaskId::parse("t-1a2b").expect("an id");
        let refused = Refused { account: "mine", task: &task, at_ms: NOW, zone: &TimeZone::UTC, login: None };
        let hold = Hold::of(&refusal(RefusalClass::Auth, None, None), &refused).expect("a hold");
        assert_eq!((hold.end, hold.until_ms), (HoldEnd::Assumed, Some(NOW + QUOTA_MS)));
    }

    #[test]
    fn a_pool_is_not_the_whole_account_and_an_account_is_not_another() {
        let of_pool = hold(&refusal(RefusalClass::Quota, Some("sol"), None)).expect("a hold");
        let holds = [of_pool];
        let blocks = |account, model| blocking(&holds, account, model, NOW, None).is_some();
        assert!(blocks("codex", Some("sol")));
        assert!(blocks("codex", Some("sol/large")) && !blocks("codex", Some("sol-2")));
        assert!(!blocks("codex", Some("luna")) && !blocks("codex", None) && !blocks("gemini", Some("sol")));
        let of_all = [hold(&refusal(RefusalClass::Quota, None, None)).expect("a hold")];
        assert!(blocking(&of_all, "codex", Some("luna"), NOW, None).is_some());
        assert!(blocking(&of_all, "codex", None, NOW + QUOTA_MS, None).is_none());
    }
}
