//! The feature that drifted most, and whether performance went along.

use tiltmeter_stats::{Pairs, spearman};

use super::{Headline, Severity, deployed_in, index, month_name};
use crate::drift::{DriftFinding, drifted_months, peak};
use crate::performance::{MonthPerformance, PerformanceVerdict};
use crate::{Analysis, PeriodKind, SCORE, Verdict};

/// Months from which on a rank correlation says something.
const MIN_MONTHS: usize = 6;

pub(super) fn headline(analysis: &Analysis) -> Option<Headline> {
    if analysis.drift.is_empty() {
        return None;
    }
    let Some(peak) = peak(&analysis.drift) else { return no_drift(analysis) };
    let month = month_name(peak.period.first_day());
    let column = &peak.column;
    let strength = format!("{}.{}", strength(analysis, peak), others(analysis, column));
    let deployed = deployed_in(analysis, peak.period);
    let (severity, title, detail, next_step) = match (followed(analysis, peak), deployed) {
        (Followed::No(figures), _) => (
            Severity::Notice,
            format!("{column} drifted most in {month}, and performance did not follow"),
            format!("{figures} {strength}"),
            None,
        ),
        (Followed::Yes(figures), Some(deployment)) => (
            Severity::Notice,
            format!("{column} drifted most in {month}, when version {} began to serve", deployment.version),
            format!("{figures} Drift and version cannot be told apart. {strength}"),
            Some(format!("Compare {} with the version before on the same requests.", deployment.version)),
        ),
        (Followed::Yes(figures), None) => (
            Severity::Bad,
            format!("{column} drifted most in {month}, and performance fell in that month"),
            format!("{figures} {strength}"),
            Some(format!("Look at {column}, and at the segments that depend on it.")),
        ),
        (Followed::Unknown, _) => (
            Severity::Notice,
            format!("{column} drifted, most in {month}"),
            format!("Without labels of that month it is not known whether it matters. {strength}"),
            Some("Provide labels, or look at whether the change was to be expected.".to_owned()),
        ),
    };
    Some(Headline { severity, title, detail, next_step })
}

/// The index, and in which other months it was the same: it does not grow any more once all values have left the
/// baseline's range.
fn strength(analysis: &Analysis, peak: &DriftFinding) -> String {
    let (psi, expected) = (peak.psi.unwrap_or(0.0), peak.psi_expected.unwrap_or(0.0));
    let same = |finding: &&DriftFinding| {
        finding.column == peak.column && finding.psi.is_some_and(|other| (other - psi).abs() < 1e-6)
    };
    let months: Vec<_> =
        drifted_months(&analysis.drift).filter(same).map(|finding| finding.period.first_day()).collect();
    let when = match months.as_slice() {
        [first, .., last] => {
            let months = format!("{} to {}", first.strftime("%B"), month_name(*last));
            format!("from {months}, farthest in {}", peak.period.first_day().strftime("%B"))
        }
        _ => format!("in {}", month_name(peak.period.first_day())),
    };
    format!("PSI {} {when}; {} is expected without drift", index(psi), index(expected))
}

fn others(analysis: &Analysis, column: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for finding in drifted_months(&analysis.drift) {
        if finding.column != column && !names.contains(&finding.column.as_str()) {
            names.push(&finding.column);
        }
    }
    if names.is_empty() {
        String::new()
    } else {
        format!(" Also drifted in some month: {}.", names.join(", "))
    }
}

/// None was found: because there is none, or because it could not be looked for.
fn no_drift(analysis: &Analysis) -> Option<Headline> {
    let mut features: Vec<(&str, bool)> = Vec::new();
    let months = analysis.drift.iter().filter(|finding| finding.period.kind() == PeriodKind::Month);
    for finding in months.filter(|finding| finding.column != SCORE) {
        let judged = finding.values_verdict != Verdict::Undefined;
        match features.iter_mut().find(|(name, _)| *name == finding.column) {
            Some((_, any)) => *any |= judged,
            None => features.push((&finding.column, judged)),
        }
    }
    let open: Vec<&str> = features.iter().filter(|(_, judged)| !judged).map(|(name, _)| *name).collect();
    if features.is_empty() {
        return None;
    }
    if open.is_empty() {
        return Some(Headline {
            severity: Severity::Good,
            title: "No feature drifted".to_owned(),
            detail: "No month of any feature differs from the baseline by more than its own days explain."
                .to_owned(),
            next_step: None,
        });
    }
    Some(Headline {
        severity: Severity::Unknown,
        title: "Whether features drifted is not known".to_owned(),
        detail: format!("Without a verdict: {}. The tables below say why.", open.join(", ")),
        next_step: Some("Look at what these features hold, here and in the baseline.".to_owned()),
    })
}

