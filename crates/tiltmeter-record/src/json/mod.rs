//! Predictions, pairs and the journal as JSON lines.
//!
//! Each record is one JSON object on one line, which its `record` names: `prediction`, `pair`, `gap`, `heartbeat`,
//! `shadow`, `profile` or `rate`. The columns of [`schema`](crate::schema) are members by their names; beside them stand `model_name` and, of a
//! pair, `challenger`, which the Parquet files have in their path, and objects by name: `features`,
//! `class_probabilities`, `segments`, `rescued`. What is NULL is absent. Times are RFC 3339 in UTC, with microseconds; what is finer is cut off.
//!
//! JSON has no NaN and no infinities: a number that is none is absent, and stands in `rescued` as text, `"NaN"`, `"inf"`
//! or `"-inf"`. There a feature is called by its column, `feature_<name>`, the probability of a class
//! `class_probabilities.<class>`, the score of an item `ranking.<item>`.
//!
//! Integers are written with all of their digits, although some readers (JavaScript's) keep 53 bits of them.
//!
//! For files that are to be queried, Parquet is smaller and faster to read; lines are for programs that follow a file as
//! it grows.
//!
//! ```
//! use std::sync::Arc;
//! use tiltmeter_record::{ModelSpec, PredictionBatch, WriterId, json};
//! # use tiltmeter_record::{Prediction, Value};
//! # let spec = ModelSpec::from_yaml("test", "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 2, \
//! #     endpoint: {path: /predict}, response: {score: /score}, features: {age: float}}")?;
//! # let row = Prediction {
//! #     prediction_id: uuid::Uuid::nil(), request_id: "r1".into(), instance_index: 0, sequence: 7, entity_id: None,
//! #     model_version: None, event_time: jiff::Timestamp::UNIX_EPOCH, observed_at: jiff::Timestamp::UNIX_EPOCH,
//! #     features: vec![Value::Float(30.0)], raw_input: None, prediction: Value::Missing, score: Some(0.5),
//! #     confidence: None, class_probabilities: None, ranking: None, generated_text: None, segments: Vec::new(),
//! #     latency: std::time::Duration::from_millis(3), endpoint: "/predict".into(), status: Some(200),
//! #     error_type: None, rescued: Vec::new(), inclusion: Default::default(),
//! # };
//!
//! let mut batch = PredictionBatch::new(Arc::new(spec), WriterId::new("node", uuid::Uuid::nil()), "node".into());
//! batch.rows.push(row);
//! let mut lines = Vec::new();
//! for row in &batch.rows {
//!     json::append_prediction(&mut lines, &batch, row);
//! }
//! let line: serde_json::Value = serde_json::from_slice(&lines)?;
//! assert_eq!(line["record"], "prediction");
//! assert_eq!(line["features"]["age"], 30.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod journal;
mod object;
mod pair;
mod prediction;
mod profile;

pub use journal::{append_gap, append_heartbeat, append_journal, append_rate, append_shadow};
pub use pair::append_pair;
pub use prediction::append_prediction;
pub use profile::append_profile;

#[cfg(test)]
mod tests;
