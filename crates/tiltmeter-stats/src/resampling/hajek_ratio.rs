//! A ratio of two totals of the same rows.

use std::hash::Hash;

use super::linearised::{Linearised, Row, check_clusters, linearised};
use crate::clusters::Clusters;
use crate::error::Result;
use crate::interval::Interval;
use crate::pairs::Pairs;

/// A ratio with its standard error. See [`hajek_ratio`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct HajekRatio {
    /// Σwy/Σwx.
    pub value: f64,
    /// The linearised standard error, 0 or more; `None` for one row or cluster, or one that outweighs all others
    /// beyond the precision of numbers.
    pub standard_error: Option<f64>,
    /// For Student's t: Kish's effective number of rows, or of clusters, less one; above 0. `None` as the standard
    /// error.
    pub degrees_of_freedom: Option<f64>,
    /// How many rows count, whatever their weights.
    pub count: usize,
    /// How many rows lack one of the two numbers (NaN), and were left out.
    pub missing: usize,
    /// Kish's effective sample size of the rows, (Σw)²/Σw²; the count for equal weights.
    pub effective_size: f64,
    /// How many clusters have a row that counts; `None` when there was no talk of clusters.
    pub clusters: Option<usize>,
}

/// A ratio of two totals, y (first) by x (second): the revenue per click, the errors per token, the precision of a
/// classifier.
///
/// ```text
/// R = Σwy / Σwx        se² = k/(k−1) Σ w²(y − Rx)² / (Σwx)²        k = (Σw)²/Σw²
/// ```
///
/// Not the mean of the ratios y/x. A weight is 1 / inclusion probability; see [`hajek_mean`](crate::hajek_mean), which
/// is the ratio with x = 1, for what is assumed. The mean over a part of the rows is one too: y·\[in the part\] by
/// \[in the part\]. The ratio is biased by O(1/k), and the interval is right only while Σwx is known well: its
/// coefficient of variation should be below 0.1 (Cochran).
///
/// NaN on either side leaves a row out, and is counted. Cost: O(n), no memory.
///
/// Särndal, Swensson & Wretman, *Model Assisted Survey Sampling* (1992), section 5.6; Cochran, *Sampling Techniques*
/// (3rd edition, 1977), section 6.8.
///
/// # Errors
/// Undefined without rows ([`Empty`](crate::Undefined::Empty)), when Σwx is 0
/// ([`ZeroDenominator`](crate::Undefined::ZeroDenominator)), a value is ±∞ ([`Infinite`](crate::Undefined::Infinite))
/// or the ratio is too large for a number ([`Overflow`](crate::Undefined::Overflow)).
///
/// ```
/// use tiltmeter_stats::{Pairs, hajek_ratio};
///
/// let (errors, tokens) = ([1.0, 0.0, 3.0, 2.0], [100.0, 40.0, 210.0, 150.0]);
/// let ratio = hajek_ratio(Pairs::new(&errors, &tokens)?)?;
/// assert_eq!(ratio.value, 6.0 / 500.0);
/// assert_eq!(ratio.standard_error.map(|error| format!("{error:.5}")), Some("0.00170".to_owned()));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn hajek_ratio(pairs: Pairs<'_>) -> Result<HajekRatio> {
    HajekRatio::of(pairs, None)
}

/// The same of rows that came about together; see [`hajek_mean_clustered`](crate::hajek_mean_clustered), whose z_c is
/// here the sum of w(y − Rx).
///
/// # Errors
/// As [`hajek_ratio`]; invalid when there are not as many names of clusters as rows.
pub fn hajek_ratio_clustered<C: Eq + Hash>(pairs: Pairs<'_>, clusters: &[C]) -> Result<HajekRatio> {
    check_clusters(pairs.first().len(), clusters.len())?;
    HajekRatio::of(pairs, Some(&Clusters::new(clusters)))
}

impl HajekRatio {
    fn of(pairs: Pairs<'_>, clusters: Option<&Clusters>) -> Result<Self> {
        let weight = |place: usize| pairs.weights().map_or(1.0, |weights| weights[place]);
        let both = pairs.first().iter().zip(pairs.second()).enumerate();
        let rows = both.map(|(place, (&numerator, &denominator))| Row {
            place,
            numerator,
            denominator,
            weight: weight(place),
        });
        let present =
            rows.filter(|row| row.weight > 0.0 && !row.numerator.is_nan() && !row.denominator.is_nan());
        let Linearised { value, standard_error, degrees_of_freedom, rows, effective_size, clusters } =
            linearised(present, clusters)?;
        Ok(Self {
            value,
            standard_error,
            degrees_of_freedom,
            count: rows,
            missing: pairs.missing(),
            effective_size,
            clusters,
        })
    }

    /// The confidence interval `value ± t·standard_error`; `None` when the standard error is unknown or 0, and for a
    /// level that is not between 0 and 1.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        Interval::student_t(self.value, self.standard_error?, self.degrees_of_freedom?, level)
    }
}
