//! Two samples whose weights can be squared and summed, and their distribution functions.

use crate::ecdf::Ecdf;
use crate::error::{Error, Result, Undefined};
use crate::sample::Sample;
use crate::sorted::Sorted;

/// A sample whose weights can be squared and summed: scaled where they are extreme, since their scale does not
/// matter.
pub(super) struct Squarable<'a> {
    sample: Sample<'a>,
    scaled: Option<Vec<f64>>,
}

impl<'a> Squarable<'a> {
    pub(super) fn of(sample: Sample<'a>) -> Self {
        let scale = scale_to_square(sample.present().map(|(_, weight)| weight));
        let is_as_it_is = (scale - 1.0).abs() <= 0.0;
        // weights that count nowhere may be larger, and must stay finite
        let scaled = |weights: &[f64]| weights.iter().map(|weight| (weight * scale).min(f64::MAX)).collect();
        Self { sample, scaled: sample.weights().filter(|_| !is_as_it_is).map(scaled) }
    }

    /// The sample; its weights stay valid when they are scaled.
    pub(super) fn sample(&self) -> Result<Sample<'_>> {
        match &self.scaled {
            Some(weights) => Sample::weighted(self.sample.values(), weights),
            None => Ok(self.sample),
        }
    }

    fn ecdf(&self, if_empty: Undefined) -> Result<Ecdf> {
        let name =
            |error: Error| if error.undefined() == Some(Undefined::Empty) { if_empty.into() } else { error };
        Ecdf::of(self.sample()?).map_err(name)
    }
}

/// The distribution function of a reference.
pub(super) fn reference_ecdf(reference: Sample<'_>) -> Result<Ecdf> {
    Squarable::of(reference).ecdf(Undefined::EmptyReference)
}

/// The distribution functions of a reference and a current sample.
pub(super) fn ecdfs(reference: Sample<'_>, current: Sample<'_>) -> Result<[Ecdf; 2]> {
    let current = Squarable::of(current);
    Ok([reference_ecdf(reference)?, current.ecdf(Undefined::EmptyCurrent)?])
}

/// Says which of two samples is empty.
pub(super) fn check_both(reference: Sorted<'_>, current: Sorted<'_>) -> Result<()> {
    match (reference.is_empty(), current.is_empty()) {
        (false, false) => Ok(()),
        (true, _) => Err(Undefined::EmptyReference.into()),
        (false, true) => Err(Undefined::EmptyCurrent.into()),
    }
}

/// A factor after which weights can be squared and summed; 1 for all but extreme ones. A power of two, so that
/// nothing is rounded.
pub(super) fn scale_to_square(weights: impl Iterator<Item = f64>) -> f64 {
    let largest = weights.fold(0.0, f64::max);
    if largest > 1e100 {
        2_f64.powi(-664)
    } else if largest > 0.0 && largest < 1e-100 {
        2_f64.powi(664)
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_of_weights_does_not_matter() {
        let values = [1.0, 2.0, 3.0, f64::NAN];
        let of = |weights: &[f64]| reference_ecdf(Sample::weighted(&values, weights).unwrap()).unwrap();
        let plain = of(&[1.0, 2.0, 3.0, 1.0]);
        for scale in [1e300, 1e-300, 1e-320] {
            let scaled = of(&[scale, 2.0 * scale, 3.0 * scale, f64::MAX]);
            assert!((scaled.effective_size() - plain.effective_size()).abs() < 1e-12, "{scale}");
            assert!((scaled.at(2.0) - plain.at(2.0)).abs() < 1e-15, "{scale}");
        }
    }

    #[test]
    fn says_which_sample_is_empty() {
        let reason = |reference: &[f64], current: &[f64]| {
            ecdfs(reference.into(), current.into()).unwrap_err().undefined()
        };
        assert_eq!(reason(&[f64::NAN], &[]), Some(Undefined::EmptyReference));
        assert_eq!(reason(&[1.0], &[f64::NAN]), Some(Undefined::EmptyCurrent));
    }
}
