//! Any tower service whose requests and responses are values, not HTTP bodies.
//!
//! [`ObserveLayer`] wraps a `tower::Service<Req>` and asks an [`Observe`] what to record of its requests and responses: a
//! model behind a queue, an in-process ensemble, a service of a framework of one's own. Nothing is decoded.
//!
//! ```
//! use tiltmeter_log::{LogBuilder, MemorySink};
//! use tiltmeter_record::{ModelSpec, Observation};
//! use tower::{Service, ServiceBuilder, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let spec = ModelSpec::from_yaml("model.yaml", "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, \
//! #     endpoint: {path: /predict}, response: {score: /score}, features: {age: float}}")?;
//! let sink = MemorySink::default();
//! let (log, guard) = LogBuilder::new().with_model(spec).with_sink(sink.clone()).build()?;
//!
//! struct Customer { age: f64 }
//! let observe = |customer: &Customer| {
//!     let seen = Observation::new().with("age", customer.age);
//!     move |score: Option<&f64>| match score {
//!         Some(&score) => seen.with_score(score),
//!         None => seen, // the service failed, or was given up
//!     }
//! };
//! let mut model = ServiceBuilder::new()
//!     .layer(log.observe("churn", observe)?)
//!     .service_fn(|customer: Customer| async move { Ok::<f64, std::io::Error>(customer.age / 100.0) });
//! model.ready().await?.call(Customer { age: 30.0 }).await?;
//!
//! guard.shutdown(std::time::Duration::from_secs(10)).await;
//! assert_eq!(sink.take()[0].score, Some(0.3));
//! # Ok(())
//! # }
//! ```
//!
//! **On the request path** it reads the clock twice, allocates once and offers the record to the queue, beside what the
//! observer does. A panic of the observer costs its record, and nothing else; it is counted as `codec_panic`. A response
//! that is given up, an error and a panic of the service are recorded as failures, with what the observer saw of the
//! request.

mod future;
mod layer;
#[cfg(test)]
mod tests;

pub use future::ObserveFuture;
pub use layer::{ObserveLayer, ObserveService};

use crate::observed::Observed;

/// Says what to record of a request and its response.
///
/// A closure from the request to a closure from the response is one: see the [module](self).
pub trait Observe<Req, Res> {
    /// What is kept of a request until there is a response.
    type Seen;

    /// Looks at a request before the service gets it.
    fn request(&self, request: &Req) -> Self::Seen;

    /// Says what was predicted. There is no response when the service failed, panicked or was given up: that is recorded
    /// whatever this returns. Of a response, nothing is recorded where it returns no observation.
    fn response(&self, seen: Self::Seen, response: Option<&Res>) -> Observed;
}

impl<Req, Res, F, G, O> Observe<Req, Res> for F
where
    F: Fn(&Req) -> G,
    G: FnOnce(Option<&Res>) -> O,
    O: Into<Observed>,
{
    type Seen = G;

    fn request(&self, request: &Req) -> G {
        self(request)
    }

    fn response(&self, seen: G, response: Option<&Res>) -> Observed {
        seen(response).into()
    }
}
