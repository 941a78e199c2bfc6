//! Prediction logging that never makes the model wait.
//!
//! A service that answers predictions over HTTP is wrapped in a [tower](https://docs.rs/tower) layer. What goes
//! through it is copied while it streams past and handed to a bounded queue; a worker thread decodes it by the model's
//! spec and gives the records to a [`Sink`], which writes Parquet. The handler knows nothing of it. Every exchange and
//! every prediction is accounted for, in two [ledgers](tiltmeter_record::Ledgers).
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
//! # In reading order
//! - [`LogBuilder`] starts a log and gives a [`LogHandle`], which makes layers, and a [`LogGuard`], which ends it.
//! - [`layer`] is what happens on the request path.
//! - The worker decodes, numbers and batches; [`Sink`] is where the records go, [`Delivery`] how a sink answers for
//!   them, [`ParquetSink`] writes files, [`MemorySink`] is for tests.
//! - [`Clock`] is where time comes from.
//!
//! # Features
//! - `parquet` (default): [`ParquetSink`]; pulls arrow-array, parquet with zstd, and object_store with local files. Without
//!   it the crate has the layer, the queue and the worker, for a sink of your own.
//!
//! # Panics and cancellation
//! A panic in the handler passes through and is logged as an exchange without a response. A panic while decoding costs
//! one exchange. A panic in a sink ends the log: what comes later is counted as dropped, and the service goes on. (With
//! `panic = "abort"` each of them ends the process, as any panic does.)

mod books;
mod builder;
mod clock;
mod decode;
mod error;
mod guard;
mod handle;
mod id;
pub mod layer;
mod queue;
mod sink;
#[cfg(test)]
mod testing;
mod worker;

pub use books::Delivery;
pub use builder::LogBuilder;
pub use clock::{Clock, SystemClock};
pub use error::BuildError;
pub use guard::{LogGuard, ShutdownOutcome, ShutdownReport};
pub use handle::{LogHandle, QueueDepth};
pub use layer::{LoggedBody, PredictionLog, PredictionLogLayer, ResponseFuture};
pub use sink::{MemorySink, Sink, SinkFuture};
#[cfg(feature = "parquet")]
pub use sink::{ParquetSink, ParquetSinkBuilder};
