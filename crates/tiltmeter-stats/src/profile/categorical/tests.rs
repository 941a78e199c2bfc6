use proptest::prelude::*;

use super::*;

type Rows = Vec<Option<String>>;

fn spec() -> CategoricalSpec {
    CategoricalSpec::new().with_categories(["3", "1", "2"]).unwrap().with_frequent(4).unwrap().with_distinct()
}

fn of(rows: &Rows) -> CategoricalProfile {
    let mut profile = spec().profile();
    profile.update(rows);
    profile
}

fn merged(a: &CategoricalProfile, b: &CategoricalProfile) -> CategoricalProfile {
    let mut merged = a.clone();
    merged.merge(b).unwrap();
    merged
}

fn rows() -> impl Strategy<Value = Rows> {
    let name =
        proptest::option::weighted(0.9, (0..12_u8, 0..12_u8).prop_map(|(a, b)| (a * b / 12).to_string()));
    proptest::collection::vec(name, 0..80)
}

/// What is the same for all orders of folding and merging, bit for bit.
fn counts(profile: &CategoricalProfile) -> (u64, u64, Option<BinCounts>, Option<DistinctCount>) {
    (profile.count(), profile.missing(), profile.bin_counts(), profile.distinct.clone())
}

#[test]
fn categories_are_in_order_and_named_once() {
    assert_eq!(spec().profile().categories(), Some(&["1".to_owned(), "2".to_owned(), "3".to_owned()][..]));
    assert!(CategoricalSpec::new().with_categories(["a", "b", "a"]).unwrap_err().is_invalid());
    assert!(CategoricalSpec::new().with_frequent(0).unwrap_err().is_invalid());
}

#[test]
fn only_profiles_of_one_specification_are_merged() {
    let base = || CategoricalSpec::new().with_categories(["a"]).unwrap().with_frequent(8).unwrap();
    let mut profile = base().profile();
    for (other, words) in [
        (CategoricalSpec::new(), "only one has categories"),
        (base().with_categories(["b"]).unwrap(), "their categories differ"),
        (CategoricalSpec::new().with_categories(["a"]).unwrap(), "only one has frequent categories"),
        (base().with_frequent(9).unwrap(), "they keep 8 and 9 frequent categories"),
        (base().with_distinct(), "only one counts distinct categories"),
    ] {
        let error = profile.merge(&other.profile()).unwrap_err();
        assert_eq!(error.to_string(), format!("the profiles cannot be merged: {words}"));
    }
    assert!(profile.psi(&CategoricalSpec::new().profile()).unwrap_err().is_invalid());
    let without = CategoricalSpec::new().profile();
    assert!(without.psi(&without).unwrap_err().is_invalid());
}

#[test]
fn weights_count_and_wrong_ones_do_not() {
    let mut profile = spec().profile();
    assert!(profile.missing_rate().unwrap_err().is_undefined());
    let rows = [Some("1"), None, Some("x"), Some("2"), None];
    profile.update_weighted(&rows, &[1.0, 4.0, 3.0, 0.0, 0.0]).unwrap();
    assert_eq!((profile.count(), profile.missing(), profile.missing_rate().unwrap()), (2, 1, 0.5));
    assert_eq!(profile.bin_counts().unwrap().counts, [1.0, 0.0, 0.0, 3.0]);
    assert!((profile.effective_size() - 1.6).abs() < 1e-12);
    let before = profile.clone();
    for weights in [vec![1.0; 4], vec![1.0, 1.0, 1.0, 1.0, 1e101], vec![1.0, 1.0, 1.0, 1.0, f64::NAN]] {
        assert!(profile.update_weighted(&rows, &weights).unwrap_err().is_invalid());
    }
    assert_eq!(profile, before);
}

proptest! {
    #[test]
    fn merging_is_one_pass_in_any_order(a in rows(), b in rows(), c in rows()) {
        let parts = [&a, &b, &c].map(of);
        let left = merged(&merged(&parts[0], &parts[1]), &parts[2]);
        let right = merged(&parts[2], &merged(&parts[1], &parts[0]));
        let whole = of(&[a, b, c].concat());
        prop_assert_eq!(counts(&left), counts(&whole));
        prop_assert_eq!(counts(&right), counts(&whole));
        prop_assert_eq!(merged(&parts[0], &parts[1]), merged(&parts[1], &parts[0]));
        prop_assert_eq!(merged(&parts[0], &spec().profile()), parts[0].clone());
    }

    #[test]
    fn counted_rows_are_rows(rows in rows()) {
        let mut counted = spec().profile();
        let mut names: Rows = rows.clone();
        names.sort();
        for name in names.chunk_by(|a, b| a == b) {
            counted.add_rows(name[0].as_deref(), name.len() as u64);
        }
        prop_assert_eq!(counts(&counted), counts(&of(&rows)));
        let mut weighted = spec().profile();
        if !rows.is_empty() {
            weighted.update_weighted(&rows, &vec![1.0; rows.len()]).unwrap();
        }
        prop_assert_eq!(weighted, of(&rows));
    }
}
