//! Intervals of what is said of a classifier.

use tiltmeter_stats::{
    CalibrationBins, ConfusionMatrix, ConfusionRate, ExpectedConfusion, ExpectedMetric, Interval, Result,
    ScoredLabels, accuracy_difference_weighted, average_precision, brier, brier_difference_weighted,
    brier_skill_score, calibration, calibration_difference_weighted, expected_confusion, expected_roc_auc,
    log_loss, log_loss_difference_weighted, roc_auc, roc_auc_paired_weighted,
};

use crate::coverage::{Case, USUAL, check};
use crate::design::{BY_LABEL, BY_VALUE, Random, Weighting};

/// The interval of calibrated rows, whose truth is known.
fn of_calibrated(
    random: &mut Random,
    rows: usize,
    weighting: Weighting,
    truth: f64,
    interval: fn(ScoredLabels<'_>) -> Option<Interval>,
) -> Option<(Interval, f64)> {
    Some((random.calibrated(weighting, rows).with_scored(interval)?, truth))
}

/// From here on calibrated rows are predicted positive: 36 % of them, of which (1 + 2t)/3 are.
const THRESHOLD: f64 = 0.4;

const PRECISION: f64 = 0.6;
/// ∫ 6s(1 − s) ds, the density of the scores of positives, from the threshold on.
const RECALL: f64 = 0.648;
const ACCURACY: f64 = 1.0 - 0.36 * (1.0 - PRECISION) - (1.0 - RECALL) / 3.0;
const F1: f64 = 2.0 * PRECISION * RECALL / (PRECISION + RECALL);

fn of_rate(
    random: &mut Random,
    rows: usize,
    weighting: Weighting,
    rate: ConfusionRate,
    truth: f64,
) -> Option<(Interval, f64)> {
    let kept = random.calibrated(weighting, rows);
    let matrix = kept.with_scored(|rows| ConfusionMatrix::at_threshold(rows, THRESHOLD)).ok()?;
    Some((matrix.interval(rate, 0.95).ok()?, truth))
}

/// What probabilities promise of a rate, and what the labels then show.
fn of_expected_rate(
    random: &mut Random,
    rows: usize,
    weighting: Weighting,
    rate: ConfusionRate,
    expected: fn(&ExpectedConfusion) -> Result<ExpectedMetric>,
) -> Option<(Interval, f64)> {
    let kept = random.calibrated(weighting, rows);
    let realised =
        kept.with_scored(|rows| ConfusionMatrix::at_threshold(rows, THRESHOLD)).ok()?.rate(rate).ok()?;
    let probabilities = crate::design::Kept { rows: kept.scores(), weights: kept.weights };
    let confusion = expected_confusion(probabilities.sample(), THRESHOLD).ok()?;
    Some((expected(&confusion).ok()?.interval(0.95)?, realised))
}

// probabilities promise something of labels that no row was kept by: weights by the label are left out there
const CASES: &[Case] = &[
    Case {
        name: "ROC AUC",
        rows: &[90, 400],
        weightings: BY_LABEL,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let auc = random.separated(weighting, rows, 1.2).with_scored(roc_auc);
            // Φ(1.2/√2)
            Some((auc.ok()?.interval(0.95)?, 0.801_928))
        },
    },
    Case {
        name: "difference of paired ROC AUCs",
        rows: &[90, 400],
        weightings: BY_LABEL,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let kept = random.separated(weighting, rows, 1.2);
            let noisy = kept.scores().iter().map(|score| score + random.normal()).collect::<Vec<f64>>();
            let paired =
                roc_auc_paired_weighted(&kept.labels(), &kept.scores(), &noisy, &kept.all_weights()).ok()?;
            // Φ(1.2/√2) − Φ(1.2/2)
            Some((paired.difference().ok()?.interval(0.95)?, 0.801_928 - 0.725_747))
        },
    },
    Case {
        name: "average precision",
        rows: &[150, 600],
        weightings: BY_LABEL,
        // of rows kept by the label few are negative, on which the precision depends most: 92 % of 300 rows, 94 % of 1 200
        coverage: [0.92, 0.97],
        interval: |random, rows, weighting| {
            // above t the precision is (1 + 2t)/3; its mean over the positives, with the density 6t(1 − t)
            of_calibrated(random, rows, weighting, 2.0 / 3.0, |rows| {
                average_precision(rows).ok()?.interval(0.95)
            })
        },
    },
    Case {
        name: "Brier score",
        rows: &[100, 400],
        weightings: BY_LABEL,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            // the mean of s(1 − s) with the density 2(1 − s)
            of_calibrated(random, rows, weighting, 1.0 / 6.0, |rows| brier(rows).ok()?.interval(0.95))
        },
    },
    Case {
        name: "log loss",
        rows: &[100, 400],
        weightings: BY_LABEL,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            // the mean of −s ln s − (1 − s) ln(1 − s) with that density: 5/18 + 2/9
            of_calibrated(random, rows, weighting, 0.5, |rows| log_loss(rows).ok()?.interval(0.95))
        },
    },
    Case {
        name: "difference of Brier scores",
        rows: &[100, 400],
        weightings: BY_LABEL,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let kept = random.calibrated(weighting, rows);
            let halved = kept.scores().iter().map(|score| score / 2.0).collect::<Vec<f64>>();
            let difference =
                brier_difference_weighted(&kept.labels(), &halved, &kept.scores(), &kept.all_weights());
            // a quarter of the mean of s² with the density 2(1 − s)
            Some((difference.ok()?.interval(0.95)?, 1.0 / 24.0))
        },
    },
    Case {
        name: "difference of log losses",
        rows: &[100, 400],
        weightings: BY_LABEL,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let kept = random.calibrated(weighting, rows);
            // a third of the rows is positive
            let constant = vec![1.0 / 3.0; kept.rows.len()];
            let difference =
                log_loss_difference_weighted(&kept.labels(), &constant, &kept.scores(), &kept.all_weights());
            Some((difference.ok()?.interval(0.95)?, 0.636_514_168_294_813 - 0.5))
        },
    },
    Case {
        name: "difference of calibration errors",
        rows: &[1_000, 2_000],
        weightings: BY_LABEL,
        // the sign of the third bin is in doubt in some samples
        coverage: [0.93, 0.99],
        interval: |random, rows, weighting| {
            let kept = random.calibrated(weighting, rows);
            let higher =
                |by: f64| kept.scores().iter().map(|score| by + score * (1.0 - by)).collect::<Vec<f64>>();
            let difference = calibration_difference_weighted(
                &kept.labels(),
                &higher(0.3),
                &higher(0.15),
                &kept.all_weights(),
                CalibrationBins::Uniform(3),
            );
            // all bins promise too much, by 0.3 or 0.15 of 1 − s, of which the mean is ⅔
            Some((difference.ok()?.interval(0.95)?, 0.1))
        },
    },
    Case {
        name: "difference of calibration errors, one side calibrated",
        rows: &[300, 1_000, 5_000],
        weightings: BY_LABEL,
        // all signs of one side are in doubt, and the chance of both sides is added up
        coverage: [0.95, 1.0],
        interval: |random, rows, weighting| {
            let kept = random.calibrated(weighting, rows);
            let flat = kept.scores().iter().map(|score| 0.1 + 0.9 * score).collect::<Vec<f64>>();
            let difference = calibration_difference_weighted(
                &kept.labels(),
                &flat,
                &kept.scores(),
                &kept.all_weights(),
                CalibrationBins::default(),
            );
            // all bins promise too much, by 0.1 of 1 − s, of which the mean is ⅔
            Some((difference.ok()?.interval(0.95)?, 0.2 / 3.0))
        },
    },
    Case {
        name: "Brier skill score",
        rows: &[100, 400],
        weightings: BY_LABEL,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            // 1 − 1/6 by 2/9
            of_calibrated(random, rows, weighting, 0.25, |rows| brier_skill_score(rows).ok()?.interval(0.95))
        },
    },
    Case {
        name: "calibration bias",
        rows: &[100, 400],
        weightings: BY_LABEL,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            of_calibrated(random, rows, weighting, 0.0, |rows| {
                calibration(rows, CalibrationBins::default()).ok()?.bias_interval(0.95)
            })
        },
    },
    Case {
        name: "accuracy",
        rows: &[50, 250],
        weightings: BY_LABEL,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            of_rate(random, rows, weighting, ConfusionRate::Accuracy, ACCURACY)
        },
    },
    Case {
        name: "precision",
        rows: &[100, 500],
        weightings: BY_LABEL,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            of_rate(random, rows, weighting, ConfusionRate::Precision, PRECISION)
        },
    },
    Case {
        name: "recall",
        rows: &[100, 500],
        weightings: BY_LABEL,
        coverage: USUAL,
        interval: |random, rows, weighting| of_rate(random, rows, weighting, ConfusionRate::Recall, RECALL),
    },
    Case {
        name: "F1",
        rows: &[100, 500],
        weightings: BY_LABEL,
        coverage: USUAL,
        interval: |random, rows, weighting| of_rate(random, rows, weighting, ConfusionRate::F1, F1),
    },
    Case {
        name: "difference of accuracies",
        rows: &[100, 400],
        weightings: BY_LABEL,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let kept = random.calibrated(weighting, rows);
            let right =
                |threshold: f64| kept.scores().iter().map(|&score| score >= threshold).collect::<Vec<_>>();
            let difference = accuracy_difference_weighted(
                &kept.labels(),
                &right(THRESHOLD),
                &right(0.2),
                &kept.all_weights(),
            );
            // scores from 0.2 to 0.4 tell them apart, by 1 − 2s with the density 2(1 − s)
            let truth = |s: f64| 2.0 * s - 3.0 * s * s + 4.0 / 3.0 * s * s * s;
            Some((difference.ok()?.interval(0.95)?, truth(THRESHOLD) - truth(0.2)))
        },
    },
    Case {
        name: "expected ROC AUC",
        rows: &[50, 250],
        weightings: BY_VALUE,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let kept = random.calibrated(weighting, rows);
            let realised = kept.with_scored(roc_auc).ok()?.value;
            let probabilities = crate::design::Kept { rows: kept.scores(), weights: kept.weights };
            Some((expected_roc_auc(probabilities.sample()).ok()?.interval(0.95)?, realised))
        },
    },
    Case {
        name: "expected accuracy",
        rows: &[50, 250],
        weightings: BY_VALUE,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            of_expected_rate(random, rows, weighting, ConfusionRate::Accuracy, ExpectedConfusion::accuracy)
        },
    },
    Case {
        name: "expected precision",
        rows: &[50, 250],
        weightings: BY_VALUE,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            of_expected_rate(random, rows, weighting, ConfusionRate::Precision, ExpectedConfusion::precision)
        },
    },
    Case {
        name: "expected recall",
        rows: &[100, 400],
        weightings: BY_VALUE,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            of_expected_rate(random, rows, weighting, ConfusionRate::Recall, ExpectedConfusion::recall)
        },
    },
    Case {
        name: "expected F1",
        rows: &[100, 400],
        weightings: BY_VALUE,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            of_expected_rate(random, rows, weighting, ConfusionRate::F1, ExpectedConfusion::f1)
        },
    },
];

#[test]
fn hold_what_they_say() {
    check(CASES);
}
