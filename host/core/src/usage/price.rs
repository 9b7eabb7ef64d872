//! Prices by model and the arithmetic of a bill. Must not decide what counts as usage.

use std::collections::BTreeMap;

use super::Usage;
use crate::agent::{Model, Price};

/// [`Price`] is per this many tokens.
const TOKENS_PER_PRICE: u128 = 1_000_000;

/// What each model costs: an adapter's catalogue with the user's own prices over it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PriceBook {
    prices: BTreeMap<String, Price>,
    default_model: Option<String>,
}

impl PriceBook {
    /// The prices of a catalogue. Models without one stay unknown. `default_model` stands for samples that name none.
    #[must_use]
    pub fn new(catalogue: &[Model], default_model: Option<String>) -> Self {
        let prices = catalogue.iter().filter_map(|m| Some((m.name.clone(), m.price?))).collect();
        Self { prices, default_model }
    }

    /// Sets the price of a model, over the catalogue's.
    pub fn set(&mut self, model: impl Into<String>, price: Price) {
        self.prices.insert(model.into(), price);
    }

    /// The price of a model by its exact name, or of the default model for None.
    #[must_use]
    pub fn price(&self, model: Option<&str>) -> Option<&Price> {
        self.prices.get(model.or(self.default_model.as_deref())?)
    }

    /// The bill in millionths of a US dollar for what each model used, rounded half up once at the end. None when a
    /// price or a count that changes the sum is unknown; a model that used nothing needs no price.
    #[must_use]
    pub fn cost_micro_usd<'a>(&self, used: impl IntoIterator<Item = (Option<&'a str>, Usage)>) -> Option<u64> {
        let mut sum: u128 = 0;
        for (model, usage) in used {
            if usage.total() == Some(0) {
                continue;
            }
            sum = sum.saturating_add(unrounded(self.price(model)?, &usage)?);
        }
        let rounded = sum.saturating_add(TOKENS_PER_PRICE / 2) / TOKENS_PER_PRICE;
        Some(u64::try_from(rounded).unwrap_or(u64::MAX))
    }
}

/// Tokens times price. A part of the input that costs what the rest costs need not be known apart, and what is free
/// need not be known at all.
fn unrounded(price: &Price, usage: &Usage) -> Option<u128> {
    let cached = if price.cached_input == price.input { 0 } else { usage.cached_input? };
    let (written, write_price) = match price.cache_write {
        Some(write_price) if write_price != price.input => (usage.cache_write?, write_price),
        _ => (0, 0),
    };
    let rest = if price.input == 0 { 0 } else { usage.input?.saturating_sub(cached).saturating_sub(written) };
    let output = if price.output == 0 { 0 } else { usage.output? };
    let parts = [(rest, price.input), (cached, price.cached_input), (written, write_price), (output, price.output)];
    let product = |(tokens, price): (u64, u64)| u128::from(tokens) * u128::from(price);
    Some(parts.into_iter().map(product).fold(0, u128::saturating_add))
}
