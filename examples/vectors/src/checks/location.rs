//! Two samples: means, ranks and proportions.

use super::Checks;

pub(crate) const CHECKS: Checks = &[];
