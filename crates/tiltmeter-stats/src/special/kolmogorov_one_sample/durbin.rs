//! Durbin's matrix.
//!
//! Let the values be the events of a Poisson process of rate n, given that there are n of them. F ± d is a band, and the
//! process moves in it by Poisson-distributed steps of mean 1 while F grows by 1/n. So the probability that it stays
//! inside all the way is an entry of the n-th power of the matrix of the probabilities of one step, divided by the
//! probability of n events. All terms are positive, and none leaves 0 to 1: nothing cancels, nothing has to be scaled.
//!
//! Durbin, *Annals of Mathematical Statistics* 39 (1968), 398; Marsaglia, Tsang and Wang, *Journal of Statistical
//! Software* 8 (2003), issue 18, have the matrix without the factor 1/e of each entry.

use std::f64::consts::TAU;

use crate::special::stirling::stirling_error;

/// P(D < d) for `distance` = n·d > ½. O(k³ log n) time and O(k²) memory with k = `distance`.
pub(super) fn cdf(distance: f64, n: u64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the distance is above 0, and where this is called for at most 60"
    )]
    let k = distance.ceil() as usize;
    let size = 2 * k - 1;
    let mut power = one_step(k as f64 - distance, size);
    let mut row = vec![0.0; size];
    row[k - 1] = 1.0;
    // by the binary digits of n
    let mut left = n;
    loop {
        if left % 2 == 1 {
            row = row_times(&row, &power);
        }
        left /= 2;
        if left == 0 {
            break;
        }
        power = power.chunks_exact(size).flat_map(|row| row_times(row, &power)).collect();
    }
    // divided by P(n events), e⁻ⁿ nⁿ / n!
    let n = n as f64;
    row[k - 1] * (TAU * n).sqrt() * stirling_error(n).exp()
}

/// The matrix of one step, row by row; `gap` is how far k is above n·d.
///
/// A step of s events has the probability e⁻¹/s!. The band is narrower by `gap` of a step on both sides: less in the
/// first column and in the last row, for those that would have left within the step.
fn one_step(gap: f64, size: usize) -> Vec<f64> {
    let mut poisson = vec![(-1.0_f64).exp()];
    for events in 1..=size {
        poisson.push(poisson[events - 1] / events as f64);
    }
    let mut matrix = vec![0.0; size * size];
    for (row, cells) in matrix.chunks_exact_mut(size).enumerate() {
        for (column, cell) in cells.iter_mut().enumerate().take(row + 2) {
            *cell = poisson[row + 1 - column];
        }
    }
    let (mut power, mut overlap) = (1.0, 1.0);
    for place in 0..size {
        power *= gap;
        overlap *= (2.0 * gap - 1.0).max(0.0);
        let probability = poisson[place + 1] * (1.0 - power);
        matrix[place * size] = probability;
        matrix[size * size - 1 - place] = probability;
    }
    matrix[(size - 1) * size] = poisson[size] * (1.0 - 2.0 * power + overlap);
    matrix
}

/// A row vector times a square matrix.
fn row_times(row: &[f64], matrix: &[f64]) -> Vec<f64> {
    let mut product = vec![0.0; row.len()];
    for (factor, cells) in row.iter().zip(matrix.chunks_exact(row.len())) {
        for (sum, cell) in product.iter_mut().zip(cells) {
            *sum += factor * cell;
        }
    }
    product
}
