//! How far apart a reference and a current sample are, and how likely so far without drift.

mod ks;
mod psi;

pub use ks::{
    KsAlternative, KsMethod, KsTest, ks_one_sided, ks_two_sample, ks_two_sample_limit, ks_two_sample_sorted,
};
pub use psi::{
    Psi, psi_categorical, psi_categorical_weighted, psi_feature_engine, psi_from_counts, psi_null_quantile,
    psi_numeric,
};
