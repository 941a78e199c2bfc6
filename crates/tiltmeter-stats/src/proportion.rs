//! How far a share of counted rows can be trusted.

use crate::error::{Error, Result, Undefined};
use crate::interval::{Interval, critical_value};
use crate::special::{beta_cdf, beta_sf, boundary};

/// Wilson's score interval of a proportion: the p that a normal test would not reject.
///
/// With p̂ = successes / total, n = total and z the normal quantile of the level,
///
/// ```text
/// (p̂ + z²/2n ± z sqrt(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n)
/// ```
///
/// It is the interval to show beside a rate: it stays in [0, 1], is defined for no and for only successes, and its
/// coverage is near the level on average over p, for small n too. For single p near 0 or 1 it can fall some points
/// short; [`proportion_clopper_pearson`] never does. Cost: constant.
///
/// Wilson, *JASA* 22 (1927), 209–212; Brown, Cai & DasGupta, *Statistical Science* 16 (2001), 101–133, who
/// recommend it for n up to 40 and find it sound above.
///
/// # Errors
/// Undefined when `total` is 0 ([`Undefined::Empty`]); invalid when there are more successes than the total, or
/// `level` is not between 0 and 1.
///
/// ```
/// let interval = tiltmeter_stats::proportion_wilson(19, 40, 0.95)?;
/// assert_eq!(format!("{:.4} to {:.4}", interval.lower, interval.upper), "0.3294 to 0.6250");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn proportion_wilson(successes: u64, total: u64, level: f64) -> Result<Interval> {
    check(successes, total, level)?;
    wilson(successes as f64 / total as f64, total as f64, level).ok_or_else(|| impossible_level(level))
}

/// The interval of Clopper and Pearson of a proportion: the p that neither tail of the binomial rejects.
///
/// The lower end is the (1 − level)/2 quantile of Beta(k, n−k+1), the upper one the (1 + level)/2 quantile of
/// Beta(k+1, n−k), for k successes among n; 0 and 1 where k is 0 or n. Its coverage is never below the level, and
/// for small n well above it, so that it is wider than [`proportion_wilson`]: use it where a promise is made.
/// Cost: some 0.1 ms, a thousand times that of Wilson's. Right to 1e-12 of the ends; from n = 2⁵³ on for the counts as
/// floating-point numbers.
///
/// Clopper & Pearson, *Biometrika* 26 (1934), 404–413.
///
/// # Errors
/// As [`proportion_wilson`].
///
/// ```
/// let interval = tiltmeter_stats::proportion_clopper_pearson(19, 40, 0.95)?;
/// assert_eq!(format!("{:.4} to {:.4}", interval.lower, interval.upper), "0.3151 to 0.6387");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn proportion_clopper_pearson(successes: u64, total: u64, level: f64) -> Result<Interval> {
    check(successes, total, level)?;
    let (k, rest) = (successes as f64, (total - successes) as f64);
    let tail = (1.0 - level) / 2.0;
    let lower = if successes == 0 { 0.0 } else { boundary(|x| beta_cdf(k, rest + 1.0, x) < tail) };
    // not by 1 − tail, nor as 1 − x: that would lose the digits of a small tail or a small end
    let upper = if successes == total { 1.0 } else { boundary(|x| beta_sf(k + 1.0, rest, x) > tail) };
    Ok(Interval { lower, upper, level })
}

/// Wilson's interval of a share that was estimated from weighted rows: [`proportion_wilson`] with the weighted share for
/// p̂ and Kish's effective number of rows ([`effective_sample_size`](crate::effective_sample_size)) for n.
///
/// It takes weights for given. Where they go together with what is counted, so that the few heavy rows are those that
/// count, linearise instead: [`hajek_mean`](crate::hajek_mean). Cost: constant.
///
/// Korn & Graubard, *Survey Methodology* 24 (1998), 193–201, for intervals of shares with an effective size.
///
/// # Errors
/// Undefined when the size is 0 ([`Undefined::Empty`]); invalid when it is negative or not finite, or too small for a
/// number to come of it, when the share is not from 0 to 1, or `level` is not between 0 and 1.
///
/// ```
/// let interval = tiltmeter_stats::proportion_wilson_weighted(0.475, 40.0, 0.95)?;
/// assert_eq!(interval, tiltmeter_stats::proportion_wilson(19, 40, 0.95)?);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn proportion_wilson_weighted(share: f64, effective_size: f64, level: f64) -> Result<Interval> {
    critical_value(level).ok_or_else(|| impossible_level(level))?;
    if !(0.0..=1.0).contains(&share) {
        return Err(Error::invalid(format!("the share is {share}, allowed: from 0 to 1")));
    }
    if !(0.0..f64::INFINITY).contains(&effective_size) {
        return Err(Error::invalid(format!("the size is {effective_size}, allowed: finite numbers above 0")));
    }
    if effective_size <= 0.0 {
        return Err(Undefined::Empty.into());
    }
    wilson(share, effective_size, level)
        .ok_or_else(|| Error::invalid("the effective size is too small for an interval"))
}

