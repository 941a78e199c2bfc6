//! The strongest drift.

use super::DriftFinding;
use crate::{PeriodKind, SCORE, Verdict};

/// The feature and the month that drifted most: the largest population stability index among the months whose values
/// have drifted. The score is left out. Where the index is the same, because all values have left the baseline's range,
/// the Kolmogorov–Smirnov statistic decides, then the earlier month.
///
/// `None` when no feature drifted in any month.
#[must_use]
pub fn peak(findings: &[DriftFinding]) -> Option<&DriftFinding> {
    let size = |finding: &DriftFinding| (finding.psi.unwrap_or(0.0) * 1e6).round();
    let distance = |finding: &DriftFinding| finding.ks.unwrap_or(0.0);
    drifted_months(findings).max_by(|left, right| {
        size(left)
            .total_cmp(&size(right))
            .then(distance(left).total_cmp(&distance(right)))
            .then(right.period.cmp(&left.period))
            .then(right.column.cmp(&left.column))
    })
}

/// The months of features whose values have drifted.
pub(crate) fn drifted_months(findings: &[DriftFinding]) -> impl Iterator<Item = &DriftFinding> {
    findings.iter().filter(|finding| {
        finding.period.kind() == PeriodKind::Month
            && finding.column != SCORE
            && finding.values_verdict == Verdict::Drift
    })
}
