use proptest::prelude::*;

use super::{KsMethod, KsTest, ks_two_sample, ks_two_sample_limit};
use crate::{Ecdf, Sample, Undefined};

fn values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        4 => (-9..9).prop_map(f64::from),
        4 => -9.0..9.0,
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => any::<f64>(),
    ];
    proptest::collection::vec(value, 0..50)
}

fn on_a_grid() -> impl Strategy<Value = Vec<f64>> {
    let value =
        prop_oneof![9 => (-99..99).prop_map(|value| f64::from(value) / 8.0), 1 => Just(f64::INFINITY)];
    proptest::collection::vec(value, 0..50)
}

#[test]
fn says_which_sample_is_empty() {
    let (none, some) = ([f64::NAN], [1.0]);
    assert_eq!(ks_two_sample(&none, &some).unwrap_err().undefined(), Some(Undefined::EmptyReference));
    assert_eq!(ks_two_sample(&some, &none).unwrap_err().undefined(), Some(Undefined::EmptyCurrent));
}

#[test]
fn the_scale_of_weights_does_not_matter() {
    let (reference, current, weights) = ([1.0, 2.0, 3.0, 5.0], [2.0, 4.0, 6.0], [1.0, 3.0, 2.0, 1.0]);
    let of = |scale: f64| {
        let weights = weights.map(|weight| weight * scale);
        let current = Sample::weighted(&current, &weights[..3]).unwrap();
        ks_two_sample(Sample::weighted(&reference, &weights).unwrap(), current).unwrap()
    };
    for scale in [1e200, 1e-200] {
        let (scaled, plain) = (of(scale), of(1.0));
        assert!((scaled.statistic - plain.statistic).abs() < 1e-15, "{scale}");
        assert!((scaled.p_value - plain.p_value).abs() < 1e-12, "{scale}");
    }
}

#[test]
fn exact_is_refused_where_it_is_not() {
    let many: Vec<f64> = (0..10_001).map(f64::from).collect();
    let (many, one) = (Ecdf::of(&many).unwrap(), Ecdf::of(&[1.0]).unwrap());
    let weighted = Ecdf::of(Sample::weighted(&[1.0, 2.0], &[1.0, 2.5]).unwrap()).unwrap();
    for other in [&many, &weighted] {
        assert_eq!(KsTest::between(&one, other).method, KsMethod::Asymptotic);
        assert!(KsTest::by(KsMethod::Exact, other, &one).unwrap_err().is_invalid());
    }
    assert_eq!(KsTest::between(&one, &one).method, KsMethod::Exact);
}

#[test]
fn samples_of_different_sizes_with_equal_shares_are_the_same() {
    // sums of 1/3 and 1/30 would leave a distance of 1e-16, and a p-value below 1
    let small: Vec<f64> = (0..3).map(f64::from).collect();
    let large: Vec<f64> = (0..12_000).map(|row| f64::from(row % 3)).collect();
    let test = ks_two_sample(&small, &large).unwrap();
    assert_eq!((test.statistic, test.p_value, test.method), (0.0, 1.0, KsMethod::Asymptotic));
}

#[test]
fn missing_values_are_counted() {
    let test = ks_two_sample(&[1.0, f64::NAN], &[f64::NAN, f64::NAN, 2.0]).unwrap();
    assert_eq!((test.missing_reference, test.missing_current), (1, 2));
    assert_eq!((test.reference_size, test.current_size, test.statistic), (1, 1, 1.0));
}

/// A cheap generator of numbers from 0 to 1: Knuth's MMIX.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1_u64 << 53) as f64
}

#[test]
fn rejects_about_as_often_as_it_claims_and_d_has_the_mean_it_claims() {
    let mut state = 7;
    let (mut rejected, mut rejected_weighted, mut sum, mut expected) = (0, 0, 0.0, 0.0);
    const RUNS: u32 = 600;
    for _ in 0..RUNS {
        let mut draw = |size: usize| -> Vec<f64> { (0..size).map(|_| uniform(&mut state)).collect() };
        let (reference, current) = (draw(300), draw(200));
        let test = ks_two_sample(&reference, &current).unwrap();
        rejected += u32::from(test.p_value < 0.05);
        sum += test.statistic;
        expected += test.expected;
        let weights: Vec<f64> =
            draw(200).into_iter().map(|draw| if draw < 0.3 { 20.0 } else { 1.0 }).collect();
        let weighted = ks_two_sample(&reference, Sample::weighted(&current, &weights).unwrap()).unwrap();
        rejected_weighted += u32::from(weighted.p_value < 0.05);
    }
    // 3 standard deviations of the count are 2.7 %
    let sizes = [rejected, rejected_weighted].map(|count| f64::from(count) / f64::from(RUNS));
    assert!((0.02..0.08).contains(&sizes[0]), "{sizes:?}");
    assert!((0.01..0.08).contains(&sizes[1]), "{sizes:?}");
    assert!((0.9..1.1).contains(&(sum / expected)), "{}", sum / expected);
}

proptest! {
    #[test]
    fn is_within_its_ranges_and_symmetric(a in values(), b in values()) {
        for test in [ks_two_sample, ks_two_sample_limit] {
            let (Ok(forth), Ok(back)) = (test(&a[..], &b[..]), test(&b[..], &a[..])) else { continue };
            prop_assert!((0.0..=1.0).contains(&forth.statistic));
            prop_assert!((0.0..=1.0).contains(&forth.p_value));
            prop_assert!((0.0..=1.0).contains(&forth.expected) && forth.resolution == 0.0);
            prop_assert_eq!((forth.statistic, forth.p_value), (back.statistic, back.p_value));
        }
    }

    #[test]
    fn nothing_differs_from_itself(a in values()) {
        if let Ok(test) = ks_two_sample(&a, &a) {
            prop_assert_eq!((test.statistic, test.p_value), (0.0, 1.0));
        }
    }

    #[test]
    fn only_ranks_matter(a in on_a_grid(), b in on_a_grid()) {
        let cubes = |values: &[f64]| -> Vec<f64> { values.iter().map(|x| x * x * x).collect() };
        prop_assert_eq!(ks_two_sample(&cubes(&a), &cubes(&b)), ks_two_sample(&a, &b));
    }

    #[test]
    fn whole_weights_are_repeated_rows(
        rows in proptest::collection::vec((-9..9_i32, 0..4_u8), 1..40),
        current in values(),
    ) {
        let values: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let repeated: Vec<f64> = rows.iter().flat_map(|row| vec![f64::from(row.0); row.1.into()]).collect();
        prop_assume!(!repeated.is_empty());
        let weighted = ks_two_sample(Sample::weighted(&values, &weights).unwrap(), &current);
        let repeated = ks_two_sample(&repeated, &current);
        prop_assert_eq!(weighted.map(|test| test.statistic), repeated.map(|test| test.statistic));
    }
}
