//! What is known at one look.

use crate::error::{Error, Result, Undefined};
use crate::resampling::HajekMean;

/// An effective number of rows that is never reached, and above which squares of what comes of it may overflow.
pub(super) const MOST_ROWS: f64 = 1e15;

/// An estimate of all rows so far, and how far it could be trusted if this were the only look.
///
/// Of anything with a standard error: a mean, a difference of ROC AUCs
/// ([`RocAucDifference`](crate::RocAucDifference)), of Brier scores, of linearised statistics.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Look {
    /// The estimate, finite.
    pub estimate: f64,
    /// Its standard error, above 0.
    pub standard_error: f64,
    /// How many rows it is made of, Kish's effective number where they have weights; above 0, at most 10¹⁵. It should grow
    /// from look to look: one heavy row that arrives late makes it smaller, and bounds wider again.
    pub effective_size: f64,
}

impl Look {
    /// A look.
    ///
    /// # Errors
    /// Undefined when the standard error is 0 ([`NoVariance`](Undefined::NoVariance)): rows that have not differed yet
    /// do not tell how much they may; [`BoundedMean`](crate::BoundedMean) knows. Invalid when a number is not finite, or
    /// the standard error is below 0, or the size not above 0 or more than 10¹⁵.
    pub fn new(estimate: f64, standard_error: f64, effective_size: f64) -> Result<Self> {
        let are_finite = [estimate, standard_error, effective_size].iter().all(|number| number.is_finite());
        if !are_finite || standard_error < 0.0 || effective_size <= 0.0 || effective_size > MOST_ROWS {
            return Err(Error::invalid(
                "a look has an impossible number, allowed: finite ones, a standard error from 0, a size above 0 up to 1e15",
            ));
        }
        if standard_error <= 0.0 {
            return Err(Undefined::NoVariance.into());
        }
        Ok(Self { estimate, standard_error, effective_size })
    }

    /// The look at a mean. Clusters of rows count as the effective number of them.
    ///
    /// # Errors
    /// Undefined when the standard error is unknown ([`TooFew`](Undefined::TooFew)) or 0
    /// ([`NoVariance`](Undefined::NoVariance)).
    pub fn of_mean(mean: &HajekMean) -> Result<Self> {
        let known = mean.standard_error.zip(mean.degrees_of_freedom);
        let (error, freedom) = known.ok_or(Undefined::TooFew { found: mean.count, needed: 2 })?;
        Self::new(mean.value, error, freedom + 1.0)
    }
}
