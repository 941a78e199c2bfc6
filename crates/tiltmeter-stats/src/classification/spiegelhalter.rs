//! Whether probabilities are as right as they say, without bins.

use crate::error::{Result, Undefined};
use crate::interval::two_sided_p;
use crate::sample::scale_of;
use crate::scored::ScoredLabels;

/// Spiegelhalter's test of calibration. See [`spiegelhalter`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SpiegelhalterTest {
    /// The distance of the Brier score from what true scores would have, in standard deviations: about standard normal
    /// if the scores are true. Above 0 they are too certain, below 0 not certain enough, roughly.
    pub z: f64,
    /// The probability of a |z| this large if the scores are true, from the normal distribution.
    pub p_value: f64,
    /// The Brier score, 0 to 1.
    pub brier: f64,
    /// The mean of the Brier score if the scores are true, the weighted mean of s(1−s): 0 to ¼.
    pub expected_brier: f64,
    /// How many rows count, whatever their weights.
    pub count: usize,
}

/// Spiegelhalter's z test of perfect calibration: is the Brier score what these scores promise?
///
/// ```text
/// z = (B − E B) / sqrt(Var B) = Σ w (y − s)(1 − 2s) / sqrt(Σ w² (1 − 2s)² s(1 − s))
/// ```
///
/// If the scores are true, z has the mean 0 and the variance 1 at any n, and with weights too when these do not depend
/// on the labels but by the scores. How often p was below 0.05 then, in 4 000 samples each:
///
/// | scores | 30 rows | 100 | 1 000 |
/// |---|---|---|---|
/// | uniform | 4.2 % | 4.4 % | 4.8 % |
/// | Beta(2, 5) | 4.6 % | 5.2 % | 4.6 % |
/// | Beta(0.3, 9), 3 % positive | 4.6 % | 3.6 % | 5.2 % |
///
/// so that the normal distribution holds from some 30 rows. With scores above the mean weighted by a fifth of the others
/// it is 4 to 5 %, but 8 % for 30 rows with one positive among them. The test
/// sees scores that are too extreme or too timid, but not all that is wrong: scores of ½ count nothing, and faults on
/// either side of ½ can cancel. [`calibration`](crate::calibration) says where and how much; with many rows a tiny
/// fault is significant.
///
/// Cost: O(n), no memory.
///
/// Spiegelhalter, *Statistics in Medicine* 5 (1986), 421–433.
///
/// # Errors
/// Undefined without rows ([`Undefined::Empty`]), when all scores are 0, ½ or 1 ([`Undefined::NoVariance`]), and with
/// scores that are NaN ([`Undefined::MissingScores`]); invalid when a score is no probability.
///
/// ```
/// use tiltmeter_stats::{ScoredLabels, spiegelhalter};
///
/// // too certain: one in four is wrong where one in ten should be
/// let labels: Vec<bool> = (0..40).map(|row| row % 4 != 0).collect();
/// let test = spiegelhalter(ScoredLabels::new(&labels, &[0.9; 40])?)?;
/// assert_eq!(format!("{:.4} {:.5}", test.z, test.p_value), "3.1623 0.00157");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn spiegelhalter(rows: ScoredLabels<'_>) -> Result<SpiegelhalterTest> {
    let rows = rows.probabilities()?;
    let scale = scale_of(rows.clone().map(|(_, _, weight)| weight));
    let (mut count, mut weights, mut losses, mut promised, mut excess, mut variance) =
        (0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (label, score, weight) in rows {
        let (weight, slope, spread) = (weight * scale, 1.0 - 2.0 * score, score * (1.0 - score));
        let error = f64::from(u8::from(label)) - score;
        count += 1;
        weights += weight;
        losses += weight * error * error;
        promised += weight * spread;
        excess += weight * error * slope;
        variance += (weight * slope).powi(2) * spread;
    }
    let z = excess / variance.sqrt();
    if !(variance > 0.0 && z.is_finite()) {
        return Err(Undefined::NoVariance.into());
    }
    Ok(SpiegelhalterTest {
        z,
        p_value: two_sided_p(z),
        brier: (losses / weights).clamp(0.0, 1.0),
        expected_brier: (promised / weights).clamp(0.0, 0.25),
        count,
    })
}
