//! Which rows are kept, and with what probability.
//!
//! Without a policy every row is kept. With one ([`LogBuilder::with_sampling`](crate::LogBuilder::with_sampling)) the worker
//! decides about the rows of each request after every [`Observer`](tiltmeter_record::Observer) has seen all of them, so
//! that what observers make of predictions does not depend on it. What is kept goes to the sinks, with its
//! [`Inclusion`](tiltmeter_record::Inclusion): the probability and the stratum. What is not is counted in each sink's books as
//! sampled out, and its sequence number is a hole in the table.
//!
//! ```
//! use tiltmeter_log::sampling::{Policy, SampleKey, VolumeTiers};
//! use tiltmeter_log::{LogBuilder, MemorySink, Observed};
//! use tiltmeter_record::{ModelSpec, Observation};
//! # use std::time::Duration;
//! # let spec = "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, endpoint: {path: /predict}, \
//! #     response: {score: /score}, features: {plan: string}}";
//!
//! let policy = Policy::tails().with_tiers(VolumeTiers::constant(0.1)).with_segment("plan").build(&["plan"])?;
//! let (sink, spec) = (MemorySink::default(), ModelSpec::from_yaml("model.yaml", spec)?);
//! let builder = LogBuilder::new().with_sampling(spec.name.clone(), policy).with_model(spec);
//! let (log, guard) = builder.with_sink(sink.clone()).build()?;
//!
//! let churn = log.model("churn")?;
//! for number in 0..1000 {
//!     let seen = Observation::new().with("plan", "gold").with_score(f64::from(number) / 1000.0);
//!     churn.record(Observed::from(seen).with_request_id(&format!("order-{number}")));
//! }
//! let report = guard.shutdown_blocking(Duration::from_secs(10));
//! let rows = sink.take();
//! assert_eq!(report.ledgers.predictions.sampled_out, 1000 - rows.len() as u64);
//!
//! // anybody with the key knows of each request whether it was kept
//! let is_there = |id: &str| rows.iter().any(|row| *row.request_id == *id);
//! for number in 50..=950 {
//!     let id = format!("order-{number}");
//!     assert_eq!(is_there(&id), SampleKey::PUBLIC.draw(id.as_bytes()).as_f64() < 0.1);
//! }
//! // and there are about 1000
//! let estimated: f64 = rows.iter().map(|row| row.inclusion.probability.weight()).sum();
//! assert!((estimated - 1000.0).abs() < 270.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What decides
//! The **draw** is that of the request's id, as the client sent it, before anything is masked: so champion and challenger, a
//! gateway and a job that joins labels draw the same. A request without an id gets a random one. The rows of one request are
//! kept together, or not at all.
//!
//! The **rates** depend on the row after it was masked: its score (that of a binary model, the top probability of several
//! classes, the baseline's quantile of a regression, the top item's of a ranking; text has none), the value of the policy's
//! segment, which is a feature of the spec or else what the application [says](tiltmeter_record::Observation::with), and the
//! version. And on whether the request failed, whether a feature is outside of its range in the
//! [baseline](crate::LogBuilder::with_baseline), whether the application [asked](crate::RequestLog::keep) for it, and whether
//! champion and challenger disagree. They are set anew at each interval of the policy, by the log's monotonic clock.
//!
//! # Disagreements
//! That champion and challenger disagree is known when the shadow's [pair](crate::PairLog) comes, so that rows wait for it:
//! where [`Rule::Disagreement`] is in force and would keep more than the row has anyway, and pairs of a challenger
//! have come within the last minute. They wait up to [`with_disagreement_wait`](crate::LogBuilder::with_disagreement_wait),
//! 16,384 rows and 32 MiB of each model at most; what has to go earlier is decided as if nobody disagreed, the oldest first. So
//! is what waits when the log is flushed or shut down. A row that has waited is decided by the rates and the baseline that it met
//! when it came, whatever has changed since: later ones would make a bias, since who waits depends on the draw. A pair that comes before its exchange is remembered as long.
//!
//! Champion and challenger disagree where both have answered and decisions differ: predictions that are no numbers; scores by
//! more than 0.1 where there are none; numbers of a regression by more than a tenth of the greater one; the first items of
//! rankings.
//!
//! A shadow that samples shows the challenger a share of the requests, and of the others nobody knows whether they
//! disagree. With the same key, as is the default, these are the requests with the greater draws. A row's probability
//! reckons with that: it is the rule's rate times the probability with which the shadow
//! [showed](crate::ObservedPair::inclusion_probability) the request. Requests that by their draw are not shown do not wait. A
//! disagreement that a shadow drops, or that comes too late, is no bias, as long as that does not depend on the draw.

mod deciding;
mod facts;
mod from_spec;
mod ranges;
mod sampler;
mod settings;
mod shadowed;
mod state;
#[cfg(test)]
mod tests;
mod texts;

pub use from_spec::{key_of, policy_of};
pub use state::{RuleTotals, SamplingState};
pub use tiltmeter_sample::{
    Budget, CutOff, Draw, KeepRule, Policy, PolicyBuilder, PolicyError, Rule, RuleShare, RulesEatSaving,
    SampleError, SampleKey, SampleRate, Totals, VolumeTier, VolumeTiers,
};

pub(crate) use sampler::{Decided, ModelSampler, Release};
pub(crate) use settings::SamplingSettings;
pub(crate) use shadowed::disagree;
pub(crate) use state::SamplingDesk;
