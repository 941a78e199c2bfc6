//! A challenger beside its champion: what each answered to the same requests.
//!
//! A shadow deployment asks a second model what it would have answered, and tells nobody. Here is what comes of it: how
//! often the two decide alike, how their scores and latencies differ, who fails how often, and, where labels are
//! joined, who is right. By stratum of the champion's score, by segment, by day, and over all.
//!
//! Requests without a pair are part of the data. They are not missing at random: the slow ones time out. So the pairs
//! are weighted to stand for them, timeouts count as latencies, and what nothing is known of is said
//! ([`Coverage`]). Whether the challenger may take over is decided by what was asked for beforehand
//! ([`promotion`]). It is no substitute for an experiment where the model's answer changes what happens next: a shadow
//! sees the champion's world.
//!
//! A champion that draws at random, or reads data that change, disagrees with itself. What of a
//! challenger's disagreement is more than that is told by a second instance of the champion: put it up as one more
//! challenger, and join its pairs to those of the challenger with
//! [`PairColumns::join_second_champion`](tiltmeter_record::columns::PairColumns::join_second_champion); then the comparison
//! has a [`NoiseFloor`]. What it costs is what a challenger costs, and a sample of the requests is enough.
//!
//! Pure, as all of this crate: pairs may come from a log, a file or a test.
//!
//! ```
//! use tiltmeter_monitor::shadow::{ComparisonPolicy, PairInputs, compare};
//! use tiltmeter_record::PairBucket;
//! use tiltmeter_record::columns::{AnswerColumns, Categories, PairColumns, RequestColumns, Texts};
//!
//! // a challenger that scores a little higher, and decides otherwise near one half
//! let scores = |more: f64| (0..1000).map(move |row| f64::from(row) / 1000.0 + more);
//! let answers = |more: f64, version| {
//!     let decision = scores(more).map(|score| Some(if score >= 0.5 { "1" } else { "0" }));
//!     let version = Categories::from_iter(vec![Some(version); 1000]);
//!     AnswerColumns::new(scores(more).collect(), decision.collect(), vec![4.0; 1000], version, vec![None; 1000])
//! };
//! let requests = RequestColumns {
//!     request_id: Texts::from_iter(vec![None; 1000]),
//!     entity_id: Texts::from_iter(vec![None; 1000]),
//!     event_time: (0..1000).map(|row| row * 60_000_000).collect(),
//!     inclusion_probability: vec![1.0; 1000],
//!     bucket: vec![PairBucket::Paired; 1000],
//!     segments: vec![],
//! };
//! let pairs = PairColumns::new("churn".parse()?, requests, answers(0.0, "v1")?, answers(0.02, "v2")?)?;
//!
//! let found = compare(&PairInputs::new(&pairs), &ComparisonPolicy::default());
//! assert_eq!(found.overall.agreement_rate.value(), Some(0.98));
//! assert_eq!(found.disagreements.rows.len(), 20);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # In reading order
//! - [`compare`]: from [`PairInputs`] and a [`ComparisonPolicy`] to a [`Comparison`]; [`join_labels`].
//! - [`Coverage`]: which requests have a pair, and what the pairs stand for. [`CoverageByBooks`]: of those in no row, too.
//! - [`PairFigures`]: decisions and scores. [`LatencyComparison`], [`LatencySla`]: how long it takes. [`Failures`].
//! - [`LabelledComparison`]: who is right. [`NoiseFloor`]: how much of it is the champion's own noise.
//! - [`GroupComparison`], [`Group`]: the same of strata, segments and days.
//! - [`promotion`]: whether the challenger may take the champion's place.
//! - [`cost`]: what the shadow costs, and how much of it is needed.
//! - [`Disagreements`]: some for a person to look at. [`ScoreDensity`], [`LatencyHistogram`]: to be drawn.

mod agreement;
mod compare;
mod comparison;
pub mod cost;
mod coverage;
mod density;
mod disagreements;
mod failures;
mod figures;
mod grouping;
mod groups;
mod inputs;
mod known;
mod labelled;
mod latency;
mod material;
mod noise;
mod policy;
pub mod promotion;
mod resample;
mod rows;
mod scores;

#[cfg(test)]
mod tests;

pub use compare::compare;
pub use comparison::Comparison;
pub use coverage::{BucketCount, Coverage, CoverageByBooks, CoverageOf, Unrepresented};
pub use density::ScoreDensity;
pub use disagreements::{Answer, Disagreement, Disagreements, Right};
pub use failures::Failures;
pub use figures::{Flip, MAX_CLASSES, PairFigures};
pub use grouping::Group;
pub use groups::GroupComparison;
pub use inputs::{PairInputs, join_labels};
pub use labelled::{LabelledComparison, McNemar, RightOnDisagreements};
pub use latency::{LatencyComparison, LatencyFigures, LatencyHistogram, LatencySla, SlaVerdict};
pub use noise::NoiseFloor;
pub use policy::ComparisonPolicy;
pub use promotion::{PromotionDecision, PromotionInputs, PromotionVerdict, promotion_verdict};
