//! The exact distribution of the distance of two samples without ties.
//!
//! An order of all n + m values is a path on the lattice from (0, 0) to (n, m), one step for each value;
//! without drift all are equally likely. D is at least d when the path leaves the band |x/n − y/m| < d. Hodges,
//! *Arkiv för Matematik* 3 (1958), 469; the recurrence of probabilities, which has positive terms only and
//! neither overflows nor cancels: Viehmann, arXiv:2102.08037 (2021).

/// Above this 2·nm/(n + m)·d² the probability, less than e·exp(−that), is no longer a number above 0: proven for
/// n = m (Wei and Dudley, *Statistics & Probability Letters* 82, 2012); for other sizes no exception is known to
/// them. It keeps the band narrow, and so the cost bounded.
const NOTHING_LEFT: f64 = 760.0;

/// Which paths count as outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sides {
    /// |F − G| ≥ d.
    Both,
    /// F − G ≥ d; of G − F the distribution is the same, as the values in reverse order show.
    One,
}

/// P(D ≥ `distance`) for two samples of `n` and `m` values, at least one each.
pub(super) fn sf(distance: f64, n: u64, m: u64, sides: Sides) -> f64 {
    let (long, short) = (n.max(m), n.min(m));
    let (Ok(rows), Ok(columns)) = (usize::try_from(long), usize::try_from(short)) else {
        return f64::NAN;
    };
    let divisor = greatest_common_divisor(rows, columns);
    let (row_step, column_step) = (rows / divisor, columns / divisor);
    // all distances are multiples of 1 / (the least common multiple of n and m)
    let multiple = (row_step * columns) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a distance is from 0 to 1, and the multiple at most 10^8"
    )]
    let reach = (distance * multiple).round() as usize;
    if reach == 0 {
        return 1.0;
    }
    let d = reach as f64 / multiple;
    if 2.0 * d * d * (long as f64 / (long + short) as f64) * short as f64 > NOTHING_LEFT {
        return 0.0;
    }
    let probability = match sides {
        Sides::Both if rows == columns => outside_of_a_square(rows, reach),
        Sides::One if rows == columns => beyond_one_side_of_a_square(rows, reach),
        _ => outside_of_a_rectangle(Lattice { rows, columns, row_step, column_step, reach, sides }),
    };
    probability.clamp(0.0, 1.0)
}

/// Gnedenko and Korolyuk's sum for n = m, by reflection: 2 Σ (−1)^(k−1) C(2n, n − kh) / C(2n, n). O(n).
fn outside_of_a_square(n: usize, reach: usize) -> f64 {
    let mut probability = 0.0;
    for k in (0..=n / reach).rev() {
        let (below, above) = (n - k * reach, n + k * reach);
        let ratio: f64 =
            (0..reach).map(|j| (below.saturating_sub(j)) as f64 / (above + j + 1) as f64).product();
        probability = ratio * (1.0 - probability);
    }
    2.0 * probability
}

/// The first term of the sum, C(2n, n − h) / C(2n, n): paths that are reflected once. O(h).
fn beyond_one_side_of_a_square(n: usize, reach: usize) -> f64 {
    (0..reach).map(|j| n.saturating_sub(j) as f64 / (n + j + 1) as f64).product()
}

/// The lattice and the band on it: inside are the points with |x·`column_step` − y·`row_step`| < `reach`, or
/// for one side those without the bars.
#[derive(Clone, Copy)]
struct Lattice {
    rows: usize,
    columns: usize,
    row_step: usize,
    column_step: usize,
    reach: usize,
    sides: Sides,
}

impl Lattice {
    /// The columns of row `x` that are inside: from, and to before.
    fn inside(&self, x: usize) -> (usize, usize) {
        let middle = x * self.column_step;
        let from = if middle >= self.reach { (middle - self.reach) / self.row_step + 1 } else { 0 };
        let to = match self.sides {
            Sides::Both => (middle + self.reach).div_ceil(self.row_step),
            Sides::One => self.columns + 1,
        };
        (from.min(self.columns), to.min(self.columns + 1))
    }
}