/// Wilson's interval of a rate that was estimated from `size` rows, or from weighted ones that tell as much.
pub(crate) fn wilson(rate: f64, size: f64, level: f64) -> Option<Interval> {
    let z = critical_value(level)?;
    let (relative, shrink) = (z * z / size, 1.0 / (1.0 + z * z / size));
    let middle = (rate + relative / 2.0) * shrink;
    let half = shrink * z * (rate * (1.0 - rate) / size + relative / (4.0 * size)).max(0.0).sqrt();
    // the ends at 0 and 1 are exact, whatever rounding made of them
    let lower = if rate <= 0.0 { 0.0 } else { (middle - half).clamp(0.0, 1.0) };
    let upper = if rate >= 1.0 { 1.0 } else { (middle + half).clamp(0.0, 1.0) };
    (middle.is_finite() && half.is_finite()).then_some(Interval { lower, upper, level })
}

fn check(successes: u64, total: u64, level: f64) -> Result<()> {
    if successes > total {
        return Err(Error::invalid(format!("{successes} successes are more than the total of {total}")));
    }
    critical_value(level).ok_or_else(|| impossible_level(level))?;
    if total == 0 {
        return Err(Undefined::Empty.into());
    }
    Ok(())
}

fn impossible_level(level: f64) -> Error {
    Error::invalid(format!("the level is {level}, allowed: between 0 and 1"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn impossible_counts_and_levels_are_told_apart_from_no_rows() {
        assert_eq!(proportion_wilson(0, 0, 0.95), Err(Undefined::Empty.into()));
        assert!(proportion_wilson(2, 1, 0.95).is_err_and(|error| error.is_invalid()));
        for level in [0.0, 1.0, f64::NAN] {
            assert!(proportion_wilson(1, 2, level).is_err_and(|error| error.is_invalid()));
            assert!(proportion_clopper_pearson(1, 2, level).is_err_and(|error| error.is_invalid()));
            assert!(proportion_wilson_weighted(0.5, 2.0, level).is_err_and(|error| error.is_invalid()));
        }
        assert_eq!(proportion_wilson_weighted(0.5, 0.0, 0.95), Err(Undefined::Empty.into()));
        for (share, size) in
            [(-0.1, 2.0), (1.1, 2.0), (f64::NAN, 2.0), (0.5, -1.0), (0.5, f64::INFINITY), (0.5, 5e-324)]
        {
            assert!(proportion_wilson_weighted(share, size, 0.95).is_err_and(|error| error.is_invalid()));
        }
    }

    #[test]
    fn exact_intervals_are_those_of_scipy() {
        // scipy.stats.beta.ppf((1 - level) / 2, k, n - k + 1), beta.isf((1 - level) / 2, k + 1, n - k), scipy 1.17.1;
        // not binomtest, whose root finder stops 2e-12 from the end, however small that is
        let expected = [
            (1, 1_000_000, 0.95, 2.53178076637942e-08, 5.571630655166939e-06),
            (0, 30, 0.99, 0.0, 0.16189390280673965),
            (500_000, 1_000_000, 0.95, 0.49901951919531184, 0.5009804808046882),
            (999_999, 1_000_000, 0.9, 0.9999952561443618, 0.9999999487067069),
            (3, 7, 0.999, 0.024880192845115466, 0.9360575784029405),
            (12, 12, 0.95, 0.7353515306029488, 1.0),
            (500_000_000, 1_000_000_000, 0.95, 0.4999690097484223, 0.5000309902515777),
            (1, 1_000_000_000_000, 0.95, 2.5317807984289554e-14, 5.571643390926163e-12),
            (3, 50_000_000, 0.95, 1.2373442628829838e-08, 1.7534545130205519e-07),
            (123_456, 1_000_000, 0.99, 0.12260994854073146, 0.12430563653385555),
        ];
        check_exact(&expected, 1e-9);
    }

    #[test]
    fn exact_intervals_have_all_digits() {
        // roots of mpmath 1.4.1's betainc, or of a quadrature of the density by it, in 50 digits
        let expected = [
            (1, 10, 1.0 - 1e-9, 4.999999859715343e-11, 0.9277755290936082),
            (1, 1_000, 1.0 - 1e-14, 4.9960036108132166e-18, 0.03591355765981271),
            (999, 1_000, 1.0 - 1e-9, 0.9756281428590952, 0.9999999999995),
            (500_000_000_000, 1_000_000_000_000, 0.95, 0.49999902001750773, 0.5000009799824923),
            (500_000_000_000, 1_000_000_000_000, 1e-6, 0.49999999999887335, 0.5000000000011267),
            (123_456_789_012, 1_000_000_000_000, 0.99, 0.12345594166641362, 0.12345763636116852),
            (7, 1_000_000_000_000_000, 0.9, 3.285315691894676e-15, 1.314811380243208e-14),
            (1, (1 << 53) + 1, 0.95, 2.8108413357197264e-18, 6.185766777620944e-16),
        ];
        check_exact(&expected, 1e-14);
    }

    #[test]
    fn exact_intervals_of_more_rows_than_numbers_can_count_are_not_upside_down() {
        for (total, failures) in [((1 << 53) + 1, 1), (1 << 60, 1), (u64::MAX, 1), (u64::MAX, 1_000)] {
            // 1 − the interval of the failures
            let mirrored = proportion_clopper_pearson(failures, total, 0.95).unwrap();
            let interval = proportion_clopper_pearson(total - failures, total, 0.95).unwrap();
            assert!(interval.lower <= interval.upper && interval.upper <= 1.0, "{interval:?}");
            let ends = [interval.lower - (1.0 - mirrored.upper), interval.upper - (1.0 - mirrored.lower)];
            assert!(ends.into_iter().all(|off| off.abs() <= f64::EPSILON), "{total}: {interval:?}");
            assert!(mirrored.lower * (total as f64) > 0.02 && mirrored.upper * (total as f64) < 1_100.0);
        }
    }

    fn check_exact(expected: &[(u64, u64, f64, f64, f64)], tolerance: f64) {
        for &(successes, total, level, lower, upper) in expected {
            let interval = proportion_clopper_pearson(successes, total, level).unwrap();
            assert!((interval.lower - lower).abs() <= tolerance * lower, "{successes}/{total}: {interval:?}");
            assert!((interval.upper - upper).abs() <= tolerance * upper, "{successes}/{total}: {interval:?}");
        }
    }

    proptest! {
        #[test]
        fn both_intervals_hold_the_rate_and_exact_is_wider_at_its_outer_end(
            total in 1_u64..5_000, share in 0.0..=1.0_f64, level in 0.5..0.999_f64,
        ) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let successes = (share * total as f64) as u64;
            let rate = successes as f64 / total as f64;
            let (wilson, exact) = (
                proportion_wilson(successes, total, level)?,
                proportion_clopper_pearson(successes, total, level)?,
            );
            prop_assert!(wilson.contains(rate) && exact.contains(rate));
            for end in [wilson.lower, wilson.upper, exact.lower, exact.upper] {
                prop_assert!((0.0..=1.0).contains(&end));
            }
        }

        #[test]
        fn successes_and_failures_mirror_each_other(total in 1_u64..5_000, successes in 0_u64..5_000) {
            let successes = successes.min(total);
            for interval in [proportion_wilson, proportion_clopper_pearson] {
                let (one, other) =
                    (interval(successes, total, 0.9)?, interval(total - successes, total, 0.9)?);
                prop_assert!((one.lower - (1.0 - other.upper)).abs() < 1e-12);
                prop_assert!((one.upper - (1.0 - other.lower)).abs() < 1e-12);
            }
        }
    }
}
