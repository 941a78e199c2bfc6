//! What was asked, of a few requests.

use std::sync::Arc;

use arrow_array::{ArrayRef, StringArray};
use jiff::Timestamp;
use proptest::prelude::*;
use tiltmeter_record::{ModelSpec, Prediction, Value};
use tiltmeter_store::{InputsRead, InstanceKey};

use crate::files::{Folder, batch, encode, logged, replace, row, said, spec, time};

fn key(request_id: &str, microsecond: Option<i64>) -> InstanceKey {
    let event_time = microsecond.map(|time| Timestamp::from_microsecond(time).unwrap());
    InstanceKey { request_id: request_id.to_owned(), instance_index: 0, event_time }
}

async fn read(folder: &Folder, wanted: &[InstanceKey]) -> InputsRead {
    folder.table().inputs_of(&spec(), wanted).await.unwrap()
}

/// `name=value` of each that was found.
fn shown(read: &InputsRead) -> Vec<Option<String>> {
    let one = |inputs: &Vec<(String, String)>| {
        inputs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    };
    read.inputs.iter().map(|inputs| inputs.as_ref().map(one)).collect()
}

/// The ages that were found: a row of the test has its sequence and a half.
fn ages(read: &InputsRead) -> Vec<Option<f64>> {
    let age = |inputs: &Vec<(String, String)>| inputs[0].1.parse().unwrap();
    read.inputs.iter().map(|inputs| inputs.as_ref().map(age)).collect()
}

#[tokio::test]
async fn the_features_of_what_is_wanted_are_read_in_its_order() {
    let folder = Folder::new();
    folder.log("date=2026-01-01/a.parquet", logged(1, 0..20_000));
    let wanted = ["r17", "r19999", "none", "r2", "r17"].map(|id| key(id, None));
    let found = read(&folder, &wanted).await;
    let seventeen = Some("age=17.5 visits=17 plan=basic active=false".to_owned());
    let expected = [
        seventeen.clone(),
        Some("age=19999.5 visits=19999 plan=basic active=false".to_owned()),
        None,
        Some("age=2.5 visits=2 plan=gold active=false".to_owned()),
        seventeen,
    ];
    assert_eq!(shown(&found), expected);
    assert_eq!((found.files, found.rows, found.problems.len()), (1, 20_000, 0));
    assert!(!format!("{found:?} {wanted:?}").contains("r17"), "no ids and no values");
    let nothing = read(&folder, &[]).await;
    assert_eq!((nothing.inputs.len(), nothing.files), (0, 0));
}

#[tokio::test]
async fn what_is_missing_is_left_out_and_large_integers_stay_whole() {
    let folder = Folder::new();
    let large = i64::MAX - 1;
    let rows = [
        Prediction { features: vec![Value::Missing; 4], ..row(0) },
        Prediction {
            features: vec![Value::Float(-0.1), Value::Integer(large), Value::Missing, Value::Missing],
            ..row(1)
        },
    ];
    let whole = batch(1, rows);
    let without = replace(&whole, "feature_age", None);
    folder.log("date=2026-01-01/a.parquet", encode(&whole, &[]));
    let found = read(&folder, &[key("r0", None), key("r1", None)]).await;
    assert_eq!(shown(&found), [Some(String::new()), Some(format!("age=-0.1 visits={large}"))]);
    // a column that a file does not have is missing in its rows
    folder.log("date=2026-01-01/a.parquet", encode(&without, &[]));
    let found = read(&folder, &[key("r1", None)]).await;
    assert_eq!(shown(&found), [Some(format!("visits={large}"))]);
}

#[tokio::test]
async fn what_the_policy_hides_today_is_not_shown_of_a_file_of_before() {
    let folder = Folder::new();
    folder.log("date=2026-01-01/a.parquet", logged(1, 0..20));
    let under = async |privacy: &str| {
        let mut spec = spec();
        let text = format!(
            "{{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {{path: /predict}},
              response: {{score: /score}}, features: {{age: float, visits: integer, plan: string, active: boolean}},
              privacy: {{{privacy}}}}}"
        );
        spec.privacy = ModelSpec::from_yaml("test", &text).unwrap().privacy;
        let read = folder.table().inputs_of(&spec, &[key("r17", None)]).await.unwrap();
        shown(&read).remove(0).unwrap()
    };
    let all = "age=17.5 visits=17 plan=basic active=false";
    assert_eq!(under("entity_id: drop").await, all, "no rule is about a feature");
    assert_eq!(under("features: {age: drop, plan: drop, active: drop}").await, "visits=17");
    assert_eq!(
        under("features: {age: {round: 5}, visits: {bucket: [18]}}").await,
        "age=20 plan=basic active=false"
    );
    assert_eq!(under("features: {plan: hash}").await, "age=17.5 visits=17 plan=*** active=false");
    assert_eq!(under("features: {plan: {mask: {keep_last: 2}}}").await, all.replace("basic", "***ic"));
    let pattern = "patterns: [{pattern: 'as', action: mask}], scan: [plan]";
    assert_eq!(under(pattern).await, all.replace("basic", "b***ic"));
}

#[tokio::test]
async fn instances_of_a_request_are_told_apart() {
    let folder = Folder::new();
    let rows = (0..4).map(|place| Prediction {
        request_id: "batch".into(),
        instance_index: u32::try_from(3 - place).unwrap(),
        ..row(place)
    });
    folder.log("date=2026-01-01/a.parquet", encode(&batch(1, rows), &[]));
    let wanted = [1, 3, 4].map(|instance_index| InstanceKey { instance_index, ..key("batch", None) });
    assert_eq!(ages(&read(&folder, &wanted).await), [Some(2.5), Some(0.5), None]);
}

