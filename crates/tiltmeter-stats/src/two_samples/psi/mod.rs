//! The population stability index.

mod categorical;
mod deepchecks;
mod evidently;
mod feature_engine;
mod frouros;
mod null;

#[cfg(test)]
mod tests;

pub use categorical::{psi_categorical, psi_categorical_weighted};
pub use deepchecks::psi_deepchecks;
pub use evidently::psi_evidently;
pub use feature_engine::psi_feature_engine;
pub use frouros::psi_frouros;
pub use null::psi_null_quantile;

use crate::bins::BinCounts;
use crate::error::Result;
use crate::sample::Sample;
use crate::special::chi_square_sf;

use super::shares::{Binned, FLOOR, Shares};

/// How differently two samples are spread over bins.
///
/// ```text
/// PSI = Σ (qᵢ − pᵢ) ln(qᵢ / pᵢ)     pᵢ, qᵢ = max(share of bin i, 10⁻⁴)
/// ```
///
/// From 0, the same shares, to 2 ln 10⁴ = 18.42, no overlap. The shares are floored so that an empty bin counts,
/// but not infinitely; they are not normalised again. The floor is monotone: an empty bin never counts for less
/// than a rare one. Symmetric in the two samples, once the bins are given.
///
/// The usual thresholds 0.1 and 0.25 are effects, not evidence. Without any drift the mean with 10 bins is 0.19
/// for 100 values each, 0.018 for 1 000: see `expected` and `p_value`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Psi {
    /// PSI, at least 0.
    pub value: f64,
    /// The mean without drift, by sampling alone: (B − 1)(1/n + 1/m).
    pub expected: f64,
    /// The standard deviation without drift, likewise: √(2(B − 1)) (1/n + 1/m).
    pub expected_spread: f64,
    /// The probability of such a value or a larger one without drift: PSI / (1/n + 1/m) is then about chi-square
    /// with B − 1 degrees of freedom (Yurdakul and Naranjo, *Journal of Risk Model Validation* 14, 2020). Right
    /// within about 10 % of PSI when bins expect a few values each.
    pub p_value: f64,
    /// B: how many bins are not empty in both samples.
    pub bins: usize,
    /// How many of these have a share below 10⁻⁴ in a sample, and counted with 10⁻⁴; for the definitions of other
    /// tools how many shares were replaced by their rule.
    pub floored_bins: usize,
    /// n: the effective size of the reference.
    pub reference_effective_size: f64,
    /// m: the effective size of the current sample.
    pub current_effective_size: f64,
    /// How many values of the reference are missing (NaN; for evidently's and frouros's definitions ±∞ too); they are
    /// left out. 0 for plain counts and for categories.
    pub missing_reference: u64,
    /// How many values of the current sample are missing, likewise.
    pub missing_current: u64,
}

/// The population stability index of two samples counted in the same bins, each value once.
///
/// For weighted counts use [`Psi::between`]: their sum is no sample size. O(bins).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values; invalid when there are not as many counts, or one is negative or not finite.
///
/// ```
/// # use tiltmeter_stats::psi_from_counts;
/// let psi = psi_from_counts(&[50.0, 30.0, 20.0], &[30.0, 30.0, 40.0])?;
/// assert!((psi.value - 0.240795).abs() < 1e-6);
/// assert!((psi.expected - 0.04).abs() < 1e-12);
/// assert!((psi.p_value - 0.00243).abs() < 1e-5);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn psi_from_counts(reference: &[f64], current: &[f64]) -> Result<Psi> {
    Ok(psi(&Shares::of_counts(reference, current)?, |share, _| share.max(FLOOR)))
}

/// The population stability index of two numeric samples, in 10 [`QuantileBins`](crate::QuantileBins) of the
/// reference.
///
/// NaN is left out. With weights the shares are weighted, and the sizes Kish's. To compare one reference with
/// many samples keep its bins and counts, and use [`Psi::between`]. O(n log n).
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::psi_numeric;
/// // 3.5 becomes 4.0 everywhere: quantile bins without atoms would give 0
/// let psi = psi_numeric(&[3.5; 500], &[4.0; 500])?;
/// assert!((psi.value - 18.41883867587797).abs() < 1e-10);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn psi_numeric<'r, 'c>(reference: impl Into<Sample<'r>>, current: impl Into<Sample<'c>>) -> Result<Psi> {
    let binned = Binned::of(reference.into(), current.into())?;
    Ok(psi(&binned.shares()?, |share, _| share.max(FLOOR)))
}

impl Psi {
    /// The population stability index of two samples counted in the same bins, with Kish's effective sizes.
    /// O(bins).
    ///
    /// # Errors
    /// As [`psi_from_counts`].
    pub fn between(reference: &BinCounts, current: &BinCounts) -> Result<Self> {
        Ok(psi(&Shares::of_bins(reference, current)?, |share, _| share.max(FLOOR)))
    }
}

/// `floored` has a share, and the smallest share of the same sample that is not 0.
fn psi(shares: &Shares<'_>, floored: impl Fn(f64, f64) -> f64) -> Psi {
    let smallest = shares.smallest();
    let (mut value, mut bins, mut floored_bins) = (0.0, 0, 0);
    for shares in shares.all_pairs() {
        // also of bins that are empty in both samples, which a floor that is not the same for both sets apart
        let [p, q] = [floored(shares[0], smallest[0]), floored(shares[1], smallest[1])];
        if shares[0] > 0.0 || shares[1] > 0.0 {
            bins += 1;
            floored_bins += usize::from(p > shares[0] || q > shares[1]);
        }
        value += (q - p) * (q / p).ln();
    }
    let (freedom, per_value) = ((bins - 1) as f64, shares.per_value());
    let p_value = if bins == 1 || value <= 0.0 { 1.0 } else { chi_square_sf(value / per_value, freedom) };
    Psi {
        value,
        expected: freedom * per_value,
        expected_spread: (2.0 * freedom).sqrt() * per_value,
        p_value,
        bins,
        floored_bins,
        reference_effective_size: shares.reference_effective_size,
        current_effective_size: shares.current_effective_size,
        missing_reference: shares.missing[0],
        missing_current: shares.missing[1],
    }
}
