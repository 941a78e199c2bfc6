use proptest::prelude::*;

use super::*;
use crate::random::Random;

fn spearman(x: &[f64], y: &[f64]) -> Result<Spearman> {
    super::spearman(Pairs::new(x, y)?)
}

fn spearman_weighted(x: &[f64], y: &[f64], weights: &[f64]) -> Result<Spearman> {
    super::spearman(Pairs::weighted(x, y, weights)?)
}

#[test]
fn golden_values() {
    // scipy.stats.spearmanr(x, y), scipy 1.17.1
    let x = [0.59, 0.35, -0.82, 0.72, 0.4, -0.4, -0.92, -1.45, 0.18, 0.36];
    let y = [0.15, -0.38, -0.21, 0.51, -0.22, -0.47, 1.05, -1.49, 0.0, -0.37];
    check(&x, &y, 0.33333333333333326, 0.3465935070873343);
    // the same, with ties
    let x = [1.0, 0.0, -1.0, 1.0, 0.0, -0.0, -1.0, -1.0, 0.0, 0.0];
    let y = [0.0, -0.0, -0.0, 1.0, -0.0, -0.0, 1.0, -1.0, 0.0, -0.0];
    check(&x, &y, 0.2643062697568944, 0.46055495637977173);
    // x = numpy.arange(2000.0); y = x * 37 % 1999 + x / 4
    let x: Vec<f64> = (0..2000).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|x| x * 37.0 % 1999.0 + x / 4.0).collect();
    check(&x, &y, 0.24422355405588847, 1.5098072292498603e-28);
}

fn check(x: &[f64], y: &[f64], coefficient: f64, p_value: f64) {
    let got = spearman(x, y).unwrap();
    assert!((got.coefficient - coefficient).abs() < 1e-12, "{got:?}");
    assert!((got.p_value.unwrap() - p_value).abs() < 1e-9 * p_value, "{got:?}");
}

#[test]
fn pairs_with_nan_are_left_out_and_counted() {
    let got =
        spearman(&[1.0, f64::NAN, 2.0, 3.0, 4.0], &[f64::NEG_INFINITY, 1.0, 5.0, f64::NAN, 7.0]).unwrap();
    assert_eq!((got.coefficient, got.count, got.missing), (1.0, 3, 2));
}

#[test]
fn what_has_no_correlation_is_undefined() {
    let reason = |x: &[f64], y: &[f64]| spearman(x, y).unwrap_err().undefined();
    assert_eq!(reason(&[], &[]), Some(Undefined::Empty));
    assert_eq!(reason(&[f64::NAN], &[1.0]), Some(Undefined::Empty));
    assert_eq!(reason(&[1.0], &[2.0]), Some(Undefined::TooFew { found: 1, needed: 2 }));
    assert_eq!(reason(&[0.0, -0.0, 0.0], &[1.0, 2.0, 3.0]), Some(Undefined::Constant));
    assert_eq!(reason(&[1.0, 2.0], &[1.0]), None);
    assert_eq!(spearman(&[1.0, 2.0], &[5.0, 1.0]).unwrap().p_value, None);
}

fn pairs() -> impl Strategy<Value = Vec<(f64, f64, f64)>> {
    let value = || (-8_i32..8).prop_map(|value| f64::from(value) / 4.0);
    prop::collection::vec((value(), value(), (0_u32..4).prop_map(f64::from)), 2..40)
}

fn split(pairs: &[(f64, f64, f64)]) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    pairs.iter().map(|&(x, y, weight)| (x, y, weight)).collect()
}

