//! Laws that the statistics keep for all rows, and what simulations say about their standard errors.

mod brute_force;
mod differences;
mod golden;
mod labellings;
mod laws;

mod simulations;
mod simulations_of_labels;

use super::*;
use crate::ScoredLabels;

/// Rows that the tests make up.
#[derive(Clone, Debug)]
struct Rows {
    labels: Vec<bool>,
    scores: Vec<f64>,
    weights: Vec<f64>,
}

impl Rows {
    fn view(&self) -> ScoredLabels<'_> {
        ScoredLabels::weighted(&self.labels, &self.scores, &self.weights).unwrap()
    }

    fn unweighted(&self) -> ScoredLabels<'_> {
        ScoredLabels::new(&self.labels, &self.scores).unwrap()
    }

    fn with_scores(&self, of: impl Fn(f64) -> f64) -> Self {
        Self { scores: self.scores.iter().map(|&score| of(score)).collect(), ..self.clone() }
    }

    fn with_weights(&self, of: impl Fn(f64) -> f64) -> Self {
        Self { weights: self.weights.iter().map(|&weight| of(weight)).collect(), ..self.clone() }
    }
}

impl FromIterator<(bool, f64, f64)> for Rows {
    fn from_iter<I: IntoIterator<Item = (bool, f64, f64)>>(rows: I) -> Self {
        let mut made = Self { labels: Vec::new(), scores: Vec::new(), weights: Vec::new() };
        for (label, score, weight) in rows {
            made.labels.push(label);
            made.scores.push(score);
            made.weights.push(weight);
        }
        made
    }
}

/// Equal up to rounding.
fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1e-3)
}

fn both_close(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => close(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

#[test]
fn standard_errors_are_those_of_numpy() {
    let rows: Rows =
        [(true, 0.9, 1.0), (false, 0.2, 1.0), (true, 0.4, 1.0), (false, 0.7, 1.0), (true, 0.6, 1.0)]
            .into_iter()
            .collect();
    // y = numpy.array([1, 0, 1, 0, 1]); s = numpy.array([.9, .2, .4, .7, .6]), numpy 2.4.6
    // loss = (s - y)**2; loss.std(ddof=1) / 5**.5
    assert!(close(brier(rows.unweighted()).unwrap().standard_error.unwrap(), 0.09281163720137683));
    // loss = -numpy.log(numpy.where(y == 1, s, 1 - s)); loss.std(ddof=1) / 5**.5
    assert!(close(log_loss(rows.unweighted()).unwrap().standard_error.unwrap(), 0.2072604045320826));
    // (s - y).mean(), (s - y).std(ddof=1) / 5**.5
    let calibration = calibration(rows.unweighted(), CalibrationBins::default()).unwrap();
    assert!((calibration.bias - -0.04).abs() < 1e-15);
    assert!(close(calibration.bias_standard_error.unwrap(), 0.22934689882359427));
}

#[test]
fn one_row_of_a_class_has_no_variance() {
    let rows: Rows = [(true, 0.5, 1.0), (false, 0.2, 1.0), (false, 0.8, 2.0)].into_iter().collect();
    let auc = roc_auc(rows.view()).unwrap();
    assert_eq!((auc.variance, auc.interval(0.95), auc.positives, auc.negatives), (None, None, 1, 2));
    assert_eq!(auc.difference(&auc), Err(crate::Undefined::TooFew { found: 1, needed: 2 }.into()));
}

#[test]
fn a_perfect_ranking_has_no_interval() {
    let labels = [false, false, true, true];
    let auc = roc_auc(ScoredLabels::new(&labels, &[0.1, 0.2, 0.3, 0.4]).unwrap()).unwrap();
    assert_eq!((auc.value, auc.variance, auc.interval(0.95)), (1.0, Some(0.0), None));
    assert_eq!(auc.difference(&auc), Err(crate::Undefined::Constant.into()));
}

#[test]
fn clipped_scores_are_counted() {
    let labels = [true, false, true, false];
    let loss = log_loss(ScoredLabels::new(&labels, &[1.0, 0.0, 1e-17, 0.5]).unwrap()).unwrap();
    assert_eq!(loss.clipped, 3);
}

#[test]
fn an_edge_belongs_to_the_lower_bin_and_empty_bins_stay() {
    let labels = [true, false, true];
    let rows = ScoredLabels::new(&labels, &[0.0, 0.5, 0.75]).unwrap();
    let calibration = calibration(rows, CalibrationBins::Uniform(4)).unwrap();
    let counts: Vec<usize> = calibration.bins.iter().map(|bin| bin.count).collect();
    assert_eq!(counts, [1, 1, 1, 0]);
    let last = calibration.bins[3];
    assert_eq!((last.lower, last.upper, last.mean_score, last.interval(0.95)), (0.75, 1.0, None, None));
}

#[test]
fn impossible_bins_are_refused() {
    let rows = ScoredLabels::new(&[true], &[0.5]).unwrap();
    for bins in [0, 10_001, usize::MAX] {
        assert!(calibration(rows, CalibrationBins::Uniform(bins)).is_err_and(|error| error.is_invalid()));
        assert!(calibration(rows, CalibrationBins::Quantile(bins)).is_err_and(|error| error.is_invalid()));
    }
}

#[test]
fn the_debiased_calibration_error_is_that_of_resampling() {
    let rows: Rows = [
        (false, 0.1, 1.0),
        (true, 0.2, 2.0),
        (false, 0.3, 1.0),
        (false, 0.4, 1.0),
        (true, 0.6, 1.0),
        (false, 0.7, 3.0),
        (true, 0.8, 1.0),
        (true, 0.9, 1.0),
    ]
    .into_iter()
    .collect();
    let found = calibration(rows.view(), CalibrationBins::Uniform(2)).unwrap();
    // W, g, v = numpy.array([5, 6]), numpy.array([1.2 - 2, 4.4 - 3]) / W, numpy.sqrt([1.18, 2.38]) / W
    // ece = (W * abs(g)).sum() / 11; z = numpy.random.default_rng(1).normal(size=(10**7, 2))
    // 2 * ece - (W * abs(g + v * z)).sum(1).mean() / 11, numpy 2.4.6
    assert!((found.expected_calibration_error - 0.2).abs() < 1e-12);
    assert!(
        (found.debiased_calibration_error() - 0.145_711).abs() < 2e-4,
        "{}",
        found.debiased_calibration_error()
    );
}
