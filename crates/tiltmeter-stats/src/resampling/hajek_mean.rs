//! The mean of weighted rows, and how far it can be trusted.

use std::hash::Hash;

use super::linearised::{Linearised, Row, check_clusters, linearised};
use crate::clusters::Clusters;
use crate::error::{Error, Result, Undefined};
use crate::interval::Interval;
use crate::sample::{Sample, WeightedMeans, to_about_one};

/// A weighted mean with its standard error. See [`hajek_mean`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct HajekMean {
    /// Σwx/Σw.
    pub value: f64,
    /// The linearised standard error, 0 or more; `None` for one row or cluster, or one that outweighs all others
    /// beyond the precision of numbers.
    pub standard_error: Option<f64>,
    /// For Student's t: Kish's effective number of rows, or of clusters, less one; above 0. `None` as the standard
    /// error.
    pub degrees_of_freedom: Option<f64>,
    /// How many rows count, whatever their weights.
    pub count: usize,
    /// How many rows are missing (NaN), and were left out.
    pub missing: usize,
    /// Kish's effective sample size of the rows, (Σw)²/Σw²; the count for equal weights.
    pub effective_size: f64,
    /// How many clusters have a row that counts; `None` when there was no talk of clusters.
    pub clusters: Option<usize>,
}

/// An estimated total of a population of known size. See [`HajekMean::total`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct HajekTotal {
    /// The size of the population times the mean.
    pub value: f64,
    /// The size of the population times the standard error of the mean.
    pub standard_error: Option<f64>,
    /// Those of the mean.
    pub degrees_of_freedom: Option<f64>,
}

/// The mean of rows that were kept with known probabilities: Hájek's estimator with its linearised variance.
///
/// ```text
/// m = Σwx / Σw        se² = k/(k−1) Σ w²(x − m)² / (Σw)²        k = (Σw)²/Σw²
/// ```
///
/// A weight is 1 / inclusion probability. The rows are taken as drawn independently of each other from a population
/// that is much larger; the weights as known. For equal weights that is the textbook's mean with its standard error
/// s/√n, and [`interval`](HajekMean::interval) is that of the one-sample t test. Whole weights give the same mean as
/// repeated rows, but not the same standard error: a row repeated is not a row more seen. The scale of the weights
/// does not matter. The mean is biased by O(1/k), as every ratio of two estimates.
///
/// When weights are inversely proportional to something that the values depend on (rows kept by the monitored value
/// itself), the standard error is too large: the stratified variance would be the right one.
///
/// NaN is left out and counted. Cost: O(n), no memory.
///
/// Hájek, in *Foundations of Statistical Inference* (1971), 236; Särndal, Swensson & Wretman, *Model Assisted Survey
/// Sampling* (1992), sections 5.6 and 5.7; Kish, *Survey Sampling* (1965), section 11.7, for k.
///
/// # Errors
/// Undefined without rows ([`Empty`](Undefined::Empty)) and when a value is ±∞
/// ([`Infinite`](Undefined::Infinite)).
///
/// ```
/// use tiltmeter_stats::{Sample, hajek_mean};
///
/// let values = [1.2, 0.7, 3.1, 2.2, 1.9, 0.4];
/// let mean = hajek_mean(Sample::weighted(&values, &[1.0, 1.0, 4.0, 4.0, 1.0, 10.0])?)?;
/// let interval = mean.interval(0.95).unwrap();
/// assert_eq!(format!("{:.3} ± {:.3}", mean.value, mean.standard_error.unwrap()), "1.381 ± 0.712");
/// assert_eq!(format!("{:.2} to {:.2}", interval.lower, interval.upper), "-1.36 to 4.12");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn hajek_mean<'a>(sample: impl Into<Sample<'a>>) -> Result<HajekMean> {
    HajekMean::of(sample.into())
}

/// The same of rows that came about together: all of one user, of one session, of one day.
///
/// With z_c the sum of w(x − m) over the rows of cluster c, and W_c the sum of their weights,
///
/// ```text
/// se² = g/(g−1) Σ z_c² / (Σw)²        g = (ΣW_c)²/ΣW_c²
/// ```
///
/// The rows of a cluster may depend on each other in any way; clusters do not. What counts is the effective number of
/// clusters g, not the number of rows: for clusters of equal weight the degrees of freedom are their number less one;
/// few large ones leave fewer. Clusters of one row each give [`hajek_mean`]. `clusters` names the cluster of each row;
/// only equality counts.
///
/// Cost: O(n), and memory for a number per row and two per cluster.
///
/// Särndal, Swensson & Wretman (1992), section 8.7; Carter, Schnepel & Steigerwald, *Review of Economics and
/// Statistics* 99 (2017), 698–709, for the effective number of clusters.
///
/// # Errors
/// As [`hajek_mean`]; invalid when there are not as many names of clusters as rows.
///
/// ```
/// use tiltmeter_stats::hajek_mean_clustered;
///
/// let user = ["ann", "ann", "bob", "bob", "cleo", "dan"];
/// let mean = hajek_mean_clustered(&[1.0, 1.2, 3.0, 3.2, 2.0, 0.5], &user)?;
/// assert_eq!(mean.clusters, Some(4));
/// assert_eq!(format!("{:.3} ± {:.3}", mean.value, mean.standard_error.unwrap()), "1.817 ± 0.633");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn hajek_mean_clustered<'a, C: Eq + Hash>(
    sample: impl Into<Sample<'a>>,
    clusters: &[C],
) -> Result<HajekMean> {
    let sample = sample.into();
    check_clusters(sample.values().len(), clusters.len())?;
    HajekMean::of_clusters(sample, &Clusters::new(clusters))
}

