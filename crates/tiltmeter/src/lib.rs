//! Watch machine-learning models in production, from Rust.
//!
//! This crate is what a serving application adds. It re-exports the parts, each behind a feature, and has nothing of
//! its own.
//!
//! # Log the predictions of an axum service
//!
//! ```no_run
//! use std::time::Duration;
//! use axum::{Json, Router, routing::post};
//! use tiltmeter::{LogBuilder, ModelSpec, ParquetSink};
//!
//! # async fn predict(body: Json<Vec<f64>>) -> Json<Vec<f64>> { body }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let spec = ModelSpec::read_file("model.yaml")?;
//! let sink = ParquetSink::local("/var/lib/predictions").build()?;
//! let (log, guard) = LogBuilder::new().with_model(spec).with_sink(sink).build()?;
//!
//! let app = Router::new().route("/predict", post(predict)).layer(log.layer());
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! let interrupted = async { tokio::signal::ctrl_c().await.unwrap_or(()) };
//! axum::serve(listener, app).with_graceful_shutdown(interrupted).await?;
//! // only now: what the guard does not write is lost with the process
//! println!("{:?}", guard.shutdown(Duration::from_secs(10)).await);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to go
//!
//! | you want to | look at |
//! | --- | --- |
//! | say what your model's requests and responses look like | [`ModelSpec`] |
//! | log the bodies of an HTTP service | [`LogBuilder`], [`log::layer`] |
//! | say in the handler what was predicted | [`RequestLog`], [`Observation`] |
//! | log any tower service | [`log::observe`] |
//! | log a batch job | [`ModelLog`] |
//! | write Parquet, to a folder or a cloud | [`ParquetSink`] |
//! | write JSON lines | [`JsonLinesSink`] |
//! | write somewhere else | [`Sink`], [`Delivery`]; `log::conformance` tests it |
//! | keep personal data out | [`record::privacy`] |
//! | sum up all predictions, for drift | [`LogBuilder::with_profiles`], [`Profiler`] |
//! | keep fewer rows, and know what they stand for | [`log::sampling`]; the guide is `docs/sampling.md` |
//! | look at predictions as they pass | [`Observer`] |
//! | know how the log is doing | [`LogHandle::health`], [`LogHandle::flush`] |
//! | show a new model every request, and no user | `ShadowBuilder`, `shadow` (feature `shadow`); the guide is `docs/shadow.md` |
//! | keep less than everything, and know what it stands for | [`log::sampling`], [`log::Profiler`]; the guide is `docs/sampling.md` |
//! | test that your service logs | [`log::MemorySink`] |
//! | read the books | [`Ledgers`], [`ShutdownReport`] |
//! | know the columns | [`record::schema`] |
//!
//! # Features
//!
//! | feature | default | what it pulls in |
//! | --- | --- | --- |
//! | `log` | yes | the tower layer, the queue and the worker: `http`, `tower-service`, `crossbeam-channel`, `tokio` (runtime and timers), `serde_json`, `tiltmeter-sample`, `tiltmeter-stats` |
//! | `metrics` | yes | the books as metrics: the facade `metrics` |
//! | `shadow` | no | copies of requests to challengers: `rustix` |
//! | `shadow-client` | no | challengers at other addresses: `hyper`, `hyper-util` |
//! | `zstd` | yes | bodies that are compressed with zstd: the C library, which `parquet` links as well |
//! | `axum` | no | [`RequestLog`] as an extractor: `axum-core` |
//! | `conformance` | no | `log::conformance` and `log::faults`, for the tests of a sink of your own: nothing |
//! | `parquet` | yes | the Parquet sink: `arrow-array`, `parquet` with zstd, `object_store` with local files |
//! | `s3`, `gcs`, `azure` | no | the Parquet sink on the stores of these clouds: `reqwest`, `hyper`, `rustls` |
//!
//! Without any feature there is the model spec and the ledgers.

pub use tiltmeter_record as record;
pub use tiltmeter_record::{Keyring, Ledgers, ModelSpec, Observation, Observer, SpecError};

#[cfg(feature = "log")]
pub use tiltmeter_log as log;
#[cfg(feature = "log")]
pub use tiltmeter_log::{
    BaselineHandle, BaselineWatch, BuildError, Capture, Clock, Delivery, FlushOutcome, Health, JsonLinesSink,
    LogBuilder, LogGuard, LogHandle, ModelLog, Observed, PredictionLogLayer, Priorities, Priority, Profiler,
    ProfilerBuilder, QueueDepth, Receipt, RequestLog, ShutdownOutcome, ShutdownReport, Sink, SinkFuture, Tee,
    WhenFull,
};
#[cfg(feature = "parquet")]
pub use tiltmeter_log::{BreakerPolicy, ParquetSink, ParquetSinkBuilder, RetryPolicy};

#[cfg(feature = "shadow")]
pub use tiltmeter_shadow as shadow;
#[cfg(feature = "shadow-client")]
pub use tiltmeter_shadow::RemoteChallenger;
#[cfg(feature = "shadow")]
pub use tiltmeter_shadow::{
    Challenger, CpuBudget, Pair, PairBucket, Recorder, SampleKey, SampleRate, ShadowBreaker, ShadowBuilder,
    ShadowGuard, ShadowHandle, ShadowLayer, ShadowReport, Shedding,
};

/// The code of the guides is compiled by the tests of this crate.
#[cfg(all(doctest, feature = "parquet"))]
#[doc = include_str!("../../../docs/logging.md")]
struct Guide;

/// That of sampling, of which reading needs other crates.
#[cfg(all(doctest, feature = "parquet"))]
#[doc = include_str!("../../../docs/sampling.md")]
struct SamplingGuide;

/// That of shadow mode.
#[cfg(all(doctest, feature = "parquet", feature = "shadow-client"))]
#[doc = include_str!("../../../docs/shadow.md")]
struct ShadowGuide;
