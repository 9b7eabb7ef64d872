//! Which model of an agent's own catalogue fits a task. A model of one agent is never offered to another.

use crate::agent::{Model, Price, Tier};

use super::complexity::Complexity;

/// A model, and why it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelChoice {
    /// The name the agent's CLI takes.
    pub name: String,
    /// Its price class; None when the catalogue does not know the model.
    pub tier: Option<Tier>,
    /// Why, for people: `complexity: medium`, `budget mode` or `asked for`.
    pub reason: String,
}

/// The tiers to try for a task, the nearest first; of two that are equally near, the cheaper.
fn tiers(complexity: Complexity, budget: bool) -> [Tier; 4] {
    if budget {
        // A free model is the last resort of the cheap, not the first: what it saves it loses in second attempts.
        return [Tier::Cheap, Tier::Free, Tier::Standard, Tier::Premium];
    }
    match complexity {
        Complexity::Low => [Tier::Cheap, Tier::Free, Tier::Standard, Tier::Premium],
        Complexity::Medium => [Tier::Standard, Tier::Cheap, Tier::Premium, Tier::Free],
        Complexity::High => [Tier::Premium, Tier::Standard, Tier::Cheap, Tier::Free],
    }
}

/// Chooses a model. An explicit one always wins, known or not. None: the agent has no catalogue, and decides itself.
///
/// The first model listed of the nearest tier; in budget mode the lowest known price of the cheapest tier. An unknown
/// price is never the lowest.
#[must_use]
pub fn model_for(
    models: &[Model],
    complexity: Complexity,
    budget: bool,
    explicit: Option<&str>,
) -> Option<ModelChoice> {
    if let Some(name) = explicit {
        let tier = models.iter().find(|m| m.name == name).map(|m| m.tier);
        return Some(ModelChoice { name: name.to_owned(), tier, reason: "asked for".to_owned() });
    }
    let tier = tiers(complexity, budget).into_iter().find(|tier| models.iter().any(|m| m.tier == *tier))?;
    let mut fitting = models.iter().filter(|m| m.tier == tier);
    let model = if budget { fitting.min_by_key(|m| m.price.map_or(u64::MAX, total)) } else { fitting.next() }?;
    let reason = if budget { "budget mode".to_owned() } else { format!("complexity: {complexity}") };
    Some(ModelChoice { name: model.name.clone(), tier: Some(model.tier), reason })
}

fn total(price: Price) -> u64 {
    price.input.saturating_add(price.output)
}
