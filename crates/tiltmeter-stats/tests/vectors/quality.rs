//! How good a classifier is.

use tiltmeter_stats::{
    Calibration, CalibrationBin, CalibrationBins, Result, ScoredLabels, brier, calibration, log_loss,
    proportion_clopper_pearson, proportion_wilson, roc_auc, roc_auc_paired,
};

use crate::entry::Entry;
use crate::harness::Checks;

pub(crate) const CHECKS: Checks = &[
    ("brier", check_brier),
    ("calibration", check_calibration),
    ("delong", check_delong),
    ("log_loss", check_log_loss),
    ("proportion_interval", check_proportion_interval),
    ("roc_auc", check_roc_auc),
];

fn check_roc_auc(entry: &mut Entry) {
    let value = of_rows(entry, |rows| Ok(roc_auc(rows)?.value));
    entry.expect("roc_auc", value);
}

fn check_brier(entry: &mut Entry) {
    let value = of_rows(entry, |rows| Ok(brier(rows)?.value));
    entry.expect("brier", value);
}

fn check_log_loss(entry: &mut Entry) {
    let value = of_rows(entry, |rows| Ok(log_loss(rows)?.value));
    entry.expect("log_loss", value);
}

fn check_calibration(entry: &mut Entry) {
    let count = usize::try_from(entry.param("bins").as_u64().unwrap()).unwrap();
    let bins = match entry.param("strategy").as_str().unwrap() {
        "uniform" => CalibrationBins::Uniform(count),
        "quantile" => CalibrationBins::Quantile(count),
        other => panic!("{}: strategy {other}", entry.id()),
    };
    let result = of_rows(entry, |rows| calibration(rows, bins));
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
}

fn check_delong(entry: &mut Entry) {
    let labels = entry.labels("y");
    let paired = roc_auc_paired(&labels, &entry.numbers("score_a"), &entry.numbers("score_b")).unwrap();
    let difference = paired.difference().unwrap();
    entry.expect("auc_a", paired.a.value);
    entry.expect("auc_b", paired.b.value);
    entry.expect("z_abs", difference.z.abs());
    entry.expect("p_value", difference.p_value);
}

fn check_proportion_interval(entry: &mut Entry) {
    let level = entry.param("level").as_f64().unwrap();
    let (successes, total) = (count(entry, "successes"), count(entry, "totals"));
    let wilson = proportion_wilson(successes, total, level).unwrap();
    let exact = proportion_clopper_pearson(successes, total, level).unwrap();
    entry.expect("wilson_low", wilson.lower);
    entry.expect("wilson_high", wilson.upper);
    entry.expect("clopper_pearson_low", exact.lower);
    entry.expect("clopper_pearson_high", exact.upper);
}

fn of_rows<T>(entry: &Entry, statistic: impl Fn(ScoredLabels<'_>) -> Result<T>) -> Result<T> {
    let (labels, scores) = (entry.labels("y"), entry.numbers("score"));
    let weights = entry.weights("weights");
    statistic(match &weights {
        None => ScoredLabels::new(&labels, &scores)?,
        Some(weights) => ScoredLabels::weighted(&labels, &scores, weights)?,
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of a test vector")]
fn count(entry: &Entry, input: &str) -> u64 {
    entry.numbers(input)[0] as u64
}
