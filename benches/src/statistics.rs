//! The few statistics that the tables show.

use std::fmt;

/// The value below which the share `quantile` of `values` lies (nearest rank); NaN when there are none.
///
/// `values` are sorted in place.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a rank between 1 and the number of values"
)]
pub fn quantile(values: &mut [f64], quantile: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let rank = (quantile * values.len() as f64).ceil().max(1.0) as usize;
    values.get(rank - 1).copied().unwrap_or(f64::NAN)
}

/// A median, and between which values it was found.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
}

impl Spread {
    /// Of the values, which may come in any order; all NaN when there are none.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        let [median, min, max] = [0.5, 0.0, 1.0].map(|q| quantile(&mut values, q));
        Self { median, min, max }
    }
}

/// `median (min to max)`, with the precision of the formatter; `{:+}` shows signs.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = f.precision().unwrap_or(1);
        let Self { median, min, max } = self;
        if f.sign_plus() {
            write!(f, "{median:+.precision$} ({min:+.precision$} to {max:+.precision$})")
        } else {
            write!(f, "{median:.precision$} ({min:.precision$} to {max:.precision$})")
        }
    }
}

/// A median, and between which values that of all rounds that there could be lies.
#[derive(Clone, Copy, Debug)]
pub struct MedianInterval(Spread);

impl MedianInterval {
    /// Of the values, which may come in any order; all NaN when there are none.
    ///
    /// The interval of 95 % is between two of the values, by the binomial distribution of how many lie below the median
    /// (approximated by the normal one): nothing is assumed of their distribution. With fewer than 11 it is from the least
    /// to the greatest.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rank between 0 and half the number of values"
    )]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        let median = quantile(&mut values, 0.5);
        let count = values.len() as f64;
        let rank = (0.5 * count - 0.98 * count.sqrt() - 1.0).max(0.0) as usize;
        let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
        let max = values.len().checked_sub(rank + 1).map_or(f64::NAN, at);
        Self(Spread { median, min: at(rank), max })
    }
}

/// As [`Spread`].
impl fmt::Display for MedianInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let mut values = [5.0, 1.0, 4.0, 2.0, 3.0];
        let found = [0.0, 0.5, 0.8, 0.81, 1.0].map(|q| quantile(&mut values, q).to_string());
        assert_eq!(found, ["1", "3", "4", "5", "5"]);
        assert!(quantile(&mut [], 0.5).is_nan());
    }

    #[test]
    fn the_interval_of_a_median_becomes_narrow_with_many_values() {
        let of = |count: u32| MedianInterval::of((1..=count).map(f64::from)).to_string();
        // 1 - 2 * scipy.stats.binom.cdf(39, 100, 0.5) = 0.965, and with 40 it is 0.943
        assert_eq!(of(100), "50.0 (40.0 to 61.0)");
        assert_eq!(of(5), "3.0 (1.0 to 5.0)");
        assert_eq!(of(0), "NaN (NaN to NaN)");
    }

    #[test]
    fn a_spread_shows_its_range() {
        let spread = Spread::of([3.0, -1.0, 2.0]);
        assert_eq!(format!("{spread:.1}"), "2.0 (-1.0 to 3.0)");
        assert_eq!(format!("{spread:+.0}"), "+2 (-1 to +3)");
    }
}
