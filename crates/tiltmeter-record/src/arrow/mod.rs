//! Records as Arrow: the schema of a model's table, and a builder that takes predictions row by row.

mod builder;
mod column;
mod schema;

pub use builder::RecordBatchBuilder;
pub use schema::arrow_schema;

#[cfg(test)]
mod tests;
