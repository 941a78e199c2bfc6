//! What holds for every statistic of two distribution functions.

#![expect(clippy::float_cmp, reason = "exact where it must be, as with infinities and equal samples")]

use proptest::prelude::*;

use crate::{
    CramerVonMises, Ecdf, EnergyDistance, Result, Sample, Sorted, Undefined, Wasserstein, cramer_von_mises,
    cramer_von_mises_sorted, energy_distance, energy_distance_sorted, sort_values, wasserstein,
    wasserstein_sorted,
};

/// The value, what is expected of it, and the probability of it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Numbers {
    value: f64,
    expected: f64,
    p_value: f64,
    missing: [u64; 2],
}

impl From<Wasserstein> for Numbers {
    fn from(moved: Wasserstein) -> Self {
        let missing = [moved.missing_reference, moved.missing_current];
        Self { value: moved.distance, expected: moved.expected, p_value: 1.0, missing }
    }
}

impl From<EnergyDistance> for Numbers {
    fn from(energy: EnergyDistance) -> Self {
        let missing = [energy.missing_reference, energy.missing_current];
        Self { value: energy.distance, expected: energy.expected, p_value: 1.0, missing }
    }
}

impl From<CramerVonMises> for Numbers {
    fn from(test: CramerVonMises) -> Self {
        let missing = [test.missing_reference, test.missing_current];
        Self { value: test.statistic, expected: test.expected, p_value: test.p_value, missing }
    }
}

struct Statistic {
    name: &'static str,
    of: fn(Sample<'_>, Sample<'_>) -> Result<Numbers>,
    sorted: fn(Sorted<'_>, Sorted<'_>) -> Result<Numbers>,
    between: fn(&Ecdf, &Ecdf) -> Result<Numbers>,
}

fn statistics() -> [Statistic; 3] {
    [
        Statistic {
            name: "wasserstein",
            of: |x, y| Ok(wasserstein(x, y)?.into()),
            sorted: |x, y| Ok(wasserstein_sorted(x, y)?.into()),
            between: |x, y| Ok(Wasserstein::between(x, y)?.into()),
        },
        Statistic {
            name: "energy",
            of: |x, y| Ok(energy_distance(x, y)?.into()),
            sorted: |x, y| Ok(energy_distance_sorted(x, y)?.into()),
            between: |x, y| Ok(EnergyDistance::between(x, y)?.into()),
        },
        Statistic {
            name: "cramer_von_mises",
            of: |x, y| Ok(cramer_von_mises(x, y)?.into()),
            sorted: |x, y| Ok(cramer_von_mises_sorted(x, y)?.into()),
            between: |x, y| Ok(CramerVonMises::between(x, y)?.into()),
        },
    ]
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![4 => (-9..9).prop_map(f64::from), 4 => -9.0..9.0];
    proptest::collection::vec(value, 2..50)
}

fn hostile() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        4 => any::<f64>(),
        2 => -3.0..3.0,
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => Just(f64::MAX),
        1 => Just(f64::MIN),
        1 => Just(5e-324),
        1 => Just(-0.0),
    ];
    proptest::collection::vec(value, 0..30)
}

fn rows() -> impl Strategy<Value = Vec<(i32, u8)>> {
    proptest::collection::vec((-9..9_i32, 0..4_u8), 2..40)
        .prop_filter("two rows that count", |rows| rows.iter().filter(|row| row.1 > 0).count() > 1)
}

fn columns(rows: &[(i32, u8)]) -> [Vec<f64>; 3] {
    let values: Vec<f64> = rows.iter().map(|row| row.0.into()).collect();
    let repeated = rows.iter().flat_map(|row| vec![f64::from(row.0); row.1.into()]).collect();
    [values, rows.iter().map(|row| row.1.into()).collect(), repeated]
}

#[test]
fn says_which_sample_is_empty() {
    let (none, some) = ([f64::NAN], [1.0, 2.0]);
    let (none, some) = (Sample::new(&none), Sample::new(&some));
    let (no_values, values) = (Sorted::new(&[]).unwrap(), Sorted::new(&[1.0, 2.0]).unwrap());
    for statistic in statistics() {
        let reason = |result: Result<Numbers>| result.unwrap_err().undefined();
        assert_eq!(reason((statistic.of)(none, some)), Some(Undefined::EmptyReference));
        assert_eq!(reason((statistic.of)(some, none)), Some(Undefined::EmptyCurrent));
        assert_eq!(reason((statistic.sorted)(no_values, values)), Some(Undefined::EmptyReference));
        assert_eq!(reason((statistic.sorted)(values, no_values)), Some(Undefined::EmptyCurrent));
    }
}

