#![expect(clippy::float_cmp, reason = "exact where whole numbers are summed and divided")]

use proptest::prelude::*;

use super::{Average, ConfusionMatrix, ConfusionRate, MulticlassConfusion};
use crate::random::Random;
use crate::{Result, ScoredLabels, Undefined};

const RATES: [ConfusionRate; 9] = [
    ConfusionRate::Accuracy,
    ConfusionRate::Precision,
    ConfusionRate::Recall,
    ConfusionRate::Specificity,
    ConfusionRate::FalsePositiveRate,
    ConfusionRate::NegativePredictiveValue,
    ConfusionRate::F1,
    ConfusionRate::Prevalence,
    ConfusionRate::PredictedPositiveRate,
];

type Metric = fn(&ConfusionMatrix) -> Result<f64>;

const OTHERS: [Metric; 4] = [
    ConfusionMatrix::balanced_accuracy,
    ConfusionMatrix::mcc,
    |matrix| matrix.f_beta(2.0),
    |matrix| matrix.f_beta(0.5),
];

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1e-3)
}

fn agree(one: Result<f64>, other: Result<f64>) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => close(one, other),
        (one, other) => one == other,
    }
}

fn same(one: &ConfusionMatrix, other: &ConfusionMatrix) -> bool {
    RATES.iter().all(|&rate| {
        agree(one.rate(rate), other.rate(rate))
            && agree(one.expected_without_skill(rate), other.expected_without_skill(rate))
    }) && OTHERS.iter().all(|metric| agree(metric(one), metric(other)))
}

/// Labels, predictions and whole weights, of which one is above 0.
fn rows() -> impl Strategy<Value = (Vec<(u8, u8)>, Vec<f64>)> {
    let rows = prop::collection::vec(((0_u8..3, 0_u8..3), 0_u8..4), 1..40)
        .prop_map(|rows| rows.into_iter().map(|(row, weight)| (row, f64::from(weight))).unzip());
    rows.prop_filter("a row must count", |(_, weights): &(_, Vec<f64>)| {
        weights.iter().any(|&weight| weight > 0.0)
    })
}

fn binary(rows: &[(u8, u8)]) -> (Vec<bool>, Vec<bool>) {
    rows.iter().map(|&(actual, predicted)| (actual == 1, predicted == 1)).unzip()
}

