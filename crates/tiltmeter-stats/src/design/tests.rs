use proptest::prelude::*;

use super::*;
use crate::{
    CalibrationBins, Undefined, brier, calibration, hajek_mean, horvitz_thompson_total, log_loss, roc_auc,
};

const LABELS: [bool; 12] = [true, false, false, true, true, false, false, true, false, true, false, false];
const SCORES: [f64; 12] = [0.9, 0.2, 0.4, 0.4, 0.7, 0.6, 0.1, 0.3, 0.4, 0.97, 0.02, 0.5];
const PROBABILITIES: [f64; 12] = [1.0, 0.2, 0.5, 0.5, 0.2, 0.2, 1.0, 0.25, 0.5, 1.0, 1.0, 0.1];
const REQUESTS: [u64; 12] = [0, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9];

type Figure = fn(&Inclusion) -> crate::Result<DesignEstimate>;

const FIGURES: [Figure; 5] = [
    |inclusion| design_roc_auc(&LABELS, &SCORES, inclusion),
    |inclusion| design_brier(&LABELS, &SCORES, inclusion),
    |inclusion| design_mean(&SCORES, inclusion),
    |inclusion| design_share(&LABELS, inclusion),
    design_count,
];

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1e-3)
}

#[test]
fn standard_errors_are_those_of_influence_by_differences() {
    // w = 1/p; z_i = (f(w + h e_i) - f(w - h e_i)) / 2h with h = 1e-5 of
    // sklearn.metrics.roc_auc_score(y, s, sample_weight=w), numpy.average((s - y)**2, weights=w),
    // numpy.average(s, weights=w), numpy.average(y, weights=w), w.sum(); numpy.sqrt(((1 - p) * (w * z)**2).sum()), and
    // numpy.sqrt(sum((1 - p[c == k][0]) * ((w * z)[c == k].sum())**2 for k in set(c))); numpy 2.4.6, scikit-learn 1.9.1
    let expected = [
        [0.6745562130177515, 0.1778878705445049, 0.16319467495607837],
        [0.21259743589743588, 0.04000988772098728, 0.033243906107378825],
        [0.4638461538461539, 0.04687940957904272, 0.05526283694654575],
        [0.3333333333333333, 0.14044168142970448, 0.1153054492731391],
        [39.0, 12.961481400929872, 14.56021978318265],
    ];
    let apart = Inclusion::new(&PROBABILITIES).unwrap();
    let together = Inclusion::clustered(&PROBABILITIES, &REQUESTS).unwrap();
    for (figure, [value, error, clustered]) in FIGURES.iter().zip(expected) {
        let (one, other) = (figure(&apart).unwrap(), figure(&together).unwrap());
        assert!(close(one.value, value) && one.value == other.value, "{one:?} {value}");
        let near = |estimate: DesignEstimate, error: f64| {
            // the differences have some seven digits
            (estimate.standard_error.unwrap() / error - 1.0).abs() < 1e-6
        };
        assert!(near(one, error) && near(other, clustered), "{one:?} {other:?} {error} {clustered}");
        assert_eq!((one.count, one.by_chance, one.clusters), (12, 8, None));
        assert_eq!((other.count, other.by_chance, other.clusters), (12, 6, Some(10)));
    }
}

#[test]
fn values_are_those_of_the_weighted_functions() {
    let inclusion = Inclusion::new(&PROBABILITIES).unwrap();
    let rows = crate::ScoredLabels::weighted(&LABELS, &SCORES, inclusion.weights()).unwrap();
    let sample = crate::Sample::weighted(&SCORES, inclusion.weights()).unwrap();
    let total = horvitz_thompson_total(sample).unwrap();
    let ours = design_total(&SCORES, &inclusion).unwrap();
    assert!(close(ours.value, total.value) && close(ours.standard_error.unwrap(), total.standard_error));
    assert_eq!(design_roc_auc(&LABELS, &SCORES, &inclusion).unwrap().value, roc_auc(rows).unwrap().value);
    assert!(close(design_brier(&LABELS, &SCORES, &inclusion).unwrap().value, brier(rows).unwrap().value));
    assert!(close(
        design_log_loss(&LABELS, &SCORES, &inclusion).unwrap().value,
        log_loss(rows).unwrap().value
    ));
    let mean = hajek_mean(sample).unwrap();
    assert_eq!(design_mean(&SCORES, &inclusion).unwrap().value, mean.value);
    let ratio = design_ratio(&SCORES, &[1.0; 12], &inclusion).unwrap();
    assert!(close(ratio.value, mean.value));
    let error = design_mean(&SCORES, &inclusion).unwrap().standard_error.unwrap();
    assert!(close(ratio.standard_error.unwrap(), error));
}

