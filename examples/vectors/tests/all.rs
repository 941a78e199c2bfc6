//! Every entry of every file passes, and none is unknown, whatever its level.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use example_vectors::{Verdict, run_entries};

fn files() -> Vec<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let files = std::fs::read_dir(data).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect();
    files.sort_unstable();
    files
}

#[test]
fn every_entry_passes() {
    let (mut wrong, mut levels) = (Vec::new(), BTreeMap::<String, usize>::new());
    for file in files() {
        let totals = run_entries(&file, |id, level, verdict| {
            *levels.entry(level.to_owned()).or_default() += 1;
            match verdict {
                Verdict::Passed => {}
                Verdict::Failed(differences) => wrong.extend(differences.clone()),
                Verdict::Unknown(what) => wrong.push(format!("{id} is unknown: {what}")),
            }
            Ok(())
        })
        .unwrap();
        assert!(totals.passed + totals.failed + totals.unknown > 0, "{} is empty", file.display());
    }
    assert!(wrong.is_empty(), "{} are wrong\n{}", wrong.len(), wrong.join("\n"));
    let levels: Vec<(&str, usize)> = levels.iter().map(|(level, &count)| (level.as_str(), count)).collect();
    assert_eq!(levels, [("core", 0), ("definition", 0), ("edge", 0), ("recommended", 0), ("tool", 0)]);
}
