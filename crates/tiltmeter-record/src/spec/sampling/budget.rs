//! What one instance may keep.

use super::super::field::Field;
use super::super::fields::Fields;
use super::super::problem::Problem;

const BUDGET: &str = "{rows_per_second: …} or {bytes_per_second: …}";

/// What one instance may keep in a second, in expectation; above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum SamplingBudget {
    /// `rows_per_second`.
    RowsPerSecond(f64),
    /// `bytes_per_second`, of rows in memory, uncompressed ([`Prediction::memory_size`](crate::Prediction::memory_size)): stored
    /// they usually take fewer.
    BytesPerSecond(f64),
}

impl SamplingBudget {
    pub(super) fn read(field: &Field<'_>, problems: &mut Vec<Problem>) -> Option<Self> {
        if !field.is_mapping() {
            problems.push(field.misfit(BUDGET));
            return None;
        }
        let fields = Fields::known(field, &["rows_per_second", "bytes_per_second"], problems)?;
        let mut number = |key| {
            let field: Option<&Field<'_>> = fields.optional(key);
            field.and_then(|field| field.number("a number above 0", |most| most > 0.0, problems))
        };
        let (rows, bytes) = (number("rows_per_second"), number("bytes_per_second"));
        if fields.iter().next().is_none() {
            problems.push(field.problem("no budget").allow(BUDGET));
        }
        fields.one_of(["rows_per_second", "bytes_per_second"], problems);
        rows.map(Self::RowsPerSecond).or(bytes.map(Self::BytesPerSecond))
    }
}