proptest! {
    #[test]
    fn is_symmetric_and_the_same_in_all_forms(x in values(), y in values()) {
        for statistic in statistics() {
            let plain = (statistic.of)(Sample::new(&x), Sample::new(&y)).unwrap();
            let back = (statistic.of)(Sample::new(&y), Sample::new(&x)).unwrap();
            prop_assert!((plain.value - back.value).abs() <= 1e-12 * (1.0 + plain.value), "{}", statistic.name);
            let ecdfs = [&x, &y].map(|values| Ecdf::of(values).unwrap());
            prop_assert_eq!((statistic.between)(&ecdfs[0], &ecdfs[1]).unwrap(), plain);
            let (mut a, mut b) = (x.clone(), y.clone());
            sort_values(&mut a);
            sort_values(&mut b);
            prop_assert_eq!((statistic.sorted)(Sorted::new(&a).unwrap(), Sorted::new(&b).unwrap()).unwrap(), plain);
        }
    }

    #[test]
    fn nothing_differs_from_itself(x in values(), copies in 1..4_usize) {
        for statistic in statistics() {
            let copied = x.repeat(copies);
            let numbers = (statistic.of)(Sample::new(&x), Sample::new(&copied)).unwrap();
            prop_assert!(numbers.value == 0.0 && numbers.p_value == 1.0, "{} {numbers:?}", statistic.name);
        }
    }

    #[test]
    fn order_does_not_matter(
        x in values(),
        (y, shuffled) in values().prop_flat_map(|y| (Just(y.clone()), Just(y).prop_shuffle())),
    ) {
        for statistic in statistics() {
            let [before, after] = [&y, &shuffled].map(|y| (statistic.of)(Sample::new(&x), Sample::new(y)));
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn whole_weights_are_repeated_rows(reference in rows(), current in rows()) {
        let ([x, v, x_repeated], [y, w, y_repeated]) = (columns(&reference), columns(&current));
        for statistic in statistics().into_iter().take(2) {
            let weighted = [(&x, &v), (&y, &w)].map(|(x, w)| Sample::weighted(x, w).unwrap());
            let weighted = (statistic.of)(weighted[0], weighted[1]).unwrap();
            let repeated = (statistic.of)(Sample::new(&x_repeated), Sample::new(&y_repeated)).unwrap();
            prop_assert_eq!(weighted.value, repeated.value, "{}", statistic.name);
        }
    }

    #[test]
    fn the_scale_of_weights_does_not_matter(
        rows in rows(),
        other in values(),
        scale in prop_oneof![Just(1e300), Just(1e-300), Just(3.7)],
    ) {
        let [x, weights, _] = columns(&rows);
        let scaled: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
        for statistic in statistics() {
            let of = |w: &[f64]| (statistic.of)(Sample::weighted(&x, w).unwrap(), Sample::new(&other)).unwrap();
            let (before, after) = (of(&weights), of(&scaled));
            prop_assert!((before.value - after.value).abs() <= 1e-9 * (1.0 + before.value), "{}", statistic.name);
            prop_assert!((before.expected - after.expected).abs() <= 1e-9 * (1.0 + before.expected));
            prop_assert!((before.p_value - after.p_value).abs() <= 1e-9);
        }
    }

    #[test]
    fn hostile_values_give_no_nan(
        x in hostile(),
        y in hostile(),
        weights in proptest::collection::vec(prop_oneof![any::<f64>(), 0.0..3.0], 30),
    ) {
        let weights: Vec<f64> = weights.iter().map(|w| if w.is_finite() { w.abs() } else { 0.0 }).collect();
        for statistic in statistics() {
            let plain = Sample::new(&x);
            for sample in [Ok(plain), Sample::weighted(&x, &weights[..x.len()])].into_iter().flatten() {
                let Ok(numbers) = (statistic.of)(sample, Sample::new(&y)) else { continue };
                prop_assert!(numbers.value >= 0.0 && numbers.expected >= 0.0, "{} {numbers:?}", statistic.name);
                prop_assert!((0.0..=1.0).contains(&numbers.p_value), "{} {numbers:?}", statistic.name);
                prop_assert_eq!(numbers.missing[1], y.iter().filter(|value| value.is_nan()).count() as u64);
            }
        }
    }
}
