//! Kolmogorov–Smirnov between bounds.

use std::f64::consts::{FRAC_PI_2, LN_2};

use super::{Bin, Bounds, bounds};
use crate::error::Result;
use crate::profile::numeric::check_present;
use crate::profile::{NumericProfile, QuantileSketch};
use crate::special::kolmogorov_sf;

/// Between which bounds the distance of Kolmogorov and Smirnov is, and its p-value.
///
/// ```text
/// D = sup |F(x) − G(x)|
/// bins:      max |Fᵢ − Gᵢ|  ≤  D  ≤  max(Fᵢ − Gᵢ₋₁, Gᵢ − Fᵢ₋₁)
/// sketches:  |D − D̂| ≤ uniform rank errors of both
/// ```
///
/// Fᵢ, Gᵢ: the shares up to the end of bin i, which are exact. Inside a bin all of one sample may come before all of the
/// other; in an atom, where all values are equal, nothing does. No closer bounds follow from counts. Those of the sketches
/// hold with a probability of 98 % or more, and are left out when they contradict the bins.
///
/// ±∞ are values. Sizes are Kish's; the p-value is Kolmogorov's limit, a little too large for small samples.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct KsBounds {
    /// D is at least this, from 0 to 1.
    pub lower: f64,
    /// D is at most this, from `lower` to 1.
    pub upper: f64,
    /// The p-value is at least this: that of `upper`.
    pub p_value_lower: f64,
    /// The p-value is at most this: that of `lower`; 1 when that is 0.
    pub p_value_upper: f64,
    /// The mean of D without drift, in the limit: √(π/2) ln 2 / √(nm/(n + m)) with effective sizes.
    pub expected: f64,
    /// Kish's effective size of the reference.
    pub reference_effective_size: f64,
    /// Kish's effective size of the current sample.
    pub current_effective_size: f64,
}

impl KsBounds {
    /// Of two profiles with the same bins, or sketches, or both. O(bins + `k` log `k`).
    ///
    /// # Errors
    /// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent),
    /// [`Empty`](crate::Undefined::Empty) when there are no values; invalid when the bins differ, or the two have neither
    /// bins nor sketches.
    ///
    /// ```
    /// # use tiltmeter_stats::{KsBounds, NumericSpec, QuantileBins};
    /// let values: Vec<f64> = (1..=100).map(f64::from).collect();
    /// let spec = NumericSpec::new().with_bins(QuantileBins::of(&values, 4)?);
    /// let (mut then, mut now) = (spec.profile(), spec.profile());
    /// then.update(&values)?;
    /// now.update(&values[40..])?;
    /// let ks = KsBounds::between(&then, &now)?;
    /// // in fact 0.4, at 40, inside of a bin: at 50 it is ½ − 10/60, and between 50 and 75 at most ¾ − 10/60
    /// assert!((ks.lower - 0.3333).abs() < 1e-4 && (ks.upper - 0.5833).abs() < 1e-4);
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    pub fn between(reference: &NumericProfile, current: &NumericProfile) -> Result<Self> {
        check_present(reference, current)?;
        let Bounds { lower, upper } = bounds(reference, current, of_bins, of_sketches)?;
        let (n, m) = (reference.effective_size(), current.effective_size());
        // the root of nm / (n + m), without its overflow and the same for both orders
        let root = (1.0 / n + 1.0 / m).recip().sqrt();
        let p_value_upper = kolmogorov_sf(root * lower);
        Ok(Self {
            lower,
            upper,
            // of distances that are equal but for rounding too
            p_value_lower: kolmogorov_sf(root * upper).min(p_value_upper),
            p_value_upper,
            expected: (FRAC_PI_2.sqrt() * LN_2 / root).min(1.0),
            reference_effective_size: n,
            current_effective_size: m,
        })
    }
}

fn of_bins(bins: &[Bin]) -> Bounds {
    let largest = |of: fn(&Bin) -> f64| bins.iter().map(of).fold(0.0, f64::max);
    let lower = largest(|bin| (bin.up_to[0] - bin.up_to[1]).abs());
    let inside = largest(|bin| match bin {
        Bin { is_atom: true, .. } => 0.0,
        Bin { before, up_to, .. } => (up_to[0] - before[1]).max(up_to[1] - before[0]),
    });
    Bounds { lower, upper: lower.max(inside) }
}

fn of_sketches(f: &QuantileSketch, g: &QuantileSketch) -> Bounds {
    let error = f.rank_error().uniform + g.rank_error().uniform;
    let distance =
        f.corners().together(&g.corners()).fold(0.0_f64, |largest, (_, f, g)| largest.max((f - g).abs()));
    Bounds { lower: distance - error, upper: distance + error }
}
