use proptest::prelude::*;

use super::*;
use crate::random::Random;
use crate::{Result, Sample, ScoredLabels, roc_auc};

fn near(got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-12 * (1.0 + expected.abs()), "{got} {expected}");
}

/// tp, fp, tn, fn of labels.
fn confusion(labels: &[bool], scores: &[f64], weights: &[f64], threshold: f64) -> [f64; 4] {
    let mut sums = [0.0; 4];
    for ((&label, &score), weight) in labels.iter().zip(scores).zip(weights) {
        let place = match (score >= threshold, label) {
            (true, true) => 0,
            (true, false) => 1,
            (false, false) => 2,
            (false, true) => 3,
        };
        sums[place] += weight;
    }
    sums
}

type Metric = fn([f64; 4]) -> f64;
type Expected = fn(&ExpectedConfusion) -> Result<ExpectedMetric>;

const METRICS: [(Metric, Expected); 5] = [
    (|[tp, fp, tn, fns]| (tp + tn) / (tp + fp + tn + fns), ExpectedConfusion::accuracy),
    (|[tp, fp, _, _]| tp / (tp + fp), ExpectedConfusion::precision),
    (|[tp, _, _, fns]| tp / (tp + fns), ExpectedConfusion::recall),
    (|[_, fp, tn, _]| tn / (tn + fp), ExpectedConfusion::specificity),
    (|[tp, fp, _, fns]| 2.0 * tp / (2.0 * tp + fp + fns), ExpectedConfusion::f1),
];

/// All labelings, and how likely each is.
fn labelings(probabilities: &[f64]) -> impl Iterator<Item = (Vec<bool>, f64)> {
    (0..1_u32 << probabilities.len()).map(move |bits| {
        let labels: Vec<bool> = (0..probabilities.len()).map(|row| bits >> row & 1 == 1).collect();
        let each = labels.iter().zip(probabilities).map(|(&label, p)| if label { *p } else { 1.0 - p });
        let likelihood = each.product();
        (labels, likelihood)
    })
}

#[test]
fn matrix_accuracy_and_precision_are_those_over_all_labelings() {
    let scores = [-1.0, 0.3, 0.0, 2.0, 0.7, -0.2, 5.0, 1.0];
    let probabilities = [0.05, 0.4, 0.3, 0.8, 0.55, 0.0, 1.0, 0.62];
    let weights = [1.0, 3.0, 2.0, 1.0, 1.5, 4.0, 1.0, 2.0];
    let rows = Pairs::weighted(&scores, &probabilities, &weights).unwrap();
    let expected = expected_confusion_of(rows, 0.3).unwrap();
    let (mut sums, mut means, mut squares) = ([0.0; 4], [0.0; 2], [0.0; 2]);
    for (labels, likelihood) in labelings(&probabilities) {
        let matrix = confusion(&labels, &scores, &weights, 0.3);
        (0..4).for_each(|cell| sums[cell] += likelihood * matrix[cell]);
        for (place, (metric, _)) in METRICS[..2].iter().enumerate() {
            means[place] += likelihood * metric(matrix);
            squares[place] += likelihood * metric(matrix).powi(2);
        }
    }
    let got = [
        expected.true_positives,
        expected.false_positives,
        expected.true_negatives,
        expected.false_negatives,
    ];
    got.iter().zip(sums).for_each(|(got, sum)| near(*got, sum));
    for (place, (_, metric)) in METRICS[..2].iter().enumerate() {
        let metric = metric(&expected).unwrap();
        near(metric.value, means[place]);
        near(metric.standard_error, (squares[place] - means[place] * means[place]).sqrt());
    }
}

#[test]
fn ratios_are_near_those_over_all_labelings() {
    // linearised: with 14 rows the mean is off by a few hundredths, and the error by a fifth
    let probabilities: Vec<f64> = (1..15).map(|row| f64::from(row) / 15.0).collect();
    let expected = expected_confusion(&probabilities, 0.4).unwrap();
    let auc = expected_roc_auc(&probabilities).unwrap();
    let ones = vec![1.0; 14];
    let mut all = Vec::new();
    for (labels, likelihood) in labelings(&probabilities) {
        let Ok(realised) = roc_auc(ScoredLabels::new(&labels, &probabilities).unwrap()) else { continue };
        let matrix = confusion(&labels, &probabilities, &ones, 0.4);
        let mut metrics: Vec<f64> = METRICS[2..].iter().map(|(metric, _)| metric(matrix)).collect();
        metrics.push(realised.value);
        all.push((likelihood, metrics));
    }
    let mut claimed: Vec<ExpectedMetric> =
        METRICS[2..].iter().map(|(_, metric)| metric(&expected).unwrap()).collect();
    claimed.push(auc);
    for (place, claimed) in claimed.iter().enumerate() {
        let mean: f64 = all.iter().map(|(likelihood, metrics)| likelihood * metrics[place]).sum();
        let variance: f64 = all.iter().map(|(p, metrics)| p * (metrics[place] - mean).powi(2)).sum();
        assert!((claimed.value - mean).abs() < 0.03, "{place}: {claimed:?} {mean}");
        assert!(
            (claimed.standard_error / variance.sqrt() - 1.0).abs() < 0.2,
            "{place}: {claimed:?} {variance}"
        );
    }
}

