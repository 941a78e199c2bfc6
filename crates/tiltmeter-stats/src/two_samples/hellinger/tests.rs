use super::hellinger_from_counts;
use crate::random::Random;
use crate::two_samples::laws_of_counts::even_counts;

#[test]
fn is_what_numpy_computes() {
    // np.sqrt(0.5 * np.sum((np.sqrt(p / p.sum()) - np.sqrt(q / q.sum())) ** 2)), numpy 2.4.6
    let known = [
        (
            vec![10.0, 55.0, 5.0, 13.0, 68.0, 8.0, 84.0],
            vec![58.0, 79.0, 27.0, 35.0, 19.0, 34.0, 80.0],
            0.306_444_801_911_376_13,
        ),
        (vec![14.0, 45.0, 43.0, 12.0], vec![18.0, 19.0, 0.0, 38.0], 0.5302387304333034),
        (vec![3.0, 0.0], vec![0.0, 9.0], 1.0),
    ];
    for (p, q, distance) in known {
        let hellinger = hellinger_from_counts(&p, &q).unwrap();
        assert!((hellinger.distance - distance).abs() < 1e-12, "{hellinger:?} {distance}");
    }
}

#[test]
fn without_drift_the_mean_and_the_spread_are_as_expected() {
    const RUNS: u32 = 400;
    let mut random = Random(7);
    let (mut sum, mut squares, mut expected) = (0.0, 0.0, (0.0, 0.0));
    for _ in 0..RUNS {
        let [p, q] = [400, 300].map(|size| even_counts(&mut random, 10, size));
        let hellinger = hellinger_from_counts(&p, &q).unwrap();
        sum += hellinger.distance;
        squares += hellinger.distance * hellinger.distance;
        expected = (hellinger.expected, hellinger.expected_spread);
    }
    let mean = sum / f64::from(RUNS);
    let spread = (squares / f64::from(RUNS) - mean * mean).sqrt();
    assert!((0.96..1.06).contains(&(mean / expected.0)), "{mean} {expected:?}");
    assert!((0.87..1.15).contains(&(spread / expected.1)), "{spread} {expected:?}");
}