proptest! {
    #[test]
    fn stays_in_range_is_symmetric_and_knows_only_ranks(pairs in pairs()) {
        let (x, y, _) = split(&pairs);
        let Ok(got) = spearman(&x, &y) else { return Ok(()) };
        prop_assert!((-1.0..=1.0).contains(&got.coefficient));
        prop_assert!(got.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)));
        let close = |other: Spearman, sign: f64| (other.coefficient - sign * got.coefficient).abs() < 1e-12;
        prop_assert!(close(spearman(&y, &x)?, 1.0));
        let risen: Vec<f64> = x.iter().map(|x| x.exp() - 3.0).collect();
        prop_assert!(close(spearman(&risen, &y)?, 1.0));
        let fallen: Vec<f64> = x.iter().map(|x| -x).collect();
        prop_assert!(close(spearman(&fallen, &y)?, -1.0));
        prop_assert_eq!(spearman(&x, &x)?.coefficient.to_bits(), 1.0_f64.to_bits());
    }

    #[test]
    fn whole_weights_are_repeated_pairs_and_their_scale_does_not_count(pairs in pairs()) {
        let (x, y, weights) = split(&pairs);
        prop_assume!(weights.iter().any(|&weight| weight > 0.0));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let repeated: Vec<_> =
            pairs.iter().flat_map(|&pair| std::iter::repeat_n(pair, pair.2 as usize)).collect();
        let (more_x, more_y, _) = split(&repeated);
        let scaled: Vec<f64> = weights.iter().map(|weight| weight * 1e200).collect();
        let Ok(got) = spearman_weighted(&x, &y, &weights) else { return Ok(()) };
        let (more, scaled) = (spearman(&more_x, &more_y)?, spearman_weighted(&x, &y, &scaled)?);
        prop_assert!((got.coefficient - more.coefficient).abs() < 1e-12);
        prop_assert!((got.coefficient - scaled.coefficient).abs() < 1e-12);
        prop_assert_eq!(got.p_value.is_some(), scaled.p_value.is_some());
    }

    #[test]
    fn hostile_floats_give_a_number_in_range_or_an_error(
        pairs in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>()), 0..12),
    ) {
        let (x, y, weights) = split(&pairs);
        let weights: Vec<f64> = weights.iter().map(|weight| if weight.is_finite() { weight.abs() } else { 1.0 }).collect();
        for got in [spearman(&x, &y), spearman_weighted(&x, &y, &weights)].into_iter().flatten() {
            prop_assert!((-1.0..=1.0).contains(&got.coefficient), "{:?}", got);
            prop_assert!(got.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)), "{:?}", got);
        }
    }
}

/// The share of rejections at 5 % of independent columns.
fn share_rejected(repetitions: usize, mut draw: impl FnMut() -> Vec<(f64, f64, f64)>) -> f64 {
    let rejected = (0..repetitions).filter(|_| {
        let (x, y, weights) = split(&draw());
        spearman_weighted(&x, &y, &weights).unwrap().p_value.is_some_and(|p| p < 0.05)
    });
    rejected.count() as f64 / repetitions as f64
}

/// Standard deviation of the shares: 0.5 % to 0.7 %.
#[test]
fn of_independent_columns_it_rejects_as_often_as_it_says() {
    let mut random = Random(1);
    let mut rows = |rows: usize, weight: fn(f64) -> f64| -> Vec<(f64, f64, f64)> {
        (0..rows).map(|_| (random.normal(), random.normal(), weight(random.uniform()))).collect()
    };
    let plain = share_rejected(2_000, || rows(15, |_| 1.0));
    assert!((0.035..0.065).contains(&plain), "{plain}");
    let weighted = share_rejected(2_000, || rows(100, |uniform| 1.0 / (0.05 + 0.95 * uniform)));
    assert!((0.03..0.065).contains(&weighted), "{weighted}");
    for is_thinned in [|x: f64| x.abs() > 1.5, |x: f64| x.abs() < 0.7] {
        let kept = |x: f64| if is_thinned(x) { 0.1 } else { 1.0 };
        let share = share_rejected(1_000, || {
            let rows = rows(200, |uniform| uniform).into_iter();
            rows.filter(|&(x, _, uniform)| uniform < kept(x)).map(|(x, y, _)| (x, y, 1.0 / kept(x))).collect()
        });
        assert!((0.02..0.075).contains(&share), "{share}");
    }
}
