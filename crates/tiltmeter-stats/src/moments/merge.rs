//! The moments of two samples together.

use super::{Moments, within};

impl Moments {
    /// The moments of both samples together, as if they had been one. O(1).
    ///
    /// Pébay, *Formulas for Robust, One-Pass Parallel Computation of Covariances and Arbitrary-Order
    /// Statistical Moments*, Sandia Report SAND2008-6212 (2008); for the variance Chan,
    /// Golub and LeVeque (1979). With weights in place of counts.
    ///
    /// ```
    /// # use tiltmeter_stats::Moments;
    /// let merged = Moments::of(&[1.0, 2.0]).merge(&Moments::of(&[3.0, 6.0]));
    /// assert_eq!((merged.mean()?, merged.population_variance()?), (3.0, 3.5));
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let mut merged = match (self.rows, other.rows) {
            (_, 0) => *self,
            (0, _) => *other,
            // of the heavier one first, so that which is folded into which makes no difference to the last bit
            _ if (other.weight, other.mean) > (self.weight, self.mean) => other.merge_values(self),
            _ => self.merge_values(other),
        };
        merged.rows = self.rows.saturating_add(other.rows);
        merged.missing = self.missing.saturating_add(other.missing);
        merged.infinite = self.infinite.saturating_add(other.infinite);
        merged
    }

    fn merge_values(&self, other: &Self) -> Self {
        let weight = self.weight + other.weight;
        let (a, b) = (self.weight / weight, other.weight / weight);
        let [m2_a, m3_a, m4_a] = self.central;
        let [m2_b, m3_b, m4_b] = other.central;
        let delta = other.mean - self.mean;
        let delta2 = delta * delta;
        // weight × a × b is the harmonic part that all orders share
        let spread = weight * a * b * delta2;
        let m2 = m2_a + m2_b + spread;
        let m3 = m3_a + m3_b + spread * delta * (a - b) + 3.0 * delta * (a * m2_b - b * m2_a);
        let m4 = m4_a
            + m4_b
            + spread * delta2 * (a * a - a * b + b * b)
            + 6.0 * delta2 * (a * a * m2_b + b * b * m2_a)
            + 4.0 * delta * (a * m3_b - b * m3_a);
        let range = [self.range[0].min(other.range[0]), self.range[1].max(other.range[1])];
        Self {
            weight,
            squared_weights: self.squared_weights + other.squared_weights,
            mean: within(self.mean + delta * b, range),
            // differences of rounding alone may come below 0; not `max`, which would lose an overflow to NaN
            central: [m2, m3, if m4 < 0.0 { 0.0 } else { m4 }],
            range,
            ..*self
        }
    }
}
