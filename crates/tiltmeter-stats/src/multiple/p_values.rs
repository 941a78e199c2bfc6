//! What p-values must be, and their order.

use crate::error::{Error, Result};

pub(super) fn check(p_values: &[f64]) -> Result<()> {
    match p_values.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        Some(p) => Err(Error::invalid(format!("a p-value is {p}, allowed: numbers from 0 to 1"))),
        None => Ok(()),
    }
}

/// The places of the p-values, those of the smallest first.
pub(super) fn ascending(p_values: &[f64]) -> Result<Vec<usize>> {
    check(p_values)?;
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&left, &right| p_values[left].total_cmp(&p_values[right]));
    Ok(order)
}

/// The step-up adjustment `min over j ≥ i of min(1, factor · m · p(j) / j)`.
pub(super) fn step_up(p_values: &[f64], factor: f64) -> Result<Vec<f64>> {
    let order = ascending(p_values)?;
    let m = p_values.len() as f64;
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least: f64 = 1.0;
    for (rank, &index) in order.iter().enumerate().rev() {
        least = least.min(factor * (m * p_values[index] / (rank + 1) as f64));
        adjusted[index] = least;
    }
    Ok(adjusted)
}
