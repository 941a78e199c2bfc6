//! How good a classifier is.

use tiltmeter_stats::{
    Calibration, CalibrationBin, CalibrationBins, Result, ScoredLabels, brier, calibration, log_loss,
    roc_auc, roc_auc_paired,
};

use super::Checks;
use crate::entry::{Entry, scored};

pub(crate) const CHECKS: Checks = &[
    ("brier", of_brier),
    ("calibration", of_calibration),
    ("delong", of_delong),
    ("log_loss", of_log_loss),
    ("roc_auc", of_roc_auc),
];

fn of_roc_auc(entry: &mut Entry) -> anyhow::Result<()> {
    let value = of_rows(entry, |rows| Ok(roc_auc(rows)?.value))?;
    entry.expect("roc_auc", value);
    Ok(())
}

fn of_brier(entry: &mut Entry) -> anyhow::Result<()> {
    let value = of_rows(entry, |rows| Ok(brier(rows)?.value))?;
    entry.expect("brier", value);
    Ok(())
}

fn of_log_loss(entry: &mut Entry) -> anyhow::Result<()> {
    let value = of_rows(entry, |rows| Ok(log_loss(rows)?.value))?;
    entry.expect("log_loss", value);
    Ok(())
}

fn of_calibration(entry: &mut Entry) -> anyhow::Result<()> {
    let count = entry.count_param("bins", 10)?;
    let bins = match entry.word_param("strategy", "uniform") {
        "uniform" => CalibrationBins::Uniform(count),
        "quantile" => CalibrationBins::Quantile(count),
        other => {
            let what = format!("{}: calibration with {other} bins", entry.id());
            entry.not_offered(what);
            return Ok(());
        }
    };
    let result = of_rows(entry, |rows| calibration(rows, bins))?;
    let number = |field: fn(&Calibration) -> f64| result.as_ref().map(field).map_err(Clone::clone);
    entry.expect("ece", number(|calibration| calibration.expected_calibration_error));
    entry.expect("mce", number(|calibration| calibration.maximum_calibration_error));
    entry.expect(
        "rms_calibration_error",
        number(|calibration| calibration.root_mean_square_calibration_error),
    );
    let numbers = |field: fn(&CalibrationBin) -> Option<f64>| {
        let of_bins =
            |calibration: &Calibration| calibration.bins.iter().filter_map(field).collect::<Vec<_>>();
        result.as_ref().map(of_bins).map_err(Clone::clone)
    };
    entry.expect("prob_true", numbers(|bin| bin.observed_rate));
    entry.expect("prob_pred", numbers(|bin| bin.mean_score));
    entry.expect("bin_weight", numbers(|bin| Some(bin.weight)));
    Ok(())
}

fn of_delong(entry: &mut Entry) -> anyhow::Result<()> {
    let (labels, a, b) = (entry.labels("y")?, entry.numbers("score_a")?, entry.numbers("score_b")?);
    let paired = roc_auc_paired(&labels, &a, &b);
    entry.expect("auc_a", paired.clone().map(|paired| paired.a.value));
    entry.expect("auc_b", paired.clone().map(|paired| paired.b.value));
    let difference = paired.and_then(|paired| paired.difference());
    entry.expect("z_abs", difference.clone().map(|difference| difference.z.abs()));
    entry.expect("p_value", difference.map(|difference| difference.p_value));
    Ok(())
}

fn of_rows<T>(entry: &Entry, statistic: impl Fn(ScoredLabels<'_>) -> Result<T>) -> anyhow::Result<Result<T>> {
    let (labels, scores, weights) = (entry.labels("y")?, entry.numbers("score")?, entry.weights("weights")?);
    Ok(scored(&labels, &scores, weights.as_deref()).and_then(statistic))
}
