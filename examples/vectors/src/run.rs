//! Runs the checks over the entries of a file.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::Value;

use crate::checks;
use crate::entry::{Entry, Verdict};
use crate::totals::Totals;

/// The version of the files' format that is read.
const FORMAT: u64 = 1;

#[derive(Deserialize)]
struct Vectors {
    format: u64,
    entries: Vec<Value>,
}

/// Computes the entries of a file, and prints what differs and what is not offered.
///
/// # Errors
/// When the file is no vectors file, or nothing can be printed. An entry that cannot be read is a failed one.
pub fn run_file(path: &Path, out: &mut impl Write) -> anyhow::Result<Totals> {
    run_entries(path, |_, _, verdict| report(verdict, out))
}

/// Computes the entries of a file, and hands out the id, the level and the verdict of each.
///
/// # Errors
/// As [`run_file`], and those of `each`.
pub fn run_entries(
    path: &Path,
    mut each: impl FnMut(&str, &str, &Verdict) -> anyhow::Result<()>,
) -> anyhow::Result<Totals> {
    let vectors = read(path).with_context(|| path.display().to_string())?;
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let mut totals = Totals::default();
    for value in vectors.entries {
        let mut entry = Entry::new(value, folder.clone());
        let (id, level) = (entry.id().to_owned(), entry.level().to_owned());
        let verdict = match checks::find(entry.function()) {
            None => Verdict::Unknown(format!("{id}: the function {} is not offered", entry.function())),
            Some(check) => {
                // one entry that panics is one that fails
                let checked = catch_unwind(AssertUnwindSafe(|| check(&mut entry)));
                entry.verdict(checked.unwrap_or_else(|_| Err(anyhow::anyhow!("the statistic panicked"))))
            }
        };
        match verdict {
            Verdict::Passed => totals.passed += 1,
            Verdict::Failed(_) => totals.failed += 1,
            Verdict::Unknown(_) => totals.unknown += 1,
        }
        each(&id, &level, &verdict)?;
    }
    Ok(totals)
}

fn read(path: &Path) -> anyhow::Result<Vectors> {
    let vectors: Vectors = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    anyhow::ensure!(vectors.format == FORMAT, "the format is {}, read is {FORMAT}", vectors.format);
    Ok(vectors)
}

fn report(verdict: &Verdict, out: &mut impl Write) -> anyhow::Result<()> {
    match verdict {
        Verdict::Passed => {}
        Verdict::Failed(differences) => {
            for line in differences {
                writeln!(out, "FAILED  {line}")?;
            }
        }
        Verdict::Unknown(what) => writeln!(out, "unknown {what}")?,
    }
    Ok(())
}