fn multiclass(rows: &[(u8, u8)]) -> (Vec<u8>, Vec<u8>) {
    rows.iter().copied().unzip()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small whole numbers")]
fn repeated(rows: &[(u8, u8)], weights: &[f64]) -> Vec<(u8, u8)> {
    rows.iter().zip(weights).flat_map(|(&row, &weight)| std::iter::repeat_n(row, weight as usize)).collect()
}

#[test]
fn weighted_rates_are_those_of_scikit_learn() {
    let actual = [0, 0, 1, 0, 1, 1, 0, 1, 0, 0].map(|label| label == 1);
    let scores = [0.1, 0.4, 0.35, 0.8, 0.8, 0.6, 0.2, 0.9, 0.6, 0.05];
    let weights = [1.0, 2.0, 0.5, 3.0, 1.0, 4.0, 1.0, 2.0, 0.25, 5.0];
    let rows = ScoredLabels::weighted(&actual, &scores, &weights).unwrap();
    let matrix = ConfusionMatrix::at_threshold(rows, 0.5).unwrap();
    // sklearn 1.9.1: confusion_matrix(y, s >= .5, sample_weight=w), matthews_corrcoef, fbeta_score, balanced_accuracy_score
    let cells = [
        matrix.true_negatives(),
        matrix.false_positives(),
        matrix.false_negatives(),
        matrix.true_positives(),
    ];
    assert_eq!(cells, [9.0, 3.25, 0.5, 7.0]);
    assert!(close(matrix.mcc().unwrap(), 0.6488870303107795));
    assert!(close(matrix.f_beta(2.0).unwrap(), 0.8695652173913043));
    assert!(close(matrix.f_beta(0.5).unwrap(), 0.7216494845360825));
    assert!(close(matrix.balanced_accuracy().unwrap(), 0.834013605442177));
    assert_eq!((matrix.count(), matrix.positives(), matrix.predicted_positives()), (10, 4, 5));
}

#[test]
fn multiclass_scores_are_those_of_scikit_learn() {
    let (a, b) = ([0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 0, 1], [0, 0, 1, 1, 2, 2, 2, 0, 2, 3, 1, 1]);
    let weights = [1.0, 2.0, 0.5, 3.0, 1.0, 4.0, 1.0, 2.0, 0.25, 5.0, 1.0, 2.0];
    let plain = MulticlassConfusion::of(&a, &b).unwrap();
    let weighted = MulticlassConfusion::weighted(&a, &b, &weights).unwrap();
    // sklearn 1.9.1: accuracy_score, balanced_accuracy_score, matthews_corrcoef, cohen_kappa_score
    let scores = |table: &MulticlassConfusion<i32>| {
        [
            table.accuracy(),
            table.balanced_accuracy(),
            table.mcc(),
            table.cohen_kappa().map(|kappa| kappa.value),
            table.f1(Average::Micro),
            table.precision(Average::Macro),
            table.recall(Average::Macro),
            table.f1(Average::Macro),
            table.precision(Average::Weighted),
            table.recall(Average::Weighted),
            table.f1(Average::Weighted),
        ]
        .map(Result::unwrap)
    };
    // ..., then precision_recall_fscore_support(a, b, average=...) for micro, macro and weighted
    let expected = [
        0.6666666666666666,
        0.7291666666666666,
        0.5392156862745098,
        0.5339805825242718,
        0.6666666666666666,
        0.7291666666666666,
        0.7291666666666666,
        0.7232142857142857,
        0.6805555555555555,
        0.6666666666666666,
        0.6666666666666666,
    ];
    assert!(
        scores(&plain).iter().zip(expected).all(|(&got, expected)| close(got, expected)),
        "{:?}",
        scores(&plain)
    );
    let expected = [
        0.8021978021978022,
        0.8060344827586207,
        0.73604284051263,
        0.7346079066753078,
        0.8021978021978022,
        0.8023076923076923,
        0.8060344827586207,
        0.8023391812865497,
        0.8090278951817413,
        0.8021978021978022,
        0.8035601825075509,
    ];
    assert!(scores(&weighted).iter().zip(expected).all(|(&got, expected)| close(got, expected)));
    let class = weighted.class(&2).unwrap();
    assert_eq!((class.true_positives() + class.false_negatives(), class.precision()), (7.25, Ok(0.84)));
    assert_eq!((weighted.weight(&0, &1), weighted.weight(&3, &0), weighted.weight(&9, &0)), (1.5, 0.0, 0.0));
    assert_eq!((weighted.count(), weighted.class(&9)), (12, None));
}

#[test]
fn an_undefined_rate_says_why() {
    let undefined = |actual: &[bool], predicted: &[bool], rate| {
        ConfusionMatrix::of(actual, predicted).unwrap().rate(rate).unwrap_err().undefined().unwrap()
    };
    assert_eq!(undefined(&[true], &[false], ConfusionRate::Precision), Undefined::NoPredictedPositives);
    assert_eq!(undefined(&[false], &[true], ConfusionRate::Recall), Undefined::NoPositives);
    assert_eq!(undefined(&[true], &[true], ConfusionRate::Specificity), Undefined::NoNegatives);
    let predicted = ConfusionRate::NegativePredictiveValue;
    assert_eq!(undefined(&[true], &[true], predicted), Undefined::NoPredictedNegatives);
    assert_eq!(undefined(&[false], &[false], ConfusionRate::F1), Undefined::NoPositives);
    for rate in RATES {
        assert_eq!(undefined(&[], &[], rate), Undefined::Empty);
        assert!(ConfusionMatrix::default().interval(rate, 0.95).is_err_and(|error| error.is_undefined()));
    }
    let missed = ConfusionMatrix::of(&[true], &[false]).unwrap();
    assert_eq!((missed.f1(), missed.f_beta(0.0)), (Ok(0.0), Err(Undefined::NoPredictedPositives.into())));
    assert_eq!(missed.mcc(), Err(Undefined::NoNegatives.into()));
    assert_eq!(ConfusionMatrix::default().f_beta(1.0), Err(Undefined::Empty.into()));
    for beta in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(missed.f_beta(beta).is_err_and(|error| error.is_invalid()));
    }
    assert!(missed.interval(ConfusionRate::Recall, 1.0).is_err_and(|error| error.is_invalid()));
    assert!(ConfusionMatrix::of(&[true], &[]).is_err_and(|error| error.is_invalid()));
}