#[tokio::test]
async fn of_an_id_that_is_used_again_the_nearest_row_counts_within_a_second() {
    let folder = Folder::new();
    let again = |sequence: u64, seconds: i64| Prediction {
        request_id: "again".into(),
        event_time: Timestamp::from_microsecond(time(seconds * 1_000_000)).unwrap(),
        ..row(sequence)
    };
    folder
        .log("date=2026-01-01/a.parquet", encode(&batch(1, [again(1, 10), again(2, 20)]), &[]))
        // a copy, which says something else
        .log("date=2026-01-01/b.parquet", encode(&batch(1, [again(9, 20), again(3, 30)]), &[]));
    let at = |tenths: i64| key("again", Some(time(tenths * 100_000)));
    let wanted = [at(100), at(203), at(310), at(311), at(150), key("again", None)];
    let expected = [Some(1.5), Some(2.5), Some(3.5), None, None, Some(1.5)];
    assert_eq!(ages(&read(&folder, &wanted).await), expected);
}

#[tokio::test]
async fn files_of_other_dates_are_not_read() {
    let folder = Folder::new();
    let midnight = time(0);
    folder
        .log("date=2025-12-31/a.parquet", logged(1, 0..1))
        .log("date=2026-01-01/a.parquet", logged(2, 1..2))
        .log("date=2026-01-02/a.parquet", "damaged");
    let found = read(&folder, &[key("r1", Some(midnight + 3_600_000_000))]).await;
    assert_eq!((found.files, said(&found.problems)), (1, vec![]));
    // who has watched it too may have put it into the day before
    assert_eq!(read(&folder, &[key("r0", Some(midnight + 999_999))]).await.files, 2);
    assert_eq!(ages(&read(&folder, &[key("r0", Some(midnight + 999_999))]).await), [Some(0.5)]);
    let all = read(&folder, &[key("r1", None), key("r1", Some(midnight))]).await;
    assert_eq!((all.files, all.problems.len(), ages(&all)), (3, 1, vec![Some(1.5); 2]));
    let far = [i64::MAX / 40, -i64::MAX / 40].map(|time| key("r1", Some(time)));
    assert_eq!(read(&folder, &far).await.files, 0);
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_said_and_it_is_not_used() {
    let whole = batch(1, (0..3).map(row));
    let ages: ArrayRef = Arc::new(StringArray::from(vec!["old"; 3]));
    let folder = Folder::new();
    folder
        .log("date=2026-01-01/a.parquet", encode(&whole, &[("tiltmeter.model_name", "other")]))
        .log("date=2026-01-01/b.parquet", encode(&replace(&whole, "request_id", None), &[]))
        .log("date=2026-01-01/c.parquet", encode(&replace(&whole, "feature_age", Some(ages)), &[]))
        .log("date=2026-01-01/d.parquet", "PAR1")
        .log("a.parquet", encode(&whole, &[]));
    let found = read(&folder, &[key("r1", None)]).await;
    assert_eq!((found.files, found.inputs), (5, vec![None]));
    let said = said(&found.problems).join("; ");
    for part in [
        "a.parquet: is of the model \"other\", and lies in the table of churn",
        "b.parquet: has no column request_id",
        "c.parquet: has a column feature_age of type Utf8, allowed: integers and floats",
        "d.parquet: is damaged",
        "a.parquet: lies in no folder date=",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// What is found is what reading all rows, and looking at each, would find.
    #[test]
    fn it_is_what_a_look_at_each_row_finds(
        rows in prop::collection::vec((0_u8..4, 0_u32..2, 0_i64..5), 0..30),
        wanted in prop::collection::vec((0_u8..4, 0_u32..2, prop::option::of(0_i64..5)), 0..8),
        cut in 0_usize..30,
    ) {
        const STEP: i64 = 400_000;
        let predictions: Vec<Prediction> = rows.iter().zip(0..).map(|(&(id, instance_index, at), sequence)| Prediction {
            request_id: format!("r{id}").into(),
            instance_index,
            event_time: Timestamp::from_microsecond(time(at * STEP)).unwrap(),
            ..row(sequence)
        }).collect();
        let (first, second) = predictions.split_at(cut.min(predictions.len()));
        let folder = Folder::new();
        for (name, rows) in [("a", first), ("b", second)] {
            folder.log(&format!("date=2026-01-01/{name}.parquet"), encode(&batch(1, rows.to_vec()), &[]));
        }
        let keys: Vec<InstanceKey> = wanted.iter().map(|&(id, instance_index, at)| InstanceKey {
            instance_index,
            ..key(&format!("r{id}"), at.map(|at| time(at * STEP)))
        }).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = ages(&runtime.block_on(read(&folder, &keys)));
        for (&(id, instance, at), found) in wanted.iter().zip(found) {
            let off = |row: &(u8, u32, i64)| at.map_or(0, |at| at.abs_diff(row.2));
            let candidates = rows.iter().enumerate().filter(|(_, row)| (row.0, row.1) == (id, instance) && off(row) <= 2);
            // of several the first
            let nearest = candidates.min_by_key(|(_, row)| off(row)).map(|(place, _)| place as f64 + 0.5);
            prop_assert_eq!(found, nearest);
        }
    }
}
