//! What one prediction is.
//!
//! This is the ground floor that the other crates stand on: it has no I/O but reading a spec file, no async, no
//! clock. A program that only reads prediction tables, or checks model specs, needs nothing else.
//!
//! # In reading order
//! - [`spec`]: the model spec, one YAML file per model, and its [`Problem`]s.
//! - [`Prediction`], [`PredictionBatch`]: the record, and the records of one model by one writer.
//! - [`WriterId`]: who wrote it; with `sequence` the key that recognises copies.
//! - [`schema`]: the columns of the table, their types and meaning.
//! - [`Ledgers`]: the books, of exchanges and of predictions.
//! - [`ModelName`], [`ModelVersion`], [`FeatureName`], [`BodyPointer`]: names from outside, checked once.
//! - [`columns`]: predictions and labels column by column, for those who read tables.
//! - `RecordBatchBuilder`, `arrow_schema` (feature `arrow`): the same as Arrow.
//!
//! # Features
//! - `arrow`: predictions as Arrow record batches; pulls arrow-array and arrow-schema.

#[cfg(feature = "arrow")]
mod arrow;
pub mod columns;
mod key;
mod ledger;
mod name;
mod pointer;
mod prediction;
mod quote;
pub mod schema;
pub mod spec;
mod value;

#[cfg(feature = "arrow")]
pub use arrow::{RecordBatchBuilder, arrow_schema};
pub use key::WriterId;
pub use ledger::{Dropped, ExchangeDrop, ExchangeLedger, Ledgers, PredictionDrop, PredictionLedger, Reason};
pub use name::{FeatureName, ModelName, ModelVersion, NameError};
pub use pointer::{BodyPointer, PointerError, Token};
pub use prediction::{ErrorType, Prediction, PredictionBatch, Rescued};
pub use schema::{SCHEMA_VERSION, feature_column};
pub use spec::{ModelSpec, Problem, SpecError, ValueType};
pub use value::Value;
