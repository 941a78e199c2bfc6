//! How large the index is without drift.

use crate::error::{Error, Result};
use crate::special::chi_square_quantile;

/// The value that the population stability index stays below with this `probability` when nothing has drifted.
///
/// ```text
/// (1/n + 1/m) χ²_{B−1}⁻¹(probability)
/// ```
///
/// `n` and `m` are the samples' (effective) sizes. At 0.95 right within about 10 %, from about ten values per
/// bin. 0 for one bin. Yurdakul and Naranjo, *Journal of Risk Model Validation* 14 (2020).
///
/// # Errors
/// Invalid when the probability is not within 0 and 1, there are no bins, or a size is not above 0.
///
/// ```
/// # use tiltmeter_stats::psi_null_quantile;
/// // with 100 values each 0.1 is nothing
/// assert!((psi_null_quantile(0.95, 10, 100.0, 100.0)? - 0.338).abs() < 1e-3);
/// assert!((psi_null_quantile(0.95, 10, 10_000.0, 10_000.0)? - 0.00338).abs() < 1e-5);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn psi_null_quantile(probability: f64, bins: usize, n: f64, m: f64) -> Result<f64> {
    if !(0.0..=1.0).contains(&probability) {
        return Err(Error::invalid(format!("the probability is {probability}, allowed: from 0 to 1")));
    }
    let per_value = 1.0 / n + 1.0 / m;
    if !(n > 0.0 && m > 0.0 && per_value.is_finite()) {
        return Err(Error::invalid(format!("the sizes are {n} and {m}, allowed: numbers above 0")));
    }
    match bins {
        0 => Err(Error::invalid("there are no bins")),
        1 => Ok(0.0),
        _ => Ok(per_value * chi_square_quantile(probability, (bins - 1) as f64)),
    }
}
