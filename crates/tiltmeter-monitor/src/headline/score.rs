//! Since when the scores are distributed otherwise, and whether with a version.

use super::{Headline, Severity, deployed_in, index, month_name};
use crate::{Analysis, PeriodKind, SCORE, Verdict};

pub(super) fn headline(analysis: &Analysis) -> Option<Headline> {
    let finding = analysis.drift.iter().find(|finding| {
        finding.period.kind() == PeriodKind::Month
            && finding.column == SCORE
            && finding.verdict == Verdict::Drift
    })?;
    let month = month_name(finding.period.first_day());
    let version = deployed_in(analysis, finding.period);
    let with = version.map(|deployment| format!(", with version {}", deployment.version)).unwrap_or_default();
    Some(Headline {
        severity: Severity::Notice,
        title: format!("The distribution of scores changed in {month}{with}"),
        detail: format!(
            "PSI {} against the baseline; {} is expected without drift.",
            index(finding.psi?),
            index(finding.psi_expected?)
        ),
        next_step: version.map(|deployment| {
            format!("Make a baseline for {}: this one is of the version before.", deployment.version)
        }),
    })
}
