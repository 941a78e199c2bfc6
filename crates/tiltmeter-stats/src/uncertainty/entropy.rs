//! How much is unknown before one looks.

use std::collections::BTreeMap;

use crate::error::{Error, Result, Undefined};
use crate::sample::{check_weights, effective_sample_size, scale_of};

/// Probabilities may miss a sum of 1 by so much: those of a model in single precision, or written with four digits.
const TOLERANCE: f64 = 1e-3;

/// An entropy. See [`entropy`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entropy {
    /// In nats: from 0, one outcome is certain, to ln k, all k are equally probable.
    pub nats: f64,
    /// Of how many outcomes, k: those of probability 0 among them, except for categories, which are known only if they
    /// occur.
    pub outcomes: usize,
    /// The standard error of `nats`, `sqrt((Σ p ln²p − H²) / n)`, 0 or more; `None` for probabilities that are not
    /// estimated. It is 0 for equal counts, and too small near them.
    pub standard_error: Option<f64>,
    /// By how much `nats` is expected to be off, `−(m − 1) / 2n` for m outcomes that occur: an entropy of counts is
    /// too small on average. `None` for probabilities that are not estimated.
    pub expected_bias: Option<f64>,
}

/// The entropy of probabilities, of one prediction or of any distribution.
///
/// ```text
/// H = −Σ p ln p        0 ln 0 = 0
/// ```
///
/// The probabilities may miss a sum of 1 by 0.001, and are divided by it. Cost: O(k), no memory.
///
/// Shannon, *Bell System Technical Journal* 27 (1948), 379–423, section 6.
///
/// # Errors
/// Undefined without probabilities ([`Empty`](Undefined::Empty)) and when some are NaN
/// ([`MissingScores`](Undefined::MissingScores)); invalid when one is not from 0 to 1, or their sum is not 1.
///
/// ```
/// use tiltmeter_stats::entropy;
///
/// let entropy = entropy(&[0.5, 0.25, 0.25, 0.0])?;
/// assert_eq!(entropy.bits(), 1.5);
/// assert_eq!(entropy.normalised(), Some(0.75));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn entropy(probabilities: &[f64]) -> Result<Entropy> {
    let sum = check_probabilities(probabilities)?;
    let nats = probabilities.iter().map(|&probability| -x_ln_x(probability / sum)).sum();
    Ok(Entropy {
        nats: bounded(nats, probabilities.len()),
        outcomes: probabilities.len(),
        standard_error: None,
        expected_bias: None,
    })
}

/// The entropy of the shares of counts: how often each outcome was seen.
///
/// The plug-in estimate, with p = count / n. It is too small by about (m − 1) / 2n on average when m outcomes occur,
/// which is `expected_bias`: compare windows of different sizes only after subtracting it (Miller and Madow). Counts
/// are finite numbers from 0, whole or not; n is their sum. Cost: O(k), no memory.
///
/// Miller, in *Information Theory in Psychology* (1955), 95–100; Basharin, *Theory of Probability & its Applications* 4
/// (1959), 333–336, for bias and standard error; scipy's `entropy` for the value.
///
/// # Errors
/// Undefined when no count is above 0 ([`Empty`](Undefined::Empty)); invalid when one is negative, NaN or infinite.
///
/// ```
/// use tiltmeter_stats::entropy_from_counts;
///
/// let entropy = entropy_from_counts(&[30.0, 10.0, 0.0])?;
/// assert!((entropy.bits() - 0.8112781244591328).abs() < 1e-15);
/// assert_eq!(entropy.expected_bias, Some(-0.0125));
/// assert_eq!(entropy.standard_error.map(|error| format!("{error:.4}")), Some("0.0752".to_owned()));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn entropy_from_counts(counts: &[f64]) -> Result<Entropy> {
    if let Some(wrong) = counts.iter().find(|count| !(count.is_finite() && **count >= 0.0)) {
        return Err(Error::invalid(format!("a count is {wrong}, allowed: finite numbers from 0")));
    }
    let size = counts.iter().sum();
    of_sums(counts.iter().copied(), counts.len(), size)
}

