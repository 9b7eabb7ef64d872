//! Owns arithmetic on token counts. Must not read any agent's format.

use crate::Usage;

/// What was used between two totals of the same session, oldest first. None when the counts cannot be compared: the
/// earlier sample is no total, or a count went down, which means that the agent began to count anew.
pub fn since(previous: &Usage, total: &Usage) -> Option<Usage> {
    if !(previous.cumulative && total.cumulative) {
        return None;
    }
    Some(Usage {
        input: difference(previous.input, total.input)?,
        cached_input: difference(previous.cached_input, total.cached_input)?,
        cache_write: difference(previous.cache_write, total.cache_write)?,
        output: difference(previous.output, total.output)?,
        reasoning: difference(previous.reasoning, total.reasoning)?,
        cost_micro_usd: difference(previous.cost_micro_usd, total.cost_micro_usd)?,
        model: total.model.clone(),
        cumulative: false,
    })
}

/// Outer none: it went down. Inner none: unknown.
fn difference(previous: Option<u64>, total: Option<u64>) -> Option<Option<u64>> {
    match (previous, total) {
        (Some(previous), Some(total)) => total.checked_sub(previous).map(Some),
        _ => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::since;
    use crate::Usage;

    fn total(input: u64, cached_input: Option<u64>) -> Usage {
        Usage {
            input: Some(input),
            cached_input,
            cache_write: None,
            output: Some(10),
            reasoning: None,
            cost_micro_usd: None,
            model: None,
            cumulative: true,
        }
    }

    #[test]
    fn subtracts_known_counts_and_keeps_unknown_ones_unknown() {
        let used = since(&total(1000, None), &total(3000, Some(500))).expect("comparable");
        assert_eq!((used.input, used.cached_input, used.output), (Some(2000), None, Some(0)));
        assert!(!used.cumulative);
    }

    #[test]
    fn a_count_that_went_down_makes_the_difference_unknown() {
        assert_eq!(since(&total(1000, Some(600)), &total(3000, Some(500))), None);
    }

    #[test]
    fn a_sample_that_is_no_total_cannot_be_subtracted() {
        let part = Usage { cumulative: false, ..total(1000, None) };
        assert_eq!(since(&part, &total(3000, None)), None);
    }
}
