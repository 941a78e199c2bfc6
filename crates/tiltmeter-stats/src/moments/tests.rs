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
fn what_are_no_moments_is_refused() {
    let of = |rows: u64, m2: f64, range: &str| {
        let text = format!(
            "{{\"rows\":{rows},\"missing\":0,\"infinite\":0,\"weight\":2.0,\"squared_weights\":2.0,\"mean\":1.0,\
             \"central\":[{m2},0.0,0.0],\"range\":{range}}}"
        );
        serde_json::from_str::<Moments>(&text)
    };
    assert!(of(2, 1.0, "[0.0,2.0]").is_ok());
    assert!(of(0, 1.0, "[0.0,2.0]").is_err());
    assert!(of(2, -1.0, "[0.0,2.0]").is_err());
    assert!(of(2, 1.0, "[2.0,0.0]").is_err());
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
    fn hostile_values_do_not_panic(a in proptest::collection::vec(any::<f64>(), 0..30)) {
        let moments = Moments::of(&a);
        prop_assert_eq!(moments.count() + moments.missing() + moments.infinite(), a.len() as u64);
        let _ = all(&moments.merge(&moments));
        // sums that overflowed are stored too; NaN is not equal to itself
        let back: Moments = postcard::from_bytes(&postcard::to_allocvec(&moments).unwrap()).unwrap();
        prop_assert_eq!(all(&back), all(&moments));
    }
}
