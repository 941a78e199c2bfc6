//! The exact distribution of U without ties.

/// Above this n·m·min(n, m) the exact distribution is not computed; it bounds its cost to some 10 ms.
const MOST_STEPS: f64 = 1e7;

/// Whether the distribution of so many values is affordable.
pub(super) fn is_affordable(n: usize, m: usize) -> bool {
    n as f64 * m as f64 * n.min(m) as f64 <= MOST_STEPS
}

/// The share of the orders of n and m values that have a U of at most `u`, or as far on the other side; `u` is at most
/// half of nm.
///
/// The orders with each U are the coefficients of the Gaussian binomial Π (1 − q^(m+i)) / (1 − q^i), i from 1 to n,
/// the smaller of the two. They are symmetric and rise up to the middle, which is all that is computed, so that the
/// differences lose no digits that matter: O(nm · min(n, m)) time, O(nm) memory. Mann & Whitney, *Annals of Mathematical
/// Statistics* 18 (1947), 50–60, for the distribution.
pub(super) fn p_value(n: usize, m: usize, u: usize) -> f64 {
    let (few, many) = (n.min(m), n.max(m));
    let reach = u.min(few * many / 2);
    let mut orders = vec![0.0_f64; reach + 1];
    orders[0] = 1.0;
    let mut all = 1.0;
    for step in 1..=few {
        for place in (many + step..=reach).rev() {
            orders[place] -= orders[place - many - step];
        }
        for place in step..=reach {
            orders[place] += orders[place - step];
        }
        all *= (many + step) as f64 / step as f64;
    }
    (2.0 * orders.iter().sum::<f64>() / all).clamp(0.0, 1.0)
}
