//! What one prediction is.
//!
//! This is the ground floor that the other crates stand on: it has no I/O but reading a spec file, no async, no
//! clock. A program that only reads prediction tables, or checks model specs, needs nothing else.
//!
//! # In reading order
//! - [`spec`]: the model spec, one YAML file per model, and its [`Problem`]s.
//! - [`Prediction`], [`PredictionBatch`]: the record, and the records of one model by one writer.
//! - [`Pair`], [`PairBatch`]: what champion and challenger answered to the same request.
//! - [`WriterId`]: who wrote it; with `sequence` the key that recognises copies.
//! - [`schema`]: the columns of the tables, their types and meaning.
//! - [`privacy`]: what is dropped, masked or hashed before anything sees a prediction.
//! - [`Ledgers`]: the books, of exchanges and of predictions; [`ShadowLedger`]: of a challenger.
//! - [`journal`]: the books inside of the data, as gaps, heartbeats and those of shadows; [`WriterAccount`]: what they say of
//!   the rows that were found.
//! - [`Inclusion`]: with what probability a row is kept; [`ProfileDelta`]: what is kept of all predictions before that.
//! - [`Observation`]: what an application says of a prediction itself; [`Observer`]: who looks at predictions on their way.
//! - [`ModelName`], [`ModelVersion`], [`FeatureName`], [`BodyPointer`]: names from outside, checked once.
//! - [`columns`]: predictions and labels column by column, for those who read tables.
//! - [`json`]: predictions, pairs and the journal as JSON lines.
//! - `RecordBatchBuilder`, `arrow_schema` (feature `arrow`): predictions as Arrow; `PairBatchBuilder`, `pair_schema`: pairs;
//!   `gaps_batch`, `heartbeats_batch`, `shadows_batch`, `profiles_batch`, `rates_batch`: the journal.
//!
//! # Features
//! - `arrow`: predictions, gaps and heartbeats as Arrow record batches; pulls arrow-array and arrow-schema.

#[cfg(feature = "arrow")]
mod arrow;
pub mod columns;
mod inclusion;
pub mod journal;
pub mod json;
mod key;
mod ledger;
mod name;
mod observation;
mod observer;
mod pair;
mod pointer;
mod prediction;
pub mod privacy;
mod profile_delta;
mod quote;
mod rescued;
pub mod schema;
pub mod spec;
mod value;

#[cfg(feature = "arrow")]
pub use arrow::{
    PairBatchBuilder, RecordBatchBuilder, arrow_schema, gap_schema, gaps_batch, heartbeat_schema,
    heartbeats_batch, pair_schema, profile_schema, profiles_batch, rate_schema, rates_batch, shadow_schema,
    shadows_batch,
};
pub use inclusion::{Inclusion, InclusionProbability};
pub use journal::{
    Gap, GapUnit, Heartbeat, Journal, Priority, RateChange, RowsFound, ShadowAccount, ShadowAccounts,
    ShadowBooks, ShadowHeartbeat, ShadowUsage, SinkLedger, SizeClass, WriterAccount,
};
pub use key::WriterId;
pub use ledger::{Dropped, ExchangeDrop, ExchangeLedger, Ledgers, PredictionDrop, PredictionLedger, Reason};
pub use name::{FeatureName, ModelName, ModelVersion, NameError};
pub use observation::Observation;
pub use observer::Observer;
pub use pair::{Pair, PairBatch, PairBucket, ShadowLedger, Side};
pub use pointer::{BodyPointer, PointerError, Token};
pub use prediction::{ClassProbability, ErrorType, Prediction, PredictionBatch, RankedItem, Rescued};
pub use privacy::{Keyring, MaskCounts, Masker, PrivacyPolicy};
pub use profile_delta::{CellCounts, CellKey, ColumnProfile, ProfileCell, ProfileDelta, Window, WindowWidth};
pub use schema::{SCHEMA_VERSION, feature_column};
pub use spec::{ModelSpec, Problem, SpecError, ValueType};
pub use value::Value;
