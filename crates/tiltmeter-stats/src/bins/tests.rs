use proptest::prelude::*;

use super::{BinCounts, BinInterval, QuantileBins};
use crate::{Ecdf, Sample, Sorted, Undefined, sort_values};

fn values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        4 => (-9..9).prop_map(f64::from),
        2 => -9.0..9.0,
        1 => any::<f64>(),
        1 => Just(f64::NEG_INFINITY),
    ];
    proptest::collection::vec(value, 1..80)
}

fn contains(interval: BinInterval, x: f64) -> bool {
    match interval {
        BinInterval::All => true,
        BinInterval::Below(cut) => x < cut,
        BinInterval::AtMost(cut) => x <= cut,
        BinInterval::Between { above, below } => above < x && x < below,
        BinInterval::UpTo { above, to } => above < x && x <= to,
        BinInterval::Exactly(cut) => cut <= x && x <= cut,
        BinInterval::Above(cut) => x > cut,
    }
}

#[test]
fn a_constant_has_three_bins() {
    let bins = QuantileBins::of(&[3.5; 20], 10).unwrap();
    let intervals: Vec<BinInterval> = bins.intervals().collect();
    assert_eq!(intervals, [BinInterval::Below(3.5), BinInterval::Exactly(3.5), BinInterval::Above(3.5)]);
    assert_eq!([3.0, 3.5, 4.0].map(|x| bins.bin_of(x)), [Some(0), Some(1), Some(2)]);
    assert_eq!(bins.bin_of(f64::NAN), None);
}

#[test]
fn one_bin_is_all() {
    let bins = QuantileBins::of(&[1.0, 2.0], 1).unwrap();
    assert_eq!((bins.len(), bins.interval(0), bins.bin_of(f64::INFINITY)), (1, BinInterval::All, Some(0)));
}

#[test]
fn bins_need_values_and_a_sensible_number() {
    assert_eq!(QuantileBins::of(&[], 10).unwrap_err().undefined(), Some(Undefined::Empty));
    for bins in [0, 10_001, usize::MAX] {
        assert!(QuantileBins::of(&[1.0], bins).unwrap_err().is_invalid());
    }
}

#[test]
fn what_are_no_bins_is_refused() {
    for text in [
        r#"{"cuts":[1.0,1.0],"atoms":[false,false]}"#,
        r#"{"cuts":[2.0,1.0],"atoms":[false,false]}"#,
        r#"{"cuts":[2.0],"atoms":[]}"#,
    ] {
        assert!(serde_json::from_str::<QuantileBins>(text).is_err(), "{text}");
    }
    for text in [
        r#"{"counts":[-1.0],"missing":0,"rows":1,"squared_weights":1.0}"#,
        r#"{"counts":[1.0],"missing":0,"rows":1,"squared_weights":-1.0}"#,
        // more or less than the rows count, rows without a weight, and a weight without rows
        r#"{"counts":[1.0,2.0],"missing":0,"rows":2,"squared_weights":2.0}"#,
        r#"{"counts":[1.0,0.0],"missing":0,"rows":2,"squared_weights":2.0}"#,
        r#"{"counts":[0.0,0.0],"missing":0,"rows":2,"squared_weights":0.0}"#,
        r#"{"counts":[1.0,1.0],"missing":0,"rows":0,"squared_weights":0.0}"#,
    ] {
        assert!(serde_json::from_str::<BinCounts>(text).is_err(), "{text}");
    }
}

#[test]
fn counts_of_other_bins_are_refused() {
    let bins = QuantileBins::of(&[1.0, 2.0], 2).unwrap();
    let mut counts = QuantileBins::of(&[1.0], 1).unwrap().count(&[1.0]);
    let error = bins.count_into(&mut counts, &[1.0]).unwrap_err();
    assert_eq!(error.to_string(), "there are 1 counts for 2 bins");
}

#[test]
fn only_counts_of_the_same_bins_add_up() {
    let mut counts = QuantileBins::of(&[1.0, 2.0], 2).unwrap().count(&[1.0]);
    assert!(counts.merge(&QuantileBins::of(&[1.0], 1).unwrap().count(&[1.0])).unwrap_err().is_invalid());
}

