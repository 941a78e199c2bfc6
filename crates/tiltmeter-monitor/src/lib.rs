//! Baselines, drift, delayed labels, labelled performance and challengers: pure, over values.
//!
//! From the data of a model (predictions, labels, a baseline) to what is found of it. Where the data came from does not
//! matter: `tiltmeter-store` reads them from Parquet, a test makes them up. There is no I/O, no clock and no chance in
//! here: the same data give the same findings, to the last bit. What is found is for `tiltmeter-report` to show; single
//! statistics without days, labels and verdicts are in `tiltmeter-stats`.
//!
//! ```
//! use tiltmeter_monitor::{Inputs, Policy, analyse, build_baseline};
//! use tiltmeter_record::ModelSpec;
//! use tiltmeter_record::columns::{Categories, PredictionColumns, Texts};
//!
//! let spec = ModelSpec::from_yaml("model.yaml", "{spec_version: 1, name: churn, type: binary, owner: crm@example.org,
//!     tier: 3, endpoint: {path: /predict}, response: {score: /score}, features: {age: float}}")?;
//! // a row a minute for so many days, with scores from 0 to 1
//! let scores = |from_day: i64, days: i64, shift: f64| {
//!     let rows = days * 1440;
//!     let time = |row: i64| from_day * 86_400_000_000 + row * 60_000_000;
//!     let score = |row: i64| ((row as f64 * 0.618).fract() + shift).min(1.0);
//!     PredictionColumns::new(
//!         spec.name.clone(),
//!         (0..rows).map(time).collect(),
//!         (0..rows).map(|_| None).collect::<Texts>(),
//!         (0..rows).map(|_| None).collect::<Categories>(),
//!         (0..rows).map(score).collect(),
//!         vec![],
//!     )
//! };
//! let baseline = build_baseline(spec.kind, &scores(15_700, 28, 0.0)?, None)?;
//! let june = scores(15_857, 28, 0.3)?;
//! let inputs = Inputs { baseline: Some(&baseline), ..Inputs::new(&spec, &june) };
//!
//! let analysis = analyse(&inputs, &Policy::default());
//! assert_eq!(analysis.drift.last().map(|month| month.verdict.as_str()), Some("drift"));
//! assert!(analysis.notes.contains(&"there are no labels: it is not known how good the predictions are".to_owned()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # In reading order
//! - [`analyse`]: all at once, from [`Inputs`] and a [`Policy`] to an [`Analysis`].
//! - [`build_baseline`]: from a reference to a [`Baseline`](tiltmeter_stats::Baseline).
//! - [`drift`]: each column of each [`Period`] against the baseline, by rows or by profiles, and when that is a [`Verdict`]
//!   of drift.
//! - [`labels`]: which label belongs to which prediction, as of an instant.
//! - [`performance`]: how good the scores are, by month, version and segment, and whether they fell.
//! - [`shadow`]: a challenger beside its champion.
//! - [`SampledRows`]: rows that were sampled, with what each stands for, and estimators of one's own.
//! - [`Headline`]: what it comes to, in a sentence. [`Measured`]: a figure, or why there is none.

mod analyse;
mod analysis;
mod baseline;
mod columns;
mod days;
pub mod drift;
mod grouped;
mod headline;
pub mod labels;
mod losses;
mod measured;
pub mod performance;
mod period;
mod policy;
mod sampled_rows;
mod score_histogram;
pub mod shadow;
mod verdict;

pub use analyse::{Inputs, analyse};
pub use analysis::{Analysis, BaselineSummary, Deployment, SampledTable};
pub use baseline::build_baseline;
pub use columns::{SCORE, column_of};
pub use grouped::grouped;
pub use headline::{Headline, Severity};
pub use measured::{Estimate, Measured};
pub use period::{Period, PeriodKind};
pub use policy::Policy;
pub use sampled_rows::SampledRows;
pub use score_histogram::ScoreHistogram;
pub use verdict::Verdict;
