//! The logistic curve that fits best.

mod content;
mod newton;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use self::newton::Row;
use crate::error::{Error, Result, Undefined};
use crate::sample::{effective_sample_size, scale_of};
use crate::scored::ScoredLabels;

/// Platt scaling: a logistic curve from scores to probabilities.
///
/// ```text
/// P(y = 1 | s) = 1 / (1 + exp(A s + B))        min −Σ wᵢ (tᵢ ln pᵢ + (1 − tᵢ) ln(1 − pᵢ))
///
/// t = (N₊ + 1)/(N₊ + 2) for positives,  1/(N₋ + 2) for negatives
/// ```
///
/// The targets t stand for one more row of each class than there is, so that A stays finite for classes that the scores
/// separate. A is below 0 when higher scores mean positives; above 0 the scores are the wrong way around, and nobody
/// but the sign says so.
///
/// It assumes that the log-odds are a straight line in the score: right for scores that are normal in either class with
/// the same spread, wrong for probabilities that are already calibrated but far from 0.5. With little data it is the
/// better choice than [`IsotonicRegression`](crate::IsotonicRegression), from some 1 000 rows on isotonic is.
///
/// Scores may be of any finite scale; they are centred and scaled for the fit. Weights may be of any scale. N₊ and N₋
/// are Kish's effective sizes of the classes: the sums of weights, which scikit-learn takes, would make weights that sum
/// to 1 say that there is next to no data, and squeeze all probabilities towards one half;
/// [`fit_scikit_learn`](Self::fit_scikit_learn) has them. Without weights the two are the same. Whole weights are
/// repeated rows in all but N.
///
/// Newton's steps with halving (Lin, Lin & Weng), at most 100; some 10 are usual. Cost: O(n) each, and O(n) memory.
///
/// Serialisable; what is read is checked.
///
/// Platt, *Advances in Large Margin Classifiers* (1999), 61–74; Lin, Lin & Weng, *Machine Learning* 68 (2007),
/// 267–276.
///
/// ```
/// use tiltmeter_stats::{PlattScaling, ScoredLabels};
///
/// let labels = [false, false, true, false, true, true];
/// let rows = ScoredLabels::new(&labels, &[-2.0, -1.0, -0.5, 0.5, 1.0, 3.0])?;
/// let calibrator = PlattScaling::fit(rows)?;
/// assert_eq!(format!("{:.4} {:.4}", calibrator.a(), calibrator.b()), "-0.5308 0.0682");
/// assert_eq!(format!("{:.4}", calibrator.predict(2.0)), "0.7297");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "content::Unchecked")]
pub struct PlattScaling {
    count: u64,
    slope: f64,
    /// A score about which the line is written, since B alone loses the digits of scores far from 0.
    centre: f64,
    /// The line at the centre.
    level: f64,
}

impl PlattScaling {
    /// The curve of scores and labels.
    ///
    /// # Errors
    /// Undefined without rows ([`Undefined::Empty`]), with scores that are NaN ([`Undefined::MissingScores`]) or
    /// infinite ([`Undefined::Infinite`]), with one class ([`Undefined::OneClass`]), and when all scores are the same
    /// ([`Undefined::Constant`]); invalid when scores are so close together that the slope is no finite number.
    pub fn fit(rows: ScoredLabels<'_>) -> Result<Self> {
        Self::of(rows, |weights| effective_sample_size(weights.iter().copied()))
    }

    /// The same with the sums of weights as N₊ and N₋, as scikit-learn 1.9: the scale of the weights counts.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_scikit_learn(rows: ScoredLabels<'_>) -> Result<Self> {
        Self::of(rows, |weights| weights.iter().sum())
    }

    fn of(rows: ScoredLabels<'_>, size: impl Fn(&[f64]) -> f64) -> Result<Self> {
        let rows: Vec<(bool, f64, f64)> = rows.rows()?.collect();
        if rows.iter().any(|(_, score, _)| score.is_infinite()) {
            return Err(Undefined::Infinite.into());
        }
        let size_of = |class: bool| {
            let weights: Vec<f64> =
                rows.iter().filter(|(label, _, _)| *label == class).map(|(_, _, weight)| *weight).collect();
            // sums may have overflowed
            (!weights.is_empty()).then(|| size(&weights).min(1e300))
        };
        let (Some(positives), Some(negatives)) = (size_of(true), size_of(false)) else {
            return Err(Undefined::OneClass.into());
        };
        let targets = [1.0 / (negatives + 2.0), (positives + 1.0) / (positives + 2.0)];

        let score_scale = scale_of(rows.iter().map(|row| row.1.abs()));
        let weight_scale = scale_of(rows.iter().map(|row| row.2));
        let weight: f64 = rows.iter().map(|row| row.2 * weight_scale).sum();
        let share = |row: &(bool, f64, f64)| row.2 * weight_scale / weight;
        let middle: f64 = rows.iter().map(|row| share(row) * (row.1 * score_scale)).sum();
        let distance = |row: &(bool, f64, f64)| row.1 * score_scale - middle;
        // −0 and 0 are one score
        if rows.windows(2).all(|pair| (pair[0].1 + 0.0).to_bits() == (pair[1].1 + 0.0).to_bits()) {
            return Err(Undefined::Constant.into());
        }
        let reach = rows.iter().map(|row| distance(row).abs()).fold(0.0, f64::max);
        let standardised: Vec<Row> = rows
            .iter()
            .map(|row| Row {
                score: distance(row) / reach,
                target: targets[usize::from(row.0)],
                weight: share(row),
            })
            .collect();
        let line = newton::fit(&standardised);
        let (slope, centre) = (line.slope / reach * score_scale, middle / score_scale);
        let made = Self { count: rows.len() as u64, slope, centre, level: line.intercept };
        if made.is_finite() {
            Ok(made)
        } else {
            Err(Error::invalid("the scores are too close together or too large for a slope"))
        }
    }

    fn is_finite(&self) -> bool {
        [self.slope, self.centre, self.level].iter().all(|number| number.is_finite())
    }

    /// The probability that the label is true, at a score; NaN for NaN.
    #[must_use]
    pub fn predict(&self, score: f64) -> f64 {
        if score.is_nan() {
            return f64::NAN;
        }
        // halves, since the distance of two scores may overflow; a level line is level at ±∞ too
        let distance = score / 2.0 - self.centre / 2.0;
        let rise = if self.slope == 0.0 { 0.0 } else { 2.0 * (self.slope * distance) };
        1.0 / (1.0 + (rise + self.level).exp())
    }

    /// A, the slope of the log-odds of the *negative* class: below 0 when higher scores mean positives.
    #[must_use]
    pub fn a(&self) -> f64 {
        self.slope
    }

    /// B, the log-odds of the negative class at a score of 0. For scores that are far from 0 and close together it has
    /// fewer digits than [`predict`](Self::predict), which does not use it; ±∞ when it overflows.
    #[must_use]
    pub fn b(&self) -> f64 {
        self.level - self.slope * self.centre
    }

    /// Of how many rows it was fitted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }
}
