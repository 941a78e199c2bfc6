//! Statistics of labels: McNemar's test, the difference of accuracies, kappa, and probabilities of classes.
#![expect(clippy::float_cmp, reason = "exact where whole numbers are summed and divided")]

use proptest::prelude::*;

use super::*;
use crate::Undefined;

/// Three columns of labels, and whole weights of which one counts.
fn columns() -> impl Strategy<Value = (Vec<[u8; 3]>, Vec<f64>)> {
    let row = ([0_u8..4, 0_u8..4, 0_u8..4], 0_u8..4);
    let rows = prop::collection::vec(row, 1..40)
        .prop_map(|rows| rows.into_iter().map(|(row, weight)| (row, f64::from(weight))).unzip());
    rows.prop_filter("a row must count", |(_, weights): &(_, Vec<f64>)| {
        weights.iter().any(|&weight| weight > 0.0)
    })
}

fn column(rows: &[[u8; 3]], place: usize) -> Vec<u8> {
    rows.iter().map(|row| row[place]).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small whole numbers")]
fn repeated(rows: &[[u8; 3]], weights: &[f64]) -> Vec<[u8; 3]> {
    rows.iter().zip(weights).flat_map(|(&row, &weight)| std::iter::repeat_n(row, weight as usize)).collect()
}

#[test]
fn mcnemar_needs_a_row() {
    assert_eq!(mcnemar::<u8>(&[], &[], &[]).unwrap_err().undefined(), Some(Undefined::Empty));
    assert!((mcnemar(&[1], &[1], &[1]).unwrap().p_mid - 1.0).abs() < 1e-12);
}

#[test]
fn mcnemar_is_that_of_scipy_and_statsmodels() {
    // mcnemar([[80, b], [c, 40]], exact=True).pvalue, exact=False: .statistic, .pvalue of statsmodels 0.15; mid:
    // 2*binom.cdf(min(b, c), b + c, .5) - binom.pmf(min(b, c), b + c, .5) of scipy 1.17.1, which is exact for large n
    let expected = [
        (24, 11, 0.040959591511636986, 0.02881671965587886, 4.114285714285714, 0.04252247799805162),
        (8, 3, 0.2265625, 0.14599609375, 1.4545454545454546, 0.22779999398822554),
        (0, 12, 0.00048828125, 0.000244140625, 10.083333333333334, 0.0014961642897455517),
        (0, 40, 1.8189894035458565e-12, 9.094947017729282e-13, 38.025, 6.984393061522137e-10),
        (5000, 5600, 5.902161563805957e-09, 5.577658688235894e-09, 33.849150943396225, 5.955507713691269e-09),
        (
            500_000,
            503_000,
            0.002748828203978528,
            0.0027398578662412424,
            8.967099700897307,
            0.002748846064874838,
        ),
    ];
    for (b, c, exact, mid, statistic, corrected) in expected {
        let test = mcnemar_from_counts(b, c);
        assert!((test.p_exact / exact - 1.0).abs() < 1e-7, "{test:?}");
        assert!((test.p_mid / mid - 1.0).abs() < 1e-7, "{test:?}");
        assert!((test.statistic_corrected / statistic - 1.0).abs() < 1e-12, "{test:?}");
        assert!((test.p_corrected / corrected - 1.0).abs() < 1e-7, "{test:?}");
    }
    // mpmath 1.4.1, in 40 digits
    let expected = [
        (0, 1, 1.0, 0.5),
        (24, 11, 0.04095959151163697, 0.028816719655878842),
        (1_000, 1, 9.351301457402253e-299, 4.6803170467936427e-299),
        (300, 400, 0.00017847631448562445, 0.00015498176361506452),
        (4_999_500, 5_000_500, 0.7520696556311622, 0.7518296478462964),
        (5_002_000, 5_000_000, 0.5273371537607734, 0.5271305895369073),
        (50_010_000, 50_000_000, 0.317383100289942, 0.31733470614507847),
    ];
    for (b, c, exact, mid) in expected {
        let test = mcnemar_from_counts(b, c);
        assert!((test.p_exact / exact - 1.0).abs() < 1e-12, "{test:?}");
        assert!((test.p_mid / mid - 1.0).abs() < 1e-12, "{test:?}");
    }
    let counts = [0, 1, 7, 1 << 52, u64::MAX - 1, u64::MAX];
    for (b, c) in counts.into_iter().flat_map(|b| counts.map(|c| (b, c))) {
        let test = mcnemar_from_counts(b, c);
        for p in [test.p_exact, test.p_mid, test.p_corrected] {
            assert!((0.0..=1.0).contains(&p), "{test:?}");
        }
        assert!(test.statistic_corrected >= 0.0 && test.p_mid <= test.p_exact, "{test:?}");
        assert!(b != c || test.p_exact >= 1.0);
    }
}

#[test]
fn kappa_is_that_of_statsmodels() {
    let (a, b) = ([0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 0, 1], [0, 0, 1, 1, 2, 2, 2, 0, 2, 3, 1, 1]);
    // k = cohens_kappa(to_table(numpy.c_[a, b], bins=4)[0]); k.kappa, k.std_kappa, k.std_kappa0, k.pvalue_two_sided
    let kappa = cohen_kappa(&a, &b).unwrap();
    assert!(close(kappa.value, 0.5339805825242718) && close(kappa.standard_error, 0.19376984248143125));
    assert!(close(kappa.standard_error_if_independent, 0.17745579261037617));
    assert!(close(kappa.p_value().unwrap(), 0.0026203084202933947));
    // sklearn.metrics.cohen_kappa_score(a, b, sample_weight=w)
    let weights = [1.0, 2.0, 0.5, 3.0, 1.0, 4.0, 1.0, 2.0, 0.25, 5.0, 1.0, 2.0];
    assert!(close(cohen_kappa_weighted(&a, &b, &weights).unwrap().value, 0.7346079066753078));
}

#[test]
fn what_there_is_no_number_for() {
    assert_eq!(cohen_kappa::<u8>(&[], &[]), Err(Undefined::Empty.into()));
    assert_eq!(cohen_kappa(&[1, 1], &[1, 1]), Err(Undefined::OneCategory.into()));
    assert!(cohen_kappa(&[1], &[1, 2]).is_err_and(|error| error.is_invalid()));
    // one column has one label: agreement is chance
    let kappa = cohen_kappa(&[1, 1, 1], &[1, 2, 1]).unwrap();
    assert_eq!((kappa.value, kappa.p_value()), (0.0, None));
    // perfect agreement has no spread
    let kappa = cohen_kappa(&["a", "b"], &["a", "b"]).unwrap();
    assert_eq!((kappa.value, kappa.standard_error, kappa.interval(0.95)), (1.0, 0.0, None));
    assert_eq!(accuracy_difference::<u8>(&[], &[], &[]), Err(Undefined::Empty.into()));
    assert!(accuracy_difference(&[1], &[1], &[]).is_err_and(|error| error.is_invalid()));
    assert!(mcnemar(&[1], &[], &[1]).is_err_and(|error| error.is_invalid()));
    let same = accuracy_difference(&[1, 0], &[1, 1], &[1, 1]).unwrap();
    assert_eq!((same.difference, same.z, same.p_value, same.interval(0.95)), (0.0, 0.0, 1.0, None));
    assert_eq!(mcnemar(&[1, 0], &[1, 1], &[1, 1]).unwrap().p_exact, 1.0);
}

#[test]
fn probabilities_of_classes_are_checked() {
    let invalid = |labels: &[usize], probabilities: &[f64], classes: usize| {
        let rows = ClassProbabilities::new(labels, probabilities, classes);
        rows.and_then(multiclass_brier).is_err_and(|error| error.is_invalid())
    };
    assert!(invalid(&[0], &[1.0], 0) && invalid(&[0], &[1.0], 2) && invalid(&[2], &[0.5, 0.5], 2));
    assert!(
        invalid(&[0], &[0.5, 0.6], 2) && invalid(&[0], &[-0.5, 1.5], 2) && invalid(&[0; 2], &[], usize::MAX)
    );
    let rows = ClassProbabilities::new(&[0, 1], &[f64::NAN, 0.5, 0.5, 0.5], 2).unwrap();
    assert_eq!(multiclass_log_loss(rows), Err(Undefined::MissingScores(1).into()));
    let none = ClassProbabilities::new(&[], &[], 3).unwrap();
    assert_eq!(multiclass_brier(none), Err(Undefined::Empty.into()));
    // a row that does not count may be missing
    let rows = ClassProbabilities::weighted(&[0, 1], &[f64::NAN, 0.5, 0.5, 0.5], 2, &[0.0, 1.0]).unwrap();
    assert_eq!(multiclass_brier(rows).unwrap().value, 0.5);
}

proptest! {
    #[test]
    fn two_classes_are_the_binary_losses(rows in super::laws::rows(1..40)) {
        let probabilities: Vec<f64> = rows.scores.iter().flat_map(|&score| [1.0 - score, score]).collect();
        let labels: Vec<usize> = rows.labels.iter().map(|&label| usize::from(label)).collect();
        let classes = ClassProbabilities::weighted(&labels, &probabilities, 2, &rows.weights).unwrap();
        let (one, two) = (multiclass_log_loss(classes).unwrap(), log_loss(rows.view()).unwrap());
        prop_assert!(close(one.value, two.value) && one.clipped == two.clipped);
        prop_assert!(both_close(one.standard_error, two.standard_error));
        let (one, two) = (multiclass_brier(classes).unwrap(), brier(rows.view()).unwrap());
        prop_assert!(close(one.value, 2.0 * two.value));
        prop_assert!(both_close(one.standard_error, two.standard_error.map(|error| 2.0 * error)));
    }

    #[test]
    fn whole_weights_are_repeated_rows_and_their_scale_does_not_count((rows, weights) in columns()) {
        let [y, a, b] = [0, 1, 2].map(|place| column(&rows, place));
        let again = repeated(&rows, &weights);
        let [y2, a2, b2] = [0, 1, 2].map(|place| column(&again, place));
        let difference = accuracy_difference_weighted(&y, &a, &b, &weights)?;
        let plain = accuracy_difference(&y2, &a2, &b2)?;
        prop_assert!(close(difference.difference, plain.difference) && close(difference.second, plain.second));
        let test = mcnemar(&y2, &a2, &b2)?;
        let differing = (test.only_first + test.only_second) as f64;
        let statistic = (test.only_first as f64 - test.only_second as f64).powi(2) / differing.max(1.0);
        prop_assert!(close(plain.z.powi(2), statistic));
        let kappa = cohen_kappa_weighted(&a, &b, &weights);
        match (&kappa, cohen_kappa(&a2, &b2)) {
            (Ok(kappa), Ok(plain)) => prop_assert!(close(kappa.value, plain.value)),
            (kappa, plain) => prop_assert_eq!(kappa.clone().err(), plain.err()),
        }
        for scale in [1e-300, 3.0, 1e300] {
            let weights: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
            let scaled = accuracy_difference_weighted(&y, &a, &b, &weights)?;
            prop_assert!(close(scaled.z, difference.z) && close(scaled.difference, difference.difference));
            prop_assert!(both_close(scaled.standard_error, difference.standard_error));
            if let (Ok(kappa), Ok(scaled)) = (&kappa, cohen_kappa_weighted(&a, &b, &weights)) {
                prop_assert!(close(scaled.value, kappa.value));
                prop_assert!(close(scaled.standard_error, kappa.standard_error));
                prop_assert!(close(
                    scaled.standard_error_if_independent, kappa.standard_error_if_independent,
                ));
            }
        }
    }

    #[test]
    fn columns_can_be_exchanged((rows, weights) in columns()) {
        let [y, a, b] = [0, 1, 2].map(|place| column(&rows, place));
        let (one, other) = (mcnemar(&y, &a, &b)?, mcnemar(&y, &b, &a)?);
        prop_assert!(close(one.p_mid, other.p_mid) && close(one.statistic_corrected, other.statistic_corrected));
        let one = accuracy_difference_weighted(&y, &a, &b, &weights)?;
        let other = accuracy_difference_weighted(&y, &b, &a, &weights)?;
        prop_assert!(close(one.difference, -other.difference) && close(one.z, -other.z));
        prop_assert!(close(one.first, other.second));
        if let (Ok(one), Ok(other)) = (cohen_kappa_weighted(&a, &b, &weights), cohen_kappa_weighted(&b, &a, &weights)) {
            prop_assert!(close(one.value, other.value) && close(one.standard_error, other.standard_error));
        }
    }

    #[test]
    fn hostile_weights_give_numbers_in_range(
        rows in prop::collection::vec(
            ([0_u8..3, 0_u8..3, 0_u8..3], prop_oneof![Just(0.0), Just(5e-324), Just(1.0), Just(1e200), Just(f64::MAX)]),
            1..20,
        ),
    ) {
        let (rows, weights): (Vec<[u8; 3]>, Vec<f64>) = rows.into_iter().unzip();
        let [y, a, b] = [0, 1, 2].map(|place| column(&rows, place));
        if let Ok(difference) = accuracy_difference_weighted(&y, &a, &b, &weights) {
            prop_assert!((-1.0..=1.0).contains(&difference.difference), "{difference:?}");
            prop_assert!((0.0..=1.0).contains(&difference.second), "{difference:?}");
            prop_assert!(difference.z.is_finite() && (0.0..=1.0).contains(&difference.p_value), "{difference:?}");
        }
        if let Ok(kappa) = cohen_kappa_weighted(&a, &b, &weights) {
            prop_assert!((-1.0..=1.0).contains(&kappa.value), "{kappa:?}");
            prop_assert!(kappa.standard_error >= 0.0 && kappa.standard_error_if_independent >= 0.0, "{kappa:?}");
            prop_assert!(kappa.p_value().is_none_or(|p| (0.0..=1.0).contains(&p)), "{kappa:?}");
        }
    }
}
