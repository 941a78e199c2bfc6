//! Whether performance fell.

use super::{Headline, Severity, deployed_in, month_name, range};
use crate::performance::{MonthPerformance, PerformanceVerdict};
use crate::{Analysis, grouped};

pub(super) fn headline(analysis: &Analysis) -> Option<Headline> {
    let judged: Vec<&MonthPerformance> =
        analysis.months.iter().filter(|month| month.verdict != PerformanceVerdict::Unknown).collect();
    let before = analysis.baseline.as_ref().and_then(|baseline| baseline.quality.as_ref());
    let Some(before) = before.filter(|_| !judged.is_empty()) else {
        let (detail, next_step) = why_unknown(analysis);
        return Some(unknown("Whether performance changed is not known", detail.to_owned(), next_step));
    };
    let before = before.roc_auc.estimate()?;
    match judged.iter().position(|month| month.verdict == PerformanceVerdict::Fell) {
        Some(first) => fell(analysis, &judged[first..], (before.value, before.interval)),
        None => held(&judged, before.value),
    }
}

fn unknown(title: &str, detail: String, next_step: &str) -> Headline {
    Headline {
        severity: Severity::Unknown,
        title: title.to_owned(),
        detail,
        next_step: Some(next_step.to_owned()),
    }
}

/// No month fell: it held in those that say so.
fn held(judged: &[&MonthPerformance], before: f64) -> Option<Headline> {
    let held = |month: &&&MonthPerformance| month.verdict == PerformanceVerdict::Held;
    let open: Vec<String> = judged.iter().filter(|month| !held(month)).map(|month| name(month)).collect();
    let Some(last) = judged.iter().rfind(held) else {
        let detail = "No month has labels enough to exclude a fall that matters.".to_owned();
        return Some(unknown("Whether performance held is not known", detail, "Wait for labels."));
    };
    let auc = last.quality.roc_auc.value()?;
    let but = match open.as_slice() {
        [] => String::new(),
        [one] => format!(" In {one} it cannot be told."),
        several => format!(" In {} months it cannot be told.", several.len()),
    };
    Some(Headline {
        severity: Severity::Good,
        title: if open.is_empty() { "Performance held" } else { "Performance held where it can be told" }
            .to_owned(),
        detail: format!("ROC AUC {auc:.3} in {}, {before:.3} in the baseline.{but}", name(last)),
        next_step: None,
    })
}

/// `since` begins with the first month that fell.
fn fell(
    analysis: &Analysis,
    since: &[&MonthPerformance],
    before: (f64, Option<(f64, f64)>),
) -> Option<Headline> {
    let (first, last) = (since.first()?, since.last()?);
    let recovered = last.verdict == PerformanceVerdict::Held && last.mature;
    let held_between = since.iter().rposition(|month| month.verdict == PerformanceVerdict::Held);
    let ending = match (last.verdict, held_between) {
        _ if recovered => format!(", and had recovered by {}", name(last)),
        (PerformanceVerdict::Fell, Some(held)) => format!(", and again in {}", name(since.get(held + 1)?)),
        (PerformanceVerdict::Fell, None) if first.period == last.period => String::new(),
        (PerformanceVerdict::Fell, None) => ", and has not recovered".to_owned(),
        _ => ", and whether it has recovered is not known yet".to_owned(),
    };
    let now = first.quality.roc_auc.estimate()?;
    let mut detail = format!(
        "ROC AUC {:.3}{} over {} labelled predictions, {:.3}{} in the baseline.",
        now.value,
        range(now.interval),
        grouped(first.quality.labelled),
        before.0,
        range(before.1)
    );
    if first.period != last.period
        && let Some(auc) = last.quality.roc_auc.value()
    {
        let so_far = if last.mature { "" } else { ", as far as its labels are there" };
        detail.push_str(&format!(" It is {auc:.3} in {}{so_far}.", name(last)));
    }
    let next_step = match deployed_in(analysis, first.period) {
        Some(deployment) => format!(
            "Version {} began to serve in that month: compare it with the one before, and roll back if it is the cause.",
            deployment.version
        ),
        None => format!(
            "Look for what changed by {} in what reaches the model, and retrain on data from after that.",
            name(first)
        ),
    };
    Some(Headline {
        severity: if recovered { Severity::Notice } else { Severity::Bad },
        title: format!("Performance fell in {}{ending}", name(first)),
        detail,
        next_step: (!recovered).then_some(next_step),
    })
}

fn name(month: &MonthPerformance) -> String {
    month_name(month.period.first_day())
}

/// Why, and what to do about it.
fn why_unknown(analysis: &Analysis) -> (&'static str, &'static str) {
    let has_area = |month: &MonthPerformance| month.quality.roc_auc.value().is_some();
    match (&analysis.labels, &analysis.baseline) {
        (None, _) => ("There are no labels that could be used.", "Provide labels."),
        (Some(books), _) if books.rows == 0 => {
            ("No row of the label table could be used.", "Look at the problems below, and provide labels.")
        }
        (Some(books), _) if books.matched == 0 && books.before_prediction > 0 => (
            "The labels arrived before the predictions were made, so that none of them counts.",
            "Look at the clocks, and at which columns are the times of labels and predictions.",
        ),
        (Some(books), _) if books.matched == 0 && books.of_unknown_entities > 0 => (
            "The labels are of entities that are not in the log.",
            "Look at whether labels and predictions name entities the same way.",
        ),
        (Some(books), _) if books.matched == 0 => {
            ("No prediction has a label.", "Wait for labels, or provide them.")
        }
        _ if !analysis.months.iter().any(has_area) => (
            "No month has an area under the ROC curve: the notes below say why.",
            "Look at whether labels of one class, or scores, are missing.",
        ),
        (_, None) => ("There is no baseline to compare with.", "Provide a baseline with labels and scores."),
        (_, Some(baseline)) if baseline.quality.is_none() => (
            "How good the model was on the baseline is not known.",
            "Provide a baseline with labels and scores.",
        ),
        _ => ("No month has enough labelled predictions.", "Wait for labels."),
    }
}
