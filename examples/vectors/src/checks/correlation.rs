//! Two columns, and many tests.

use super::Checks;

pub(crate) const CHECKS: Checks = &[];
