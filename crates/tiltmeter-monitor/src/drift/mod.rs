//! How the columns of a period differ from the baseline.
//!
//! A verdict needs an *effect*, a population stability index that exceeds what is expected without drift by a
//! margin, and *evidence*: the rows must tell it from chance, and so must the days. Rows are seldom independent (a
//! day has one weather, a Monday is no Sunday), so that their p-values alone call every day a drift; the yardstick is
//! how the baseline's own days differ from each other, at the length of the period that is looked at.
//!
//! A missing rate is judged the same way. Missing values are never part of a distribution: a column that goes missing
//! would otherwise look like the one it was.

mod check;
mod finding;
mod peak;
mod profile;
mod yardstick;

use tiltmeter_record::columns::PredictionColumns;
use tiltmeter_stats::{Baseline, benjamini_hochberg};

pub use finding::{DriftFinding, MAX_UNSEEN, SampledDrift, Unseen};
pub(crate) use peak::drifted_months;
pub use peak::peak;

use crate::columns::columns;
use crate::days::Days;
use crate::sampled_rows::weights;
use crate::{PeriodKind, Policy, Verdict};
use check::Column;
use yardstick::{BLOCK, MIN_DAYS};

/// The findings of each day, week and month of event times, in this order; of a period the columns in the order of
/// the table. And what cannot be told, in words.
pub(crate) fn drift(
    baseline: &Baseline,
    predictions: &PredictionColumns,
    days: &Days,
    policy: &Policy,
) -> (Vec<DriftFinding>, Vec<String>) {
    let mut notes = Vec::new();
    let mut by_column: Vec<Vec<DriftFinding>> = Vec::new();
    let mut fewest_days = usize::MAX;
    let weights = weights(predictions);
    if weights.as_ref().is_some_and(|weights| differ(weights)) {
        notes.push(
            "drift of the score rests on a sample stratified by it, whose test sees little: use profiles, which count all \
             predictions"
                .to_owned(),
        );
    }
    for (name, values) in columns(predictions) {
        let mut column = Column::new(&name, values, baseline.column(&name));
        if let Some(reason) = column.incomparable() {
            notes.push(format!("no drift of {name}: {reason}"));
        }
        fewest_days = column.baseline_days().map_or(fewest_days, |days| days.min(fewest_days));
        notes.extend(column.unseen());
        by_column.push(column.findings(days, weights.as_deref()));
    }
    notes.extend(few_days(fewest_days));
    notes.extend(left_out(days));
    for column in baseline.columns() {
        if !columns(predictions).any(|(name, _)| name == column.name()) {
            notes.push(format!("the baseline has a column {}, the predictions do not", column.name()));
        }
    }
    let periods = by_column.first().map_or(0, Vec::len);
    let mut findings = Vec::with_capacity(periods * by_column.len());
    let mut columns: Vec<_> = by_column.into_iter().map(Vec::into_iter).collect();
    for _ in 0..periods {
        let mut of_period: Vec<DriftFinding> = columns.iter_mut().filter_map(Iterator::next).collect();
        conclude(&mut of_period, policy);
        findings.append(&mut of_period);
    }
    (findings, notes)
}

