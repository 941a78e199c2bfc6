use proptest::prelude::*;

use super::energy_distance;
use crate::random::Random;
use crate::{Sample, Undefined};

#[test]
fn is_scipys() {
    // scipy.stats.energy_distance([0.7, 7.4, 2.4, 6.8], [1.4, 8.], [2.1, 4.2, 7.4, 8.], [7.6, 8.8]), scipy 1.17.1
    let reference = Sample::weighted(&[0.7, 7.4, 2.4, 6.8], &[2.1, 4.2, 7.4, 8.0]).unwrap();
    let current = Sample::weighted(&[1.4, 8.0], &[7.6, 8.8]).unwrap();
    assert!((energy_distance(reference, current).unwrap().distance - 0.8800334097615822).abs() < 1e-12);
    // scipy.stats.energy_distance([0], [2])
    assert!((energy_distance(&[0.0], &[2.0]).unwrap().distance - 2.0).abs() < 1e-12);
}

#[test]
fn infinities_are_far_away_or_undefined() {
    let distance = energy_distance(&[1.0, f64::INFINITY], &[1.0, 2.0]).unwrap();
    assert_eq!((distance.distance, distance.expected), (f64::INFINITY, f64::INFINITY));
    let both = [f64::NEG_INFINITY, 1.0];
    assert_eq!(energy_distance(&both, &both).unwrap_err().undefined(), Some(Undefined::Infinite));
}

#[test]
fn without_drift_the_mean_square_is_as_expected() {
    const RUNS: u32 = 1000;
    let mut random = Random(19);
    let (mut squares, mut sum, mut expected) = (0.0, 0.0, 0.0);
    let (mut weighted, mut expected_weighted) = (0.0, 0.0);
    for _ in 0..RUNS {
        let mut draw = |size: usize| -> Vec<f64> { (0..size).map(|_| random.normal()).collect() };
        let (reference, current) = (draw(12), draw(20));
        let distance = energy_distance(&reference, &current).unwrap();
        squares += distance.distance.powi(2);
        sum += distance.distance;
        expected += distance.expected.powi(2);
        let weights: Vec<f64> = draw(20).iter().map(|draw| if *draw < -0.5 { 6.0 } else { 1.0 }).collect();
        let distance = energy_distance(&reference, Sample::weighted(&current, &weights).unwrap()).unwrap();
        weighted += distance.distance.powi(2);
        expected_weighted += distance.expected.powi(2);
    }
    assert!((0.93..1.07).contains(&(squares / expected)), "{}", squares / expected);
    assert!((0.93..1.07).contains(&(weighted / expected_weighted)), "{}", weighted / expected_weighted);
    let root = (expected / f64::from(RUNS)).sqrt();
    assert!((0.9..0.98).contains(&(sum / f64::from(RUNS) / root)), "{}", sum / f64::from(RUNS) / root);
}

proptest! {
    #[test]
    fn is_the_definition(
        x in proptest::collection::vec(-9.0..9.0, 1..20),
        y in proptest::collection::vec((-9..9).prop_map(f64::from), 1..20),
        factor in 0.1..9.0_f64,
    ) {
        let mean = |x: &[f64], y: &[f64]| {
            let sum: f64 = x.iter().flat_map(|x| y.iter().map(move |y: &f64| (x - y).abs())).sum();
            sum / (x.len() * y.len()) as f64
        };
        let square = 2.0 * mean(&x, &y) - mean(&x, &x) - mean(&y, &y);
        let distance = energy_distance(&x, &y).unwrap();
        prop_assert!((distance.distance.powi(2) - square).abs() < 1e-9, "{distance:?} {square}");
        let scaled = |values: &[f64]| -> Vec<f64> { values.iter().map(|value| factor * value + 3.0).collect() };
        let after = energy_distance(&scaled(&x), &scaled(&y)).unwrap();
        prop_assert!((after.distance - distance.distance * factor.sqrt()).abs() < 1e-9);
    }
}
