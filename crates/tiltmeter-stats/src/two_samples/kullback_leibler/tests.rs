#![expect(clippy::float_cmp, reason = "exact where it must be, as with infinities and equal samples")]

use super::{kl_categorical, kl_from_counts, kl_smoothed_from_counts};
use crate::random::Random;
use crate::two_samples::laws_of_counts::even_counts;

#[test]
fn is_scipys() {
    // scipy.stats.entropy(p, q), scipy 1.17.1
    let known = [
        (
            vec![10.0, 55.0, 5.0, 13.0, 68.0, 8.0, 84.0],
            vec![58.0, 79.0, 27.0, 35.0, 19.0, 34.0, 80.0],
            0.396_129_622_291_007_9,
        ),
        (vec![14.0, 45.0, 0.0, 12.0], vec![18.0, 19.0, 7.0, 38.0], 0.4461450302508428),
        (vec![14.0, 45.0, 1.0], vec![18.0, 19.0, 0.0], f64::INFINITY),
    ];
    for (p, q, nats) in known {
        let kl = kl_from_counts(&p, &q).unwrap();
        assert!(kl.nats == nats || (kl.nats - nats).abs() < 1e-12, "{kl:?} {nats}");
        assert!(kl.bits == nats || (kl.bits * std::f64::consts::LN_2 - nats).abs() < 1e-12);
        assert_eq!(kl.lacking_bins > 0, nats.is_infinite());
    }
}

#[test]
fn smoothed_shares_are_floored_and_normalised_again() {
    // p, q = np.maximum(shares, 1e-4); scipy.stats.entropy(p, q), which normalises
    let kl = kl_smoothed_from_counts(&[14.0, 45.0, 1.0, 0.0], &[18.0, 19.0, 0.0, 5.0]).unwrap();
    assert!((kl.nats - 0.32182344176605665).abs() < 1e-12, "{kl:?}");
    assert_eq!((kl.lacking_bins, kl.floored_bins, kl.bins), (1, 2, 4));
    // where nothing is rare, nothing changes
    let counts = ([5.0, 6.0], [7.0, 1.0]);
    let (plain, smoothed) =
        (kl_from_counts(&counts.0, &counts.1), kl_smoothed_from_counts(&counts.0, &counts.1));
    assert!((plain.unwrap().nats - smoothed.unwrap().nats).abs() < 1e-15);
}

/// The divergence of shares that differ by a relative ε is ε²/2 nats, which the definition cancels away.
#[test]
fn nearly_equal_shares_do_not_cancel() {
    for difference in [1e-2, 1e-4, 1e-6, 1e-9] {
        let kl = kl_from_counts(&[1.0 + difference, 1.0 - difference], &[1.0, 1.0]).unwrap();
        let expected = difference * difference / 2.0;
        assert!((kl.nats - expected).abs() < 1e-3 * expected, "{difference} {kl:?}");
    }
    let at = |x: f64| super::divergence_of_bin([1.0, 1.0 + x]);
    for edge in [1e-3, -1e-3] {
        assert!((at(edge * (1.0 - 1e-13)) - at(edge * (1.0 + 1e-13))).abs() < 1e-15);
    }
}

#[test]
fn a_new_category_counts_through_the_others_only() {
    let kl = kl_categorical(&["a", "b"], &["a", "b", "c", "c"]).unwrap();
    assert!((kl.nats - std::f64::consts::LN_2).abs() < 1e-15);
    assert_eq!((kl.lacking_bins, kl.bins), (0, 3));
}

#[test]
fn without_drift_the_mean_and_the_spread_are_as_expected() {
    const RUNS: u32 = 600;
    let mut random = Random(5);
    let (mut sum, mut squares, mut expected) = (0.0, 0.0, (0.0, 0.0));
    for _ in 0..RUNS {
        let [p, q] = [400, 600].map(|size| even_counts(&mut random, 8, size));
        let kl = kl_from_counts(&p, &q).unwrap();
        sum += kl.nats;
        squares += kl.nats * kl.nats;
        expected = (kl.expected, kl.expected_spread);
    }
    let mean = sum / f64::from(RUNS);
    let spread = (squares / f64::from(RUNS) - mean * mean).sqrt();
    assert!((0.94..1.1).contains(&(mean / expected.0)), "{mean} {expected:?}");
    assert!((0.88..1.15).contains(&(spread / expected.1)), "{spread} {expected:?}");
}
