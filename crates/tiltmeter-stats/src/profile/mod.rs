//! What is kept of a window of one column: small, mergeable, and enough for most statistics.
//!
//! A profile is made of parts that also stand alone: `quantile_sketch`, `distinct`, `frequent`, beside moments and bins of
//! the crate. `numeric` and `categorical` put them together, `compare` tells what two of them say, `encoding` makes bytes.

mod categorical;
mod compare;
mod distinct;
mod encoding;
mod frequent;
mod numeric;
mod quantile_sketch;
#[cfg(test)]
mod tests;
mod weights;

use serde::{Deserialize, Serialize};

pub use categorical::{CategoricalProfile, CategoricalSpec};
pub use compare::{KsBounds, SuperiorityBounds, WassersteinBounds};
pub use distinct::DistinctCount;
pub use encoding::PROFILE_ENCODING_VERSION;
pub use frequent::{FrequentCategories, FrequentCategory};
pub use numeric::{NumericProfile, NumericSpec};
pub use quantile_sketch::{QuantileEstimate, QuantileSketch, RankError};

use crate::error::{Error, Result, Undefined};
use weights::Tally;

/// The mergeable summary of one column in a window of time, numbers or categories, to be stored and merged.
///
/// ```
/// # use tiltmeter_stats::{NumericSpec, Profile};
/// let spec = NumericSpec::new().with_sketch(128)?;
/// let (mut monday, mut tuesday) = (spec.profile(), spec.profile());
/// monday.update(&[1.0, 2.0])?;
/// tuesday.update(&[6.0])?;
/// let stored = Profile::Numeric(tuesday).encode();
///
/// let mut week = Profile::Numeric(monday);
/// week.merge(&Profile::decode(&stored)?)?;
/// assert_eq!((week.count(), week.numeric().map(|week| week.moments().mean()).transpose()?), (3, Some(3.0)));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Profile {
    /// Of a column of numbers.
    Numeric(NumericProfile),
    /// Of a column of categories.
    Categorical(CategoricalProfile),
}

impl Profile {
    /// Folds the rows of another profile of the same specification.
    ///
    /// # Errors
    /// Invalid when one is of numbers and the other of categories, or their specifications differ; nothing is folded then.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        match (self, other) {
            (Self::Numeric(mine), Self::Numeric(other)) => mine.merge(other),
            (Self::Categorical(mine), Self::Categorical(other)) => mine.merge(other),
            _ => Err(Error::invalid("a profile of numbers cannot be merged with one of categories")),
        }
    }

    /// The same without what depends on a baseline: counts in frozen bins, or of frozen categories. What is left can be merged
    /// whatever the baselines were.
    ///
    /// ```
    /// # use tiltmeter_stats::{NumericSpec, Profile, QuantileBins};
    /// let profile = |reference: &[f64], value: f64| {
    ///     let mut profile = NumericSpec::new().with_bins(QuantileBins::of(reference, 2)?).profile();
    ///     profile.update(&[value])?;
    ///     Ok::<_, tiltmeter_stats::Error>(Profile::Numeric(profile))
    /// };
    /// let (mut before, after) = (profile(&[1.0, 2.0], 1.5)?, profile(&[5.0, 9.0], 2.5)?);
    /// assert!(before.merge(&after).is_err());
    ///
    /// let mut both = before.without_bins();
    /// both.merge(&after.without_bins())?;
    /// assert_eq!((both.count(), both.numeric().map(|both| both.moments().mean()).transpose()?), (2, Some(2.0)));
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    #[must_use]
    pub fn without_bins(self) -> Self {
        match self {
            Self::Numeric(profile) => Self::Numeric(profile.without_bins()),
            Self::Categorical(profile) => Self::Categorical(profile.without_bins()),
        }
    }

    /// How many rows have a value.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self {
            Self::Numeric(profile) => profile.count(),
            Self::Categorical(profile) => profile.count(),
        }
    }

    /// How many rows have none.
    #[must_use]
    pub fn missing(&self) -> u64 {
        match self {
            Self::Numeric(profile) => profile.missing(),
            Self::Categorical(profile) => profile.missing(),
        }
    }

    /// The profile of numbers, if it is one.
    #[must_use]
    pub fn numeric(&self) -> Option<&NumericProfile> {
        match self {
            Self::Numeric(profile) => Some(profile),
            Self::Categorical(_) => None,
        }
    }

    /// The profile of categories, if it is one.
    #[must_use]
    pub fn categorical(&self) -> Option<&CategoricalProfile> {
        match self {
            Self::Categorical(profile) => Some(profile),
            Self::Numeric(_) => None,
        }
    }
}

fn missing_rate(missing: Tally, present: Tally) -> Result<f64> {
    let all = missing.weight + present.weight;
    if all > 0.0 { Ok(missing.weight / all) } else { Err(Undefined::Empty.into()) }
}

/// Equal up to the rounding of sums in another order.
fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.max(b)
}
