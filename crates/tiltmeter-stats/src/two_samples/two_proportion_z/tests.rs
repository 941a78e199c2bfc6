use proptest::prelude::*;

use super::*;
use crate::random::Random;

fn counts(successes: u64, total: u64) -> Proportion {
    Proportion::of_counts(successes, total).unwrap()
}

fn near(got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-12 * expected.abs(), "{got} {expected}");
}

/// `proportions_ztest([7, 1], [9, 12])`, `test_proportions_2indep(7, 9, 1, 12, method="wald")`,
/// `confint_proportions_2indep(…, method="newcomb", compare="diff", alpha=0.1)`, statsmodels 0.15
#[test]
fn golden_values() {
    let test = two_proportion_z(&counts(7, 9), &counts(1, 12)).unwrap();
    near(test.z, 3.242965760392318);
    near(test.p_value, 0.0011829242611956763);
    near(test.z_unpooled, 4.342812080260824);
    near(test.p_unpooled, 1.4067045326078415e-05);
    near(test.difference, 0.6944444444444444);
    let interval = test.interval(0.9).unwrap();
    near(interval.lower, 0.34429867558702015);
    near(interval.upper, 0.85381501794762);
    assert_eq!(test.interval(1.0), None);
}

#[test]
fn shares_of_0_and_1_have_an_interval_though_not_always_a_test() {
    // confint_proportions_2indep(0, 9, 0, 12, method="newcomb"), (0, 9, 12, 12)
    let interval = newcombe_interval(&counts(0, 9), &counts(0, 12), 0.95).unwrap();
    near(interval.lower, -0.24249400665524096);
    near(interval.upper, 0.29914504841954415);
    let test = two_proportion_z(&counts(0, 9), &counts(0, 12));
    assert_eq!(test.unwrap_err().undefined(), Some(Undefined::OneCategory));
    assert_eq!(
        two_proportion_z(&counts(3, 3), &counts(4, 4)).unwrap_err().undefined(),
        Some(Undefined::OneCategory)
    );
    let apart = two_proportion_z(&counts(0, 9), &counts(12, 12)).unwrap();
    assert_eq!((apart.difference, apart.z_unpooled, apart.p_unpooled), (-1.0, f64::NEG_INFINITY, 0.0));
    let interval = apart.interval(0.95).unwrap();
    assert_eq!(interval.lower, -1.0);
    near(interval.upper, -0.6149141611826741);
}

#[test]
fn mistakes_and_missing_rows_are_told_apart() {
    assert!(Proportion::of_counts(3, 2).unwrap_err().is_invalid());
    for (share, size) in
        [(1.1, 3.0), (-0.1, 3.0), (f64::NAN, 3.0), (0.5, -1.0), (0.5, f64::INFINITY), (0.5, f64::NAN)]
    {
        assert!(Proportion::of_share(share, size).unwrap_err().is_invalid(), "{share} {size}");
    }
    assert!(Proportion::of_labels(&[true], Some(&[1.0, 2.0])).unwrap_err().is_invalid());
    let none = Proportion::of_labels(&[], None).unwrap();
    assert_eq!(Proportion::of_labels(&[], Some(&[])), Ok(none));
    assert_eq!(none.share().unwrap_err().undefined(), Some(Undefined::Empty));
    let reason = |one, other| two_proportion_z(&one, &other).unwrap_err().undefined();
    assert_eq!(reason(none, counts(1, 2)), Some(Undefined::EmptyReference));
    assert_eq!(reason(counts(1, 2), none), Some(Undefined::EmptyCurrent));
    assert!(newcombe_interval(&counts(1, 2), &counts(1, 2), 0.0).unwrap_err().is_invalid());
}

#[test]
fn weighted_labels_have_the_weighted_share_and_the_effective_size() {
    let proportion = Proportion::of_labels(&[true, false, true], Some(&[1e300, 2e300, 1e300])).unwrap();
    near(proportion.share().unwrap(), 0.5);
    near(proportion.effective_size(), 16.0 / 6.0);
    assert_eq!(Proportion::of_labels(&[true, false, true], None), Proportion::of_counts(2, 3));
}

fn proportion() -> impl Strategy<Value = (u64, u64)> {
    (1_u64..400).prop_flat_map(|total| (0..=total, Just(total)))
}

