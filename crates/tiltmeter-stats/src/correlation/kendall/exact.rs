//! The exact distribution of the number of discordant pairs without ties.

/// Up to so many rows the p-value is exact, as scipy's is.
const LARGEST_EXACT: usize = 33;

/// From so many rows on the probability of up to one discordant pair is below all numbers.
const VANISHED: usize = 200;

/// The share of the orders of `n` rows, at least two, of which at least as many pairs are on one side as here:
/// discordant, or not. `None` for more than 33 rows, unless at most one pair is on a side (as scipy's `auto`).
///
/// The probabilities of 0, 1, … inversions by the recurrence over the rows: the j-th row may be before 0 to j − 1 of the
/// others (Kendall & Gibbons 1990, section 4.9), the sums in a window that slides. O(n d) for d pairs on the rarer side,
/// up to some 10 000 steps.
pub(crate) fn p_value(n: usize, discordant: f64) -> Option<f64> {
    let pairs = n as f64 * (n as f64 - 1.0) / 2.0;
    let fewer = discordant.min(pairs - discordant).max(0.0).round();
    if n > LARGEST_EXACT && fewer > 1.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most half of 528 pairs")]
    let reach = fewer as usize;
    let mut probabilities = vec![0.0; reach + 1];
    probabilities[0] = 1.0;
    let mut before = probabilities.clone();
    for row in 2..=n.min(VANISHED) {
        before.copy_from_slice(&probabilities);
        let mut window = 0.0_f64;
        for inversions in 0..=reach {
            window += before[inversions];
            if inversions >= row {
                window -= before[inversions - row];
            }
            probabilities[inversions] = window.max(0.0) / row as f64;
        }
    }
    // as many are as far on the other side; in the middle they are the same
    let is_middle = 2.0 * fewer >= pairs;
    Some(if is_middle { 1.0 } else { (2.0 * probabilities.iter().sum::<f64>()).min(1.0) })
}
