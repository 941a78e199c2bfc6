//! Values in order.

mod radix;

pub(crate) use radix::sort_keys;

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
/// O(n log n) time, and O(n) memory: the order of floating-point numbers is that of whole ones, which are sorted in
/// about 60 % of the time.
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
    sort_present(values);
    all - values.len()
}

/// Sorts values none of which is NaN, as [`f64::total_cmp`] does.
pub(crate) fn sort_present(values: &mut [f64]) {
    let mut keys: Vec<u64> = values.iter().map(|&value| sort_key(value)).collect();
    keys.sort_unstable();
    for (value, key) in values.iter_mut().zip(keys) {
        *value = of_key(key);
    }
}

const SIGN: u64 = 1 << 63;

/// Whole numbers in the order of the floating-point ones: negative ones are counted down from 2^63, others up.
pub(crate) fn sort_key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn of_key(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sorts_as_the_total_order_does(values in proptest::collection::vec(any::<f64>(), 0..200)) {
            let mut expected: Vec<f64> =
                values.iter().filter(|value| !value.is_nan()).map(|value| value + 0.0).collect();
            expected.sort_by(f64::total_cmp);
            let mut sorted = values.clone();
            prop_assert_eq!(sort_values(&mut sorted), values.len() - expected.len());
            prop_assert_eq!(sorted.clone(), expected);
            prop_assert!(Sorted::new(&sorted).is_ok());
        }
    }

    #[test]
    fn what_is_not_in_order_is_refused() {
        for (values, clause) in [
            (vec![1.0, 0.5], "value 1 is 0.5 after 1, allowed: ascending numbers"),
            (vec![f64::NAN], "value 0 is NaN, allowed: ascending numbers"),
            (vec![1.0, f64::NAN, 2.0], "value 1 is NaN after 1, allowed: ascending numbers"),
        ] {
            assert_eq!(Sorted::new(&values).unwrap_err().to_string(), clause);
        }
        assert!(Sorted::new(&[]).is_ok());
        assert!(Sorted::new(&[f64::NEG_INFINITY, -0.0, 0.0, f64::INFINITY]).is_ok());
    }
}
