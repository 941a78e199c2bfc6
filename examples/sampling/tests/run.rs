//! The example on a few flights: what it leaves, and what it does not overwrite.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use clap::Parser;
use example_sampling::cli::Cli;
use example_sampling::replay::bytes_below;
use example_sampling::run::run;
use serde_json::Value;

fn cli(options: &[&str]) -> Cli {
    Cli::parse_from(["example-sampling"].iter().chain(options))
}

/// Replays so many flights into `out`; what was kept is compared with the policy by the example itself.
async fn replayed(out: &Path, options: &[&str]) -> anyhow::Result<()> {
    let out = out.to_str().unwrap();
    run(&cli(&[&["--out", out, "--limit", "3000"], options].concat())).await
}

#[tokio::test]
async fn it_leaves_rows_and_profiles_under_both_policies() {
    for policy in ["tails", "capped"] {
        let folder = tempfile::tempdir().unwrap();
        replayed(folder.path(), &["--policy", policy, "--rate", "0.2", "--seed", "5"]).await.unwrap();
        for name in ["predictions", "profiles", "heartbeats", "rates"] {
            assert!(bytes_below(&folder.path().join(name)).unwrap() > 0, "{policy}: {name}");
        }
        assert!(!folder.path().join("gaps").exists(), "nothing is lost");
    }
}

#[tokio::test]
async fn what_is_there_already_is_not_mixed_up_with() {
    let folder = tempfile::tempdir().unwrap();
    replayed(folder.path(), &[]).await.unwrap();
    let before = bytes_below(folder.path()).unwrap();
    let error = replayed(folder.path(), &[]).await.unwrap_err();
    assert!(error.to_string().starts_with("there is something already: "), "{error}");
    assert_eq!(bytes_below(folder.path()).unwrap(), before);
}

#[tokio::test]
async fn flights_that_are_not_there_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    let error = replayed(folder.path(), &["--data", nowhere.to_str().unwrap()]).await.unwrap_err();
    assert!(format!("{error:#}").contains("predictions.parquet"), "{error:#}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// The seeds are too few to say anything of coverage.
#[tokio::test]
async fn the_whole_example_writes_its_figures_and_its_picture() {
    let folder = tempfile::tempdir().unwrap();
    let (json, picture) = (folder.path().join("found.json"), folder.path().join("found.svg"));
    let options = ["--limit", "3000", "--seeds", "3", "--per-day", "3000"];
    let files = ["--json", json.to_str().unwrap(), "--picture", picture.to_str().unwrap()];
    run(&cli(&[&options[..], &files].concat())).await.unwrap();
    let found: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    assert_eq!((&found["requests"], found["studies"].as_array().unwrap().len()), (&Value::from(3000), 2));
    assert_eq!(found["drift"]["largest_psi_difference"], 0.0);
    assert_eq!(found["drift"]["ks_held"], found["drift"]["ks_cells"]);
    assert!(found["volume"]["merged"].as_u64() < found["volume"]["profiles"].as_u64());
    assert!(fs::read_to_string(picture).unwrap().starts_with("<svg"));
}