impl HajekMean {
    fn of(sample: Sample<'_>) -> Result<Self> {
        let [low, high] = range(sample.present().map(|(value, _)| value));
        let scale = to_about_one(high.max(-low));
        if low.is_infinite() || high.is_infinite() {
            let is_empty = low > high;
            return Err(if is_empty { Undefined::Empty } else { Undefined::Infinite }.into());
        }
        let means = WeightedMeans::of(sample.present().map(|(value, weight)| ([value * scale], weight)));
        let ([mean], [error]) = (means.mean, means.standard_error);
        let unit = scale.recip();
        Ok(Self {
            value: (mean * unit).clamp(low, high),
            standard_error: error.map(|error| error * unit).filter(|error| error.is_finite()),
            degrees_of_freedom: error.map(|_| means.effective_size - 1.0),
            count: means.rows,
            missing: sample.missing(),
            effective_size: means.effective_size,
            clusters: None,
        })
    }

    fn of_clusters(sample: Sample<'_>, clusters: &Clusters) -> Result<Self> {
        let weight = |place: usize| sample.weights().map_or(1.0, |weights| weights[place]);
        let rows = sample.values().iter().enumerate().map(|(place, &numerator)| Row {
            place,
            numerator,
            denominator: 1.0,
            weight: weight(place),
        });
        let present = rows.filter(|row| row.weight > 0.0 && !row.numerator.is_nan());
        let Linearised { value, standard_error, degrees_of_freedom, rows, effective_size, clusters } =
            linearised(present.clone(), Some(clusters))?;
        let [low, high] = range(present.map(|row| row.numerator));
        Ok(Self {
            value: value.clamp(low, high),
            standard_error,
            degrees_of_freedom,
            count: rows,
            missing: sample.missing(),
            effective_size,
            clusters,
        })
    }

    /// The confidence interval `value ± t·standard_error`.
    ///
    /// `None` when the standard error is unknown or 0, and for a level that is not between 0 and 1. How often intervals
    /// of level 0.95 held the true mean, in 4 000 samples each:
    ///
    /// | values | rows | coverage |
    /// |---|---|---|
    /// | exponential | 30 | 0.93 |
    /// | exponential | 200 | 0.94 |
    /// | exponential, weights 1 to 10 | 200 | 0.93 |
    /// | normal, 10 clusters of 1 to 8 rows, correlation ½ | 45 | 0.95 |
    /// | the same, as if the rows were independent | 45 | 0.71 |
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        Interval::student_t(self.value, self.standard_error?, self.degrees_of_freedom?, level)
    }

    /// The total of a population of which the size is known, Hájek's: `population_size · value`.
    ///
    /// When only the inclusion probabilities are known, and not the size, see
    /// [`horvitz_thompson_total`](crate::horvitz_thompson_total).
    ///
    /// # Errors
    /// Invalid when the size is not a finite number from 0; [`Overflow`](Undefined::Overflow).
    pub fn total(&self, population_size: f64) -> Result<HajekTotal> {
        if !(population_size.is_finite() && population_size >= 0.0) {
            let clause =
                format!("the population's size is {population_size}, allowed: finite numbers from 0");
            return Err(Error::invalid(clause));
        }
        let value = self.value * population_size;
        if !value.is_finite() {
            return Err(Undefined::Overflow.into());
        }
        let error = self.standard_error.map(|error| error * population_size);
        Ok(HajekTotal {
            value,
            standard_error: error.filter(|error| error.is_finite()),
            degrees_of_freedom: self.degrees_of_freedom,
        })
    }
}

/// Within which rounding leaves a mean; upside down without values.
fn range(values: impl Iterator<Item = f64>) -> [f64; 2] {
    values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| [low.min(value), high.max(value)])
}

impl HajekTotal {
    /// The confidence interval `value ± t·standard_error`; `None` as [`HajekMean::interval`].
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        Interval::student_t(self.value, self.standard_error?, self.degrees_of_freedom?, level)
    }
}
