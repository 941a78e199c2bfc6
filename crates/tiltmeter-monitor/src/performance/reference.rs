//! How good the model was on the reference, and how much that varies from week to week.

use tiltmeter_stats::{BaselineFigures, BaselineQuality, ScoredLabels, roc_auc};

use super::quality;
use crate::PeriodKind;
use crate::days::Days;

/// Fewer weeks do not tell how weeks vary.
const MIN_WEEKS: usize = 3;

/// `None` when the reference has no labelled rows, or its area under the ROC curve is undefined.
pub(crate) fn baseline_quality(scores: &[f64], labels: &[f64], days: &Days) -> Option<BaselineQuality> {
    let whole = quality(scores, labels, 0..scores.len());
    let (auc, brier, log_loss) =
        (whole.roc_auc.estimate()?, whole.brier.estimate()?, whole.log_loss.estimate()?);
    let weeks: Vec<(f64, f64)> = days
        .periods(PeriodKind::Week)
        .into_iter()
        .filter_map(|(_, places)| auc_and_variance(scores, labels, days.rows(places)))
        .collect();
    let figures = BaselineFigures {
        rows: whole.predictions,
        labelled: whole.labelled,
        positives: whole.positives,
        mean_score: whole.mean_score?,
        roc_auc: auc.value,
        roc_auc_variance: auc.standard_error?.powi(2),
        roc_auc_between_weeks: (weeks.len() >= MIN_WEEKS).then(|| variance_between(&weeks)),
        weeks: u32::try_from(weeks.len()).unwrap_or(u32::MAX),
        brier: brier.value,
        brier_standard_error: brier.standard_error?,
        log_loss: log_loss.value,
        log_loss_standard_error: log_loss.standard_error?,
    };
    BaselineQuality::new(figures).ok()
}

fn auc_and_variance(scores: &[f64], labels: &[f64], rows: impl Iterator<Item = usize>) -> Option<(f64, f64)> {
    let known = rows.filter(|&row| !scores[row].is_nan() && !labels[row].is_nan());
    let (labels, scores): (Vec<bool>, Vec<f64>) = known.map(|row| (labels[row] > 0.5, scores[row])).unzip();
    let auc = roc_auc(ScoredLabels::new(&labels, &scores).ok()?).ok()?;
    auc.variance.filter(|variance| *variance > 0.0).map(|variance| (auc.value, variance))
}

/// How much figures differ beyond what their own variances explain: the method of moments of DerSimonian & Laird,
/// *Controlled Clinical Trials* 7 (1986), section 2.
fn variance_between(figures: &[(f64, f64)]) -> f64 {
    let weights: f64 = figures.iter().map(|(_, variance)| 1.0 / variance).sum();
    let squares: f64 = figures.iter().map(|(_, variance)| variance.powi(-2)).sum();
    let mean = figures.iter().map(|(value, variance)| value / variance).sum::<f64>() / weights;
    let q: f64 = figures.iter().map(|(value, variance)| (value - mean).powi(2) / variance).sum();
    let spread = weights - squares / weights;
    if spread > 0.0 { ((q - (figures.len() as f64 - 1.0)) / spread).max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_that_agree_have_no_variance_between_them() {
        assert!(variance_between(&[(0.9, 1e-4), (0.9, 1e-4), (0.9, 2e-4)]) < 1e-18);
        assert!(variance_between(&[(0.9, 1e-4), (0.905, 1e-4), (0.895, 1e-4)]) < 1e-18);
    }

    #[test]
    fn with_equal_variances_it_is_the_variance_of_the_figures_less_their_own() {
        // numpy.var([.80, .90, 1.0], ddof=1) - 1e-4
        let found = variance_between(&[(0.8, 1e-4), (0.9, 1e-4), (1.0, 1e-4)]);
        assert!((found - (0.01 - 1e-4)).abs() < 1e-12, "{found}");
    }
}
