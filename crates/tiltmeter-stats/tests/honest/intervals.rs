//! Intervals of all kinds.

use tiltmeter_stats::{
    Bootstrap, CalibrationBins, Moments, Pairs, Proportion, RegressionQuality, ScoredLabels, WelchT,
    average_precision, brier, calibration, hajek_mean, hajek_mean_clustered, hajek_ratio, log_loss,
    newcombe_interval, pearson, proportion_clopper_pearson, proportion_wilson, roc_auc, welch_t,
};

use crate::coverage::{Case, USUAL, check};
use crate::design::{Random, Shape, Weighting};

/// Calibrated scores: the smaller of two uniform numbers, so that a third of the rows is positive.
fn calibrated<T>(
    random: &mut Random,
    rows: usize,
    weighting: Weighting,
    of: impl FnOnce(ScoredLabels<'_>) -> Option<T>,
) -> Option<T> {
    let scores: Vec<f64> = (0..rows).map(|_| random.uniform().min(random.uniform())).collect();
    let labels: Vec<bool> = scores.iter().map(|&score| random.is(score)).collect();
    match random.weights(weighting, rows) {
        None => of(ScoredLabels::new(&labels, &scores).ok()?),
        Some(weights) => of(ScoredLabels::weighted(&labels, &scores, &weights).ok()?),
    }
}

/// The mean loss of such scores, by Simpson's rule over their density 2(1 − s).
fn mean_over_scores(loss: fn(f64) -> f64) -> f64 {
    const STEPS: usize = 20_000;
    let at = |place: usize| {
        let s = (place as f64 / STEPS as f64).clamp(1e-12, 1.0 - 1e-12);
        2.0 * (1.0 - s) * loss(s)
    };
    let weight = |place: usize| if place == 0 || place == STEPS { 1.0 } else { [2.0, 4.0][place % 2] };
    (0..=STEPS).map(|place| weight(place) * at(place)).sum::<f64>() / (3.0 * STEPS as f64)
}

const CASES: &[Case] = &[
    Case {
        name: "Wilson",
        rows: &[10, 50, 250],
        is_weighted: false,
        coverage: USUAL,
        interval: |random, rows, _| {
            let successes = (0..rows).filter(|_| random.is(0.3)).count();
            Some((proportion_wilson(successes as u64, rows as u64, 0.95).ok()?, 0.3))
        },
    },
    Case {
        name: "Clopper-Pearson",
        rows: &[10, 50, 250],
        is_weighted: false,
        // never below its level, and above it where there are few rows
        coverage: [0.95, 0.985],
        interval: |random, rows, _| {
            let successes = (0..rows).filter(|_| random.is(0.3)).count();
            Some((proportion_clopper_pearson(successes as u64, rows as u64, 0.95).ok()?, 0.3))
        },
    },
    Case {
        name: "Newcombe",
        rows: &[20, 250],
        is_weighted: true,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let mut proportion = |rate: f64| {
                let labels: Vec<bool> = (0..rows).map(|_| random.is(rate)).collect();
                Proportion::of_labels(&labels, random.weights(weighting, rows).as_deref())
            };
            let (reference, current) = (proportion(0.3).ok()?, proportion(0.2).ok()?);
            let (one, other) = (reference.share().ok()?, current.share().ok()?);
            let interval = newcombe_interval(&reference, &current, 0.95).ok()?;
            // of either direction the interval that holds the estimate is meant
            let truth = if interval.contains(one - other) { 0.1 } else { -0.1 };
            Some((interval, truth))
        },
    },
    Case {
        name: "Welch's t",
        rows: &[10, 50, 250],
        is_weighted: true,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let reference = random.rows(Shape::Normal, weighting, rows, 1.0);
            let current = random.rows(Shape::Normal, weighting, 2 * rows, 0.0);
            Some((welch_t(reference.sample(), current.sample()).ok()?.interval(0.95)?, 1.0))
        },
    },
    Case {
        name: "Welch's t of moments",
        rows: &[10, 50, 250],
        is_weighted: true,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let reference = random.rows(Shape::Normal, weighting, rows, 1.0);
            let current = random.rows(Shape::Normal, weighting, 2 * rows, 0.0);
            let [reference, current] = [&reference, &current].map(|rows| Moments::of(rows.sample()));
            Some((WelchT::between(&reference, &current).ok()?.interval(0.95)?, 1.0))
        },
    },
    Case {
        name: "Pearson",
        rows: &[20, 100],
        is_weighted: true,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let x = random.values(Shape::Normal, rows, 0.0);
            let y: Vec<f64> = x.iter().map(|x| 0.6 * x + 0.8 * random.normal()).collect();
            let interval = match random.weights(weighting, rows) {
                None => pearson(Pairs::new(&x, &y).ok()?),
                Some(weights) => pearson(Pairs::weighted(&x, &y, &weights).ok()?),
            };
            Some((interval.ok()?.interval(0.95)?, 0.6))
        },
    },
    Case {
        name: "Hájek mean",
        rows: &[30, 250],
        is_weighted: true,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let rows = random.rows(Shape::Normal, weighting, rows, 2.0);
            Some((hajek_mean(rows.sample()).ok()?.interval(0.95)?, 2.0))
        },
    },
    Case {
        name: "Hájek mean, clusters of five",
        rows: &[150, 500],
        is_weighted: true,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let clusters: Vec<usize> = (0..rows).map(|row| row / 5).collect();
            let shared: Vec<f64> = (0..rows.div_ceil(5)).map(|_| random.normal()).collect();
            let values = clusters.iter().map(|&cluster| shared[cluster] + random.normal()).collect();
            let rows = crate::design::Rows { values, weights: random.weights(weighting, rows) };
            Some((hajek_mean_clustered(rows.sample(), &clusters).ok()?.interval(0.95)?, 0.0))
        },
    },
    Case {
        name: "Hájek ratio",
        rows: &[50, 250],
        is_weighted: true,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let x: Vec<f64> = (0..rows).map(|_| 1.0 + random.uniform()).collect();
            let y: Vec<f64> = x.iter().map(|x| 0.5 * x + 0.2 * random.normal()).collect();
            let ratio = match random.weights(weighting, rows) {
                None => hajek_ratio(Pairs::new(&y, &x).ok()?),
                Some(weights) => hajek_ratio(Pairs::weighted(&y, &x, &weights).ok()?),
            };
            Some((ratio.ok()?.interval(0.95)?, 0.5))
        },
    },
    Case {
        name: "bootstrap of the mean, BCa",
        rows: &[40, 100],
        is_weighted: true,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let rows = random.rows(Shape::Normal, weighting, rows, 0.0);
            let weights = rows.all_weights();
            let bootstrap =
                Bootstrap::rows(rows.values.len()).with_weights(&weights).ok()?.with_replicates(400).ok()?;
            let mean = |weights: &[f64]| {
                let sum: f64 = rows.values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
                Ok(sum / weights.iter().sum::<f64>())
            };
            let seed = random.seed();
            Some((bootstrap.of_weights(seed, mean).ok()?.bca_interval(0.95)?, 0.0))
        },
    },
    Case {
        name: "ROC AUC",
        rows: &[90, 400],
        is_weighted: true,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let labels: Vec<bool> = (0..rows).map(|row| row % 3 == 0).collect();
            let scores: Vec<f64> =
                labels.iter().map(|&label| random.normal() + if label { 1.2 } else { 0.0 }).collect();
            let auc = match random.weights(weighting, rows) {
                None => roc_auc(ScoredLabels::new(&labels, &scores).ok()?),
                Some(weights) => roc_auc(ScoredLabels::weighted(&labels, &scores, &weights).ok()?),
            };
            // Φ(1.2/√2)
            Some((auc.ok()?.interval(0.95)?, 0.801_928))
        },
    },
    Case {
        name: "average precision",
        rows: &[150, 600],
        is_weighted: false,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            calibrated(random, rows, weighting, |rows| {
                // above t the precision is (1 + 2t)/3; its mean over the positives, with the density 6t(1 − t)
                Some((average_precision(rows).ok()?.interval(0.95)?, 2.0 / 3.0))
            })
        },
    },
    Case {
        name: "Brier score",
        rows: &[50, 250],
        is_weighted: true,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let truth = mean_over_scores(|s| s * (1.0 - s));
            calibrated(random, rows, weighting, |rows| Some((brier(rows).ok()?.interval(0.95)?, truth)))
        },
    },
    Case {
        name: "log loss",
        rows: &[50, 250],
        is_weighted: true,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let truth = mean_over_scores(|s| -s * s.ln() - (1.0 - s) * (1.0 - s).ln());
            calibrated(random, rows, weighting, |rows| Some((log_loss(rows).ok()?.interval(0.95)?, truth)))
        },
    },
    Case {
        name: "calibration bias",
        rows: &[50, 250],
        is_weighted: true,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            calibrated(random, rows, weighting, |rows| {
                let calibration = calibration(rows, CalibrationBins::default()).ok()?;
                Some((calibration.bias_interval(0.95)?, 0.0))
            })
        },
    },
    Case {
        name: "mean absolute error",
        rows: &[50, 250],
        is_weighted: true,
        coverage: USUAL,
        interval: |random, rows, weighting| {
            let actual = random.values(Shape::Lognormal, rows, 0.0);
            let predicted: Vec<f64> = actual.iter().map(|y| y + random.normal()).collect();
            let quality = match random.weights(weighting, rows) {
                None => RegressionQuality::of(Pairs::new(&actual, &predicted).ok()?),
                Some(weights) => RegressionQuality::of(Pairs::weighted(&actual, &predicted, &weights).ok()?),
            };
            // the mean of |z|
            let truth = std::f64::consts::FRAC_2_PI.sqrt();
            Some((quality.mean_absolute_error().ok()?.interval(0.95)?, truth))
        },
    },
];

#[test]
fn intervals_hold_what_they_say() {
    check(CASES);
}