#[test]
fn a_threshold_may_be_infinite_but_not_missing() {
    let rows = ScoredLabels::new(&[true, false], &[f64::INFINITY, 0.0]).unwrap();
    let at = |threshold| ConfusionMatrix::at_threshold(rows, threshold);
    assert_eq!(at(f64::INFINITY).unwrap().precision(), Ok(1.0));
    assert_eq!(at(f64::NEG_INFINITY).unwrap().precision(), Ok(0.5));
    assert!(at(f64::NAN).is_err_and(|error| error.is_invalid()));
    let missing = ScoredLabels::new(&[true], &[f64::NAN]).unwrap();
    assert_eq!(ConfusionMatrix::at_threshold(missing, 0.5), Err(Undefined::MissingScores(1).into()));
    let none = ScoredLabels::new(&[], &[]).unwrap();
    assert_eq!(ConfusionMatrix::at_threshold(none, 0.5), Ok(ConfusionMatrix::default()));
}

#[test]
fn averages_over_classes_name_the_one_without_a_number() {
    let table = MulticlassConfusion::of(&["a", "b", "b"], &["a", "a", "c"]).unwrap();
    assert_eq!(table.precision(Average::Macro), Err(Undefined::ClassNeverPredicted(1).into()));
    assert_eq!(table.precision(Average::Weighted), Err(Undefined::ClassNeverPredicted(1).into()));
    assert_eq!(table.recall(Average::Macro), Err(Undefined::ClassAbsent(2).into()));
    assert_eq!(table.recall(Average::Weighted), table.accuracy());
    assert_eq!(table.balanced_accuracy(), Ok(0.5));
    assert!(close(table.f1(Average::Macro).unwrap(), 2.0 / 9.0));
    let none = MulticlassConfusion::<u8>::of(&[], &[]).unwrap();
    assert_eq!((none.accuracy(), none.mcc()), (Err(Undefined::Empty.into()), Err(Undefined::Empty.into())));
    let one = MulticlassConfusion::of(&[1, 1], &[1, 2]).unwrap();
    assert_eq!(
        (one.mcc(), one.balanced_accuracy()),
        (Err(Undefined::OneClass.into()), Err(Undefined::OneClass.into()))
    );
    let predicted = MulticlassConfusion::of(&[1, 2], &[1, 1]).unwrap();
    assert_eq!(predicted.mcc(), Err(Undefined::OneCategory.into()));
}

