//! The correlation of two columns whose means are 0, and how far it can be trusted.

use crate::special::student_t_sf;

/// A weighted product-moment correlation, and the sizes of samples without weights that would tell as much.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProductMoment {
    pub(super) coefficient: f64,
    /// For the test: the n for which 1/n is the linearised (Hájek) variance of the coefficient of independent columns.
    pub(super) null_size: f64,
    /// For the interval: the n for which (1 − r²)²/n, the variance for normal columns, is the linearised one, less 3/k of it
    /// for Kish's effective size k, since it is measured on the very rows that r is fitted to.
    pub(super) size: f64,
}

impl ProductMoment {
    /// Of `(x, y, weight)`; the weighted means of x and y are 0, and no sum overflows. Both sizes are the number of
    /// rows when the weights do not differ. `None` when one side is constant.
    ///
    /// With a and b the columns in units of their standard deviations, and weights that sum to 1,
    ///
    /// ```text
    /// 1 / null_size = Σ w²a²b²        (1 − r²)² (1 − 3/k) / size = Σ w²(ab − r(a² + b²)/2)²
    /// ```
    pub(super) fn of(rows: impl Iterator<Item = (f64, f64, f64)> + Clone, is_weighted: bool) -> Option<Self> {
        let (mut count, mut weight, mut squares) = (0_usize, 0.0, 0.0);
        let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
        for (x, y, w) in rows.clone() {
            count += 1;
            weight += w;
            squares += w * w;
            xx += w * x * x;
            yy += w * y * y;
            xy += w * x * y;
        }
        if !(xx > 0.0 && yy > 0.0) {
            return None;
        }
        let r = (xy / xx * (xx / yy).sqrt()).clamp(-1.0, 1.0);
        let count = count as f64;
        if !is_weighted {
            return Some(Self { coefficient: r, null_size: count, size: count });
        }
        let (x_unit, y_unit) = ((xx / weight).sqrt(), (yy / weight).sqrt());
        let (mut null, mut linear) = (0.0, 0.0);
        for (x, y, w) in rows {
            let (a, b, share) = (x / x_unit, y / y_unit, w / weight);
            let product = a * b;
            null += (share * product).powi(2);
            linear += (share * (product - r * (a * a + b * b) / 2.0)).powi(2);
        }
        // a size that exceeds the number of rows would come from a variance that is 0 by chance
        let at_most_all = |size: f64| if size.is_nan() { 0.0 } else { size.min(count) };
        let kish = weight * weight / squares;
        let unexplained = (1.0 - r) * (1.0 + r);
        // nearer to a line than this the variance is made of rounding
        let size = if unexplained > 1e-9 { unexplained * unexplained / linear } else { kish };
        Some(Self {
            coefficient: r,
            null_size: at_most_all(1.0 / null),
            size: at_most_all(size) * (1.0 - 3.0 / kish).max(0.0),
        })
    }

    /// P(|T| ≥ |t|) with n − 2 degrees of freedom; `None` for an n below 3.
    pub(super) fn p_value(&self) -> Option<f64> {
        let free = self.null_size - 2.0;
        let unexplained = (1.0 - self.coefficient) * (1.0 + self.coefficient);
        // t is ∞ where nothing is unexplained
        let t = self.coefficient.abs() * (free / unexplained).sqrt();
        (free >= 1.0).then(|| (2.0 * student_t_sf(t, free)).clamp(0.0, 1.0))
    }

    /// 1/√(n − 1), the standard deviation of the coefficient over all permutations of one column.
    pub(super) fn spread_if_independent(&self) -> f64 {
        1.0 / (self.null_size - 1.0).max(1.0).sqrt()
    }
}
