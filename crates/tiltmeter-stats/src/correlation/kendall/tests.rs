use proptest::prelude::*;

use super::*;
use crate::random::Random;

fn plain(x: &[f64], y: &[f64]) -> Result<KendallTau> {
    kendall_tau(Pairs::new(x, y)?)
}

fn check(x: &[f64], y: &[f64], coefficient: f64, p_value: f64, method: KendallMethod) {
    let got = plain(x, y).unwrap();
    assert!((got.coefficient - coefficient).abs() < 1e-13, "{got:?}");
    assert!((got.p_value.unwrap() - p_value).abs() <= 1e-10 * p_value, "{got:?}");
    assert_eq!(got.method, method);
}

/// `scipy.stats.kendalltau(x, y)`, scipy 1.17.1
#[test]
fn golden_values() {
    use KendallMethod::{Asymptotic, Exact};
    let x = [0.59, 0.35, -0.82, 0.72, 0.4, -0.4, -0.92, -1.45, 0.18, 0.36];
    let y = [0.15, -0.38, -0.21, 0.51, -0.22, -0.47, 1.05, -1.49, 0.0, -0.37];
    check(&x, &y, 0.3333333333333333, 0.21637345679012346, Exact);
    let x = [1.0, 0.0, -1.0, 1.0, 0.0, -0.0, -1.0, -1.0, 0.0, 0.0];
    let y = [0.0, -0.0, -0.0, 1.0, -0.0, -0.0, 1.0, -1.0, 0.0, -0.0];
    check(&x, &y, 0.2621520601955984, 0.3935637708688572, Asymptotic);
    // x = numpy.arange(n); y = x * 37 % 1999 + x / 4, x * 37 % 13, x * 7 % 33.5, x * 7 % 34.5
    let x: Vec<f64> = (0..2000).map(f64::from).collect();
    let of = |n: usize, of: fn(f64) -> f64| x[..n].iter().map(|&x| of(x)).collect::<Vec<_>>();
    check(
        &x,
        &of(2000, |x| x * 37.0 % 1999.0 + x / 4.0),
        0.17535967983991996,
        6.799407521051032e-32,
        Asymptotic,
    );
    check(&x, &of(2000, |x| x * 37.0 % 13.0), 5.205467720928666e-07, 0.9999731679483957, Asymptotic);
    check(&x[..33], &of(33, |x| x * 7.0 % 33.5), 0.11742424242424243, 0.34736662016926184, Exact);
    check(&x[..34], &of(34, |x| x * 7.0 % 34.5), 0.251336898395722, 0.03659566165329499, Asymptotic);
    // almost in order: y[3], y[4] = 4, 3
    let swapped = of(100, |x| if (3.0..=4.0).contains(&x) { 7.0 - x } else { x });
    check(&x[..100], &swapped, 0.9995959595959597, 2.1430205762509337e-156, Exact);
    check(&x[..100], &of(100, |x| -x), -1.0, 2.143020576250934e-158, Exact);
    check(&x[..300], &x[..300], 1.0, 0.0, Exact);
}

#[test]
fn what_has_no_correlation_is_undefined() {
    let reason = |x: &[f64], y: &[f64]| plain(x, y).unwrap_err().undefined();
    assert_eq!(reason(&[], &[]), Some(Undefined::Empty));
    assert_eq!(reason(&[1.0, f64::NAN], &[2.0, 1.0]), Some(Undefined::TooFew { found: 1, needed: 2 }));
    assert_eq!(reason(&[0.0, -0.0], &[1.0, 2.0]), Some(Undefined::Constant));
    let two = plain(&[1.0, 2.0], &[f64::INFINITY, 1.0]).unwrap();
    assert_eq!((two.coefficient, two.p_value, two.count), (-1.0, Some(1.0), 2));
}

