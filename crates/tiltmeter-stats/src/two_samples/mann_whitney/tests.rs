use proptest::prelude::*;

use super::*;
use crate::random::Random;
use crate::{ScoredLabels, Undefined};

fn check(x: &[f64], y: &[f64], statistic: f64, p_value: f64, method: MannWhitneyMethod) {
    let test = mann_whitney(x, y).unwrap();
    assert_eq!((test.statistic, test.method), (statistic, method), "{test:?}");
    assert!((test.p_value - p_value).abs() <= 1e-10 * p_value, "{test:?}");
}

/// `numpy.arange(count) * step % modulus + offset`
fn numbers(count: u32, step: f64, modulus: f64, offset: f64) -> Vec<f64> {
    (0..count).map(|place| f64::from(place) * step % modulus + offset).collect()
}

/// `scipy.stats.mannwhitneyu(x, y)`, scipy 1.17.1
#[test]
fn golden_values() {
    use MannWhitneyMethod::{Asymptotic, Exact};
    let x = [3.1, 4.7, 2.2, 5.9, 4.4, 3.8, 6.1];
    check(&x, &[4.9, 6.3, 5.2, 7.7, 3.9], 8.0, 0.148989898989899, Exact);
    let x: Vec<f64> = numbers(12, 37.0, 101.0, 0.0).iter().map(|x| x / 10.0).collect();
    let y: Vec<f64> = numbers(15, 53.0, 97.0, 0.0).iter().map(|y| y / 9.0 + 2.0).collect();
    check(&x, &y, 55.0, 0.09219293092337442, Asymptotic);
    check(&numbers(30, 1.0, 7.0, 0.0), &numbers(40, 1.0, 5.0, 1.0), 564.0, 0.669311548168207, Asymptotic);
    check(&numbers(8, 11.0, 7.5, 0.0), &numbers(300, 0.37, 9.0, 0.001), 1054.0, 0.5650278020276079, Exact);
    check(&numbers(8, 1.0, 9.0, 0.0), &numbers(8, 1.0, 9.0, 10.0), 0.0, 0.0001554001554001554, Exact);
    check(&numbers(8, 1.0, 9.0, 0.0), &numbers(1000, 1.0, 2000.0, 10.0), 0.0, 7.779649466922164e-20, Exact);
}

/// `scipy.stats.mannwhitneyu(x, y, method="exact")` of the second samples above
#[test]
fn the_exact_distribution_of_more_values() {
    assert!((exact::p_value(12, 15, 55) - 0.09261015677760866).abs() < 1e-14);
    assert_eq!(exact::p_value(12, 15, 55), exact::p_value(15, 12, 55));
    // all orders, however large their number, and half of them
    assert_eq!(exact::p_value(200, 210, 21_000), 1.0);
    assert!(exact::is_affordable(8, 150_000) && !exact::is_affordable(8, 1_000_000));
    assert!(!exact::is_affordable(usize::MAX, usize::MAX));
}

#[test]
fn the_exact_distribution_counts_what_trying_all_orders_counts() {
    for n in 1..=5_usize {
        for m in 1..=6_usize {
            let mut orders = vec![0_u32; n * m + 1];
            for order in (0_u32..1 << (n + m)).filter(|order| order.count_ones() as usize == n) {
                let ones = |below: usize| (order & ((1 << below) - 1)).count_ones() as usize;
                let u: usize =
                    (0..n + m).filter(|place| order >> place & 1 == 1).map(|place| place - ones(place)).sum();
                orders[u] += 1;
            }
            let all: u32 = orders.iter().sum();
            for u in 0..=n * m / 2 {
                let counted = f64::from(2 * orders[..=u].iter().sum::<u32>()) / f64::from(all);
                let got = exact::p_value(n, m, u);
                assert!((got - counted.min(1.0)).abs() < 1e-14, "{n} {m} {u}: {got} {counted}");
            }
        }
    }
}

#[test]
fn values_that_are_all_the_same_do_not_differ() {
    let test = mann_whitney(&[0.0; 12], &[-0.0; 20]).unwrap();
    assert_eq!((test.auc, test.expected_spread, test.p_value), (0.5, 0.0, 1.0));
    let weights: Vec<f64> = (1..=12).map(f64::from).collect();
    let test = mann_whitney(Sample::weighted(&[1.0; 12], &weights).unwrap(), &[1.0; 20]).unwrap();
    assert_eq!((test.auc, test.expected_spread, test.p_value), (0.5, 0.0, 1.0));
}

