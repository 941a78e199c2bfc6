//! The confusion matrix that is expected.

use super::{ExpectedMetric, Rows};
use crate::error::{Result, Undefined};
use crate::pairs::Pairs;
use crate::sample::Sample;

/// The confusion matrix that calibrated probabilities promise, and the metrics that follow from it. See
/// [`expected_confusion`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct ExpectedConfusion {
    /// The expected sum of weights of rows that are predicted positive and are: 0 or more.
    pub true_positives: f64,
    /// The expected sum of weights of rows that are predicted positive and are not: 0 or more.
    pub false_positives: f64,
    /// The expected sum of weights of rows that are predicted negative and are: 0 or more.
    pub true_negatives: f64,
    /// The expected sum of weights of rows that are predicted negative and are not: 0 or more.
    pub false_negatives: f64,
    /// From which score on a row is predicted positive.
    pub threshold: f64,
    /// How many rows count, whatever their weights.
    pub count: usize,
    /// How many rows were left out because a number is NaN.
    pub missing: usize,
    shares: Shares,
}

/// Sums over rows of weights scaled to at most about 1: of the matrix, and of the variances of labels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Shares {
    /// Of rows predicted positive, and of the others.
    predicted: [Side; 2],
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Side {
    positive: f64,
    negative: f64,
    /// Σ w² p(1 − p).
    variance: f64,
}

/// CBPE, confidence-based performance estimation: the confusion matrix that probabilities promise before the labels are
/// known.
///
/// # Warning: an estimate of the past, not a measurement
/// **It is right only while P(label | score) is what it was when the probabilities were calibrated.** It sees that the
/// scores have moved. It cannot see that the labels answer to the scores in another way (concept drift), which is how
/// models fail: the estimate then stays, or rises, while the performance falls. On flights of New York, with a model
/// calibrated before, the ROC AUC fell from 0.930 in March to 0.882 in April while the estimate rose from 0.940 to
/// 0.944. So:
///
/// - a fall of the estimate *may raise an alarm*;
/// - an estimate that is fine *never gives an all-clear*, and its standard error is no measure of how wrong it is;
/// - label some rows, and measure.
///
/// # What is computed
/// With the probabilities p and the weights w, of rows with a score of at least the threshold (predicted positive) and
/// of the others,
///
/// ```text
/// TP = Σ₊ wp    FP = Σ₊ w(1 − p)    FN = Σ₋ wp    TN = Σ₋ w(1 − p)
/// ```
///
/// Each metric comes with the standard error of the realised one if labels are independent and true with the
/// probability p: `se² = Σ w² p(1−p) (∂metric/∂y)²`. Matrix, accuracy and precision, and their standard errors, are
/// exact: they are linear in the labels. Recall, specificity and F1 are ratios of expectations and their errors
/// linearised, wrong by O(1/n): from some 20 expected positives and negatives it does not matter.
///
/// Here the score is the probability itself. For a threshold on the model's own score use [`expected_confusion_of`].
/// Probabilities come from a calibrator that was fitted on other rows, [`IsotonicRegression`](crate::IsotonicRegression)
/// or [`PlattScaling`](crate::PlattScaling); rows with NaN are left out and counted. Weights may be of any scale. O(n)
/// time and memory.
///
/// NannyML's documentation, *Estimation of performance of the monitored model*, for the estimate; its sampling errors
/// come from labelled reference rows, these do not.
///
/// # Errors
/// Undefined when no row counts ([`Undefined::Empty`]); invalid when a probability is not within 0 and 1.
///
/// ```
/// use tiltmeter_stats::expected_confusion;
///
/// let expected = expected_confusion(&[0.1, 0.2, 0.6, 0.9], 0.5)?;
/// assert!((expected.true_positives - 1.5).abs() < 1e-15 && (expected.false_negatives - 0.3).abs() < 1e-15);
/// let accuracy = expected.accuracy()?;
/// assert_eq!(format!("{:.3} ± {:.3}", accuracy.value, accuracy.standard_error), "0.800 ± 0.190");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn expected_confusion<'a>(
    probabilities: impl Into<Sample<'a>>,
    threshold: f64,
) -> Result<ExpectedConfusion> {
    expected_confusion_of(itself(probabilities.into())?, threshold)
}

