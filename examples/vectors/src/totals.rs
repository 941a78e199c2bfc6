//! How many entries passed, failed, or are of what is not offered.

use std::fmt;
use std::ops::AddAssign;

/// How many entries there are of each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// All fields are as expected.
    pub passed: usize,
    /// A field differs, or the entry cannot be read.
    pub failed: usize,
    /// A function, a definition or a field that is not offered.
    pub unknown: usize,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.unknown += other.unknown;
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} unknown", self.passed, self.failed, self.unknown)
    }
}
