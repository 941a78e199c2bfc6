//! What a detector of changes finds.

/// Where the mean has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Later values are larger.
    Up,
    /// Later values are smaller.
    Down,
}

/// A change of the mean that a detector has found with the value that was given last.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Detection {
    /// Where the mean has gone.
    pub direction: Direction,
    /// What was compared, above `threshold`.
    pub statistic: f64,
    /// What it was compared with.
    pub threshold: f64,
    /// How many values the detector had used since its start or since it was last reset, this one among them.
    pub count: u64,
}

/// Whether a value can be squared and summed: one that cannot, NaN and ±∞ among them, would blind a detector for good.
pub(super) fn is_usable(value: f64) -> bool {
    value.abs() <= 1e100
}
