//! How far apart a reference and a current sample are, or a sample and a given distribution, and how likely so far
//! without drift.

mod chi_square;
mod cramer_von_mises;
mod distribution;
mod energy;
mod hellinger;
mod jensen_shannon;
mod ks;
mod ks_one_sample;
mod kullback_leibler;
mod l_infinity;
mod mann_whitney;
mod psi;
mod samples;
mod sampling_noise;
mod shares;
mod tool_bins;
mod two_proportion_z;
mod wasserstein;
mod welch;

#[cfg(test)]
mod laws_of_counts;
#[cfg(test)]
mod laws_of_samples;

pub use chi_square::{
    ChiSquareCategorical, ChiSquareFit, ChiSquareTest, chi_square_categorical,
    chi_square_categorical_weighted, chi_square_evidently, chi_square_from_counts,
    chi_square_goodness_of_fit, chi_square_nannyml, chi_square_numeric, chi_square_yates_from_counts,
};
pub use cramer_von_mises::{CramerVonMises, cramer_von_mises, cramer_von_mises_sorted};
pub use energy::{EnergyDistance, energy_distance, energy_distance_sorted};
pub use hellinger::{
    Hellinger, hellinger_categorical, hellinger_categorical_weighted, hellinger_from_counts,
    hellinger_nannyml, hellinger_numeric,
};
pub use jensen_shannon::{
    JensenShannon, js_categorical, js_categorical_weighted, js_evidently, js_from_counts, js_nannyml,
    js_numeric,
};
pub use ks::{
    KsAlternative, KsMethod, KsTest, ks_one_sided, ks_two_sample, ks_two_sample_limit, ks_two_sample_sorted,
};
pub use ks_one_sample::{KsOneSampleTest, ks_one_sample};
pub use kullback_leibler::{
    KullbackLeibler, kl_categorical, kl_categorical_weighted, kl_evidently, kl_from_counts, kl_numeric,
    kl_smoothed_categorical, kl_smoothed_categorical_weighted, kl_smoothed_from_counts, kl_smoothed_numeric,
};
pub use l_infinity::{
    LInfinity, l_infinity_categorical, l_infinity_categorical_weighted, l_infinity_from_counts,
    l_infinity_numeric,
};
pub use mann_whitney::{MannWhitney, MannWhitneyMethod, mann_whitney, mann_whitney_sorted};
pub use psi::{
    Psi, psi_categorical, psi_categorical_weighted, psi_deepchecks, psi_evidently, psi_feature_engine,
    psi_from_counts, psi_frouros, psi_null_quantile, psi_numeric,
};
pub use two_proportion_z::{Proportion, TwoProportionZ, newcombe_interval, two_proportion_z};
pub use wasserstein::{Wasserstein, wasserstein, wasserstein_evidently, wasserstein_sorted};
pub use welch::{StudentTEvidently, WelchMethod, WelchT, student_t_evidently, welch_t};
