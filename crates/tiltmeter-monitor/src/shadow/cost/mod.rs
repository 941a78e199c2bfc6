//! What a shadow costs, what it would cost at another rate, and how much of it is needed.
//!
//! Pure: whoever ran the shadow says what it used ([`ShadowUse`]), and [`ShadowCost`] says what follows. What was not
//! measured is undefined, with the reason, and never 0; what is a mean of a sample has an interval, and plain counts have
//! none.
//!
//! | question | answer |
//! |---|---|
//! | What does a copied request cost, and a day? | [`ShadowCost::per_request`], [`ShadowCost::per_day`] |
//! | What would it be at another rate? | [`ShadowCost::at_rate`] |
//! | Does the champion answer later for it? | [`ShadowCost::champion_slowdown_ms`] |
//! | How many replicas of the challenger are needed? | [`ShadowCost::replicas`] |
//! | How many of the requests have to be copied? | [`recommended_rate`] |
//!
//! # When not
//! Not as a bill: what a replica and a byte cost is not known here. And not for what the whole machine loses: only what the
//! shadow's own threads used is counted. A challenger that runs on the champion's processors takes them from all requests, also
//! from those that are not copied, and the difference between the two does not show it.
//!
//! ```
//! use std::time::Duration;
//! use tiltmeter_monitor::shadow::cost::{ReplicaCapacity, RequestRate, ShadowCost, ShadowUse};
//!
//! let used = ShadowUse {
//!     asked: 90_000,
//!     cpu: Some(Duration::from_secs(18)),
//!     rate: Some(RequestRate { mean: 50.0, peak: 400.0 }),
//!     challenger_ms: vec![30.0; 90_000],
//!     ..ShadowUse::new(100_000)
//! };
//! let cost = ShadowCost::of(&used);
//! // 0.2 ms of CPU time for each copy; bytes were not measured
//! assert_eq!(cost.per_request.cpu_seconds.value(), Some(0.0002));
//! assert_eq!(cost.per_request.bytes_copied.reason(), Some("it was not measured"));
//! // 12 requests at once in the peak, of which a replica takes 4, at 70 % at most
//! let replicas = cost.replicas(1.0, ReplicaCapacity::new(4.0));
//! assert_eq!(replicas.count, Some(5));
//! println!("{}", replicas.sentence);
//! ```

mod figures;
mod latency;
mod needs;
mod replicas;
mod shadow_cost;
mod shadow_use;

#[cfg(test)]
mod tests;

pub use figures::CostFigures;
pub use needs::{RateRecommendation, RowNeed, recommended_rate};
pub use replicas::{ReplicaCapacity, Replicas};
pub use shadow_cost::{CostAtRate, ShadowCost};
pub use shadow_use::{ChampionLatencies, RequestRate, ShadowUse};
