use proptest::prelude::*;

use super::*;

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-12
}

/// Of x in [0, 1], looked at after so many values.
fn after(values: &[f64], count: usize) -> SequentialBounds {
    let mut mean = BoundedMean::new([0.0, 1.0], 0.05).unwrap();
    values.iter().take(count).for_each(|&value| mean.update(value).unwrap());
    mean.bounds().unwrap()
}

/// By the pure part of the Python package confseq 0.0.11, with numpy 2.4.6:
///
/// ```text
/// def lower(x, alpha=.05):
///     mu = np.minimum((.5 + np.cumsum(x)) / (np.arange(1, len(x) + 1) + 1), 1)
///     l = confseq.predmix.predmix_lower_cs(
///         x, v=(x - np.append(.5, mu[:-1]))**2, alpha=alpha, psi_fn=lambda l: -np.log(1 - l) - l,
///         lambdas_fn=lambda y: confseq.betting_strategies.lambda_predmix_eb(y, truncation=.5, alpha=alpha))
///     return np.maximum.accumulate(l)
/// ```
#[test]
fn bounds_are_those_of_confseq() {
    // x = np.array([1, 1, 0, 1, 1, 1, 1, 0, 1, 1] * 20, float); lower(x)[[9, 49, 199]], 1 - lower(1 - x)[[9, 49, 199]]
    let values = [1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0].repeat(20);
    for (count, lower, upper) in [
        (10, 0.11796232529912032, 1.0),
        (50, 0.6131521139958881, 0.9868971405030887),
        (200, 0.7093713968497244, 0.8881970178495915),
    ] {
        let bounds = after(&values, count);
        assert!(close(bounds.lower, lower) && close(bounds.upper, upper), "{bounds:?}");
        assert!(close(bounds.estimate, 0.8) && close(bounds.effective_size, count as f64));
    }
}

#[test]
fn sampled_values_have_the_bounds_of_confseq_too() {
    // u = np.tile([1, .5, 0, 1], 50); w = np.tile([1, 4, 4, 0, 0, 0, 4, 1, 0, 1], 20)
    // lower(w * u)[-1], 1 - lower(w * (1 - u))[-1]
    let (values, weights) = ([1.0, 0.5, 0.0, 1.0], [1.0, 4.0, 4.0, 0.0, 0.0, 0.0, 4.0, 1.0, 0.0, 1.0]);
    let mut mean = BoundedMean::new([0.0, 1.0], 0.05).unwrap();
    for row in 0..200 {
        let weight: f64 = weights[row % 10];
        if weight > 0.0 {
            mean.update_sampled(values[row % 4], 1.0 / weight).unwrap();
        } else {
            mean.left_out();
        }
    }
    let bounds = mean.bounds().unwrap();
    assert!(
        close(bounds.lower, 0.47835266454257913) && close(bounds.upper, 0.7239972072502283),
        "{bounds:?}"
    );
    assert_eq!((mean.count(), mean.missing()), (120, 0));
}

#[test]
fn the_bound_is_where_the_evidence_is_one_in_alpha() {
    let mut mean = BoundedMean::new([-1.0, 1.0], 0.05).unwrap();
    let (mut last, mut moved) = (-1.0, 0);
    for row in 0..500 {
        mean.update([1.0, 0.0, 0.0, -1.0, 1.0][row % 5]).unwrap();
        let lower = mean.bounds().unwrap().lower;
        // later rows may take evidence away again, and the bound stays
        if lower > last {
            assert!((mean.e_value_above(lower) / 20.0 - 1.0).abs() < 1e-9);
            (last, moved) = (lower, moved + 1);
        }
    }
    assert!(moved > 100, "{moved}");
    let bounds = mean.bounds().unwrap();
    assert!(mean.e_value_above(bounds.lower - 0.05) > 20.0 && mean.e_value_above(bounds.lower + 0.05) < 20.0);
    assert!(mean.e_value_below(bounds.upper + 0.05) > 20.0 && mean.e_value_below(bounds.upper - 0.05) < 20.0);
}

