//! Who takes over when an agent cannot. Starts nothing.

use super::choose::Ranking;

/// An agent that scores itself below this for a kind of work does not take it over.
pub const MIN_CAPABLE_SCORE: u8 = 2;

/// The agents of a chain that may take over from one, in order: those that come after it in the chain (all of it, when
/// it is not in it), are available and not held, and are capable of the task's kind of work by their own base score.
#[must_use]
pub fn fallbacks<'a>(after: &str, ranking: &Ranking, chain: &[&'a str]) -> Vec<&'a str> {
    let start = chain.iter().position(|name| *name == after).map_or(0, |at| at + 1);
    let capable = |name: &&str| {
        let agent = ranking.agents.iter().find(|a| a.agent == **name);
        **name != *after && agent.is_some_and(|a| a.available && a.base >= MIN_CAPABLE_SCORE)
    };
    chain[start..].iter().copied().filter(capable).collect()
}
