//! Wasserstein's distance between bounds.

use crate::error::{Error, Result, Undefined};
use crate::profile::NumericProfile;
use crate::profile::numeric::check_present;

/// Between which bounds Wasserstein's distance (the earth mover's) of two samples is.
///
/// ```text
/// W = ∫ |F(x) − G(x)| dx,    |mean − mean′| ≤ W,    |W − Ŵ| ≤ ε (max − min)
/// ```
///
/// In the unit of the values; 0 for equal samples. Means, and minimum and maximum of both samples together, are exact; ε,
/// the uniform rank errors of both sketches, holds with a probability of 98 % or more, outside of the range there is no
/// error. With heavy tails the range is wide and the bounds are: then `estimate` is far better than they tell. It is a little too
/// large for samples that hardly differ, since errors of the sketches add to it in either direction.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct WassersteinBounds {
    /// The distance between the sketches, from `lower` to `upper`.
    pub estimate: f64,
    /// The distance is at least this.
    pub lower: f64,
    /// The distance is at most this.
    pub upper: f64,
}

impl WassersteinBounds {
    /// Of two profiles with sketches. O(`k` log `k`).
    ///
    /// # Errors
    /// [`EmptyReference`](Undefined::EmptyReference), [`EmptyCurrent`](Undefined::EmptyCurrent),
    /// [`Empty`](Undefined::Empty) when there are no values; [`Infinite`](Undefined::Infinite) when one is infinite;
    /// invalid when a profile has no sketch, or the range of the values overflows.
    ///
    /// ```
    /// # use tiltmeter_stats::{NumericSpec, WassersteinBounds};
    /// let spec = NumericSpec::new().with_sketch(128)?;
    /// let (mut then, mut now) = (spec.profile(), spec.profile());
    /// then.update(&[0.0, 1.0, 3.0])?;
    /// now.update(&[5.0, 6.0, 8.0])?;
    /// // as many values as a sketch keeps: exact
    /// let distance = WassersteinBounds::between(&then, &now)?;
    /// assert!((distance.lower - 5.0).abs() < 1e-12 && (distance.upper - 5.0).abs() < 1e-12);
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    pub fn between(reference: &NumericProfile, current: &NumericProfile) -> Result<Self> {
        check_present(reference, current)?;
        let Some((f, g)) = reference.sketches(current) else {
            return Err(Error::invalid("a profile without a sketch has no Wasserstein distance"));
        };
        let moments = [reference.moments(), current.moments()];
        if moments.iter().any(|moments| moments.infinite() > 0) {
            return Err(Undefined::Infinite.into());
        }
        let (mut last, mut distance) = (None, 0.0);
        for (x, f, g) in f.corners().together(&g.corners()) {
            if let Some((before, apart)) = last {
                distance += apart * (x - before);
            }
            last = Some((x, (f - g).abs()));
        }
        let range = f.max()?.max(g.max()?) - f.min()?.min(g.min()?);
        let error = (f.rank_error().uniform + g.rank_error().uniform).min(1.0) * range;
        let apart = (moments[0].mean()? - moments[1].mean()?).abs();
        if ![distance, error, apart].iter().all(|number| f64::is_finite(*number)) {
            return Err(Error::invalid("the values are too far apart for a distance"));
        }
        // rounding may put a mean beyond an exact distance
        let upper = (distance + error).min(range);
        let lower = (distance - error).max(apart).clamp(0.0, upper);
        Ok(Self { estimate: distance.clamp(lower, upper), lower, upper })
    }
}
