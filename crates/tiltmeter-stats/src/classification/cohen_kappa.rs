//! Whether two labellings agree more than by chance.

use super::confusion::{Cell, MulticlassConfusion};
use crate::error::{Result, Undefined};
use crate::interval::{Interval, two_sided_p};
use crate::sample::check_weights;

/// Cohen's kappa, and how far it can be trusted. See [`cohen_kappa`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CohenKappa {
    /// The agreement beyond chance as a share of what is possible: 1 for labels that are all the same, 0 for
    /// agreement that is chance, below 0 for less; from −1.
    pub value: f64,
    /// The weighted share of rows whose two labels are the same, 0 to 1.
    pub observed_agreement: f64,
    /// What that share would be by chance, from how often each label occurs in either column; 0 to 1.
    pub expected_agreement: f64,
    /// The asymptotic standard error of `value`, 0 for labels that are all the same.
    pub standard_error: f64,
    /// What the standard error would be if the two columns were independent; at least 0.
    pub standard_error_if_independent: f64,
    /// How many rows count, whatever their weights.
    pub count: u64,
}

/// Cohen's kappa of two columns of labels: two raters, two models, or predictions and truth.
///
/// ```text
/// κ = (p_o − p_e) / (1 − p_e)        p_o = Σ_k p_kk        p_e = Σ_k p_k· p_·k
/// ```
///
/// with p_ij the share of rows whose labels are i and j, and p_i· and p_·j the shares of rows with the first label i and
/// the second j. No two labels are nearer to each other than others: the kappa with weights for disagreements is not
/// offered. Kappa depends on how frequent the labels are; a column of almost one label has a low kappa however well
/// the two agree.
///
/// The standard error is that of Fleiss, Cohen and Everitt, which is the linearised one:
///
/// ```text
/// Var = Σ w² u² / (Σw)²        u_ij = (([i = j] − p_o)(1 − p_e) − (p_·i + p_j· − 2p_e)(1 − p_o)) / (1 − p_e)²
/// ```
///
/// where rows with weights count as drawn with the inverse of their weight as probability; when the columns are
/// independent it is sqrt(p_e + p_e² − Σ_k p_k· p_·k(p_k· + p_·k)) / ((1 − p_e) √n) with Kish's n. In
/// simulations with three labels and κ = 0.5 the interval of level 0.95 held κ in 92 % of samples of 30 rows, 94 % of 50
/// and 95 % of 200; independent columns had p < 0.05 in 5 % of samples of 50 rows, and in 3 % of 400 whose weights
/// depend on a label.
///
/// Cost: O(n log k) for k labels, and the memory for the pairs of labels that occur.
///
/// Cohen, *Educational and Psychological Measurement* 20 (1960), 37–46; Fleiss, Cohen & Everitt, *Psychological
/// Bulletin* 72 (1969), 323–327.
///
/// # Errors
/// Undefined without rows ([`Undefined::Empty`]), and when both columns have one and the same label throughout
/// ([`Undefined::OneCategory`]); invalid when the lengths differ.
///
/// ```
/// let first = ["yes", "yes", "no", "no", "yes", "no", "yes", "no"];
/// let second = ["yes", "no", "no", "no", "yes", "no", "yes", "yes"];
/// let kappa = tiltmeter_stats::cohen_kappa(&first, &second)?;
/// assert_eq!((kappa.value, kappa.observed_agreement, kappa.expected_agreement), (0.5, 0.75, 0.5));
/// assert_eq!(format!("{:.4}", kappa.standard_error), "0.3062");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn cohen_kappa<L: Ord>(first: &[L], second: &[L]) -> Result<CohenKappa> {
    MulticlassConfusion::new(first, second, None)?.cohen_kappa()
}

/// The same of weighted rows.
///
/// # Errors
/// As [`cohen_kappa`]; invalid too when a weight is negative, NaN or infinite, or all are 0.
pub fn cohen_kappa_weighted<L: Ord>(first: &[L], second: &[L], weights: &[f64]) -> Result<CohenKappa> {
    check_weights(first.len(), weights)?;
    MulticlassConfusion::new(first, second, Some(weights))?.cohen_kappa()
}

impl CohenKappa {
    /// `first` and `second` are shares of the labels; `cells` are places and norms, divided by the whole weight.
    pub(super) fn new(
        first: &[f64],
        second: &[f64],
        observed: f64,
        cells: impl Iterator<Item = ((usize, usize), f64)>,
        all: Cell,
    ) -> Result<Self> {
        let both = || first.iter().zip(second);
        let expected: f64 = both().map(|(one, other)| one * other).sum();
        // 1 − p_e, without loss of digits
        let chance: f64 = both().map(|(one, other)| one * (1.0 - other)).sum();
        let labels = both().filter(|(one, other)| **one > 0.0 || **other > 0.0).count();
        if labels < 2 || chance <= 0.0 {
            return Err(Undefined::OneCategory.into());
        }
        let value = (observed - expected) / chance;
        let deviations = cells.map(|((one, other), norm)| {
            let agreement = if one == other { 1.0 } else { 0.0 } - observed;
            let by_chance = first[other] + second[one] - 2.0 * expected;
            norm * (agreement - by_chance * (1.0 - observed) / chance) / chance
        });
        let variance: f64 = deviations.map(|deviation| deviation * deviation).sum();
        let shared: f64 = both().map(|(one, other)| one * other * (one + other)).sum();
        let varies =
            [first, second].iter().all(|shares| shares.iter().filter(|&&share| share > 0.0).count() > 1);
        // 0, whatever rounding made of it, where one column has one label
        let independent = if varies { (expected + expected * expected - shared).max(0.0) } else { 0.0 };
        let independent = independent / all.effective_size();
        Ok(Self {
            value: value.clamp(-1.0, 1.0),
            observed_agreement: observed.clamp(0.0, 1.0),
            expected_agreement: expected.clamp(0.0, 1.0),
            standard_error: variance.sqrt().min(f64::MAX),
            standard_error_if_independent: (independent.sqrt() / chance).min(f64::MAX),
            count: all.rows,
        })
    }

    /// The two-sided p-value of independent columns, from the normal distribution; `None` when their standard error
    /// would be 0, as when one of the columns has one label.
    #[must_use]
    pub fn p_value(&self) -> Option<f64> {
        let z = self.value / self.standard_error_if_independent;
        (self.standard_error_if_independent > 0.0).then(|| two_sided_p(z))
    }

    /// The confidence interval `value ± z·standard_error`, cut at ±1; `None` when the standard error is 0, or the level
    /// is not between 0 and 1.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        Some(Interval::normal(self.value, self.standard_error, level)?.clipped(-1.0, 1.0))
    }
}
