//! The increasing function that fits best.

mod content;
mod pool;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::error::{Result, Undefined};
use crate::pairs::Pairs;
use crate::scored::ScoredLabels;

/// Isotonic regression: of all functions that never fall, the one with the least squared error.
///
/// ```text
/// min Σ wᵢ (yᵢ − f(xᵢ))²    with f(a) ≤ f(b) for a ≤ b
/// ```
///
/// As a calibrator it makes probabilities of scores of any scale, and assumes nothing but that a higher score means
/// no lower probability. It never changes who is ranked above whom, but it ties rows. It has as many parameters as it
/// likes: below some 1 000 rows it follows chance, and [`PlattScaling`](crate::PlattScaling) is the better choice
/// (Niculescu-Mizil & Caruana 2005). On the rows of its fit it is calibrated by construction, which says nothing;
/// judge it on others.
///
/// It is fitted by pooling adjacent violators. Equal x are one point with the mean of their y (the secondary approach
/// to ties, as in scikit-learn, which also takes for equal what is less than 10⁻¹⁵ apart; here only what is equal).
/// Between [thresholds](Self::x_thresholds) it is a straight line, beyond the first and the last constant:
/// scikit-learn's `IsotonicRegression(out_of_bounds="clip")`.
///
/// Weights may be of any scale; whole ones are repeated rows. A row with NaN in a pair is left out and counted; a score
/// that is NaN beside a label is an error, as everywhere with [`ScoredLabels`].
///
/// Cost: one sort, O(n log n), and O(n) memory for the fit; what is kept is two numbers for each threshold, and
/// predicting is a binary search among them.
///
/// Serialisable; what is read is checked, so that a changed file gives an error and not another function.
///
/// Ayer, Brunk, Ewing, Reid & Silverman, *Annals of Mathematical Statistics* 26 (1955), 641–647; de Leeuw, Hornik &
/// Mair, *Journal of Statistical Software* 32 (2009), 5; as a calibrator: Zadrozny & Elkan, *KDD* (2002), 694–699;
/// Niculescu-Mizil & Caruana, *ICML* (2005), 625–632.
///
/// ```
/// use tiltmeter_stats::{IsotonicRegression, ScoredLabels};
///
/// let labels = [false, true, false, true, true];
/// let rows = ScoredLabels::new(&labels, &[-2.0, -1.0, 0.5, 1.0, 3.0])?;
/// let calibrator = IsotonicRegression::fit_labels(rows)?;
/// // −1 and 0.5 are the wrong way around: one half each
/// assert_eq!(calibrator.x_thresholds(), [-2.0, -1.0, 0.5, 1.0, 3.0]);
/// assert_eq!(calibrator.y_thresholds(), [0.0, 0.5, 0.5, 1.0, 1.0]);
/// assert_eq!([-9.0, -1.5, 0.0, 0.75].map(|score| calibrator.predict(score)), [0.0, 0.25, 0.5, 0.75]);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "content::Unchecked")]
pub struct IsotonicRegression {
    increasing: bool,
    count: u64,
    missing: u64,
    /// Strictly ascending, at least one.
    x: Vec<f64>,
    /// As many; never falling, or never rising.
    y: Vec<f64>,
}

impl IsotonicRegression {
    /// The function that never falls, of pairs (x, y).
    ///
    /// # Errors
    /// Undefined when no pair counts ([`Undefined::Empty`]), and when a number is infinite ([`Undefined::Infinite`]):
    /// there is no line to it.
    pub fn fit(rows: Pairs<'_>) -> Result<Self> {
        Self::of(rows.present(), true, rows.missing())
    }

    /// The function that never rises, of pairs (x, y).
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_decreasing(rows: Pairs<'_>) -> Result<Self> {
        Self::of(rows.present(), false, rows.missing())
    }

    /// The calibrator: from scores to the probability that the label is true.
    ///
    /// Scores that are all equal give the base rate, whatever the score.
    ///
    /// # Errors
    /// Undefined without rows ([`Undefined::Empty`]), with scores that are NaN ([`Undefined::MissingScores`]) or
    /// infinite ([`Undefined::Infinite`]), and with one class ([`Undefined::OneClass`]): it would promise 0 or 1 for
    /// every score.
    pub fn fit_labels(rows: ScoredLabels<'_>) -> Result<Self> {
        let rows = rows.rows()?;
        let positives = rows.clone().filter(|(label, _, _)| *label).count();
        if positives == 0 || positives == rows.clone().count() {
            return Err(Undefined::OneClass.into());
        }
        Self::of(rows.map(|(label, score, weight)| (score, f64::from(u8::from(label)), weight)), true, 0)
    }

    fn of(rows: impl Iterator<Item = (f64, f64, f64)>, increasing: bool, missing: usize) -> Result<Self> {
        // −0 and 0 are one value
        let mut rows: Vec<(f64, f64, f64)> = rows.map(|(x, y, weight)| (x + 0.0, y + 0.0, weight)).collect();
        if rows.is_empty() {
            return Err(Undefined::Empty.into());
        }
        if rows.iter().any(|(x, y, _)| x.is_infinite() || y.is_infinite()) {
            return Err(Undefined::Infinite.into());
        }
        let count = rows.len() as u64;
        let (x, y) = pool::fit(&mut rows, increasing);
        Ok(Self { increasing, count, missing: missing as u64, x, y })
    }

    /// The function at x; NaN for NaN. ±∞ are beyond the ends.
    #[must_use]
    pub fn predict(&self, x: f64) -> f64 {
        if x.is_nan() {
            return f64::NAN;
        }
        let next = self.x.partition_point(|threshold| *threshold < x);
        let Some(before) = next.checked_sub(1) else {
            return self.y[0];
        };
        if next == self.x.len() {
            return self.y[before];
        }
        between([self.x[before], self.x[next]], [self.y[before], self.y[next]], x)
    }

    /// The points between which the function is a straight line, ascending; points within a level stretch are left
    /// out but for its ends.
    #[must_use]
    pub fn x_thresholds(&self) -> &[f64] {
        &self.x
    }

    /// The function at each of [`x_thresholds`](Self::x_thresholds).
    #[must_use]
    pub fn y_thresholds(&self) -> &[f64] {
        &self.y
    }

    /// Whether it never falls, or else never rises.
    #[must_use]
    pub fn is_increasing(&self) -> bool {
        self.increasing
    }

    /// Of how many rows it was fitted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many rows that count lacked one of the two numbers; they were left out.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }
}

/// The straight line through two points, for x between them.
fn between(x_ends: [f64; 2], y_ends: [f64; 2], x: f64) -> f64 {
    let ([low, high], [from, to]) = (x_ends, y_ends);
    let (mut part, mut whole) = (x - low, high - low);
    if whole.is_infinite() {
        (part, whole) = (x / 2.0 - low / 2.0, high / 2.0 - low / 2.0);
    }
    let share = part / whole;
    let rise = to - from;
    // the first form never turns around within rounding, the second never overflows
    let y = if rise.is_finite() { from + share * rise } else { from * (1.0 - share) + to * share };
    y.clamp(from.min(to), from.max(to))
}
