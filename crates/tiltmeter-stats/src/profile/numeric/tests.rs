use proptest::prelude::*;

use super::*;

fn spec() -> NumericSpec {
    let bins = QuantileBins::of(&[-3.0, -1.0, 0.0, 0.0, 0.0, 1.5, 2.0, 8.0], 4).unwrap();
    NumericSpec::new().with_bins(bins).with_sketch(8).unwrap().with_distinct()
}

fn of(values: &[f64]) -> NumericProfile {
    let mut profile = spec().profile();
    profile.update(values).unwrap();
    profile
}

fn merged(a: &NumericProfile, b: &NumericProfile) -> NumericProfile {
    let mut merged = a.clone();
    merged.merge(b).unwrap();
    merged
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        6 => (-40..40).prop_map(|value| f64::from(value) / 4.0),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0]),
    ];
    proptest::collection::vec(value, 0..60)
}

/// What is the same for all orders of folding and merging, bit for bit.
fn counts(profile: &NumericProfile) -> (u64, u64, u64, u64, BinCounts, Option<DistinctCount>, u64, String) {
    (
        profile.count(),
        profile.missing(),
        profile.negative_infinite(),
        profile.positive_infinite(),
        profile.bin_counts().unwrap().clone(),
        profile.distinct.clone(),
        profile.sketch().unwrap().count(),
        format!("{:?}", (profile.weight(), profile.effective_size(), profile.missing_rate().ok())),
    )
}

#[test]
fn only_profiles_of_one_specification_are_merged() {
    let bins = |values: &[f64]| QuantileBins::of(values, 2).unwrap();
    let base = || NumericSpec::new().with_bins(bins(&[1.0, 2.0])).with_sketch(8).unwrap();
    let mut profile = base().profile();
    profile.update(&[1.0]).unwrap();
    let before = profile.clone();
    for (other, words) in [
        (NumericSpec::new(), "only one has bins"),
        (base().with_bins(bins(&[3.0, 4.0])), "their bins differ"),
        (NumericSpec::new().with_bins(bins(&[1.0, 2.0])), "only one has a sketch"),
        (base().with_sketch(9).unwrap(), "their sketches have the sizes 8 and 9"),
        (base().with_distinct(), "only one counts distinct values"),
    ] {
        let error = profile.merge(&other.profile()).unwrap_err();
        assert_eq!(error.to_string(), format!("the profiles cannot be merged: {words}"));
        assert_eq!(profile, before);
    }
    // equal bins need not be the same ones
    profile.merge(&base().profile()).unwrap();
    assert_eq!(profile, before);
    assert!(NumericSpec::new().with_sketch(1).is_err());
}

#[test]
fn rows_of_no_weight_are_not_there() {
    let mut profile = spec().profile();
    let sample = Sample::weighted(&[1.0, f64::NAN, f64::INFINITY, f64::NAN], &[0.0, 0.0, 0.0, 2.0]).unwrap();
    profile.update(sample).unwrap();
    assert_eq!((profile.count(), profile.missing(), profile.positive_infinite()), (0, 1, 0));
    assert_eq!((profile.missing_rate().unwrap(), profile.bin_counts().unwrap().missing), (1.0, 1));
}

#[test]
fn weights_count_in_the_missing_rate_and_in_sizes() {
    let mut profile = NumericSpec::new().profile();
    assert!(profile.missing_rate().unwrap_err().is_undefined());
    let values = [1.0, f64::NAN, f64::NEG_INFINITY, 5.0];
    profile.update(Sample::weighted(&values, &[1.0, 4.0, 3.0, 2.0]).unwrap()).unwrap();
    assert_eq!((profile.missing_rate().unwrap(), profile.weight()), (0.4, 6.0));
    assert!((profile.effective_size() - 36.0 / 14.0).abs() < 1e-12);
    let error = profile.update(Sample::weighted(&values, &[1.0, 1e200, 1.0, 1.0]).unwrap()).unwrap_err();
    assert!(error.is_invalid() && profile.count() == 3);
}

proptest! {
    #[test]
    fn merging_is_one_pass_in_any_order(a in values(), b in values(), c in values()) {
        let parts = [&a, &b, &c].map(|values| of(values));
        let left = merged(&merged(&parts[0], &parts[1]), &parts[2]);
        let right = merged(&parts[2], &merged(&parts[1], &parts[0]));
        let whole = of(&[a, b, c].concat());
        for profile in [&left, &right] {
            prop_assert_eq!(counts(profile), counts(&whole));
            let moments = [profile.moments(), whole.moments()];
            for moment in [Moments::mean, Moments::population_variance, Moments::min, Moments::max] {
                match moments.map(moment) {
                    [Ok(one), Ok(other)] => prop_assert!((one - other).abs() < 1e-9, "{one} {other}"),
                    [one, other] => prop_assert_eq!(one.is_err(), other.is_err()),
                }
            }
            if let [Some(one), Some(other)] = [profile, &whole].map(NumericProfile::sketch) && one.count() > 0 {
                let error = one.rank_error().uniform + other.rank_error().uniform;
                prop_assert!((one.at(0.5).unwrap() - other.at(0.5).unwrap()).abs() <= error + 1e-12);
            }
        }
        let both = [merged(&parts[0], &parts[1]), merged(&parts[1], &parts[0])];
        prop_assert_eq!(both[0].sketch(), both[1].sketch());
        prop_assert_eq!(both[0].distinct(), both[1].distinct());
        prop_assert_eq!(merged(&parts[0], &spec().profile()), parts[0].clone());
    }

    #[test]
    fn batches_do_not_matter_and_bins_are_counted_as_one_by_one(values in values(), times in 1..40_usize, size in 1..300_usize) {
        let values = values.repeat(times);
        let mut profile = spec().profile();
        values.chunks(size).for_each(|batch| profile.update(batch).unwrap());
        prop_assert_eq!(counts(&profile), counts(&of(&values)));
        let bins = profile.bins().unwrap();
        let mut slow = vec![0.0; bins.len()];
        values.iter().filter_map(|&value| bins.bin_of(value)).for_each(|bin| slow[bin] += 1.0);
        prop_assert_eq!(&profile.bin_counts().unwrap().counts, &slow);
    }

    #[test]
    fn whole_weights_are_repeated_rows(rows in proptest::collection::vec((-9..9_i32, 0..4_u8), 1..60)) {
        let values: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let repeated: Vec<f64> = rows.iter().flat_map(|row| vec![f64::from(row.0); row.1.into()]).collect();
        prop_assume!(!repeated.is_empty());
        let mut weighted = spec().profile();
        weighted.update(Sample::weighted(&values, &weights).unwrap()).unwrap();
        let repeated = of(&repeated);
        prop_assert_eq!(&weighted.bin_counts().unwrap().counts, &repeated.bin_counts().unwrap().counts);
        prop_assert_eq!(weighted.distinct(), repeated.distinct());
        prop_assert!((weighted.moments().mean().unwrap() - repeated.moments().mean().unwrap()).abs() < 1e-9);
        let error = weighted.sketch().unwrap().rank_error().uniform + repeated.sketch().unwrap().rank_error().uniform;
        let at = |profile: &NumericProfile| profile.sketch().unwrap().at(0.0).unwrap();
        prop_assert!((at(&weighted) - at(&repeated)).abs() <= error + 1e-12);
    }
}
