//! Columns that went missing.

use super::{Headline, Severity, month_name};
use crate::drift::DriftFinding;
use crate::{Analysis, PeriodKind, Verdict};

pub(super) fn headline(analysis: &Analysis) -> Option<Headline> {
    let months = || analysis.drift.iter().filter(|finding| finding.period.kind() == PeriodKind::Month);
    let mut names: Vec<&str> = Vec::new();
    let mut worst: Option<&DriftFinding> = None;
    for finding in months().filter(|finding| finding.missing_verdict == Verdict::Drift) {
        if !names.contains(&finding.column.as_str()) {
            names.push(&finding.column);
        }
        if worst.is_none_or(|worst| difference(finding) > difference(worst)) {
            worst = Some(finding);
        }
    }
    let worst = worst?;
    let last = months().map(|finding| finding.period).max();
    let still = months().any(|finding| {
        Some(finding.period) == last
            && finding.missing_verdict == Verdict::Drift
            && names.contains(&finding.column.as_str())
    });
    let more = worst.missing_rate >= worst.missing_rate_baseline;
    let title =
        if more { "More values are missing than before" } else { "Fewer values are missing than before" };
    Some(Headline {
        severity: if still && more { Severity::Bad } else { Severity::Notice },
        title: format!("{title}: {}", names.join(", ")),
        detail: format!(
            "{:.1} % of {} in {}, {:.1} % in the baseline.",
            100.0 * worst.missing_rate,
            worst.column,
            month_name(worst.period.first_day()),
            100.0 * worst.missing_rate_baseline
        ),
        next_step: Some("Look at what delivers these columns.".to_owned()),
    })
}

fn difference(finding: &DriftFinding) -> f64 {
    (finding.missing_rate - finding.missing_rate_baseline).abs()
}
