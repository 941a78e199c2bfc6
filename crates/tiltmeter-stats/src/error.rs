//! Why there is no number.

use std::error::Error as StdError;
use std::fmt;

/// Why a statistic could not be computed: it does not exist for these values, or the input is a mistake.
///
/// The two are told apart because callers act differently: an *undefined* statistic belongs into the report, with
/// its reason, and the next one is computed; an *invalid* input is a fault of the calling code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Undefined(Undefined),
    Invalid(String),
}

/// The result of a statistic.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a statistic does not exist for the values that it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Undefined {
    /// There are no values: none at all, none that is not missing, or none with a weight above zero.
    Empty,
    /// The reference has no values; the current sample may have some, or none either.
    EmptyReference,
    /// The current sample has no values; the reference has some.
    EmptyCurrent,
    /// Only one class is present, and two are needed.
    OneClass,
    /// So many scores are NaN; the caller has to decide what becomes of their rows.
    MissingScores(usize),
    /// There are fewer values than the statistic needs.
    TooFew {
        /// How many there are.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// All values are the same, so that there is no spread to divide by.
    Constant,
    /// A value is infinite, and sums of it are no numbers.
    Infinite,
    /// No row is positive.
    NoPositives,
    /// No row is negative.
    NoNegatives,
    /// No row was predicted positive.
    NoPredictedPositives,
    /// No row was predicted negative.
    NoPredictedNegatives,
    /// Only one category is present, and two are needed.
    OneCategory,
    /// No row was predicted to be of the class with this place among the classes, from 0.
    ClassNeverPredicted(usize),
    /// No row is of the class with this place among the classes, from 0.
    ClassAbsent(usize),
    /// The statistic cannot vary under its hypothesis, so that there is no spread to divide by.
    NoVariance,
    /// What is to be divided by is 0.
    ZeroDenominator,
    /// The result, or a sum on the way to it, is too large for a number.
    Overflow,
}

impl Error {
    pub(crate) fn invalid(clause: impl Into<String>) -> Self {
        Self(Kind::Invalid(clause.into()))
    }

    /// Why the statistic does not exist, or `None` when the input is a mistake.
    #[must_use]
    pub fn undefined(&self) -> Option<Undefined> {
        match &self.0 {
            Kind::Undefined(reason) => Some(*reason),
            Kind::Invalid(_) => None,
        }
    }

    /// The error of one of two samples: says which of them is empty.
    pub(crate) fn if_empty(self, reason: Undefined) -> Self {
        if self.undefined() == Some(Undefined::Empty) { reason.into() } else { self }
    }

    /// Whether the statistic does not exist for these values.
    #[must_use]
    pub fn is_undefined(&self) -> bool {
        self.undefined().is_some()
    }

    /// Whether the input is a mistake of the caller: lengths that differ, a negative weight, a score that is no
    /// probability.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        !self.is_undefined()
    }
}

impl From<Undefined> for Error {
    fn from(reason: Undefined) -> Self {
        Self(Kind::Undefined(reason))
    }
}

impl fmt::Display for Undefined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there are no values"),
            Self::EmptyReference => f.write_str("the reference has no values"),
            Self::EmptyCurrent => f.write_str("there are no current values"),
            Self::OneClass => f.write_str("only one class is present"),
            Self::MissingScores(1) => f.write_str("1 score is missing"),
            Self::MissingScores(count) => write!(f, "{count} scores are missing"),
            Self::TooFew { found, needed } => write!(f, "there are {found} values, and {needed} are needed"),
            Self::Constant => f.write_str("all values are the same"),
            Self::Infinite => f.write_str("a value is infinite"),
            Self::NoPositives => f.write_str("no row is positive"),
            Self::NoNegatives => f.write_str("no row is negative"),
            Self::NoPredictedPositives => f.write_str("no row was predicted positive"),
            Self::NoPredictedNegatives => f.write_str("no row was predicted negative"),
            Self::OneCategory => f.write_str("only one category is present"),
            Self::ClassNeverPredicted(class) => write!(f, "class {class} was never predicted"),
            Self::ClassAbsent(class) => write!(f, "no row is of class {class}"),
            Self::NoVariance => f.write_str("the statistic has no variance under its hypothesis"),
            Self::ZeroDenominator => f.write_str("the denominator is 0"),
            Self::Overflow => f.write_str("the values are too large for sums of them"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Undefined(reason) => write!(f, "undefined, because {reason}"),
            Kind::Invalid(clause) => f.write_str(clause),
        }
    }
}

impl StdError for Error {}
