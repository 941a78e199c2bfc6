//! Whether one of two classifiers is right more often, on the same rows.

use crate::error::{Error, Result, Undefined};
use crate::special::{beta_cdf, chi_square_sf};

/// McNemar's test. See [`mcnemar`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct McnemarTest {
    /// b: how many rows only the first predicted rightly.
    pub only_first: u64,
    /// c: how many rows only the second predicted rightly.
    pub only_second: u64,
    /// The two-sided p-value of the binomial distribution: never too small, and often much too large, as exact tests
    /// of few rows are.
    pub p_exact: f64,
    /// The mid-p-value, in which b itself counts half: its size is near the nominal one, and hardly ever above. The one
    /// to use.
    pub p_mid: f64,
    /// (|b − c| − 1)² / (b + c), with Edwards's correction for continuity, as in statsmodels; 0 when b + c is. Above 0
    /// for b = c, which it corrects too far.
    pub statistic_corrected: f64,
    /// The p-value of `statistic_corrected`, from chi-square with one degree of freedom: near `p_exact` from b + c of
    /// some 25.
    pub p_corrected: f64,
}

/// McNemar's test that two classifiers are right equally often, by the rows where only one of them is.
///
/// With b rows that only the first predicts rightly and c that only the second does, b is binomial with ½ and b + c
/// when they are equally good, whatever the rows on which both are right or wrong:
///
/// ```text
/// p_exact = min(1, 2 P(X ≤ min(b, c)))        p_mid = 2 P(X < min(b, c)) + P(X = min(b, c))
/// ```
///
/// How often they are below 0.05 for two equally good classifiers that are right on 80 % of the rows independently, in
/// 4 000 samples each:
///
/// | rows | differing | exact | mid | corrected |
/// |---|---|---|---|---|
/// | 40 | 13 | 2.3 % | 4.7 % | 2.1 % |
/// | 100 | 32 | 3.0 % | 4.2 % | 3.0 % |
/// | 400 | 128 | 3.9 % | 4.9 % | 3.9 % |
///
/// The labels may be of any type. When the two never differ all p-values are 1. How much the accuracies differ, with an
/// interval, says [`accuracy_difference`](crate::accuracy_difference); the test for weighted rows is there too, since
/// for them there are no counts, and so no binomial distribution.
///
/// `p_exact` and `p_mid` are right to 10⁻¹² of themselves down to 10⁻³⁰⁰, for up to 10¹⁵ rows. O(n), no memory.
///
/// McNemar, *Psychometrika* 12 (1947), 153–157; Edwards, *Psychometrika* 13 (1948), 185–187; Fagerland, Lydersen &
/// Laake, *BMC Medical Research Methodology* 13 (2013), 91, who compare the four and recommend the mid-p-value.
///
/// # Errors
/// Undefined without rows ([`Undefined::Empty`]); invalid when the lengths differ.
///
/// ```
/// let actual = [1, 1, 1, 1, 0, 0, 0, 0];
/// let champion = [1, 1, 1, 1, 0, 0, 0, 1];
/// let challenger = [1, 1, 0, 0, 1, 1, 0, 0];
/// let test = tiltmeter_stats::mcnemar(&actual, &champion, &challenger)?;
/// assert_eq!((test.only_first, test.only_second), (4, 1));
/// // 2 (1 + 5) / 2⁵, and 2 · 1 / 2⁵ + 5 / 2⁵
/// assert!((test.p_exact - 0.375).abs() < 1e-12 && (test.p_mid - 0.21875).abs() < 1e-12);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn mcnemar<L: PartialEq>(actual: &[L], first: &[L], second: &[L]) -> Result<McnemarTest> {
    let rows = check_predictions(actual, first, second)?;
    if actual.is_empty() {
        return Err(Undefined::Empty.into());
    }
    let (mut only_first, mut only_second) = (0, 0);
    for ((actual, first), second) in rows {
        match (actual == first, actual == second) {
            (true, false) => only_first += 1,
            (false, true) => only_second += 1,
            (true, true) | (false, false) => {}
        }
    }
    Ok(mcnemar_from_counts(only_first, only_second))
}

/// McNemar's test of counts: b rows that only the first predicted rightly, c that only the second did. See [`mcnemar`].
///
/// ```
/// // statsmodels.stats.contingency_tables.mcnemar([[80, 24], [11, 40]], exact=True).pvalue
/// let test = tiltmeter_stats::mcnemar_from_counts(24, 11);
/// assert!((test.p_exact - 0.040959591511636986).abs() < 1e-12);
/// ```
#[must_use]
pub fn mcnemar_from_counts(only_first: u64, only_second: u64) -> McnemarTest {
    let (fewer, more) = (only_first.min(only_second) as f64, only_first.max(only_second) as f64);
    let differing = fewer + more;
    // P(X ≤ k) of the binomial as the incomplete beta function I_½(n − k, k + 1)
    let up_to_fewer = beta_cdf(more, fewer + 1.0, 0.5);
    let below_fewer = if fewer > 0.0 { beta_cdf(more + 1.0, fewer, 0.5) } else { 0.0 };
    let (p_exact, p_mid) =
        if only_first == only_second { (1.0, 1.0) } else { (2.0 * up_to_fewer, up_to_fewer + below_fewer) };
    let statistic_corrected = if differing > 0.0 { (more - fewer - 1.0).powi(2) / differing } else { 0.0 };
    McnemarTest {
        only_first,
        only_second,
        p_exact: p_exact.clamp(0.0, 1.0),
        p_mid: p_mid.clamp(0.0, 1.0),
        statistic_corrected,
        p_corrected: chi_square_sf(statistic_corrected, 1.0).clamp(0.0, 1.0),
    }
}

pub(super) fn check_predictions<'a, L>(
    actual: &'a [L],
    first: &'a [L],
    second: &'a [L],
) -> Result<impl Iterator<Item = ((&'a L, &'a L), &'a L)> + Clone> {
    if first.len() != actual.len() || second.len() != actual.len() {
        let (labels, one, other) = (actual.len(), first.len(), second.len());
        return Err(Error::invalid(format!("{labels} labels have {one} and {other} predictions")));
    }
    Ok(actual.iter().zip(first).zip(second))
}
