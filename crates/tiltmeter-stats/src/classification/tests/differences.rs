//! Differences of two scores of the same rows.

use proptest::prelude::*;

use super::*;

const LABELS: [bool; 10] = [false, false, true, false, true, true, false, true, false, false];
const FIRST: [f64; 10] = [0.1, 0.4, 0.35, 0.8, 0.8, 0.6, 0.2, 0.9, 0.6, 0.05];
const SECOND: [f64; 10] = [0.2, 0.3, 0.55, 0.6, 0.7, 0.8, 0.1, 0.7, 0.4, 0.15];
const WEIGHTS: [f64; 10] = [1.0, 2.0, 0.5, 3.0, 1.0, 4.0, 1.0, 2.0, 0.25, 5.0];

/// numpy 2.4.6 and scipy 1.17.1, with y, a, b and w as above, and w = np.ones(10) first:
///
/// ```text
/// def hajek(d):
///     m = (w*d).sum()/w.sum(); k = w.sum()**2/(w**2).sum()
///     s = np.sqrt(k/(k - 1)*(w**2*(d - m)**2).sum())/w.sum(); return m, s, 2*scipy.stats.t.sf(abs(m/s), k - 1)
/// hajek((a - y)**2 - (b - y)**2)
/// l = lambda p: -np.log(np.where(y == 1, p, 1 - p)); hajek(l(a) - l(b))
/// ```
#[test]
fn differences_of_losses_are_those_of_numpy() {
    let near = |got: LossDifference, [difference, error, p]: [f64; 3]| {
        assert!(close(got.difference, difference) && close(got.first - got.second, difference), "{got:?}");
        assert!(close(got.standard_error.unwrap(), error) && close(got.p_value().unwrap(), p), "{got:?}");
    };
    let brier = [0.07400000000000002, 0.03978274332756186, 0.0957976758776367];
    near(brier_difference(&LABELS, &FIRST, &SECOND).unwrap(), brier);
    let brier = [0.06632911392405066, 0.04808607253662202, 0.222537897285435];
    near(brier_difference_weighted(&LABELS, &FIRST, &SECOND, &WEIGHTS).unwrap(), brier);
    let log = [0.14963587086745533, 0.09734625438528842, 0.15863439708898985];
    near(log_loss_difference(&LABELS, &FIRST, &SECOND).unwrap(), log);
    let log = [0.13536919520519444, 0.12884146905626212, 0.3384418616777244];
    near(log_loss_difference_weighted(&LABELS, &FIRST, &SECOND, &WEIGHTS).unwrap(), log);
}

/// With psi(p) the signed gaps, sign(Σ w(p − y) in the bin)·(p − y), of the bins [0, ½] and (½, 1]:
/// `hajek(psi(a))[0], hajek(psi(b))[0], hajek(psi(a) - psi(b))`, and the difference of sqrt(2/π) Σ sqrt(Σ w² p(1 − p)) / Σw.
#[test]
fn the_difference_of_calibration_errors_is_that_of_numpy() {
    let near = |got: CalibrationDifference, [first, second, difference, error, chance]: [f64; 5]| {
        assert!(close(got.first, first) && close(got.second, second) && close(got.difference, difference));
        assert!(close(got.standard_error.unwrap(), error), "{got:?}");
        assert!(close(got.expected_without_miscalibration, chance), "{got:?}");
    };
    let bins = CalibrationBins::Uniform(2);
    near(
        calibration_difference(&LABELS, &FIRST, &SECOND, bins).unwrap(),
        [0.08, 0.18, -0.1, 0.2086996778999804, -0.00995985641369379],
    );
    near(
        calibration_difference_weighted(&LABELS, &FIRST, &SECOND, &WEIGHTS, bins).unwrap(),
        [
            0.07974683544303797,
            0.0949367088607595,
            -0.015189873417721544,
            0.27507187524792015,
            -0.020550551362540304,
        ],
    );
    for (scores, expected) in [(&FIRST, 0.0797468), (&SECOND, 0.0949367)] {
        let rows = ScoredLabels::weighted(&LABELS, scores, &WEIGHTS).unwrap();
        let calibration = calibration(rows, bins).unwrap();
        assert!((calibration.expected_calibration_error - expected).abs() < 1e-6);
    }
}

#[test]
fn scores_that_are_alike_do_not_differ() {
    let brier = brier_difference(&LABELS, &FIRST, &FIRST).unwrap();
    assert_eq!((brier.difference, brier.standard_error, brier.interval(0.95)), (0.0, Some(0.0), None));
    assert_eq!(brier.p_value(), None);
    let calibration = calibration_difference(&LABELS, &FIRST, &FIRST, CalibrationBins::default()).unwrap();
    assert_eq!((calibration.difference, calibration.interval(0.95)), (0.0, None));
}

#[test]
fn what_is_wrong_with_either_score_is_told() {
    let mut wrong = SECOND;
    wrong[3] = 1.5;
    assert!(brier_difference(&LABELS, &FIRST, &wrong).is_err_and(|error| error.is_invalid()));
    assert!(log_loss_difference(&LABELS, &wrong, &FIRST).is_err_and(|error| error.is_invalid()));
    wrong[3] = f64::NAN;
    let missing = crate::Undefined::MissingScores(1);
    assert_eq!(brier_difference(&LABELS, &FIRST, &wrong).unwrap_err().undefined(), Some(missing));
    let bins = CalibrationBins::default();
    let error = calibration_difference(&LABELS, &FIRST, &wrong, bins).unwrap_err();
    assert_eq!(error.undefined(), Some(missing));
    assert!(brier_difference(&LABELS, &FIRST, &SECOND[..9]).is_err_and(|error| error.is_invalid()));
    assert!(
        calibration_difference(&LABELS, &FIRST[..9], &SECOND, bins).is_err_and(|error| error.is_invalid())
    );
    let empty = brier_difference(&[], &[], &[]).unwrap_err();
    assert_eq!(empty.undefined(), Some(crate::Undefined::Empty));
}

proptest! {
    #[test]
    fn exchanged_scores_have_the_opposite_difference(
        rows in proptest::collection::vec((any::<bool>(), 0.0..=1.0_f64, 0.0..=1.0_f64, 0.1..9.0_f64), 2..50),
        scale in prop_oneof![Just(1.0), Just(1e300), Just(1e-300)],
    ) {
        let labels: Vec<bool> = rows.iter().map(|row| row.0).collect();
        let (one, other): (Vec<f64>, Vec<f64>) = rows.iter().map(|row| (row.1, row.2)).unzip();
        let weights: Vec<f64> = rows.iter().map(|row| row.3).collect();
        let scaled: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
        for of in [brier_difference_weighted, log_loss_difference_weighted] {
            let (there, back) =
                (of(&labels, &one, &other, &weights).unwrap(), of(&labels, &other, &one, &scaled).unwrap());
            prop_assert!(close(there.difference, -back.difference));
            prop_assert!(both_close(there.standard_error, back.standard_error));
        }
        let bins = CalibrationBins::default();
        let there = calibration_difference_weighted(&labels, &one, &other, &weights, bins).unwrap();
        let back = calibration_difference_weighted(&labels, &other, &one, &scaled, bins).unwrap();
        prop_assert!(close(there.difference, -back.difference));
        prop_assert!(both_close(there.standard_error, back.standard_error));
    }
}