#[test]
fn the_auc_is_the_area_under_the_expected_curve() {
    // p = numpy.array([.1, .2, .6, .9])[::-1]; sklearn.metrics.auc(numpy.r_[0, (1 - p).cumsum() / 2.2],
    // numpy.r_[0, p.cumsum() / 1.8]), scikit-learn 1.9.1
    near(expected_roc_auc(&[0.1, 0.2, 0.6, 0.9]).unwrap().value, 0.853_535_353_535_353_5);
    // tied scores: two positives of each other's negatives, one half
    near(expected_roc_auc(&[0.3, 0.3, 0.3]).unwrap().value, 0.5);
    // certain labels are labels
    let auc =
        expected_roc_auc_of(Pairs::new(&[0.1, 0.4, 0.35, 0.8], &[0.0, 0.0, 1.0, 1.0]).unwrap()).unwrap();
    assert_eq!((auc.value, auc.standard_error, auc.interval(0.95)), (0.75, 0.0, None));
}

#[test]
fn calibrated_rows_realise_what_is_expected_within_the_error() {
    let mut random = Random(21);
    let repetitions = 300;
    let mut held = [0_usize; 6];
    let mut deviations = [0.0; 6];
    for _ in 0..repetitions {
        let probabilities: Vec<f64> = (0..400).map(|_| random.beta_2_5()).collect();
        let weights: Vec<f64> = (0..400).map(|_| 1.0 / (0.2 + random.uniform())).collect();
        let labels: Vec<bool> = probabilities.iter().map(|p| random.uniform() < *p).collect();
        let sample = Sample::weighted(&probabilities, &weights).unwrap();
        let expected = expected_confusion(sample, 0.35).unwrap();
        let matrix = confusion(&labels, &probabilities, &weights, 0.35);
        let mut both: Vec<(f64, ExpectedMetric)> =
            METRICS.iter().map(|(metric, claim)| (metric(matrix), claim(&expected).unwrap())).collect();
        let realised = roc_auc(ScoredLabels::weighted(&labels, &probabilities, &weights).unwrap()).unwrap();
        both.push((realised.value, expected_roc_auc(sample).unwrap()));
        for (place, (realised, claim)) in both.into_iter().enumerate() {
            held[place] += usize::from(claim.interval(0.95).unwrap().contains(realised));
            deviations[place] += (realised - claim.value) / claim.standard_error;
        }
    }
    for place in 0..6 {
        // 285 expected, standard deviation 3.8; the mean of the deviations has one of 0.06
        assert!((272..=297).contains(&held[place]), "{place}: {held:?}");
        assert!((deviations[place] / f64::from(repetitions)).abs() < 0.2, "{place}: {deviations:?}");
    }
}

/// What the warning says: an estimate cannot see that labels answer to scores in another way.
#[test]
fn a_changed_relation_is_not_seen() {
    let mut random = Random(22);
    let probabilities: Vec<f64> = (0..4000).map(|_| random.beta_2_5()).collect();
    let labels: Vec<bool> = probabilities.iter().map(|p| random.uniform() < 0.5 * p + 0.25).collect();
    let expected = expected_roc_auc(&probabilities).unwrap();
    let realised = roc_auc(ScoredLabels::new(&labels, &probabilities).unwrap()).unwrap();
    assert!(expected.value - realised.value > 10.0 * expected.standard_error, "{expected:?} {realised:?}");
}

#[test]
fn what_is_not_expected_is_undefined() {
    let reason = |metric: Result<ExpectedMetric>| metric.unwrap_err().undefined();
    let nothing: [f64; 0] = [];
    assert_eq!(expected_confusion(&nothing, 0.5), Err(Undefined::Empty.into()));
    assert_eq!(expected_confusion(&[f64::NAN], 0.5), Err(Undefined::Empty.into()));
    assert!(expected_confusion(&[1.1], 0.5).is_err_and(|error| error.is_invalid()));
    assert!(expected_confusion(&[0.5], f64::NAN).is_err_and(|error| error.is_invalid()));
    let none = expected_confusion(&[0.0, 0.0], 0.5).unwrap();
    assert_eq!(reason(none.precision()), Some(Undefined::NoPredictedPositives));
    assert_eq!(reason(none.recall()), Some(Undefined::NoPositives));
    assert_eq!(reason(none.f1()), Some(Undefined::NoPositives));
    assert_eq!(none.accuracy().unwrap(), ExpectedMetric { value: 1.0, standard_error: 0.0 });
    assert_eq!(reason(expected_confusion(&[1.0], 0.5).unwrap().specificity()), Some(Undefined::NoNegatives));
    for one_class in [0.0, 1.0] {
        assert_eq!(reason(expected_roc_auc(&[one_class; 3])), Some(Undefined::OneClass));
    }
    let some = expected_confusion(&[0.2, f64::NAN, 0.7], 0.5).unwrap();
    assert_eq!((some.count, some.missing), (2, 1));
}

