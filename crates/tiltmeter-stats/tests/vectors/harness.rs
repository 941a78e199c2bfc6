//! Runs the checks of a group over all entries of their files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::entry::Entry;

/// What a group checks: by function, what to do with each entry of its file.
pub(crate) type Checks = &'static [(&'static str, fn(&mut Entry))];

const LEVELS: [&str; 4] = ["core", "definition", "edge", "recommended"];

pub(crate) fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/data")
}

/// The functions that there are files for, in order.
pub(crate) fn functions() -> Vec<String> {
    let files = std::fs::read_dir(data()).unwrap().map(|file| file.unwrap().path());
    let json = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let mut names: Vec<String> =
        json.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    names
}

/// Checks all entries of the functions, and fails with all that was wrong with any of them.
pub(crate) fn run(checks: Checks) {
    let mut failures = Vec::new();
    for (function, check) in checks {
        let text = std::fs::read_to_string(data().join(format!("{function}.json"))).unwrap();
        let entries: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        assert!(!entries.is_empty(), "{function} has no entries");

        let mut present: BTreeMap<String, usize> = BTreeMap::new();
        let mut checked: BTreeMap<String, usize> = BTreeMap::new();
        for value in entries {
            let mut entry = Entry::new(value);
            assert_eq!(entry.text("function"), *function, "{} is in the wrong file", entry.id());
            let level = entry.text("level").to_owned();
            assert!(LEVELS.contains(&level.as_str()), "{} has the level {level}", entry.id());
            *present.entry(level.clone()).or_default() += 1;
            check(&mut entry);
            *checked.entry(level).or_default() += usize::from(entry.is_checked());
            failures.extend(entry.failures());
        }
        println!("{function}: checked {checked:?} of {present:?}");
        if checked != present {
            failures.push(format!("{function}: checked {checked:?} of {present:?}"));
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}
