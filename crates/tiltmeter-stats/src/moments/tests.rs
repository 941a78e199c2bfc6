use proptest::prelude::*;

use super::Moments;
use crate::{Sample, Undefined};

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

fn all(moments: &Moments) -> Vec<f64> {
    [
        moments.mean(),
        moments.population_variance(),
        moments.sample_variance(),
        moments.skewness(),
        moments.excess_kurtosis(),
        moments.min(),
        moments.max(),
        Ok(moments.weight()),
        Ok(moments.effective_size()),
    ]
    .into_iter()
    .map(|moment| moment.unwrap_or(-999.0))
    .collect()
}

fn same(a: &Moments, b: &Moments) -> bool {
    a.count() == b.count() && all(a).iter().zip(all(b)).all(|(&a, b)| close(a, b))
}

/// Values on a grid, so that there is either no spread at all or enough to divide by.
fn values() -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec((-99..99).prop_map(|value| f64::from(value) / 8.0), 0..40)
}

#[test]
fn there_are_none_without_values() {
    let moments = Moments::of(&[f64::NAN, f64::INFINITY]);
    assert_eq!((moments.count(), moments.missing(), moments.infinite()), (0, 1, 1));
    assert_eq!(moments.mean().unwrap_err().undefined(), Some(Undefined::Empty));
    assert_eq!(moments.max().unwrap_err().undefined(), Some(Undefined::Empty));
}

#[test]
fn a_constant_has_a_mean_and_no_skewness() {
    let moments = Moments::of(&[0.1; 7]).merge(&Moments::of(&[0.1; 3]));
    assert_eq!((moments.mean().unwrap(), moments.sample_variance().unwrap()), (0.1, 0.0));
    assert_eq!(moments.skewness().unwrap_err().undefined(), Some(Undefined::Constant));
    assert!(Moments::of(&[1.0]).sample_variance().unwrap_err().is_undefined());
}

#[test]
fn an_overflow_is_said() {
    let moments = Moments::of(&[f64::MAX, f64::MIN]);
    assert!(moments.population_variance().unwrap_err().is_invalid());
    assert_eq!((moments.min().unwrap(), moments.max().unwrap()), (f64::MIN, f64::MAX));
}

#[test]
fn large_weights_do_not_hide_the_spread() {
    let (values, weights) = ([0.1, 0.2, 0.7, 0.3], [1e180, 3e180, 2e180, 1e180]);
    let variance = |weights: &[f64]| {
        Moments::of(Sample::weighted(&values, weights).unwrap()).population_variance().unwrap()
    };
    assert!(close(variance(&weights), variance(&weights.map(|weight| weight / 1e180))));
}

#[test]
fn rounding_makes_no_sum_of_even_powers_negative() {
    let of = |values: &[f64], weights: &[f64]| Moments::of(Sample::weighted(values, weights).unwrap());
    // all but nothing is at 0, and the first value, which sums are taken about, is the nothing
    let (a, b) = (of(&[0.0, 0.5], &[1.0, 1e-300]), of(&[0.5], &[1e-300]));
    let c = of(&[0.3, 0.0, 0.0, 0.0, 0.5], &[5e-324, 1.206_547_299_309_398_6, 0.3, 1.0, 1e-300]);
    for moments in [a.merge(&b).merge(&c), c.merge(&a.merge(&b))] {
        assert!(moments.central[0] >= 0.0 && moments.central[2] >= 0.0, "{moments:?}");
    }
}

/// The fields of stored moments, in their order.
#[derive(Clone, Copy, Debug, serde::Serialize)]
struct Stored {
    rows: u64,
    missing: u64,
    infinite: u64,
    weight: f64,
    squared_weights: f64,
    mean: f64,
    central: [f64; 3],
    range: [f64; 2],
}

impl Stored {
    fn read(&self) -> Option<Moments> {
        // not JSON, which has no NaN
        postcard::from_bytes(&postcard::to_allocvec(self).unwrap()).ok()
    }
}

