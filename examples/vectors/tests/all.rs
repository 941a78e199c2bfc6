//! Every entry of every file passes, and none is unknown, whatever its level.

#![expect(clippy::unwrap_used, reason = "a test that fails")]

use std::collections::BTreeMap;
use std::path::Path;

use example_vectors::{Totals, Verdict, run_entries, run_file};

#[test]
fn every_entry_passes() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let files = std::fs::read_dir(data).unwrap().map(|file| file.unwrap().path());
    let (mut wrong, mut levels, mut all) = (Vec::new(), BTreeMap::<String, usize>::new(), 0);
    for file in files.filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
        run_entries(&file, |id, level, verdict| {
            *levels.entry(level.to_owned()).or_default() += 1;
            all += 1;
            match verdict {
                Verdict::Passed => {}
                Verdict::Failed(differences) => wrong.extend(differences.clone()),
                Verdict::Unknown(what) => wrong.push(format!("{id} is unknown: {what}")),
            }
            Ok(())
        })
        .unwrap();
    }
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(levels.keys().collect::<Vec<_>>(), ["core", "definition", "edge", "recommended", "tool"]);
    assert_eq!(all, 825);
}

/// What becomes of a file with these entries, and what is printed.
fn run(entries: &str) -> (Totals, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vectors.json");
    std::fs::write(&file, format!(r#"{{"format": 1, "entries": [{entries}]}}"#)).unwrap();
    let mut printed = Vec::new();
    let totals = run_file(&file, &mut printed).unwrap();
    (totals, String::from_utf8(printed).unwrap())
}

/// An entry of a mean absolute error.
fn entry(function: &str, inputs: &str, expected: &str) -> String {
    format!(
        r#"{{"id": "x.0", "function": "{function}", "level": "core", "inputs": {inputs}, "params": {{}},
            "expected": {expected}, "tolerance": {{"default": {{"rel": 1e-9, "abs": 1e-12}}}}}}"#
    )
}

const ROWS: &str = r#"{"y": [1, 2], "prediction": [2, 4]}"#;

#[test]
fn what_differs_is_printed_and_fails() {
    let (totals, printed) = run(&entry("regression", ROWS, r#"{"mae": 1.5, "bias": 7}"#));
    assert_eq!(totals.to_string(), "0 passed, 1 failed, 0 unknown");
    assert_eq!(printed, "FAILED  x.0 bias: expected 7, got 1.5\n");
}

#[test]
fn a_number_where_none_exists_fails_and_so_does_none_where_one_exists() {
    let (totals, printed) = run(&entry("regression", ROWS, r#"{"mae": "undefined"}"#));
    assert_eq!((totals.failed, printed.as_str()), (1, "FAILED  x.0 mae: expected \"undefined\", got 1.5\n"));
    let empty = r#"{"y": [], "prediction": []}"#;
    let (totals, printed) = run(&entry("regression", empty, r#"{"mae": 1}"#));
    assert_eq!(totals.failed, 1);
    assert!(printed.contains("got nothing: undefined, because there are no values"), "{printed}");
}

#[test]
fn what_is_not_offered_is_unknown() {
    for (function, expected) in
        [("tea_leaves", r#"{"mae": 1.5}"#), ("regression", r#"{"mae": 1.5, "aroma": 2}"#)]
    {
        let (totals, printed) = run(&entry(function, ROWS, expected));
        assert_eq!((totals.unknown, totals.passed), (1, 0), "{printed}");
    }
}

#[test]
fn comments_are_no_results_and_null_is_not_compared() {
    let (totals, printed) = run(&entry("regression", ROWS, r#"{"mae": 1.5, "r2": null, "truth": "x"}"#));
    assert_eq!((totals.passed, printed.as_str()), (1, ""));
}

#[test]
fn an_entry_that_cannot_be_read_fails_alone() {
    let broken = entry("regression", r#"{"y": [1, "two"], "prediction": [2, 4]}"#, r#"{"mae": 1.5}"#);
    let right = entry("regression", ROWS, r#"{"mae": 1.5}"#);
    let (totals, printed) = run(&format!("{broken}, {right}"));
    assert_eq!(totals.to_string(), "1 passed, 1 failed, 0 unknown");
    assert!(printed.starts_with("FAILED  x.0: input y"), "{printed}");
}
