//! Two samples: distances between distributions, and tests of counts.

use super::Checks;

pub(crate) const CHECKS: Checks = &[];
