//! Predictions, labels and pairs column by column: what those work on who read a table instead of writing it.
//!
//! A [`Prediction`](crate::Prediction) is one row with all that is recorded of it. These are many rows with what
//! monitoring computes with: plain vectors, without Arrow, whatever they were read from.
//!
//! ```
//! use tiltmeter_record::columns::{Categories, ColumnValues, FeatureColumn, PredictionColumns, Texts};
//!
//! let predictions = PredictionColumns::new(
//!     "churn".parse()?,
//!     vec![1_364_774_400_000_000, 1_364_774_401_000_000],
//!     Texts::from_iter([Some("c1"), Some("c2")]),
//!     Categories::from_iter([Some("v1"), Some("v1")]),
//!     vec![0.12, f64::NAN],
//!     vec![FeatureColumn { name: "age".parse()?, values: ColumnValues::Numbers(vec![30.0, 41.0]) }],
//! )?;
//! assert_eq!((predictions.len(), predictions.entity_id().get(1)), (2, Some("c2")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answers;
mod categories;
mod inclusion;
mod labels;
mod losses;
mod pairs;
mod predictions;
mod second_champion;
mod texts;
mod unequal;

pub use answers::AnswerColumns;
pub use categories::Categories;
pub use inclusion::{InclusionColumns, InclusionColumnsError, LossClassColumns};
pub use labels::LabelColumns;
pub use losses::{LossCorrection, LossCount, LossReport, LossyMinute};
pub use pairs::{PairColumns, RequestColumns, SegmentColumn};
pub use predictions::{ColumnValues, FeatureColumn, PredictionColumns};
pub use second_champion::SecondChampionJoin;
pub use texts::Texts;
pub use unequal::UnequalLengths;