#[test]
fn the_expected_size_is_the_size_at_which_like_values_decide() {
    let value = |row: usize| if row.is_multiple_of(10) { 0.0 } else { 1.0 };
    let mut mean = BoundedMean::new([0.0, 1.0], 0.05).unwrap();
    (0..200).for_each(|row| mean.update(value(row)).unwrap());
    for target in [0.87, 0.93] {
        let expected = mean.size_to_exclude(target).unwrap();
        let mut ahead = mean.clone();
        let mut rows = 200;
        while ahead.e_value_above(target).max(ahead.e_value_below(target)) < 20.0 {
            ahead.update(value(rows)).unwrap();
            rows += 1;
        }
        assert!((expected / rows as f64 - 1.0).abs() < 0.1, "{expected} {rows}");
    }
    assert_eq!(mean.size_to_exclude(0.2), Some(200.0));
    assert_eq!(mean.size_to_exclude(0.9), None);
    assert_eq!(mean.size_to_exclude(f64::NAN), None);
    assert_eq!(BoundedMean::new([0.0, 1.0], 0.05).unwrap().size_to_exclude(0.5), None);
}

#[test]
fn what_breaks_the_promise_is_refused() {
    for (range, alpha) in [
        ([0.0, 0.0], 0.05),
        ([1.0, 0.0], 0.05),
        ([0.0, f64::INFINITY], 0.05),
        ([-f64::MAX, f64::MAX], 0.05),
        ([f64::NAN, 1.0], 0.05),
        ([0.0, 1.0], 0.0),
        ([0.0, 1.0], 0.5),
        ([0.0, 1.0], f64::NAN),
    ] {
        assert!(BoundedMean::new(range, alpha).is_err_and(|error| error.is_invalid()), "{range:?} {alpha}");
    }
    let mut mean = BoundedMean::new([0.0, 1.0], 0.05).unwrap();
    for value in [-1e-9, 1.1, f64::INFINITY] {
        assert!(mean.update(value).is_err_and(|error| error.is_invalid()));
    }
    for probability in [0.0, 1.1, -1.0, f64::NAN] {
        assert!(mean.update_sampled(0.5, probability).is_err_and(|error| error.is_invalid()));
    }
    mean.update(f64::NAN).unwrap();
    assert_eq!((mean.count(), mean.missing()), (0, 1));
    assert_eq!(mean.bounds().unwrap_err().undefined(), Some(Undefined::Empty));
}

proptest! {
    #[test]
    fn mirrored_values_have_mirrored_bounds(values in proptest::collection::vec(0.0..=1.0_f64, 1..60)) {
        let mirrored: Vec<f64> = values.iter().map(|value| 1.0 - value).collect();
        let (one, other) = (after(&values, 60), after(&mirrored, 60));
        prop_assert!(close(one.lower, 1.0 - other.upper) && close(one.upper, 1.0 - other.lower));
    }

    #[test]
    fn bounds_move_with_the_range(values in proptest::collection::vec(0.0..=1.0_f64, 1..60)) {
        let mut wide = BoundedMean::new([-3.0, 5.0], 0.05).unwrap();
        values.iter().for_each(|value| wide.update(8.0 * value - 3.0).unwrap());
        let (one, other) = (after(&values, 60), wide.bounds().unwrap());
        prop_assert!((8.0 * one.lower - 3.0 - other.lower).abs() < 1e-9);
        prop_assert!((8.0 * one.upper - 3.0 - other.upper).abs() < 1e-9);
    }

    #[test]
    fn no_number_is_not_one(
        rows in proptest::collection::vec((any::<f64>(), any::<f64>()), 0..20),
        range in any::<[f64; 2]>(),
        asked in any::<f64>(),
    ) {
        let extreme = BoundedMean::new(range, 1e-300);
        for mut mean in [BoundedMean::new([-1e300, 1e-300], 0.4), extreme].into_iter().flatten() {
            for &(value, probability) in &rows {
                let _ = mean.update(value);
                let _ = mean.update_sampled(value.clamp(-1.0, 0.0), probability.abs());
                mean.left_out();
            }
            if let Ok(bounds) = mean.bounds() {
                let SequentialBounds { estimate, lower, upper, effective_size, .. } = bounds;
                prop_assert!([estimate, lower, upper, effective_size].iter().all(|number| number.is_finite()), "{bounds:?}");
            }
            prop_assert!(asked.is_nan() || !mean.e_value_above(asked).is_nan());
            prop_assert!(mean.size_to_exclude(asked).is_none_or(|size| size >= 1.0));
        }
    }
}
