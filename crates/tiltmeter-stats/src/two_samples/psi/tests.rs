#![expect(
    clippy::float_cmp,
    reason = "exact where whole numbers are summed and divided, and where the same is computed twice"
)]

use proptest::prelude::*;

use super::{
    Psi, psi_categorical, psi_categorical_weighted, psi_deepchecks, psi_evidently, psi_feature_engine,
    psi_from_counts, psi_frouros, psi_null_quantile,
};
use crate::{QuantileBins, Sample, Undefined, psi_numeric};

fn counts() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let count =
        || prop_oneof![Just(0.0), 0.0..1e6, (0..50_u8).prop_map(f64::from), Just(1e-300), Just(1e300)];
    proptest::collection::vec((count(), count()), 1..30)
}

#[test]
fn says_which_sample_is_empty() {
    let reason =
        |reference: &[f64], current: &[f64]| psi_from_counts(reference, current).unwrap_err().undefined();
    assert_eq!(reason(&[0.0], &[1.0]), Some(Undefined::EmptyReference));
    assert_eq!(reason(&[1.0], &[0.0]), Some(Undefined::EmptyCurrent));
    assert_eq!(reason(&[0.0], &[0.0]), Some(Undefined::EmptyReference));
    assert_eq!(psi_numeric(&[], &[1.0]).unwrap_err().undefined(), Some(Undefined::EmptyReference));
    assert_eq!(psi_numeric(&[1.0], &[f64::NAN]).unwrap_err().undefined(), Some(Undefined::EmptyCurrent));
    assert_eq!(psi_feature_engine(&[], &[1.0]).unwrap_err().undefined(), Some(Undefined::EmptyReference));
    assert_eq!(psi_categorical(&["a"], &[]).unwrap_err().undefined(), Some(Undefined::EmptyCurrent));
    assert_eq!(psi_deepchecks(&["a"], &[]).unwrap_err().undefined(), Some(Undefined::EmptyCurrent));
    for psi in [psi_evidently, psi_frouros] {
        let reason = |reference: &[f64], current: &[f64]| psi(reference, current).unwrap_err().undefined();
        assert_eq!(reason(&[], &[1.0]), Some(Undefined::EmptyReference));
        assert_eq!(reason(&[1.0], &[f64::INFINITY]), Some(Undefined::EmptyCurrent));
        assert_eq!(reason(&[f64::NAN], &[]), Some(Undefined::EmptyReference));
    }
}

/// By the lines of evidently 0.7.23 and frouros 0.9.0 in numpy 2.4: `np.histogram_bin_edges(..., bins="sturges")` or the
/// distinct values, `np.histogram`, and what either puts for a share of 0.
#[test]
fn other_tools_definitions_are_theirs() {
    let near =
        |psi: f64, expected: f64| assert!((psi - expected).abs() < 1e-11 * expected, "{psi} {expected}");
    let (reference, current) = ([0.0, -0.0, 1.0, 2.0, f64::NAN], [0.0, 1.0, 1.0, 3.0, 3.0, f64::INFINITY]);
    near(psi_evidently(&reference, &current).unwrap().value, 5.617407313138895);
    near(psi_frouros(&reference, &current).unwrap().value, 460.0899699268911);
    let reference: Vec<f64> = (0..30).map(f64::from).collect();
    let current: Vec<f64> = (0..25).map(|value| f64::from(value) * 2.0 + 0.5).collect();
    near(psi_evidently(&reference, &current).unwrap().value, 2.31757872690344);
    near(psi_frouros(&reference, &current).unwrap().value, 282.6824101360253);
    // a share below 10⁻⁴ makes an absent value a millionth of it
    let reference = [vec![0.0; 20_000], vec![1.0]].concat();
    let current = [vec![0.0; 10], vec![2.0]].concat();
    near(psi_evidently(&reference, &current).unwrap().value, 1.9469765357100763);
    // and bins that neither sample has then count
    let fine: Vec<f64> = (0..25).map(|value| f64::from(value) / 100.0).collect();
    let reference = [fine.repeat(1_000), vec![100.0]].concat();
    let current = [fine, vec![50.0]].concat();
    near(psi_evidently(&reference, &current).unwrap().value, 0.8162534853686326);
}

