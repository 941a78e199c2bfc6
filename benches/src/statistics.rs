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
    fn a_spread_shows_its_range() {
        let spread = Spread::of([3.0, -1.0, 2.0]);
        assert_eq!(format!("{spread:.1}"), "2.0 (-1.0 to 3.0)");
        assert_eq!(format!("{spread:+.0}"), "+2 (-1 to +3)");
    }
}
