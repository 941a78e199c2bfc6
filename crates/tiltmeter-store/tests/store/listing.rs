//! Folders in which something cannot be listed: the rest is read.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path as FsPath;
use std::sync::Arc;

use jiff::civil::date;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use tiltmeter_store::{FileProblem, Location, PredictionTable, read_reference};

use crate::files::{Folder, logged, said, spec};

const TABLE: &str = "predictions/model_name=churn";

/// A table with a file, to which something else is added.
fn table() -> Folder {
    let folder = Folder::new();
    folder.log("date=2026-01-01/a.parquet", logged(1, 0..2));
    folder
}

/// What is said of a table of which the good file is read; no problem has a line break, or names its path twice.
async fn problems(folder: &Folder) -> Vec<String> {
    let read = folder.read().await;
    assert_eq!(read.predictions.len(), 2, "{:?}", read.problems);
    assert_eq!(read.files, 1 + read.problems.len() as u64);
    let root = folder.path("").display().to_string();
    for problem in &read.problems {
        let line = problem.to_string();
        assert!(!line.contains('\n') && line.starts_with(&root), "{line}");
        assert_eq!(line.matches(&root).count(), 1, "{line}");
    }
    said(&read.problems)
}

/// Whether the system keeps this process out of what nobody may read; it does not keep out root.
fn permissions_count(path: &FsPath) -> bool {
    fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
    fs::read_dir(path).is_err()
}

