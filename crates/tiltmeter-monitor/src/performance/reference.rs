//! How good the model was on the reference, and how much that varies from week to week.

use tiltmeter_stats::{BaselineFigures, BaselineQuality, ScoredLabels, roc_auc};

use super::quality;
use crate::PeriodKind;
use crate::days::Days;

/// Fewer weeks do not tell how weeks vary.
const MIN_WEEKS: usize = 3;

/// A week with fewer rows of a class has an area that says little, and a variance that says less.
const MIN_CLASS: usize = 10;

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
    if auc.positives.min(auc.negatives) < MIN_CLASS {
        return None;
    }
    auc.variance.filter(|variance| *variance > 0.0).map(|variance| (auc.value, variance))
}

/// How much figures differ beyond what their own variances explain: their variance less the mean of their own, the
/// unweighted moment estimator (Hedges & Olkin, *Statistical Methods for Meta-Analysis* (1985), section 9.B). Weights by
/// inverse variance, as DerSimonian & Laird have them, would favour good weeks, since an area near 1 has a small variance.
fn variance_between(figures: &[(f64, f64)]) -> f64 {
    let count = figures.len() as f64;
    if figures.len() < 2 {
        return 0.0;
    }
    let mean = figures.iter().map(|(value, _)| value).sum::<f64>() / count;
    let spread = figures.iter().map(|(value, _)| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let own = figures.iter().map(|(_, variance)| variance).sum::<f64>() / count;
    (spread - own).max(0.0)
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
    fn it_is_the_variance_of_the_figures_less_their_own() {
        // numpy.var([.80, .90, 1.0], ddof=1) - numpy.mean([1e-4, 2e-4, 0])
        let found = variance_between(&[(0.8, 1e-4), (0.9, 2e-4), (1.0, 0.0)]);
        assert!((found - (0.01 - 1e-4)).abs() < 1e-12, "{found}");
        assert!(variance_between(&[(0.8, 1e-4)]).abs() < 1e-18);
    }
}
