//! Whether a predicted quantile is where it should be.

use super::mean_error::{MeanError, Scale};
use crate::error::{Error, Result, Undefined};
use crate::interval::Interval;
use crate::pairs::Pairs;
use crate::proportion::wilson;
use crate::sample::{WeightedMeans, scale_of};

/// The loss of a predicted quantile. See [`pinball_loss`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct PinballLoss {
    /// The mean loss, in units of y.
    pub loss: MeanError,
    /// The level of the quantile, between 0 and 1.
    pub level: f64,
    /// The weighted share of rows with y at or below its prediction, 0 to 1; `level` is expected of right predictions.
    pub share_below: f64,
    /// How many rows lack one of the two numbers (NaN), and were left out.
    pub missing: usize,
}

/// The pinball (quantile) loss of predictions q of the quantile of y at `level` α.
///
/// ```text
/// L = Σ w (α·max(y − q, 0) + (1 − α)·max(q − y, 0)) / Σ w
/// ```
///
/// [`Pairs`] with what came first and what was predicted second. It is least when q is the quantile; at α = ½ it is
/// half the MAE. To see on which side predictions are wrong, compare `share_below` with α.
///
/// NaN on either side leaves a row out, and is counted. Cost: O(n), no memory.
///
/// Koenker & Bassett, *Econometrica* 46 (1978), 33–50; scikit-learn's `mean_pinball_loss`.
///
/// # Errors
/// Undefined without rows ([`Empty`](Undefined::Empty)), when a number is ±∞ ([`Infinite`](Undefined::Infinite)), and
/// when the loss is too large for a number ([`Overflow`](Undefined::Overflow)); invalid when the level is not between
/// 0 and 1.
///
/// ```
/// use tiltmeter_stats::{Pairs, pinball_loss};
///
/// let (y, predicted) = ([1.0, 2.0, 3.0], [0.0, 2.0, 4.0]);
/// let result = pinball_loss(Pairs::new(&y, &predicted)?, 0.1)?;
/// assert!((result.loss.value - 1.0 / 3.0).abs() < 1e-15);
/// assert_eq!(result.share_below, 2.0 / 3.0);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn pinball_loss(pairs: Pairs<'_>, level: f64) -> Result<PinballLoss> {
    if !(level > 0.0 && level < 1.0) {
        return Err(Error::invalid(format!("the level is {level}, allowed: between 0 and 1")));
    }
    let rows = pairs.present();
    if rows.clone().any(|(y, predicted, _)| y.is_infinite() || predicted.is_infinite()) {
        return Err(Undefined::Infinite.into());
    }
    // a quarter, since a difference of two large numbers could overflow
    let quarter = |y: f64, predicted: f64| y / 4.0 - predicted / 4.0;
    let scale = scale_of(rows.clone().map(|(y, predicted, _)| quarter(y, predicted).abs()));
    let columns = rows.map(|(y, predicted, weight)| {
        let above = y - predicted;
        let above = if above.is_finite() { above * scale } else { 4.0 * (quarter(y, predicted) * scale) };
        let loss = if above > 0.0 { level * above } else { (level - 1.0) * above };
        ([loss, f64::from(u8::from(y <= predicted))], weight)
    });
    let means = WeightedMeans::of(columns);
    Ok(PinballLoss {
        loss: MeanError::of(&means, 0, scale.recip(), Scale::Loss)?,
        level,
        share_below: means.mean[1].clamp(0.0, 1.0),
        missing: pairs.missing(),
    })
}

impl PinballLoss {
    /// Wilson's interval of `share_below`, with Kish's effective size as the number of rows; predictions whose level
    /// lies outside are not of that quantile. `None` for a confidence level that is not between 0 and 1.
    #[must_use]
    pub fn share_below_interval(&self, level: f64) -> Option<Interval> {
        wilson(self.share_below, self.loss.effective_size, level)
    }
}