#[tokio::test]
async fn a_folder_without_permission() {
    let folder = table();
    folder.log("date=2026-01-02/b.parquet", logged(1, 2..4));
    let closed = folder.path(&format!("{TABLE}/date=2026-01-02"));
    if permissions_count(&closed) {
        assert_eq!(
            problems(&folder).await,
            ["date=2026-01-02: cannot be listed, so that files of it may be missing: permission denied"]
        );
        let read = folder.table().read_between(&spec(), ..date(2026, 1, 2)).await.unwrap();
        assert_eq!(read.problems, [], "another date's");
    } else {
        println!("not tested: this user may read everything");
    }
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn a_file_without_permission() {
    let folder = table();
    folder.log("date=2026-01-01/b.parquet", logged(1, 2..4));
    let closed = folder.path(&format!("{TABLE}/date=2026-01-01/b.parquet"));
    permissions_count(&closed);
    if fs::File::open(&closed).is_err() {
        assert_eq!(problems(&folder).await, ["b.parquet: cannot be fetched: permission denied"]);
    } else {
        println!("not tested: this user may read everything");
    }
}

#[tokio::test]
async fn names_that_a_store_cannot_have() {
    let folder = table();
    let day = folder.path(&format!("{TABLE}/date=2026-01-01"));
    fs::write(day.join(OsStr::from_bytes(b"b\xff.parquet")), "").unwrap();
    fs::write(day.join(OsStr::from_bytes(b"c\xff.txt")), "not data").unwrap();
    fs::write(day.join("d\ne.parquet"), "").unwrap();
    fs::create_dir(folder.path(&format!("{TABLE}/date=\n"))).unwrap();
    fs::create_dir(folder.path(TABLE).join(OsStr::from_bytes(b"date=\xff"))).unwrap();
    fs::write(day.join("100% ü #7.parquet"), logged(1, 0..2)).unwrap();
    let read = folder.read().await;
    assert_eq!((read.rows, read.copies), (4, 2), "other names are fine");
    assert_eq!(
        said(&read.problems),
        [
            "date=\\n: has a name with control characters",
            "b\u{fffd}.parquet: has a name that is not UTF-8",
            "d\\ne.parquet: has a name with control characters",
            "date=\u{fffd}: has a name that is not UTF-8",
        ]
    );
}

#[tokio::test]
async fn links_that_lead_nowhere_or_in_a_circle() {
    let folder = table();
    let path = |name: &str| folder.path(&format!("{TABLE}/{name}"));
    symlink("nowhere.parquet", path("date=2026-01-01/b.parquet")).unwrap();
    symlink("itself.parquet", path("date=2026-01-01/itself.parquet")).unwrap();
    symlink("..", path("date=2026-01-01/up")).unwrap();
    symlink("date=2026-01-01", path("_left_alone")).unwrap();
    assert_eq!(
        problems(&folder).await,
        [
            "b.parquet: is a link that leads nowhere",
            "itself.parquet: cannot be looked at: too many levels of symbolic links",
            "up: is a link to a folder that it lies in",
        ]
    );
}

#[tokio::test]
async fn two_folders_that_link_to_each_other() {
    let folder = Folder::new();
    folder.put("a/a.parquet", logged(1, 0..1)).put("b/b.parquet", logged(1, 1..2));
    symlink("../b", folder.path("a/to_b")).unwrap();
    symlink("../a", folder.path("b/to_a")).unwrap();
    let read = read_reference(&Location::local(folder.path("")), &spec()).await.unwrap();
    assert_eq!(read.predictions.len(), 2);
    let circle = "is a link to a folder that it lies in";
    assert_eq!(said(&read.problems), [format!("to_a: {circle}"), format!("to_b: {circle}")]);
}

#[tokio::test]
async fn links_to_files_and_folders_are_followed() {
    let folder = table();
    folder.put("elsewhere/b.parquet", logged(1, 2..4));
    symlink(folder.path("elsewhere"), folder.path(&format!("{TABLE}/date=2026-01-02"))).unwrap();
    let read = folder.read().await;
    assert_eq!((read.rows, said(&read.problems)), (4, vec![]));
}

#[tokio::test]
async fn what_is_called_like_a_file_and_is_none() {
    let folder = table();
    let path = |name: &str| folder.path(&format!("{TABLE}/date=2026-01-01/{name}.parquet"));
    let _socket = UnixListener::bind(path("b")).unwrap();
    symlink("/dev/zero", path("c")).unwrap();
    fs::create_dir(path("d")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(path("e")).status();
    let mut expected = vec![
        "b.parquet: is no file, but a pipe, socket or device",
        "c.parquet: is no file, but a pipe, socket or device",
        "d.parquet: is a folder without parquet files, and not a file",
    ];
    if made.is_ok_and(|status| status.success()) {
        expected.push("e.parquet: is no file, but a pipe, socket or device");
    }
    assert_eq!(problems(&folder).await, expected);

    let zero = read_reference(&Location::local("/dev/zero"), &spec()).await.unwrap();
    assert_eq!(
        zero.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["/dev/zero: is no file, but a pipe, socket or device"]
    );
    assert_eq!(zero.files, 1);
}

#[tokio::test]
async fn a_folder_called_like_a_file_is_read_as_a_folder() {
    let folder = Folder::new();
    folder.put("labels.parquet/part-0.parquet", logged(1, 0..2));
    let read = read_reference(&Location::local(folder.path("")), &spec()).await.unwrap();
    assert_eq!((read.rows, said(&read.problems)), (2, vec![]));
}

#[tokio::test]
async fn too_many_folders_in_one_another() {
    let folder = Folder::new();
    folder.put("a.parquet", logged(1, 0..2)).put(&format!("{}a.parquet", "f/".repeat(100)), logged(1, 2..4));
    let read = read_reference(&Location::local(folder.path("")), &spec()).await.unwrap();
    assert_eq!(read.rows, 2);
    assert_eq!(said(&read.problems), ["f: lies in too many folders, and is not looked into"]);
}

#[tokio::test]
async fn a_store_of_local_files_keeps_what_it_listed() {
    let folder = table();
    symlink("..", folder.path(&format!("{TABLE}/date=2026-01-01/up"))).unwrap();
    let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(folder.path("")).unwrap());
    let read = PredictionTable::object_store(store, Path::default()).read(&spec()).await.unwrap();
    let cut = |problem: &FileProblem| problem.reason.starts_with("cannot be listed to its end");
    assert!(matches!(read.problems.as_slice(), [problem] if cut(problem)), "{:?}", read.problems);
}
