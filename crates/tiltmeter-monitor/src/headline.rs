//! What it comes to, in a sentence.

use jiff::civil::Date;

use crate::analyse::grouped;
use crate::drift::{DriftFinding, drifted_months, peak};
use crate::performance::{MonthPerformance, PerformanceVerdict};
use crate::{Analysis, PeriodKind, SCORE, Verdict};

/// How much a headline matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Something is wrong with the model or its data.
    Bad,
    /// Something could not be looked at.
    Unknown,
    /// Something changed, and nothing follows from it.
    Notice,
    /// All is well.
    Good,
}

/// What it comes to, in a sentence, and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// How much it matters.
    pub severity: Severity,
    /// The sentence, such as "Performance fell in April 2013, and has not recovered".
    pub title: String,
    /// The figures behind it, one or two sentences.
    pub detail: String,
    /// What to do next, one sentence; `None` when there is nothing to do.
    pub next_step: Option<String>,
}

/// The worst first.
pub(crate) fn headlines(analysis: &Analysis) -> Vec<Headline> {
    let mut headlines: Vec<Headline> =
        [performance(analysis), inputs(analysis), score(analysis), missing(analysis)]
            .into_iter()
            .flatten()
            .collect();
    headlines.sort_by_key(|headline| headline.severity);
    headlines
}

fn performance(analysis: &Analysis) -> Option<Headline> {
    let months: Vec<&MonthPerformance> =
        analysis.months.iter().filter(|month| month.verdict != PerformanceVerdict::Unknown).collect();
    let (Some(before), Some(last)) =
        (analysis.baseline.as_ref().and_then(|baseline| baseline.quality.as_ref()), months.last())
    else {
        return Some(Headline {
            severity: Severity::Unknown,
            title: "Whether performance changed is not known".to_owned(),
            detail: why_unknown(analysis),
            next_step: Some("Provide labels, and a baseline with labels.".to_owned()),
        });
    };
    let before = before.roc_auc.estimate()?;
    let Some(first) = months.iter().find(|month| month.verdict == PerformanceVerdict::Fell) else {
        let auc = last.quality.roc_auc.value()?;
        return Some(Headline {
            severity: Severity::Good,
            title: "Performance held".to_owned(),
            detail: format!(
                "ROC AUC {auc:.3} in {}, {:.3} in the baseline: no month fell by more than chance explains.",
                month_name(last.period.first_day()),
                before.value
            ),
            next_step: None,
        });
    };
    let recovered = last.verdict != PerformanceVerdict::Fell;
    let ending = if recovered {
        format!(", and has recovered by {}", month_name(last.period.first_day()))
    } else if std::ptr::eq(*first, *last) {
        String::new()
    } else {
        ", and has not recovered".to_owned()
    };
    let now = first.quality.roc_auc.estimate()?;
    let mut detail = format!(
        "ROC AUC {:.3}{} over {} labelled predictions, {:.3}{} in the baseline.",
        now.value,
        range(now.interval),
        grouped(first.quality.labelled),
        before.value,
        range(before.interval)
    );
    if !std::ptr::eq(*first, *last) {
        detail.push_str(&format!(
            " {} in {}.",
            last.quality.roc_auc.value().map(|auc| format!("{auc:.3}")).unwrap_or_default(),
            month_name(last.period.first_day())
        ));
    }
    Some(Headline {
        severity: if recovered { Severity::Notice } else { Severity::Bad },
        title: format!("Performance fell in {}{ending}", month_name(first.period.first_day())),
        detail,
        next_step: (!recovered).then(|| {
            "Look at the segments for where it fell, and retrain on recent data or roll back.".to_owned()
        }),
    })
}

fn why_unknown(analysis: &Analysis) -> String {
    match (&analysis.labels, &analysis.baseline) {
        (None, _) => "There are no labels that could be used.".to_owned(),
        (Some(books), _) if books.matched == 0 => "No prediction has a label.".to_owned(),
        (_, None) => "There is no baseline to compare with.".to_owned(),
        (_, Some(baseline)) if baseline.quality.is_none() => "The baseline has no labels.".to_owned(),
        _ => "No month has enough labelled predictions of both classes.".to_owned(),
    }
}

