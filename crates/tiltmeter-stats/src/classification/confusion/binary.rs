//! What a binary classifier's predictions were worth at one threshold.

use super::cell::{Cell, Scale};
use super::rate::ConfusionRate;
use crate::error::{Error, Result, Undefined};
use crate::interval::Interval;
use crate::proportion::wilson;
use crate::sample::check_weights;
use crate::scored::ScoredLabels;

/// What was predicted against what was true, for two classes.
///
/// | | predicted positive | predicted negative |
/// |---|---|---|
/// | **positive** | TP, true positives | FN, false negatives |
/// | **negative** | FP, false positives | TN, true negatives |
///
/// A rate that would be 0/0 is undefined, and says why; it is never 0, which is what scikit-learn makes of it by
/// default, and which looks like a bad model in a window without positives. Rates of weighted rows are those of
/// repeated rows. Rows with weight 0 are left out.
///
/// **What a rate is worth depends on the base rate**: beside each stands what predictions that know nothing would
/// reach, [`expected_without_skill`](Self::expected_without_skill), and how far the rows determine it,
/// [`interval`](Self::interval).
///
/// Matrices of several windows are added by [`merge`](Self::merge). O(n) to build, no memory; the rest O(1).
///
/// ```
/// use tiltmeter_stats::{ConfusionMatrix, ConfusionRate, Undefined};
///
/// let actual = [true, true, true, false, false, false, false, false];
/// let predicted = [true, true, false, true, false, false, false, false];
/// let matrix = ConfusionMatrix::of(&actual, &predicted)?;
/// assert_eq!((matrix.precision()?, matrix.recall()?, matrix.accuracy()?), (2.0 / 3.0, 2.0 / 3.0, 0.75));
/// assert_eq!(format!("{:.4}", matrix.mcc()?), "0.4667");
/// assert_eq!(matrix.expected_without_skill(ConfusionRate::Precision)?, 3.0 / 8.0);
/// let interval = matrix.interval(ConfusionRate::Recall, 0.95)?;
/// assert_eq!(format!("{:.3} to {:.3}", interval.lower, interval.upper), "0.208 to 0.939");
///
/// let quiet = ConfusionMatrix::of(&[false, false], &[false, false])?;
/// assert_eq!(quiet.recall(), Err(Undefined::NoPositives.into()));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ConfusionMatrix {
    /// TP, FP, TN, FN.
    cells: [Cell; 4],
}

impl ConfusionMatrix {
    /// Of rows that count once each. No rows make an empty matrix.
    ///
    /// # Errors
    /// Invalid when the lengths differ.
    pub fn of(actual: &[bool], predicted: &[bool]) -> Result<Self> {
        Self::new(actual, predicted, None)
    }

    /// Of rows with a weight each; see [`Sample`](crate::Sample) for what a weight is.
    ///
    /// # Errors
    /// Invalid when the lengths differ, or a weight is negative, NaN or infinite, or there are rows and all weights
    /// are 0.
    pub fn weighted(actual: &[bool], predicted: &[bool], weights: &[f64]) -> Result<Self> {
        check_weights(actual.len(), weights)?;
        Self::new(actual, predicted, Some(weights))
    }

    fn new(actual: &[bool], predicted: &[bool], weights: Option<&[f64]>) -> Result<Self> {
        if actual.len() != predicted.len() {
            let (labels, predictions) = (actual.len(), predicted.len());
            return Err(Error::invalid(format!("{labels} labels have {predictions} predictions")));
        }
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let rows = actual.iter().zip(predicted).enumerate();
        let rows = rows.map(|(row, (&actual, &predicted))| (actual, predicted, weight(row)));
        Ok(Self::tally(rows, &Scale::new(weights)))
    }

    /// Of scores: a row is predicted positive when its score is at least the threshold, **≥**. (scikit-learn's
    /// `predict` has > 0.5.) Scores and the threshold may be of any scale, and infinite.
    ///
    /// # Errors
    /// Undefined with scores that are NaN ([`Undefined::MissingScores`]); invalid when the threshold is NaN.
    ///
    /// ```
    /// use tiltmeter_stats::{ConfusionMatrix, ScoredLabels};
    ///
    /// let rows = ScoredLabels::new(&[false, true, true, false], &[0.5, 0.5, 0.2, 0.1])?;
    /// let matrix = ConfusionMatrix::at_threshold(rows, 0.5)?;
    /// assert_eq!((matrix.true_positives(), matrix.false_positives()), (1.0, 1.0));
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    pub fn at_threshold(rows: ScoredLabels<'_>, threshold: f64) -> Result<Self> {
        if threshold.is_nan() {
            return Err(Error::invalid("the threshold is NaN, allowed: numbers"));
        }
        if rows.labels().is_empty() {
            return Ok(Self::default());
        }
        let scale = Scale::new(rows.weights());
        let rows = rows.rows()?.map(|(label, score, weight)| (label, score >= threshold, weight));
        Ok(Self::tally(rows, &scale))
    }

