//! Prediction logging that never makes the model wait.
//!
//! A service that answers predictions is wrapped in a [tower](https://docs.rs/tower) layer. What goes through it is
//! copied while it streams past, or said by the handler, and handed to a bounded queue; a worker thread decodes it by the
//! model's spec, applies the spec's privacy policy, and gives the records to the [`Sink`]s: Parquet, JSON lines, your own.
//! Every exchange and every prediction is accounted for, in two [ledgers](tiltmeter_record::Ledgers) and in the data.
//!
//! ```
//! use std::time::Duration;
//! use tiltmeter_log::{LogBuilder, ParquetSink};
//! use tiltmeter_record::ModelSpec;
//! use tower::ServiceBuilder;
//!
//! # let folder = tempfile::tempdir()?;
//! # let spec = "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict}, \
//! #     response: {score: /score}, features: {age: float}}";
//! let spec = ModelSpec::from_yaml("model.yaml", spec)?;
//! let sink = ParquetSink::local(folder.path()).build()?;
//! let (log, guard) = LogBuilder::new().with_model(spec).with_sink(sink).build()?;
//!
//! let service = ServiceBuilder::new().layer(log.layer()).service_fn(predict);
//! // … serve it, and when the last response has been sent:
//! let report = guard.shutdown_blocking(Duration::from_secs(10));
//! assert!(report.ledgers.balance());
//! # async fn predict(
//! #     _: http::Request<tiltmeter_log::LoggedBody<http_body_util::Empty<bytes::Bytes>>>,
//! # ) -> Result<http::Response<String>, std::convert::Infallible> {
//! #     Ok(http::Response::new(String::new()))
//! # }
//! # drop(service);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # When not
//! For logs of what a program does use `tracing`; for request logs `tower-http`. This crate stores what a model was
//! asked and what it answered, and drops records rather than delay a request: it is no audit log.
//!
//! # Four ways to capture
//! | what there is | how | cost on the request path |
//! | --- | --- | --- |
//! | an HTTP service | [`LogHandle::layer`] copies the **bodies** | a copy of them |
//! | a handler that knows the features | [`RequestLog`], with [`Capture::Handler`]; also under gRPC | what it says |
//! | any tower service | [`LogHandle::observe`] asks an [`Observe`] | what it says |
//! | a batch job, a consumer | [`LogHandle::model`], [`ModelLog::record`] of [`Observed`] | what it says |
//!
//! The first two combine in one record ([`Capture::BodiesAndHandler`]): what the handler says counts, what it does not say comes
//! from the bodies.
//!
//! # In reading order
//! - [`LogBuilder`] starts a log and gives a [`LogHandle`], which makes layers, and a [`LogGuard`], which ends it.
//! - [`layer`] and [`observe`] are what happens on the request path; [`Priorities`] what is dropped first when the worker
//!   falls behind.
//! - [`sampling`] is which rows are kept, where not all are, and with what probability: what the spec says of it, or the
//!   application.
//! - [`codec`] is how bodies become fields: JSON by the pointers of the spec, or a codec of your own. The worker puts records
//!   together, masks, numbers and batches them, and shows them to each [`Observer`](tiltmeter_record::Observer).
//! - [`Profiler`] is the observer that sums up all predictions, before any row is left out; a [`BaselineHandle`] is what it, and
//!   whoever samples, compares with, and [`BaselineWatch`] keeps that up to date.
//! - [`Sink`] is where the records go, [`Delivery`] how a sink answers for them: [`ParquetSink`], [`JsonLinesSink`], [`Tee`], and
//!   [`MemorySink`] for tests. Each sink has a queue and a thread of its own; [`WhenFull`] is what happens when it is behind.
//! - [`Health`], [`LogHandle::flush`], [`LogHandle::send_canary`]: whether all is well.
//! - [`Clock`] is where time comes from.
//!
//! # Features
//! - `parquet` (default): [`ParquetSink`]; pulls arrow-array, parquet with zstd, and object_store with local files. Without
//!   it the crate has the layers, the queue and the worker, JSON lines, and room for a sink of your own.
//! - `metrics` (default): the books as metrics; pulls the facade `metrics`.
//! - `zstd` (default): bodies that are compressed with zstd are read; links the C library, as parquet does. gzip and deflate
//!   are always read.
//! - `axum`: [`RequestLog`] as an extractor; pulls axum-core.
//! - `s3`, `gcs`, `azure`: the stores of these clouds by their URL, [`ParquetSink::url`]; each pulls reqwest, hyper and rustls.
//! - `conformance`: the modules `conformance` and `faults`, for the tests of a sink of your own; pulls nothing.
//! - `fuzzing`: a door for the fuzz target, no part of the API; pulls nothing.
//!
//! # Panics and cancellation
//! A panic in the handler passes through and is logged as an exchange without a response. A panic while decoding costs
//! one exchange. A panic in a sink ends that sink: what comes later is counted as dropped for it, and the other sinks and the
//! service go on. An observer that panics is not called again. (With `panic = "abort"` each of them ends the process, as any
//! panic does.)

mod baseline;
mod books;
mod builder;
mod clock;
pub mod codec;
mod decode;
mod direct;
mod error;
mod guard;
mod handle;
mod health;
mod id;
mod lane;
pub mod layer;
#[cfg(feature = "metrics")]
mod metrics;
pub mod observe;
mod observed;
mod pair;
mod priorities;
mod profiles;
mod queue;
mod row_score;
mod running;
pub mod sampling;
mod shared;
mod sink;
mod sync;
mod tallies;
#[cfg(test)]
mod testing;
mod unwinding;
mod worker;

pub use baseline::{BaselineHandle, BaselineWatch};
pub use books::{Delivery, Receipt};
pub use builder::LogBuilder;
pub use clock::{Clock, SystemClock};
pub use direct::ModelLog;
pub use error::{BuildError, UnknownModel};
pub use guard::{LogGuard, ShutdownOutcome, ShutdownReport, SinkReport};
pub use handle::{FlushOutcome, LogHandle, QueueDepth};
pub use health::{Health, SinkHealth, ThreadHealth};
pub use lane::WhenFull;
pub use layer::{Capture, LoggedBody, PredictionLog, PredictionLogLayer, RequestLog, ResponseFuture};
pub use observe::{Observe, ObserveLayer};
pub use observed::Observed;
pub use pair::{ObservedAnswer, ObservedBody, ObservedContent, ObservedPair, PairLedger, PairLog};
pub use priorities::Priorities;
pub use profiles::{Profiler, ProfilerBuilder};
#[cfg(feature = "parquet")]
pub use sink::{BreakerPolicy, ParquetSink, ParquetSinkBuilder, RetryPolicy};
pub use sink::{Fsync, JsonLinesSink, JsonLinesSinkBuilder, MemorySink, Sink, SinkFuture, Tee};
#[cfg(any(test, feature = "conformance"))]
pub use sink::{conformance, faults};
pub use tallies::{Masked, Misfit};
pub use tiltmeter_record::Priority;

/// What the layers beside this one share with it: how requests are named, and how what goes by is watched. No part of the API.
#[doc(hidden)]
pub mod beside {
    pub use crate::id::new_id;
    pub use crate::layer::grpc::{UNKNOWN, grpc_error, grpc_status};
    pub use crate::layer::meter::Meter;
    pub use crate::layer::{ClientId, is_usable_id};
    pub use crate::unwinding::{Unwinding, Unwound};
}

/// Decodes what `input` describes; panics where a promise of the decoder does not hold. The door of the fuzz target, no
/// part of the API.
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub fn fuzz_decode(input: &[u8]) {
    decode::fuzzing::decode(input);
}
