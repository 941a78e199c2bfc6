//! Where the boundary of a normal mixture is closest.

/// nρ² for the n at which a two-sided boundary of the error `alpha`, below 1, is closest: −W₋₁(−α²/e) − 1.
///
/// The x above 0 with x − ln(1 + x) = −2 ln α.
pub(super) fn optimal_time(alpha: f64) -> f64 {
    let target = -2.0 * alpha.ln();
    // beyond the solution, since exp(√(2t)) ≥ 1 + √(2t) + t; from there Newton's steps come down to it
    let mut time = target + (2.0 * target).sqrt();
    for _ in 0..100 {
        let excess = time - time.ln_1p() - target;
        if excess <= 0.0 {
            break;
        }
        time -= excess * (1.0 + time) / time;
    }
    time
}
