//! How two columns of the same rows go together.
//!
//! Each function takes [`Pairs`](crate::Pairs), with or without weights:
//!
//! | function | sees | ±∞ | cost |
//! |---|---|---|---|
//! | [`pearson`] | straight lines | undefined | O(n), no memory |
//! | [`spearman`] | whatever rises or falls, by ranks | have ranks | two sorts |
//! | [`kendall_tau`] | the same, as a difference of probabilities | have ranks | two sorts |
//!
//! A coefficient of 0 does not mean that the columns are independent: a parabola has none. And the p-values take the
//! rows as independent of each other: two columns that both drift with time correlate, at any n.

mod kendall;
mod midranks;
mod pearson;
mod product_moment;
mod rows;
mod spearman;

pub use kendall::{KendallMethod, KendallTau, kendall_tau};
pub use pearson::{Pearson, pearson};
pub use spearman::{Spearman, spearman};

pub(crate) use kendall::{exact_p_value, exchanges};
pub(crate) use midranks::centred_midranks;