enum Followed {
    No(String),
    Yes(String),
    Unknown,
}

/// Whether performance went along with the drift of a month: by the month's own verdict against the baseline, and, where it
/// had fallen before, by whether it fell again and whether months of more drift are months of lower performance.
fn followed(analysis: &Analysis, peak: &DriftFinding) -> Followed {
    let Some(place) = analysis.months.iter().position(|month| month.period == peak.period) else {
        return Followed::Unknown;
    };
    let here = &analysis.months[place];
    let before = place.checked_sub(1).map(|before| &analysis.months[before]);
    let auc = |month: &MonthPerformance| month.quality.roc_auc.value().unwrap_or_default();
    let name = |month: &MonthPerformance| month_name(month.period.first_day());
    let now = format!("ROC AUC {:.3} in {}", auc(here), name(here));
    match (here.verdict, before.map(|month| month.verdict)) {
        (PerformanceVerdict::Held, _) => Followed::No(format!("{now}: it held against the baseline.")),
        (PerformanceVerdict::Fell, Some(PerformanceVerdict::Fell)) => {
            let Some(before) = before else { return Followed::Unknown };
            let figures = format!("{now}, {:.3} in {}", auc(before), name(before));
            let further = further_fall(here, before);
            let correlation = correlation(analysis, peak);
            let along =
                correlation.as_ref().map(|found| format!(" {}", found.in_words())).unwrap_or_default();
            if further || correlation.is_some_and(|found| found.is_lower) {
                let what = if further { "a further fall" } else { "no further fall" };
                return Followed::Yes(format!("{figures}: {what}.{along}"));
            }
            let first = analysis.months.iter().find(|month| month.verdict == PerformanceVerdict::Fell);
            let since = first.map(name).unwrap_or_default();
            Followed::No(format!("{figures}: no further fall; it had fallen in {since}.{along}"))
        }
        (PerformanceVerdict::Fell, _) => Followed::Yes(format!("{now}: it fell against the baseline.")),
        _ => Followed::Unknown,
    }
}

/// Whether the area fell from one month to the next by more than their intervals explain.
fn further_fall(here: &MonthPerformance, before: &MonthPerformance) -> bool {
    let upper = here.quality.roc_auc.estimate().and_then(|auc| auc.interval).map(|interval| interval.1);
    let lower = before.quality.roc_auc.estimate().and_then(|auc| auc.interval).map(|interval| interval.0);
    upper.zip(lower).is_some_and(|(upper, lower)| upper < lower)
}

/// How drift and performance go together over the months.
struct Correlation {
    months: usize,
    /// Spearman's.
    coefficient: f64,
    /// Whether more drift goes with lower performance beyond chance.
    is_lower: bool,
}

impl Correlation {
    fn in_words(&self) -> String {
        let Self { months, coefficient, .. } = self;
        format!("Over {months} months the rank correlation of drift and ROC AUC is {coefficient:+.2}.")
    }
}

/// Over the months that have an index and a verdict; `None` when they are few.
fn correlation(analysis: &Analysis, peak: &DriftFinding) -> Option<Correlation> {
    let of_column = analysis
        .drift
        .iter()
        .filter(|finding| finding.column == peak.column && finding.period.kind() == PeriodKind::Month);
    let (psi, auc): (Vec<f64>, Vec<f64>) = of_column
        .filter_map(|finding| {
            let month = analysis.months.iter().find(|month| month.period == finding.period)?;
            let judged = month.verdict != PerformanceVerdict::Unknown;
            Some((finding.psi?, month.quality.roc_auc.value().filter(|_| judged)?))
        })
        .unzip();
    if psi.len() < MIN_MONTHS {
        return None;
    }
    let found = spearman(Pairs::new(&psi, &auc).ok()?).ok()?;
    let is_lower = found.coefficient < 0.0 && found.p_value.is_some_and(|p| p <= 0.05);
    Some(Correlation { months: psi.len(), coefficient: found.coefficient, is_lower })
}
