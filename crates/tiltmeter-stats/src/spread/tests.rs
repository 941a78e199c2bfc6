use proptest::prelude::*;

use super::Spread;
use crate::random::Random;

fn with_infinities() -> impl Strategy<Value = f64> {
    prop_oneof![6 => any::<f64>(), 1 => Just(f64::INFINITY), 1 => Just(f64::NEG_INFINITY), 1 => Just(0.0)]
}

fn is_monotone(spread: &Spread, mut values: Vec<f64>) -> bool {
    values.sort_unstable_by(f64::total_cmp);
    let cells: Vec<usize> = values.iter().map(|&value| spread.cell(value + 0.0)).collect();
    cells.is_sorted() && cells.iter().all(|&cell| cell < Spread::CELLS)
}

/// A variable made of a normal one.
type Shape = fn(f64) -> f64;

#[test]
fn smooth_samples_are_spread_out() {
    let mut random = Random(7);
    let shapes: [(&str, Shape, u32); 4] = [
        ("normal", |z| z, 100),
        ("far from 0", |z| 1e9 + z, 100),
        ("heavy on both sides", |z| z.powi(5), 10_000),
        ("lognormal", |z| (3.0 * z).exp(), 1_000),
    ];
    for (name, shape, most) in shapes {
        let values: Vec<f64> = (0..100_000).map(|_| shape(random.normal())).collect();
        let spread = Spread::fitted_to(&values).unwrap();
        let fullest = spread.count(&values).into_iter().max().unwrap();
        assert!(fullest < most, "{name}: {fullest} of 100000 in one cell");
    }
}

#[test]
fn there_is_no_map_without_a_finite_middle() {
    assert!(Spread::fitted_to(&[]).is_none());
    assert!(Spread::fitted_to(&[f64::INFINITY; 3]).is_none());
}

#[test]
fn infinities_are_where_no_number_is_beyond_them() {
    let infinite = [f64::NEG_INFINITY, f64::INFINITY];
    for fitted in
        [vec![0.0], vec![infinite[0], 0.0], vec![infinite[0], 1.0, 1.0, 2.0, infinite[1], infinite[1]]]
    {
        let spread = Spread::fitted_to(&fitted).unwrap();
        assert!(
            is_monotone(&spread, [&fitted[..], &infinite, &[-1.0, 3.0, f64::MAX]].concat()),
            "{spread:?}"
        );
    }
}

#[test]
fn equal_values_share_a_cell() {
    for fitted in [[0.0, 1.0, 2.0], [-0.0, -0.0, 5.0], [0.0, 0.0, 0.0]] {
        let spread = Spread::fitted_to(&fitted).unwrap();
        assert_eq!(spread.cell(0.0), spread.cell(-0.0));
    }
}

proptest! {
    #[test]
    fn the_map_never_descends(
        fitted in proptest::collection::vec(with_infinities(), 1..50),
        others in proptest::collection::vec(with_infinities(), 0..50),
    ) {
        let present = |values: Vec<f64>| values.into_iter().filter(|value| !value.is_nan()).collect::<Vec<_>>();
        let (fitted, others) = (present(fitted), present(others));
        if let Some(spread) = Spread::fitted_to(&fitted) {
            prop_assert!(is_monotone(&spread, [fitted, others].concat()));
        }
    }

    #[test]
    fn values_close_together_do_not_descend_either(
        centre in -1e3..1e3_f64,
        steps in proptest::collection::vec(-40..40_i32, 2..60),
    ) {
        let values: Vec<f64> = steps.iter().map(|&step| centre + f64::from(step) * f64::EPSILON).collect();
        let spread = Spread::fitted_to(&values).unwrap();
        prop_assert!(is_monotone(&spread, values));
    }
}
