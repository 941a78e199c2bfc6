//! The ranks of values, equal ones sharing the mean of theirs.

/// Weighted mid-ranks, the weight below a value plus half the weight of those equal to it, minus their weighted mean,
/// which is half the sum of the weights. In the order of the values, of which none may be NaN.
///
/// One sort. Values that are all equal have exactly 0.
pub(crate) fn centred_midranks(values: impl Iterator<Item = f64>, weights: &[f64]) -> Vec<f64> {
    // −0 and 0 are one value
    let mut order: Vec<(f64, usize)> = values.map(|value| value + 0.0).zip(0..).collect();
    order.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));
    let middle = weights.iter().sum::<f64>() / 2.0;
    let mut ranks = vec![0.0; order.len()];
    let mut below = 0.0;
    for tied in order.chunk_by(|(one, _), (other, _)| one.to_bits() == other.to_bits()) {
        let here: f64 = tied.iter().map(|&(_, row)| weights[row]).sum();
        for &(_, row) in tied {
            ranks[row] = if tied.len() == order.len() { 0.0 } else { below + here / 2.0 - middle };
        }
        below += here;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_scipy() {
        // scipy.stats.rankdata([3, 1, 3, 2, 3]) - 3, scipy 1.17.1
        let ranks = centred_midranks([3.0, 1.0, 3.0, 2.0, 3.0].into_iter(), &[1.0; 5]);
        assert_eq!(ranks, [1.0, -2.0, 1.0, -1.0, 1.0]);
    }

    #[test]
    fn weights_count_as_rows_and_infinities_as_values() {
        let ranks = centred_midranks(
            [f64::INFINITY, -0.0, 0.0, f64::NEG_INFINITY].into_iter(),
            &[2.0, 1.0, 3.0, 2.0],
        );
        assert_eq!(ranks, [3.0, 0.0, 0.0, -3.0]);
    }
}
