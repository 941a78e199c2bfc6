//! Calibrators.

use super::Checks;

pub(crate) const CHECKS: Checks = &[];
