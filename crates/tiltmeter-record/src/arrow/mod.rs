//! Records as Arrow: the schemas of the tables, and what makes batches of them.

mod builder;
mod column;
mod inclusion;
mod journal;
mod outputs;
mod pairs;
mod profiles;
mod schema;

pub use builder::RecordBatchBuilder;
pub use journal::{gaps_batch, heartbeats_batch, rates_batch, shadows_batch};
pub use pairs::PairBatchBuilder;
pub use profiles::profiles_batch;
pub use schema::{
    arrow_schema, gap_schema, heartbeat_schema, pair_schema, profile_schema, rate_schema, shadow_schema,
};

#[cfg(test)]
mod tests;
