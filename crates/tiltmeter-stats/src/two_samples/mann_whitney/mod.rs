//! Whether the values of one sample tend to be larger than those of the other.

mod exact;
mod hajek;
mod wins;

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests;

use self::hajek::Weighted;
use self::wins::Wins;
use crate::error::Result;
use crate::interval::two_sided_p;
use crate::sample::Sample;
use crate::sorted::{Sorted, sort_values};
use crate::two_samples::samples::check_both;

/// Up to this size of the smaller sample the p-value is exact, if there are no ties.
const SMALL: usize = 8;

/// How the p-value of a [`MannWhitney`] was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MannWhitneyMethod {
    /// The share of orders of the two samples that have such a U, all equally likely without drift. Only without ties and
    /// weights.
    Exact,
    /// The normal distribution with the variance over all orders, which ties make smaller, and a correction for
    /// continuity.
    Asymptotic,
    /// The normal distribution with the linearised variance of weighted rows without drift. No correction for continuity:
    /// with weights U is not a whole number.
    Hajek,
}

/// How the values of two samples rank against each other, and how likely that is without drift. See [`mann_whitney`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct MannWhitney {
    /// U of the reference: the number of pairs of a reference value and a current one in which the reference's is the
    /// larger one, ties one half; 0 to nm. It is nm(1 − `auc`), with weights with effective sizes for n and m.
    pub statistic: f64,
    /// P(X < Y) + ½ P(X = Y) for a reference value X and a current one Y, the common-language effect size: 0 to 1, 0.5 on
    /// average without drift, above when current values tend to be larger. The ROC AUC of telling current rows by
    /// their value.
    pub auc: f64,
    /// The standard deviation of `auc` without drift; 0 when all values are the same.
    pub expected_spread: f64,
    /// The two-sided probability of an `auc` as far from 0.5 without drift, 0 to 1.
    pub p_value: f64,
    /// How the p-value was found.
    pub method: MannWhitneyMethod,
    /// How many values the reference has.
    pub reference_size: u64,
    /// How many values the current sample has.
    pub current_size: u64,
    /// Kish's effective size of the reference.
    pub reference_effective_size: f64,
    /// Kish's effective size of the current sample.
    pub current_effective_size: f64,
    /// How many values of the reference are missing; they are left out.
    pub missing_reference: u64,
    /// How many values of the current sample are missing; they are left out.
    pub missing_current: u64,
}

