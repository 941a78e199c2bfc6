//! What the logging layer, an evaluation and the statistics cost: the parts that the benchmarks share.
//!
//! The benchmarks are the files beside `src`; `docs/benchmarks.md` says how to run them and what came out. Those of the
//! layer compare the same service in four [variants](Variant), in one run, interleaved.
//!
//! - `request_path.rs`: nanoseconds per exchange, in process
//! - `allocations.rs`: allocations per exchange, in process; apart, because the counting allocator costs time
//! - `instructions.rs`: runs exchanges for callgrind, driven by `instructions.sh`
//! - `service.rs`: CPU time, latency and throughput of a real service, over HTTP
//!
//! `evaluation.rs` times what a year of the log costs to evaluate. Those of the statistics are
//! - `statistics.rs`: one statistic against the sort that it contains
//! - `drift_report.rs`: all columns of a model against their reference, and what `peers/run.py` compares others with
//!
//! The parts, in reading order:
//! - [`variant`]: what is compared
//! - [`pass_through`]: the layer that any body-wrapping middleware is at least
//! - [`sink`]: sinks that write nothing
//! - [`in_process`]: an exchange without a network
//! - [`over_http`]: the flights service in a process of its own, and a load for it
//! - [`samples`]: values of several shapes
//! - [`turns`]: contenders that are timed in turn
//! - [`statistics`], [`table`]: what becomes of the measurements

pub mod in_process;
pub mod over_http;
pub mod pass_through;
pub mod samples;
pub mod sink;
pub mod statistics;
pub mod table;
pub mod turns;
pub mod variant;

pub use variant::{Contender, Variant};

use std::path::PathBuf;

/// A file of the flights example, whose service and data the benchmarks use.
#[must_use]
pub fn flights_example(file: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/flights")).join(file)
}
