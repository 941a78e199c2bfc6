//! Files of several versions of the schema, and of specs that have changed: one table.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{Int32Array, RecordBatch};
use arrow_schema::Schema;
use proptest::prelude::*;
use tiltmeter_record::columns::{ColumnValues, PredictionColumns};
use tiltmeter_record::schema::{PREDICTIONS, SCHEMA_VERSION};
use tiltmeter_record::{
    InclusionProbability, ModelSpec, Prediction, Priority, RankedItem, RecordBatchBuilder, SizeClass, Value,
    WriterId,
};
use tiltmeter_store::PredictionTable;
use uuid::Uuid;

use crate::files::{Folder, batch, encode, replace, row, said, time};

/// The model later: its age is an integer now, in a column of another name.
fn later_spec() -> ModelSpec {
    ModelSpec::from_yaml(
        "test",
        "{spec_version: 1, name: churn, version: v2, type: binary, owner: crm, tier: 2, endpoint: {path: /predict},
          response: {score: /score},
          features: {age: {type: integer, column: age_years}, visits: integer, plan: string, active: boolean}}",
    )
    .unwrap()
}

/// The row of that sequence with everything that version 2 can hold.
fn later_row(sequence: u64) -> Prediction {
    let mut features = row(sequence).features;
    features[0] = Value::Integer(i64::try_from(sequence).unwrap() + 30);
    let item = |name: &str, score| RankedItem { item: name.into(), score };
    Prediction {
        features,
        class_probabilities: Some([("no".into(), 0.75), ("yes".into(), 0.25)].into()),
        ranking: Some([item("call", Some(0.5)), item("mail", None)].into()),
        generated_text: Some(format!("text {sequence}").into()),
        segments: vec![("channel".into(), "web".into())],
        ..row(sequence)
    }
}

fn later_batch(writer: u128, rows: impl IntoIterator<Item = Prediction>) -> RecordBatch {
    let writer = WriterId::new("node", Uuid::from_u128(writer));
    let mut builder = RecordBatchBuilder::new(&later_spec(), writer, "node".into());
    rows.into_iter().for_each(|row| builder.append(&row));
    builder.finish().unwrap()
}

/// What a build that knew an earlier version of the schema would have written.
fn of_version(version: i32, batch: &RecordBatch) -> RecordBatch {
    let added = PREDICTIONS.columns.iter().filter(|column| column.since > version);
    let mut earlier = added.fold(batch.clone(), |batch, column| replace(&batch, column.name, None));
    let place = earlier.schema().index_of("schema_version").unwrap();
    let mut columns = earlier.columns().to_vec();
    columns[place] = Arc::new(Int32Array::from(vec![version; earlier.num_rows()]));
    let mut metadata = batch.schema().metadata().clone();
    metadata.insert("tiltmeter.schema_version".to_owned(), version.to_string());
    let schema = Schema::new_with_metadata(earlier.schema().fields().clone(), metadata);
    earlier = RecordBatch::try_new(Arc::new(schema), columns).unwrap();
    earlier
}

#[test]
fn a_file_of_the_first_version_has_the_columns_that_were_published() {
    let published = include_str!("../../../../docs/schema/prediction.v1.arrow.json");
    let earlier = of_version(1, &batch(1, [row(0)]));
    let own = earlier.schema().fields().iter().filter(|field| !field.name().starts_with("feature_")).count();
    assert_eq!(own, PREDICTIONS.columns_of(1).count());
    for column in PREDICTIONS.columns_of(1) {
        assert!(published.contains(&format!("\"name\": \"{}\"", column.name)), "{}", column.name);
        assert!(earlier.column_by_name(column.name).is_some(), "{}", column.name);
    }
}

/// A file: of which version, of the spec before or after the change, how many rows, and which of its columns are absent.
#[derive(Clone, Debug)]
struct Written {
    version: i32,
    is_later: bool,
    rows: u64,
    absent: Vec<String>,
}

impl Written {
    fn has(&self, column: &str) -> bool {
        !self.absent.iter().any(|absent| absent == column)
    }

    fn batch(&self, sequences: std::ops::Range<u64>) -> RecordBatch {
        let whole = if self.is_later {
            later_batch(1, sequences.map(later_row))
        } else {
            batch(1, sequences.map(row))
        };
        self.absent
            .iter()
            .fold(of_version(self.version, &whole), |batch, column| replace(&batch, column, None))
    }
}

/// The columns that a file may lack: those that may be NULL.
fn nullable(is_later: bool) -> Vec<String> {
    let empty = if is_later { later_batch(1, []) } else { batch(1, []) };
    let fields = empty.schema();
    fields.fields().iter().filter(|field| field.is_nullable()).map(|field| field.name().clone()).collect()
}

fn written() -> impl Strategy<Value = Written> {
    (1..=SCHEMA_VERSION, any::<bool>(), 0..6_u64).prop_flat_map(|(version, is_later, rows)| {
        let columns = nullable(is_later);
        let some = prop::sample::subsequence(columns.clone(), 0..=columns.len());
        some.prop_map(move |absent| Written { version, is_later, rows, absent })
    })
}

