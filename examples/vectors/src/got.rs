//! What a statistic gave.

use std::fmt;

/// What a statistic gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Got {
    /// A number.
    Number(f64),
    /// Numbers.
    Numbers(Vec<f64>),
    /// No number, and why.
    Undefined(String),
}

impl From<f64> for Got {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<Vec<f64>> for Got {
    fn from(numbers: Vec<f64>) -> Self {
        Self::Numbers(numbers)
    }
}

impl From<Option<f64>> for Got {
    fn from(number: Option<f64>) -> Self {
        number.map_or_else(|| Self::Undefined("none".to_owned()), Self::Number)
    }
}

impl<T: Into<Got>> From<tiltmeter_stats::Result<T>> for Got {
    fn from(result: tiltmeter_stats::Result<T>) -> Self {
        result.map_or_else(|error| Self::Undefined(error.to_string()), Into::into)
    }
}

impl fmt::Display for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Numbers(numbers) => write!(f, "{numbers:?}"),
            Self::Undefined(reason) => write!(f, "nothing: {reason}"),
        }
    }
}
