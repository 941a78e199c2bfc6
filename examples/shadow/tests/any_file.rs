//! Files that are not those of the example.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use tempfile::TempDir;

type Columns = Vec<(&'static str, ArrayRef)>;

fn texts(prefix: &str, rows: usize) -> ArrayRef {
    Arc::new((0..rows).map(|row| Some(format!("{prefix}{row}"))).collect::<StringArray>())
}

fn table(rows: usize) -> Columns {
    let numbers =
        |of: fn(usize) -> Option<f64>| -> ArrayRef { Arc::new((0..rows).map(of).collect::<Float64Array>()) };
    let decisions =
        |of: fn(usize) -> Option<i64>| -> ArrayRef { Arc::new((0..rows).map(of).collect::<Int64Array>()) };
    let times = TimestampMillisecondArray::from_iter_values((0..).step_by(60_000).take(rows));
    vec![
        ("request_id", texts("r", rows)),
        ("entity_id", texts("e", rows)),
        ("timestamp", Arc::new(times.with_timezone("UTC"))),
        ("champion", texts("v", rows)),
        ("champion_score", numbers(|row| (row % 7 != 0).then_some(row as f64 / 100.0))),
        ("champion_prediction", decisions(|row| Some(i64::from(row >= 50)))),
        ("champion_latency_ms", numbers(|row| (row % 5 != 0).then_some(3.0))),
        ("challenger", texts("w", rows)),
        ("challenger_score", numbers(|row| (row % 10 != 3).then_some(row as f64 / 100.0))),
        ("challenger_prediction", decisions(|row| (row % 10 != 3).then_some(i64::from(row >= 60)))),
        ("challenger_latency_ms", numbers(|row| Some(row as f64))),
    ]
}

struct Run {
    folder: TempDir,
}

impl Run {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn write(&self, name: &str, columns: Columns) -> PathBuf {
        let path = self.folder.path().join(name);
        let batch = RecordBatch::try_from_iter_with_nullable(
            columns.into_iter().map(|(name, column)| (name, column, true)),
        )
        .unwrap();
        let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        path
    }

    fn run(&self, pairs: Columns, labels: Option<Columns>) -> (Output, Value) {
        let out = self.folder.path().join("out.json");
        let mut command = Command::new(env!("CARGO_BIN_EXE_example-shadow"));
        command.arg("--offline").arg(self.write("pairs.parquet", pairs)).arg("--json").arg(&out);
        command.arg("--html").arg(self.folder.path().join("out.html"));
        if let Some(labels) = labels {
            command.arg("--labels").arg(self.write("labels.parquet", labels));
        }
        let output = command.output().unwrap();
        let written = std::fs::read(&out).ok().map(|text| serde_json::from_slice(&text).unwrap());
        (output, written.unwrap_or(Value::Null))
    }
}

#[test]
fn missing_values_are_left_out_and_counted() {
    let run = Run::new();
    let (output, found) = run.run(table(100), None);
    assert!(output.status.success(), "{output:?}");
    let page = std::fs::read_to_string(run.folder.path().join("out.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"), "the page is whole");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("○ Verdict     Not yet:") && said.contains("out.html"), "{said}");
    assert_eq!((found["pairs"].as_u64(), found["unpaired"].as_u64()), (Some(90), Some(10)));
    // 50 to 59 without 53
    assert_eq!(found["agreement_rate"].as_f64(), Some(81.0 / 90.0));
    assert_eq!(found["missing_scores"].as_u64(), Some(14));
    assert_eq!(found["pearson"].as_f64(), Some(1.0));
    assert_eq!(found["champion_latency_ms"]["p99"].as_f64(), Some(3.0));
    assert_eq!(found["labels"], Value::Null);
}

#[test]
fn a_file_without_rows_has_no_figures() {
    let (output, found) = Run::new().run(table(0), None);
    assert!(output.status.success(), "{output:?}");
    assert_eq!((found["pairs"].as_u64(), found["unpaired"].as_u64()), (Some(0), Some(0)));
    for figure in ["agreement_rate", "cohen_kappa", "pearson", "spearman", "ks", "psi", "wasserstein"] {
        assert_eq!(found.get(figure), Some(&Value::Null), "{figure}");
    }
    assert_eq!(found["challenger_latency_ms"]["mean"], Value::Null);
}

#[test]
fn labels_that_match_nothing_are_counted_as_missing() {
    let arrival =
        Arc::new(TimestampMillisecondArray::from(vec![1_000_000_000_000_i64; 5]).with_timezone("UTC"));
    let labels = |prefix| -> Columns {
        let label = Arc::new(Int64Array::from(vec![0, 1, 0, 1, 0]));
        vec![("entity_id", texts(prefix, 5)), ("label", label), ("label_timestamp", arrival.clone())]
    };
    let (output, found) = Run::new().run(table(100), Some(labels("x")));
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        (found["labels"]["labelled"].as_u64(), found["labels"]["without_label"].as_u64()),
        (Some(0), Some(90))
    );
    assert_eq!(found["labels"]["roc_auc_difference"], Value::Null);
    let (_, found) = Run::new().run(table(100), Some(labels("e")));
    assert_eq!(found["labels"]["labelled"].as_u64(), Some(4));
}

#[test]
fn a_column_that_is_missing_or_wrong_is_named_with_what_was_found_and_what_is_allowed() {
    let without = table(5).into_iter().filter(|(name, _)| *name != "challenger_score").collect();
    let (output, found) = Run::new().run(without, None);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && found.is_null());
    assert!(said.contains("has no column challenger_score (allowed: integers and floats)"), "{said}");
    assert!(said.contains("found: request_id, entity_id"), "{said}");

    let mut wrong = table(5);
    wrong[4].1 = texts("high", 5);
    let (output, _) = Run::new().run(wrong, None);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("has a column champion_score of type Utf8, allowed: integers and floats"),
        "{said}"
    );
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_example-shadow"));
    let output = command.arg("--offline").arg("no/such.parquet").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("no/such.parquet"), "{said}");
}
