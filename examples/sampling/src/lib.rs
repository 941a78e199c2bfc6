//! Ten months of flights, sampled: what is kept, and what can be told from it.
//!
//! - [`run`]: the example, from the first line to the last
//! - [`flights`]: all flights, column by column
//! - [`policies`]: what is worth keeping of them
//! - [`replay`], [`served`], [`clock`]: the flights through the log
//! - [`kept`]: which rows a policy keeps, without a log
//! - [`figures`]: what is told of a month from all of its rows, or from those that were kept
//! - [`study`]: how far that can be trusted, over many keys
//! - [`drift`]: what profiles say, beside all rows
//! - [`volume`]: what profiles take, beside all rows
//! - [`tables`], [`picture`], [`cli`]: what a person sees

pub mod cli;
pub mod clock;
pub mod drift;
pub mod figures;
pub mod flights;
pub mod kept;
pub mod picture;
pub mod policies;
pub mod replay;
pub mod run;
pub mod served;
pub mod study;
pub mod tables;
pub mod volume;
