//! Mann–Whitney between bounds.

use super::{Bin, Bounds, bounds};
use crate::error::Result;
use crate::profile::numeric::check_present;
use crate::profile::{NumericProfile, QuantileSketch};

/// Between which bounds the probability is that a current value is larger than one of the reference, ties counting half.
///
/// ```text
/// A = P(Y > X) + ½ P(Y = X) = U / nm
/// bins:      Σ qᵢ Fᵢ₋₁ + ½ Σ {pᵢqᵢ : i is an atom}  ≤  A  ≤  that + Σ {pᵢqᵢ : i is none}
/// sketches:  |A − Â| ≤ uniform rank errors of both
/// ```
///
/// The common-language effect size, the statistic U of Mann and Whitney as a share, and the area under the ROC curve when
/// one sample are the scores of negatives, the other those of positives. ½ without drift. X is of the reference, Y of the
/// current sample; pᵢ, qᵢ are their shares of bin i. Values in different bins are compared exactly, and in an atom, where
/// all are equal; no closer bounds follow from counts. Those of the sketches hold with a probability of 98 % or more, and
/// are left out when they contradict the bins. ±∞ are values.
///
/// McGraw and Wong, *A Common Language Effect Size Statistic* (Psychological Bulletin 111, 1992).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SuperiorityBounds {
    /// The probability is at least this, from 0 to 1.
    pub lower: f64,
    /// The probability is at most this, from `lower` to 1.
    pub upper: f64,
}

impl SuperiorityBounds {
    /// Of two profiles with the same bins, or sketches, or both. O(bins + `k` log `k`).
    ///
    /// # Errors
    /// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent),
    /// [`Empty`](crate::Undefined::Empty) when there are no values; invalid when the bins differ, or the two have neither
    /// bins nor sketches.
    ///
    /// ```
    /// # use tiltmeter_stats::{NumericSpec, QuantileBins, SuperiorityBounds};
    /// let spec = NumericSpec::new().with_bins(QuantileBins::of(&[1.0, 2.0, 3.0, 4.0], 2)?);
    /// let (mut then, mut now) = (spec.profile(), spec.profile());
    /// then.update(&[1.0, 2.0, 3.0, 4.0])?;
    /// now.update(&[1.5, 3.5, 9.0, 9.0])?;
    /// // in fact 0.75; of the 16 pairs the 6 of a value below 2 and one above are certain, and 8 in the same bin are not
    /// let bounds = SuperiorityBounds::between(&then, &now)?;
    /// assert_eq!((bounds.lower, bounds.upper), (6.0 / 16.0, 14.0 / 16.0));
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    pub fn between(reference: &NumericProfile, current: &NumericProfile) -> Result<Self> {
        check_present(reference, current)?;
        let Bounds { lower, upper } = bounds(reference, current, of_bins, of_sketches)?;
        Ok(Self { lower, upper })
    }
}

fn of_bins(bins: &[Bin]) -> Bounds {
    let (mut certain, mut open) = (0.0, 0.0);
    for Bin { is_atom, own: [p, q], before, .. } in bins {
        certain += q * before[0] + if *is_atom { 0.5 * p * q } else { 0.0 };
        open += if *is_atom { 0.0 } else { p * q };
    }
    Bounds { lower: certain, upper: certain + open }
}

fn of_sketches(f: &QuantileSketch, g: &QuantileSketch) -> Bounds {
    let error = f.rank_error().uniform + g.rank_error().uniform;
    let (mut before, mut probability) = ([0.0; 2], 0.0);
    for (_, f, g) in f.corners().together(&g.corners()) {
        probability += (g - before[1]) * (f + before[0]) / 2.0;
        before = [f, g];
    }
    Bounds { lower: probability - error, upper: probability + error }
}