#[test]
fn the_exact_distribution_counts_what_trying_all_permutations_counts() {
    fn permutations(n: usize) -> Vec<Vec<usize>> {
        if n == 0 {
            return vec![Vec::new()];
        }
        let shorter = permutations(n - 1);
        shorter
            .iter()
            .flat_map(|shorter| {
                (0..n).map(move |place| {
                    let mut longer = shorter.clone();
                    longer.insert(place, n - 1);
                    longer
                })
            })
            .collect()
    }
    for n in 2..=7 {
        let all = permutations(n);
        let inversions = |order: &Vec<usize>| {
            (0..n).flat_map(|j| (0..j).map(move |i| (i, j))).filter(|&(i, j)| order[i] > order[j]).count()
        };
        for discordant in 0..=n * (n - 1) / 4 {
            let few = all.iter().filter(|order| inversions(order) <= discordant).count();
            let counted = (2 * few) as f64 / all.len() as f64;
            let got = exact::p_value(n, discordant as f64).unwrap();
            assert!((got - counted.min(1.0)).abs() < 1e-14, "{n} {discordant}: {got} {counted}");
        }
    }
}

type Rows = Vec<(f64, f64, f64)>;

fn rows() -> impl Strategy<Value = Rows> {
    let value = || (-6_i32..6).prop_map(f64::from);
    let rows = prop::collection::vec((value(), value(), (0_u32..4).prop_map(f64::from)), 2..30);
    rows.prop_filter("a row must count", |rows| rows.iter().any(|row| row.2 > 0.0))
}

fn weighted(rows: &Rows) -> Result<KendallTau> {
    let (x, y, weights): (Vec<f64>, Vec<f64>, Vec<f64>) = rows.iter().copied().collect();
    kendall_tau(Pairs::weighted(&x, &y, &weights)?)
}

fn mapped(rows: &Rows, of: impl Fn((f64, f64, f64)) -> (f64, f64, f64)) -> Rows {
    rows.iter().copied().map(of).collect()
}

fn same(one: &KendallTau, other: &KendallTau) -> bool {
    (one.coefficient - other.coefficient).abs() < 1e-12
        && (one.p_value.unwrap_or(2.0) - other.p_value.unwrap_or(2.0)).abs() < 1e-9
        && (one.standard_deviation_if_independent - other.standard_deviation_if_independent).abs() < 1e-9
}

/// Pair by pair.
fn by_pairs(rows: &Rows) -> f64 {
    let sign = |one: f64, other: f64| f64::from(i8::from(one > other) - i8::from(one < other));
    let (mut score, mut x_apart, mut y_apart) = (0.0, 0.0, 0.0);
    for one in rows {
        for other in rows {
            let (x, y, weight) = (sign(one.0, other.0), sign(one.1, other.1), one.2 * other.2);
            score += weight * x * y;
            x_apart += weight * x * x;
            y_apart += weight * y * y;
        }
    }
    score / (x_apart * y_apart).sqrt()
}

