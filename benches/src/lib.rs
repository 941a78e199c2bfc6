//! What the logging layer, an evaluation and the statistics cost: the parts that the benchmarks share.
//!
//! The benchmarks are the files beside `src`; `docs/benchmarks.md` says how to run them and what came out. Those of the
//! layer compare the same service in several variants, in one run, interleaved.
//!
//! - `request_path.rs`: nanoseconds per exchange, in process
//! - `allocations.rs`: allocations per exchange, in process; apart, because the counting allocator costs time
//! - `instructions.rs`: runs exchanges for callgrind, driven by `instructions.sh`
//! - `worker.rs`: records per second of CPU time, from the queue to Parquet, with profiles and sampling
//! - `enqueue.rs`: how long it takes to offer a record, from several threads
//! - `outage.rs`: resident memory while a sink is dead
//! - `service.rs`: CPU time, latency and throughput of a real service, over HTTP
//!
//! `sampling.rs` times a decision about a row, `profiles.rs` the profiles of all predictions, and counts their bytes.
//!
//! `isolation.rs` measures the same of a service with a challenger in its shadow.
//!
//! `evaluation.rs` times what a year of the log costs to evaluate. Those of the statistics are
//! - `statistics.rs`: one statistic against the sort that it contains
//! - `drift_report.rs`: all columns of a model against their reference, and what `peers/run.py` compares others with
//!
//! The parts, in reading order:
//! - [`variant`]: what is compared
//! - [`pass_through`]: the layer that any body-wrapping middleware is at least
//! - [`sink`]: sinks that write nothing
//! - [`models`]: models and records that are made for it
//! - [`in_process`]: an exchange without a network
//! - [`over_http`]: the flights service in a process of its own, and a load for it
//! - [`isolation`]: the same with a challenger in its shadow, and where each of them runs
//! - [`cpu`]: what a process and its threads have used
//! - [`samples`]: values of several shapes
//! - [`turns`]: contenders that are timed in turn
//! - [`statistics`], [`table`]: what becomes of the measurements

pub mod cpu;
pub mod in_process;
pub mod isolation;
pub mod models;
pub mod over_http;
pub mod pass_through;
pub mod samples;
pub mod sink;
pub mod statistics;
pub mod table;
pub mod turns;
pub mod variant;

pub use variant::Contender;

use std::path::PathBuf;

/// A file of the flights example, whose service and data the benchmarks use.
#[must_use]
pub fn flights_example(file: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/flights")).join(file)
}
