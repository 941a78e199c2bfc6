//! The schemas in `docs/schema` are those of this build, and those of earlier versions still hold.
//!
//! `TILTMETER_BLESS=1 cargo test -p tiltmeter-record --all-features --test published` writes the files of the versions that
//! this build writes, and those that are missing. It never changes a file of an earlier version: such a version has been
//! written by somebody, and stands.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[cfg(feature = "arrow")]
mod arrow_schema;
mod json_schema;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tiltmeter_record::schema::Table;

/// Compares a published file with `text`, or writes it.
fn publish(table: Table, version: i32, kind: &str, text: &str) {
    let path = path(table, version, kind);
    let is_blessed = std::env::var_os("TILTMETER_BLESS").is_some();
    if is_blessed && (version == table.version || !path.exists()) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let published = published(table, version, kind);
    if version == table.version {
        let hint = "if that is meant, run with TILTMETER_BLESS=1; a version that was released needs a new one instead";
        assert!(published == text, "{} is not what this build writes: {hint}", path.display());
    } else {
        let same = without_words(serde_json::from_str(&published).unwrap())
            == without_words(serde_json::from_str(text).unwrap());
        assert!(same, "{} has been published: columns are only added, in a new version", path.display());
    }
}

fn published(table: Table, version: i32, kind: &str) -> String {
    let path = path(table, version, kind);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn path(table: Table, version: i32, kind: &str) -> PathBuf {
    let name = format!("{}.v{version}.{kind}.json", table.record);
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema")).join(name)
}

/// Explanations may be improved after a version was published.
fn without_words(value: Value) -> Value {
    match value {
        Value::Object(mut members) => {
            members.retain(|key, value| key != "description" || !value.is_string());
            members.into_iter().map(|(key, value)| (key, without_words(value))).collect()
        }
        Value::Array(elements) => elements.into_iter().map(without_words).collect(),
        other => other,
    }
}

/// Every version of every table.
fn versions() -> impl Iterator<Item = (Table, i32)> {
    Table::ALL.into_iter().flat_map(|table| (1..=table.version).map(move |version| (table, version)))
}

#[test]
fn the_folder_has_the_schemas_and_nothing_else() {
    let folder = path(Table::ALL[0], 1, "").parent().unwrap().to_path_buf();
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let kinds = ["arrow", "schema"];
    let mut expected = vec!["README.md".to_owned()];
    for (table, version) in versions() {
        expected.extend(kinds.map(|kind| format!("{}.v{version}.{kind}.json", table.record)));
    }
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn json_schemas_are_published() {
    for (table, version) in versions() {
        publish(table, version, "schema", &json_schema::of(table, version));
    }
}

#[test]
#[cfg(feature = "arrow")]
fn arrow_schemas_are_published() {
    for (table, version) in versions() {
        publish(table, version, "arrow", &arrow_schema::of(table, version));
    }
}

#[test]
fn versions_only_add_columns_at_the_end_that_may_be_null() {
    for (table, version) in versions() {
        let fields = |version| {
            let schema: Value = serde_json::from_str(&published(table, version, "arrow")).unwrap();
            schema["schema"]["fields"].as_array().unwrap().clone()
        };
        let (earlier, now) = (fields(version), fields(table.version));
        assert!(now.starts_with(&earlier), "{} v{version}", table.record);
        let added = &now[earlier.len()..];
        assert!(added.iter().all(|field| field["nullable"] == true), "{} v{version}", table.record);
    }
}

#[test]
fn what_a_json_line_needs_is_the_same_in_every_version() {
    for (table, version) in versions() {
        let required = |version| {
            let schema: Value = serde_json::from_str(&published(table, version, "schema")).unwrap();
            schema["required"].clone()
        };
        assert_eq!(required(version), required(table.version), "{} v{version}", table.record);
    }
}
