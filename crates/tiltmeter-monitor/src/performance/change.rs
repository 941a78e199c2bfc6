//! Whether the performance of a month is that of the baseline.

use tiltmeter_stats::{BaselineQuality, holm, student_t_quantile, student_t_sf};

use super::{Change, MonthPerformance, PerformanceVerdict};
use crate::Policy;
use crate::performance::measure::LEVEL;

/// Compares the months with the baseline, and gives each its verdict. `days` has the days of each month on which there
/// were predictions.
///
/// The variance of a difference has three parts: DeLong's of the month, DeLong's of the baseline, and the variance
/// between the baseline's weeks, for as many weeks as either has. The last one was estimated from few weeks: Student's t,
/// with Satterthwaite's degrees of freedom (*Biometrics Bulletin* 2 (1946)).
///
/// A month *fell* when the fall matters, and is no chance for all months that were looked at (Holm). It *held* when the
/// one-sided 95 % limit leaves no room for a fall that matters. Between the two nothing is proven.
pub(super) fn compare(
    months: &mut [MonthPerformance],
    days: &[usize],
    baseline: &BaselineQuality,
    policy: &Policy,
) {
    let known: Vec<(usize, Difference)> = months
        .iter()
        .zip(days)
        .enumerate()
        .filter(|(_, (month, _))| month.quality.effective_labelled() >= policy.min_rows as f64)
        .filter_map(|(place, (month, days))| Some((place, Difference::of(month, *days, baseline)?)))
        .collect();
    let p_values: Vec<f64> = known.iter().map(|(_, difference)| difference.p_of_a_fall()).collect();
    let adjusted = holm(&p_values).unwrap_or_else(|_| vec![1.0; p_values.len()]);
    for ((place, difference), p_adjusted) in known.into_iter().zip(adjusted) {
        let change = Change { difference: difference.value, interval: difference.interval(), p_adjusted };
        let matters = -policy.roc_auc_effect;
        months[place].verdict = if change.difference <= matters && p_adjusted <= policy.significance {
            PerformanceVerdict::Fell
        } else if difference.lower_limit(policy.significance) > matters {
            PerformanceVerdict::Held
        } else {
            PerformanceVerdict::Unproven
        };
        months[place].change = Some(change);
    }
}

struct Difference {
    value: f64,
    standard_error: f64,
    degrees_of_freedom: f64,
}

impl Difference {
    fn of(month: &MonthPerformance, days: usize, baseline: &BaselineQuality) -> Option<Self> {
        let auc = month.quality.roc_auc.estimate()?;
        let figures = baseline.figures();
        let weeks = f64::from(figures.weeks).max(1.0);
        let weeks_of_month = (days as f64 / 7.0).max(1.0);
        let sampling = auc.standard_error?.powi(2) + figures.roc_auc_variance;
        let between = figures.roc_auc_between_weeks.unwrap_or(0.0) * (1.0 / weeks_of_month + 1.0 / weeks);
        let variance = sampling + between;
        let degrees_of_freedom =
            if between > 0.0 { (weeks - 1.0) * (variance / between).powi(2) } else { f64::INFINITY };
        let value = auc.value - figures.roc_auc;
        (variance > 0.0).then(|| Self { value, standard_error: variance.sqrt(), degrees_of_freedom })
    }

    fn p_of_a_fall(&self) -> f64 {
        student_t_sf(-self.value / self.standard_error, self.degrees_of_freedom).clamp(0.0, 1.0)
    }

    /// What the true difference is above, but for this probability.
    fn lower_limit(&self, significance: f64) -> f64 {
        self.value - student_t_quantile(1.0 - significance, self.degrees_of_freedom) * self.standard_error
    }

    fn interval(&self) -> (f64, f64) {
        let half = student_t_quantile(0.5 + LEVEL / 2.0, self.degrees_of_freedom) * self.standard_error;
        (self.value - half, self.value + half)
    }
}
