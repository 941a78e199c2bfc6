use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::Facts;

fn texts(segment: Option<&str>, cells: &[(Option<&str>, &str)]) -> Vec<Box<str>> {
    let cells = cells.iter().map(|names| Cell::of(*names)).collect();
    Cells::new(cells, segment, 3).texts().to_vec()
}

#[test]
fn scores_are_in_their_buckets() {
    let buckets = ScoreBuckets::new(vec![0.25, 0.5, 0.75]);
    let place = |score: f64| buckets.place(Some(score));
    assert_eq!([0.0, 0.25, 0.499, 0.5, 0.75, 1.0].map(place), [0, 1, 1, 2, 3, 3]);
    assert_eq!([-1.0, f64::NEG_INFINITY, 7.0, f64::INFINITY].map(place), [0, 0, 3, 3]);
    assert_eq!([place(f64::NAN), buckets.place(None)], [4, 4]);
    assert_eq!(buckets.places(), 5);
    let one = ScoreBuckets::new(Vec::new());
    assert_eq!([one.place(Some(0.3)), one.place(None), one.places()], [0, 1, 2]);
}

#[test]
fn a_stratum_has_a_text() {
    assert_eq!(
        texts(Some("carrier"), &[(Some("UA"), "v3")])[..4],
        ["b00|carrier=UA|v3", "b01|carrier=UA|v3", "bnone|carrier=UA|v3", "b00|*"].map(Into::into)
    );
    // the last but the shared cell's
    let first = |cell| texts(Some("a b"), &[cell])[0].to_string();
    assert_eq!(first((None, "v3")), "b00|a%20b|v3");
    assert_eq!(first((Some(""), "")), "b00|a%20b=|");
    assert_eq!(first((Some("x|y=*%"), "ö")), "b00|a%20b=x%7Cy%3D%2A%25|%C3%B6");
    assert_eq!(texts(None, &[(None, "v3")])[0], "b00|v3".into());
}

/// The hash is `siphash24(bytes(16), ("x" * 49).encode())` with the Python that the crate's page shows.
#[test]
fn a_long_name_is_cut() {
    let long = "x".repeat(49);
    let expected = format!("b00|{}*be31ac8c26027fcb", "x".repeat(31));
    assert_eq!(*texts(None, &[(None, &long)])[0], expected);
    assert_eq!(*texts(None, &[(None, &long[1..])])[0], format!("b00|{}", &long[1..]));
    // an escape is not torn
    let escaped = texts(None, &[(None, &"|".repeat(20))]);
    assert!(escaped[0].starts_with(&format!("b00|{}*", "%7C".repeat(10))), "{}", escaped[0]);
}

#[test]
fn the_order_of_cells_changes_nothing() {
    let cells = [(Some("UA"), "v3"), (None, "v3"), (Some("AA"), "v3"), (Some("UA"), "v2")];
    let mut reversed = cells;
    reversed.reverse();
    assert_eq!(texts(Some("carrier"), &cells), texts(Some("carrier"), &reversed));
}

proptest! {
    #[test]
    fn buckets_are_those_between_the_edges(
        edges in prop::collection::btree_set(1..1_000_u32, 0..100), score in 0.0..=1.0_f64,
    ) {
        let edges: Vec<f64> = edges.into_iter().map(|edge| f64::from(edge) / 1_000.0).collect();
        let buckets = ScoreBuckets::new(edges.clone());
        for score in edges.iter().copied().chain([score]) {
            let expected = edges.iter().filter(|edge| **edge <= score).count();
            prop_assert_eq!(buckets.place(Some(score)), expected);
        }
    }

    #[test]
    fn strata_have_texts_of_their_own_that_are_short(
        names in prop::collection::btree_set((prop::option::of(".{0,60}"), ".{0,60}"), 1..20), segment in ".{0,60}",
    ) {
        let cells: Vec<Cell> =
            names.iter().map(|(value, version)| Cell::of((value.as_deref(), version))).collect();
        let cells = Cells::new(cells, Some(&segment), 3);
        let distinct: BTreeSet<&str> = cells.texts().iter().map(|text| &**text).collect();
        prop_assert_eq!(distinct.len(), 3 * (names.len() + 1));
        for text in distinct {
            prop_assert!(text.len() <= 160 && text.bytes().all(|byte| byte.is_ascii_graphic()), "{}", text);
        }
        for (place, cell) in cells.own().iter().enumerate() {
            let (segment, version) = cell.as_names();
            prop_assert_eq!(cells.place(&Facts { segment, version, ..Facts::default() }), place);
        }
        let unknown = "z".repeat(300);
        prop_assert_eq!(cells.place(&Facts { version: &unknown, ..Facts::default() }), names.len());
    }
}
