//! Tests of a classifier, or of two.

use tiltmeter_stats::{
    ScoredLabels, accuracy_difference_weighted, mcnemar, roc_auc, roc_auc_paired_weighted, spiegelhalter,
};

use crate::design::{BY_LABEL, BY_VALUE, Random, UNWEIGHTED, Weighting};
use crate::labelled::Row;
use crate::sizes::{Case, Effect, USUAL, check};

/// Scores from 0 to 1, and labels drawn by them, or nearer to ½ by two fifths: the scores are then too extreme.
fn calibrated(
    random: &mut Random,
    rows: usize,
    weighting: Weighting,
    effect: Effect,
    of: fn(ScoredLabels<'_>) -> Option<f64>,
) -> Option<f64> {
    let draw = |random: &mut Random| {
        let score = random.uniform();
        Row { is_positive: random.is(effect.choose(score, 0.5 + 0.6 * (score - 0.5))), score }
    };
    random.labelled(weighting, rows, 0.5, draw).with_scored(of)
}

/// Two windows of one model.
fn auc_of_windows(random: &mut Random, rows: usize, weighting: Weighting, effect: Effect) -> Option<f64> {
    let mut auc = |distance: f64| random.separated(weighting, rows, distance).with_scored(roc_auc);
    let before = auc(1.2).ok()?;
    let after = auc(effect.choose(1.2, 0.7)).ok()?;
    Some(after.difference(&before).ok()?.p_value)
}

/// Two models on the same rows; weights by value are by the score of the first.
fn auc_of_models(random: &mut Random, rows: usize, weighting: Weighting, effect: Effect) -> Option<f64> {
    let noise = effect.choose(0.6, 1.5);
    let draw = |random: &mut Random| {
        let is_positive = random.is(1.0 / 3.0);
        let score = random.normal() + if is_positive { 1.2 } else { 0.0 };
        (is_positive, score + 0.6 * random.normal(), score + noise * random.normal())
    };
    let kept = random.kept(weighting, rows, draw, |&(is_positive, first, _)| match weighting {
        Weighting::ByLabel => is_positive,
        _ => first > 0.5,
    });
    let (labels, first, second) =
        (kept.column(|row| row.0), kept.column(|row| row.1), kept.column(|row| row.2));
    let paired = roc_auc_paired_weighted(&labels, &first, &second, &kept.all_weights()).ok()?;
    Some(paired.difference().ok()?.p_value)
}

/// A p-value of labels, two predictions of them, and weights.
type OfPredictions = fn(&[bool], &[bool], &[bool], &[f64]) -> Option<f64>;

/// Two classifiers on the same rows, right on 80 % of them each, or on 80 and 70 %; weights by value are by what the
/// first predicts.
fn two_classifiers(
    random: &mut Random,
    rows: usize,
    weighting: Weighting,
    effect: Effect,
    of: OfPredictions,
) -> Option<f64> {
    let draw = |random: &mut Random| {
        let actual = random.is(0.4);
        (actual, actual == random.is(0.8), actual == random.is(effect.choose(0.8, 0.7)))
    };
    let kept = random.kept(weighting, rows, draw, |&(actual, first, _)| match weighting {
        Weighting::ByLabel => actual,
        _ => first,
    });
    let (actual, first, second) =
        (kept.column(|row| row.0), kept.column(|row| row.1), kept.column(|row| row.2));
    of(&actual, &first, &second, &kept.all_weights())
}

const CASES: &[Case] = &[
    Case {
        name: "Spiegelhalter",
        rows: &[30, 250],
        // its documentation excludes weights by the label
        weightings: BY_VALUE,
        size: USUAL,
        least_power: 0.98,
        p_value: |random, rows, weighting, effect| {
            calibrated(random, rows, weighting, effect, |rows| Some(spiegelhalter(rows).ok()?.p_value))
        },
    },
    Case {
        name: "AUC of two windows",
        rows: &[90, 400],
        weightings: BY_LABEL,
        // some 20 low rows with a weight of 5 decide the variance of 180 rows kept by score: 6.5 %
        size: [0.03, 0.065],
        least_power: 0.8,
        p_value: auc_of_windows,
    },
    Case {
        name: "AUC of two models, paired",
        rows: &[90, 400],
        weightings: BY_LABEL,
        // as above: 5.8 % of 180 rows kept by score
        size: [0.03, 0.06],
        least_power: 0.75,
        p_value: auc_of_models,
    },
    Case {
        name: "McNemar, exact",
        rows: &[40, 400],
        weightings: UNWEIGHTED,
        // exact, and so cautious: documented as 2.3 to 3.9 %
        size: [0.02, 0.05],
        least_power: 0.8,
        p_value: |random, rows, weighting, effect| {
            two_classifiers(random, rows, weighting, effect, |actual, first, second, _| {
                Some(mcnemar(actual, first, second).ok()?.p_exact)
            })
        },
    },
    Case {
        name: "McNemar, mid-p",
        rows: &[40, 400],
        weightings: UNWEIGHTED,
        size: USUAL,
        least_power: 0.8,
        p_value: |random, rows, weighting, effect| {
            two_classifiers(random, rows, weighting, effect, |actual, first, second, _| {
                Some(mcnemar(actual, first, second).ok()?.p_mid)
            })
        },
    },
    Case {
        name: "difference of accuracies",
        rows: &[100, 400],
        weightings: BY_LABEL,
        size: USUAL,
        least_power: 0.8,
        p_value: |random, rows, weighting, effect| {
            two_classifiers(random, rows, weighting, effect, |actual, first, second, weights| {
                Some(accuracy_difference_weighted(actual, first, second, weights).ok()?.p_value)
            })
        },
    },
];

#[test]
fn reject_as_often_as_they_say() {
    check(CASES);
}
