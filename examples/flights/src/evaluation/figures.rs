//! The figures of an evaluation, for programs.

use jiff::Timestamp;
use serde::Serialize;
use tiltmeter_monitor::{
    Analysis, Measured, Period, Verdict,
    drift::DriftFinding,
    performance::{AsOf, MonthPerformance},
};

/// What the JSON of a run gains by its evaluation. A figure that is undefined is null.
#[derive(Clone, Debug, Serialize)]
pub struct EvaluationFigures<'a> {
    /// The id of the baseline; null without one.
    baseline_id: Option<&'a str>,
    /// By UTC month of event time, over all labels.
    months: Vec<Month<'a>>,
    /// Over predictions and labels up to an instant.
    as_of: Vec<KnownAt<'a>>,
    /// By UTC day, ISO week and month, and by column.
    drift: Vec<Drift<'a>>,
    /// What could not be done or was left out.
    notes: &'a [String],
    /// What could not be read.
    problems: &'a [String],
}

#[derive(Clone, Debug, Serialize)]
struct Month<'a> {
    month: Period,
    predictions: u64,
    labelled: u64,
    roc_auc: &'a Measured,
    brier: &'a Measured,
    log_loss: &'a Measured,
}

#[derive(Clone, Debug, Serialize)]
struct KnownAt<'a> {
    as_of: Timestamp,
    predictions: u64,
    labelled: u64,
    roc_auc: &'a Measured,
}

#[derive(Clone, Debug, Serialize)]
struct Drift<'a> {
    period: Period,
    column: &'a str,
    psi: Option<f64>,
    psi_expected: Option<f64>,
    ks: Option<f64>,
    n: u64,
    missing_rate: f64,
    unseen_rows: u64,
    verdict: Verdict,
    missing_verdict: Verdict,
    /// Why, where the figures alone do not say it.
    because: Option<&'a str>,
}

impl<'a> EvaluationFigures<'a> {
    pub(super) fn of(analysis: &'a Analysis, problems: &'a [String]) -> Self {
        let month = |MonthPerformance { period, quality, .. }: &'a MonthPerformance| Month {
            month: *period,
            predictions: quality.predictions,
            labelled: quality.labelled,
            roc_auc: &quality.roc_auc,
            brier: &quality.brier,
            log_loss: &quality.log_loss,
        };
        let known_at = |AsOf { as_of, quality }: &'a AsOf| KnownAt {
            as_of: *as_of,
            predictions: quality.predictions,
            labelled: quality.labelled,
            roc_auc: &quality.roc_auc,
        };
        let drift = |finding: &'a DriftFinding| Drift {
            period: finding.period,
            column: &finding.column,
            psi: finding.psi,
            psi_expected: finding.psi_expected,
            ks: finding.ks,
            n: finding.n,
            missing_rate: finding.missing_rate,
            unseen_rows: finding.unseen_rows,
            verdict: finding.verdict,
            missing_verdict: finding.missing_verdict,
            because: finding.because.as_deref(),
        };
        Self {
            baseline_id: analysis.baseline.as_ref().map(|baseline| baseline.id.as_str()),
            months: analysis.months.iter().map(month).collect(),
            as_of: analysis.as_of.iter().map(known_at).collect(),
            drift: analysis.drift.iter().map(drift).collect(),
            notes: &analysis.notes,
            problems,
        }
    }
}
