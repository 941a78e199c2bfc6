//! Whether tests and intervals of labels and curves keep what they promise. The seeds are fixed.

use super::simulations::{calibrated_rows, moments, normal_rows};
use super::*;
use crate::random::Random;

/// With a base rate of 0.3: p = lambda t: .3*sf(t - 1.2)/(.3*sf(t - 1.2) + .7*sf(t));
/// scipy.integrate.quad(lambda t: pdf(t - 1.2)*p(t), -8, 10)
const TRUE_AP: f64 = 0.6471626362322069;

#[test]
fn the_interval_of_average_precision_covers_and_the_variance_is_the_empirical_one() {
    let mut random = Random(11);
    let (mut seen, mut held) = (Vec::new(), 0);
    for _ in 0..400 {
        let positives = (0..200).filter(|_| random.uniform() < 0.3).count();
        let found =
            average_precision(normal_rows(&mut random, positives, 200 - positives).unweighted()).unwrap();
        held += usize::from(found.interval(0.95).unwrap().contains(TRUE_AP));
        seen.push((found.value, found.variance.unwrap()));
    }
    assert!((364..=394).contains(&held), "{held} of 400");
    let (_, empirical) = moments(&seen.iter().map(|seen| seen.0).collect::<Vec<_>>());
    let (stated, _) = moments(&seen.iter().map(|seen| seen.1).collect::<Vec<_>>());
    assert!((0.8..1.25).contains(&(stated / empirical)), "{stated} {empirical}");
}

#[test]
fn the_variance_of_a_weighted_average_precision_is_the_empirical_one() {
    let mut random = Random(12);
    let sampled = |random: &mut Random| {
        // high scores are all kept, of the others one in five
        let positives = (0..700).filter(|_| random.uniform() < 0.3).count();
        let rows = normal_rows(random, positives, 700 - positives);
        let each = rows.labels.iter().zip(&rows.scores).map(|(&label, &score)| {
            let probability = if score > 1.0 { 1.0 } else { 0.2 };
            (random.uniform() < probability).then_some((label, score, 1.0 / probability))
        });
        average_precision(each.flatten().collect::<Rows>().view()).unwrap()
    };
    let seen: Vec<AveragePrecision> = (0..400).map(|_| sampled(&mut random)).collect();
    let (mean, empirical) = moments(&seen.iter().map(|seen| seen.value).collect::<Vec<_>>());
    let (stated, _) = moments(&seen.iter().map(|seen| seen.variance.unwrap()).collect::<Vec<_>>());
    assert!((mean - TRUE_AP).abs() < 0.012, "{mean}");
    assert!((0.8..1.25).contains(&(stated / empirical)), "{stated} {empirical}");
}

#[test]
fn scores_without_skill_reach_the_average_precision_that_is_expected_of_them() {
    let mut random = Random(13);
    let (mut reached, mut expected) = ([0.0; 2], [0.0; 2]);
    for _ in 0..1_500 {
        let rows: Rows = (0..200)
            .map(|_| {
                let score = random.uniform();
                (random.uniform() < 0.1, score, if score > 0.8 { 1.0 } else { 5.0 })
            })
            .collect();
        for (place, found) in
            [average_precision(rows.unweighted()), average_precision(rows.view())].into_iter().enumerate()
        {
            let found = found.unwrap();
            reached[place] += found.value;
            expected[place] += found.expected_without_skill;
        }
    }
    for (reached, expected) in reached.into_iter().zip(expected) {
        assert!((0.97..1.03).contains(&(expected / reached)), "{expected} {reached}");
    }
}

#[test]
fn spiegelhalters_test_rejects_calibrated_scores_as_often_as_it_says() {
    let mut random = Random(14);
    let (mut plain, mut weighted) = (0, 0);
    for _ in 0..1_000 {
        let rows = calibrated_rows(&mut random, 100);
        plain += usize::from(spiegelhalter(rows.unweighted()).unwrap().p_value < 0.05);
        let weights = rows.scores.iter().map(|&score| if score > 0.3 { 1.0 } else { 5.0 }).collect();
        weighted += usize::from(spiegelhalter(Rows { weights, ..rows }.view()).unwrap().p_value < 0.05);
    }
    // 50 expected, standard deviation 7
    assert!((29..=71).contains(&plain) && (29..=71).contains(&weighted), "{plain} {weighted}");
}

#[test]
fn calibrated_scores_show_the_maximum_error_that_is_expected_of_chance() {
    let mut random = Random(15);
    for (rows, repetitions) in [(100, 200), (500, 100), (2_000, 60)] {
        let (mut shown, mut expected, mut deviation, mut above) = (Vec::new(), 0.0, 0.0, 0);
        for _ in 0..repetitions {
            // uniform scores: bins have a tenth of the rows each
            let scores = (0..rows).map(|_| {
                let score = random.uniform();
                (random.uniform() < score, score, 1.0)
            });
            let found =
                calibration(scores.collect::<Rows>().unweighted(), CalibrationBins::default()).unwrap();
            let chance = found.maximum_without_miscalibration();
            shown.push(found.maximum_calibration_error);
            expected += chance.expected / f64::from(repetitions);
            deviation += chance.standard_deviation / f64::from(repetitions);
            let limit = found.maximum_quantile_without_miscalibration(0.95).unwrap();
            assert_eq!(chance.p_value < 0.05, found.maximum_calibration_error > limit);
            above += i32::from(chance.p_value < 0.05);
        }
        let (mean, variance) = moments(&shown);
        assert!((expected / mean - 1.0).abs() < 0.08, "{rows}: {expected} {mean}");
        assert!(
            (0.75..1.3).contains(&(deviation / variance.sqrt())),
            "{rows}: {deviation} {}",
            variance.sqrt()
        );
        assert!(f64::from(above) < 0.1 * f64::from(repetitions), "{rows}: {above}");
    }
}