proptest! {
    #[test]
    fn sides_and_outcomes_mirror_each_other((a, n) in proportion(), (b, m) in proportion(), level in 0.5..0.999_f64) {
        let (one, other) = (counts(a, n), counts(b, m));
        let interval = newcombe_interval(&one, &other, level)?;
        for (one, other) in [(other, one), (counts(n - a, n), counts(m - b, m))] {
            let mirrored = newcombe_interval(&one, &other, level)?;
            prop_assert!((interval.lower + mirrored.upper).abs() < 1e-12);
            prop_assert!((interval.upper + mirrored.lower).abs() < 1e-12);
        }
        let Ok(test) = two_proportion_z(&one, &other) else { return Ok(()) };
        for (one, other) in [(other, one), (counts(n - a, n), counts(m - b, m))] {
            let mirrored = two_proportion_z(&one, &other)?;
            prop_assert!((test.z + mirrored.z).abs() < 1e-9 && (test.p_value - mirrored.p_value).abs() < 1e-9);
        }
        prop_assert!((-1.0..=1.0).contains(&test.difference) && test.expected_spread > 0.0);
        prop_assert!(-1.0 <= interval.lower && interval.contains(test.difference) && interval.upper <= 1.0);
        prop_assert!(test.z_unpooled.abs() * (1.0 + 1e-12) >= test.z.abs() || n != m);
    }

    #[test]
    fn the_same_shares_do_not_differ((a, n) in proportion()) {
        let Ok(test) = two_proportion_z(&counts(a, n), &counts(a, n)) else { return Ok(()) };
        prop_assert_eq!((test.z, test.p_value, test.p_unpooled), (0.0, 1.0, 1.0));
    }

    #[test]
    fn counts_are_shares_with_their_size((a, n) in proportion(), (b, m) in proportion()) {
        let share = |successes: u64, total: u64| Proportion::of_share(successes as f64 / total as f64, total as f64);
        let (Ok(one), Ok(other)) = (two_proportion_z(&counts(a, n), &counts(b, m)), two_proportion_z(&share(a, n)?, &share(b, m)?)) else {
            return Ok(());
        };
        prop_assert!((one.z - other.z).abs() < 1e-9 && (one.p_value - other.p_value).abs() < 1e-9);
    }

    #[test]
    fn any_shares_and_sizes_give_numbers_in_range_or_an_error(
        shares in (0.0..=1.0_f64, 0.0..=1.0_f64), sizes in (any::<f64>(), any::<f64>()), level in any::<f64>(),
    ) {
        let (Ok(one), Ok(other)) = (Proportion::of_share(shares.0, sizes.0.abs()), Proportion::of_share(shares.1, sizes.1.abs())) else {
            return Ok(());
        };
        if let Ok(test) = two_proportion_z(&one, &other) {
            prop_assert!((0.0..=1.0).contains(&test.p_value) && (0.0..=1.0).contains(&test.p_unpooled), "{test:?}");
            prop_assert!(!test.z.is_nan() && !test.z_unpooled.is_nan() && !test.expected_spread.is_nan(), "{test:?}");
        }
        for level in [level, 0.95] {
            if let Ok(interval) = newcombe_interval(&one, &other, level) {
                prop_assert!(-1.0 <= interval.lower && interval.lower <= interval.upper && interval.upper <= 1.0, "{interval:?}");
            }
        }
    }
}

/// Standard deviation of the rates: 0.35 %.
#[test]
fn size_and_coverage_are_as_stated() {
    let mut random = Random(1);
    let mut draw = |share: f64, total: u64| {
        let labels: Vec<bool> = (0..total).map(|_| random.uniform() < share).collect();
        let weights: Vec<f64> = (0..total).map(|_| 1.0 / (0.05 + 0.95 * random.uniform())).collect();
        [
            Proportion::of_labels(&labels, None).unwrap(),
            Proportion::of_labels(&labels, Some(&weights)).unwrap(),
        ]
    };
    let (mut rejected, mut held) = ([0; 2], [0; 2]);
    for _ in 0..4_000 {
        let (reference, current, other) = (draw(0.3, 100), draw(0.3, 80), draw(0.15, 80));
        for kind in 0..2 {
            let test = two_proportion_z(&reference[kind], &current[kind]).unwrap();
            rejected[kind] += usize::from(test.p_value < 0.05);
            let interval = newcombe_interval(&reference[kind], &other[kind], 0.95).unwrap();
            held[kind] += usize::from(interval.contains(0.15));
        }
    }
    assert!(rejected.iter().all(|count| (150..=250).contains(count)), "{rejected:?}");
    assert!(held.iter().all(|count| (3_750..=3_850).contains(count)), "{held:?}");
}