/// The test of Mann and Whitney (Wilcoxon's rank-sum test): whether the values of one sample tend to be larger.
///
/// ```text
/// U = Σ_i Σ_j [x_i > y_j] + ½[x_i = y_j]        AUC = 1 − U/nm
/// z = (|U − nm/2| − ½) / sqrt(nm/12 · (N + 1 − Σ(t³ − t)/(N(N − 1))))        N = n + m, t the sizes of groups of ties
/// ```
///
/// x the reference, y the current sample. `statistic` and `p_value` are those of
/// `scipy.stats.mannwhitneyu(reference, current)`: exact when a sample has up to 8 values and there are no ties, else from
/// the normal distribution with the corrections for ties and continuity. (Exact only while that takes no more than some
/// 10 ms: 8 values against up to 156 000.)
///
/// For shifts of long-tailed values it finds more than a t test, since only ranks count; it cannot see a change
/// of spread alone, which [`ks_two_sample`](crate::ks_two_sample) can. What it tests is that both samples
/// have the same distribution: with unequal spreads the p-value is not one of AUC = ½. An interval of the AUC
/// is that of [`roc_auc`](crate::roc_auc), with `true` for current rows.
///
/// The approximation holds from about 9 values each: at a nominal 5 % it rejects 4.0 % for n = m = 9 without ties, and
/// 4.9 % for 20 (by the exact distribution). Ties are no hindrance: with five levels it rejects 4.3 % for n = m = 9 and
/// 5 % for 50; with two, one of them in 5 % of 50 values each, 4 %.
///
/// ±∞ are values. NaN is left out and counted. Cost: O(n log n) for sorting, and a copy of both samples;
/// [`mann_whitney_sorted`] needs neither.
///
/// # Weights
/// When the weights of a sample differ, the AUC is the weighted one, that of repeated rows for whole weights, and the
/// p-value is normal, from the variance
///
/// ```text
/// Var = K/(K − 1) · Σ over both samples of Σ w²(F(x) − ½)² / (Σw)²        K = k_r + k_c
/// ```
///
/// F the weighted mid-distribution function of both samples together, each with its Kish size k for a weight. For equal
/// weights its mean over all orders is the exact variance. How often it rejects at a nominal 5 % without drift, beside
/// the two other variances at hand:
///
/// | weights | k of each | this | Kish | DeLong |
/// |---|---|---|---|---|
/// | have nothing to do with the values | 6 | 4 % | 4 % | 14 % |
/// | | 11 | 5 % | 5 % | 11 % |
/// | | 50 | 4 % | 4 % | 6 % |
/// | | 150 | 5 % | 5 % | 6 % |
/// | high values kept, others 1 of 5 | 23 | 4 % | 3 % | 5 % |
/// | far values 1 of 10, others kept | 146 | 5 % | 15 % | 7 % |
/// | near values 1 of 10, others kept | 54 | 5 % | 0 % | 5 % |
///
/// It holds whether the weights depend on the values or not, and a complete separation of few rows does not make it 0.
/// Weights of rows that were drawn in strata of the very value that is tested make all of them too cautious.
///
/// Mann & Whitney, *Annals of Mathematical Statistics* 18 (1947), 50–60; Lehmann, *Nonparametrics* (1975), section 1.4, for
/// ties; McGraw & Wong, *Psychological Bulletin* 111 (1992), 361–365, for the effect size.
///
/// # Errors
/// [`EmptyReference`](crate::Undefined::EmptyReference), [`EmptyCurrent`](crate::Undefined::EmptyCurrent) when a
/// sample has no values.
///
/// ```
/// use tiltmeter_stats::{MannWhitneyMethod, mann_whitney};
///
/// // scipy.stats.mannwhitneyu(reference, current)
/// let (reference, current) = ([2.1, 3.4, 1.9, 2.8], [3.9, 4.1, 2.7, 5.2, 4.4]);
/// let test = mann_whitney(&reference, &current)?;
/// assert_eq!((test.statistic, test.auc), (2.0, 0.9));
/// // of the C(9, 4) = 126 orders 4 have a U of up to 2, and 4 one of 18 or more
/// assert!((test.p_value - 8.0 / 126.0).abs() < 1e-15);
/// assert_eq!(test.method, MannWhitneyMethod::Exact);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn mann_whitney<'r, 'c>(
    reference: impl Into<Sample<'r>>,
    current: impl Into<Sample<'c>>,
) -> Result<MannWhitney> {
    let (reference, current) = (reference.into(), current.into());
    let test = match Weighted::of(&reference, &current)? {
        Some(weighted) => weighted.test(),
        None => {
            let [x, y] = [&reference, &current].map(|sample| {
                let mut values: Vec<f64> = sample.present().map(|(value, _)| value).collect();
                sort_values(&mut values);
                values
            });
            of_sorted(&x, &y)?
        }
    };
    let [missing_reference, missing_current] = [reference, current].map(|sample| sample.missing() as u64);
    Ok(MannWhitney { missing_reference, missing_current, ..test })
}

/// The same of sorted values without weights. O(n + m), no memory, but for the exact p-value.
///
/// # Errors
/// As [`mann_whitney`].
///
/// ```
/// # use tiltmeter_stats::{Sorted, mann_whitney_sorted};
/// let test = mann_whitney_sorted(Sorted::new(&[1.0, 2.0, 3.0])?, Sorted::new(&[2.0, 4.0, 4.0])?)?;
/// assert_eq!(test.statistic, 1.5);
/// // scipy.stats.mannwhitneyu([1, 2, 3], [2, 4, 4])
/// assert_eq!(format!("{:.4}", test.p_value), "0.2612");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn mann_whitney_sorted(reference: Sorted<'_>, current: Sorted<'_>) -> Result<MannWhitney> {
    of_sorted(reference.values(), current.values())
}

fn of_sorted(reference: &[f64], current: &[f64]) -> Result<MannWhitney> {
    let (n, m) = (reference.len(), current.len());
    check_both(n == 0, m == 0)?;
    let wins = Wins::of(reference, current);
    let (reference_size, current_size) = (n as f64, m as f64);
    let pairs = reference_size * current_size;
    let expected_spread = wins.standard_error();
    let is_exact = n.min(m) <= SMALL && !wins.is_tied() && exact::is_affordable(n, m);
    let (p_value, method) = if is_exact {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 10^7, from 0")]
        let fewest = wins.reference.min(wins.current).round() as usize;
        (exact::p_value(n, m, fewest), MannWhitneyMethod::Exact)
    } else {
        let beyond = ((wins.reference - wins.current).abs() / 2.0 - 0.5).max(0.0) / pairs;
        let z = if expected_spread > 0.0 { beyond / expected_spread } else { 0.0 };
        (two_sided_p(z), MannWhitneyMethod::Asymptotic)
    };
    Ok(MannWhitney {
        statistic: wins.reference,
        auc: (wins.current / pairs).clamp(0.0, 1.0),
        expected_spread,
        p_value,
        method,
        reference_size: n as u64,
        current_size: m as u64,
        reference_effective_size: reference_size,
        current_effective_size: current_size,
        missing_reference: 0,
        missing_current: 0,
    })
}