#[test]
fn what_was_kept_for_certain_is_known() {
    let inclusion = Inclusion::clustered(&[1.0; 12], &REQUESTS).unwrap();
    for figure in FIGURES {
        let estimate = figure(&inclusion).unwrap();
        let interval = estimate.interval(0.95).unwrap();
        assert_eq!((estimate.standard_error, estimate.degrees_of_freedom), (Some(0.0), None));
        assert_eq!([interval.lower, interval.upper], [estimate.value; 2]);
        assert_eq!((estimate.by_chance, estimate.interval(1.0)), (0, None));
    }
}

#[test]
fn rows_that_are_all_alike_tell_no_spread() {
    let inclusion = Inclusion::new(&[0.5; 4]).unwrap();
    let share = design_share(&[true; 4], &inclusion).unwrap();
    assert_eq!((share.value, share.standard_error, share.interval(0.95)), (1.0, Some(0.0), None));
    let one = design_mean(&[1.0, 2.0], &Inclusion::new(&[0.5, 1.0]).unwrap()).unwrap();
    assert_eq!((one.degrees_of_freedom, one.interval(0.95)), (None, None));
}

#[test]
fn rows_of_a_cluster_may_have_different_probabilities() {
    // a hash below 0.2 keeps both rows of the request, one from 0.2 to 0.5 only the second
    let inclusion = Inclusion::clustered(&[0.5, 0.2], &["r", "r"]).unwrap();
    let total = design_total(&[3.0, 7.0], &inclusion).unwrap();
    // (1 - max(p_i, p_j)) w_i x_i w_j x_j over the four pairs
    let variance: f64 = 0.5 * 36.0 + 0.8 * 35.0 * 35.0 + 2.0 * 0.5 * 6.0 * 35.0;
    assert!(close(total.standard_error.unwrap(), variance.sqrt()));
}

#[test]
fn with_all_rows_the_calibration_error_is_that_of_calibration() {
    for bins in [CalibrationBins::Uniform(3), CalibrationBins::default(), CalibrationBins::Quantile(4)] {
        let certain = Inclusion::new(&[1.0; 12]).unwrap();
        let all = calibration(crate::ScoredLabels::new(&LABELS, &SCORES).unwrap(), bins).unwrap();
        let found = design_calibration_error(&LABELS, &SCORES, &certain, bins).unwrap();
        assert!(close(found.value, all.expected_calibration_error), "{found:?}");
        let inclusion = Inclusion::new(&PROBABILITIES).unwrap();
        let rows = crate::ScoredLabels::weighted(&LABELS, &SCORES, inclusion.weights()).unwrap();
        let sampled = design_calibration_error(&LABELS, &SCORES, &inclusion, bins).unwrap();
        let raw = calibration(rows, bins).unwrap().expected_calibration_error;
        assert!(sampled.value < raw && sampled.standard_error > Some(0.0), "{sampled:?} {raw}");
    }
}

#[test]
fn a_count_is_at_least_what_was_kept() {
    let inclusion = Inclusion::new(&[1.0, 0.1, 0.1]).unwrap();
    let count = design_count(&inclusion).unwrap();
    // without a limit: 21 ± 12.7 · 13.4
    let interval = count.interval(0.95).unwrap();
    assert!(close(interval.lower, 3.0) && (interval.upper - 191.5).abs() < 0.5, "{interval:?}");
    let labelled = design_total(&[1.0, 0.0, 1.0], &inclusion).unwrap().interval(0.95).unwrap();
    assert!(close(labelled.lower, 2.0) && labelled.upper > 11.0, "{labelled:?}");
    // what may be below 0 has no such limit
    let total = design_total(&[1.0, -1.0, 1.0], &inclusion).unwrap().interval(0.95).unwrap();
    assert!(total.lower < -100.0, "{total:?}");
}

#[test]
fn the_spread_of_each_bin_is_that_of_its_rows_alone() {
    let value = |row: usize| SCORES[row] * (row as f64 - 5.0);
    let bin_of: Vec<usize> = (0..12).map(|row| row % 4).collect();
    for inclusion in [Inclusion::new(&PROBABILITIES), Inclusion::clustered(&PROBABILITIES, &REQUESTS)] {
        let inclusion = inclusion.unwrap();
        let at_once = inclusion.standard_errors_by_part(value, &bin_of, 5);
        for (bin, found) in at_once.into_iter().enumerate() {
            let alone = inclusion.spread(value, |row| bin_of[row] == bin).standard_error.unwrap();
            assert!(close(found, alone), "{bin}: {found} {alone}");
        }
    }
}

#[test]
fn a_calibration_error_of_a_sample_has_no_interval() {
    let bins = CalibrationBins::default();
    let sampled = design_calibration_error(&LABELS, &SCORES, &Inclusion::new(&PROBABILITIES).unwrap(), bins);
    let sampled = sampled.unwrap();
    assert!(sampled.standard_error > Some(0.0) && sampled.interval(0.95).is_none(), "{sampled:?}");
    let known =
        design_calibration_error(&LABELS, &SCORES, &Inclusion::new(&[1.0; 12]).unwrap(), bins).unwrap();
    assert!(known.interval(0.95).is_some_and(|interval| interval.upper <= known.value));
}

