//! Records as Arrow: the schemas of the tables, and what makes batches of them.

mod builder;
mod column;
mod journal;
mod outputs;
mod pairs;
mod schema;

pub use builder::RecordBatchBuilder;
pub use journal::{gaps_batch, heartbeats_batch, shadows_batch};
pub use pairs::PairBatchBuilder;
pub use schema::{arrow_schema, gap_schema, heartbeat_schema, pair_schema, shadow_schema};

#[cfg(test)]
mod tests;
