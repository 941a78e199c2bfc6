//! The example from beginning to end, and the errors that a user makes.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs::{self, File};
use std::path::Path;

use clap::Parser as _;
use example_flights::{cli::Cli, data::DataFolder, recorded::Recording, run::run};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::RowAccessor as _;
use serde_json::Value;

fn cli(out: &Path, more: &[&str]) -> Cli {
    let out = out.to_str().unwrap();
    Cli::parse_from(["example-flights", "--out", out].iter().chain(more))
}

/// The error, its causes, and what it says to do.
async fn refusal(cli: &Cli) -> String {
    let error = run(cli).await.unwrap_err();
    format!("{error:#}")
}

/// `(request_id, score)` of every row below `folder`.
fn logged_scores(folder: &Path) -> Vec<(String, f64)> {
    let mut scores = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            scores.extend(logged_scores(&path));
            continue;
        }
        let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
        let columns = reader.metadata().file_metadata().schema_descr();
        let place = |name: &str| columns.columns().iter().position(|column| column.name() == name).unwrap();
        let (id, score) = (place("request_id"), place("score"));
        for row in reader.get_row_iter(None).unwrap() {
            let row = row.unwrap();
            scores.push((row.get_string(id).unwrap().clone(), row.get_double(score).unwrap()));
        }
    }
    scores
}

#[tokio::test]
async fn every_prediction_of_a_replay_is_in_the_files_as_recorded() {
    let out = tempfile::tempdir().unwrap();
    let json = out.path().join("figures.json");
    let cli = cli(out.path(), &["--limit", "3000", "--json", json.to_str().unwrap()]);
    let summary = run(&cli).await.unwrap().summary;
    assert_eq!((summary.replay.requests, summary.replay.failed, summary.replay.mismatched), (3000, 0, 0));

    let mut logged = logged_scores(&out.path().join("predictions/model_name=flight-delay"));
    logged.sort_by(|left, right| left.0.cmp(&right.0));
    let recorded = Recording::open(&DataFolder::locate(&cli.data).unwrap().predictions, Some(3000)).unwrap();
    let recorded: Vec<_> =
        recorded.map(|row| row.unwrap()).map(|row| (row.request_id, row.answer.score)).collect();
    assert_eq!(logged, recorded);

    let figures: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    let accounting = &figures["accounting"];
    for (ledger, counter) in [
        ("exchanges", "observed"),
        ("exchanges", "decoded"),
        ("predictions", "decoded"),
        ("predictions", "written"),
    ] {
        assert_eq!(accounting[ledger][counter], 3000, "{ledger}.{counter}");
    }
    for ledger in ["exchanges", "predictions"] {
        assert_eq!(
            (accounting[ledger]["dropped"].as_u64(), accounting[ledger]["abandoned"].as_u64()),
            (Some(0), Some(0))
        );
    }
    for file in figures["files"].as_array().unwrap() {
        assert!(Path::new(file.as_str().unwrap()).is_file());
    }
}

#[tokio::test]
async fn a_second_run_replaces_the_first() {
    let out = tempfile::tempdir().unwrap();
    for limit in ["40", "30"] {
        run(&cli(out.path(), &["--limit", limit])).await.unwrap();
    }
    assert_eq!(logged_scores(&out.path().join("predictions")).len(), 30);
}

#[tokio::test]
async fn a_missing_data_folder_is_named() {
    let out = tempfile::tempdir().unwrap();
    let said = refusal(&cli(out.path(), &["--data", "/no/such/folder"])).await;
    assert!(said.contains("/no/such/folder"), "{said}");
    assert!(!out.path().join("run.json").exists(), "nothing has been touched");
}

#[tokio::test]
async fn a_malformed_spec_is_explained_before_anything_is_touched() {
    let out = tempfile::tempdir().unwrap();
    let spec = out.path().join("model.yaml");
    fs::write(&spec, "spec_version: 1\nname: a b\ntier: 9\n").unwrap();
    let said = refusal(&cli(out.path(), &["--spec", spec.to_str().unwrap()])).await;
    assert!(said.contains("model.yaml:2: name: found \"a b\""), "{said}");
    assert!(said.contains("model.yaml:3: tier: found the number 9"), "{said}");
    assert!(!out.path().join("run.json").exists());
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let out = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said = refusal(&cli(out.path(), &["--port", &port])).await;
    assert!(said.contains(&port), "{said}");
}

#[tokio::test]
async fn an_output_that_cannot_be_written_is_named() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("file");
    fs::write(&file, "").unwrap();
    for bad in [file.clone(), file.join("below")] {
        let said = refusal(&cli(&bad, &[])).await;
        assert!(said.contains(bad.to_str().unwrap()), "{said}");
    }
    assert!(refusal(&cli(out.path(), &["--json", "/no/such/folder/x.json"])).await.contains("x.json"));
}
