//! Owns reading token counts where a definition says they are, and adding them up. Must not know prices.

use std::rc::Rc;

use aid_adapter_kit::json::Value;
use aid_adapter_kit::{Usage, usage};

use crate::definition::{Counts, Path, UsagePaths};
use crate::node::Node;

/// Millionths of a dollar in one.
const MICRO_USD: f64 = 1_000_000.0;
/// More than this many US dollars for one run is not believed.
const MAX_COST_USD: f64 = 1_000_000.0;
/// The longest model name that is believed, in bytes.
const MAX_MODEL_BYTES: usize = 256;

/// What was used so far.
#[derive(Debug, Default)]
pub(crate) struct Used {
    /// The last totals, where the agent tells totals.
    total: Option<Usage>,
    /// The sum of what was told as used.
    sum: Option<Usage>,
}

impl Used {
    /// Takes the counts of a line. Gives what is to be told about it.
    pub(crate) fn add(&mut self, paths: &UsagePaths, line: &Rc<Node<'_>>) -> Option<Usage> {
        let sample = read(paths, line)?;
        match paths.counts {
            Counts::Step => {
                self.sum = Some(added(self.sum.take(), &sample));
                Some(sample)
            }
            Counts::Run => {
                let total = Usage { cumulative: true, ..sample };
                // A total that went down means that the agent began to count anew.
                let step = self.total.as_ref().and_then(|before| usage::since(before, &total));
                let step = step.unwrap_or_else(|| Usage { cumulative: false, ..total.clone() });
                self.total = Some(total);
                self.sum = Some(added(self.sum.take(), &step));
                Some(step)
            }
            Counts::Session => {
                let total = Usage { cumulative: true, ..sample };
                self.total = Some(total.clone());
                Some(total)
            }
        }
    }

    /// What this run used, and why that is not known where a total is. `previous` is the session's total from before
    /// it, for a run that continues a session.
    pub(crate) fn of_this_run(
        &self,
        counts: Counts,
        resumed: bool,
        previous: Option<&Usage>,
    ) -> (Option<Usage>, Option<&'static str>) {
        if counts != Counts::Session {
            return (self.sum.clone(), None);
        }
        let Some(total) = &self.total else { return (None, None) };
        if !resumed {
            return (Some(Usage { cumulative: false, ..total.clone() }), None);
        }
        match previous.map(|previous| usage::since(previous, total)) {
            None => (None, Some("; usage unknown: no total from before this run")),
            Some(None) => (None, Some("; usage unknown: the total from before this run does not fit")),
            Some(used) => (used, None),
        }
    }
}

/// The counts of a line. None when nothing was counted: an agent that reports only zeros did not count.
fn read(paths: &UsagePaths, line: &Rc<Node<'_>>) -> Option<Usage> {
    let value = |path: &Option<Path>| line.at(path.as_ref()?)?.value();
    let count = |path: &Option<Path>| value(path).and_then(Value::as_u64);
    let (cached_input, cache_write, reasoning) =
        (count(&paths.cached_input), count(&paths.cache_write), count(&paths.reasoning));
    // A part that the agent has and did not tell leaves the whole unknown.
    let with = |whole: Option<u64>, path: &Option<Path>, part: Option<u64>| match path {
        None => whole,
        Some(_) => Some(whole?.saturating_add(part?)),
    };
    let mut input = count(&paths.input);
    if !paths.input_includes_cached {
        input = with(with(input, &paths.cached_input, cached_input), &paths.cache_write, cache_write);
    }
    let mut output = count(&paths.output);
    if !paths.output_includes_reasoning {
        output = with(output, &paths.reasoning, reasoning);
    }
    let model = paths.model.as_ref().and_then(|path| line.at(path)?.text());
    let usage = Usage {
        input,
        cached_input,
        cache_write,
        output,
        reasoning,
        cost_micro_usd: value(&paths.cost_usd).and_then(micro_usd),
        model: model.filter(|model| !model.is_empty() && model.len() <= MAX_MODEL_BYTES),
        cumulative: false,
    };
    let counts = [input, cached_input, cache_write, output, reasoning, usage.cost_micro_usd];
    counts.iter().any(|count| count.is_some_and(|count| count > 0)).then_some(usage)
}

fn micro_usd(value: Value<'_>) -> Option<u64> {
    let usd: f64 = value.raw().parse().ok()?;
    let believable = (0.0..=MAX_COST_USD).contains(&usd);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range, as the line before says")]
    let micro = believable.then(|| (usd * MICRO_USD).round() as u64);
    micro
}

/// A sum is known where each part is.
fn added(sum: Option<Usage>, step: &Usage) -> Usage {
    let Some(sum) = sum else { return step.clone() };
    let add = |one: Option<u64>, other: Option<u64>| Some(one?.saturating_add(other?));
    Usage {
        input: add(sum.input, step.input),
        cached_input: add(sum.cached_input, step.cached_input),
        cache_write: add(sum.cache_write, step.cache_write),
        output: add(sum.output, step.output),
        reasoning: add(sum.reasoning, step.reasoning),
        cost_micro_usd: add(sum.cost_micro_usd, step.cost_micro_usd),
        model: if sum.model == step.model { sum.model } else { None },
        cumulative: false,
    }
}
