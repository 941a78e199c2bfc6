//! Reads files that other writers left, whole and damaged.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![expect(clippy::float_cmp, reason = "values are read as they were written")]

mod damage;
mod files;
mod inclusion;
mod inputs;
mod journal;
mod labels;
mod limits;
mod listing;
mod pairs;
mod predictions;
mod profiles;
mod reference;
mod shadows;
mod types;
mod versions;
