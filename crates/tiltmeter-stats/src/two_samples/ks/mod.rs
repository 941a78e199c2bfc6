//! The two-sample test of Kolmogorov and Smirnov.

mod distance;
mod exact;
mod result;
mod side;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use result::{KsAlternative, KsMethod, KsTest};

use crate::error::Result;
use crate::sample::Sample;
use crate::sorted::{Sorted, sort_values};
use crate::two_samples::samples::{check_both, ecdfs};
use distance::Gap;
use side::Side;

/// The test of Kolmogorov and Smirnov: exact while it can be, else the limit.
///
/// Exact when neither sample has weights and the larger has at most 10 000 values (as scipy's `auto`), so that
/// D and p depend on nothing but the data; with weights the limit with Kish's effective sizes. With a nominal
/// size of 5 % that rejects about 4 % of weighted samples without drift; with the sum of weights for a size it
/// would reject all. Weights of rows drawn by the very value that is tested make it far too cautious (0.4 %).
///
/// Large samples without weights are not sorted: O(n) where their values are spread out, about half of the time that
/// sorting both takes; else, and with weights, O(n log n), and O(n) memory. The exact p-value takes up to O(nm) more,
/// about 0.1 s at the most. For values in order there is [`ks_two_sample_sorted`], and for one reference against many
/// samples [`KsTest::between`].
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// # use tiltmeter_stats::{KsMethod, ks_two_sample};
/// let test = ks_two_sample(&[1.0, 2.0, 3.0, 4.0], &[3.5, 4.5, 5.5, 6.5])?;
/// assert_eq!((test.statistic, test.method), (0.75, KsMethod::Exact));
/// // of the C(8, 4) = 70 orders of the values 16 have such a distance
/// assert!((test.p_value - 16.0 / 70.0).abs() < 1e-12);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn ks_two_sample<'r, 'c>(
    reference: impl Into<Sample<'r>>,
    current: impl Into<Sample<'c>>,
) -> Result<KsTest> {
    test(reference.into(), current.into(), KsAlternative::TwoSided, None)
}

/// The same with the p-value of the limit, whatever the sizes.
///
/// # Errors
/// As [`ks_two_sample`].
///
/// ```
/// # use tiltmeter_stats::ks_two_sample_limit;
/// let test = ks_two_sample_limit(&[1.0, 2.0, 3.0, 4.0], &[3.5, 4.5, 5.5, 6.5])?;
/// assert!((test.p_value - 0.2106).abs() < 1e-4);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn ks_two_sample_limit<'r, 'c>(
    reference: impl Into<Sample<'r>>,
    current: impl Into<Sample<'c>>,
) -> Result<KsTest> {
    test(reference.into(), current.into(), KsAlternative::TwoSided, Some(KsMethod::Asymptotic))
}

/// The test against one alternative: are current values greater, or less?
///
/// The p-value is exact where that of [`ks_two_sample`] is, else Smirnov's limit exp(−2 nm/(n + m) D²), from some 50
/// values each on; it is about half of the two-sided one. Choose the side before looking at the data.
///
/// # Errors
/// As [`ks_two_sample`].
///
/// ```
/// # use tiltmeter_stats::{KsAlternative, ks_one_sided};
/// let (reference, current) = ([1.0, 2.0, 3.0, 4.0], [3.5, 4.5, 5.5, 6.5]);
/// let greater = ks_one_sided(&reference, &current, KsAlternative::Greater)?;
/// // scipy.stats.ks_2samp(reference, current, alternative="greater"), scipy 1.17.1
/// assert_eq!(greater.statistic, 0.75);
/// assert!((greater.p_value - 0.1142857142857143).abs() < 1e-15);
/// let less = ks_one_sided(&reference, &current, KsAlternative::Less)?;
/// assert_eq!((less.statistic, less.p_value), (0.0, 1.0));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn ks_one_sided<'r, 'c>(
    reference: impl Into<Sample<'r>>,
    current: impl Into<Sample<'c>>,
    alternative: KsAlternative,
) -> Result<KsTest> {
    test(reference.into(), current.into(), alternative, None)
}

/// [`ks_two_sample`] of values in order. O(n + m), and no memory, besides an exact p-value.
///
/// # Errors
/// As [`ks_two_sample`].
///
/// ```
/// # use tiltmeter_stats::{Sorted, ks_two_sample_sorted};
/// let test = ks_two_sample_sorted(Sorted::new(&[1.0, 2.0, 2.0])?, Sorted::new(&[2.0, 3.0])?)?;
/// assert_eq!(test.statistic, 0.5);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn ks_two_sample_sorted(reference: Sorted<'_>, current: Sorted<'_>) -> Result<KsTest> {
    check_both(reference.is_empty(), current.is_empty())?;
    let gap = distance::of_sorted(reference.values(), current.values());
    let sides = [reference, current].map(|sample| Side::of_rows(sample.len(), 0));
    Ok(KsTest::new(gap, KsAlternative::TwoSided, None, sides))
}

fn test(
    reference: Sample<'_>,
    current: Sample<'_>,
    alternative: KsAlternative,
    method: Option<KsMethod>,
) -> Result<KsTest> {
    if reference.weights().is_some() || current.weights().is_some() {
        let [reference, current] = ecdfs(reference, current)?;
        let sides = [Side::of_ecdf(&reference), Side::of_ecdf(&current)];
        return Ok(KsTest::new(distance::of_ecdfs(&reference, &current), alternative, method, sides));
    }
    let (missing_reference, missing_current) = (reference.missing(), current.missing());
    let (reference, current) = (present(reference, missing_reference), present(current, missing_current));
    check_both(reference.is_empty(), current.is_empty())?;
    let sides =
        [Side::of_rows(reference.len(), missing_reference), Side::of_rows(current.len(), missing_current)];
    Ok(KsTest::new(gap_of(reference, current), alternative, method, sides))
}

/// From this many values on counting in cells is faster than sorting.
const FEWEST_SPREAD: usize = 20_000;

fn gap_of(reference: Cow<'_, [f64]>, current: Cow<'_, [f64]>) -> Gap {
    // a reference against itself is asked for often, and is what takes longest
    if reference == current {
        return Gap::default();
    }
    let is_large = reference.len().min(current.len()) >= FEWEST_SPREAD;
    if let Some(gap) = is_large.then(|| distance::of_unsorted(&reference, &current)).flatten() {
        return gap;
    }
    let [reference, current] = [reference, current].map(|values| {
        let mut values = values.into_owned();
        sort_values(&mut values);
        values
    });
    distance::of_sorted(&reference, &current)
}

/// The values that are there; a copy only when some are not.
fn present(sample: Sample<'_>, missing: usize) -> Cow<'_, [f64]> {
    match missing {
        0 => Cow::Borrowed(sample.values()),
        _ => sample.present().map(|(value, _)| value).collect(),
    }
}
