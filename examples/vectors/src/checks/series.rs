//! One number per day.

use super::Checks;

pub(crate) const CHECKS: Checks = &[];
