use proptest::prelude::*;

use super::{cramer_von_mises, variance};
use crate::random::Random;
use crate::{Sample, Undefined};

#[test]
fn is_scipys() {
    // scipy.stats.cramervonmises_2samp(x, y, method="asymptotic"), scipy 1.17.1
    let x = [2.0, 3.1, 4.7, 1.2, 9.9, 8.3, 5.5];
    let y = [0.4, 2.2, 6.1, 7.7, 11.0];
    let test = cramer_von_mises(&x, &y).unwrap();
    assert!((test.statistic - 0.0623015873015873).abs() < 1e-12, "{test:?}");
    assert!((test.p_value - 0.9243468530791693).abs() < 1e-10, "{test:?}");
    let far: Vec<f64> = y.iter().map(|y| y + 20.0).collect();
    let test = cramer_von_mises(&x, &far).unwrap();
    assert!((test.statistic - 0.9861111111111109).abs() < 1e-12, "{test:?}");
    assert!((test.p_value - 0.0022310594413148532).abs() < 1e-9 * 0.0022310594413148532, "{test:?}");
}

#[test]
fn the_variance_is_andersons() {
    // (N + 1) (4 nmN - 3 (n^2 + m^2) - 2 nm) / (45 N^2 4 nm)
    assert!((variance(5.0, 7.0) - 0.019_889_770_723_104_057).abs() < 1e-15);
    assert!((variance(100.0, 30.0) - 0.021_837_639_710_716_634).abs() < 1e-15);
}

#[test]
fn one_value_is_too_few() {
    for (x, y) in [(&[1.0][..], &[1.0, 2.0][..]), (&[1.0, 2.0], &[3.0, f64::NAN])] {
        let reason = cramer_von_mises(x, y).unwrap_err().undefined();
        assert_eq!(reason, Some(Undefined::TooFew { found: 1, needed: 2 }));
    }
}

#[test]
fn constants_of_different_sizes_do_not_differ() {
    // scipy, by mid-ranks: cramervonmises_2samp([1.0] * 10, [1.0] * 20) is 1.249 with p = 0.00034, scipy 1.17.1
    let test = cramer_von_mises(&[1.0; 10], &[1.0; 20]).unwrap();
    assert_eq!((test.statistic, test.p_value), (0.0, 1.0));
}

#[test]
fn rejects_about_as_often_as_it_claims() {
    const RUNS: u32 = 600;
    let mut random = Random(23);
    for (n, m) in [(8, 12), (100, 60)] {
        let (mut rejected, mut weighted, mut sum, mut squares, mut expected) = (0, 0, 0.0, 0.0, (0.0, 0.0));
        for _ in 0..RUNS {
            let mut draw = |size: usize| -> Vec<f64> { (0..size).map(|_| random.uniform()).collect() };
            let (reference, current) = (draw(n), draw(m));
            let test = cramer_von_mises(&reference, &current).unwrap();
            rejected += u32::from(test.p_value < 0.05);
            sum += test.statistic;
            squares += test.statistic * test.statistic;
            expected = (test.expected, test.expected_spread);
            let weights: Vec<f64> = draw(m).iter().map(|draw| if *draw < 0.3 { 20.0 } else { 1.0 }).collect();
            let test = cramer_von_mises(&reference, Sample::weighted(&current, &weights).unwrap()).unwrap();
            weighted += u32::from(test.p_value < 0.05);
        }
        // 3 standard deviations of the count are 2.7 %
        let sizes = [rejected, weighted].map(|count| f64::from(count) / f64::from(RUNS));
        assert!(sizes.iter().all(|size| (0.015..0.085).contains(size)), "{sizes:?}");
        let mean = sum / f64::from(RUNS);
        let spread = (squares / f64::from(RUNS) - mean * mean).sqrt();
        assert!((0.9..1.1).contains(&(mean / expected.0)), "{mean} {expected:?}");
        assert!((0.85..1.15).contains(&(spread / expected.1)), "{spread} {expected:?}");
    }
}

proptest! {
    /// Anderson's sum over ranks, without ties.
    #[test]
    fn is_the_definition_by_ranks(sides in proptest::collection::vec(any::<bool>(), 4..60)) {
        let side = |which: bool| -> Vec<f64> {
            sides.iter().enumerate().filter(|(_, side)| **side == which).map(|(rank, _)| rank as f64).collect()
        };
        let (x, y) = (side(true), side(false));
        let Ok(test) = cramer_von_mises(&x, &y) else { return Ok(()) };
        let (n, m) = (x.len() as f64, y.len() as f64);
        let squares = |ranks: &[f64]| -> f64 {
            ranks.iter().enumerate().map(|(place, rank)| (rank - place as f64).powi(2)).sum()
        };
        let u = n * squares(&x) + m * squares(&y);
        let statistic = u / (n * m * (n + m)) - (4.0 * n * m - 1.0) / (6.0 * (n + m));
        prop_assert!((test.statistic - statistic).abs() < 1e-9, "{test:?} {statistic}");
        let cubes = |ranks: &[f64]| -> Vec<f64> { ranks.iter().map(|rank| (rank - 9.0).powi(3)).collect() };
        prop_assert_eq!(cramer_von_mises(&cubes(&x), &cubes(&y)).unwrap(), test);
    }
}
