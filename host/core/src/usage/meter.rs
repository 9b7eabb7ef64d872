//! Sums an agent's usage samples, differences and running totals alike. Must not know prices.
//!
//! A sample of differences is added. A sample of totals stands for the whole agent session, so it replaces what was
//! counted before it, less what the session had used before this run. So repeated totals change nothing, and whatever
//! was told until a run was killed stays counted.
//!
//! A count is known only when every sample that counted told it: a sum with a gap in it would claim too little. Samples
//! that tell no token count at all (a bill on its own) leave the tokens alone.

use std::collections::BTreeMap;

use super::{PriceBook, Usage};
use crate::agent::UsageSample;

const INPUT: usize = 0;
const CACHED_INPUT: usize = 1;
const CACHE_WRITE: usize = 2;
const OUTPUT: usize = 3;
const REASONING: usize = 4;
const TOKEN_KINDS: usize = 5;
/// The reported cost is counted by the same rules as the tokens.
const COST: usize = 5;
const KINDS: usize = 6;

/// Adds up what an agent says it used.
#[derive(Debug, Clone, Default)]
pub struct Meter {
    /// What the session had used before this run; inner None: nobody knows.
    before: Option<[Option<u64>; KINDS]>,
    /// The latest totals of the session as the agent tells them.
    session: Option<UsageSample>,
    counts: [Count; KINDS],
    by_model: BTreeMap<Option<String>, [Count; TOKEN_KINDS]>,
    told_anything: bool,
    told_tokens: bool,
    inconsistent: bool,
}

/// One count: what was seen of it, and whether that is all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Count {
    seen: u64,
    complete: bool,
}

impl Meter {
    /// A meter for one run. `baseline` is what the agent's session had used before it, as an earlier meter's
    /// [`session_usage`](Self::session_usage) said; None for a new session. For a resumed session with an unknown past
    /// give the empty sample: its totals then say nothing about this run.
    #[must_use]
    pub fn new(baseline: Option<UsageSample>) -> Self {
        Self { before: baseline.as_ref().map(kinds), session: baseline, ..Self::default() }
    }

    /// Counts a sample.
    pub fn add(&mut self, sample: &UsageSample) {
        let told = kinds(sample);
        if told.iter().all(Option::is_none) {
            return;
        }
        let tells_tokens = told[..TOKEN_KINDS].iter().any(Option::is_some);
        if sample.cumulative {
            self.add_total(sample, tells_tokens);
        } else {
            self.add_difference(sample, &told, tells_tokens);
        }
        self.told_anything = true;
        self.told_tokens |= tells_tokens;
    }

