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
mod profiled;
mod yardstick;

use std::collections::BTreeMap;

use tiltmeter_record::columns::PredictionColumns;
use tiltmeter_stats::{Baseline, benjamini_hochberg};

pub use finding::{DriftFinding, MAX_UNSEEN, SampledDrift, Unseen};
pub(crate) use peak::drifted_months;
pub use peak::peak;
pub use profiled::ProfiledDay;

use crate::columns::columns;
use crate::days::Days;
use crate::sampled_rows::weights;
use crate::{Period, PeriodKind, Policy, SCORE, Verdict};
use check::Column;
use yardstick::{BLOCK, MIN_DAYS};

/// How columns differ from the baseline, and what cannot be told of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drift {
    /// Of each day, week and month of event times, in this order; of a period by column.
    pub findings: Vec<DriftFinding>,
    /// What cannot be told, a sentence each.
    pub notes: Vec<String>,
}

/// How columns differ from the baseline, by profiles instead of rows.
///
/// Findings are those of [`analyse`](crate::analyse) over all rows that were profiled: where the bins of a profile are the
/// baseline's own, counts are the same, and so is the population stability index, bit for bit; means are the same up to
/// rounding. What profiles do not have is absent: the Kolmogorov–Smirnov statistic, and names of unseen categories that are
/// not among the frequent ones, whose rows are one category together. A period with profiles of other bins has a missing
/// rate, and no verdict about its values.
///
/// `days` may be in any order. The columns are those of the baseline, in its order; what else is profiled is a note.
///
/// Cost: O(profiles), and the yardstick of each column.
///
/// ```
/// use std::collections::BTreeMap;
/// use tiltmeter_monitor::drift::{ProfiledDay, drift_of_profiles};
/// use tiltmeter_monitor::{Policy, SCORE, Verdict, build_baseline};
/// use tiltmeter_record::columns::{Categories, PredictionColumns, Texts};
/// use tiltmeter_record::spec::ModelKind;
/// use tiltmeter_stats::{BaselineColumn, ColumnSummary, NumericSpec, Profile};
///
/// // a row a minute for four weeks, with scores from 0 to 1
/// let rows = 28 * 1440;
/// let score = |row: i64| (row as f64 * 0.618).fract();
/// let reference = PredictionColumns::new(
///     "churn".parse()?,
///     (0..rows).map(|row| row * 60_000_000).collect(),
///     (0..rows).map(|_| None).collect::<Texts>(),
///     (0..rows).map(|_| None).collect::<Categories>(),
///     (0..rows).map(score).collect(),
///     vec![],
/// )?;
/// let baseline = build_baseline(ModelKind::Binary, &reference, None)?;
///
/// // a day of higher scores: nothing but its profile is left
/// let Some(ColumnSummary::Numeric { bins, .. }) = baseline.column(SCORE).map(BaselineColumn::summary) else { panic!() };
/// let mut profile = NumericSpec::new().with_bins(bins.clone()).profile();
/// profile.update(&(0..1440).map(|row| (score(row) + 0.3).min(1.0)).collect::<Vec<f64>>())?;
/// let columns = BTreeMap::from([(SCORE.to_owned(), Profile::Numeric(profile))]);
/// let day = ProfiledDay { day: jiff::civil::date(2013, 6, 1), columns };
///
/// let drift = drift_of_profiles(&baseline, &[day], &Policy::default());
/// assert_eq!(drift.findings.last().map(|month| month.verdict), Some(Verdict::Drift));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn drift_of_profiles(baseline: &Baseline, days: &[ProfiledDay], policy: &Policy) -> Drift {
    let mut found = Found::default();
    let dates = Days::without_rows(days.iter().map(|day| day.day));
    for column in baseline.columns().iter().filter(|column| is_profiled(days, column.name())) {
        found.of_profiles(column.name(), baseline, days, &dates);
    }
    let mut unknown: Vec<&str> = Vec::new();
    for name in days.iter().flat_map(|day| day.columns.keys()) {
        if baseline.column(name).is_none() && !unknown.contains(&name.as_str()) {
            unknown.push(name);
        }
    }
    found
        .notes
        .extend(unknown.iter().map(|name| not_compared(name, profile::Incomparable::Unknown.in_words())));
    found.note_days(&dates);
    let absent = baseline.columns().iter().filter(|column| !is_profiled(days, column.name()));
    found.notes.extend(
        absent.map(|column| format!("the baseline has a column {}, the profiles do not", column.name())),
    );
    found.concluded(policy)
}

