use super::{js_categorical, js_from_counts};
use crate::random::Random;
use crate::two_samples::laws_of_counts::even_counts;

#[test]
fn is_scipys() {
    // scipy.spatial.distance.jensenshannon(p, q, base=2), scipy 1.17.1
    let known = [
        (
            vec![10.0, 55.0, 5.0, 13.0, 68.0, 8.0, 84.0],
            vec![58.0, 79.0, 27.0, 35.0, 19.0, 34.0, 80.0],
            0.361_156_871_521_624_6,
        ),
        (vec![14.0, 45.0, 43.0, 12.0], vec![18.0, 19.0, 0.0, 38.0], 0.5630628564824386),
        (vec![1e6, 1e6 + 1.0], vec![1e6, 1e6], 2.1233034390684054e-07),
    ];
    for (p, q, distance) in known {
        let js = js_from_counts(&p, &q).unwrap();
        assert!((js.distance_bits - distance).abs() < 1e-9, "{js:?} {distance}");
        assert!((js.distance_nats() - distance * std::f64::consts::LN_2.sqrt()).abs() < 1e-9);
    }
}

/// The divergence of shares that differ by a relative ε is ε²/8 nats, which the definition cancels away.
#[test]
fn nearly_equal_shares_do_not_cancel() {
    for difference in [1e-3, 1e-6, 1e-9] {
        let js = js_from_counts(&[1.0 + difference, 1.0 - difference], &[1.0, 1.0]).unwrap();
        let expected = difference * difference / 8.0;
        assert!((js.divergence_nats() - expected).abs() < 1e-6 * expected, "{difference} {js:?}");
    }
    // the series meets the logarithms
    let at = |x: f64| super::divergence_of_bin([1.0 + x, 1.0 - x]);
    assert!((at(0.01 - 1e-15) - at(0.01 + 1e-15)).abs() < 1e-16);
}

#[test]
fn the_smallest_of_shares_is_no_divergence() {
    // half of it is 0
    let counts = [1.0, f64::from_bits(1)];
    assert!(js_from_counts(&counts, &counts).unwrap().divergence_bits < 1e-12);
}

#[test]
fn no_overlap_is_one_bit() {
    let js = js_categorical(&["a", "b", "b"], &["c", "c", "d"]).unwrap();
    assert_eq!((js.distance_bits, js.divergence_bits, js.bins), (1.0, 1.0, 4));
}

#[test]
fn without_drift_the_mean_and_the_spread_are_as_expected() {
    const RUNS: u32 = 400;
    let mut random = Random(3);
    for (bins, n, m) in [(10, 200, 300), (4, 60, 500)] {
        let (mut sum, mut squares) = (0.0, 0.0);
        let mut expected = None;
        for _ in 0..RUNS {
            let [p, q] = [n, m].map(|size| even_counts(&mut random, bins, size));
            let js = js_from_counts(&p, &q).unwrap();
            sum += js.distance_bits;
            squares += js.distance_bits * js.distance_bits;
            expected = Some((js.expected, js.expected_spread));
        }
        let mean = sum / f64::from(RUNS);
        let spread = (squares / f64::from(RUNS) - mean * mean).sqrt();
        let (expected, expected_spread) = expected.unwrap();
        assert!((0.96..1.06).contains(&(mean / expected)), "{mean} {expected}");
        assert!((0.87..1.15).contains(&(spread / expected_spread)), "{spread} {expected_spread}");
    }
}
