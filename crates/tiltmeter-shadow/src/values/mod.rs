//! Any tower service whose requests and responses are values, not HTTP bodies.
//!
//! A request is cloned for each challenger that gets it. What is recorded of request and answer, the champion's and a
//! challenger's, is said by an [`Observe`], as [`tiltmeter_log::observe`] has it. Nothing is decoded.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use std::time::Duration;
//!
//! use tiltmeter_record::Observation;
//! use tiltmeter_shadow::{PairBucket, Challenger, Pair, ShadowBuilder};
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! #[derive(Clone)]
//! struct Customer { age: f64 }
//! fn observe(customer: &Customer) -> impl FnOnce(Option<&f64>) -> Observation + use<> {
//!     let seen = Observation::new().with("age", customer.age);
//!     move |score| match score {
//!         Some(&score) => seen.with_score(score),
//!         None => seen, // the service failed, or was given up
//!     }
//! }
//!
//! let next = service_fn(|customer: Customer| async move { Ok::<_, std::io::Error>(customer.age / 90.0) });
//! let pairs = Arc::new(Mutex::new(Vec::new()));
//! let recorded = Arc::clone(&pairs);
//! let (shadow, guard) = ShadowBuilder::values()
//!     .with_challenger(Challenger::observed("next", next, observe))
//!     .with_recorder(move |pair: Pair| recorded.lock().is_ok_and(|mut pairs| { pairs.push(pair); true }))
//!     .build()?;
//!
//! let mut model = ServiceBuilder::new()
//!     .layer(shadow.observe(observe))
//!     .service_fn(|customer: Customer| async move { Ok::<_, std::io::Error>(customer.age / 100.0) });
//! model.ready().await?.call(Customer { age: 45.0 }).await?;
//!
//! let report = guard.shutdown(Duration::from_secs(10)).await;
//! assert_eq!(report.challengers[0].ledger.by(PairBucket::Paired), 1);
//! assert_eq!(pairs.lock().unwrap().len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! **On the champion's path** it reads the clock some three times, clones the request, and allocates half a dozen times,
//! beside what the observer does. A panic of the champion's observer, or of the clone, costs its pair, which is
//! [`RequestIncomplete`](crate::PairBucket::RequestIncomplete) then, and nothing else.
//!
//! **The request's id** is what [`with_request_id`](ValueShadowLayer::with_request_id) says, else one that is made here.
//! What a value holds in memory is unknown: the permits bound how many there are, and not their bytes.

mod challenge;
mod future;
mod layer;
#[cfg(test)]
mod tests;

pub use future::ValueShadowFuture;
pub use layer::{ValueShadow, ValueShadowLayer};

pub(crate) use challenge::ValueChallenge;

use std::fmt;

use tiltmeter_log::{Observe, Observed};

/// A value on its way to a challenger.
pub struct CopiedValue<Req>(pub(crate) Req);

/// Shows nothing of it: it has not been masked.
impl<Req> fmt::Debug for CopiedValue<Req> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CopiedValue")
    }
}

/// What is observed of an answer; `None` where the observer panics.
fn observed<O, Req, Res>(observe: &O, seen: O::Seen, response: Option<&Res>) -> Option<Observed>
where
    O: Observe<Req, Res>,
{
    use std::panic::{AssertUnwindSafe, catch_unwind};

    catch_unwind(AssertUnwindSafe(|| observe.response(seen, response))).ok()
}
