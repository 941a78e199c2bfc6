//! Why a part of the report has nothing to show.

use tiltmeter_monitor::{Analysis, Measured};

use crate::{calendar, outside};

pub(crate) const NO_LABELS: &str =
    "There are no labels, so it is not known which scores were right. Give a table of labels to see this.";

pub(crate) const NO_BOOKS: &str = "The log's ledgers were not given, so it is not known whether predictions were lost before they were written.";

const NO_PREDICTIONS: &str = "There are no predictions.";

/// Why no month has an area under its ROC curve; `None` when one has.
pub(crate) fn performance(analysis: &Analysis) -> Option<String> {
    let areas = || analysis.months.iter().map(|month| &month.quality.roc_auc);
    if areas().any(|area| area.value().is_some()) {
        return None;
    }
    if analysis.predictions == 0 {
        return Some(NO_PREDICTIONS.to_owned());
    }
    if analysis.labels.is_none() {
        return Some(NO_LABELS.to_owned());
    }
    let reason = areas().find_map(Measured::reason).map(outside::sentence);
    Some(match reason {
        Some(reason) => format!("No month has an area under its ROC curve: {reason}."),
        None => "No month of predictions was looked at.".to_owned(),
    })
}

/// Which months have no area under the ROC curve, and why; `None` when all have one.
pub(crate) fn months(analysis: &Analysis) -> Option<String> {
    let without: Vec<String> = analysis
        .months
        .iter()
        .filter_map(|month| {
            let reason = month.quality.roc_auc.reason()?;
            Some(format!("{} ({})", calendar::period(month.period), outside::sentence(reason)))
        })
        .collect();
    (!without.is_empty()).then(|| format!("Without a figure: {}.", without.join(", ")))
}

/// Why there is no drift; `None` when there is something to show.
pub(crate) fn drift(analysis: &Analysis) -> Option<String> {
    if !analysis.drift.is_empty() {
        return None;
    }
    Some(if analysis.predictions == 0 {
        NO_PREDICTIONS.to_owned()
    } else if analysis.baseline.is_none() {
        "There is no baseline to compare with; the notes at the end say why.".to_owned()
    } else {
        "No column could be compared with the baseline; the notes at the end say why.".to_owned()
    })
}

/// Why there are no scores to compare.
pub(crate) fn scores(analysis: &Analysis) -> &'static str {
    if analysis.predictions == 0 {
        NO_PREDICTIONS
    } else if analysis.baseline.is_none() {
        "There is no baseline whose scores these could be compared with; the notes at the end say why."
    } else {
        "There are no scores to compare; the notes at the end say why."
    }
}

/// Why there are no segments.
pub(crate) fn segments(analysis: &Analysis) -> &'static str {
    if analysis.predictions == 0 {
        NO_PREDICTIONS
    } else if analysis.labels.is_none() {
        NO_LABELS
    } else {
        "No feature was named by which to slice the predictions."
    }
}

/// Why there is no baseline.
pub(crate) fn baseline(analysis: &Analysis) -> &'static str {
    if analysis.notes.is_empty() {
        "No baseline was given, so there is nothing to compare with."
    } else {
        "There is no baseline to compare with; the notes below say why."
    }
}
