//! Whether probabilities meant what they said, on all rows.

use super::estimate::{Counted, DesignEstimate, Scale};
use super::inclusion::Inclusion;
use crate::classification::{CalibrationBins, bins_of_rows, without_chance};
use crate::error::Result;
use crate::scored::ScoredLabels;

/// The expected calibration error over all rows, without what the sampling adds to it.
///
/// The ECE of fewer rows is larger by chance alone, so that a sample's overstates that of the rows it was drawn from. With g
/// the weighted gap of a bin, W_b and W the weights of the bin and of all, and σ the standard error of g by the sampling,
///
/// ```text
/// ECE = Σ_b W_b/W (2|g| − E|g + σZ|)        σ² = Σ (1 − π) w² (s − y − g)² / W_b²   in b, by cluster
/// ```
///
/// as [`debiased_calibration_error`](crate::Calibration::debiased_calibration_error) has it for the model. What the rows
/// that were all kept would show stays in: with all rows at hand it is the ECE of
/// [`calibration`](crate::calibration). Quantile bins are those of the weighted sample. Cost: O(n log n).
///
/// A rest of what the sampling adds stays. Means over 300 samples by the score:
///
/// | model | bins | all rows | sample, raw | sample, this |
/// |---|---|---|---|---|
/// | flights, June | 10 | 0.0278 | 0.0338 | 0.0295 |
/// | flights, June | 20 | 0.0281 | 0.0394 | 0.0331 |
/// | calibrated | 10 | 0.0064 | 0.0221 | 0.0137 |
///
/// The standard error takes the signs of the gaps as given, and says too little where they are in doubt: with it,
/// intervals of level 0.95 would hold the error of all rows in 0.79 to 0.99 of the samples. So there is
/// [no interval](DesignEstimate::interval), except where all rows were kept for certain.
///
/// # Errors
/// Those of [`calibration`](crate::calibration); invalid when there are not as many labels or scores as probabilities of
/// inclusion.
///
/// ```
/// use tiltmeter_stats::{CalibrationBins, Inclusion, design_calibration_error};
///
/// let (labels, scores) = ([false, false, true, false, true, true], [0.1, 0.2, 0.2, 0.7, 0.75, 0.8]);
/// let bins = CalibrationBins::Uniform(2);
/// let known = design_calibration_error(&labels, &scores, &Inclusion::new(&[1.0; 6])?, bins)?;
/// let sampled = design_calibration_error(&labels, &scores, &Inclusion::new(&[0.5; 6])?, bins)?;
/// assert!((known.value - 0.125).abs() < 1e-12 && sampled.value < known.value);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn design_calibration_error(
    labels: &[bool],
    scores: &[f64],
    inclusion: &Inclusion,
    bins: CalibrationBins,
) -> Result<DesignEstimate> {
    inclusion.check(labels.len(), "labels")?;
    let weights = inclusion.weights();
    let (bin_of, bins) = bins_of_rows(&ScoredLabels::weighted(labels, scores, weights)?, bins)?;
    let difference = |row: usize| scores[row] - f64::from(u8::from(labels[row]));
    let mut sums = vec![[0.0; 2]; bins];
    for (row, &bin) in bin_of.iter().enumerate() {
        sums[bin][0] += weights[row];
        sums[bin][1] += weights[row] * difference(row);
    }
    let total: f64 = sums.iter().map(|sum| sum[0]).sum();
    let gaps: Vec<f64> =
        sums.iter().map(|[weight, sum]| if *weight > 0.0 { sum / weight } else { 0.0 }).collect();
    let (mut value, mut raw) = (0.0, 0.0);
    let of_row = |row: usize| weights[row] / sums[bin_of[row]][0] * (difference(row) - gaps[bin_of[row]]);
    let errors = inclusion.standard_errors_by_part(of_row, &bin_of, bins);
    for (([weight, _], &gap), error) in
        sums.iter().zip(&gaps).zip(errors).filter(|((sum, _), _)| sum[0] > 0.0)
    {
        value += weight / total * without_chance(gap, error);
        raw += weight / total * gap.abs();
    }
    let signed = |row: usize| gaps[bin_of[row]].signum() * difference(row) - raw;
    let spread = inclusion.spread(|row| weights[row] / total * signed(row), |_| true);
    let counted =
        Counted { count: labels.len(), missing: 0, effective_size: inclusion.effective_sample_size() };
    DesignEstimate::new(value.clamp(0.0, 1.0), spread, counted, Scale::None)
}
