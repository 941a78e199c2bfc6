//! Fewer points, with a bound on what that costs.

use super::Ecdf;

impl Ecdf {
    /// The same distribution function with at most `max_points` of its values (at least 2: the smallest and the
    /// largest stay).
    ///
    /// The quantiles at i/(`max_points` − 1) are kept, with their exact ranks. Between two of them lies less
    /// than 1/(`max_points` − 1) of the weight, so the function is nowhere lower than the whole one by more,
    /// and nowhere higher; [`resolution`](Self::resolution) tells by how much exactly. A Kolmogorov–Smirnov
    /// distance to it differs from that to the whole one by no more than this either. Values that hold a larger
    /// share keep it exactly. Sizes and missing values stay those of the whole.
    ///
    /// ```
    /// # use tiltmeter_stats::Ecdf;
    /// let values: Vec<f64> = (0..100_000).map(f64::from).collect();
    /// let thinned = Ecdf::of(&values)?.thinned(1_001);
    /// assert_eq!((thinned.distinct(), thinned.count()), (1_001, 100_000));
    /// assert!(thinned.resolution() < 0.001);
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    #[must_use]
    pub fn thinned(&self, max_points: usize) -> Self {
        let last = max_points.max(2) - 1;
        if self.values.len() <= last + 1 {
            return self.clone();
        }
        let mut kept: Vec<usize> = (0..=last).map(|step| self.rank(step as f64 / last as f64)).collect();
        kept.dedup();
        let between = |pair: &[usize]| self.cumulative[pair[1] - 1] - self.cumulative[pair[0]];
        let lost = kept.windows(2).map(between).fold(0.0, f64::max) / self.weight();
        Self {
            values: kept.iter().map(|&place| self.values[place]).collect(),
            cumulative: kept.iter().map(|&place| self.cumulative[place]).collect(),
            resolution: (self.resolution + lost).min(1.0),
            ..*self
        }
    }
}
