//! One of the two proportions.

use crate::error::{Error, Result, Undefined};
use crate::sample::{check_weights, effective_sample_size, scale_of};

/// A share of rows, and of how many.
///
/// Of counts, or of a weighted share with the number of rows without weights that would tell as much. There may be no
/// rows, in which case there is no share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proportion {
    pub(super) successes: f64,
    pub(super) failures: f64,
}

impl Proportion {
    /// So many rows of so many.
    ///
    /// # Errors
    /// Invalid when there are more successes than the total.
    pub fn of_counts(successes: u64, total: u64) -> Result<Self> {
        match total.checked_sub(successes) {
            Some(failures) => Ok(Self { successes: successes as f64, failures: failures as f64 }),
            None => Err(Error::invalid(format!("{successes} successes are more than the total of {total}"))),
        }
    }

    /// A weighted share, and the effective size of the rows that it is of: Kish's, (Σw)²/Σw²
    /// ([`effective_sample_size`](crate::effective_sample_size)).
    ///
    /// # Errors
    /// Invalid when the share is not from 0 to 1, or the size is negative or not finite.
    pub fn of_share(share: f64, effective_size: f64) -> Result<Self> {
        if !(0.0..=1.0).contains(&share) {
            return Err(Error::invalid(format!("the share is {share}, allowed: numbers from 0 to 1")));
        }
        if !(0.0..=f64::MAX).contains(&effective_size) {
            let clause = format!("the effective size is {effective_size}, allowed: finite numbers from 0");
            return Err(Error::invalid(clause));
        }
        Ok(Self { successes: share * effective_size, failures: (1.0 - share) * effective_size })
    }

    /// The share of `true`, and Kish's effective size. Of rows with a weight each, or `None` when they count once each;
    /// see [`Sample`](crate::Sample) for what a weight is.
    ///
    /// # Errors
    /// Invalid when the lengths differ, or a weight is negative, NaN or infinite, or there are rows and all weights
    /// are 0.
    pub fn of_labels(labels: &[bool], weights: Option<&[f64]>) -> Result<Self> {
        let Some(weights) = weights else {
            let successes = labels.iter().filter(|label| **label).count();
            return Self::of_counts(successes as u64, labels.len() as u64);
        };
        check_weights(labels.len(), weights)?;
        let scale = scale_of(weights.iter().copied());
        let sum = |kept: bool| -> f64 {
            labels
                .iter()
                .zip(weights)
                .filter(|(label, _)| **label == kept)
                .map(|(_, weight)| weight * scale)
                .sum()
        };
        let (successes, failures) = (sum(true), sum(false));
        let size = effective_sample_size(weights.iter().map(|weight| weight * scale));
        let total = successes + failures;
        if total <= 0.0 {
            return Self::of_counts(0, 0);
        }
        Ok(Self { successes: successes / total * size, failures: failures / total * size })
    }

    /// The share, 0 to 1.
    ///
    /// # Errors
    /// [`Undefined::Empty`].
    pub fn share(&self) -> Result<f64> {
        let size = self.effective_size();
        if size > 0.0 { Ok((self.successes / size).min(1.0)) } else { Err(Undefined::Empty.into()) }
    }

    /// Kish's effective size of the rows: their number, without weights.
    #[must_use]
    pub fn effective_size(&self) -> f64 {
        self.successes + self.failures
    }
}
