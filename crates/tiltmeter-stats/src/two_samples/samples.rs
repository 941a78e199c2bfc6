//! The distribution functions of two samples, and which of them is empty.

use crate::ecdf::Ecdf;
use crate::error::{Result, Undefined};
use crate::sample::{Sample, Squarable};

/// The distribution function of a reference. Weights are scaled where they are extreme, since their scale does not
/// matter.
pub(super) fn reference_ecdf(reference: Sample<'_>) -> Result<Ecdf> {
    Ecdf::of(Squarable::of(reference).sample()?).map_err(|error| error.if_empty(Undefined::EmptyReference))
}

/// The distribution functions of a reference and a current sample.
pub(super) fn ecdfs(reference: Sample<'_>, current: Sample<'_>) -> Result<[Ecdf; 2]> {
    let reference = reference_ecdf(reference)?;
    let current = Ecdf::of(Squarable::of(current).sample()?);
    Ok([reference, current.map_err(|error| error.if_empty(Undefined::EmptyCurrent))?])
}

/// Says which of two samples is empty: the reference, when both are.
pub(super) fn check_both(reference_is_empty: bool, current_is_empty: bool) -> Result<()> {
    match (reference_is_empty, current_is_empty) {
        (false, false) => Ok(()),
        (true, _) => Err(Undefined::EmptyReference.into()),
        (false, true) => Err(Undefined::EmptyCurrent.into()),
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
