//! The exact distribution of the number of discordant pairs without ties.

/// The share of the permutations of `n` rows, at least two, of which at most `discordant` pairs are in the wrong order or
/// at most so many in the right one. `discordant` is at most half of all pairs.
///
/// The number of permutations with c inversions by the recurrence over the rows: the j-th row may be before 0 to j − 1
/// of the others (Kendall & Gibbons 1990, section 4.9). As shares, by sums of positive terms: O(n² discordant).
pub(super) fn p_value(n: usize, discordant: f64) -> f64 {
    if discordant < 1.5 {
        // 1 and n − 1 permutations on either side of n!, which is 1/0 from 171
        let factorial: f64 = (2..=n).map(|row| row as f64).product();
        let permutations = if discordant < 0.5 { 1.0 } else { n as f64 };
        return (2.0 * permutations / factorial).min(1.0);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most half of the pairs")]
    let reach = discordant.round() as usize;
    let mut shares = vec![0.0; reach + 1];
    shares[0] = 1.0;
    for row in 2..=n {
        for inversions in (0..=reach).rev() {
            let from = (inversions + 1).saturating_sub(row);
            shares[inversions] = shares[from..=inversions].iter().sum::<f64>() / row as f64;
        }
    }
    (2.0 * shares.iter().sum::<f64>()).min(1.0)
}
