//! Whether standard errors and intervals keep what they promise. The seeds are fixed: the tests cannot flicker.

use super::*;
use crate::random::Random;

/// Mean and variance (ddof 1).
pub(super) fn moments(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, squares / (values.len() - 1) as f64)
}

/// Positives are normal around 1.2, negatives around 0: an AUC of Φ(1.2/√2) = 0.801928.
pub(super) fn normal_rows(random: &mut Random, positives: usize, negatives: usize) -> Rows {
    let row =
        |random: &mut Random, label: bool| (label, random.normal() + if label { 1.2 } else { 0.0 }, 1.0);
    let mut rows: Vec<_> = (0..positives).map(|_| row(random, true)).collect();
    rows.extend((0..negatives).map(|_| row(random, false)));
    rows.into_iter().collect()
}

const TRUE_AUC: f64 = 0.801_928;

#[test]
fn the_interval_of_the_auc_covers_and_the_variance_is_the_empirical_one() {
    let mut random = Random(1);
    let aucs: Vec<RocAuc> =
        (0..400).map(|_| roc_auc(normal_rows(&mut random, 60, 140).unweighted()).unwrap()).collect();
    let held = aucs.iter().filter(|auc| auc.interval(0.95).unwrap().contains(TRUE_AUC)).count();
    assert!((368..=396).contains(&held), "{held} of 400");
    let (_, empirical) = moments(&aucs.iter().map(|auc| auc.value).collect::<Vec<_>>());
    let (stated, _) = moments(&aucs.iter().map(|auc| auc.variance.unwrap()).collect::<Vec<_>>());
    assert!((0.8..1.25).contains(&(stated / empirical)), "{stated} {empirical}");
}

#[test]
fn the_variance_of_a_weighted_auc_is_the_empirical_one() {
    let mut random = Random(2);
    let sampled = |random: &mut Random| {
        // high scores are all kept, of the others one in five
        let rows = normal_rows(random, 200, 500);
        let each = rows.labels.iter().zip(&rows.scores).map(|(&label, &score)| {
            let probability = if score > 1.0 { 1.0 } else { 0.2 };
            (random.uniform() < probability).then_some((label, score, 1.0 / probability))
        });
        roc_auc(each.flatten().collect::<Rows>().view()).unwrap()
    };
    let aucs: Vec<RocAuc> = (0..400).map(|_| sampled(&mut random)).collect();
    let (mean, empirical) = moments(&aucs.iter().map(|auc| auc.value).collect::<Vec<_>>());
    let (stated, _) = moments(&aucs.iter().map(|auc| auc.variance.unwrap()).collect::<Vec<_>>());
    assert!((mean - TRUE_AUC).abs() < 0.01, "{mean}");
    assert!((0.8..1.25).contains(&(stated / empirical)), "{stated} {empirical}");
}

#[test]
fn without_a_difference_the_tests_reject_as_often_as_they_say() {
    let mut random = Random(3);
    let (mut paired, mut independent) = (0, 0);
    for _ in 0..400 {
        let (one, other) = (normal_rows(&mut random, 60, 140), normal_rows(&mut random, 60, 140));
        let (first, second) = (roc_auc(one.unweighted()).unwrap(), roc_auc(other.unweighted()).unwrap());
        independent += usize::from(first.difference(&second).unwrap().p_value < 0.05);
        // two scores of the same rows, equally good and much alike
        let noisy = |random: &mut Random| -> Vec<f64> {
            one.scores.iter().map(|score| score + 0.5 * random.normal()).collect()
        };
        let (a, b) = (noisy(&mut random), noisy(&mut random));
        let test = roc_auc_paired(&one.labels, &a, &b).unwrap().difference().unwrap();
        paired += usize::from(test.p_value < 0.05);
    }
    // 20 expected, standard deviation 4.4
    assert!((8..=32).contains(&paired) && (8..=32).contains(&independent), "{paired} {independent}");
}

/// Perfectly calibrated rows.
pub(super) fn calibrated_rows(random: &mut Random, count: usize) -> Rows {
    let row = |random: &mut Random| {
        let score = random.beta_2_5();
        (random.uniform() < score, score, 1.0)
    };
    (0..count).map(|_| row(random)).collect()
}

#[test]
fn a_calibrated_model_shows_the_calibration_error_that_is_expected_of_chance() {
    let mut random = Random(4);
    for (rows, repetitions, known) in
        [(100, 400, 0.087), (500, 200, 0.040), (2_000, 100, 0.020), (10_000, 50, 0.009)]
    {
        let calibrations: Vec<Calibration> = (0..repetitions)
            .map(|_| {
                calibration(calibrated_rows(&mut random, rows).unweighted(), CalibrationBins::default())
                    .unwrap()
            })
            .collect();
        let mean = |of: fn(&Calibration) -> f64| moments(&calibrations.iter().map(of).collect::<Vec<_>>());
        let (shown, variance) = mean(|calibration| calibration.expected_calibration_error);
        let (expected, _) = mean(|calibration| calibration.expected_without_miscalibration);
        let (deviation, _) = mean(|calibration| calibration.standard_deviation_without_miscalibration);
        assert!((shown / known - 1.0).abs() < 0.1, "{rows}: {shown}, known {known}");
        assert!((expected / known - 1.0).abs() < 0.06, "{rows}: {expected}, known {known}");
        assert!((expected / shown - 1.0).abs() < 0.1, "{rows}: {expected}, shown {shown}");
        assert!(
            (0.7..1.4).contains(&(deviation / variance.sqrt())),
            "{rows}: {deviation}, {}",
            variance.sqrt()
        );
    }
}

#[test]
fn standard_errors_of_mean_losses_and_bias_are_the_empirical_ones() {
    let mut random = Random(5);
    let mut seen: [Vec<(f64, f64, f64)>; 3] = Default::default();
    for _ in 0..400 {
        let rows = calibrated_rows(&mut random, 300);
        let rows = Rows { weights: (0..300).map(|_| 1.0 / (0.1 + random.uniform())).collect(), ..rows };
        let (brier, loss) = (brier(rows.view()).unwrap(), log_loss(rows.view()).unwrap());
        let calibration = calibration(rows.view(), CalibrationBins::default()).unwrap();
        let held = |interval: crate::Interval, truth: f64| f64::from(u8::from(interval.contains(truth)));
        // E s(1−s) of Beta(2, 5) = 2·5/(7·8); E of the entropy by scipy.integrate.quad
        seen[0].push((
            brier.value,
            brier.standard_error.unwrap(),
            held(brier.interval(0.95).unwrap(), 10.0 / 56.0),
        ));
        seen[1].push((
            loss.value,
            loss.standard_error.unwrap(),
            held(loss.interval(0.95).unwrap(), 0.5333333333331788),
        ));
        let bias = held(calibration.bias_interval(0.95).unwrap(), 0.0);
        seen[2].push((calibration.bias, calibration.bias_standard_error.unwrap(), bias));
    }
    for (statistic, seen) in seen.iter().enumerate() {
        let (_, empirical) = moments(&seen.iter().map(|seen| seen.0).collect::<Vec<_>>());
        let (stated, _) = moments(&seen.iter().map(|seen| seen.1).collect::<Vec<_>>());
        let (coverage, _) = moments(&seen.iter().map(|seen| seen.2).collect::<Vec<_>>());
        assert!(
            (0.9..1.1).contains(&(stated / empirical.sqrt())),
            "{statistic}: {stated}, {}",
            empirical.sqrt()
        );
        assert!((0.91..=0.985).contains(&coverage), "{statistic}: {coverage}");
    }
}
