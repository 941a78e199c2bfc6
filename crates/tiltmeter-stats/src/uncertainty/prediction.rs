//! How sure a model is of one prediction.

use super::entropy::{Entropy, check_probabilities, entropy};
use crate::error::{Result, Undefined};

/// The uncertainty of one prediction. See [`prediction_uncertainty`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PredictionUncertainty {
    /// The largest probability, p₁: from 1/k to 1.
    pub confidence: f64,
    /// 1 − p₁: from 0, certain, to 1 − 1/k.
    pub least_confidence: f64,
    /// The largest probability minus the second, p₁ − p₂: from 0, torn between two classes, to 1.
    pub margin: f64,
    /// The entropy of all probabilities; [`normalised`](Entropy::normalised) from 0 to 1.
    pub entropy: Entropy,
}

/// How sure a model is, of the probabilities that it gives to the classes in one prediction.
///
/// The measures differ in how much they see: confidence one probability, the margin two, the entropy all. For two
/// classes they order predictions alike. Their means over a window are statistics of a column each: see
/// [`hajek_mean`](crate::hajek_mean) for how far these can be trusted.
///
/// Probabilities may miss a sum of 1 by 0.001 (single precision), and are divided by it. Cost: O(k), no memory.
///
/// Settles, *Active Learning Literature Survey* (University of Wisconsin–Madison, 2009), section 3.1.
///
/// # Errors
/// Undefined without probabilities ([`Empty`](Undefined::Empty)), for a single class
/// ([`OneClass`](Undefined::OneClass)) and when some are NaN ([`MissingScores`](Undefined::MissingScores)); invalid
/// when one is not from 0 to 1, or their sum is not 1.
///
/// ```
/// use tiltmeter_stats::prediction_uncertainty;
///
/// let sure = prediction_uncertainty(&[0.125, 0.75, 0.125])?;
/// assert_eq!((sure.confidence, sure.margin, sure.least_confidence), (0.75, 0.625, 0.25));
/// assert!((sure.entropy.bits() - 1.0612781244591328).abs() < 1e-15);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn prediction_uncertainty(probabilities: &[f64]) -> Result<PredictionUncertainty> {
    let sum = check_probabilities(probabilities)?;
    if probabilities.len() < 2 {
        return Err(Undefined::OneClass.into());
    }
    let (mut first, mut second) = (0.0_f64, 0.0_f64);
    for &probability in probabilities {
        if probability > first {
            (first, second) = (probability, first);
        } else {
            second = second.max(probability);
        }
    }
    let confidence = (first / sum).clamp((probabilities.len() as f64).recip(), 1.0);
    Ok(PredictionUncertainty {
        confidence,
        least_confidence: 1.0 - confidence,
        margin: ((first - second) / sum).clamp(0.0, 1.0),
        entropy: entropy(probabilities)?,
    })
}
