//! The errors of predicted numbers, all in all.

use super::mean_error::{MeanError, Scale};
use crate::error::{Result, Undefined};
use crate::pairs::Pairs;
use crate::sample::{WeightedMeans, to_about_one};

// the columns of `WeightedMeans`; y is there for its variance
const ABSOLUTE: usize = 0;
const ERROR: usize = 1;
const SQUARED: usize = 2;
const SYMMETRIC: usize = 3;
const Y: usize = 4;

/// The errors of a regression: MAE, MSE and RMSE, bias, MAPE, sMAPE and R².
///
/// [`Pairs`] with what came, y, first and what was predicted, ŷ, second. The error of a row is ŷ − y. All are computed
/// together, since they are made of the same sums: O(n), no memory; less than 0.1 s for a million rows.
///
/// A pair with NaN on either side is left out and [counted](Self::missing). With ±∞ on either side of any row that
/// counts, everything is undefined: leaving such rows out would hide the worst errors. Weights may be of any scale.
///
/// Hyndman & Koehler, *International Journal of Forecasting* 22 (2006), 679–688, on what these measures are good for.
/// Definitions as in scikit-learn's `metrics`, but for y = 0 in MAPE.
///
/// ```
/// use tiltmeter_stats::{Pairs, RegressionQuality};
///
/// let (y, predicted) = ([3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 8.0]);
/// let quality = RegressionQuality::of(Pairs::new(&y, &predicted)?);
/// let mae = quality.mean_absolute_error()?;
/// assert_eq!(mae.value, 0.5);
/// assert_eq!(mae.standard_error.map(|error| format!("{error:.3}")), Some("0.204".to_owned()));
/// assert_eq!(quality.mean_squared_error()?.value, 0.375);
/// assert_eq!(quality.bias()?.value, 0.25);
/// assert!((quality.r2()? - 0.9486081370449679).abs() < 1e-12);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegressionQuality {
    missing: usize,
    is_infinite: bool,
    zero_targets: usize,
    /// Of errors in units of `unit`, and of y in units of `y_unit`.
    means: WeightedMeans<5>,
    unit: f64,
    y_unit: f64,
    /// |error / y| of the rows with another y than 0.
    relative: WeightedMeans<1>,
    relative_unit: f64,
}

impl RegressionQuality {
    /// Of what came (first) and what was predicted (second). Without rows all that it tells is undefined.
    #[must_use]
    pub fn of(pairs: Pairs<'_>) -> Self {
        let rows = pairs.present();
        let (mut is_infinite, mut zero_targets, mut largest) = (false, 0, [0.0_f64; 3]);
        // of all, and of those that have a relative error
        let mut weightiest = [0.0_f64; 2];
        for (y, predicted, weight) in rows.clone() {
            is_infinite |= y.is_infinite() || predicted.is_infinite();
            zero_targets += usize::from(y == 0.0);
            let weight_of_relative = if y == 0.0 { 0.0 } else { weight };
            weightiest = [weightiest[0].max(weight), weightiest[1].max(weight_of_relative)];
            // half of the error, which alone cannot overflow
            let half = (predicted / 2.0 - y / 2.0).abs();
            let relative = if y == 0.0 { 0.0 } else { relative(y, predicted) };
            for (largest, size) in largest.iter_mut().zip([half, y.abs(), relative]) {
                *largest = largest.max(size);
            }
        }
        let scales = largest.map(|size| to_about_one(size.min(f64::MAX)));
        let [per_error, per_y, per_relative] = scales;
        let [unit, y_unit, relative_unit] = scales.map(f64::recip);
        let columns = rows.clone().filter(|_| !is_infinite).map(|(y, predicted, weight)| {
            let error = error(y, predicted, per_error);
            let columns = [error.abs(), error, error * error, symmetric(y, predicted), y * per_y];
            (columns, weight)
        });
        let relatives = rows.filter(|(y, _, _)| !is_infinite && *y != 0.0);
        Self {
            missing: pairs.missing(),
            is_infinite,
            zero_targets,
            means: WeightedMeans::up_to(weightiest[0], columns),
            unit,
            y_unit,
            relative: WeightedMeans::up_to(
                weightiest[1],
                relatives.map(|(y, predicted, weight)| ([relative(y, predicted) * per_relative], weight)),
            ),
            relative_unit: if largest[2].is_finite() { relative_unit } else { f64::INFINITY },
        }
    }

    /// How many rows have both numbers and count, whatever their weights; 0 when one of them is infinite.
    #[must_use]
    pub fn count(&self) -> usize {
        self.means.rows
    }

    /// How many rows that count lack one of the two numbers; they are left out.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Kish's effective sample size, (Σw)²/Σw²: [`count`](Self::count) for equal weights.
    #[must_use]
    pub fn effective_size(&self) -> f64 {
        self.means.effective_size
    }

    /// How many rows have y = 0, and are left out of the mean absolute percentage error.
    #[must_use]
    pub fn zero_targets(&self) -> usize {
        self.zero_targets
    }

    /// MAE, the mean of |ŷ − y|, in units of y.
    ///
    /// # Errors
    /// [`Undefined::Empty`], [`Undefined::Infinite`] when a number is ±∞, [`Undefined::Overflow`].
    pub fn mean_absolute_error(&self) -> Result<MeanError> {
        self.mean(ABSOLUTE, self.unit, Scale::Loss)
    }