fn all(rows: Pairs<'_>, threshold: f64) -> Result<Vec<Result<ExpectedMetric>>> {
    let expected = expected_confusion_of(rows, threshold)?;
    Ok(METRICS.iter().map(|(_, metric)| metric(&expected)).chain([expected_roc_auc_of(rows)]).collect())
}

fn agree(one: &Result<ExpectedMetric>, other: &Result<ExpectedMetric>, with_error: bool) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => {
            (one.value - other.value).abs() < 1e-9
                && (!with_error || (one.standard_error - other.standard_error).abs() < 1e-9)
        }
        (one, other) => one.as_ref().err() == other.as_ref().err(),
    }
}

fn rows() -> impl Strategy<Value = (Vec<f64>, (Vec<f64>, Vec<f64>))> {
    let row = (-6_i32..6, 0_u32..=16, 0_u32..4);
    let rows = prop::collection::vec(row, 1..40).prop_map(|rows| {
        let row = |(score, p, weight)| (f64::from(score), (f64::from(p) / 16.0, f64::from(weight)));
        rows.into_iter().map(row).unzip::<_, _, Vec<f64>, (Vec<f64>, Vec<f64>)>()
    });
    rows.prop_filter("a row must count", |rows| rows.1.1.iter().any(|weight| *weight > 0.0))
}

proptest! {
    #[test]
    fn neither_order_nor_scale_counts_and_whole_weights_are_repeated_rows(
        (scores, (probabilities, weights)) in rows(), scale in prop_oneof![Just(3.0), Just(1e300), Just(1e-300)],
    ) {
        let metrics = all(Pairs::weighted(&scores, &probabilities, &weights)?, 0.0)?;
        let turned = |column: &[f64]| column.iter().rev().copied().collect::<Vec<f64>>();
        let heavier: Vec<f64> = turned(&weights).iter().map(|weight| weight * scale).collect();
        let (turned_scores, turned_probabilities) = (turned(&scores), turned(&probabilities));
        let same = all(Pairs::weighted(&turned_scores, &turned_probabilities, &heavier)?, 0.0)?;
        prop_assert!(metrics.iter().zip(&same).all(|(one, other)| agree(one, other, true)));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (more_scores, more_probabilities): (Vec<f64>, Vec<f64>) = scores
            .iter()
            .zip(&probabilities)
            .zip(&weights)
            .flat_map(|((&score, &p), &weight)| std::iter::repeat_n((score, p), weight as usize))
            .unzip();
        let more = all(Pairs::new(&more_scores, &more_probabilities)?, 0.0)?;
        prop_assert!(metrics.iter().zip(&more).all(|(one, other)| agree(one, other, false)));
    }

    #[test]
    fn turning_everything_around_swaps_recall_and_specificity((scores, (probabilities, weights)) in rows()) {
        let expected = expected_confusion_of(Pairs::weighted(&scores, &probabilities, &weights)?, 0.5)?;
        let others: Vec<f64> = probabilities.iter().map(|p| 1.0 - p).collect();
        let turned: Vec<f64> = scores.iter().map(|score| 1.0 - score).collect();
        let mirrored = Pairs::weighted(&turned, &others, &weights)?;
        let other = expected_confusion_of(mirrored, 0.75)?;
        // rows with a score of 0 and 1 are on either side of 0.5 and of 0.75 turned
        prop_assert!((expected.true_positives - other.true_negatives).abs() < 1e-9);
        if let (Ok(one), Ok(two)) = (expected.recall(), other.specificity()) {
            prop_assert!(agree(&Ok(one), &Ok(two), true));
        }
        let (one, two) = (expected_roc_auc_of(Pairs::weighted(&scores, &probabilities, &weights)?), expected_roc_auc_of(mirrored));
        prop_assert!(agree(&one, &two, true));
    }

    #[test]
    fn hostile_floats_give_metrics_in_range_or_an_error(
        rows in prop::collection::vec(
            (any::<f64>(), prop_oneof![0.0..=1.0_f64, Just(5e-324), Just(1.0), Just(f64::NAN)], any::<f64>()), 0..12,
        ),
        threshold in any::<f64>(),
    ) {
        let scores: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let probabilities: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let weights: Vec<f64> =
            rows.iter().map(|row| if row.2.is_finite() { row.2.abs() } else { 1.0 }).collect();
        let Ok(rows) = Pairs::weighted(&scores, &probabilities, &weights) else { return Ok(()) };
        for metric in all(rows, threshold).into_iter().flatten().flatten() {
            prop_assert!((0.0..=1.0).contains(&metric.value), "{metric:?}");
            prop_assert!((0.0..=0.5).contains(&metric.standard_error), "{metric:?}");
        }
        if let Ok(expected) = expected_confusion_of(rows, threshold) {
            for cell in [
                expected.true_positives, expected.false_positives, expected.true_negatives, expected.false_negatives,
            ] {
                prop_assert!(cell >= 0.0, "{expected:?}");
            }
        }
    }
}