#[test]
fn impossible_probabilities_and_lengths_are_refused() {
    for probability in [0.0, -0.5, 1.5, f64::NAN, f64::INFINITY, 5e-324] {
        assert!(Inclusion::new(&[0.5, probability]).unwrap_err().is_invalid(), "{probability}");
    }
    assert!(Inclusion::clustered(&[0.5], &["a", "b"]).unwrap_err().is_invalid());
    let inclusion = Inclusion::new(&[0.5; 2]).unwrap();
    assert!(design_mean(&[1.0], &inclusion).unwrap_err().is_invalid());
    assert!(design_ratio(&[1.0; 2], &[1.0], &inclusion).unwrap_err().is_invalid());
    assert!(design_brier(&[true], &[1.0], &inclusion).unwrap_err().is_invalid());
    assert!(design_brier(&[true; 2], &[1.0, 1.5], &inclusion).unwrap_err().is_invalid());
    assert!(design_roc_auc(&[true], &[1.0], &inclusion).unwrap_err().is_invalid());
    assert!(inclusion.standard_error(&[1.0]).unwrap_err().is_invalid());
}

#[test]
fn there_may_be_nothing_to_estimate() {
    let (none, two) = (Inclusion::new(&[]).unwrap(), Inclusion::new(&[0.5; 2]).unwrap());
    assert!(none.is_empty() && none.effective_sample_size() == 0.0);
    let is = |estimate: crate::Result<DesignEstimate>, reason: Undefined| {
        assert_eq!(estimate.unwrap_err().undefined(), Some(reason));
    };
    is(design_count(&none), Undefined::Empty);
    is(design_mean(&[], &none), Undefined::Empty);
    is(design_roc_auc(&[], &[], &none), Undefined::Empty);
    is(design_mean(&[f64::NAN; 2], &two), Undefined::Empty);
    is(design_total(&[f64::NAN; 2], &two), Undefined::Empty);
    is(design_total(&[f64::INFINITY, 0.0], &two), Undefined::Infinite);
    is(design_ratio(&[1.0; 2], &[0.0; 2], &two), Undefined::ZeroDenominator);
    is(design_roc_auc(&[true; 2], &[0.5; 2], &two), Undefined::OneClass);
    is(design_brier(&[true; 2], &[0.5, f64::NAN], &two), Undefined::MissingScores(1));
    is(design_total(&[f64::MAX; 2], &two), Undefined::Overflow);
}

#[test]
fn missing_values_are_left_out_and_counted() {
    let all = Inclusion::new(&[0.5, 0.1, 1.0, 0.2]).unwrap();
    let mean = design_mean(&[1.0, f64::NAN, 3.0, 4.0], &all).unwrap();
    let without = design_mean(&[1.0, 3.0, 4.0], &Inclusion::new(&[0.5, 1.0, 0.2]).unwrap()).unwrap();
    assert_eq!(mean.missing, 1);
    assert_eq!(DesignEstimate { missing: 0, ..mean }, without);
}

fn kept_rows() -> impl Strategy<Value = Vec<(f64, f64, u8)>> {
    let probability = prop_oneof![Just(1.0), 1e-6..1.0_f64, Just(1e-200), Just(0.1)];
    proptest::collection::vec((-1e3..1e3_f64, probability, 0..6_u8), 1..30)
}

proptest! {
    #[test]
    fn clusters_of_one_row_are_rows(rows in kept_rows()) {
        let values: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let probabilities: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let places: Vec<usize> = (0..rows.len()).collect();
        let apart = design_mean(&values, &Inclusion::new(&probabilities).unwrap()).unwrap();
        let single = design_mean(&values, &Inclusion::clustered(&probabilities, &places).unwrap()).unwrap();
        prop_assert_eq!(single.clusters, Some(rows.len()));
        prop_assert_eq!(DesignEstimate { clusters: None, ..single }, apart);
    }

    #[test]
    fn an_interval_holds_its_value_and_rows_kept_more_often_are_surer(rows in kept_rows()) {
        let values: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let probabilities: Vec<f64> = rows.iter().map(|row| row.1).collect();
        let requests: Vec<u8> = rows.iter().map(|row| row.2).collect();
        let inclusion = Inclusion::clustered(&probabilities, &requests).unwrap();
        for estimate in [design_mean(&values, &inclusion), design_total(&values, &inclusion), design_count(&inclusion)] {
            let estimate = estimate.unwrap();
            prop_assert!(estimate.standard_error.is_none_or(|error| error >= 0.0));
            let interval = estimate.interval(0.95);
            prop_assert!(interval.is_none_or(|interval| interval.contains(estimate.value)));
            prop_assert!(estimate.effective_size <= rows.len() as f64 * (1.0 + 1e-12));
        }
        let count = design_count(&inclusion).unwrap();
        let often: Vec<f64> = probabilities.iter().map(|probability| probability.sqrt()).collect();
        let surer = design_count(&Inclusion::clustered(&often, &requests).unwrap()).unwrap();
        prop_assert!(surer.standard_error <= count.standard_error);
    }
}