    /// MSE, the mean of (ŷ − y)², in units of y².
    ///
    /// # Errors
    /// As [`mean_absolute_error`](Self::mean_absolute_error).
    pub fn mean_squared_error(&self) -> Result<MeanError> {
        // the unit's square could be infinite or 0 where the mean's is not
        let by_root = self.mean(SQUARED, 1.0, Scale::Loss)?;
        let scaled = |number: f64| number * self.unit * self.unit;
        let value = scaled(by_root.value);
        if !value.is_finite() {
            return Err(Undefined::Overflow.into());
        }
        let standard_error = by_root.standard_error.map(scaled).filter(|error| error.is_finite());
        Ok(MeanError { value, standard_error, ..by_root })
    }

    /// RMSE, the root of the mean of (ŷ − y)², in units of y. Its standard error is by the delta method, that of the
    /// MSE over 2·RMSE.
    ///
    /// # Errors
    /// As [`mean_absolute_error`](Self::mean_absolute_error).
    pub fn root_mean_squared_error(&self) -> Result<MeanError> {
        self.mean(SQUARED, self.unit, Scale::Root)
    }

    /// The mean of ŷ − y, in units of y: above 0 the predictions are too high. 0 is expected of unbiased predictions.
    ///
    /// # Errors
    /// As [`mean_absolute_error`](Self::mean_absolute_error).
    pub fn bias(&self) -> Result<MeanError> {
        self.mean(ERROR, self.unit, Scale::Signed)
    }

    /// MAPE, the mean of |ŷ − y| / |y| over the rows in which y is not 0: a fraction, not a percentage, 0 or more.
    ///
    /// Rows with y = 0 have no percentage and are [counted](Self::zero_targets); scikit-learn divides them by 2⁻⁵², and
    /// returns some 10¹⁵. A y near 0 can still make up the whole mean, and predictions that are too low are punished
    /// less than those too high: prefer the MAE over the mean of y where that is a meaning.
    ///
    /// # Errors
    /// As [`mean_absolute_error`](Self::mean_absolute_error); [`Undefined::ZeroDenominator`] when all y are 0.
    pub fn mean_absolute_percentage_error(&self) -> Result<MeanError> {
        self.check()?;
        if self.relative.rows == 0 {
            return Err(Undefined::ZeroDenominator.into());
        }
        MeanError::of(&self.relative, 0, self.relative_unit, Scale::Loss)
    }

    /// sMAPE, the mean of 2|ŷ − y| / (|y| + |ŷ|): a fraction from 0 to 2. A row in which both are 0 has no error, and
    /// counts as 0.
    ///
    /// Armstrong, *Long-Range Forecasting* (2nd edition, 1985), 348; as in the M4 competition. Other authors leave out
    /// the 2, or the absolute values.
    ///
    /// # Errors
    /// As [`mean_absolute_error`](Self::mean_absolute_error).
    pub fn symmetric_mean_absolute_percentage_error(&self) -> Result<MeanError> {
        self.mean(SYMMETRIC, 1.0, Scale::Loss)
    }

    /// R², the coefficient of determination: `1 − MSE / variance of y` (ddof 0).
    ///
    /// 1 for perfect predictions, 0 for the mean of y as every prediction, below 0, without a limit, for worse ones. It
    /// depends on how much y varies: windows in which it varies less have a lower R² for the same errors.
    ///
    /// # Errors
    /// As [`mean_absolute_error`](Self::mean_absolute_error); [`Undefined::TooFew`] for one row,
    /// [`Undefined::Constant`] when all y are the same (scikit-learn then says 0 or 1).
    pub fn r2(&self) -> Result<f64> {
        self.check()?;
        if self.means.rows < 2 {
            return Err(Undefined::TooFew { found: self.means.rows, needed: 2 }.into());
        }
        let (squares, variance) = (self.means.mean[SQUARED].max(0.0), self.means.variance[Y]);
        if variance <= 0.0 {
            return Err(Undefined::Constant.into());
        }
        let r2 = 1.0 - (squares / variance) * (self.unit / self.y_unit) * (self.unit / self.y_unit);
        if r2.is_finite() { Ok(r2) } else { Err(Undefined::Overflow.into()) }
    }

    fn mean(&self, at: usize, unit: f64, scale: Scale) -> Result<MeanError> {
        self.check()?;
        MeanError::of(&self.means, at, unit, scale)
    }

    fn check(&self) -> Result<()> {
        if self.is_infinite {
            return Err(Undefined::Infinite.into());
        }
        if self.means.rows == 0 { Err(Undefined::Empty.into()) } else { Ok(()) }
    }
}

/// (ŷ − y) · `per_unit`.
fn error(y: f64, predicted: f64, per_unit: f64) -> f64 {
    let error = (predicted - y) * per_unit;
    // a difference that overflows
    if error.is_finite() { error } else { 2.0 * ((predicted / 2.0 - y / 2.0) * per_unit) }
}

/// |ŷ − y| / |y|, of a y that is not 0; ∞ when that is too large.
fn relative(y: f64, predicted: f64) -> f64 {
    let error = (predicted - y).abs();
    if error.is_finite() { error / y.abs() } else { (predicted / y - 1.0).abs() }
}

/// 2|ŷ − y| / (|y| + |ŷ|), from 0 to 2.
fn symmetric(y: f64, predicted: f64) -> f64 {
    let (error, sum) = ((predicted - y).abs(), y.abs() + predicted.abs());
    if sum == 0.0 {
        0.0
    } else if sum.is_finite() {
        (2.0 * error / sum).min(2.0)
    } else {
        (2.0 * (predicted / 2.0 - y / 2.0).abs() / (y.abs() / 2.0 + predicted.abs() / 2.0)).min(2.0)
    }
}
