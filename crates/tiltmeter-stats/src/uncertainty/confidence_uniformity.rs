//! How far the confidences of predictions are from evenly spread.

use crate::error::{Error, Result, Undefined};
use crate::sample::{Sample, WeightedMeans};
use crate::sorted::Sorted;
use crate::two_samples::KsOneSampleTest;

/// Confidences may leave their range by so much: the rounding of single precision.
const TOLERANCE: f64 = 1e-6;

/// How far confidences are from uniform. See [`confidence_uniformity`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConfidenceUniformity {
    /// D, the largest distance between the distribution function of the confidences and that of the uniform
    /// distribution; above 0, to 1.
    pub statistic: f64,
    /// The probability of such a D or a larger one for independent uniform confidences; exact without weights.
    pub p_value: f64,
    /// The mean of D in that case: about √(π/2) ln 2 / √n, at most 1.
    pub expected: f64,
    /// The standard deviation of D in that case, in the limit: √(π²/12 − π/2 ln² 2) / √n.
    pub expected_spread: f64,
    /// The weighted mean of the confidences, 1/k to 1.
    pub mean: f64,
    /// The mean of the uniform distribution, (1 + 1/k) / 2: a model with a larger `mean` is surer than that.
    pub uniform_mean: f64,
    /// How many confidences count, whatever their weights.
    pub count: usize,
    /// Kish's effective sample size, (Σw)²/Σw²; the count for equal weights.
    pub effective_size: f64,
    /// How many are missing (NaN), and were left out.
    pub missing: usize,
}

/// The distance of Kolmogorov and Smirnov between the confidences of a model with `classes` classes and the uniform
/// distribution from 1/k to 1, the range of a largest probability.
///
/// ```text
/// D = sup |F(c) − (c − 1/k) / (1 − 1/k)|
/// ```
///
/// Near 1 for a model that is always sure (or never); its change over time says that the model has become surer or
/// less sure, and `mean` in which direction. Uniform is a yardstick, not what good models do: no calibration is
/// tested. D and its p-value are those of [`ks_one_sample`](crate::ks_one_sample): exact without weights, and with them
/// Kolmogorov's limit with Kish's effective size. Repeated confidences make it too small: scores of few levels are not
/// uniform.
///
/// NaN is left out and counted. Confidences may leave \[1/k, 1\] by 10⁻⁶, and are put on its end. Cost: one sort,
/// O(n) memory, and the exact p-value (see [`kolmogorov_exact_sf`](crate::kolmogorov_exact_sf)).
///
/// Kolmogorov, *Giornale dell'Istituto Italiano degli Attuari* 4 (1933), 83–91.
///
/// # Errors
/// Undefined without confidences ([`Empty`](Undefined::Empty)); invalid for fewer than two classes, and when a
/// confidence is not from 1/k to 1.
///
/// ```
/// use tiltmeter_stats::confidence_uniformity;
///
/// let confidences = [0.55, 0.7, 0.93, 0.97, 0.99, 0.995, 0.999];
/// let uniformity = confidence_uniformity(&confidences, 2)?;
/// assert!((uniformity.statistic - 0.5742857142857143).abs() < 1e-12);
/// assert_eq!(format!("{:.3}", uniformity.p_value), "0.010");
/// assert_eq!(uniformity.uniform_mean, 0.75);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn confidence_uniformity<'a>(
    confidences: impl Into<Sample<'a>>,
    classes: usize,
) -> Result<ConfidenceUniformity> {
    let sample = confidences.into();
    let lowest = lowest(classes)?;
    let mut rows = sample
        .present()
        .map(|(value, weight)| Ok((checked(value, lowest)?, weight)))
        .collect::<Result<Vec<_>>>()?;
    // by weight too, so that sums do not depend on the order of the rows
    rows.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
    of(&rows.iter().copied(), lowest, sample.missing())
}

/// The same of confidences that are in order already: O(n), and no memory but for the exact p-value.
///
/// # Errors
/// As [`confidence_uniformity`].
pub fn confidence_uniformity_sorted(confidences: Sorted<'_>, classes: usize) -> Result<ConfidenceUniformity> {
    let lowest = lowest(classes)?;
    let values = confidences.values();
    // all are within when the first and the last are
    for end in [values.first(), values.last()].into_iter().flatten() {
        checked(*end, lowest)?;
    }
    of(&values.iter().map(|value| (value.clamp(lowest, 1.0), 1.0)), lowest, 0)
}

fn lowest(classes: usize) -> Result<f64> {
    if classes < 2 {
        return Err(Error::invalid(format!("there are {classes} classes, allowed: from 2")));
    }
    Ok((classes as f64).recip())
}

fn checked(confidence: f64, lowest: f64) -> Result<f64> {
    if (lowest - TOLERANCE..=1.0 + TOLERANCE).contains(&confidence) {
        return Ok(confidence.clamp(lowest, 1.0));
    }
    Err(Error::invalid(format!("a confidence is {confidence}, allowed: from {lowest} to 1")))
}

/// Of rows in order.
fn of(
    rows: &(impl Iterator<Item = (f64, f64)> + Clone),
    lowest: f64,
    missing: usize,
) -> Result<ConfidenceUniformity> {
    let means = WeightedMeans::of(rows.clone().map(|(value, weight)| ([value - lowest], weight)));
    if means.rows == 0 {
        return Err(Undefined::Empty.into());
    }
    let (lightest, heaviest) =
        rows.clone().fold((f64::INFINITY, 0.0_f64), |(lightest, heaviest), (_, weight)| {
            (lightest.min(weight), heaviest.max(weight))
        });
    // equal weights are none: then sums are exact
    let shares = |total: f64| {
        rows.clone().scan(0.0, move |below, (value, weight)| {
            *below += weight / heaviest;
            Some((value, *below / total))
        })
    };
    let total: f64 = rows.clone().map(|(_, weight)| weight / heaviest).sum();
    let effective_size = (lightest < heaviest).then_some(means.effective_size);
    let uniform = |value: f64| ((value - lowest) / (1.0 - lowest)).clamp(0.0, 1.0);
    let test = KsOneSampleTest::of_points(shares(total), means.rows as u64, effective_size, uniform)?;
    Ok(ConfidenceUniformity {
        statistic: test.statistic,
        p_value: test.p_value,
        expected: test.expected,
        expected_spread: test.expected_spread,
        mean: (lowest + means.mean[0]).clamp(lowest, 1.0),
        uniform_mean: f64::midpoint(1.0, lowest),
        count: means.rows,
        effective_size: test.effective_size,
        missing,
    })
}
