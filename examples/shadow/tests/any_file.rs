//! Files that are not those of the example.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
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
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
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
        let labels = labels.map(|labels| ("--labels", self.write("labels.parquet", labels)));
        self.run_with(pairs, labels.as_slice())
    }

    fn run_with(&self, pairs: Columns, options: &[(&str, PathBuf)]) -> (Output, Value) {
        let out = self.folder.path().join("out.json");
        let mut command = Command::new(env!("CARGO_BIN_EXE_example-shadow"));
        command.arg("--offline").arg(self.write("pairs.parquet", pairs)).arg("--json").arg(&out);
        command.arg("--html").arg(self.folder.path().join("out.html"));
        for (option, path) in options {
            command.arg(option).arg(path);
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
    assert!(said.contains("▲ Verdict     Reject: latency failed") && said.contains("out.html"), "{said}");
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

/// What a log has of the requests of [`table`], as far as it is looked at.
fn predictions(rows: usize) -> Columns {
    let carrier = (0..rows).map(|row| if row == 55 { "=1+1" } else { "UA" });
    let delay = (0..rows).map(|row| (row % 2 == 0).then_some(-0.5 - row as f64));
    vec![
        ("request_id", texts("r", rows)),
        ("instance_index", Arc::new(Int32Array::from(vec![0; rows]))),
        ("event_time", table(rows)[2].1.clone()),
        ("feature_carrier", Arc::new(StringArray::from_iter_values(carrier))),
        ("feature_dep_delay", Arc::new(delay.collect::<Float64Array>())),
    ]
}

#[test]
fn what_was_asked_stands_on_the_page_and_in_the_table() {
    let run = Run::new();
    let day = "log/predictions/model_name=flight-delay/date=1970-01-01";
    run.write(&format!("{day}/a.parquet"), predictions(70));
    std::fs::write(run.folder.path().join(day).join("b.parquet"), "damaged").unwrap();
    let csv = run.folder.path().join("new/disagreements.csv");
    let options = [("--predictions", run.folder.path().join("log")), ("--disagreements", csv.clone())];
    let (output, found) = run.run_with(table(100), &options);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("disagreements.csv"), "{said}");
    assert!(said.contains("1 thing could not be read") && said.contains("b.parquet: is not a"), "{said}");

    let csv = std::fs::read_to_string(csv).unwrap();
    let (head, rows) = csv.split_once("\r\n").unwrap();
    assert!(
        head.starts_with("request_id,") && head.ends_with("\"input_carrier\",\"input_dep_delay\""),
        "{head}"
    );
    // 50 to 59 without 53
    assert_eq!(rows.lines().count(), 9);
    let row = |id: &str| rows.lines().find(|row| row.starts_with(&format!("\"{id}\","))).unwrap().to_owned();
    assert!(row("r54").ends_with(",\"UA\",\"-54.5\"") && row("r55").ends_with(",\"'=1+1\","), "{rows}");
    assert!(row("r52").contains(",1970-01-01T00:52:00Z,\"1 to 0\",\"v52\",\"1\",0.52,"), "{rows}");

    let page = std::fs::read_to_string(run.folder.path().join("out.html")).unwrap();
    assert!(page.contains("<small>carrier</small> =1+1"), "the page is no spreadsheet");
    let inputs = found["comparison"]["disagreements"]["rows"][0]["inputs"].as_array().unwrap();
    assert_eq!(inputs[0][0], "carrier");
}

#[test]
fn a_log_that_has_none_of_the_requests_is_told() {
    let run = Run::new();
    let log = run.folder.path().join("log");
    let (output, _) = run.run_with(table(100), &[("--predictions", log.clone())]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("has no predictions of flight-delay"), "{said}");
    // where nothing differs, nothing is looked up
    let (output, _) = run.run_with(table(20), &[("--predictions", log)]);
    assert!(output.status.success(), "{output:?}");
    assert!(!run.folder.path().join("disagreements.csv").exists(), "nobody has asked for it");
}

#[test]
fn a_second_champion_tells_what_is_noise() {
    let run = Run::new();
    // decides otherwise in 1 of 8, and timed out in 1 of 10
    let mut second = table(100);
    let decisions = (0..100).map(|row| (row % 10 != 3).then_some(i64::from((row >= 50) != (row % 8 == 0))));
    second[9].1 = Arc::new(decisions.collect::<Int64Array>());
    let path = run.write("second.parquet", second);
    let (output, found) = run.run_with(table(100), &[("--second-champion", path)]);
    assert!(output.status.success(), "{output:?}");
    let floor = &found["comparison"]["noise_floor"];
    let differ = (0..100).filter(|row| row % 10 != 3 && row % 8 == 0).count() as f64;
    // weighted by coverage, which differs a little from stratum to stratum
    for (figure, expected) in [
        (&floor["figures"]["agreement_rate"], 1.0 - differ / 90.0),
        (&floor["challenger"]["agreement_rate"], 1.0 - 9.0 / 90.0),
        (&floor["disagreement_beyond"], (9.0 - differ) / 90.0),
    ] {
        assert!((figure.as_f64().unwrap() - expected).abs() < 0.005, "{figure} {expected}");
    }
    assert_eq!(floor["figures"]["pairs"], 90);
    assert!(String::from_utf8(output.stdout).unwrap().contains("The noise floor"));

    let mut others = table(100);
    others[0].1 = texts("x", 100);
    let path = run.write("others.parquet", others);
    let (output, _) = run.run_with(table(100), &[("--second-champion", path)]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("has no answer to any of the requests"), "{said}");
}

#[test]
fn columns_of_segments_are_sliced_by() {
    let mut pairs = table(400);
    let carriers = (0..400).map(|row| if row % 2 == 0 { "UA" } else { "B6" });
    pairs.push(("carrier", Arc::new(StringArray::from_iter_values(carriers))));
    let (output, found) = Run::new().run(pairs, None);
    assert!(output.status.success(), "{output:?}");
    let groups = found["comparison"]["segments"].as_array().unwrap();
    let named: Vec<&str> = groups.iter().map(|group| group["group"].as_str().unwrap()).collect();
    // those without an answer are odd
    assert_eq!(named, ["carrier UA", "carrier B6"]);
    assert_eq!(found["comparison"]["disagreements"]["rows"][0]["segments"][0][0], "carrier");
}