/// The same for a threshold on the model's own score: pairs of score and calibrated probability. **The warning of
/// [`expected_confusion`] holds.**
///
/// Scores may be of any scale, ±∞ among them.
///
/// # Errors
/// As [`expected_confusion`]; a threshold that is NaN is invalid.
///
/// ```
/// use tiltmeter_stats::{Pairs, expected_confusion_of};
///
/// let rows = Pairs::new(&[-3.0, 0.5, 2.0], &[0.1, 0.4, 0.9])?;
/// assert!((expected_confusion_of(rows, 0.0)?.precision()?.value - 0.65).abs() < 1e-15);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn expected_confusion_of(
    scores_and_probabilities: Pairs<'_>,
    threshold: f64,
) -> Result<ExpectedConfusion> {
    if threshold.is_nan() {
        return Err(crate::Error::invalid("the threshold is NaN, allowed: numbers"));
    }
    let Rows { rows, scale, missing } = Rows::new(&scores_and_probabilities)?;
    let mut shares = Shares::default();
    for row in &rows {
        let side = &mut shares.predicted[usize::from(row.score < threshold)];
        side.positive += row.weight * row.probability;
        side.negative += row.weight * (1.0 - row.probability);
        side.variance += row.variance(1.0);
    }
    let [positive, negative] = shares.predicted;
    Ok(ExpectedConfusion {
        true_positives: positive.positive / scale,
        false_positives: positive.negative / scale,
        true_negatives: negative.negative / scale,
        false_negatives: negative.positive / scale,
        threshold,
        count: rows.len(),
        missing,
        shares,
    })
}

/// Pairs of each probability with itself.
pub(super) fn itself(probabilities: Sample<'_>) -> Result<Pairs<'_>> {
    let values = probabilities.values();
    probabilities
        .weights()
        .map_or_else(|| Pairs::new(values, values), |weights| Pairs::weighted(values, values, weights))
}

impl ExpectedConfusion {
    /// The share that is predicted rightly, (TP + TN) / all. Exact.
    ///
    /// # Errors
    /// [`Undefined::Empty`] when all weights are too small beside the largest.
    pub fn accuracy(&self) -> Result<ExpectedMetric> {
        let [positive, negative] = self.shares.predicted;
        let right = positive.positive + negative.negative;
        let all = right + positive.negative + negative.positive;
        self.ratio(right, all, [1.0, 1.0], Undefined::Empty)
    }

    /// The share of positives among what is predicted positive, TP / (TP + FP). Exact.
    ///
    /// # Errors
    /// [`Undefined::NoPredictedPositives`].
    pub fn precision(&self) -> Result<ExpectedMetric> {
        let Side { positive, negative, .. } = self.shares.predicted[0];
        self.ratio(positive, positive + negative, [1.0, 0.0], Undefined::NoPredictedPositives)
    }

    /// The share of positives that is predicted positive, TP / (TP + FN).
    ///
    /// # Errors
    /// [`Undefined::NoPositives`] when every probability is 0.
    pub fn recall(&self) -> Result<ExpectedMetric> {
        let [found, lost] = self.shares.predicted.map(|side| side.positive);
        let recall = found / (found + lost);
        self.ratio(found, found + lost, [1.0 - recall, recall], Undefined::NoPositives)
    }

    /// The share of negatives that is predicted negative, TN / (TN + FP).
    ///
    /// # Errors
    /// [`Undefined::NoNegatives`] when every probability is 1.
    pub fn specificity(&self) -> Result<ExpectedMetric> {
        let [lost, found] = self.shares.predicted.map(|side| side.negative);
        let specificity = found / (found + lost);
        self.ratio(found, found + lost, [specificity, 1.0 - specificity], Undefined::NoNegatives)
    }

    /// The harmonic mean of precision and recall, 2TP / (2TP + FP + FN).
    ///
    /// # Errors
    /// [`Undefined::NoPositives`] when no row is predicted positive, and every probability is 0.
    pub fn f1(&self) -> Result<ExpectedMetric> {
        let [predicted, not] = self.shares.predicted;
        let (twice, all) =
            (2.0 * predicted.positive, 2.0 * predicted.positive + predicted.negative + not.positive);
        let f1 = twice / all;
        self.ratio(twice, all, [2.0 - f1, f1], Undefined::NoPositives)
    }

    /// A part of a whole; `worth` is what the label of a row of either side moves it by, times whole over weight.
    fn ratio(&self, part: f64, whole: f64, worth: [f64; 2], none: Undefined) -> Result<ExpectedMetric> {
        if whole <= 0.0 {
            return Err(none.into());
        }
        let sides = self.shares.predicted.iter().zip(worth);
        // each factor over the whole, since the whole squared may be 0
        let error = sides.map(|(side, worth)| (side.variance.sqrt() / whole * worth).powi(2)).sum();
        Ok(ExpectedMetric::new(part / whole, error))
    }
}