#[test]
fn mistakes_are_refused() {
    assert!(psi_from_counts(&[1.0], &[1.0, 2.0]).unwrap_err().is_invalid());
    assert!(psi_from_counts(&[1.0, -1.0], &[1.0, 2.0]).unwrap_err().is_invalid());
    assert!(psi_from_counts(&[1.0, f64::NAN], &[1.0, 2.0]).unwrap_err().is_invalid());
    assert!(psi_categorical_weighted(&["a"], Some(&[]), &["a"], None).unwrap_err().is_invalid());
    assert!(psi_null_quantile(1.5, 10, 1.0, 1.0).unwrap_err().is_invalid());
    assert!(psi_null_quantile(0.5, 0, 1.0, 1.0).unwrap_err().is_invalid());
    assert!(psi_null_quantile(0.5, 10, 0.0, 1.0).unwrap_err().is_invalid());
}

#[test]
fn the_levels_of_feature_engine_are_those_of_numpy() {
    let reference: Vec<f64> = (0..201).map(|row| f64::from(row - 120).max(0.0)).collect();
    let current: Vec<f64> =
        (0..200).map(|row| if row < 100 { 0.0 } else { f64::from(row * 7 % 90) }).collect();
    // bins from numpy.unique(numpy.percentile(reference, numpy.linspace(0, 1, 11) * 100)), as DropHighPSIFeatures has
    // them, numpy 2.4.6; with levels of i / 10 it is 0.0413
    let psi = psi_feature_engine(&reference, &current).unwrap();
    assert!((psi.value - 0.05055739489861055).abs() < 1e-14, "{}", psi.value);
}

#[test]
fn empty_bins_are_no_bins_and_rare_ones_are_counted() {
    let psi = psi_from_counts(&[1e6, 1.0, 0.0, 0.0], &[1e6, 0.0, 500.0, 0.0]).unwrap();
    assert_eq!((psi.bins, psi.floored_bins), (3, 2));
    assert_eq!(psi_from_counts(&[7.0, 0.0], &[3.0, 0.0]).unwrap().p_value, 1.0);
}

#[test]
fn with_weights_the_size_is_the_effective_one() {
    let (values, weights) = ([1.0, 2.0, 3.0, 4.0], [10.0, 10.0, 1.0, 1.0]);
    let psi = psi_numeric(&[1.0, 2.0, 3.0], Sample::weighted(&values, &weights).unwrap()).unwrap();
    assert!((psi.current_effective_size - 22.0 * 22.0 / 202.0).abs() < 1e-12);
    let psi = psi_categorical_weighted(&["a"; 4], Some(&weights), &["a", "b"], None).unwrap();
    assert!((psi.reference_effective_size - 22.0 * 22.0 / 202.0).abs() < 1e-12);
}

/// A cheap generator of numbers from 0 to 1: Knuth's MMIX.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 11) as f64 / (1_u64 << 53) as f64
}

#[test]
fn without_drift_the_mean_and_the_95_percent_point_are_as_claimed() {
    const RUNS: u32 = 800;
    let mut state = 11;
    let (mut sum, mut expected, mut rejected, mut above) = (0.0, 0.0, 0, 0);
    let point = psi_null_quantile(0.95, 10, 400.0, 600.0).unwrap();
    for _ in 0..RUNS {
        let mut draw = |size: usize| -> Vec<f64> { (0..size).map(|_| uniform(&mut state)).collect() };
        let psi = psi_numeric(&draw(400), &draw(600)).unwrap();
        sum += psi.value;
        expected += psi.expected;
        rejected += u32::from(psi.p_value < 0.05);
        above += u32::from(psi.value > point);
    }
    assert_eq!(rejected, above);
    // 3 standard deviations of the count are 2.3 %
    assert!((0.027..0.09).contains(&(f64::from(rejected) / f64::from(RUNS))), "{rejected}");
    assert!((0.9..1.15).contains(&(sum / expected)), "{}", sum / expected);
}