    fn tally(rows: impl Iterator<Item = (bool, bool, f64)>, scale: &Scale) -> Self {
        let mut cells = [Cell::default(); 4];
        for (actual, predicted, weight) in rows.filter(|(_, _, weight)| *weight > 0.0) {
            let place = match (actual, predicted) {
                (true, true) => 0,
                (false, true) => 1,
                (false, false) => 2,
                (true, false) => 3,
            };
            scale.add(&mut cells[place], weight);
        }
        Self { cells: cells.map(|cell| scale.finish(cell)) }
    }

    /// TP, FP, TN, FN.
    pub(super) fn from_cells(cells: [Cell; 4]) -> Self {
        Self { cells }
    }

    pub(super) fn cells(&self) -> [Cell; 4] {
        self.cells
    }

    /// The matrix of the rows of both.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        Self { cells: std::array::from_fn(|place| self.cells[place].and(other.cells[place])) }
    }

    /// TP: the weight of the positives that were predicted positive; their number without weights.
    #[must_use]
    pub fn true_positives(&self) -> f64 {
        self.cells[0].weight
    }

    /// FP: the weight of the negatives that were predicted positive.
    #[must_use]
    pub fn false_positives(&self) -> f64 {
        self.cells[1].weight
    }

    /// TN: the weight of the negatives that were predicted negative.
    #[must_use]
    pub fn true_negatives(&self) -> f64 {
        self.cells[2].weight
    }

    /// FN: the weight of the positives that were predicted negative.
    #[must_use]
    pub fn false_negatives(&self) -> f64 {
        self.cells[3].weight
    }

    /// How many rows count, whatever their weights.
    #[must_use]
    pub fn count(&self) -> u64 {
        Cell::all(self.cells).rows
    }

    /// How many rows count that are positive, whatever their weights.
    #[must_use]
    pub fn positives(&self) -> u64 {
        self.cells[0].rows.saturating_add(self.cells[3].rows)
    }

    /// How many rows count that are negative, whatever their weights.
    #[must_use]
    pub fn negatives(&self) -> u64 {
        self.cells[1].rows.saturating_add(self.cells[2].rows)
    }

    /// How many rows count that were predicted positive, whatever their weights.
    #[must_use]
    pub fn predicted_positives(&self) -> u64 {
        self.cells[0].rows.saturating_add(self.cells[1].rows)
    }

    /// How many rows count that were predicted negative, whatever their weights.
    #[must_use]
    pub fn predicted_negatives(&self) -> u64 {
        self.cells[2].rows.saturating_add(self.cells[3].rows)
    }

    /// A rate, from 0 to 1.
    ///
    /// # Errors
    /// Undefined without rows to take the share of: [`Undefined::NoPositives`] for recall and F1,
    /// [`Undefined::NoNegatives`] for specificity and false positives, [`Undefined::NoPredictedPositives`] for
    /// precision, [`Undefined::NoPredictedNegatives`] for negative predictive value, else [`Undefined::Empty`]. F1 is
    /// defined when there are rows predicted positive.
    pub fn rate(&self, rate: ConfusionRate) -> Result<f64> {
        let parts = rate.parts(self);
        let share = parts.share().ok_or_else(|| self.reason(parts.reason))?;
        Ok(rate.of_share(share).clamp(0.0, 1.0))
    }

    fn reason(&self, reason: Undefined) -> Undefined {
        if self.count() == 0 { Undefined::Empty } else { reason }
    }

    /// (TP + TN) / all.
    ///
    /// # Errors
    /// [`Undefined::Empty`].
    pub fn accuracy(&self) -> Result<f64> {
        self.rate(ConfusionRate::Accuracy)
    }

    /// TP / (TP + FP), positive predictive value.
    ///
    /// # Errors
    /// [`Undefined::NoPredictedPositives`], [`Undefined::Empty`].
    pub fn precision(&self) -> Result<f64> {
        self.rate(ConfusionRate::Precision)
    }

    /// TP / (TP + FN), sensitivity, true positive rate.
    ///
    /// # Errors
    /// [`Undefined::NoPositives`], [`Undefined::Empty`].
    pub fn recall(&self) -> Result<f64> {
        self.rate(ConfusionRate::Recall)
    }

    /// TN / (TN + FP), true negative rate.
    ///
    /// # Errors
    /// [`Undefined::NoNegatives`], [`Undefined::Empty`].
    pub fn specificity(&self) -> Result<f64> {
        self.rate(ConfusionRate::Specificity)
    }

    /// FP / (FP + TN), 1 − specificity.
    ///
    /// # Errors
    /// [`Undefined::NoNegatives`], [`Undefined::Empty`].
    pub fn false_positive_rate(&self) -> Result<f64> {
        self.rate(ConfusionRate::FalsePositiveRate)
    }

    /// TN / (TN + FN).
    ///
    /// # Errors
    /// [`Undefined::NoPredictedNegatives`], [`Undefined::Empty`].
    pub fn negative_predictive_value(&self) -> Result<f64> {
        self.rate(ConfusionRate::NegativePredictiveValue)
    }

    /// (TP + FN) / all, the base rate.
    ///
    /// # Errors
    /// [`Undefined::Empty`].
    pub fn prevalence(&self) -> Result<f64> {
        self.rate(ConfusionRate::Prevalence)
    }

    /// (TP + FP) / all.
    ///
    /// # Errors
    /// [`Undefined::Empty`].
    pub fn predicted_positive_rate(&self) -> Result<f64> {
        self.rate(ConfusionRate::PredictedPositiveRate)
    }

    /// 2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall. Defined, and 0, where one of them is not
    /// and there is a row that is positive or was predicted so.
    ///
    /// # Errors
    /// [`Undefined::NoPositives`] when no row was predicted positive either, [`Undefined::Empty`].
    pub fn f1(&self) -> Result<f64> {
        self.rate(ConfusionRate::F1)
    }

    /// The harmonic mean of precision and recall with recall `beta` times as important:
    /// (1 + β²) TP / ((1 + β²) TP + β² FN + FP). Van Rijsbergen, *Information Retrieval* (1979), chapter 7.
    ///
    /// # Errors
    /// [`Undefined::NoPositives`] and [`Undefined::NoPredictedPositives`] where it would be 0/0,
    /// [`Undefined::Empty`]; invalid when `beta` is negative, NaN or infinite.
    ///
    /// ```
    /// # use tiltmeter_stats::ConfusionMatrix;
    /// let matrix = ConfusionMatrix::of(&[true, true, true, false], &[true, false, false, false])?;
    /// assert_eq!((matrix.f_beta(0.0)?, matrix.f_beta(1.0)?), (1.0, 0.5));
    /// assert!((matrix.f_beta(2.0)? - 5.0 / 13.0).abs() < 1e-15);
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    pub fn f_beta(&self, beta: f64) -> Result<f64> {
        if !(beta.is_finite() && beta >= 0.0) {
            return Err(Error::invalid(format!("beta is {beta}, allowed: finite numbers from 0")));
        }
        // β² / (1 + β²), which does not overflow
        let recall = 1.0 / (1.0 + beta.powi(-2));
        let largest = self.cells.iter().map(|cell| cell.weight).fold(0.0, f64::max);
        let [tp, fp, _, fn_] = self.cells.map(|cell| cell.weight / largest);
        let all = tp + recall * fn_ + (1.0 - recall) * fp;
        if all > 0.0 {
            return Ok((tp / all).clamp(0.0, 1.0));
        }
        let none =
            if self.positives() == 0 { Undefined::NoPositives } else { Undefined::NoPredictedPositives };
        Err(self.reason(none).into())
    }

    /// The mean of recall and specificity: 0.5 for predictions that know nothing, whatever the base rate.
    ///
    /// # Errors
    /// [`Undefined::NoPositives`], [`Undefined::NoNegatives`], [`Undefined::Empty`].
    pub fn balanced_accuracy(&self) -> Result<f64> {
        Ok(f64::midpoint(self.recall()?, self.specificity()?))
    }

    /// Matthews' correlation coefficient, the correlation of what was predicted with what was true: −1 to 1, 0 for
    /// predictions that know nothing.
    ///
    /// ```text
    /// MCC = (TP·TN − FP·FN) / sqrt((TP+FP)(TP+FN)(TN+FP)(TN+FN))
    /// ```
    ///
    /// Matthews, *Biochimica et Biophysica Acta* 405 (1975), 442–451. Undefined where scikit-learn says 0: when all
    /// rows are of one class, or were predicted to be.
    ///
    /// # Errors
    /// [`Undefined::NoPositives`], [`Undefined::NoNegatives`], [`Undefined::NoPredictedPositives`],
    /// [`Undefined::NoPredictedNegatives`], [`Undefined::Empty`].
    pub fn mcc(&self) -> Result<f64> {
        let (recall, specificity) = (self.recall()?, self.specificity()?);
        let (precision, negative) = (self.precision()?, self.negative_predictive_value()?);
        // as a difference of geometric means, in which no product leaves the range of numbers
        let right = (recall * precision).sqrt() * (specificity * negative).sqrt();
        let wrong =
            ((1.0 - recall) * (1.0 - precision)).sqrt() * ((1.0 - specificity) * (1.0 - negative)).sqrt();
        Ok((right - wrong).clamp(-1.0, 1.0))
    }

    /// What a rate would be if as many rows were predicted positive, but at random: with π the prevalence and r the
    /// rate of predicted positives, π for precision, r for recall, 1 − r for specificity, πr + (1 − π)(1 − r) for
    /// accuracy, 2πr / (π + r) for F1. Balanced accuracy would be 0.5, and Matthews' coefficient 0.
    ///
    /// # Errors
    /// As [`rate`](Self::rate): undefined where the rate itself is.
    pub fn expected_without_skill(&self, rate: ConfusionRate) -> Result<f64> {
        self.rate(rate)?;
        let (positive, predicted) = (self.prevalence()?, self.predicted_positive_rate()?);
        Ok(match rate {
            ConfusionRate::Accuracy => positive * predicted + (1.0 - positive) * (1.0 - predicted),
            ConfusionRate::Precision | ConfusionRate::Prevalence => positive,
            ConfusionRate::Recall
            | ConfusionRate::FalsePositiveRate
            | ConfusionRate::PredictedPositiveRate => predicted,
            ConfusionRate::Specificity => 1.0 - predicted,
            ConfusionRate::NegativePredictiveValue => 1.0 - positive,
            // shares so small that they are no numbers leave 0
            ConfusionRate::F1 if positive + predicted <= 0.0 => 0.0,
            ConfusionRate::F1 => 2.0 * positive * predicted / (positive + predicted),
        })
    }

    /// Wilson's interval of a rate; see [`proportion_wilson`](crate::proportion_wilson).
    ///
    /// The number of rows is that of the rate's denominator; with weights the number of equally weighted rows whose
    /// share would vary as much, p(1−p) over the linearised variance Σ w²(y − p)² / (Σw)² (Korn & Graubard,
    /// *Survey Methodology* 24, 1998, 193–201), or Kish's where the rate is 0 or 1. The interval of F1 is that of
    /// J = TP / (TP + FP + FN), since F1 = 2J / (1 + J).
    ///
    /// How often intervals of level 0.95 held the true rate, in 2 000 samples each with a base rate of 0.2, unweighted,
    /// and with a tenth of the predicted negatives kept and weighted by 10:
    ///
    /// | | rows | recall | precision | F1 |
    /// |---|---|---|---|---|
    /// | unweighted | 100 | 0.95 | 0.95 | 0.94 |
    /// | unweighted | 1 000 | 0.96 | 0.96 | 0.96 |
    /// | weighted | 1 000 | 0.95 | 0.95 | 0.94 |
    ///
    /// # Errors
    /// As [`rate`](Self::rate); invalid when the level is not between 0 and 1.
    pub fn interval(&self, rate: ConfusionRate, level: f64) -> Result<Interval> {
        let parts = rate.parts(self);
        let share = parts.share().ok_or_else(|| self.reason(parts.reason))?;
        let interval = wilson(share, parts.effective_size(share), level)
            .ok_or_else(|| Error::invalid(format!("the level is {level}, allowed: between 0 and 1")))?;
        Ok(interval.mapped(|share| rate.of_share(share)))
    }
}
