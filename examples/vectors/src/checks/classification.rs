//! How good a classifier is.

use anyhow::bail;
use tiltmeter_stats::{
    Calibration, CalibrationBin, CalibrationBins, ConfusionMatrix, Result, ScoredLabels, average_precision,
    brier, calibration, log_loss, mcnemar_from_counts, precision_recall_auc, roc_auc, roc_auc_paired,
    spiegelhalter,
};

use super::Checks;
use crate::entry::{Entry, scored};

pub(crate) const CHECKS: Checks = &[
    ("brier", of_brier),
    ("calibration", of_calibration),
    ("classification_at_threshold", at_threshold),
    ("delong", of_delong),
    ("log_loss", of_log_loss),
    ("mcnemar", of_mcnemar),
    ("pr_auc", of_pr_auc),
    ("roc_auc", of_roc_auc),
    ("spiegelhalter", of_spiegelhalter),
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

fn of_pr_auc(entry: &mut Entry) -> anyhow::Result<()> {
    let value = of_rows(entry, |rows| Ok(average_precision(rows)?.value))?;
    entry.expect("average_precision", value);
    let area = of_rows(entry, precision_recall_auc)?;
    entry.expect("trapezoid", area);
    Ok(())
}

fn of_spiegelhalter(entry: &mut Entry) -> anyhow::Result<()> {
    let test = of_rows(entry, spiegelhalter)?;
    entry.expect("z", test.clone().map(|test| test.z));
    entry.expect("p_value", test.map(|test| test.p_value));
    Ok(())
}

fn of_mcnemar(entry: &mut Entry) -> anyhow::Result<()> {
    // rows: whether the first is right; columns: whether the second is
    let table = entry.numbers("table")?;
    let &[_, only_first, only_second, _] = table.as_slice() else {
        bail!("input table has {} cells, and four are needed", table.len());
    };
    let test = mcnemar_from_counts(count(only_first)?, count(only_second)?);
    entry.expect("p_exact", test.p_exact);
    entry.expect("statistic_corrected", test.statistic_corrected);
    entry.expect("p_corrected", test.p_corrected);
    Ok(())
}

fn count(number: f64) -> anyhow::Result<u64> {
    let is_count = number >= 0.0 && number < 2_f64.powi(53) && number.fract() <= 0.0;
    anyhow::ensure!(is_count, "{number} is no count");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked before")]
    Ok(number as u64)
}

type Rate = fn(&ConfusionMatrix) -> Result<f64>;

fn at_threshold(entry: &mut Entry) -> anyhow::Result<()> {
    let (labels, weights) = (entry.labels("y")?, entry.weights("weights")?);
    let matrix = if entry.has_input("score") {
        let (scores, threshold) = (entry.numbers("score")?, entry.number_param("threshold", 0.5)?);
        scored(&labels, &scores, weights.as_deref())
            .and_then(|rows| ConfusionMatrix::at_threshold(rows, threshold))
    } else {
        let predictions = entry.labels("prediction")?;
        match weights.as_deref() {
            Some(weights) => ConfusionMatrix::weighted(&labels, &predictions, weights),
            None => ConfusionMatrix::of(&labels, &predictions),
        }
    };
    let rates: [(&str, Rate); 11] = [
        ("tp", |matrix| Ok(matrix.true_positives())),
        ("fp", |matrix| Ok(matrix.false_positives())),
        ("tn", |matrix| Ok(matrix.true_negatives())),
        ("fn", |matrix| Ok(matrix.false_negatives())),
        ("accuracy", ConfusionMatrix::accuracy),
        ("precision", ConfusionMatrix::precision),
        ("recall", ConfusionMatrix::recall),
        ("f1", ConfusionMatrix::f1),
        ("specificity", ConfusionMatrix::specificity),
        ("mcc", ConfusionMatrix::mcc),
        ("balanced_accuracy", ConfusionMatrix::balanced_accuracy),
    ];
    for (field, rate) in rates {
        entry.expect(field, matrix.as_ref().map_err(Clone::clone).and_then(rate));
    }
    Ok(())
}

fn of_rows<T>(entry: &Entry, statistic: impl Fn(ScoredLabels<'_>) -> Result<T>) -> anyhow::Result<Result<T>> {
    let (labels, scores, weights) = (entry.labels("y")?, entry.numbers("score")?, entry.weights("weights")?);
    Ok(scored(&labels, &scores, weights.as_deref()).and_then(statistic))
}