proptest! {
    #[test]
    fn is_within_its_ranges_and_symmetric(counts in counts()) {
        let (a, b): (Vec<f64>, Vec<f64>) = counts.into_iter().unzip();
        let Ok(psi) = psi_from_counts(&a, &b) else { return Ok(()) };
        let back = psi_from_counts(&b, &a).unwrap();
        prop_assert!(psi.value >= 0.0 && psi.value.is_finite() && psi.expected >= 0.0);
        prop_assert!((0.0..=1.0).contains(&psi.p_value), "{psi:?}");
        prop_assert!((psi.value - back.value).abs() <= 1e-12 * psi.value.max(1.0));
        prop_assert_eq!(psi_from_counts(&a, &a).unwrap().value, 0.0);
        prop_assert!(psi.floored_bins <= psi.bins && psi.bins <= a.len());
    }

    #[test]
    fn the_order_of_bins_does_not_matter(
        (before, after) in counts().prop_flat_map(|counts| (Just(counts.clone()), Just(counts).prop_shuffle())),
    ) {
        let of = |counts: &[(f64, f64)]| {
            let (a, b): (Vec<f64>, Vec<f64>) = counts.iter().copied().unzip();
            psi_from_counts(&a, &b)
        };
        if let (Ok(before), Ok(after)) = (of(&before), of(&after)) {
            prop_assert!((before.value - after.value).abs() <= 1e-9 * before.value.max(1.0));
        }
    }

    #[test]
    fn whole_weights_are_repeated_rows(
        rows in proptest::collection::vec((-9..9_i32, 0..4_u8), 1..40),
        current in proptest::collection::vec(-9..9_i32, 1..40),
    ) {
        let values: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let repeated: Vec<f64> = rows.iter().flat_map(|row| vec![f64::from(row.0); row.1.into()]).collect();
        let current: Vec<f64> = current.into_iter().map(f64::from).collect();
        prop_assume!(!repeated.is_empty());
        let weighted = Sample::weighted(&values, &weights).unwrap();
        let forth = psi_numeric(weighted, &current).unwrap();
        prop_assert_eq!(forth.value, psi_numeric(&repeated, &current).unwrap().value);
        let back = psi_numeric(&current, weighted).unwrap();
        prop_assert_eq!(back.value, psi_numeric(&current, &repeated).unwrap().value);

        let labels: Vec<i32> = rows.iter().map(|row| row.0).collect();
        let repeated: Vec<i32> = rows.iter().flat_map(|row| vec![row.0; row.1.into()]).collect();
        let one = psi_categorical_weighted(&labels, Some(&weights), &[0, 1], None).unwrap();
        prop_assert_eq!(one.value, psi_categorical(&repeated, &[0, 1]).unwrap().value);
    }

    #[test]
    fn hostile_values_do_not_panic(
        a in proptest::collection::vec(any::<f64>(), 0..30),
        b in proptest::collection::vec(any::<f64>(), 0..30),
    ) {
        let _ = (psi_numeric(&a, &b), psi_feature_engine(&a, &b), psi_from_counts(&a, &b));
        for psi in [psi_evidently(&a, &b), psi_frouros(&a, &b)].into_iter().flatten() {
            prop_assert!(psi.value.is_finite() && (0.0..=1.0).contains(&psi.p_value), "{psi:?}");
        }
        if let Ok(same) = psi_evidently(&a, &a) {
            prop_assert_eq!((same.value, same.p_value), (0.0, 1.0));
        }
        if let Ok(bins) = QuantileBins::of(&a, 10) {
            prop_assert!(Psi::between(&bins.count(&a), &bins.count(&a)).unwrap().value == 0.0);
        }
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let reference: Vec<f64> = (0..100).map(f64::from).chain([f64::NAN]).collect();
    let current: Vec<f64> = (0..50).map(f64::from).chain([f64::NAN, f64::NAN, f64::INFINITY]).collect();
    let of = |psi: Psi| [psi.missing_reference, psi.missing_current];
    assert_eq!(of(crate::psi_numeric(&reference, &current).unwrap()), [1, 2]);
    assert_eq!(of(crate::psi_feature_engine(&reference, &current).unwrap()), [1, 2]);
    // ±∞ too
    assert_eq!(of(crate::psi_evidently(&reference, &current).unwrap()), [1, 3]);
    assert_eq!(of(crate::psi_frouros(&reference, &current).unwrap()), [1, 3]);
    assert_eq!(of(crate::psi_from_counts(&[1.0, 2.0], &[2.0, 1.0]).unwrap()), [0, 0]);
}
