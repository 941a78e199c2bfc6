#![expect(clippy::float_cmp, reason = "exact where it must be, as with infinities and equal samples")]

use proptest::prelude::*;

use super::{wasserstein, wasserstein_evidently};
use crate::random::Random;
use crate::{Ecdf, Moments, Sample, Undefined, Wasserstein};

#[test]
fn is_scipys() {
    // scipy.stats.wasserstein_distance([3.4, 3.9, 7.5, 7.8], [4.5, 1.4], [1.4, 0.9, 3.1, 7.2], [3.2, 3.5]), scipy 1.17.1
    let reference = Sample::weighted(&[3.4, 3.9, 7.5, 7.8], &[1.4, 0.9, 3.1, 7.2]).unwrap();
    let current = Sample::weighted(&[4.5, 1.4], &[3.2, 3.5]).unwrap();
    assert!((wasserstein(reference, current).unwrap().distance - 4.078133143804786).abs() < 1e-12);
    // scipy.stats.wasserstein_distance([1e9, 1e9 + 1, 1e9 + 2], [1e9 + 0.5, 1e9 + 1.5])
    let moved = wasserstein(&[1e9, 1e9 + 1.0, 1e9 + 2.0], &[1e9 + 0.5, 1e9 + 1.5]).unwrap();
    assert!((moved.distance - 0.5).abs() < 1e-9);
    assert!((moved.reference_sd.unwrap() - (2.0_f64 / 3.0).sqrt()).abs() < 1e-9);
}

#[test]
fn infinities_are_far_away_or_undefined() {
    let infinity = f64::INFINITY;
    for (reference, current) in [([1.0, infinity], [1.0, 2.0]), ([-infinity, 1.0], [2.0, infinity])] {
        let moved = wasserstein(&reference, &current).unwrap();
        assert_eq!((moved.distance, moved.expected, moved.reference_sd), (infinity, infinity, None));
        assert_eq!(moved.normalised().unwrap_err().undefined(), Some(Undefined::Infinite));
    }
    let moved = wasserstein(&[1.0, 2.0], &[1.0, infinity]).unwrap();
    assert!(moved.distance == infinity && moved.expected < 1.0 && moved.normalised() == Ok(infinity));
    for both in [[1.0, infinity], [-infinity, 1.0]] {
        assert_eq!(wasserstein(&both, &both).unwrap_err().undefined(), Some(Undefined::Infinite));
    }
}

#[test]
fn areas_that_overflow_on_the_way_are_right() {
    let moved = wasserstein(&[f64::MIN, f64::MAX], &[f64::MAX]).unwrap();
    assert!((moved.distance / f64::MAX - 1.0).abs() < 1e-12, "{moved:?}");
    assert!((moved.reference_sd.unwrap() / f64::MAX - 1.0).abs() < 1e-12, "{moved:?}");
    assert!((wasserstein(&[0.0, 1e200], &[0.0]).unwrap().normalised().unwrap() - 1.0).abs() < 1e-12);
}

#[test]
fn constants_have_no_scale() {
    let moved = wasserstein(&[3.5; 5], &[4.0; 5]).unwrap();
    assert_eq!((moved.distance, moved.reference_sd, moved.expected), (0.5, Some(0.0), 0.0));
    assert_eq!(moved.normalised().unwrap_err().undefined(), Some(Undefined::Constant));
    assert_eq!(
        wasserstein_evidently(&[f64::NAN], &[1.0]).unwrap_err().undefined(),
        Some(Undefined::EmptyReference)
    );
    let finite = wasserstein_evidently(&[0.0, 2.0, f64::INFINITY], &[1.0, f64::NEG_INFINITY]).unwrap();
    assert!((finite - 1.0).abs() < 1e-12);
}

#[test]
fn without_drift_the_mean_is_as_expected() {
    const RUNS: u32 = 300;
    let mut random = Random(17);
    for (n, m) in [(30, 30), (300, 100)] {
        let (mut sum, mut expected, mut weighted, mut expected_weighted) = (0.0, 0.0, 0.0, 0.0);
        for _ in 0..RUNS {
            let mut draw = |size: usize| -> Vec<f64> { (0..size).map(|_| random.normal()).collect() };
            let (reference, current) = (draw(n), draw(m));
            let moved = wasserstein(&reference, &current).unwrap();
            sum += moved.distance;
            expected += moved.expected;
            let weights: Vec<f64> = draw(m).iter().map(|draw| if *draw < -0.5 { 6.0 } else { 1.0 }).collect();
            let moved = wasserstein(&reference, Sample::weighted(&current, &weights).unwrap()).unwrap();
            weighted += moved.distance;
            expected_weighted += moved.expected;
        }
        assert!((0.93..1.1).contains(&(sum / expected)), "{}", sum / expected);
        assert!((0.93..1.12).contains(&(weighted / expected_weighted)), "{}", weighted / expected_weighted);
    }
}

proptest! {
    /// Of as many values it is the mean distance between those of the same rank.
    #[test]
    fn is_the_mean_distance_of_ranks(rows in proptest::collection::vec((-9.0..9.0, -9..9_i32), 1..40)) {
        let (mut x, mut y): (Vec<f64>, Vec<f64>) = rows.iter().map(|&(x, y)| (x, f64::from(y))).unzip();
        let moved = wasserstein(&x, &y).unwrap();
        x.sort_unstable_by(f64::total_cmp);
        y.sort_unstable_by(f64::total_cmp);
        let mean = x.iter().zip(&y).map(|(x, y)| (x - y).abs()).sum::<f64>() / x.len() as f64;
        prop_assert!((moved.distance - mean).abs() < 1e-12, "{} {mean}", moved.distance);
        let sd = Moments::of(&x).population_variance().unwrap().sqrt();
        prop_assert!((moved.reference_sd.unwrap() - sd).abs() < 1e-12);
    }

    #[test]
    fn shifts_and_scales_with_the_values(
        x in proptest::collection::vec(-9.0..9.0, 1..40),
        y in proptest::collection::vec(-9.0..9.0, 1..40),
        shift in -1e3..1e3_f64,
        factor in -5.0..5.0_f64,
    ) {
        let of = |values: &[f64]| -> Vec<f64> { values.iter().map(|value| value * factor + shift).collect() };
        let (before, after) = (wasserstein(&x, &y).unwrap(), wasserstein(&of(&x), &of(&y)).unwrap());
        prop_assert!((after.distance - before.distance * factor.abs()).abs() < 1e-9);
        prop_assert!((after.expected - before.expected * factor.abs()).abs() < 1e-9);
        let moved: Vec<f64> = x.iter().map(|value| value + shift).collect();
        prop_assert!((wasserstein(&x, &moved).unwrap().distance - shift.abs()).abs() < 1e-9);
    }

    #[test]
    fn thinned_functions_are_right_within_their_resolution(x in proptest::collection::vec(-9.0..9.0, 60..200)) {
        let (whole, other) = (Ecdf::of(&x).unwrap(), Ecdf::of(&[0.0, 1.0]).unwrap());
        let thinned = whole.thinned(20);
        let exact = Wasserstein::between(&whole, &other).unwrap().distance;
        let near = Wasserstein::between(&thinned, &other).unwrap().distance;
        prop_assert!((exact - near).abs() <= thinned.resolution() * 18.0 + 1e-12);
    }
}
