use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn advice(error: &anyhow::Error) -> (String, String) {
    let advice = error.downcast_ref::<Advice>().expect("the error says what to do");
    (advice.to_string(), advice.what_to_do().to_owned())
}

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_new_folder_is_made_and_marked_from_the_start() {
    let folder = folder();
    let path = folder.path().join("deep/er");
    let out = OutFolder::prepare(&path).unwrap();
    assert!(!out.was_cleared());
    assert_eq!(out.predictions(), path.join("predictions"));
    assert_eq!(read_json(&path.join("run.json")), json!({"example": "example-flights", "finished": false}));

    let copy = folder.path().join("copy.json");
    out.finish(&json!({"requests": 3}), Some(&JsonFile::at(&copy).unwrap())).unwrap();
    let expected = json!({"example": "example-flights", "finished": true, "requests": 3});
    assert_eq!(read_json(&path.join("run.json")), expected);
    assert_eq!(read_json(&copy), expected);
    assert_eq!(names(&path), ["run.json", "run.lock"]);
}

#[test]
fn predictions_of_an_earlier_run_are_removed_even_if_it_was_killed() {
    let folder = folder();
    let killed = OutFolder::prepare(folder.path()).unwrap();
    fs::create_dir_all(killed.predictions().join("date=2013-03-01")).unwrap();
    drop(killed);
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();

    let out = OutFolder::prepare(folder.path()).unwrap();
    assert!(out.was_cleared());
    assert!(!out.predictions().exists());
    assert_eq!(names(folder.path()), ["notes.txt", "run.json", "run.lock"]);
}

#[test]
fn predictions_of_others_are_left_alone() {
    for marker in [None, Some("not json"), Some(r#"{"example": "another"}"#)] {
        let folder = folder();
        fs::create_dir(folder.path().join("predictions")).unwrap();
        fs::write(folder.path().join("predictions/precious.parquet"), "x").unwrap();
        if let Some(text) = marker {
            fs::write(folder.path().join("run.json"), text).unwrap();
        }
        let (problem, what_to_do) = advice(&OutFolder::prepare(folder.path()).unwrap_err());
        assert!(problem.ends_with("holds predictions that this example did not make"), "{problem}");
        assert_eq!(what_to_do, "move them away, or pass another folder with --out");
        assert!(folder.path().join("predictions/precious.parquet").exists());
    }
}

#[test]
fn a_file_in_the_place_of_the_folder_is_refused() {
    let folder = folder();
    let path = folder.path().join("file");
    fs::write(&path, "x").unwrap();
    let (problem, what_to_do) = advice(&OutFolder::prepare(&path).unwrap_err());
    assert_eq!(problem, format!("cannot write to {}", path.display()));
    assert_eq!(what_to_do, "pass another folder with --out");
}

#[test]
fn two_runs_do_not_share_a_folder() {
    let folder = folder();
    let first = OutFolder::prepare(folder.path()).unwrap();
    let (problem, _) = advice(&OutFolder::prepare(folder.path()).unwrap_err());
    assert!(problem.starts_with("another run is writing to"), "{problem}");
    drop(first);
    OutFolder::prepare(folder.path()).unwrap();
}

#[test]
fn a_json_file_needs_its_folder_before_there_is_anything_to_write() {
    let folder = folder();
    let missing = folder.path().join("missing/run.json");
    let (problem, _) = advice(&JsonFile::at(&missing).unwrap_err());
    assert_eq!(problem, format!("cannot write {}", missing.display()));
    assert!(JsonFile::at(folder.path()).is_err(), "a folder is no file");

    let path = folder.path().join("run.json");
    let file = JsonFile::at(&path).unwrap();
    assert!(!path.exists());
    file.write(&json!([1, 2])).unwrap();
    assert_eq!(read_json(&path), json!([1, 2]));
    assert_eq!(names(folder.path()), ["run.json"]);
}

#[test]
fn parquet_files_are_counted_with_their_partitions() {
    let folder = folder();
    assert_eq!(Files::below(&folder.path().join("absent")).unwrap(), Files::default());
    for (partition, file) in
        [("a/date=1", "0.parquet"), ("a/date=1", "1.parquet"), ("a/date=2", "0.parquet"), ("b", "x.json")]
    {
        fs::create_dir_all(folder.path().join(partition)).unwrap();
        fs::write(folder.path().join(partition).join(file), "12345").unwrap();
    }
    let files = Files::below(folder.path()).unwrap();
    assert_eq!((files.count(), files.bytes, files.partitions()), (3, 15, 2));
}
