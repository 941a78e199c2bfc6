#![expect(
    clippy::float_cmp,
    reason = "exact where whole numbers are summed and divided, and where the same is computed twice"
)]

use proptest::prelude::*;

use super::Ecdf;
use crate::{KsTest, Sample, Undefined};

/// Few distinct values, so that there are ties.
fn values() -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec((-20..20).prop_map(|value| f64::from(value) / 4.0), 1..60)
}

fn hostile() -> impl Strategy<Value = Vec<f64>> {
    let value =
        prop_oneof![any::<f64>(), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(5e-324), Just(f64::MAX)];
    proptest::collection::vec(value, 1..40)
}

#[test]
fn there_is_none_without_values() {
    for values in [&[][..], &[f64::NAN, f64::NAN]] {
        assert_eq!(Ecdf::of(values).unwrap_err().undefined(), Some(Undefined::Empty));
    }
    assert_eq!(Ecdf::merge([]).unwrap_err().undefined(), Some(Undefined::Empty));
}

#[test]
fn both_zeroes_are_one_value() {
    let ecdf = Ecdf::of(&[0.0, -0.0, f64::NEG_INFINITY]).unwrap();
    assert_eq!((ecdf.distinct(), ecdf.at(-0.0), ecdf.min()), (2, 1.0, f64::NEG_INFINITY));
}

#[test]
fn weights_that_cannot_be_squared_are_refused() {
    for weight in [1e200, 1e-200] {
        let weights = [weight, weight];
        assert!(Ecdf::of(Sample::weighted(&[1.0, 2.0], &weights).unwrap()).unwrap_err().is_invalid());
    }
}

#[test]
fn a_weight_lost_in_rounding_leaves_something_that_can_be_stored() {
    let weights = [1e9, 1e-9, 1.0];
    let ecdf = Ecdf::of(Sample::weighted(&[1.0, 2.0, 3.0], &weights).unwrap()).unwrap();
    let stored = postcard::to_allocvec(&ecdf).unwrap();
    assert_eq!(postcard::from_bytes::<Ecdf>(&stored).unwrap(), ecdf);
}

#[test]
fn what_is_no_distribution_is_refused() {
    let stored = |values: &str, cumulative: &str, rest: &str| {
        let text = format!("{{\"values\":{values},\"cumulative\":{cumulative},{rest}}}");
        serde_json::from_str::<Ecdf>(&text).map_err(|error| error.to_string())
    };
    let rest = r#""rows":3,"squared_weights":3.0,"missing":0,"resolution":0.0"#;
    assert_eq!(stored("[1.0,2.0]", "[1.0,3.0]", rest).unwrap(), Ecdf::of(&[1.0, 2.0, 2.0]).unwrap());
    for (values, cumulative) in [
        ("[]", "[]"),
        ("[1.0]", "[1.0,3.0]"),
        ("[2.0,1.0]", "[1.0,3.0]"),
        ("[1.0,1.0]", "[1.0,3.0]"),
        ("[1.0,2.0]", "[3.0,3.0]"),
        ("[1.0,2.0]", "[0.0,3.0]"),
        ("[1.0,2.0]", "[1.0,4.0]"),
    ] {
        assert!(stored(values, cumulative, rest).is_err(), "{values} {cumulative}");
    }
    for rest in [
        r#""rows":1,"squared_weights":3.0,"missing":0,"resolution":0.0"#,
        r#""rows":3,"squared_weights":0.0,"missing":0,"resolution":0.0"#,
        r#""rows":3,"squared_weights":3.0,"missing":0,"resolution":1.5"#,
    ] {
        assert!(stored("[1.0,2.0]", "[1.0,3.0]", rest).is_err(), "{rest}");
    }
}

proptest! {
    #[test]
    fn merging_is_concatenation(a in values(), b in values(), c in values()) {
        let parts = [&a, &b, &c].map(|part| Ecdf::of(part).unwrap());
        let merged = Ecdf::merge(&parts).unwrap();
        let pair = Ecdf::merge(&parts[1..]).unwrap();
        prop_assert_eq!(&merged, &Ecdf::of(&[a, b, c].concat()).unwrap());
        prop_assert_eq!(&merged, &Ecdf::merge([&pair, &parts[0]]).unwrap());
    }

    #[test]
    fn whole_weights_are_repeated_rows(rows in proptest::collection::vec((-9..9_i32, 0..4_u8), 1..40)) {
        let values: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let repeated: Vec<f64> = rows.iter().flat_map(|row| vec![f64::from(row.0); row.1.into()]).collect();
        prop_assume!(!repeated.is_empty());
        let weighted = Ecdf::of(Sample::weighted(&values, &weights).unwrap()).unwrap();
        let repeated = Ecdf::of(&repeated).unwrap();
        prop_assert!(weighted.points().eq(repeated.points()));
        prop_assert!(weighted.effective_size() <= weighted.count() as f64 + 1e-9);
    }

    #[test]
    fn order_does_not_matter(
        mut rows in proptest::collection::vec((-5..5_i32, 0.1..9.0), 2..40).prop_shuffle(),
    ) {
        let of = |rows: &[(i32, f64)]| {
            let values: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let weights: Vec<f64> = rows.iter().map(|row| row.1).collect();
            Ecdf::of(Sample::weighted(&values, &weights).unwrap()).unwrap()
        };
        let before = of(&rows);
        rows.sort_by(|a, b| a.1.total_cmp(&b.1));
        prop_assert_eq!(before, of(&rows));
    }

    #[test]
    fn a_quantile_is_where_the_share_is_reached(values in values(), q in 0.0..=1.0) {
        let ecdf = Ecdf::of(&values).unwrap();
        let x = ecdf.quantile(q).unwrap();
        prop_assert!(ecdf.at(x) >= q);
        prop_assert!(values.iter().all(|&value| value >= x || ecdf.at(value) < q));
    }

    #[test]
    fn thinning_keeps_its_bound(
        values in proptest::collection::vec((-300..300).prop_map(f64::from), 1..400),
        current in values(),
        points in 0..40_usize,
    ) {
        let (whole, current) = (Ecdf::of(&values).unwrap(), Ecdf::of(&current).unwrap());
        let thinned = whole.thinned(points);
        let bound = thinned.resolution() + 1e-12;
        prop_assert!(thinned.distinct() <= points.max(2));
        prop_assert!(thinned.resolution() < 1.0 / (points.max(2) - 1) as f64);
        for x in whole.points().map(|point| point.0) {
            prop_assert!((-1e-12..=bound).contains(&(whole.at(x) - thinned.at(x))));
        }
        let (exact, near) = (KsTest::between(&whole, &current), KsTest::between(&thinned, &current));
        prop_assert!((exact.statistic - near.statistic).abs() <= bound);
        prop_assert!(thinned.thinned(3).resolution() >= thinned.resolution());
    }

    #[test]
    fn nothing_panics_and_all_comes_back(values in hostile()) {
        if let Ok(ecdf) = Ecdf::of(&values) {
            let stored = postcard::to_allocvec(&ecdf).unwrap();
            prop_assert_eq!(&postcard::from_bytes::<Ecdf>(&stored).unwrap(), &ecdf);
            prop_assert_eq!(ecdf.at(f64::INFINITY), 1.0);
            prop_assert_eq!(ecdf.count() + ecdf.missing(), values.len() as u64);
        }
    }
}