#[test]
fn infinities_are_values_and_missing_ones_are_counted() {
    let test =
        mann_whitney(&[f64::NEG_INFINITY, 1.0, f64::NAN], &[2.0, f64::INFINITY, f64::INFINITY]).unwrap();
    assert_eq!((test.statistic, test.auc, test.missing_reference, test.reference_size), (0.0, 1.0, 1, 2));
    let reason = |x: &[f64], y: &[f64]| mann_whitney(x, y).unwrap_err().undefined();
    assert_eq!(reason(&[f64::NAN], &[1.0]), Some(Undefined::EmptyReference));
    assert_eq!(reason(&[1.0], &[]), Some(Undefined::EmptyCurrent));
    assert_eq!(mann_whitney(&[1.0], &[2.0]).unwrap().p_value, 1.0);
}

type Rows = Vec<(f64, f64)>;

fn rows() -> impl Strategy<Value = Rows> {
    let row = ((-8_i32..8).prop_map(f64::from), (0_u32..4).prop_map(f64::from));
    let rows = prop::collection::vec(row, 1..25);
    rows.prop_filter("a row must count", |rows| rows.iter().any(|row| row.1 > 0.0))
}

fn tested(x: &Rows, y: &Rows) -> Result<MannWhitney> {
    let split = |rows: &Rows| -> (Vec<f64>, Vec<f64>) { rows.iter().copied().unzip() };
    let ((x, x_weights), (y, y_weights)) = (split(x), split(y));
    mann_whitney(Sample::weighted(&x, &x_weights)?, Sample::weighted(&y, &y_weights)?)
}

fn mapped(rows: &Rows, of: impl Fn((f64, f64)) -> (f64, f64)) -> Rows {
    rows.iter().copied().map(of).collect()
}

fn values(rows: &Rows) -> Vec<f64> {
    rows.iter().map(|row| row.0).collect()
}

fn same(one: &MannWhitney, other: &MannWhitney) -> bool {
    (one.auc - other.auc).abs() < 1e-12
        && (one.expected_spread - other.expected_spread).abs() < 1e-12
        && (one.p_value - other.p_value).abs() < 1e-9
        && (one.statistic - other.statistic).abs() < 1e-9
}

/// Pair by pair.
fn by_pairs(x: &Rows, y: &Rows) -> f64 {
    let (mut won, mut all) = (0.0, 0.0);
    for (one, weight) in x {
        for (other, other_weight) in y {
            let share = if one < other {
                1.0
            } else if one > other {
                0.0
            } else {
                0.5
            };
            won += share * weight * other_weight;
            all += weight * other_weight;
        }
    }
    won / all
}

