//! Regression and ranking.

use super::Checks;

pub(crate) const CHECKS: Checks = &[];
