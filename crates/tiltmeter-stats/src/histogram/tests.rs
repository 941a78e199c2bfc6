#![expect(
    clippy::float_cmp,
    reason = "exact where whole numbers are summed and divided, and where the same is computed twice"
)]

use proptest::prelude::*;

use super::{BinRule, Histogram, histogram_edges};
use crate::{Sample, Undefined};

const RULES: [BinRule; 3] = [BinRule::Sturges, BinRule::Doane, BinRule::FreedmanDiaconis];

#[test]
fn edges_ascend_or_are_refused() {
    for edges in [&[][..], &[1.0], &[1.0, 1.0], &[2.0, 1.0], &[1.0, f64::NAN]] {
        assert!(Histogram::with_edges(&[1.0], edges).unwrap_err().is_invalid());
    }
    for bins in [0, usize::MAX] {
        assert!(Histogram::equal_width(&[1.0, 2.0], bins).unwrap_err().is_invalid());
    }
    assert!(Histogram::equal_width(&[1.0, 1.0 + f64::EPSILON], 10).unwrap_err().is_invalid());
}

#[test]
fn a_constant_is_in_the_middle_of_a_bin() {
    for rule in RULES {
        assert_eq!(histogram_edges(&[3.0; 9], rule).unwrap(), [2.5, 3.5]);
        assert_eq!(histogram_edges(&[f64::NAN], rule).unwrap_err().undefined(), Some(Undefined::Empty));
    }
}

#[test]
fn an_outlier_does_not_make_endless_bins() {
    let mut values: Vec<f64> = (0..100).map(f64::from).collect();
    values.push(1e300);
    assert_eq!(histogram_edges(&values, BinRule::FreedmanDiaconis).unwrap().len(), 100_001);
    // numpy.histogram_bin_edges([1, 1, 1, 1, 9], "fd") and ([1, 2], "doane"), numpy 2.4.6
    assert_eq!(histogram_edges(&[1.0, 1.0, 1.0, 1.0, 9.0], BinRule::FreedmanDiaconis).unwrap(), [1.0, 9.0]);
    assert_eq!(histogram_edges(&[1.0, 2.0], BinRule::Doane).unwrap(), [1.0, 2.0]);
}

#[test]
fn values_on_edges_are_counted_where_numpy_counts_them() {
    let tenths: Vec<f64> = (0..=10).map(|tenth| f64::from(tenth) / 10.0).collect();
    let histogram = Histogram::equal_width(&tenths, 10).unwrap();
    // numpy.histogram([i / 10 for i in range(11)], 10), numpy 2.4.6
    assert_eq!(histogram.counts, [1.0, 1.0, 2.0, 0.0, 1.0, 2.0, 1.0, 0.0, 1.0, 2.0]);
    let edges = [
        0.0,
        0.1,
        0.2,
        0.300_000_000_000_000_04,
        0.4,
        0.5,
        0.600_000_000_000_000_1,
        0.700_000_000_000_000_1,
        0.8,
        0.9,
        1.0,
    ];
    assert_eq!(histogram.edges, edges);
}

#[test]
fn a_range_that_overflows_has_edges() {
    let histogram = Histogram::equal_width(&[f64::MIN, 0.0, f64::MAX], 2).unwrap();
    assert_eq!((histogram.edges, histogram.counts), (vec![f64::MIN, 0.0, f64::MAX], vec![1.0, 2.0]));
}

proptest! {
    #[test]
    fn nothing_is_lost(
        rows in proptest::collection::vec((any::<f64>(), 0..5_u8), 1..50),
        edges in proptest::collection::btree_set(-1000..1000, 2..9),
        bins in 1..30_usize,
    ) {
        let (values, weights): (Vec<f64>, Vec<f64>) =
            rows.iter().map(|&(value, weight)| (value, f64::from(weight))).unzip();
        prop_assume!(weights.iter().any(|&weight| weight > 0.0));
        let sample = Sample::weighted(&values, &weights).unwrap();
        let present: f64 = rows.iter().filter(|row| !row.0.is_nan()).map(|row| f64::from(row.1)).sum();
        let edges: Vec<f64> = edges.into_iter().map(f64::from).collect();
        let given = Histogram::with_edges(sample, &edges).unwrap();
        let equal = Histogram::equal_width(sample, bins);
        for histogram in [Some(given), equal.ok()].into_iter().flatten() {
            let counted = histogram.below + histogram.counts.iter().sum::<f64>() + histogram.above;
            prop_assert_eq!(counted, present);
            prop_assert_eq!(histogram.missing, values.iter().filter(|value| value.is_nan()).count() as u64);
        }
    }

    #[test]
    fn a_rule_covers_the_values(values in proptest::collection::vec(any::<f64>(), 1..50)) {
        for rule in RULES {
            if let Ok(edges) = histogram_edges(&values, rule) {
                let histogram = Histogram::with_edges(&values, &edges).unwrap();
                let finite = values.iter().filter(|value| value.is_finite()).count();
                prop_assert_eq!(histogram.counts.iter().sum::<f64>(), finite as f64);
            }
        }
    }
}
