use proptest::prelude::*;

use super::{Gap, by_search, by_walk, of_ecdfs, of_sorted, of_unsorted};
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

fn reversed(gap: Gap) -> Gap {
    Gap { above: gap.below, below: gap.above }
}

/// What each way finds, both ways round.
fn found(few: &Ecdf, many: &Ecdf) -> [Gap; 6] {
    [
        by_walk(few, many),
        reversed(by_walk(many, few)),
        by_search(few, many),
        reversed(by_search(many, few)),
        of_ecdfs(few, many),
        reversed(of_ecdfs(many, few)),
    ]
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
        let by_search = by_search(&few, &many).largest();
        assert!((by_search - distance).abs() < 1e-15, "{few:?} {by_search}");
        assert_eq!(found(&few, &many), [by_walk(&few, &many); 6]);
    }
}

proptest! {
    #[test]
    fn looking_up_is_walking_to_the_last_bit(few in values(1..12), many in values(1..400)) {
        let (few, many) = (ecdf(&few), ecdf(&many));
        prop_assert_eq!(found(&few, &many), [by_walk(&few, &many); 6]);
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
            prop_assert_eq!(found(&ecdf(&few), &many), [by_walk(&ecdf(&few), &many); 6]);
        }
    }

    #[test]
    fn samples_give_what_their_distribution_functions_give(mut f in values(1..300), mut g in values(1..300)) {
        let expected = by_walk(&ecdf(&f), &ecdf(&g));
        if let Some(gap) = of_unsorted(&f, &g) {
            prop_assert_eq!(gap, expected);
        }
        crate::sort_values(&mut f);
        crate::sort_values(&mut g);
        prop_assert_eq!(of_sorted(&f, &g), expected);
    }
}

#[test]
fn large_samples_do_too() {
    let mut random = crate::random::Random(3);
    let shapes: [fn(f64) -> f64; 5] = [
        |z| z,
        |z| (3.0 * z).exp(),
        |z| (9.0 * z).round(),
        |z| if z < 0.0 { 0.0 } else { z },
        |z| 1e9 + 1e-7 * z,
    ];
    for shape in shapes {
        for shift in [0.0, 0.02, 5.0] {
            let mut draw = |size: usize, shift: f64| -> Vec<f64> {
                (0..size).map(|_| shape(random.normal()) + shift).collect()
            };
            let (f, g) = (draw(30_000, 0.0), draw(20_000, shift));
            assert_eq!(of_unsorted(&f, &g), Some(by_walk(&ecdf(&f), &ecdf(&g))));
            assert_eq!(of_unsorted(&f, &f), Some(Gap::default()));
        }
    }
}
