//! Regression.

use anyhow::bail;
use tiltmeter_stats::{RegressionQuality, Result, median_absolute_error};

use super::Checks;
use crate::entry::{Entry, pairs};

pub(crate) const CHECKS: Checks = &[("regression", regression)];

fn regression(entry: &mut Entry) -> anyhow::Result<()> {
    match entry.word_param("nan_policy", "omit") {
        "omit" => {}
        other => bail!("the NaN policy is {other}"),
    }
    let (y, predicted, weights) =
        (entry.numbers("y")?, entry.numbers("prediction")?, entry.weights("weights")?);
    let pairs = pairs(&y, &predicted, weights.as_deref());
    let quality = pairs.clone().map(RegressionQuality::of);
    let number = |of: fn(&RegressionQuality) -> Result<f64>| quality.clone().and_then(|quality| of(&quality));
    entry.expect("mae", number(|quality| Ok(quality.mean_absolute_error()?.value)));
    entry.expect("mse", number(|quality| Ok(quality.mean_squared_error()?.value)));
    entry.expect("rmse", number(|quality| Ok(quality.root_mean_squared_error()?.value)));
    entry.expect("bias", number(|quality| Ok(quality.bias()?.value)));
    entry.expect("r2", number(RegressionQuality::r2));
    let mape = number(|quality| Ok(quality.mean_absolute_percentage_error()?.value));
    entry.expect("mape", mape.clone());
    entry.expect("mape_skip_zero", mape);
    entry.expect("zero_targets", number(|quality| Ok(quality.zero_targets() as f64)));
    entry.expect("dropped", number(|quality| Ok(quality.missing() as f64)));
    entry.expect("median_absolute_error", pairs.and_then(|pairs| Ok(median_absolute_error(pairs)?.value)));
    let smape = number(|quality| Ok(quality.symmetric_mean_absolute_percentage_error()?.value));
    entry.expect("smape", smape);
    Ok(())
}