/// The probability q(x, y) that a path has been outside when it comes to (x, y), from those of the two points
/// before: x/(x + y) of the paths come from (x − 1, y), the others from (x, y − 1), and outside q is 1. Row by
/// row, only the columns inside of the band: O(width of the band · n) time, O(width) memory.
fn outside_of_a_rectangle(lattice: Lattice) -> f64 {
    let inverse: Vec<f64> = (0..=lattice.rows + lattice.columns).map(|sum| 1.0 / (sum as f64)).collect();
    let (mut from, mut to) = lattice.inside(0);
    let mut outside = vec![1.0; lattice.columns + 1];
    outside[from..to].fill(0.0);
    for x in 1..=lattice.rows {
        let (old_from, old_to) = (from, to);
        (from, to) = lattice.inside(x);
        if to <= from {
            return 1.0;
        }
        let mut left = if from == 0 { 0.0 } else { 1.0 };
        let row = x as f64;
        let cells = outside[from..to].iter_mut().zip(&inverse[x + from..]);
        for (y, (cell, inverse)) in (from..).zip(cells) {
            left = *cell * (row * inverse) + left * (y as f64 * inverse);
            *cell = left;
        }
        // what the band has left is outside from now on
        outside[old_from..from.min(old_to)].fill(1.0);
    }
    outside[lattice.columns]
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests {
    use super::*;

    /// By trying all orders.
    fn by_counting(distance: f64, n: u32, m: u32, sides: Sides) -> f64 {
        let (mut all, mut far) = (0_u32, 0_u32);
        for order in 0_u32..1 << (n + m) {
            if order.count_ones() != n {
                continue;
            }
            let (mut x, mut largest) = (0, 0.0_f64);
            for place in 0..n + m {
                x += (order >> place) & 1;
                let y = place + 1 - x;
                let difference = f64::from(x) / f64::from(n) - f64::from(y) / f64::from(m);
                largest = largest.max(if sides == Sides::Both { difference.abs() } else { difference });
            }
            all += 1;
            far += u32::from(largest > distance - 1e-9);
        }
        f64::from(far) / f64::from(all)
    }

    #[test]
    fn counts_what_trying_all_orders_counts() {
        for n in 1..=6_u32 {
            for m in 1..=7_u32 {
                for step in 0..=n * m {
                    let distance = f64::from(step) / f64::from(n * m);
                    // no distance is between the multiples of 1 / (the least common multiple)
                    if step % gcd(n, m) != 0 {
                        continue;
                    }
                    for sides in [Sides::Both, Sides::One] {
                        let counted = by_counting(distance, n, m, sides);
                        let got = sf(distance, n.into(), m.into(), sides);
                        assert!(
                            (counted - got).abs() < 1e-12,
                            "{n} {m} {distance} {sides:?}: {counted} {got}"
                        );
                    }
                }
            }
        }
    }

    fn gcd(a: u32, b: u32) -> u32 {
        if b == 0 { a } else { gcd(b, a % b) }
    }

    #[test]
    fn the_rectangle_gives_what_the_square_gives() {
        for (n, reach) in [(5, 2), (30, 7), (200, 21), (200, 60)] {
            let square = outside_of_a_square(n, reach);
            let lattice = |sides| Lattice { rows: n, columns: n, row_step: 1, column_step: 1, reach, sides };
            let rectangle = outside_of_a_rectangle(lattice(Sides::Both));
            assert!((square - rectangle).abs() <= 1e-11 * square, "{n} {reach}: {square} {rectangle}");
            let square = beyond_one_side_of_a_square(n, reach);
            let rectangle = outside_of_a_rectangle(lattice(Sides::One));
            assert!((square - rectangle).abs() <= 1e-11 * square, "{n} {reach}: {square} {rectangle}");
        }
    }

    #[test]
    fn the_largest_sizes_come_near_the_limit() {
        for distance in [0.005, 0.02, 0.03] {
            let reach = (distance * 99_990_000.0_f64).round();
            let exact = sf(reach / 99_990_000.0, 10_000, 9_999, Sides::Both);
            let limit = crate::kolmogorov_sf(distance * (99_990_000.0_f64 / 19_999.0).sqrt());
            assert!((exact - limit).abs() < 0.02, "{distance}: {exact} {limit}");
        }
        assert_eq!(sf(1.0, 10_000, 9_999, Sides::Both), 0.0);
    }
}