#[test]
fn what_are_no_moments_is_refused() {
    let of_0_and_2 = Stored {
        rows: 2,
        missing: 0,
        infinite: 0,
        weight: 2.0,
        squared_weights: 2.0,
        mean: 1.0,
        central: [2.0, 0.0, 2.0],
        range: [0.0, 2.0],
    };
    assert_eq!(of_0_and_2.read(), Some(Moments::of(&[0.0, 2.0])));
    let wrong: [fn(&mut Stored); 20] = [
        |stored| stored.rows = 0,
        |stored| stored.rows = 1,
        |stored| stored.weight = 0.0,
        |stored| stored.weight = -2.0,
        |stored| stored.weight = f64::NAN,
        |stored| stored.squared_weights = 1.0,
        |stored| stored.squared_weights = 5.0,
        |stored| stored.squared_weights = f64::NAN,
        |stored| stored.mean = 1e300,
        |stored| stored.mean = -0.001,
        |stored| stored.mean = 2.001,
        |stored| stored.mean = f64::NAN,
        |stored| stored.mean = f64::INFINITY,
        |stored| stored.central[0] = -1.0,
        |stored| stored.central[0] = 600.0,
        |stored| stored.central[1] = f64::NAN,
        |stored| stored.central[1] = -1100.0,
        |stored| stored.central[2] = f64::INFINITY,
        |stored| stored.range = [2.0, 0.0],
        |stored| stored.range = [0.0, f64::NAN],
    ];
    for (number, change) in wrong.into_iter().enumerate() {
        let mut stored = of_0_and_2;
        change(&mut stored);
        assert_eq!(stored.read(), None, "{number}: {stored:?}");
    }
    let one = Stored { rows: 1, weight: 1.0, squared_weights: 1.0, central: [0.0; 3], ..of_0_and_2 };
    assert_eq!(one.read(), None);
    assert!(Stored { range: [1.0, 1.0], ..one }.read().is_some());
}

fn hostile_number() -> impl Strategy<Value = f64> {
    let special = [
        0.0,
        -0.0,
        5e-324,
        -1e-162,
        2.6e-162,
        0.3,
        1.0,
        -1.0,
        2.0,
        1e150,
        -1e300,
        f64::MAX,
        f64::NEG_INFINITY,
    ];
    prop_oneof![4 => prop::sample::select(special.to_vec()), 1 => Just(f64::NAN), 2 => any::<f64>()]
}

fn hostile_rows() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    let weight = hostile_number().prop_map(|weight| if weight.is_finite() { weight.abs() } else { 1.0 });
    // one that counts, for there must be one
    let rows = proptest::collection::vec((hostile_number(), weight), 0..12);
    rows.prop_map(|rows| rows.into_iter().chain([(0.5, 1e-300)]).unzip())
}

