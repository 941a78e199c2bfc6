//! How two columns of the same rows go together.

mod spearman;

pub use spearman::{Spearman, spearman, spearman_weighted};
