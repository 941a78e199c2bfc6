//! How a row came to be in the table.

use std::fmt;
use std::sync::Arc;

use crate::{Priority, SizeClass};

/// The probability with which a row was kept, in (0, 1]; its weight is one over that.
///
/// ```
/// use tiltmeter_record::InclusionProbability;
///
/// let tenth = InclusionProbability::new(0.1).ok_or("above 0, and up to 1")?;
/// assert_eq!((tenth.get(), tenth.weight()), (0.1, 10.0));
/// assert!(InclusionProbability::new(0.0).is_none() && InclusionProbability::new(f64::NAN).is_none());
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct InclusionProbability(f64);

impl InclusionProbability {
    /// Of a row that is kept whatever happens.
    pub const CERTAIN: Self = Self(1.0);

    /// `None` for what is not above 0 and up to 1, or so small (below 10^-300) that its weight would be infinite.
    #[must_use]
    pub fn new(probability: f64) -> Option<Self> {
        (1e-300..=1.0).contains(&probability).then_some(Self(probability))
    }

    /// The number, in (0, 1].
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// How many rows it stands for: 1 / probability, from 1.
    #[must_use]
    pub fn weight(self) -> f64 {
        1.0 / self.0
    }
}

impl Default for InclusionProbability {
    fn default() -> Self {
        Self::CERTAIN
    }
}

impl fmt::Display for InclusionProbability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a row came to be in the table: what sampling said of it, and what losses are told apart by.
///
/// By default it was kept for certain, in no stratum.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inclusion {
    /// The probability with which it was kept. Given the rates of its time that is known before anything is drawn.
    pub probability: InclusionProbability,
    /// The stratum that it was in; `None` where rows are not sampled.
    pub stratum: Option<Arc<str>>,
    /// How large its exchange was; `None` where there was none.
    pub size_class: Option<SizeClass>,
    /// How important its exchange was; `None` where there was none.
    pub priority: Option<Priority>,
}
