//! Intervals from the replicates of a statistic.

use crate::error::{Result, Undefined};
use crate::interval::Interval;
use crate::sample::scale_of;
use crate::special::{normal_quantile, normal_sf};

/// The replicates of a statistic, and the intervals that they give. See [`Bootstrap`](crate::Bootstrap).
///
/// How often intervals held the true mean, in 4 000 samples each:
///
/// | interval | coverage of 0.95, mean of 30 exponential values | of 100 | when |
/// |---|---|---|---|
/// | [`percentile`](Self::percentile_interval) | 0.91 | 0.94 | the default; stays within what the statistic can be |
/// | [`basic`](Self::basic_interval) | 0.90 | 0.93 | for shifts; can leave the range of the statistic |
/// | [`BCa`](Self::bca_interval) | 0.91 | 0.94 | skewed or biased statistics, enough rows |
#[derive(Clone, Debug, PartialEq)]
pub struct BootstrapDistribution {
    estimate: f64,
    /// Ascending and finite; at least two.
    replicates: Vec<f64>,
    undefined: usize,
    acceleration: Option<f64>,
}

impl BootstrapDistribution {
    pub(super) fn new(
        estimate: f64,
        mut replicates: Vec<f64>,
        drawn: usize,
        acceleration: Option<f64>,
    ) -> Result<Self> {
        if replicates.len() < 2 {
            return Err(Undefined::TooFew { found: replicates.len(), needed: 2 }.into());
        }
        replicates.sort_unstable_by(f64::total_cmp);
        Ok(Self { estimate, undefined: drawn - replicates.len(), replicates, acceleration })
    }

    /// The statistic of the rows as they are.
    #[must_use]
    pub fn estimate(&self) -> f64 {
        self.estimate
    }

    /// The statistic of each draw for which it is defined, ascending.
    #[must_use]
    pub fn replicates(&self) -> &[f64] {
        &self.replicates
    }

    /// For how many draws the statistic was undefined or not finite; they are left out.
    #[must_use]
    pub fn undefined(&self) -> usize {
        self.undefined
    }