/// Gives the findings of one period their verdicts, which depend on how many columns were looked at.
fn conclude(findings: &mut [DriftFinding], policy: &Policy) {
    let adjust = |p_values: Vec<Option<f64>>| -> Vec<Option<f64>> {
        let known: Vec<f64> = p_values.iter().flatten().copied().collect();
        let mut adjusted = benjamini_hochberg(&known).unwrap_or_else(|_| vec![1.0; known.len()]).into_iter();
        p_values.iter().map(|p| p.and_then(|_| adjusted.next())).collect()
    };
    let of_values = adjust(findings.iter().map(|finding| finding.p_value).collect());
    let of_missing = adjust(findings.iter().map(|finding| finding.missing_p_value).collect());
    for ((finding, p_values), p_missing) in findings.iter_mut().zip(of_values).zip(of_missing) {
        finding.p_adjusted = p_values;
        let is_evidence = |p: Option<f64>| p.is_some_and(|p| p <= policy.significance);
        let distribution = match (finding.psi, finding.psi_expected) {
            (Some(psi), Some(expected)) if finding.effective_n() >= policy.min_rows as f64 => {
                Verdict::of(psi - expected >= policy.psi_effect, is_evidence(p_values))
            }
            _ => Verdict::Undefined,
        };
        let missing = if finding.effective_rows() >= policy.min_rows as f64 && p_missing.is_some() {
            let difference = (finding.missing_rate - finding.missing_rate_baseline).abs();
            Verdict::of(difference >= policy.missing_effect, is_evidence(p_missing))
        } else {
            Verdict::Undefined
        };
        finding.missing_verdict = missing;
        finding.values_verdict = distribution;
        finding.verdict = if missing == Verdict::Drift { missing } else { distribution };
        if finding.because.is_none() {
            finding.because = because(finding, distribution, policy);
        }
    }
}

/// Why, where the figures alone do not say it.
fn because(finding: &DriftFinding, distribution: Verdict, policy: &Policy) -> Option<String> {
    let missing = || {
        let percent = 100.0 * finding.missing_rate;
        let before = 100.0 * finding.missing_rate_baseline;
        format!("{percent:.1} % of the values are missing, {before:.1} % in the baseline")
    };
    match (finding.missing_verdict, distribution) {
        _ if finding.n == 0 && finding.rows > 0 => Some("all values are missing".to_owned()),
        (Verdict::Drift, _) => Some(missing()),
        (_, Verdict::Undefined) if finding.psi.is_some() => {
            let as_good_as = match finding.sampled {
                Some(sampled) => format!(" that tell as much as {:.0}", sampled.effective_n),
                None => String::new(),
            };
            let (n, least) = (finding.n, policy.min_rows);
            Some(format!("{n} values{as_good_as}, at least {least} are needed for a verdict"))
        }
        _ => None,
    }
}

/// Whether rows were kept with different probabilities.
fn differ(weights: &[f64]) -> bool {
    weights.windows(2).any(|pair| pair[0].total_cmp(&pair[1]).is_ne())
}

/// What a short baseline cannot tell.
fn few_days(days: usize) -> Option<String> {
    if days < MIN_DAYS {
        return Some(
            "the baseline has too few days to tell how days vary: evidence rests on rows alone, as if they were \
             independent, and finds drift too often"
                .to_owned(),
        );
    }
    (days < 4 * BLOCK).then(|| {
        format!(
            "the baseline has {days} days: few to tell how weeks vary, so that little can be proven of weeks and months"
        )
    })
}

/// How many periods of a kind are looked at: the latest ones.
fn most(kind: PeriodKind) -> usize {
    match kind {
        PeriodKind::Day => 800,
        PeriodKind::Week => 520,
        PeriodKind::Month => 240,
    }
}

/// The periods that are looked at, the shortest kind first.
fn periods(days: &Days) -> impl Iterator<Item = (crate::Period, std::ops::Range<usize>)> + '_ {
    PeriodKind::ALL.into_iter().flat_map(|kind| {
        let periods = days.periods(kind);
        let skipped = periods.len().saturating_sub(most(kind));
        periods.into_iter().skip(skipped)
    })
}

fn left_out(days: &Days) -> Vec<String> {
    let of_kind = |kind: PeriodKind| {
        let count = days.periods(kind).len();
        let name = match kind {
            PeriodKind::Day => "days",
            PeriodKind::Week => "weeks",
            PeriodKind::Month => "months",
        };
        (count > most(kind)).then(|| format!("drift of the latest {} of {count} {name} only", most(kind)))
    };
    PeriodKind::ALL.into_iter().filter_map(of_kind).collect()
}

#[cfg(test)]
mod tests;
