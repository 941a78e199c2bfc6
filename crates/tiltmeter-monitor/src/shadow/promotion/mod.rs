//! Whether a challenger may take the champion's place: promote, not yet, or reject.
//!
//! What is asked for stands in the model spec ([`Promotion`](tiltmeter_record::spec::Promotion)) before the first pair is
//! there. The verdict may be looked at every day, and acted on when it says so: its error does not grow with the looks.
//! It keeps no state. Each call goes through all days, and what it says of a day rests on what was known at its end.
//!
//! | criterion | what is asked for | is it proven? |
//! |---|---|---|
//! | duration, pairs | so many | counted |
//! | coverage | a share of the chosen requests that have a pair, by the rows and, where they are there, by the shadow's books | counted; more of it is up to the shadow |
//! | latency | at most one request in 100 is not answered within the bound: late, or failed | yes, either way |
//! | failures | at most a share of the requests is failed, or a margin more than the champion fails | yes, either way |
//! | agreement | equal decisions in a share of the pairs, or labels that show that the challenger is right more often where they differ. With a [second champion](tiltmeter_record::columns::PairColumns::second_champion), what the champion disagrees with itself is subtracted from the disagreement | yes, either way |
//! | score distribution | a population stability index of at most so much | a figure of the pairs that are there |
//! | labelled performance | not worse than by a margin | yes, either way |
//!
//! A request is *failed* by an error, however soon it comes, by a timeout, and when the challenger was not asked since its
//! breaker was open: a breaker opens because the challenger has just failed, and as the champion it would have got these
//! requests as well. Who refuses at once is never late: so what is failed is not answered in time either.
//! Requests that the challenger was not shown for other reasons (permits, size, shedding) count nowhere but in coverage; the
//! others stand for them.
//!
//! `promote`: all that apply are met. `reject`: one has failed. `not yet`: else, with what is missing and the expected
//! time to it. What is counted or is a figure is never failed: it is missing.
//!
//! # What is promised
//! Let a criterion that is proven be *truly met* when what it is about, in the requests that all pairs stand for, is on the
//! right side of what was asked for.
//!
//! - **Promote**: when at least one such criterion is *not* truly met, the probability that the verdict is *ever*
//!   `promote` is at most `error`. All have to be proven, so the one that is not met has to be proven wrongly, and none
//!   needs a correction for the others (an intersection–union test). Of the two ways in which agreement can be met each has
//!   one half of the error.
//! - **Reject**: when *all* are truly met, the probability that the verdict is ever `reject` is at most `error`. One
//!   suffices, so each has an equal part (Bonferroni). How many there are is known from the spec: two to four. Agreement
//!   fails when too few are equal *and* labels show that the challenger is right less often; one of these two has
//!   to be wrong, so they share nothing.
//!
//! A challenger is either truly met in all or not, so only one of the two errors is possible of it; at the very edge, such as
//! an equal challenger and a margin of 0, both are.
//!
//! It holds asymptotically, with independent rows: bounds are
//! [`AsymptoticConfidenceSequence`](tiltmeter_stats::AsymptoticConfidenceSequence)s, with the variance of a share never taken
//! for less than it is at the threshold. No bound is there before 100 rows by effective size, and none of labels before
//! `min_labels`, nor of the ROC AUC before 50 labels of either class. Users who come again make rows depend on each
//! other, and the error larger; so do outages, which are many failures at once. What drifts is judged, each day, by its
//! average until then: a verdict that was given may be another one later. In 10,000 simulated shadow runs of two models
//! that are alike, with a margin of 0, so that both verdicts are wrong, looked at daily for 60 days at 50 requests a day
//! with labels after 3 days, 0.7 % were promoted at some time and 0.3 % rejected; plain intervals, looked at daily, called
//! one or the other better in 20 % each.
//!
//! How soon, with ROC AUCs of 0.93 and 1,000 requests a day: a challenger that loses a point is rejected after 20 days
//! (the median) at a margin of 0.005, and after 8 at a margin of 0; one that is alike is promoted after 8.
//!
//! # Labels that arrive late
//! A label counts from the day on which it arrived, and not before its day of requests is `wait` old: then the labels that
//! are there are looked at together, those of slow outcomes among the fast ones. That is without bias if what has not
//! arrived by then is missing whatever it would have said of the two models. With `wait: off` labels count as they arrive,
//! and the delay itself must have nothing to do with who is right; where positives arrive first it has. No bounds repair a
//! `wait` that is too short.
//!
//! # When not
//! Not for a challenger that changes what happens next: a shadow sees the champion's world, and only an experiment sees the
//! other. Not with another margin after looking at the figures: the promise is gone.
//!
//! ```
//! use tiltmeter_monitor::shadow::{ComparisonPolicy, PromotionDecision, PromotionInputs, promotion_verdict};
//! use tiltmeter_record::PairBucket;
//! use tiltmeter_record::columns::{AnswerColumns, Categories, PairColumns, RequestColumns, Texts};
//! use tiltmeter_record::spec::{ModelKind, Promotion, Sla};
//!
//! // ten days of 300 requests each, which a challenger answers alike, and faster
//! let answers = |latency_ms, version| {
//!     let score = |row: i64| (row as f64 * 0.618).fract();
//!     let decision = (0..3000).map(|row| Some(if score(row) >= 0.5 { "1" } else { "0" }));
//!     let version = Categories::from_iter(vec![Some(version); 3000]);
//!     let scores = (0..3000).map(score).collect();
//!     AnswerColumns::new(scores, decision.collect(), vec![latency_ms; 3000], version, vec![None; 3000])
//! };
//! let requests = RequestColumns {
//!     request_id: Texts::from_iter(vec![None; 3000]),
//!     entity_id: Texts::from_iter(vec![None; 3000]),
//!     event_time: (0..3000).map(|row| row / 300 * 86_400_000_000).collect(),
//!     inclusion_probability: vec![1.0; 3000],
//!     bucket: vec![PairBucket::Paired; 3000],
//!     segments: vec![],
//! };
//! let pairs = PairColumns::new("churn".parse()?, requests, answers(9.0, "v1")?, answers(4.0, "v2")?)?;
//!
//! // without an sla and labels
//! let asked = Promotion::defaults(ModelKind::Binary, Sla::default(), None);
//! let verdict = promotion_verdict(&PromotionInputs::new(&asked, &pairs), &ComparisonPolicy::default());
//! assert_eq!(verdict.decision, PromotionDecision::NotYet);
//! assert_eq!(verdict.summary, "not yet: failures missing, expected to be decided in 4 days");
//! println!("{verdict}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod agreement;
mod cells_by_day;
mod criterion;
mod days;
mod failures;
mod figure;
mod inputs;
mod judge;
mod labelled;
mod latency;
mod record;
mod score_distribution;
mod seen;
mod tally;
mod thresholds;
mod verdict;
mod watch;
pub(super) mod words;

pub use criterion::{Criterion, CriterionBounds, CriterionLook, CriterionName, CriterionState, Outlook};
pub use inputs::{ArrivedLabels, PromotionInputs};
pub use judge::promotion_verdict;
pub use verdict::{DailyDecision, PromotionDecision, PromotionVerdict};
