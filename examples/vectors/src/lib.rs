//! Test vectors: inputs, and the value that an independent tool gives for them, against `tiltmeter-stats`.
//!
//! [`run_file`] reads a file, and computes each of its entries with the check of its function. The checks are in
//! `checks`, one file for each part of the statistics; [`Entry`] reads inputs and compares fields.

mod checks;
mod entry;
mod got;
mod input;
mod run;
mod totals;

pub use entry::{Entry, Verdict};
pub use got::Got;
pub use run::{run_entries, run_file};
pub use totals::Totals;