#[test]
fn intervals_hold_the_rate_that_is_true() {
    // normal scores, a base rate of 0.2; of those below the threshold one in ten is kept
    const TRUE: [(ConfusionRate, f64); 3] = [
        // 1 − Φ(−0.2); 0.2 r / (0.2 r + 0.8 (1 − Φ(1))); 2pr / (p + r)
        (ConfusionRate::Recall, 0.579259709439103),
        (ConfusionRate::Precision, 0.47719656258682114),
        (ConfusionRate::F1, 0.5232980285294718),
    ];
    let mut random = Random(21);
    let mut held = [0; 3];
    for _ in 0..400 {
        let (mut labels, mut scores, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..1_000 {
            let label = random.uniform() < 0.2;
            let score = random.normal() + if label { 1.2 } else { 0.0 };
            let probability = if score < 1.0 { 0.1 } else { 1.0 };
            if random.uniform() < probability {
                labels.push(label);
                scores.push(score);
                weights.push(1.0 / probability);
            }
        }
        let rows = ScoredLabels::weighted(&labels, &scores, &weights).unwrap();
        let matrix = ConfusionMatrix::at_threshold(rows, 1.0).unwrap();
        for (held, (rate, truth)) in held.iter_mut().zip(TRUE) {
            *held += usize::from(matrix.interval(rate, 0.95).unwrap().contains(truth));
        }
    }
    assert!(held.iter().all(|held| (364..=396).contains(held)), "{held:?} of 400");
}

#[test]
fn expected_rates_are_the_means_of_predictions_that_are_dealt_out_at_random() {
    let actual = [true, true, false, false, false];
    let mut sums = [0.0; 9];
    let mut ways = 0.0;
    for chosen in (0..32_u32).filter(|chosen| chosen.count_ones() == 3) {
        let predicted: [bool; 5] = std::array::from_fn(|row| chosen >> row & 1 == 1);
        let matrix = ConfusionMatrix::of(&actual, &predicted).unwrap();
        RATES.iter().zip(&mut sums).for_each(|(&rate, sum)| *sum += matrix.rate(rate).unwrap());
        ways += 1.0;
    }
    let matrix = ConfusionMatrix::of(&actual, &[true, true, true, false, false]).unwrap();
    for (rate, sum) in RATES.iter().zip(sums) {
        assert!(close(matrix.expected_without_skill(*rate).unwrap(), sum / ways), "{rate:?}");
    }
}

proptest! {
    #[test]
    fn whole_weights_are_repeated_rows((rows, weights) in rows()) {
        let ((actual, predicted), again) = (binary(&rows), binary(&repeated(&rows, &weights)));
        let weighted = ConfusionMatrix::weighted(&actual, &predicted, &weights)?;
        prop_assert!(same(&weighted, &ConfusionMatrix::of(&again.0, &again.1)?));
        let ((actual, predicted), again) = (multiclass(&rows), multiclass(&repeated(&rows, &weights)));
        let weighted = MulticlassConfusion::weighted(&actual, &predicted, &weights)?;
        let repeated = MulticlassConfusion::of(&again.0, &again.1)?;
        prop_assert_eq!(weighted.labels(), repeated.labels());
        for average in [Average::Micro, Average::Macro, Average::Weighted] {
            prop_assert!(agree(weighted.precision(average), repeated.precision(average)));
            prop_assert!(agree(weighted.recall(average), repeated.recall(average)));
            prop_assert!(agree(weighted.f1(average), repeated.f1(average)));
        }
        prop_assert!(agree(weighted.mcc(), repeated.mcc()));
    }

    #[test]
    fn the_scale_of_the_weights_does_not_count(
        (rows, weights) in rows(), scale in prop_oneof![Just(3.0), Just(1e300), Just(1e-300)],
    ) {
        let scaled: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
        let (actual, predicted) = binary(&rows);
        let (one, other) = (
            ConfusionMatrix::weighted(&actual, &predicted, &weights)?,
            ConfusionMatrix::weighted(&actual, &predicted, &scaled)?,
        );
        prop_assert!(same(&one, &other));
        for rate in RATES {
            if let Ok(interval) = one.interval(rate, 0.9) {
                let other = other.interval(rate, 0.9)?;
                prop_assert!(close(interval.lower, other.lower) && close(interval.upper, other.upper));
            }
        }
    }

    #[test]
    fn merging_is_appending((rows, weights) in rows(), (others, more) in rows()) {
        let (all, all_weights) = ([rows.clone(), others.clone()].concat(), [weights.clone(), more.clone()].concat());
        let of = |rows: &[(u8, u8)], weights: &[f64]| {
            let (actual, predicted) = binary(rows);
            ConfusionMatrix::weighted(&actual, &predicted, weights)
        };
        let (merged, whole) = (of(&rows, &weights)?.merge(&of(&others, &more)?), of(&all, &all_weights)?);
        prop_assert!(same(&merged, &whole) && merged.count() == whole.count());
        for rate in RATES {
            if let (Ok(one), Ok(other)) = (merged.interval(rate, 0.9), whole.interval(rate, 0.9)) {
                prop_assert!(close(one.lower, other.lower) && close(one.upper, other.upper));
            }
        }
        let of = |rows: &[(u8, u8)], weights: &[f64]| {
            let (actual, predicted) = multiclass(rows);
            MulticlassConfusion::weighted(&actual, &predicted, weights)
        };
        let (merged, whole) = (of(&rows, &weights)?.merge(&of(&others, &more)?), of(&all, &all_weights)?);
        prop_assert_eq!((merged.labels(), merged.count()), (whole.labels(), whole.count()));
        prop_assert!(agree(merged.mcc(), whole.mcc()) && agree(merged.f1(Average::Macro), whole.f1(Average::Macro)));
        prop_assert!(merged.classes().zip(whole.classes()).all(|(one, other)| same(&one.1, &other.1)));
        if let (Ok(one), Ok(other)) = (merged.cohen_kappa(), whole.cohen_kappa()) {
            prop_assert!(close(one.standard_error, other.standard_error));
        }
    }

    #[test]
    fn two_classes_are_a_binary_matrix((rows, weights) in rows()) {
        let (actual, predicted) = binary(&rows);
        let matrix = ConfusionMatrix::weighted(&actual, &predicted, &weights)?;
        let table = MulticlassConfusion::weighted(&actual, &predicted, &weights)?;
        if let Some(class) = table.class(&true) {
            prop_assert!(same(&class, &matrix) && class.count() == matrix.count());
            for rate in RATES {
                if let (Ok(one), Ok(other)) = (class.interval(rate, 0.9), matrix.interval(rate, 0.9)) {
                    prop_assert!(close(one.lower, other.lower) && close(one.upper, other.upper), "{rate:?}");
                }
            }
        }
        prop_assert!(agree(table.accuracy(), matrix.accuracy()));
        prop_assert_eq!(table.mcc().is_ok(), matrix.mcc().is_ok());
        prop_assert!(matrix.mcc().is_err() || agree(table.mcc(), matrix.mcc()));
        prop_assert!(agree(matrix.f_beta(1.0), matrix.f1()));
        prop_assert!(matrix.specificity().is_err()
            || close(matrix.specificity()?, 1.0 - matrix.false_positive_rate()?));
    }

    #[test]
    fn exchanging_labels_and_predictions_exchanges_precision_and_recall((rows, weights) in rows()) {
        let (actual, predicted) = binary(&rows);
        let one = ConfusionMatrix::weighted(&actual, &predicted, &weights)?;
        let other = ConfusionMatrix::weighted(&predicted, &actual, &weights)?;
        prop_assert_eq!(one.precision().ok(), other.recall().ok());
        prop_assert!(agree(one.f1(), other.f1()));
        prop_assert!(one.mcc().is_err() || agree(one.mcc(), other.mcc()));
    }

    #[test]
    fn hostile_weights_give_rates_in_range(
        rows in prop::collection::vec(
            ((0_u8..3, 0_u8..3), prop_oneof![
                Just(0.0), Just(5e-324), Just(1e-200), Just(1.0), Just(1e200), Just(f64::MAX),
                any::<f64>().prop_filter_map("a weight", |weight| weight.is_finite().then_some(weight.abs())),
            ]),
            0..20,
        ),
    ) {
        let (rows, weights): (Vec<(u8, u8)>, Vec<f64>) = rows.into_iter().unzip();
        let (actual, predicted) = binary(&rows);
        let Ok(matrix) = ConfusionMatrix::weighted(&actual, &predicted, &weights) else { return Ok(()) };
        let matrix = matrix.merge(&matrix);
        for rate in RATES {
            if let Ok(value) = matrix.rate(rate) {
                prop_assert!((0.0..=1.0).contains(&value), "{rate:?} {value}");
                let expected = matrix.expected_without_skill(rate)?;
                prop_assert!((0.0..=1.0).contains(&expected), "{rate:?} {expected}");
                let interval = matrix.interval(rate, 0.95)?;
                prop_assert!(0.0 <= interval.lower && interval.upper <= 1.0, "{rate:?} {interval:?}");
            }
        }
        for metric in OTHERS {
            prop_assert!(metric(&matrix).map_or(true, |value| (-1.0..=1.0).contains(&value)));
        }
        let (actual, predicted) = multiclass(&rows);
        let table = MulticlassConfusion::weighted(&actual, &predicted, &weights)?;
        let table = table.merge(&table);
        for average in [Average::Micro, Average::Macro, Average::Weighted] {
            for value in [table.precision(average), table.recall(average), table.f1(average)] {
                prop_assert!(value.map_or(true, |value| (0.0..=1.0).contains(&value)));
            }
        }
        for value in [table.mcc(), table.balanced_accuracy(), table.cohen_kappa().map(|kappa| kappa.value)] {
            prop_assert!(value.map_or(true, |value| (-1.0..=1.0).contains(&value)));
        }
    }
}
