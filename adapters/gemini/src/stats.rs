//! Owns reading what a run used. Must not add up several runs: gemini counts each process for itself.

use aid_adapter_kit::Usage;
use aid_adapter_kit::json::Object;

/// The most models whose use is told one by one. A run has one, and perhaps a helper or two.
const MAX_MODELS: usize = 16;

/// What each model used, as the server counted it: helpers that route or summarise are models too, and are paid for.
///
/// `input_tokens` includes the cached ones. Thoughts stand in the total alone, so output is what the total has beside
/// the input. Counts that are all zero are no counts: gemini did not get to count.
pub(crate) fn usage(stats: &Object<'_>) -> Vec<Usage> {
    let models = stats.object("models").unwrap_or_default();
    let mut each: Vec<Usage> = Vec::new();
    for (name, counts) in models.members().take(MAX_MODELS) {
        // A repeated key is one model all the same.
        let is_known = each.iter().any(|usage| usage.model.as_deref() == Some(name));
        let counts = counts.as_object().filter(|_| !is_known);
        each.extend(counts.and_then(|counts| read(&counts, Some(name.to_owned()))));
    }
    if each.is_empty() { read(stats, None).into_iter().collect() } else { each }
}

fn read(counts: &Object<'_>, model: Option<String>) -> Option<Usage> {
    let (input, cached_input) = (counts.u64("input_tokens"), counts.u64("cached"));
    let (said, total) = (counts.u64("output_tokens"), counts.u64("total_tokens"));
    let is_counted = [input, cached_input, said, total].iter().any(|count| count.is_some_and(|tokens| tokens > 0));
    if !is_counted {
        return None;
    }
    let output = total.zip(input).and_then(|(total, input)| total.checked_sub(input)).or(said);
    let reasoning = output.zip(said).and_then(|(output, said)| output.checked_sub(said));
    Some(Usage {
        input,
        cached_input,
        cache_write: None,
        output,
        reasoning,
        cost_micro_usd: None,
        model,
        cumulative: false,
    })
}

/// All of it as one sample; with a model's name when there was only one.
pub(crate) fn sum(each: &[Usage]) -> Option<Usage> {
    let (first, rest) = each.split_first()?;
    let add = |a: Option<u64>, b: Option<u64>| a?.checked_add(b?);
    Some(rest.iter().fold(first.clone(), |sum, usage| Usage {
        input: add(sum.input, usage.input),
        cached_input: add(sum.cached_input, usage.cached_input),
        cache_write: None,
        output: add(sum.output, usage.output),
        reasoning: add(sum.reasoning, usage.reasoning),
        cost_micro_usd: None,
        model: None,
        cumulative: false,
    }))
}