/// The findings of each day, week and month of event times, in this order; of a period the columns in the order of
/// the table. And what cannot be told, in words. Columns that `profiles` have rest on these instead of rows.
pub(crate) fn drift(
    baseline: &Baseline,
    predictions: &PredictionColumns,
    days: &Days,
    profiles: &[ProfiledDay],
    policy: &Policy,
) -> Drift {
    let mut found = Found::default();
    let weights = weights(predictions);
    if weights.as_ref().is_some_and(|weights| differ(weights)) && !is_profiled(profiles, SCORE) {
        found.notes.push(
            "drift of the score rests on a sample stratified by it, whose test sees little: use profiles, which count all \
             predictions"
                .to_owned(),
        );
    }
    let dates = Days::without_rows(profiles.iter().map(|day| day.day));
    for (name, values) in columns(predictions) {
        if is_profiled(profiles, &name) {
            found.of_profiles(&name, baseline, profiles, &dates);
            continue;
        }
        let mut column = Column::new(&name, values, baseline.column(&name));
        found.note(&name, &column);
        let findings = column.findings(days, weights.as_deref());
        found.add(&column, findings);
    }
    found.note_days(days);
    for column in baseline.columns() {
        if !columns(predictions).any(|(name, _)| name == column.name()) {
            found.notes.push(format!("the baseline has a column {}, the predictions do not", column.name()));
        }
    }
    found.concluded(policy)
}

fn is_profiled(days: &[ProfiledDay], column: &str) -> bool {
    days.iter().any(|day| day.columns.contains_key(column))
}

fn not_compared(name: &str, reason: &str) -> String {
    format!("no drift of {name}: {reason}")
}

/// What was found so far, without verdicts.
#[derive(Default)]
struct Found {
    /// Periods are in the order of kinds, and of time.
    periods: BTreeMap<Period, Vec<DriftFinding>>,
    notes: Vec<String>,
    fewest_days: Option<usize>,
}

impl Found {
    fn of_profiles(&mut self, name: &str, baseline: &Baseline, profiles: &[ProfiledDay], dates: &Days) {
        let mut column = Column::profiled(name, profiles, baseline.column(name));
        self.note(name, &column);
        let findings = column.findings_of_profiles(dates, profiles);
        self.add(&column, findings);
    }

    fn note(&mut self, name: &str, column: &Column<'_>) {
        self.notes.extend(column.incomparable().map(|reason| not_compared(name, reason)));
        let days = column.baseline_days();
        self.fewest_days = self.fewest_days.into_iter().chain(days).min();
    }

    fn add(&mut self, column: &Column<'_>, findings: Vec<DriftFinding>) {
        self.notes.extend(column.unseen());
        for finding in findings {
            self.periods.entry(finding.period).or_default().push(finding);
        }
    }

    fn note_days(&mut self, days: &Days) {
        self.notes.extend(few_days(self.fewest_days.unwrap_or(usize::MAX)));
        self.notes.extend(left_out(days));
    }

    fn concluded(self, policy: &Policy) -> Drift {
        let mut findings = Vec::new();
        for mut of_period in self.periods.into_values() {
            conclude(&mut of_period, policy);
            findings.append(&mut of_period);
        }
        Drift { findings, notes: self.notes }
    }
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
