//! The result of the test.

use std::f64::consts::{FRAC_PI_2, LN_2, PI};

use super::distance::{self, Gap};
use super::exact::{self, Sides};
use super::side::Side;
use crate::ecdf::Ecdf;
use crate::error::{Error, Result};
use crate::special::kolmogorov_sf;

/// Up to this size of the larger sample the p-value is exact.
const LARGEST_EXACT: u64 = 10_000;

/// What the current sample may be like when there is drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KsAlternative {
    /// Anything else: D = sup |F − G|.
    TwoSided,
    /// Its values tend to be greater: D⁺ = sup (F − G), with F the reference's distribution function.
    Greater,
    /// Its values tend to be less: D⁻ = sup (G − F).
    Less,
}

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
    Asymptotic,
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
/// Without drift √(nm/(n + m)) D is, in the limit, Kolmogorov's variable with the mean √(π/2) ln 2 = 0.869 and the
/// standard deviation √(π²/12 − (π/2) ln² 2) = 0.260; of one side it is Rayleigh's, √(π/8) = 0.627 and
/// √(1/2 − π/8) = 0.328.
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
    /// Which distance this is.
    pub alternative: KsAlternative,
    /// The mean of D without drift, in the limit and with effective sizes.
    pub expected: f64,
    /// The standard deviation of D without drift, likewise.
    pub expected_spread: f64,
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

impl KsTest {
    /// The test between two distribution functions; see [`ks_two_sample`](crate::ks_two_sample). Without the p-value
    /// O(n + m) for n and m distinct values, and O(n log m) when n is much the smaller.
    #[must_use]
    pub fn between(reference: &Ecdf, current: &Ecdf) -> Self {
        let sides = [Side::of_ecdf(reference), Side::of_ecdf(current)];
        Self::new(distance::of_ecdfs(reference, current), KsAlternative::TwoSided, None, sides)
    }

    /// The same with the p-value of one's choice.
    ///
    /// # Errors
    /// Invalid when an exact p-value is asked for, and a sample has weights or more than 10 000 values.
    pub fn by(method: KsMethod, reference: &Ecdf, current: &Ecdf) -> Result<Self> {
        let sides = [Side::of_ecdf(reference), Side::of_ecdf(current)];
        if method == KsMethod::Exact && !can_be_exact(&sides) {
            let clause = "an exact p-value was asked for, of samples with weights or more than 10000 values";
            return Err(Error::invalid(clause));
        }
        Ok(Self::new(distance::of_ecdfs(reference, current), KsAlternative::TwoSided, Some(method), sides))
    }

    /// The test against one alternative; see [`ks_one_sided`](crate::ks_one_sided).
    #[must_use]
    pub fn one_sided(alternative: KsAlternative, reference: &Ecdf, current: &Ecdf) -> Self {
        let sides = [Side::of_ecdf(reference), Side::of_ecdf(current)];
        Self::new(distance::of_ecdfs(reference, current), alternative, None, sides)
    }

    pub(super) fn new(
        gap: Gap,
        alternative: KsAlternative,
        method: Option<KsMethod>,
        sides: [Side; 2],
    ) -> Self {
        let method =
            method.unwrap_or(if can_be_exact(&sides) { KsMethod::Exact } else { KsMethod::Asymptotic });
        let statistic = match alternative {
            KsAlternative::TwoSided => gap.largest(),
            KsAlternative::Greater => gap.above,
            KsAlternative::Less => gap.below,
        };
        let is_two_sided = alternative == KsAlternative::TwoSided;
        let [reference, current] = sides;
        // the root of nm / (n + m), without its overflow and the same for both orders
        let root = (1.0 / reference.effective_size + 1.0 / current.effective_size).recip().sqrt();
        let z = root * statistic;
        let p_value = match method {
            KsMethod::Exact => {
                let sides = if is_two_sided { Sides::Both } else { Sides::One };
                exact::sf(statistic, reference.rows, current.rows, sides)
            }
            KsMethod::Asymptotic if is_two_sided => kolmogorov_sf(z),
            KsMethod::Asymptotic => (-2.0 * z * z).exp(),
        };
        let (mean, variance) = if is_two_sided {
            (FRAC_PI_2.sqrt() * LN_2, PI * PI / 12.0 - FRAC_PI_2 * LN_2 * LN_2)
        } else {
            ((PI / 8.0).sqrt(), 0.5 - PI / 8.0)
        };
        Self {
            statistic,
            p_value,
            method,
            alternative,
            expected: (mean / root).min(1.0),
            expected_spread: (variance.sqrt() / root).min(1.0),
            reference_size: reference.rows,
            current_size: current.rows,
            reference_effective_size: reference.effective_size,
            current_effective_size: current.effective_size,
            missing_reference: reference.missing,
            missing_current: current.missing,
            resolution: (reference.resolution + current.resolution).min(1.0),
        }
    }
}

fn can_be_exact(sides: &[Side; 2]) -> bool {
    sides.iter().all(|side| side.is_unweighted && side.rows <= LARGEST_EXACT)
}
