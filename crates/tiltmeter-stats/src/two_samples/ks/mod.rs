//! The two-sample test of Kolmogorov and Smirnov.

mod distance;
mod exact;

#[cfg(test)]
mod tests;

use std::f64::consts::{FRAC_PI_2, LN_2};

use crate::ecdf::Ecdf;
use crate::error::{Error, Result, Undefined};
use crate::sample::Sample;
use crate::special::kolmogorov_sf;

/// Up to this size of the larger sample the p-value is exact.
const LARGEST_EXACT: u64 = 10_000;

/// How the p-value of a [`KsTest`] was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KsMethod {
    /// The share of orders of the two samples, all equally likely without drift, that have such a distance
    /// (Hodges 1958). Only for samples without weights. As if there were no ties: with ties the true p-value is
    /// smaller.
    Exact,
    /// Kolmogorov's limit for large samples (Smirnov 1939), with effective sizes. A little too large for small
    /// ones.
    Limit,
}

/// How far apart the distribution functions of two samples are, and how likely so far without drift.
///
/// ```text
/// D = sup |F(x) − G(x)|
/// ```
///
/// From 0, the same, to 1, no overlap. Only ranks matter: any increasing transformation of both samples gives the
/// same. ±∞ are values. With few distinct values the test is far too cautious: size 0.6 % instead of 5 % with 2
/// levels, 1.5 % with 5; compare the counts of values instead.
///
/// A small p-value says that there is a difference, not that it matters: with a million values each D = 0.002 is
/// significant. Judge `statistic` against `expected` too.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct KsTest {
    /// D, from 0 to 1.
    pub statistic: f64,
    /// The probability of such a D or a larger one without drift; 1 when D is 0.
    pub p_value: f64,
    /// How the p-value was found.
    pub method: KsMethod,
    /// The mean of D without drift, in the limit: √(π/2) ln 2 / √(nm/(n + m)) with effective sizes.
    pub expected: f64,
    /// How many values the reference has.
    pub reference_size: u64,
    /// How many values the current sample has.
    pub current_size: u64,
    /// Kish's effective size of the reference.
    pub reference_effective_size: f64,
    /// Kish's effective size of the current sample.
    pub current_effective_size: f64,
    /// How many values of the reference are missing; they are left out.
    pub missing_reference: u64,
    /// How many values of the current sample are missing; they are left out.
    pub missing_current: u64,
    /// By how much `statistic` may be wrong, because distribution functions were thinned.
    pub resolution: f64,
}

/// The test of Kolmogorov and Smirnov: exact while it can be, else the limit.
///
/// Exact when neither sample has weights and the larger has at most 10 000 values (as scipy's `auto`), so that
/// D and p depend on nothing but the data; with weights the limit with Kish's effective sizes. With a nominal
/// size of 5 % that rejects about 4 % of weighted samples without drift; with the sum of weights for a size it
/// would reject all. Weights of rows drawn by the very value that is tested make it far too cautious (0.4 %).
///
/// O(n log n) for sorting; the exact p-value up to O(nm) more, about 0.1 s at the most.
///
/// # Errors
/// [`Undefined::EmptyReference`], [`Undefined::EmptyCurrent`] when a sample has no values; invalid as
/// [`Ecdf::of`] is.
///
/// ```
/// # use tiltmeter_stats::{KsMethod, ks_two_sample};
/// let test = ks_two_sample(&[1.0, 2.0, 3.0, 4.0], &[3.5, 4.5, 5.5, 6.5])?;
/// assert_eq!((test.statistic, test.method), (0.75, KsMethod::Exact));
/// // of the C(8, 4) = 70 orders of the values 16 have such a distance
/// assert!((test.p_value - 16.0 / 70.0).abs() < 1e-12);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn ks_two_sample<'r, 'c>(
    reference: impl Into<Sample<'r>>,
    current: impl Into<Sample<'c>>,
) -> Result<KsTest> {
    let (reference, current) = both(reference.into(), current.into())?;
    Ok(KsTest::between(&reference, &current))
}

/// The same with the p-value of the limit, whatever the sizes.
///
/// # Errors
/// As [`ks_two_sample`].
///
/// ```
/// # use tiltmeter_stats::ks_two_sample_limit;
/// let test = ks_two_sample_limit(&[1.0, 2.0, 3.0, 4.0], &[3.5, 4.5, 5.5, 6.5])?;
/// assert!((test.p_value - 0.2106).abs() < 1e-4);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn ks_two_sample_limit<'r, 'c>(
    reference: impl Into<Sample<'r>>,
    current: impl Into<Sample<'c>>,
) -> Result<KsTest> {
    let (reference, current) = both(reference.into(), current.into())?;
    KsTest::by(KsMethod::Limit, &reference, &current)
}

fn both(reference: Sample<'_>, current: Sample<'_>) -> Result<(Ecdf, Ecdf)> {
    let name = |reason: Undefined| {
        move |error: Error| if error.undefined() == Some(Undefined::Empty) { reason.into() } else { error }
    };
    let reference = Ecdf::of(reference).map_err(name(Undefined::EmptyReference))?;
    let current = Ecdf::of(current).map_err(name(Undefined::EmptyCurrent))?;
    Ok((reference, current))
}

impl KsTest {
    /// The test between two distribution functions; see [`ks_two_sample`]. Without the p-value O(n + m) for n and m
    /// distinct values, and O(n log m) when n is much the smaller.
    #[must_use]
    pub fn between(reference: &Ecdf, current: &Ecdf) -> Self {
        let is_exact = can_be_exact(reference, current);
        Self::of(if is_exact { KsMethod::Exact } else { KsMethod::Limit }, reference, current)
    }

    /// The same with the p-value of one's choice.
    ///
    /// # Errors
    /// Invalid when an exact p-value is asked for, and a sample has weights or more than 10 000 values.
    pub fn by(method: KsMethod, reference: &Ecdf, current: &Ecdf) -> Result<Self> {
        if method == KsMethod::Exact && !can_be_exact(reference, current) {
            let clause = "an exact p-value was asked for, of samples with weights or more than 10000 values";
            return Err(Error::invalid(clause));
        }
        Ok(Self::of(method, reference, current))
    }

    fn of(method: KsMethod, reference: &Ecdf, current: &Ecdf) -> Self {
        let statistic = distance::largest(reference, current);
        let (n, m) = (reference.effective_size(), current.effective_size());
        // the root of nm / (n + m), without its overflow and the same for both orders
        let root = (1.0 / n + 1.0 / m).recip().sqrt();
        let p_value = match method {
            KsMethod::Exact => exact::sf(statistic, reference.count(), current.count()),
            KsMethod::Limit => kolmogorov_sf(root * statistic),
        };
        Self {
            statistic,
            p_value,
            method,
            expected: (FRAC_PI_2.sqrt() * LN_2 / root).min(1.0),
            reference_size: reference.count(),
            current_size: current.count(),
            reference_effective_size: n,
            current_effective_size: m,
            missing_reference: reference.missing(),
            missing_current: current.missing(),
            resolution: (reference.resolution() + current.resolution()).min(1.0),
        }
    }
}

fn can_be_exact(reference: &Ecdf, current: &Ecdf) -> bool {
    reference.count().max(current.count()) <= LARGEST_EXACT
        && reference.is_unweighted()
        && current.is_unweighted()
}
