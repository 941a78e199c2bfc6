//! What a statistic would have been on other rows of the same kind.

use std::hash::Hash;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use super::bootstrap_distribution::{BootstrapDistribution, acceleration};
use crate::clusters::Clusters;
use crate::error::{Error, Result, Undefined};
use crate::sample::{check_weights, to_about_one};

const MOST_REPLICATES: usize = 1_000_000;
/// So many groups of rows are left out at the most, one after the other, for the acceleration.
const MOST_LEFT_OUT: usize = 200;

/// The bootstrap: draws as many rows as there are, with replacement, again and again, and computes a statistic of each
/// draw. The spread of these *replicates* is that of the statistic.
///
/// For statistics without a formula for their standard error. The statistic is a closure over the caller's columns,
/// which gets row numbers ([`of_rows`](Self::of_rows)) or a weight for each row ([`of_weights`](Self::of_weights));
/// the second fits all functions of this crate that take weights, and copies nothing.
///
/// **Weights** of rows stay with their rows: rows are drawn with equal probabilities and each brings its weight.
/// **Clusters** of rows are drawn whole: as many clusters as there are, so that the number of rows varies. Days of a
/// model, or users, are such clusters; drawing their rows singly makes intervals far too short.
///
/// A replicate for which the statistic is undefined (or not finite) is counted and left out; where that happens often,
/// the interval is one for the draws in which the statistic exists, and may be too short. The extremes of a sample (a
/// maximum, the number of distinct values) cannot be bootstrapped.
///
/// Replicates are in the order of one generator, so that a seed always gives the same, on any platform.
///
/// Cost: `replicates` × (n + the statistic), and up to 201 more computations of the statistic (or as many as there are
/// rows or clusters, if these are fewer) for the acceleration of BCa; one replicate of a million rows takes some 15 ms
/// for drawing alone. Memory: 12 bytes per row and 8 per replicate, with clusters 20 more per row.
///
/// Efron & Tibshirani, *An Introduction to the Bootstrap* (1993); Davison & Hinkley, *Bootstrap Methods and their
/// Application* (1997), section 3.8 for clusters; Field & Welsh, *J. R. Statist. Soc. B* 69 (2007), 369–390.
///
/// ```
/// use tiltmeter_stats::{Bootstrap, Sample, quantile_inverted_cdf};
///
/// let seconds: Vec<f64> = (0..200).map(|row| f64::from(row * 37 % 200) / 10.0).collect();
/// let p90 = Bootstrap::rows(seconds.len()).of_weights(7, |weights| {
///     Ok(quantile_inverted_cdf(Sample::weighted(&seconds, weights)?, &[0.9])?[0])
/// })?;
/// assert_eq!(p90.estimate(), 17.9);
/// let interval = p90.percentile_interval(0.95).unwrap();
/// assert_eq!(format!("{:.1} to {:.1}", interval.lower, interval.upper), "17.0 to 18.6");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bootstrap<'a> {
    rows: usize,
    clusters: Option<Clusters>,
    weights: Option<&'a [f64]>,
    replicates: usize,
}

impl<'a> Bootstrap<'a> {
    /// Draws of single rows, which are independent of each other.
    #[must_use]
    pub fn rows(count: usize) -> Self {
        Self { rows: count, clusters: None, weights: None, replicates: 2000 }
    }

    /// Draws of whole clusters: the rows that bear the same name.
    #[must_use]
    pub fn clusters<C: Eq + Hash>(clusters: &[C]) -> Self {
        Self { clusters: Some(Clusters::new(clusters)), ..Self::rows(clusters.len()) }
    }

    /// With a weight for each row, by which the weights that [`of_weights`](Self::of_weights) hands out are multiplied.
    ///
    /// # Errors
    /// Invalid when there are not as many weights as rows, or a weight is negative, NaN or infinite, or all are 0.
    pub fn with_weights(self, weights: &'a [f64]) -> Result<Self> {
        check_weights(self.rows, weights)?;
        Ok(Self { weights: Some(weights), ..self })
    }

    /// With so many replicates; 2 000 when nothing is said, which is plenty for an interval of level 0.95. A standard
    /// error needs 200, a level of 0.99 some 10 000.
    ///
    /// # Errors
    /// Invalid when there are fewer than 2 or more than a million.
    pub fn with_replicates(self, replicates: usize) -> Result<Self> {
        if !(2..=MOST_REPLICATES).contains(&replicates) {
            let clause = format!("{replicates} replicates, allowed: from 2 to {MOST_REPLICATES}");
            return Err(Error::invalid(clause));
        }
        Ok(Self { replicates, ..self })
    }

    /// The distribution of a statistic of row numbers, ascending (cluster by cluster); a row that is drawn twice is
    /// there twice.
    ///
    /// Weights of rows are the closure's to look up. The seed chooses the draws.
    ///
    /// # Errors
    /// Undefined without rows ([`Empty`](Undefined::Empty)), when the statistic of all rows is undefined (its own
    /// reason, or [`Overflow`](Undefined::Overflow) when it is not finite), and when it is defined in fewer than two
    /// replicates ([`TooFew`](Undefined::TooFew)). An invalid input is handed on.
    pub fn of_rows(
        &self,
        seed: u64,
        statistic: impl FnMut(&[usize]) -> Result<f64>,
    ) -> Result<BootstrapDistribution> {
        self.of_rows_by(&mut Xoshiro256PlusPlus::seed_from_u64(seed), statistic)
    }