/// The entropy of how often each category occurs among `values`, with a weight for each or none.
///
/// As [`entropy_from_counts`] of the weights of each category; for the bias and the standard error n is Kish's
/// effective size. Outcomes are the categories that occur with a weight above 0. What stands for a missing value is a
/// category like any other: leave it out before if that is not meant. Cost: O(n log k) comparisons, and O(k) memory.
///
/// # Errors
/// Undefined without values ([`Empty`](Undefined::Empty)); invalid when there are not as many weights as values, or a
/// weight is negative, NaN or infinite, or all are 0.
///
/// ```
/// use tiltmeter_stats::entropy_of_categories;
///
/// let entropy = entropy_of_categories(&["a", "b", "a", "a"], None)?;
/// assert!((entropy.bits() - 0.8112781244591328).abs() < 1e-15);
/// let weighted = entropy_of_categories(&["a", "b", "a"], Some(&[1.0, 2.0, 1.0]))?;
/// assert_eq!(weighted.bits(), 1.0);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn entropy_of_categories<T: Ord>(values: &[T], weights: Option<&[f64]>) -> Result<Entropy> {
    if let Some(weights) = weights {
        check_weights(values.len(), weights)?;
    }
    let scale = weights.map_or(1.0, |weights| scale_of(weights.iter().copied()));
    let weight = |place: usize| weights.map_or(1.0, |weights| weights[place] * scale);
    let mut sums: BTreeMap<&T, f64> = BTreeMap::new();
    for (place, value) in values.iter().enumerate().filter(|(place, _)| weight(*place) > 0.0) {
        *sums.entry(value).or_default() += weight(place);
    }
    let size = effective_sample_size((0..values.len()).map(weight));
    of_sums(sums.values().copied(), sums.len(), size)
}

/// Of sums that are finite and not negative, and tell as much as `size` rows.
fn of_sums(sums: impl Iterator<Item = f64> + Clone, outcomes: usize, size: f64) -> Result<Entropy> {
    let scale = scale_of(sums.clone());
    let total: f64 = sums.clone().map(|sum| sum * scale).sum();
    if total <= 0.0 {
        return Err(Undefined::Empty.into());
    }
    let (mut nats, mut occurring) = (0.0, 0_usize);
    for sum in sums.clone().filter(|sum| *sum > 0.0) {
        nats -= x_ln_x(sum * scale / total);
        occurring += 1;
    }
    let nats = bounded(nats, outcomes);
    // about the entropy, since the difference of two squares loses digits
    let spread: f64 = sums
        .map(|sum| sum * scale / total)
        .filter(|share| *share > 0.0)
        .map(|share| share * (share.ln() + nats).powi(2))
        .sum();
    Ok(Entropy {
        nats,
        outcomes,
        standard_error: Some((spread / size).sqrt()).filter(|error| error.is_finite()),
        expected_bias: Some(-((occurring - 1) as f64) / 2.0 / size).filter(|bias| bias.is_finite()),
    })
}

impl Entropy {
    /// In bits: nats / ln 2.
    #[must_use]
    pub fn bits(&self) -> f64 {
        self.nats / std::f64::consts::LN_2
    }

    /// Nats / ln k: from 0, one outcome is certain, to 1, all are equally probable (Pielou's evenness). `None` for a
    /// single outcome.
    #[must_use]
    pub fn normalised(&self) -> Option<f64> {
        (self.outcomes > 1).then(|| (self.nats / (self.outcomes as f64).ln()).clamp(0.0, 1.0))
    }
}

/// The sum of probabilities, which is 1 or nearly.
pub(super) fn check_probabilities(probabilities: &[f64]) -> Result<f64> {
    let missing = probabilities.iter().filter(|probability| probability.is_nan()).count();
    if missing > 0 {
        return Err(Undefined::MissingScores(missing).into());
    }
    if probabilities.is_empty() {
        return Err(Undefined::Empty.into());
    }
    if let Some(wrong) = probabilities.iter().find(|probability| !(0.0..=1.0).contains(*probability)) {
        return Err(Error::invalid(format!("a probability is {wrong}, allowed: numbers from 0 to 1")));
    }
    let sum: f64 = probabilities.iter().sum();
    if (sum - 1.0).abs() > TOLERANCE {
        return Err(Error::invalid(format!(
            "the probabilities sum to {sum}, allowed: 1, within {TOLERANCE}"
        )));
    }
    Ok(sum)
}

fn bounded(nats: f64, outcomes: usize) -> f64 {
    nats.clamp(0.0, (outcomes as f64).ln())
}

fn x_ln_x(x: f64) -> f64 {
    if x > 0.0 { x * x.ln() } else { 0.0 }
}
