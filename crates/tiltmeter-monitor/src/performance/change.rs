//! Whether the performance of a month is that of the baseline.

use tiltmeter_stats::{BaselineQuality, holm, student_t_quantile, student_t_sf};

use super::{Change, MonthPerformance, PerformanceVerdict};
use crate::Policy;
use crate::performance::measure::LEVEL;

/// Weeks of a month, about.
const WEEKS: f64 = 30.4 / 7.0;

/// Compares the months with the baseline, and gives each its verdict.
///
/// The standard error of the difference has three parts: DeLong's of the month, DeLong's of the baseline, and the
/// variance between the baseline's weeks, for as many weeks as either has. With the last one the reference is Student's t
/// with one degree of freedom less than the baseline has weeks.
pub(super) fn compare(months: &mut [MonthPerformance], baseline: &BaselineQuality, policy: &Policy) {
    let known: Vec<(usize, Difference)> = months
        .iter()
        .enumerate()
        .filter(|(_, month)| month.quality.labelled >= policy.min_rows)
        .filter_map(|(place, month)| Some((place, Difference::of(month, baseline)?)))
        .collect();
    let p_values: Vec<f64> = known.iter().map(|(_, difference)| difference.p_of_a_fall()).collect();
    let adjusted = holm(&p_values).unwrap_or_else(|_| vec![1.0; p_values.len()]);
    for ((place, difference), p_adjusted) in known.into_iter().zip(adjusted) {
        let change = Change { difference: difference.value, interval: difference.interval(), p_adjusted };
        months[place].verdict =
            match (change.difference <= -policy.roc_auc_effect, p_adjusted <= policy.significance) {
                (true, true) => PerformanceVerdict::Fell,
                (true, false) => PerformanceVerdict::Unproven,
                (false, _) => PerformanceVerdict::Held,
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
    fn of(month: &MonthPerformance, baseline: &BaselineQuality) -> Option<Self> {
        let auc = month.quality.roc_auc.estimate()?;
        let figures = baseline.figures();
        let between = figures.roc_auc_between_weeks.unwrap_or(0.0);
        let weeks = f64::from(figures.weeks).max(1.0);
        let variance =
            auc.standard_error?.powi(2) + figures.roc_auc_variance + between * (1.0 / WEEKS + 1.0 / weeks);
        let degrees_of_freedom =
            if figures.roc_auc_between_weeks.is_some() { weeks - 1.0 } else { f64::from(u16::MAX) };
        let value = auc.value - figures.roc_auc;
        (variance > 0.0).then(|| Self { value, standard_error: variance.sqrt(), degrees_of_freedom })
    }

    fn p_of_a_fall(&self) -> f64 {
        student_t_sf(-self.value / self.standard_error, self.degrees_of_freedom).clamp(0.0, 1.0)
    }

    fn interval(&self) -> (f64, f64) {
        let half = student_t_quantile(0.5 + LEVEL / 2.0, self.degrees_of_freedom) * self.standard_error;
        (self.value - half, self.value + half)
    }
}
