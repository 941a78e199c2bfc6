//! Shadow mode: a challenger sees every request, and no user ever notices.
//!
//! A tower layer around the model that answers, the *champion*, copies each request to *challengers*, and what both have
//! answered becomes a [`Pair`] under one request id. The champion's path is not touched: nothing is awaited there,
//! nothing waited for, no thread is woken; challengers have threads, connections, permits and deadlines of their own. A
//! challenger that panics, hangs, is slow or is dead costs pairs, and nothing else.
//!
//! Every eligible request ends in exactly one [`PairBucket`] for each challenger: paired, or not, and why.
//!
//! ```
//! use std::convert::Infallible;
//! use std::time::Duration;
//!
//! use http::{Method, Request, Response};
//! use http_body_util::{BodyExt, Full};
//! use tiltmeter_shadow::{PairBucket, Challenger, CopiedBody, Pair, ShadowBody, ShadowBuilder};
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! type Body = Full<bytes::Bytes>;
//! // in this process; one at another address is a `RemoteChallenger`
//! let challenger = service_fn(|request: Request<CopiedBody>| async move {
//!     assert!(!request.headers().contains_key("authorization"));
//!     Ok::<_, Infallible>(Response::new(Body::from("0.41")))
//! });
//! let (shadow, guard) = ShadowBuilder::http()
//!     .with_route(Method::POST, "/predict")
//!     .with_challenger(Challenger::http("lr-1", challenger).with_timeout(Duration::from_millis(200)))
//!     .with_recorder(|pair: Pair| pair.champion.status.is_some())
//!     .build()?;
//!
//! let mut champion = ServiceBuilder::new()
//!     .layer(shadow.layer())
//!     .service_fn(|request: Request<ShadowBody<Body>>| async move {
//!         let mut body = request.into_body();
//!         while let Some(_frame) = body.frame().await {}
//!         Ok::<_, Infallible>(Response::new(Body::from("0.40")))
//!     });
//! let request = Request::post("/predict").header("authorization", "Bearer s3cret").body(Body::from("{}"))?;
//! drop(champion.ready().await?.call(request).await?);
//!
//! let report = guard.shutdown(Duration::from_secs(10)).await;
//! assert!(report.balances());
//! assert_eq!(report.challengers[0].ledger.by(PairBucket::Paired), 1);
//! # Ok(())
//! # }
//! ```
//!
//! # When not
//! A request with effects must not be copied to what shares them with the champion: a challenger that books, charges or
//! writes does it twice. List routes that only read, and see to it that what lies behind a challenger stays read-only for
//! requests with [`SHADOW_HEADER`]. To answer users with the challenger, use an A/B test: a shadow shows what a model
//! says, and not what people do about it.
//!
//! # What the champion is kept from
//! | what a challenger does | what is done about it | bucket |
//! | --- | --- | --- |
//! | is slow, hangs, is never ready | a deadline, [`Challenger::with_timeout`] | `timeout` |
//! | holds requests and memory | permits: [`Challenger::with_permits`], [`Challenger::with_bytes`] | `no_permit` |
//! | fails, panics, is not there | its own task fails; then it is given a rest, [`ShadowBreaker`] | `challenger_error`, `breaker_open` |
//! | takes CPU time on the shadow's threads | [`CpuBudget`] | `shed` |
//! | takes it on threads of its own | nothing is known of it: bound its pool, or see the next line | |
//! | takes what the champion needs | challengers yield when the champion becomes slower, [`Shedding`] | `shed` |
//! | blocks its thread | that is the shadow's: see [`ShadowBuilder::with_threads`] | `timeout`, `no_permit`, `shed` |
//!
//! `docs/shadow.md` is the guide: gRPC, sampling, limits, metrics, where pairs land, and what to do when a bucket grows.
//!
//! # A second champion
//! A champion that draws at random, or reads data that change, disagrees with itself, and a challenger that is like it seems to
//! differ. Put up a second instance of the champion as one more challenger, with a name of its own: `gbm-1-again` beside `lr-1`.
//! A sample is enough, [`Challenger::with_rate`]: it lies within what the challenger is shown. Its pairs lie beside those of the
//! challenger, `pairs/model_name=…/challenger=gbm-1-again`;
//! [`join_second_champion`](tiltmeter_record::columns::PairColumns::join_second_champion) joins them, and the comparison subtracts
//! what the two champions differ.
//!
//! # In reading order
//! - [`ShadowBuilder`] starts a shadow of [`Challenger`]s, and gives a [`ShadowHandle`], which makes layers, and a
//!   [`ShadowGuard`], which ends it.
//! - [`layer`] is what happens on the path of an HTTP or gRPC service, [`values`] on that of any other one.
//! - [`PairBucket`] is what became of a request, [`ShadowLedger`] of all, [`ShadowHealth`] how it is going.
//! - [`Pair`] is what is recorded, [`Recorder`] where it goes: a [`PairLog`](tiltmeter_log::PairLog), which
//!   [`LogHandle::pairs`](tiltmeter_log::LogHandle::pairs) makes, or a closure.
//! - `RemoteChallenger` (feature `client`) is a challenger at another address.
//!
//! # Features
//! - `metrics` (default): the books as metrics; pulls the facade `metrics`.
//! - `client`: `RemoteChallenger`; pulls hyper and hyper-util.
//!
//! # Panics and cancellation
//! A panic of the champion passes through, and so does its error; the pair says so. A client that leaves does not cancel
//! what a challenger was sent. A panic of a challenger ends its task, one of the recorder costs its pair. (With
//! `panic = "abort"` each of them ends the process, as any panic does: then run challengers elsewhere.)

mod books;
mod breaker;
mod budget;
mod builder;
mod case;
mod challenger;
#[cfg(feature = "client")]
mod client;
mod closing;
mod copied;
mod core;
mod dispatch;
mod ending;
mod error;
mod exchange;
mod format;
mod gate;
mod guard;
mod handle;
pub mod layer;
#[cfg(feature = "metrics")]
mod metrics;
mod pair;
mod queue;
mod recording;
mod running;
mod shedding;
mod sync;
mod tape;
#[cfg(test)]
mod testing;
pub mod values;

pub use breaker::ShadowBreaker;
pub use budget::CpuBudget;
pub use builder::ShadowBuilder;
pub use challenger::Challenger;
#[cfg(feature = "client")]
pub use client::{AddressError, RemoteChallenger, RemoteChallengerBuilder};
pub use copied::{Copied, CopiedBody};
pub use error::ShadowError;
pub use guard::{ChallengerReport, ShadowEnd, ShadowGuard, ShadowReport};
pub use handle::{ChallengerHealth, ShadowHandle, ShadowHealth};
pub use layer::{CopiedRequest, SHADOW_HEADER, Shadow, ShadowBody, ShadowFuture, ShadowLayer};
pub use pair::{Answer, Content, Pair, Recorder, SeenRequest};
pub use shedding::Shedding;
pub use tiltmeter_record::{PairBucket, ShadowBooks, ShadowLedger};
pub use tiltmeter_sample::{SampleKey, SampleRate};
pub use values::{CopiedValue, ValueShadow, ValueShadowFuture, ValueShadowLayer};
