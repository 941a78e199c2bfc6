//! What the test has to know of a sample besides its distribution function.

use crate::ecdf::Ecdf;

#[derive(Clone, Copy, Debug)]
pub(super) struct Side {
    pub(super) rows: u64,
    pub(super) effective_size: f64,
    pub(super) is_unweighted: bool,
    pub(super) missing: u64,
    pub(super) resolution: f64,
}

impl Side {
    /// Of values that count once each.
    pub(super) fn of_rows(rows: usize, missing: usize) -> Self {
        Self {
            rows: rows as u64,
            effective_size: rows as f64,
            is_unweighted: true,
            missing: missing as u64,
            resolution: 0.0,
        }
    }

    pub(super) fn of_ecdf(ecdf: &Ecdf) -> Self {
        Self {
            rows: ecdf.count(),
            effective_size: ecdf.effective_size(),
            is_unweighted: ecdf.is_unweighted(),
            missing: ecdf.missing(),
            resolution: ecdf.resolution(),
        }
    }
}
