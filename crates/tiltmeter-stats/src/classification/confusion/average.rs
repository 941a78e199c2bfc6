//! How the scores of classes become one.

/// How the precisions, recalls or F1 of several classes become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Average {
    /// Of all rows together: with one label a row, precision, recall and F1 are then all the accuracy.
    Micro,
    /// The mean over the classes, each counting the same, however rare it is.
    Macro,
    /// The mean over the classes by support, the weight of the rows that are of the class.
    Weighted,
}