#[test]
fn reliability_of_calibrated_scores_and_resolution_without_skill_are_those_expected_of_chance() {
    let mut random = Random(16);
    let mut sums = [0.0; 4];
    for _ in 0..400 {
        let rows = calibrated_rows(&mut random, 200);
        let weights = (0..200).map(|_| 1.0 / (0.1 + random.uniform())).collect();
        let rows = Rows { weights, ..rows };
        let parts = brier_decomposition(rows.view(), CalibrationBins::default()).unwrap();
        sums[0] += parts.reliability;
        sums[1] += parts.expected_reliability_without_miscalibration;
        let labels = rows.labels.iter().map(|_| random.uniform() < 0.3).collect();
        let parts = brier_decomposition(Rows { labels, ..rows }.view(), CalibrationBins::default()).unwrap();
        sums[2] += parts.resolution;
        sums[3] += parts.expected_resolution_without_skill;
    }
    assert!(
        (0.9..1.1).contains(&(sums[1] / sums[0])) && (0.9..1.1).contains(&(sums[3] / sums[2])),
        "{sums:?}"
    );
}

#[test]
fn the_interval_of_the_skill_score_covers() {
    // 1 − E s(1−s) / (p(1−p)) of Beta(2, 5): 1 − (10/56) / (10/49)
    const TRUTH: f64 = 0.125;
    let mut random = Random(17);
    let mut held = 0;
    for _ in 0..400 {
        let rows = calibrated_rows(&mut random, 200);
        let weights = (0..200).map(|_| 1.0 / (0.1 + random.uniform())).collect();
        let skill = brier_skill_score(Rows { weights, ..rows }.view()).unwrap();
        held += usize::from(skill.interval(0.95).unwrap().contains(TRUTH));
    }
    assert!((364..=396).contains(&held), "{held} of 400");
}

/// Three labels with the probabilities 0.5, 0.3 and 0.2.
fn label(random: &mut Random) -> u8 {
    match random.uniform() {
        draw if draw < 0.5 => 0,
        draw if draw < 0.8 => 1,
        _ => 2,
    }
}

#[test]
fn kappa_covers_and_rejects_independent_columns_as_often_as_it_says() {
    let mut random = Random(18);
    let (mut held, mut rejected) = (0, 0);
    for _ in 0..600 {
        let (mut first, mut second, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..200 {
            let one = label(&mut random);
            let probability = if one == 0 { 0.3 } else { 1.0 };
            let other = if random.uniform() < 0.5 { one } else { label(&mut random) };
            if random.uniform() < probability {
                first.push(one);
                second.push(other);
                weights.push(1.0 / probability);
            }
        }
        // half of the rows agree by design, the others by chance: κ = ½
        let kappa = cohen_kappa_weighted(&first, &second, &weights).unwrap();
        held += usize::from(kappa.interval(0.95).unwrap().contains(0.5));
        let others: Vec<u8> = first.iter().map(|_| label(&mut random)).collect();
        rejected += usize::from(cohen_kappa(&first, &others).unwrap().p_value().unwrap() < 0.05);
    }
    // 30 expected, standard deviation 5
    assert!((546..=588).contains(&held) && (14..=46).contains(&rejected), "{held} {rejected} of 600");
}

#[test]
fn equally_good_classifiers_are_told_apart_as_seldom_as_tests_say() {
    let mut random = Random(19);
    let (mut z, mut exact, mut mid) = (0, 0, 0);
    for _ in 0..1_000 {
        let (mut actual, mut first, mut second, mut weights) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..150 {
            let label = random.uniform() < 0.5;
            let probability = if label { 0.3 } else { 1.0 };
            let predict = |random: &mut Random| (random.uniform() < 0.8) == label;
            let (one, other) = (predict(&mut random), predict(&mut random));
            if random.uniform() < probability {
                actual.push(label);
                first.push(one);
                second.push(other);
                weights.push(1.0 / probability);
            }
        }
        let difference = accuracy_difference_weighted(&actual, &first, &second, &weights).unwrap();
        z += usize::from(difference.p_value < 0.05);
        let test = mcnemar(&actual, &first, &second).unwrap();
        exact += usize::from(test.p_exact < 0.05);
        mid += usize::from(test.p_mid < 0.05);
    }
    // 50 expected, standard deviation 7; the exact test is cautious
    assert!((29..=71).contains(&z) && (29..=71).contains(&mid) && exact < 60, "{z} {exact} {mid}");
}