proptest! {
    #[test]
    fn every_value_is_in_the_interval_of_its_bin(
        reference in values(),
        current in values(),
        count in 1..20_usize,
    ) {
        prop_assume!(reference.iter().any(|x| !x.is_nan()));
        let bins = QuantileBins::of(&reference, count).unwrap();
        let intervals: Vec<BinInterval> = bins.intervals().collect();
        for &x in reference.iter().chain(&current).filter(|x| !x.is_nan()) {
            let bin = bins.bin_of(x).unwrap();
            prop_assert!(contains(intervals[bin], x), "{x} in {:?}", intervals[bin]);
            prop_assert_eq!(intervals.iter().filter(|&&interval| contains(interval, x)).count(), 1);
        }
        let stored = postcard::to_allocvec(&bins).unwrap();
        prop_assert_eq!(postcard::from_bytes::<QuantileBins>(&stored).unwrap(), bins);
    }

    #[test]
    fn counting_a_distribution_function_is_counting_its_sample(reference in values(), current in values()) {
        prop_assume!([&reference, &current].iter().all(|values| values.iter().any(|x| !x.is_nan())));
        let bins = QuantileBins::of(&reference, 10).unwrap();
        prop_assert_eq!(bins.count_ecdf(&Ecdf::of(&current).unwrap()), bins.count(&current));
    }

    #[test]
    fn in_order_they_are_the_same(reference in values(), current in values()) {
        prop_assume!(reference.iter().any(|x| !x.is_nan()));
        let bins = QuantileBins::of(&reference, 10).unwrap();
        let (mut reference, mut sorted) = (reference, current.clone());
        sort_values(&mut reference);
        let missing = sort_values(&mut sorted) as u64;
        prop_assert_eq!(&QuantileBins::of_sorted(Sorted::new(&reference).unwrap(), 10).unwrap(), &bins);
        prop_assert_eq!(&QuantileBins::of_ecdf(&Ecdf::of(&reference).unwrap(), 10).unwrap(), &bins);
        let counted = BinCounts { missing, ..bins.count_sorted(Sorted::new(&sorted).unwrap()) };
        prop_assert_eq!(counted, bins.count(&current));
    }

    #[test]
    fn merging_is_concatenation(reference in values(), a in values(), b in values()) {
        prop_assume!(reference.iter().any(|x| !x.is_nan()));
        let bins = QuantileBins::of(&reference, 10).unwrap();
        let mut merged = bins.count(&a);
        merged.merge(&bins.count(&b)).unwrap();
        let stored = postcard::to_allocvec(&merged).unwrap();
        prop_assert_eq!(&postcard::from_bytes::<BinCounts>(&stored).unwrap(), &merged);
        prop_assert!((merged.total() - merged.rows as f64).abs() <= 0.0);
        prop_assert_eq!(merged, bins.count(&[a, b].concat()));
    }

    #[test]
    fn whole_weights_are_repeated_rows(rows in proptest::collection::vec((-9..9_i32, 0..4_u8), 1..60)) {
        let values: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let repeated: Vec<f64> = rows.iter().flat_map(|row| vec![f64::from(row.0); row.1.into()]).collect();
        prop_assume!(!repeated.is_empty());
        let weighted = Sample::weighted(&values, &weights).unwrap();
        let bins = QuantileBins::of(weighted, 10).unwrap();
        prop_assert_eq!(&bins, &QuantileBins::of(&repeated, 10).unwrap());
        prop_assert_eq!(bins.count(weighted).counts, bins.count(&repeated).counts);
    }

    #[test]
    fn counting_many_is_looking_up_each(
        reference in values(),
        current in values(),
        weight in 0.1..9.0,
        count in prop_oneof![1..20_usize, Just(300_usize)],
    ) {
        prop_assume!(reference.iter().any(|x| !x.is_nan()));
        // whole batches, several count arrays, and a rest; the frozen values themselves, which are cuts and atoms
        let values = [reference.clone(), current, vec![0.0, -0.0, f64::INFINITY, f64::MIN_POSITIVE]].concat().repeat(40);
        let weights: Vec<f64> = (0..values.len()).map(|row| weight * (row % 7) as f64).collect();
        let bins = QuantileBins::of(&reference, count).unwrap();
        let (mut each, mut weighted) = (BinCounts::none(bins.len()), BinCounts::none(bins.len()));
        for (&value, &weight) in values.iter().zip(&weights) {
            for (counts, weight) in [(&mut each, 1.0), (&mut weighted, weight)] {
                match bins.bin_of(value) {
                    None => counts.missing += 1,
                    Some(bin) if weight > 0.0 => {
                        counts.counts[bin] += weight;
                        counts.rows += 1;
                        counts.squared_weights += weight * weight;
                    }
                    Some(_) => {}
                }
            }
        }
        prop_assert_eq!(bins.count(&values), each);
        prop_assert_eq!(bins.count(Sample::weighted(&values, &weights).unwrap()), weighted);
    }
}