proptest! {
    #[test]
    fn ranks_give_what_comparing_all_pairs_gives(x in rows(), y in rows()) {
        let test = tested(&x, &y)?;
        prop_assert!((test.auc - by_pairs(&x, &y)).abs() < 1e-12);
        let plain = |rows: &Rows| mapped(rows, |(value, _)| (value, 1.0));
        let (x, y) = (plain(&x), plain(&y));
        let test = tested(&x, &y)?;
        prop_assert!((test.auc - by_pairs(&x, &y)).abs() < 1e-12);
        prop_assert!((test.statistic - (1.0 - by_pairs(&x, &y)) * (x.len() * y.len()) as f64).abs() < 1e-9);
    }

    #[test]
    fn it_is_the_roc_auc_of_current_rows(x in rows(), y in rows()) {
        let all: Rows = x.iter().chain(&y).copied().collect();
        let labels: Vec<bool> = (0..all.len()).map(|row| row >= x.len()).collect();
        let (scores, weights): (Vec<f64>, Vec<f64>) = all.into_iter().unzip();
        let auc = crate::roc_auc(ScoredLabels::weighted(&labels, &scores, &weights)?)?;
        prop_assert!((tested(&x, &y)?.auc - auc.value).abs() < 1e-12);
    }

    #[test]
    fn samples_and_directions_mirror_each_other(x in rows(), y in rows()) {
        let test = tested(&x, &y)?;
        let down = |rows: &Rows| mapped(rows, |(value, weight)| (-value, weight));
        for mirrored in [tested(&y, &x)?, tested(&down(&x), &down(&y))?] {
            prop_assert!((test.auc + mirrored.auc - 1.0).abs() < 1e-12);
            prop_assert!((test.p_value - mirrored.p_value).abs() < 1e-9);
            prop_assert!((test.expected_spread - mirrored.expected_spread).abs() < 1e-12);
        }
    }

    #[test]
    fn only_ranks_count_and_neither_order_nor_the_scale_of_weights(
        x in rows(), y in rows(), scale in prop_oneof![Just(3.0), Just(1e300), Just(1e-300)],
    ) {
        let test = tested(&x, &y)?;
        let risen = |rows: &Rows| mapped(rows, |(value, weight)| (value.exp() - 3.0, weight));
        prop_assert!(same(&test, &tested(&risen(&x), &risen(&y))?));
        prop_assert!(same(&test, &tested(&x.iter().rev().copied().collect(), &y)?));
        prop_assert!(same(&test, &tested(&x, &mapped(&y, |(value, weight)| (value, weight * scale)))?));
    }

    #[test]
    fn equal_weights_are_none_and_sorted_values_give_the_same(x in rows(), y in rows()) {
        let (mut x, mut y) = (values(&x), values(&y));
        let test = mann_whitney(&x, &y)?;
        let weights = vec![0.3; x.len()];
        prop_assert!(same(&test, &mann_whitney(Sample::weighted(&x, &weights)?, &y)?));
        sort_values(&mut x);
        sort_values(&mut y);
        prop_assert_eq!(test, mann_whitney_sorted(Sorted::new(&x)?, Sorted::new(&y)?)?);
    }

    #[test]
    fn whole_weights_give_the_auc_of_repeated_rows(x in rows(), y in rows()) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let repeated = |rows: &Rows| -> Vec<f64> {
            rows.iter().flat_map(|&(value, weight)| std::iter::repeat_n(value, weight as usize)).collect()
        };
        prop_assert!((tested(&x, &y)?.auc - mann_whitney(&repeated(&x), &repeated(&y))?.auc).abs() < 1e-12);
    }

    #[test]
    fn a_sample_does_not_differ_from_itself(x in rows()) {
        let test = tested(&x, &x)?;
        prop_assert!((test.auc - 0.5).abs() < 1e-12 && (test.p_value - 1.0).abs() < 1e-9, "{:?}", test);
    }

    #[test]
    fn any_floats_give_numbers_in_range_or_an_error(
        x in prop::collection::vec((any::<f64>(), any::<f64>()), 0..8),
        y in prop::collection::vec((any::<f64>(), any::<f64>()), 0..8),
    ) {
        let weight = |weight: f64| if weight.is_finite() { weight.abs() } else { 1.0 };
        let (x, y) = (mapped(&x, |(value, w)| (value, weight(w))), mapped(&y, |(value, w)| (value, weight(w))));
        for test in [tested(&x, &y), mann_whitney(&values(&x), &values(&y))].into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&test.p_value) && (0.0..=1.0).contains(&test.auc), "{:?}", test);
            prop_assert!(test.statistic >= 0.0 && test.expected_spread >= 0.0 && test.expected_spread <= 1.0, "{:?}", test);
        }
    }
}

fn share_rejected(repetitions: usize, mut draw: impl FnMut() -> (Rows, Rows)) -> f64 {
    let rejected = (0..repetitions).filter(|_| {
        let (x, y) = draw();
        tested(&x, &y).unwrap().p_value < 0.05
    });
    rejected.count() as f64 / repetitions as f64
}

/// Standard deviation of the shares: 0.5 %.
#[test]
fn without_drift_it_rejects_as_often_as_it_says() {
    let mut random = Random(1);
    let mut normal = |rows: usize, weight: fn(f64) -> f64| -> Rows {
        (0..rows).map(|_| (random.normal(), weight(random.uniform()))).collect()
    };
    for (n, m) in [(20, 20), (8, 30)] {
        let plain = share_rejected(2_000, || (normal(n, |_| 1.0), normal(m, |_| 1.0)));
        assert!((0.035..0.065).contains(&plain), "{n} {m}: {plain}");
    }
    let weight = |uniform: f64| 1.0 / (0.05 + 0.95 * uniform);
    for (n, m) in [(20, 20), (100, 40)] {
        let independent = share_rejected(2_000, || (normal(n, weight), normal(m, weight)));
        assert!((0.03..0.065).contains(&independent), "{n} {m}: {independent}");
    }
    // values are kept one time in ten when they are far from 0, or near it
    for is_thinned in [|value: f64| value.abs() > 1.5, |value: f64| value.abs() < 0.7] {
        let mut sampled = || -> Rows {
            let rows = (0..200).filter_map(|_| {
                let value = random.normal();
                let kept = if is_thinned(value) { 0.1 } else { 1.0 };
                (random.uniform() < kept).then_some((value, 1.0 / kept))
            });
            rows.collect()
        };
        let dependent = share_rejected(1_500, || (sampled(), sampled()));
        assert!((0.03..0.07).contains(&dependent), "{dependent}");
    }
}
