//! A figure with its interval, or the reason why there is none.

use serde::{Serialize, Serializer};

/// The 97.5 % point of the standard normal distribution: scipy.stats.norm.ppf(0.975).
pub(crate) const NORMAL_975: f64 = 1.959_963_984_540_054;

/// A figure that was estimated from data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// The interval that covers the truth in 95 of 100 cases; `None` where it does not exist.
    pub interval: Option<(f64, f64)>,
    /// The standard error; `None` where it does not exist.
    pub standard_error: Option<f64>,
}

impl Estimate {
    /// A figure with a standard error and an interval.
    #[must_use]
    pub fn new(value: f64, interval: Option<(f64, f64)>, standard_error: Option<f64>) -> Self {
        Self { value, interval, standard_error }
    }
}

/// A figure, or the words that say why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// The figure.
    Known(Estimate),
    /// There is none, because of this: one lower-case clause.
    Undefined(String),
}

impl Measured {
    /// The figure, if there is one.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        self.estimate().map(|estimate| estimate.value)
    }

    /// The figure with its interval, if there is one.
    #[must_use]
    pub fn estimate(&self) -> Option<&Estimate> {
        match self {
            Self::Known(estimate) => Some(estimate),
            Self::Undefined(_) => None,
        }
    }

    /// Why there is no figure.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Known(_) => None,
            Self::Undefined(reason) => Some(reason),
        }
    }
}

/// A number, or null.
impl Serialize for Measured {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}
