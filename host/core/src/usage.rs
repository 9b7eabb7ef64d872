//! Token counts of a task, their sum over an agent's samples, and what they cost.
//!
//! Unknown is a value all the way: a count that nobody told is None, never 0, and a cost that rests on it is None too.
//! This file must not read any agent's format: adapters have already done that.

mod meter;
mod price;

pub use meter::Meter;
pub use price::PriceBook;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is shown for a value that nobody knows.
pub const UNKNOWN: &str = "—";

const MICRO_USD_PER_USD: u64 = 1_000_000;

/// Tokens that a task used. None is unknown.
///
/// As JSON: `{input, cached_input, cache_write, output, reasoning, total}`, null where unknown; `total` is derived, so
/// reading ignores it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(from = "UsageJson", into = "UsageJson")]
pub struct Usage {
    /// Input tokens, cached ones included.
    pub input: Option<u64>,
    /// Of these, read from a cache.
    pub cached_input: Option<u64>,
    /// Of these, written to a cache.
    pub cache_write: Option<u64>,
    /// Output tokens, reasoning included.
    pub output: Option<u64>,
    /// Of these, reasoning.
    pub reasoning: Option<u64>,
}

impl Usage {
    /// Input plus output; None when either is unknown. Cached and reasoning tokens are parts of these, not additions.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        Some(self.input?.saturating_add(self.output?))
    }
}

/// [`Usage`] as it is written.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Usage", description = "Tokens that a task used; null where unknown.")]
struct UsageJson {
    #[serde(default)]
    input: Option<u64>,
    #[serde(default)]
    cached_input: Option<u64>,
    #[serde(default)]
    cache_write: Option<u64>,
    #[serde(default)]
    output: Option<u64>,
    #[serde(default)]
    reasoning: Option<u64>,
    #[serde(default)]
    total: Option<u64>,
}

impl From<Usage> for UsageJson {
    fn from(usage: Usage) -> Self {
        let Usage { input, cached_input, cache_write, output, reasoning } = usage;
        Self { input, cached_input, cache_write, output, reasoning, total: usage.total() }
    }
}

impl From<UsageJson> for Usage {
    fn from(json: UsageJson) -> Self {
        let UsageJson { input, cached_input, cache_write, output, reasoning, total: _ } = json;
        Self { input, cached_input, cache_write, output, reasoning }
    }
}

/// Money for people, from millionths of a US dollar: `—` when unknown, `$0.00` when nothing, four decimals below a
/// dollar, two from there on. A cost too small for four decimals is `<$0.0001`, because it is not nothing.
#[must_use]
pub fn format_usd(micro_usd: Option<u64>) -> String {
    const MICRO_PER_FOURTH_DECIMAL: u64 = 100;
    const MICRO_PER_CENT: u64 = 10_000;
    let Some(micro_usd) = micro_usd else { return UNKNOWN.to_owned() };
    if micro_usd == 0 {
        return "$0.00".to_owned();
    }
    let fourths = round_half_up(micro_usd, MICRO_PER_FOURTH_DECIMAL);
    if fourths == 0 {
        return "<$0.0001".to_owned();
    }
    if fourths < MICRO_USD_PER_USD / MICRO_PER_FOURTH_DECIMAL {
        return format!("$0.{fourths:04}");
    }
    let cents = round_half_up(micro_usd, MICRO_PER_CENT);
    format!("${}.{:02}", cents / 100, cents % 100)
}

/// A token count for people: `—`, `950`, `1.2k`, `3.4M`, `5.6B`.
#[must_use]
pub fn format_tokens(tokens: Option<u64>) -> String {
    const UNITS: [(u64, char); 3] = [(1_000, 'k'), (1_000_000, 'M'), (1_000_000_000, 'B')];
    let Some(tokens) = tokens else { return UNKNOWN.to_owned() };
    if tokens < UNITS[0].0 {
        return tokens.to_string();
    }
    // The unit is chosen after rounding: 999 950 is 1.0M, not 1000.0k.
    let fits = UNITS.iter().find(|(size, _)| round_half_up(tokens, size / 10) < 10_000);
    let (size, unit) = *fits.unwrap_or(&UNITS[UNITS.len() - 1]);
    let tenths = round_half_up(tokens, size / 10);
    format!("{}.{}{unit}", tenths / 10, tenths % 10)
}

fn round_half_up(value: u64, unit: u64) -> u64 {
    value / unit + u64::from(value % unit >= unit.div_ceil(2))
}
