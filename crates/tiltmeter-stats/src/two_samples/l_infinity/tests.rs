#![expect(clippy::float_cmp, reason = "exact where it must be, as with infinities and equal samples")]

use super::{l_infinity_from_counts, l_infinity_numeric};
use crate::random::Random;
use crate::two_samples::laws_of_counts::even_counts;

#[test]
fn is_the_largest_difference() {
    let largest = l_infinity_from_counts(&[50.0, 30.0, 20.0], &[10.0, 30.0, 60.0]).unwrap();
    assert!((largest.distance - 0.4).abs() < 1e-15);
    assert_eq!(l_infinity_numeric(&[3.5; 50], &[4.0; 50]).unwrap().distance, 1.0);
}

/// 1 - prod(1 - 2 * scipy.stats.norm.sf(d / s)) and its integral over d by scipy.integrate.quad, scipy 1.17.1, with
/// r = (p + q) / (n + m) and s = sqrt(r * (1 - r) * (1 / n + 1 / m)) for the counts p and q.
#[test]
fn the_mean_and_the_p_value_are_those_of_the_formula() {
    let known = [
        (vec![50.0, 30.0, 20.0], vec![30.0, 30.0, 40.0], 0.08799669061075698, 0.007928992267109192),
        (
            vec![5.0, 3.0, 2.0, 9.0, 1.0, 400.0],
            vec![3.0, 0.0, 4.0, 11.0, 9.0, 300.0],
            0.01854394307821526,
            0.05417509361388362,
        ),
        // one difference, not two
        (vec![60.0, 40.0], vec![50.0, 50.0], 0.056136154777643325, 0.1552184896846841),
    ];
    for (p, q, expected, p_value) in known {
        let largest = l_infinity_from_counts(&p, &q).unwrap();
        assert!((largest.expected - expected).abs() < 1e-3 * expected, "{largest:?} {expected}");
        assert!((largest.p_value - p_value).abs() < 1e-10, "{largest:?} {p_value}");
    }
}

#[test]
fn without_drift_the_mean_is_as_expected_and_few_are_rejected() {
    const RUNS: u32 = 500;
    let mut random = Random(11);
    for (bins, n, m, most) in [(2, 300, 200, 1.08), (3, 300, 200, 1.2), (10, 500, 400, 1.07)] {
        let (mut sum, mut squares, mut expected, mut spread, mut rejected) = (0.0, 0.0, 0.0, 0.0, 0);
        for _ in 0..RUNS {
            let [p, q] = [n, m].map(|size| even_counts(&mut random, bins, size));
            let largest = l_infinity_from_counts(&p, &q).unwrap();
            sum += largest.distance;
            squares += largest.distance.powi(2);
            expected += largest.expected;
            spread += largest.expected_spread / f64::from(RUNS);
            rejected += u32::from(largest.p_value < 0.05);
        }
        assert!((0.95..most).contains(&(expected / sum)), "{bins}: {}", expected / sum);
        let mean = sum / f64::from(RUNS);
        let seen = (squares / f64::from(RUNS) - mean * mean).sqrt();
        assert!((0.85..1.15).contains(&(spread / seen)), "{bins}: {spread} {seen}");
        // 3 standard deviations of the count are 2.9 %
        let size = f64::from(rejected) / f64::from(RUNS);
        assert!((0.015..0.08).contains(&size), "{bins}: {size}");
    }
}

#[test]
fn the_rough_tail_is_near_the_right_one() {
    for step in 0..300 {
        let x = f64::from(step) * 0.1;
        let (rough, right) = (super::rough_two_sided_p(x), crate::interval::two_sided_p(x));
        assert!((rough - right).abs() <= 3e-7 * right, "{x}: {rough} {right}");
    }
}
