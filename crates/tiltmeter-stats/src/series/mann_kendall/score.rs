//! Kendall's score and its variance, in O(n log n).

/// S and its variance without a trend. The numbers are not NaN.
pub(super) fn of(numbers: &[f64]) -> (f64, f64) {
    let ranks = dense_ranks(numbers);
    let levels = ranks.iter().map(|rank| rank + 1).max().unwrap_or(0);
    let mut earlier = Counts::new(levels);
    let (mut rises, mut falls) = (0_u64, 0_u64);
    for (&rank, before) in ranks.iter().zip(0_u64..) {
        let below = earlier.below(rank);
        rises += below;
        falls += before - earlier.below(rank + 1);
        earlier.add(rank);
    }
    let mut ties = vec![0_u64; levels];
    ranks.iter().for_each(|&rank| ties[rank] += 1);
    let term = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let tied: f64 = ties.iter().map(|&tied| term(tied as f64)).sum();
    (rises as f64 - falls as f64, ((term(numbers.len() as f64) - tied) / 18.0).max(0.0))
}

/// The number of distinct values below each.
fn dense_ranks(numbers: &[f64]) -> Vec<usize> {
    let mut order: Vec<(f64, usize)> = numbers.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|one, other| one.0.total_cmp(&other.0));
    let mut ranks = vec![0; numbers.len()];
    for (rank, tied) in order.chunk_by(|one, other| one.0.to_bits() == other.0.to_bits()).enumerate() {
        tied.iter().for_each(|&(_, place)| ranks[place] = rank);
    }
    ranks
}

/// Counts by rank, whose sums of the first so many are found in O(log n).
///
/// Fenwick, *Software: Practice and Experience* 24 (1994), 327–336.
struct Counts(Vec<u64>);

impl Counts {
    fn new(levels: usize) -> Self {
        Self(vec![0; levels + 1])
    }

    fn add(&mut self, rank: usize) {
        let mut node = rank + 1;
        while node < self.0.len() {
            self.0[node] += 1;
            node += node & node.wrapping_neg();
        }
    }

    /// How many have a lower rank.
    fn below(&self, rank: usize) -> u64 {
        let (mut node, mut sum) = (rank, 0);
        while node > 0 {
            sum += self.0[node];
            node &= node - 1;
        }
        sum
    }
}