    /// What this run used; None until a sample told a token count.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.told_tokens.then(|| usage_of(&self.counts))
    }

    /// What this run cost, in millionths of a US dollar. The agent's own figure when it covers the whole run; otherwise
    /// the tokens of each model at that model's price, rounded once. None when a count or price that it rests on is
    /// unknown.
    #[must_use]
    pub fn cost_micro_usd(&self, prices: &PriceBook) -> Option<u64> {
        if !self.told_anything {
            return None;
        }
        if let Some(reported) = self.counts[COST].value() {
            return Some(reported);
        }
        if self.by_model.is_empty() {
            return None;
        }
        prices.cost_micro_usd(self.by_model.iter().map(|(model, counts)| (model.as_deref(), usage_of(counts))))
    }

    /// Totals of the agent's session after this run: the baseline of the next run that resumes it. None when neither a
    /// baseline nor a total was ever told.
    #[must_use]
    pub fn session_usage(&self) -> Option<&UsageSample> {
        self.session.as_ref()
    }

    /// Whether a total was lower than what had been counted. The higher figure was kept.
    #[must_use]
    pub fn inconsistent(&self) -> bool {
        self.inconsistent
    }

    fn add_difference(&mut self, sample: &UsageSample, told: &[Option<u64>; KINDS], tells_tokens: bool) {
        if tells_tokens {
            let model = self.by_model.entry(sample.model.clone()).or_default();
            for (kind, &more) in told[..TOKEN_KINDS].iter().enumerate() {
                self.counts[kind].add(more);
                model[kind].add(more);
            }
        }
        self.counts[COST].add(told[COST]);
        if let Some(session) = &mut self.session {
            // The next total will include this; a run that resumes before it comes must not count it again.
            add_to(session, told, tells_tokens);
        }
    }

    fn add_total(&mut self, sample: &UsageSample, tells_tokens: bool) {
        let totals = kinds(sample);
        let told = self.since_baseline(&totals);
        let lower = |(count, value): (&Count, &Option<u64>)| value.is_some_and(|v| v < count.seen);
        let higher = |(count, value): (&Count, &Option<u64>)| value.is_some_and(|v| v > count.seen);
        // A total that went down is an old one that came again, or an agent that lost count: it completes nothing.
        let stale = self.counts.iter().zip(&told).any(lower);
        let advances = tells_tokens && (!self.told_tokens || self.counts[..TOKEN_KINDS].iter().zip(&told).any(higher));
        let old = self.counts;
        for kind in 0..KINDS {
            match (totals[kind], told[kind]) {
                (_, Some(total)) => self.counts[kind].raise(total, stale),
                // Told, but nobody knows how much of it is this run's.
                (Some(_), None) => self.counts[kind].complete = false,
                (None, None) => self.counts[kind].complete &= !advances,
            }
        }
        if tells_tokens {
            self.attribute(sample.model.clone(), &old);
        }
        self.inconsistent |= stale;
        self.session = match self.session.take() {
            Some(session) if stale => Some(highest(session, sample)),
            _ => Some(sample.clone()),
        };
    }

    /// What a total says about this run alone. A total below its baseline shows that the session began to count anew
    /// at an unknown moment, so from then on its totals say nothing about this run.
    fn since_baseline(&mut self, totals: &[Option<u64>; KINDS]) -> [Option<u64>; KINDS] {
        let Some(before) = &mut self.before else { return *totals };
        let mut since = [None; KINDS];
        for kind in 0..KINDS {
            let (Some(total), Some(earlier)) = (totals[kind], before[kind]) else { continue };
            since[kind] = total.checked_sub(earlier);
            if since[kind].is_none() {
                before[kind] = None;
                self.inconsistent = true;
            }
        }
        since
    }

    /// Books what a total added to the model that it names.
    fn attribute(&mut self, model: Option<String>, old: &[Count; KINDS]) {
        let only_model = self.by_model.keys().all(|known| *known == model);
        if old == &self.counts && !self.by_model.is_empty() {
            return;
        }
        let booked = self.by_model.entry(model).or_default();
        for kind in 0..TOKEN_KINDS {
            let (count, old) = (self.counts[kind], old[kind]);
            if only_model {
                booked[kind] = count;
            } else {
                booked[kind].seen = booked[kind].seen.saturating_add(count.seen - old.seen);
                booked[kind].complete &= count.complete;
            }
        }
    }
}

impl Count {
    fn value(self) -> Option<u64> {
        self.complete.then_some(self.seen)
    }

    fn add(&mut self, more: Option<u64>) {
        self.seen = self.seen.saturating_add(more.unwrap_or(0));
        self.complete &= more.is_some();
    }

    /// Takes a total; a stale one completes nothing.
    fn raise(&mut self, total: u64, stale: bool) {
        self.seen = self.seen.max(total);
        self.complete |= !stale;
    }
}

impl Default for Count {
    fn default() -> Self {
        Self { seen: 0, complete: true }
    }
}

fn kinds(sample: &UsageSample) -> [Option<u64>; KINDS] {
    [sample.input, sample.cached_input, sample.cache_write, sample.output, sample.reasoning, sample.cost_micro_usd]
}

fn usage_of(counts: &[Count]) -> Usage {
    Usage {
        input: counts[INPUT].value(),
        cached_input: counts[CACHED_INPUT].value(),
        cache_write: counts[CACHE_WRITE].value(),
        output: counts[OUTPUT].value(),
        reasoning: counts[REASONING].value(),
    }
}

/// Adds a difference to a session's totals.
fn add_to(session: &mut UsageSample, told: &[Option<u64>; KINDS], tells_tokens: bool) {
    for (kind, (total, more)) in kinds_mut(session).into_iter().zip(told).enumerate() {
        if kind == COST || tells_tokens {
            *total = total.zip(*more).map(|(total, more)| total.saturating_add(more));
        }
    }
}

/// The higher of each of two totals.
fn highest(mut session: UsageSample, other: &UsageSample) -> UsageSample {
    for (total, other) in kinds_mut(&mut session).into_iter().zip(kinds(other)) {
        *total = total.zip(other).map(|(a, b)| a.max(b)).or(*total);
    }
    session
}

fn kinds_mut(sample: &mut UsageSample) -> [&mut Option<u64>; KINDS] {
    let UsageSample { input, cached_input, cache_write, output, reasoning, cost_micro_usd, .. } = sample;
    [input, cached_input, cache_write, output, reasoning, cost_micro_usd]
}