/// The values of a feature, as text.
fn feature(predictions: &PredictionColumns, name: &str) -> Vec<Option<String>> {
    let column = predictions.features().iter().find(|feature| feature.name.as_str() == name).unwrap();
    match &column.values {
        ColumnValues::Numbers(values) => {
            values.iter().map(|value| (!value.is_nan()).then(|| value.to_string())).collect()
        }
        ColumnValues::Categories(values) => {
            (0..values.len()).map(|row| values.get(row).map(str::to_owned)).collect()
        }
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Missing => None,
        Value::Boolean(value) => Some(value.to_string()),
        Value::Integer(value) => Some(value.to_string()),
        Value::Float(value) => Some(value.to_string()),
        Value::Text(value) => Some(value.to_string()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn files_of_all_versions_are_one_table(files in prop::collection::vec(written(), 1..6)) {
        let folder = Folder::new();
        let mut expected = Vec::new();
        for (number, file) in files.iter().enumerate() {
            let first = u64::try_from(expected.len()).unwrap();
            let sequences = first..first + file.rows;
            let bytes = encode(&file.batch(sequences.clone()), &[("tiltmeter.model_name", "churn")]);
            folder.log(&format!("date=2026-01-01/{number}.parquet"), bytes);
            expected.extend(sequences.map(|sequence| (file, later_row(sequence))));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let read = runtime.block_on(folder.table().read(&later_spec())).unwrap();

        prop_assert_eq!((said(&read.problems), read.copies), (vec![], 0));
        let predictions = &read.predictions;
        let of_each = |column: &str, value: &dyn Fn(&Prediction) -> Option<String>| -> Vec<Option<String>> {
            expected.iter().map(|(file, row)| if file.has(column) { value(row) } else { None }).collect()
        };
        let times: Vec<_> = (0..i64::try_from(expected.len()).unwrap()).map(time).collect();
        prop_assert_eq!(predictions.event_time(), times);
        let ids: Vec<_> = predictions.entity_id().iter().map(|id| id.map(str::to_owned)).collect();
        prop_assert_eq!(ids, of_each("entity_id", &|row| row.entity_id.as_deref().map(str::to_owned)));
        let versions = predictions.model_version();
        let versions: Vec<_> = (0..expected.len()).map(|row| versions.get(row).map(str::to_owned)).collect();
        prop_assert_eq!(versions, of_each("model_version", &|row| row.model_version.as_ref().map(ToString::to_string)));
        let scores: Vec<_> =
            predictions.score().iter().map(|score| (!score.is_nan()).then(|| score.to_string())).collect();
        prop_assert_eq!(scores, of_each("score", &|row| row.score.map(|score| score.to_string())));
        for (place, name) in ["visits", "plan", "active"].into_iter().enumerate() {
            let values = of_each(&format!("feature_{name}"), &|row| as_text(&row.features[place + 1]));
            prop_assert_eq!(feature(predictions, name), values);
        }
        let ages: Vec<_> = expected
            .iter()
            .map(|(file, row)| if file.is_later && file.has("feature_age_years") { as_text(&row.features[0]) } else { None })
            .collect();
        prop_assert_eq!(feature(predictions, "age"), ages, "the old column is left alone");
    }
}

/// Leaves a table of both versions, in whole files, for `tests/readers/versions.py`.
#[tokio::test]
async fn other_readers_find_a_table_of_both_versions() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("versions");
    let folder = root.join("predictions/model_name=churn/date=2026-01-01");
    std::fs::create_dir_all(&folder).unwrap();
    let earlier = of_version(1, &batch(1, (0..3).map(row)));
    std::fs::write(folder.join("a.parquet"), encode(&earlier, &[])).unwrap();
    let mut rows: Vec<_> = (3..5).map(later_row).collect();
    rows.push(Prediction {
        class_probabilities: None,
        ranking: Some([].into()),
        generated_text: None,
        segments: Vec::new(),
        ..later_row(5)
    });
    let second = of_version(2, &later_batch(1, rows));
    std::fs::write(folder.join("b.parquet"), encode(&second, &[])).unwrap();
    let mut sampled = later_row(6);
    sampled.inclusion.probability = InclusionProbability::new(0.25).unwrap();
    sampled.inclusion.stratum = Some("b00|v2".into());
    sampled.inclusion.size_class = Some(SizeClass::UpTo1KiB);
    sampled.inclusion.priority = Some(Priority::Normal);
    std::fs::write(folder.join("c.parquet"), encode(&later_batch(1, [sampled, later_row(7)]), &[])).unwrap();

    let read = PredictionTable::local(&root).read(&later_spec()).await.unwrap();
    assert_eq!((read.files, read.rows, said(&read.problems)), (3, 8, vec![]));
    let ages = feature(&read.predictions, "age");
    let later = (33..38).map(|age| Some(age.to_string()));
    assert_eq!(ages, [None, None, None].into_iter().chain(later).collect::<Vec<_>>());
    // what is earlier than sampling was kept for certain
    let inclusion = read.predictions.inclusion().unwrap();
    assert_eq!(inclusion.probability(), [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.25, 1.0]);
    let strata: Vec<_> = (5..8).map(|row| inclusion.stratum().get(row)).collect();
    assert_eq!(strata, [None, Some("b00|v2"), None]);
}