proptest! {
    #[test]
    fn merging_is_concatenation(a in values(), b in values(), c in values()) {
        let parts = [&a, &b, &c].map(Moments::of);
        let merged = parts[0].merge(&parts[1]).merge(&parts[2]);
        let other = parts[0].merge(&parts[1].merge(&parts[2]));
        let whole = Moments::of(&[a, b, c].concat());
        prop_assert!(same(&merged, &whole), "{merged:?} {whole:?}");
        prop_assert!(same(&merged, &other), "{merged:?} {other:?}");
        prop_assert!(same(&Moments::empty().merge(&merged), &merged));
    }

    #[test]
    fn whole_weights_are_repeated_rows(rows in proptest::collection::vec((-9..9_i32, 0..4_u8), 1..40)) {
        let values: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let repeated: Vec<f64> = rows.iter().flat_map(|row| vec![f64::from(row.0); row.1.into()]).collect();
        prop_assume!(!repeated.is_empty());
        let (mut weighted, mut repeated) =
            (all(&Moments::of(Sample::weighted(&values, &weights).unwrap())), all(&Moments::of(&repeated)));
        // the effective size is not an estimate
        weighted.pop();
        repeated.pop();
        prop_assert!(weighted.iter().zip(&repeated).all(|(&a, &b)| close(a, b)), "{weighted:?} {repeated:?}");
    }

    #[test]
    fn an_offset_changes_the_mean_alone(values in values(), offset in -1e6..1e6_f64) {
        let (before, after) = (
            Moments::of(&values),
            Moments::of(&values.iter().map(|value| value + offset.round()).collect::<Vec<f64>>()),
        );
        for moment in [Moments::population_variance, Moments::skewness, Moments::excess_kurtosis] {
            match (moment(&before), moment(&after)) {
                (Ok(before), Ok(after)) => prop_assert!((before - after).abs() < 1e-6, "{before} {after}"),
                (before, after) => prop_assert_eq!(before.is_err(), after.is_err()),
            }
        }
    }

    #[test]
    fn all_that_can_come_about_comes_back(a in hostile_rows(), b in hostile_rows(), c in hostile_rows()) {
        let [a, b, c] = [a, b, c].map(|(values, weights)| Moments::of(Sample::weighted(&values, &weights).unwrap()));
        let pair = a.merge(&b);
        for moments in [a, pair, pair.merge(&c), c.merge(&pair)] {
            let stored = postcard::to_allocvec(&moments).unwrap();
            let back = postcard::from_bytes::<Moments>(&stored);
            prop_assert!(back.is_ok(), "{moments:?} {back:?}");
            // not as numbers: NaN is not equal to itself
            let [back, moments] = [back.unwrap(), moments].map(|moments| format!("{moments:?}"));
            prop_assert_eq!(back, moments);
        }
    }

    #[test]
    fn so_do_those_of_neighbouring_numbers(
        parts in proptest::collection::vec(proptest::collection::vec((0..3_u8, 0.1..9.0), 1..6), 1..40),
        origin in prop_oneof![Just(1e9), Just(-1e-9), Just(0.1)],
    ) {
        let mut all = Moments::empty();
        for part in parts {
            let value = |ulps: u8| origin * (1.0 + f64::from(ulps) * f64::EPSILON);
            let (values, weights): (Vec<f64>, Vec<f64>) =
                part.into_iter().map(|(ulps, weight)| (value(ulps), weight)).unzip();
            all = all.merge(&Moments::of(Sample::weighted(&values, &weights).unwrap()));
            let back = postcard::from_bytes::<Moments>(&postcard::to_allocvec(&all).unwrap());
            prop_assert_eq!(back.ok(), Some(all));
        }
    }

    #[test]
    fn hostile_content_is_refused_or_gives_sensible_moments(
        (rows, weight, squared_weights) in (0..4_u64, hostile_number(), hostile_number()),
        mean in hostile_number(),
        central in [hostile_number(), hostile_number(), hostile_number()],
        range in [hostile_number(), hostile_number()],
    ) {
        let stored =
            Stored { rows, missing: 1, infinite: 1, weight, squared_weights, mean, central, range };
        let Some(moments) = stored.read() else { return Ok(()) };
        if let (Ok(mean), Ok(min), Ok(max)) = (moments.mean(), moments.min(), moments.max()) {
            prop_assert!(min - 1e-9 * min.abs().max(max.abs()) <= mean, "{moments:?}");
            prop_assert!(mean <= max + 1e-9 * min.abs().max(max.abs()), "{moments:?}");
        }
        prop_assert!(moments.population_variance().is_ok_and(|variance| variance >= 0.0)
            || moments.population_variance().is_err());
        let _ = all(&moments.merge(&moments));
    }

    #[test]
    fn hostile_values_do_not_panic(a in proptest::collection::vec(any::<f64>(), 0..30)) {
        let moments = Moments::of(&a);
        prop_assert_eq!(moments.count() + moments.missing() + moments.infinite(), a.len() as u64);
        let _ = all(&moments.merge(&moments));
        // sums that overflowed are stored too; NaN is not equal to itself
        let back: Moments = postcard::from_bytes(&postcard::to_allocvec(&moments).unwrap()).unwrap();
        prop_assert_eq!(all(&back), all(&moments));
    }

    #[test]
    fn blocks_and_batches_do_not_matter(
        some in proptest::collection::vec(prop_oneof![4 => -9.0..9.0, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY)], 1..50),
        (clean, is_clean) in (proptest::collection::vec(-9.0..9.0, 1..50), any::<bool>()),
        (times, size) in (1..100_usize, 1..3000_usize),
        offset in prop_oneof![Just(0.0), Just(1e9)],
    ) {
        let some = if is_clean { clean } else { some };
        let values: Vec<f64> = some.repeat(times).iter().map(|value| value + offset).collect();
        let weights: Vec<f64> = (0..values.len()).map(|row| (row % 5) as f64).collect();
        let mut batches = [Moments::empty(); 2];
        for (values, weights) in values.chunks(size).zip(weights.chunks(size)) {
            batches[0].update(values);
            if weights.iter().any(|&weight| weight > 0.0) {
                batches[1].update(Sample::weighted(values, weights).unwrap());
            }
        }
        for (moments, weights) in batches.iter().zip([vec![1.0; values.len()], weights]) {
            // by the definition
            let rows = || values.iter().zip(&weights).filter(|(value, weight)| value.is_finite() && **weight > 0.0);
            let total: f64 = rows().map(|(_, weight)| weight).sum();
            prop_assert_eq!((moments.count(), moments.weight()), (rows().count() as u64, total));
            if total > 0.0 {
                let mean = offset + rows().map(|(value, weight)| weight * (value - offset)).sum::<f64>() / total;
                let power = |k: i32| rows().map(|(value, weight)| weight * (value - mean).powi(k)).sum::<f64>() / total;
                prop_assert!((moments.mean().unwrap() - mean).abs() < 1e-9 + 1e-15 * offset);
                for (found, k) in moments.central.iter().zip(2..) {
                    let scale = 9.0_f64.powi(k);
                    prop_assert!((found / total - power(k)).abs() < 1e-6 * scale, "{k}: {found} {}", power(k));
                }
            }
        }
    }
}