/// The feature that drifted most, and whether performance went along.
fn inputs(analysis: &Analysis) -> Option<Headline> {
    if analysis.drift.is_empty() {
        return None;
    }
    let Some(peak) = peak(&analysis.drift) else {
        return Some(Headline {
            severity: Severity::Good,
            title: "No feature drifted".to_owned(),
            detail: "No month of any feature differs from the baseline by more than its own days explain."
                .to_owned(),
            next_step: None,
        });
    };
    let mut names: Vec<&str> = Vec::new();
    for finding in drifted_months(&analysis.drift) {
        if finding.column != peak.column && !names.contains(&finding.column.as_str()) {
            names.push(&finding.column);
        }
    }
    let month = month_name(peak.period.first_day());
    let strength =
        format!("PSI {:.1} in {month}, {:.1} expected without drift", peak.psi?, peak.psi_expected?);
    let others = match names.as_slice() {
        [] => String::new(),
        names => format!(" Also drifted in some month: {}.", names.join(", ")),
    };
    let followed = followed(analysis, peak);
    let (severity, title, detail, next_step) = match followed {
        Followed::No(figures) => (
            Severity::Notice,
            format!("{} drifted most in {month}, and performance did not follow", peak.column),
            format!("{strength}. {figures}{others}"),
            None,
        ),
        Followed::Yes(figures) => (
            Severity::Bad,
            format!("{} drifted most in {month}, and performance fell with it", peak.column),
            format!("{strength}. {figures}{others}"),
            Some(format!("Look at {} and the segments that depend on it.", peak.column)),
        ),
        Followed::Unknown => (
            Severity::Notice,
            format!("{} drifted, most in {month}", peak.column),
            format!("{strength}. Without labels it is not known whether it matters.{others}"),
            Some("Provide labels, or look at whether the change was to be expected.".to_owned()),
        ),
    };
    Some(Headline { severity, title, detail, next_step })
}

enum Followed {
    No(String),
    Yes(String),
    Unknown,
}

/// Whether the area under the ROC curve fell from the month before the peak to the peak, beyond chance.
fn followed(analysis: &Analysis, peak: &DriftFinding) -> Followed {
    let Some(place) = analysis.months.iter().position(|month| month.period == peak.period) else {
        return Followed::Unknown;
    };
    let here = &analysis.months[place];
    let Some(now) = here.quality.roc_auc.estimate() else { return Followed::Unknown };
    // what it is compared with: the month before, or the baseline when there is none
    let (name, before) = match place.checked_sub(1).map(|before| &analysis.months[before]) {
        Some(month) if month.quality.roc_auc.estimate().is_some() => {
            (month_name(month.period.first_day()), month.quality.roc_auc.estimate())
        }
        _ => {
            let quality = analysis.baseline.as_ref().and_then(|baseline| baseline.quality.as_ref());
            ("the baseline".to_owned(), quality.and_then(|quality| quality.roc_auc.estimate()))
        }
    };
    let Some(before) = before else { return Followed::Unknown };
    let (Some(now_error), Some(before_error)) = (now.standard_error, before.standard_error) else {
        return Followed::Unknown;
    };
    let fall = before.value - now.value;
    let beyond_chance = fall > 1.959_963_984_540_054 * now_error.hypot(before_error);
    let in_words = |word: &str| {
        format!(
            "ROC AUC {:.3} in {}, {:.3} in {name}: {word}.",
            now.value,
            month_name(here.period.first_day()),
            before.value
        )
    };
    if beyond_chance && fall >= 0.01 {
        Followed::Yes(in_words("a fall beyond chance"))
    } else if fall > 0.0 {
        Followed::No(in_words("no fall beyond chance"))
    } else {
        Followed::No(in_words("no fall"))
    }
}

/// Since when the scores are distributed otherwise, and whether with a version.
fn score(analysis: &Analysis) -> Option<Headline> {
    let finding = analysis.drift.iter().find(|finding| {
        finding.period.kind() == PeriodKind::Month
            && finding.column == SCORE
            && finding.verdict == Verdict::Drift
    })?;
    let month = month_name(finding.period.first_day());
    let version = analysis.deployments.iter().skip(1).find(|deployment| {
        let day = crate::period::date_of(deployment.since.as_microsecond());
        (finding.period.first_day()..=finding.period.last_day()).contains(&day)
    });
    let with = version.map(|deployment| format!(", with version {}", deployment.version)).unwrap_or_default();
    Some(Headline {
        severity: Severity::Notice,
        title: format!("Scores are distributed otherwise since {month}{with}"),
        detail: format!(
            "PSI {:.2} against the baseline, {:.2} expected without drift.",
            finding.psi?, finding.psi_expected?
        ),
        next_step: version.map(|deployment| {
            format!("Make a baseline for {}: this one is of the version before.", deployment.version)
        }),
    })
}

/// Columns that went missing.
fn missing(analysis: &Analysis) -> Option<Headline> {
    let mut names: Vec<&str> = Vec::new();
    let mut worst: Option<&DriftFinding> = None;
    for finding in &analysis.drift {
        if finding.period.kind() == PeriodKind::Month && finding.missing_verdict == Verdict::Drift {
            if !names.contains(&finding.column.as_str()) {
                names.push(&finding.column);
            }
            if worst.is_none_or(|worst| finding.missing_rate > worst.missing_rate) {
                worst = Some(finding);
            }
        }
    }
    let worst = worst?;
    Some(Headline {
        severity: Severity::Bad,
        title: format!("Values are missing that used to be there: {}", names.join(", ")),
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

fn range(interval: Option<(f64, f64)>) -> String {
    interval.map(|(lower, upper)| format!(" ({lower:.3} to {upper:.3})")).unwrap_or_default()
}

/// `April 2013`.
fn month_name(date: Date) -> String {
    date.strftime("%B %Y").to_string()
}