    /// The standard deviation of the replicates (ddof 1), from 0; `None` when it is too large for a number.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        let size = self.replicates.len() as f64;
        let scale = self.scale();
        let mean = self.mean() * scale;
        let squares: f64 = self.replicates.iter().map(|replicate| (replicate * scale - mean).powi(2)).sum();
        Some((squares / (size - 1.0)).sqrt() / scale).filter(|error| error.is_finite())
    }

    /// The mean of the replicates less the estimate: by how much the statistic is off on average, estimated.
    /// Subtracting it from the estimate is seldom worth the added spread. `None` when it is too large for a number.
    #[must_use]
    pub fn bias(&self) -> Option<f64> {
        Some(self.mean() - self.estimate).filter(|bias| bias.is_finite())
    }

    /// The percentile interval: between the (1 − level)/2 and the (1 + level)/2 quantile of the replicates (type 7 of
    /// Hyndman and Fan).
    ///
    /// It follows any monotone transformation of the statistic, and never leaves its range. `None` for a level that is
    /// not between 0 and 1, and when less than one replicate is expected beyond each end: level 0.95 needs 40.
    ///
    /// Efron & Tibshirani (1993), chapter 13.
    #[must_use]
    pub fn percentile_interval(&self, level: f64) -> Option<Interval> {
        let tail = (1.0 - level) / 2.0;
        self.between(tail, 1.0 - tail, level)
    }

    /// The basic interval: the percentile interval mirrored at the estimate, `2·estimate − upper` to
    /// `2·estimate − lower`.
    ///
    /// `None` as the [percentile interval](Self::percentile_interval). Davison & Hinkley (1997), section 5.2.
    #[must_use]
    pub fn basic_interval(&self, level: f64) -> Option<Interval> {
        let Interval { lower, upper, level } = self.percentile_interval(level)?;
        let (lower, upper) =
            (self.estimate + (self.estimate - upper), self.estimate + (self.estimate - lower));
        (lower.is_finite() && upper.is_finite()).then_some(Interval { lower, upper, level })
    }

    /// The bias-corrected and accelerated interval: the percentile interval at levels that make up for bias and
    /// skewness.
    ///
    /// ```text
    /// α' = Φ(z₀ + (z₀ + z_α) / (1 − a(z₀ + z_α)))        z₀ = Φ⁻¹(share of replicates below the estimate, ties ½)
    /// ```
    ///
    /// The acceleration a is a sixth of the skewness of the jackknife values; beyond 200 rows or clusters these are of
    /// 200 groups of them, left out one after the other. `None` as the [percentile
    /// interval](Self::percentile_interval), when the statistic is undefined or constant without some group, when all
    /// replicates lie on one side of the estimate, and when less than half a replicate would lie beyond an end.
    ///
    /// Efron, *JASA* 82 (1987), 171–185; Efron & Narasimhan, *Journal of Computational and Graphical Statistics* 29
    /// (2020), 608–619, for groups.
    #[must_use]
    pub fn bca_interval(&self, level: f64) -> Option<Interval> {
        let tail = (1.0 - level) / 2.0;
        // of the level itself, as the corrected ends may be anywhere
        self.between(tail, 1.0 - tail, level)?;
        let acceleration = self.acceleration?;
        let size = self.replicates.len() as f64;
        let below = self.replicates.partition_point(|replicate| *replicate < self.estimate);
        let up_to = self.replicates.partition_point(|replicate| *replicate <= self.estimate);
        let correction = normal_quantile((below + up_to) as f64 / 2.0 / size);
        let corrected = |z: f64| {
            let moved = correction + z;
            let stretched = moved / (1.0 - acceleration * moved);
            // beyond the pole the order of the ends would turn around
            (acceleration * moved < 1.0).then(|| 1.0 - normal_sf(correction + stretched))
        };
        let (lower, upper) = (corrected(normal_quantile(tail))?, corrected(-normal_quantile(tail))?);
        let seen = |share: f64| share * size >= 0.5;
        (seen(lower) && seen(1.0 - upper) && lower <= upper).then(|| Interval {
            lower: self.quantile(lower),
            upper: self.quantile(upper),
            level,
        })
    }

    fn between(&self, low: f64, high: f64, level: f64) -> Option<Interval> {
        let seen = level > 0.0 && level < 1.0 && low * self.replicates.len() as f64 >= 1.0 - 1e-9;
        seen.then(|| Interval { lower: self.quantile(low), upper: self.quantile(high), level })
    }

    /// Type 7 of Hyndman and Fan; `share` within 0 and 1.
    fn quantile(&self, share: f64) -> f64 {
        let last = self.replicates.len() - 1;
        let place = last as f64 * share;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to the last place"
        )]
        let before = (place.floor() as usize).min(last);
        let (low, high) = (self.replicates[before], self.replicates[last.min(before + 1)]);
        let part = place - place.floor();
        (low * (1.0 - part) + high * part).clamp(low, high)
    }

    fn scale(&self) -> f64 {
        scale_of(self.replicates.iter().map(|replicate| replicate.abs()))
    }

    fn mean(&self) -> f64 {
        // each is scaled first, since the sum could overflow
        let scale = self.scale();
        let origin = self.replicates[0] * scale;
        let beside: f64 = self.replicates.iter().map(|replicate| replicate * scale - origin).sum();
        (origin + beside / self.replicates.len() as f64) / scale
    }
}

/// A sixth of the skewness of the jackknife values, with its sign turned; `None` without spread.
pub(super) fn acceleration(without: &[f64]) -> Option<f64> {
    let scale = scale_of(without.iter().map(|value| value.abs()));
    let mean = without.iter().map(|value| value * scale).sum::<f64>() / without.len() as f64;
    let (mut squares, mut cubes) = (0.0, 0.0);
    for value in without {
        let distance = mean - value * scale;
        squares += distance * distance;
        cubes += distance * distance * distance;
    }
    // jackknife values that are the same but for rounding have no skewness
    let spread = squares.sqrt();
    let acceleration = cubes / (6.0 * squares * spread);
    (spread > 1e-14 && acceleration.is_finite()).then_some(acceleration)
}