    /// The same with a generator of one's own. It takes one `u64` for each row or cluster drawn.
    ///
    /// # Errors
    /// As [`of_rows`](Self::of_rows).
    pub fn of_rows_by(
        &self,
        generator: &mut impl Rng,
        mut statistic: impl FnMut(&[usize]) -> Result<f64>,
    ) -> Result<BootstrapDistribution> {
        let mut drawn = Vec::with_capacity(self.rows);
        self.run(generator, |units, counts| {
            drawn.clear();
            for (unit, &count) in counts.iter().enumerate() {
                for _ in 0..count {
                    units.extend_with(unit, &mut drawn);
                }
            }
            if drawn.is_empty() { Err(Undefined::Empty.into()) } else { statistic(&drawn) }
        })
    }

    /// The distribution of a statistic of weights: the number of times that a row was drawn, times its
    /// [own weight](Self::with_weights). Rows that were not drawn have the weight 0.
    ///
    /// For statistics that treat whole weights as repeated rows, as all estimates of this crate do (their p-values and
    /// standard errors do not).
    ///
    /// # Errors
    /// As [`of_rows`](Self::of_rows).
    pub fn of_weights(
        &self,
        seed: u64,
        statistic: impl FnMut(&[f64]) -> Result<f64>,
    ) -> Result<BootstrapDistribution> {
        self.of_weights_by(&mut Xoshiro256PlusPlus::seed_from_u64(seed), statistic)
    }

    /// The same with a generator of one's own.
    ///
    /// # Errors
    /// As [`of_rows`](Self::of_rows).
    pub fn of_weights_by(
        &self,
        generator: &mut impl Rng,
        mut statistic: impl FnMut(&[f64]) -> Result<f64>,
    ) -> Result<BootstrapDistribution> {
        // so that the number of times that a row is drawn takes no weight out of the range of numbers
        let largest = self.weights.map_or(1.0, |weights| weights.iter().copied().fold(0.0, f64::max));
        let scale = to_about_one((largest / 1e290).max(1.0));
        let mut weights = vec![0.0; self.rows];
        self.run(generator, |units, counts| {
            let mut any = false;
            for (row, weight) in weights.iter_mut().enumerate() {
                let own = self.weights.map_or(1.0, |weights| weights[row] * scale);
                *weight = f64::from(counts[units.of_row(row)]) * own;
                any |= *weight > 0.0;
            }
            // only rows without weight were drawn: no mistake of the caller's
            if any { statistic(&weights) } else { Err(Undefined::Empty.into()) }
        })
    }

    /// `statistic` gets how often each row or cluster was drawn.
    fn run(
        &self,
        generator: &mut impl Rng,
        mut statistic: impl FnMut(&Units<'_>, &[u32]) -> Result<f64>,
    ) -> Result<BootstrapDistribution> {
        let units = Units::new(self.clusters.as_ref());
        let count = self.clusters.as_ref().map_or(self.rows, Clusters::count);
        if count == 0 {
            return Err(Undefined::Empty.into());
        }
        let mut counts = vec![1_u32; count];
        let estimate = statistic(&units, &counts)?;
        if !estimate.is_finite() {
            return Err(Undefined::Overflow.into());
        }

        let mut replicates = Vec::with_capacity(self.replicates);
        for _ in 0..self.replicates {
            counts.fill(0);
            for _ in 0..count {
                let drawn = &mut counts[index(generator, count)];
                *drawn = drawn.saturating_add(1);
            }
            replicates.extend(defined(statistic(&units, &counts))?);
        }

        let groups = count.min(MOST_LEFT_OUT);
        let mut without = Vec::with_capacity(groups);
        for group in 0..groups {
            counts
                .iter_mut()
                .enumerate()
                .for_each(|(unit, count)| *count = u32::from(unit % groups != group));
            without.extend(defined(statistic(&units, &counts))?);
        }
        let acceleration = if without.len() == groups { acceleration(&without) } else { None };
        BootstrapDistribution::new(estimate, replicates, self.replicates, acceleration)
    }
}

/// A number that can be ranked among the others, or none; an invalid input ends it all.
fn defined(result: Result<f64>) -> Result<Option<f64>> {
    match result {
        Ok(number) => Ok(number.is_finite().then_some(number)),
        Err(error) if error.is_undefined() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Uniform in `0..count`, up to a bias of `count`/2⁶⁴ (Lemire, *ACM Transactions on Modeling and Computer Simulation*
/// 29, 2019, without his rejection).
#[expect(clippy::cast_possible_truncation, reason = "below `count`, which is a usize")]
fn index(generator: &mut impl Rng, count: usize) -> usize {
    ((u128::from(generator.next_u64()) * count as u128) >> 64) as usize
}

/// What is drawn: rows, or clusters of rows.
struct Units<'a> {
    clusters: Option<&'a Clusters>,
    rows: Vec<usize>,
    starts: Vec<usize>,
}

impl<'a> Units<'a> {
    fn new(clusters: Option<&'a Clusters>) -> Self {
        let (rows, starts) = clusters.map(Clusters::rows).unwrap_or_default();
        Self { clusters, rows, starts }
    }

    fn of_row(&self, row: usize) -> usize {
        self.clusters.map_or(row, |clusters| clusters.of_row()[row])
    }

    fn extend_with(&self, unit: usize, drawn: &mut Vec<usize>) {
        if self.clusters.is_some() {
            drawn.extend_from_slice(&self.rows[self.starts[unit]..self.starts[unit + 1]]);
        } else {
            drawn.push(unit);
        }
    }
}
