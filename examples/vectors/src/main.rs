//! Computes the entries of vectors files, prints each mismatch, and counts.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use example_vectors::{Totals, run_file};

/// Compares tiltmeter-stats with files of test vectors: inputs, and what an independent tool gives for them.
///
/// Prints a line for each field that differs, and for each entry that is unknown. The last line is `N passed, M failed,
/// K unknown`; the exit code is 0 only when nothing failed.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The files; the format is described in data/README.md of this example.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut out = std::io::stdout().lock();
    let mut totals = Totals::default();
    for file in &arguments.files {
        totals += run_file(file, &mut out)?;
    }
    writeln!(out, "{totals}")?;
    Ok(if totals.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
