use proptest::prelude::*;

use super::{by_search, by_walk, largest};
use crate::{Ecdf, Sample};

/// On a grid so that many are tied, within one another's range and beyond it.
fn values(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        9 => (-60..60).prop_map(|value| f64::from(value) / 4.0),
        3 => -90.0..90.0,
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => any::<f64>().prop_filter("a value", |value| !value.is_nan()),
    ];
    proptest::collection::vec(value, count)
}

fn ecdf(values: &[f64]) -> Ecdf {
    Ecdf::of(values).unwrap()
}

fn bits(few: &Ecdf, many: &Ecdf) -> [u64; 6] {
    [
        by_walk(few, many),
        by_walk(many, few),
        by_search(few, many),
        by_search(many, few),
        largest(few, many),
        largest(many, few),
    ]
    .map(f64::to_bits)
}

#[test]
fn the_distance_may_be_largest_before_between_and_after_the_few() {
    let many: Vec<f64> = (0..1000).map(f64::from).collect();
    let many = ecdf(&many);
    for (few, distance) in [
        (&[998.0][..], 0.998),
        (&[1.0], 0.998),
        (&[-1.0], 1.0),
        (&[2000.0], 1.0),
        (&[f64::NEG_INFINITY, f64::INFINITY], 0.5),
        // ½ − 0.101 at 100; 0.98 − ½ just below 980
        (&[100.0, 700.0], 0.399),
        (&[300.0, 980.0], 0.48),
    ] {
        let few = ecdf(few);
        let found = by_search(&few, &many);
        assert!((found - distance).abs() < 1e-15, "{few:?} {found}");
        assert_eq!(bits(&few, &many), [by_walk(&few, &many).to_bits(); 6]);
    }
}

proptest! {
    #[test]
    fn looking_up_is_walking_to_the_last_bit(few in values(1..12), many in values(1..400)) {
        let (few, many) = (ecdf(&few), ecdf(&many));
        prop_assert_eq!(bits(&few, &many), [by_walk(&few, &many).to_bits(); 6]);
    }

    #[test]
    fn with_weights_and_thinned_too(
        few in values(1..12),
        many in proptest::collection::vec((-60..60_i32, 0.1..9.0), 1..200),
        points in 2..50_usize,
    ) {
        let (values, weights): (Vec<f64>, Vec<f64>) =
            many.iter().map(|&(value, weight)| (f64::from(value) / 4.0, weight)).unzip();
        let many = Ecdf::of(Sample::weighted(&values, &weights).unwrap()).unwrap();
        for many in [many.thinned(points), many] {
            prop_assert_eq!(bits(&ecdf(&few), &many), [by_walk(&ecdf(&few), &many).to_bits(); 6]);
        }
    }
}
