//! Tail probabilities and quantiles of the distributions that the tests here refer to.
//!
//! Arguments outside of the domain give NaN, as NaN does; nothing panics, and every loop is bounded.

mod boundary;
mod chi_square;
mod incomplete_beta;
mod kolmogorov;
mod kolmogorov_one_sample;
mod normal;
mod smirnov;
mod stirling;
mod student_t;

#[cfg(test)]
mod tests;

pub(crate) use boundary::boundary;
pub use chi_square::{chi_square_quantile, chi_square_sf};
pub(crate) use incomplete_beta::{beta_cdf, beta_sf};
pub use kolmogorov::kolmogorov_sf;
pub use kolmogorov_one_sample::kolmogorov_exact_sf;
pub use normal::{normal_quantile, normal_sf};
pub use smirnov::smirnov_sf;
pub use student_t::{student_t_quantile, student_t_sf};

/// Below so few degrees of freedom the gamma function of half of them overflows.
const SMALLEST: f64 = 1e-300;
