//! Tests of two columns of the same rows, of a classifier, and of a series.

use tiltmeter_stats::{
    Pairs, Result, ScoredLabels, accuracy_difference_weighted, cohen_kappa_weighted, confidence_uniformity,
    kendall_tau, mann_kendall, mcnemar, pearson, roc_auc, roc_auc_paired_weighted, spearman, spiegelhalter,
};

use crate::design::{Random, Shape, Weighting};
use crate::sizes::{Case, Effect, check};

/// Two columns that are independent, or have a correlation of about 0.4.
fn correlated(
    random: &mut Random,
    rows: usize,
    weighting: Weighting,
    effect: Effect,
    of: fn(Pairs<'_>) -> Option<f64>,
) -> Option<f64> {
    let slope = if effect == Effect::Present { 0.45 } else { 0.0 };
    let x = random.values(Shape::Normal, rows, 0.0);
    let y: Vec<f64> = x.iter().map(|x| slope * x + random.normal()).collect();
    match random.weights(weighting, rows) {
        None => of(Pairs::new(&x, &y).ok()?),
        Some(weights) => of(Pairs::weighted(&x, &y, &weights).ok()?),
    }
}

/// Scores from 0 to 1 that mean what they say, and labels drawn by them, or by their square.
fn calibrated(
    random: &mut Random,
    rows: usize,
    weighting: Weighting,
    effect: Effect,
    of: fn(ScoredLabels<'_>) -> Option<f64>,
) -> Option<f64> {
    let scores: Vec<f64> = (0..rows).map(|_| random.uniform()).collect();
    let labels: Vec<bool> = scores
        .iter()
        .map(|&score| random.is(if effect == Effect::Present { score * score } else { score }))
        .collect();
    match random.weights(weighting, rows) {
        None => of(ScoredLabels::new(&labels, &scores).ok()?),
        Some(weights) => of(ScoredLabels::weighted(&labels, &scores, &weights).ok()?),
    }
}

/// Labels, one in three of them positive, and a score that tells them apart.
fn scored(random: &mut Random, rows: usize, distance: f64) -> (Vec<bool>, Vec<f64>) {
    let labels: Vec<bool> = (0..rows).map(|row| row % 3 == 0).collect();
    let scores = labels.iter().map(|&label| random.normal() + if label { distance } else { 0.0 }).collect();
    (labels, scores)
}

/// Two windows of one model.
fn auc_of_windows(random: &mut Random, rows: usize, weighting: Weighting, effect: Effect) -> Option<f64> {
    let mut auc = |distance: f64| -> Result<_> {
        let (labels, scores) = scored(random, rows, distance);
        match random.weights(weighting, rows) {
            None => roc_auc(ScoredLabels::new(&labels, &scores)?),
            Some(weights) => roc_auc(ScoredLabels::weighted(&labels, &scores, &weights)?),
        }
    };
    let before = auc(1.2).ok()?;
    let after = auc(if effect == Effect::Present { 0.7 } else { 1.2 }).ok()?;
    Some(after.difference(&before).ok()?.p_value)
}

/// Two models on the same rows.
fn auc_of_models(random: &mut Random, rows: usize, weighting: Weighting, effect: Effect) -> Option<f64> {
    let (labels, scores) = scored(random, rows, 1.2);
    let mut noisy =
        |noise: f64| -> Vec<f64> { scores.iter().map(|score| score + noise * random.normal()).collect() };
    let (a, b) = (noisy(0.6), noisy(if effect == Effect::Present { 1.5 } else { 0.6 }));
    let weights = random.weights(weighting, rows).unwrap_or_else(|| vec![1.0; rows]);
    let paired = roc_auc_paired_weighted(&labels, &a, &b, &weights).ok()?;
    Some(paired.difference().ok()?.p_value)
}

/// A p-value of labels, two predictions of them, and weights.
type OfPredictions = fn(&[bool], &[bool], &[bool], &[f64]) -> Option<f64>;

/// Two classifiers on the same rows, right on 80 % of them each, or on 70 and 80 %.
fn two_classifiers(
    random: &mut Random,
    rows: usize,
    weighting: Weighting,
    effect: Effect,
    of: OfPredictions,
) -> Option<f64> {
    let actual: Vec<bool> = (0..rows).map(|_| random.is(0.4)).collect();
    let mut predicted =
        |right: f64| -> Vec<bool> { actual.iter().map(|&label| label == random.is(right)).collect() };
    let (first, second) = (predicted(0.8), predicted(if effect == Effect::Present { 0.7 } else { 0.8 }));
    let weights = random.weights(weighting, rows).unwrap_or_else(|| vec![1.0; rows]);
    of(&actual, &first, &second, &weights)
}

/// Two columns of labels, independent or not.
fn agreement(random: &mut Random, rows: usize, weighting: Weighting, effect: Effect) -> Option<f64> {
    let copied = if effect == Effect::Present { 0.25 } else { 0.0 };
    let label = |random: &mut Random| u8::from(random.is(0.5)) + u8::from(random.is(0.5));
    let first: Vec<u8> = (0..rows).map(|_| label(random)).collect();
    let second: Vec<u8> =
        first.iter().map(|&first| if random.is(copied) { first } else { label(random) }).collect();
    let weights = random.weights(weighting, rows).unwrap_or_else(|| vec![1.0; rows]);
    cohen_kappa_weighted(&first, &second, &weights).ok()?.p_value()
}

const CASES: &[Case] = &[
    Case {
        name: "Pearson",
        rows: &[10, 50, 250],
        is_weighted: true,
        p_value: |random, rows, weighting, effect| {
            correlated(random, rows, weighting, effect, |pairs| pearson(pairs).ok()?.p_value)
        },
    },
    Case {
        name: "Spearman",
        rows: &[10, 50, 250],
        is_weighted: true,
        p_value: |random, rows, weighting, effect| {
            correlated(random, rows, weighting, effect, |pairs| spearman(pairs).ok()?.p_value)
        },
    },
    Case {
        name: "Kendall",
        rows: &[10, 50, 250],
        is_weighted: false,
        p_value: |random, rows, weighting, effect| {
            correlated(random, rows, weighting, effect, |pairs| kendall_tau(pairs).ok()?.p_value)
        },
    },
    Case {
        name: "Spiegelhalter",
        rows: &[30, 250],
        is_weighted: true,
        p_value: |random, rows, weighting, effect| {
            calibrated(random, rows, weighting, effect, |rows| Some(spiegelhalter(rows).ok()?.p_value))
        },
    },
    Case { name: "AUC of two windows", rows: &[90, 400], is_weighted: true, p_value: auc_of_windows },
    Case { name: "AUC of two models, paired", rows: &[90, 400], is_weighted: true, p_value: auc_of_models },
    Case {
        name: "McNemar, exact",
        rows: &[30, 250],
        is_weighted: false,
        p_value: |random, rows, weighting, effect| {
            two_classifiers(random, rows, weighting, effect, |actual, first, second, _| {
                Some(mcnemar(actual, first, second).ok()?.p_exact)
            })
        },
    },
    Case {
        name: "difference of accuracies",
        rows: &[100, 400],
        is_weighted: true,
        p_value: |random, rows, weighting, effect| {
            two_classifiers(random, rows, weighting, effect, |actual, first, second, weights| {
                Some(accuracy_difference_weighted(actual, first, second, weights).ok()?.p_value)
            })
        },
    },
    Case { name: "Cohen's kappa", rows: &[50, 400], is_weighted: true, p_value: agreement },
    Case {
        name: "confidences are uniform",
        rows: &[10, 100],
        is_weighted: true,
        p_value: |random, rows, weighting, effect| {
            let power = if effect == Effect::Present { 1.5 } else { 1.0 };
            let confidences: Vec<f64> = (0..rows).map(|_| 0.5 + 0.5 * random.uniform().powf(power)).collect();
            let sampled =
                crate::design::Rows { values: confidences, weights: random.weights(weighting, rows) };
            Some(confidence_uniformity(sampled.sample(), 2).ok()?.p_value)
        },
    },
    Case {
        name: "Mann-Kendall",
        rows: &[10, 30, 90],
        is_weighted: false,
        p_value: |random, rows, _, effect| {
            let slope = if effect == Effect::Present { 1.5 / rows as f64 } else { 0.0 };
            let series: Vec<f64> = (0..rows).map(|day| slope * day as f64 + random.normal()).collect();
            mann_kendall(&series).ok()?.p_value.into()
        },
    },
];

#[test]
fn reject_no_more_than_they_say() {
    check(CASES);
}
