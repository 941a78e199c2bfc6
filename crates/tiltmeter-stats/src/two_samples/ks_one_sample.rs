//! The one-sample test of Kolmogorov and Smirnov.

#[cfg(test)]
mod tests;

use std::f64::consts::{FRAC_PI_2, LN_2, PI};

use crate::ecdf::Ecdf;
use crate::error::{Error, Result};
use crate::sample::{Sample, kept};
use crate::special::{kolmogorov_exact_sf, kolmogorov_sf};

/// How far the distribution function of a sample is from a given one, and how likely so far when the values come from
/// that.
///
/// ```text
/// D⁺ = sup (Fₙ(x) − F(x))        D⁻ = sup (F(x) − Fₙ(x))        D = max (D⁺, D⁻)
/// ```
///
/// F is to be continuous, and to be known before: with a mean or a spread that was estimated from the same values
/// p-values are far too large (Lilliefors, *JASA* 62, 1967). For values that are rounded, or come from a few levels,
/// they are too large as well. ±∞ are values.
///
/// A small p-value says that the distribution is another, not that it matters: judge `statistic` against `expected`
/// too.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct KsOneSampleTest {
    /// D, from 0 to 1; without weights from 1/(2n).
    pub statistic: f64,
    /// D⁺, from 0 to 1: large when values are smaller than they should be. Its own p-value, without weights, is
    /// [`smirnov_sf`](crate::smirnov_sf)(D⁺, n).
    pub d_plus: f64,
    /// D⁻, from 0 to 1: large when values are larger than they should be; has the same distribution.
    pub d_minus: f64,
    /// The probability of such a D or a larger one when the values come from F: without weights
    /// [`kolmogorov_exact_sf`], else Kolmogorov's limit with Kish's effective size, which is a little too large for
    /// small samples.
    pub p_value: f64,
    /// The mean of D when the values come from F, in the limit: √(π/2) ln 2 / √n with the effective size. By 6 % too
    /// large at 10 values, by 2 % at 100.
    pub expected: f64,
    /// The standard deviation of D in that case, in the limit: √(π²/12 − π/2 ln² 2) / √n.
    pub expected_spread: f64,
    /// How many values there are.
    pub size: u64,
    /// Kish's effective size.
    pub effective_size: f64,
    /// How many values are missing; they are left out.
    pub missing: u64,
    /// By how much `statistic` may be wrong, because the distribution function was thinned.
    pub resolution: f64,
}

/// The test of a sample against the continuous distribution function `cdf`, as `scipy.stats.kstest`.
///
/// For confidences, p-values or probability integral transforms, which are uniform from 0 to 1 when all is well, `cdf` is
/// `|x| x.clamp(0.0, 1.0)`. The scale of weights does not matter, and equal weights are none.
///
/// O(n log n) for sorting a copy, one call of `cdf` for each distinct value, and the p-value (see
/// [`kolmogorov_exact_sf`]).
///
/// # Errors
/// [`Undefined::Empty`](crate::Undefined::Empty) when there are no values; invalid when `cdf` gives no number from 0 to
/// 1.
///
/// ```
/// # use tiltmeter_stats::{ks_one_sample, normal_sf};
/// let residuals = [-1.2, 0.3, 0.4, 2.5, 0.1];
/// let test = ks_one_sample(&residuals, |x| 1.0 - normal_sf(x))?;
/// assert!((test.statistic - 0.339_827_837_277_029).abs() < 1e-12);
/// assert!((test.p_value - 0.507_916_073_831_322_9).abs() < 1e-12);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn ks_one_sample<'a>(sample: impl Into<Sample<'a>>, cdf: impl Fn(f64) -> f64) -> Result<KsOneSampleTest> {
    let sample = sample.into();
    let ecdf = match sample.weights() {
        None => Ecdf::of(sample)?,
        Some(weights) => {
            // equal weights become ones, and no square overflows
            let largest = weights.iter().copied().fold(0.0, f64::max);
            let scaled: Vec<f64> = weights.iter().map(|&weight| kept(weight, weight / largest)).collect();
            Ecdf::of(Sample::weighted(sample.values(), &scaled)?)?
        }
    };
    KsOneSampleTest::of(&ecdf, cdf)
}

impl KsOneSampleTest {
    /// The same for a distribution function that is there already; see [`ks_one_sample`]. Without the p-value O(n) for n
    /// distinct values, and no allocation.
    ///
    /// # Errors
    /// Invalid when `cdf` gives no number from 0 to 1.
    pub fn of(ecdf: &Ecdf, cdf: impl Fn(f64) -> f64) -> Result<Self> {
        let size = ecdf.effective_size();
        let test =
            Self::of_points(ecdf.points(), ecdf.count(), (!ecdf.is_unweighted()).then_some(size), cdf)?;
        Ok(Self { missing: ecdf.missing(), resolution: ecdf.resolution(), ..test })
    }

    /// The same of the corners of a distribution function, values in ascending order with the share up to each. Where
    /// values are tied only the last share counts, and the others may be there. `effective_size` with weights only.
    pub(crate) fn of_points(
        points: impl Iterator<Item = (f64, f64)>,
        size: u64,
        effective_size: Option<f64>,
        cdf: impl Fn(f64) -> f64,
    ) -> Result<Self> {
        let (mut d_plus, mut d_minus, mut before) = (0.0_f64, 0.0_f64, 0.0);
        for (value, share) in points {
            let theirs = cdf(value);
            if !(0.0..=1.0).contains(&theirs) {
                let clause =
                    format!("the distribution function is {theirs} at {value}, allowed: from 0 to 1");
                return Err(Error::invalid(clause));
            }
            d_plus = d_plus.max(share - theirs);
            d_minus = d_minus.max(theirs - before);
            before = share;
        }
        let statistic = d_plus.max(d_minus);
        let p_value = match effective_size {
            None => kolmogorov_exact_sf(statistic, size),
            Some(effective_size) => kolmogorov_sf(effective_size.sqrt() * statistic),
        };
        let effective_size = effective_size.unwrap_or(size as f64);
        Ok(Self {
            statistic,
            d_plus,
            d_minus,
            p_value,
            expected: FRAC_PI_2.sqrt() * LN_2 / effective_size.sqrt(),
            expected_spread: ((PI * PI / 12.0 - FRAC_PI_2 * LN_2 * LN_2) / effective_size).sqrt(),
            size,
            effective_size,
            missing: 0,
            resolution: 0.0,
        })
    }
}
