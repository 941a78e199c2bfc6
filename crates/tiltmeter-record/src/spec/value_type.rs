//! The types of features and predictions.

use super::field::Field;
use super::problem::Problem;

/// The type of a feature or of the prediction. Every value may also be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ValueType {
    /// `float`: a 64-bit floating-point number.
    Float,
    /// `integer`: a whole number of 64 bits, with sign.
    Integer,
    /// `string`: text.
    String,
    /// `boolean`: true or false.
    Boolean,
}

impl ValueType {
    pub(super) const ALLOWED: &str = "float, integer, string, boolean";

    pub(super) fn read(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<Self> {
        let choices =
            [Self::Float, Self::Integer, Self::String, Self::Boolean].map(|choice| (choice.as_str(), choice));
        field.choice(&choices, problems)
    }

    /// The word that stands in the spec.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Float => "float",
            Self::Integer => "integer",
            Self::String => "string",
            Self::Boolean => "boolean",
        }
    }
}
