//! Rows that are corrected with the help of others.

use super::LossCorrection;
use crate::columns::{InclusionColumns, UnequalLengths};

impl LossCorrection {
    /// The correction of the first rows alone, which were `before` it: the others were there because all rows of a minute must
    /// be. They are dropped, and the [share](super::LossReport::share) is that of the rows that are left; counts and minutes stay
    /// those of all.
    ///
    /// # Errors
    /// When `before` has more rows than there are.
    pub fn of_first(self, mut before: InclusionColumns) -> Result<Self, UnequalLengths> {
        let Self { inclusion, mut report } = self;
        let rows = before.len();
        if inclusion.len() < rows {
            UnequalLengths::check("inclusion_probability", inclusion.len(), rows)?;
        }
        let sum = |columns: &InclusionColumns| columns.probability().iter().map(|one| 1.0 / one).sum::<f64>();
        let uncorrected = sum(&before);
        before
            .probability_mut()
            .iter_mut()
            .zip(inclusion.probability())
            .for_each(|(one, corrected)| *one = *corrected);
        report.set_share(uncorrected, sum(&before));
        report.is_lossy.truncate(rows);
        Ok(Self { inclusion: before, report })
    }
}
