//! Measurements of one thing. Must not know what was measured.

/// Values in the order in which they were measured, at least one.
#[derive(Debug, Clone)]
pub(super) struct Series(Vec<f64>);

impl Series {
    /// None of nothing.
    pub(super) fn new(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        (!values.is_empty()).then_some(Self(values))
    }

    /// How many values there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Half of the values are not above it.
    pub(super) fn median(&self) -> f64 {
        self.at_percent(50)
    }

    /// Nine of ten values are not above it.
    pub(super) fn p90(&self) -> f64 {
        self.at_percent(90)
    }

    /// The nearest rank.
    fn at_percent(&self, percent: usize) -> f64 {
        let rank = (self.0.len() * percent).div_ceil(100);
        self.0[rank.saturating_sub(1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_of_sorted_values() {
        let series = Series::new((1..=10).rev().map(f64::from).collect()).expect("values");
        assert_eq!((series.median(), series.p90(), series.count()), (5.0, 9.0, 10));
        let one = Series::new(vec![7.0]).expect("a value");
        assert_eq!((one.median(), one.p90()), (7.0, 7.0));
        assert!(Series::new(Vec::new()).is_none());
    }
}