proptest! {
    #[test]
    fn sorting_gives_what_comparing_all_pairs_gives(rows in rows()) {
        for rows in [mapped(&rows, |(x, y, _)| (x, y, 1.0)), mapped(&rows, |(x, y, weight)| (x, y, weight / 3.0)), rows] {
            let Ok(got) = weighted(&rows) else { continue };
            prop_assert!((got.coefficient - by_pairs(&rows)).abs() < 1e-12, "{:?}", got);
        }
    }

    #[test]
    fn is_symmetric_and_knows_only_ranks(rows in rows()) {
        let Ok(got) = weighted(&rows) else { return Ok(()) };
        prop_assert!((-1.0..=1.0).contains(&got.coefficient));
        prop_assert!((0.0..=1.0).contains(&got.standard_deviation_if_independent));
        prop_assert!(same(&got, &weighted(&mapped(&rows, |(x, y, weight)| (y, x, weight)))?));
        prop_assert!(same(&got, &weighted(&mapped(&rows, |(x, y, weight)| (x.exp() - 3.0, y.powi(3), weight)))?));
        let mut fallen = weighted(&mapped(&rows, |(x, y, weight)| (-x, y, weight)))?;
        fallen.coefficient = -fallen.coefficient;
        prop_assert!(same(&got, &fallen));
        let itself = weighted(&mapped(&rows, |(x, _, weight)| (x, x, weight)))?;
        prop_assert!((itself.coefficient - 1.0).abs() < 1e-12);
    }

    #[test]
    fn whole_weights_are_repeated_rows_and_their_scale_does_not_count(
        rows in rows(), scale in prop_oneof![Just(3.0), Just(1e300), Just(1e-300)],
    ) {
        let Ok(got) = weighted(&rows) else { return Ok(()) };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let repeated: Rows = rows.iter().flat_map(|&(x, y, weight)| std::iter::repeat_n((x, y, 1.0), weight as usize)).collect();
        prop_assert!((got.coefficient - weighted(&repeated)?.coefficient).abs() < 1e-12);
        prop_assert!(same(&got, &weighted(&mapped(&rows, |(x, y, weight)| (x, y, weight * scale)))?));
        prop_assert!(same(&got, &weighted(&rows.iter().rev().copied().collect())?));
        let equal = mapped(&rows, |(x, y, _)| (x, y, 0.3));
        let (x, y, _): (Vec<f64>, Vec<f64>, Vec<f64>) = equal.iter().copied().collect();
        prop_assert_eq!(weighted(&equal).ok(), plain(&x, &y).ok());
    }

    #[test]
    fn any_floats_give_numbers_in_range_or_an_error(
        rows in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>()), 0..12),
    ) {
        let rows = mapped(&rows, |(x, y, weight)| (x, y, if weight.is_finite() { weight.abs() } else { 1.0 }));
        let (x, y, _): (Vec<f64>, Vec<f64>, Vec<f64>) = rows.iter().copied().collect();
        for got in [plain(&x, &y), weighted(&rows)].into_iter().flatten() {
            prop_assert!((-1.0..=1.0).contains(&got.coefficient), "{:?}", got);
            prop_assert!(got.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)), "{:?}", got);
            prop_assert!((0.0..=1.0).contains(&got.standard_deviation_if_independent), "{:?}", got);
        }
    }
}

fn share_rejected(repetitions: usize, mut draw: impl FnMut() -> Rows) -> f64 {
    let rejected = (0..repetitions).filter(|_| weighted(&draw()).unwrap().p_value.is_some_and(|p| p < 0.05));
    rejected.count() as f64 / repetitions as f64
}

/// Standard deviation of the shares: 0.5 %.
#[test]
fn of_independent_columns_it_rejects_as_often_as_it_says() {
    let mut random = Random(1);
    let mut rows = |rows: usize, value: fn(f64) -> f64, weight: fn(f64) -> f64| -> Rows {
        (0..rows)
            .map(|_| (value(random.normal()), value(random.normal()), weight(random.uniform())))
            .collect()
    };
    let (steps, kept) = (|value: f64| (value * 1.5).floor(), |uniform: f64| 1.0 / (0.05 + 0.95 * uniform));
    for (name, share) in [
        ("exact", share_rejected(2_000, || rows(20, |value| value, |_| 1.0))),
        ("asymptotic", share_rejected(2_000, || rows(40, |value| value, |_| 1.0))),
        ("ties", share_rejected(2_000, || rows(40, steps, |_| 1.0))),
    ] {
        assert!((0.035..0.065).contains(&share), "{name}: {share}");
    }
    for (name, share) in [
        ("weighted", share_rejected(2_000, || rows(100, |value| value, kept))),
        ("weighted ties", share_rejected(2_000, || rows(100, steps, kept))),
    ] {
        assert!((0.025..0.06).contains(&share), "{name}: {share}");
    }
    for is_thinned in [|x: f64| x.abs() > 1.5, |x: f64| x.abs() < 0.7] {
        let kept = |x: f64| if is_thinned(x) { 0.1 } else { 1.0 };
        let share = share_rejected(1_000, || {
            let rows = rows(200, |value| value, |uniform| uniform).into_iter();
            rows.filter(|&(x, _, uniform)| uniform < kept(x)).map(|(x, y, _)| (x, y, 1.0 / kept(x))).collect()
        });
        assert!((0.02..0.07).contains(&share), "{share}");
    }
}
