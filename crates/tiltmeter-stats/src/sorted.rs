//! Values in order.

use crate::error::{Error, Result};

/// Values in ascending order, none of them missing: what the `*_sorted` forms of statistics take, so that a column is
/// sorted once for all of them.
///
/// [`sort_values`] brings a column into this order. ±∞ are values. For values with weights, or to keep them, see
/// [`Ecdf`](crate::Ecdf).
#[derive(Clone, Copy, Debug)]
pub struct Sorted<'a>(&'a [f64]);

impl<'a> Sorted<'a> {
    /// Values that are in order already. O(n) for the check.
    ///
    /// # Errors
    /// Invalid when a value is NaN or less than the one before it.
    ///
    /// ```
    /// # use tiltmeter_stats::Sorted;
    /// assert!(Sorted::new(&[-1.0, 2.0, 2.0]).is_ok());
    /// let error = Sorted::new(&[-1.0, 2.0, 1.0]).unwrap_err();
    /// assert_eq!(error.to_string(), "value 2 is 1 after 2, allowed: ascending numbers");
    /// ```
    pub fn new(values: &'a [f64]) -> Result<Self> {
        // branch-free, so that it costs a fraction of any statistic
        let in_order = values.windows(2).fold(true, |so_far, pair| so_far & (pair[0] <= pair[1]));
        if in_order && !values.first().is_some_and(|value| value.is_nan()) {
            return Ok(Self(values));
        }
        let is_fault =
            |place: &usize| values[*place].is_nan() || (*place > 0 && values[*place] < values[*place - 1]);
        let place = (0..values.len()).find(is_fault).unwrap_or(0);
        let before =
            place.checked_sub(1).map_or(String::new(), |before| format!(" after {}", values[before]));
        Err(Error::invalid(format!("value {place} is {}{before}, allowed: ascending numbers", values[place])))
    }

    /// The values, ascending.
    #[must_use]
    pub fn values(self) -> &'a [f64] {
        self.0
    }

    /// How many values there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

/// Sorts values for [`Sorted`]: leaves out NaN, and returns how many there were. −0 becomes 0.
///
/// ```
/// # use tiltmeter_stats::{Sorted, sort_values};
/// let mut values = vec![3.0, f64::NAN, -1.0];
/// assert_eq!(sort_values(&mut values), 1);
/// assert_eq!(Sorted::new(&values)?.values(), [-1.0, 3.0]);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn sort_values(values: &mut Vec<f64>) -> usize {
    let all = values.len();
    values.retain(|value| !value.is_nan());
    values.iter_mut().for_each(|value| *value += 0.0);
    values.sort_unstable_by(f64::total_cmp);
    all - values.len()
}
