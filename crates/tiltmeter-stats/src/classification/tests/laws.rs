//! Laws that hold for all rows.

use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::{Result, Undefined};

/// Scores on a grid, so that many are tied and 1 − score is exact; whole weights, 0 among them but not alone.
pub(super) fn rows(count: Range<usize>) -> impl Strategy<Value = Rows> {
    let row = (any::<bool>(), 0_u32..=64, 0_u32..=4);
    let rows = prop::collection::vec(row, count).prop_map(|rows| {
        rows.into_iter()
            .map(|(label, score, weight)| (label, f64::from(score) / 64.0, f64::from(weight)))
            .collect::<Rows>()
    });
    rows.prop_filter("a row must count", |rows| rows.weights.iter().any(|&weight| weight > 0.0))
}

fn repeated(rows: &Rows) -> Rows {
    let each = rows.labels.iter().zip(&rows.scores).zip(&rows.weights);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    each.flat_map(|((&label, &score), &weight)| std::iter::repeat_n((label, score, 1.0), weight as usize))
        .collect()
}

fn reversed(rows: &Rows) -> Rows {
    let each = rows.labels.iter().zip(&rows.scores).zip(&rows.weights).rev();
    each.map(|((&label, &score), &weight)| (label, score, weight)).collect()
}

fn hostile() -> impl Strategy<Value = Rows> {
    let score = prop_oneof![
        any::<f64>(),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(-0.0),
        Just(5e-324),
        Just(1.0),
        0.0..=1.0_f64,
    ];
    let probability = prop_oneof![
        Just(-0.0),
        Just(5e-324),
        Just(1.0),
        Just(f64::EPSILON),
        Just(1.0 - f64::EPSILON),
        0.0..=1.0_f64,
    ];
    let weight = prop_oneof![
        Just(0.0),
        Just(5e-324),
        Just(1e-200),
        Just(1.0),
        Just(1e200),
        Just(f64::MAX),
        any::<f64>().prop_filter_map("a weight", |weight| weight.is_finite().then_some(weight.abs())),
    ];
    let of = |score: BoxedStrategy<f64>| {
        let row = (any::<bool>(), score, weight.clone());
        prop::collection::vec(row, 1..20).prop_map(|rows| rows.into_iter().collect::<Rows>())
    };
    let rows = prop_oneof![of(score.boxed()), of(probability.boxed())];
    rows.prop_filter("a row must count", |rows| rows.weights.iter().any(|&weight| weight > 0.0))
}

proptest! {
    #[test]
    fn turning_the_scores_or_the_labels_around_mirrors_the_auc(rows in rows(2..60)) {
        let Ok(auc) = roc_auc(rows.view()) else { return Ok(()) };
        let labels = rows.labels.iter().map(|label| !label).collect();
        for mirrored in [rows.with_scores(|score| 1.0 - score), Rows { labels, ..rows.clone() }] {
            let other = roc_auc(mirrored.view())?;
            prop_assert!((other.value - (1.0 - auc.value)).abs() < 1e-12);
            prop_assert!(both_close(other.variance, auc.variance));
        }
    }

    #[test]
    fn only_the_order_of_the_scores_counts(rows in rows(2..60)) {
        let Ok(auc) = roc_auc(rows.view()) else { return Ok(()) };
        for of in [|score: f64| 3.0 * score - 7.0, f64::exp, |score: f64| score.powi(3), |score: f64| (score - 0.5) * 1e300] {
            prop_assert_eq!(roc_auc(rows.with_scores(of).view())?, auc);
        }
    }

    #[test]
    fn only_the_order_of_the_scores_counts_for_average_precision(rows in rows(1..60)) {
        let Ok(precision) = average_precision(rows.view()) else { return Ok(()) };
        for of in [|score: f64| 3.0 * score - 7.0, f64::exp, |score: f64| (score - 0.5) * 1e300] {
            prop_assert_eq!(average_precision(rows.with_scores(of).view())?, precision);
        }
        let constant = average_precision(rows.with_scores(|_| f64::INFINITY).view())?;
        prop_assert!(close(constant.value, constant.base_rate));
        prop_assert!(precision.expected_without_skill >= precision.base_rate - 1e-9);
    }

    #[test]
    fn the_area_under_the_curve_is_the_auc(rows in rows(2..60)) {
        let Ok(auc) = roc_auc(rows.view()) else { return Ok(()) };
        let (mut area, mut last) = (0.0, (0.0, 0.0));
        for point in roc_curve(rows.view())? {
            area += (point.false_positive_rate - last.0) * (point.true_positive_rate + last.1) / 2.0;
            prop_assert!(point.false_positive_rate >= last.0 && point.true_positive_rate >= last.1);
            last = (point.false_positive_rate, point.true_positive_rate);
            // the curve is what matrices at its thresholds say
            let matrix = ConfusionMatrix::at_threshold(rows.view(), point.threshold)?;
            prop_assert!(close(matrix.recall()?, last.1) && close(matrix.false_positive_rate()?, last.0));
        }
        prop_assert!(close(area, auc.value) && close(last.0, 1.0) && close(last.1, 1.0));
    }

    #[test]
    fn the_parts_of_the_brier_score_add_up(rows in rows(1..80), bins in 1_usize..30) {
        for bins in [CalibrationBins::Uniform(bins), CalibrationBins::Quantile(bins)] {
            let parts = brier_decomposition(rows.view(), bins)?;
            let sum = parts.reliability - parts.resolution + parts.uncertainty + parts.within_bin_variance
                - parts.within_bin_covariance;
            prop_assert!((sum - parts.brier).abs() < 1e-12, "{parts:?}");
            match brier_skill_score(rows.view()) {
                Ok(skill) => prop_assert!(close(skill.value, parts.skill_score()?)),
                Err(error) => prop_assert_eq!(Err(error), parts.skill_score()),
            }
        }
    }

    #[test]
    fn turning_the_rows_around_keeps_spiegelhalters_z(rows in rows(1..60)) {
        let labels = rows.labels.iter().map(|label| !label).collect();
        let mirrored = Rows { labels, ..rows.with_scores(|score| 1.0 - score) };
        prop_assert!(agree(spiegelhalter(rows.view()), spiegelhalter(mirrored.view()), |test| (test.z, None)));
    }

    #[test]
    fn the_order_of_the_rows_does_not_count(rows in rows(1..60)) {
        same(&rows, &reversed(&rows), Part::All)?;
    }

    #[test]
    fn whole_weights_are_repeated_rows(rows in rows(1..60)) {
        same(&rows, &repeated(&rows), Part::Estimates)?;
    }

    #[test]
    fn the_scale_of_the_weights_does_not_count(
        rows in rows(1..60), scale in prop_oneof![Just(3.0), Just(1e-8), Just(1e150), Just(1e300), Just(1e-300)],
    ) {
        same(&rows, &rows.with_weights(|weight| weight * scale), Part::All)?;
    }

    #[test]
    fn equal_weights_are_no_weights(rows in rows(1..60)) {
        let equal = rows.with_weights(|_| 2.5);
        prop_assert!(agree(brier(equal.view()), brier(rows.unweighted()), |b| (b.value, b.standard_error)));
        prop_assert!(agree(roc_auc(equal.view()), roc_auc(rows.unweighted()), |a| (a.value, a.variance)));
    }

    #[test]
    fn calibration_errors_are_in_order_and_bins_complete(rows in rows(1..80), bins in 1_usize..30) {
        for bins in [CalibrationBins::Uniform(bins), CalibrationBins::Quantile(bins)] {
            let calibration = calibration(rows.view(), bins)?;
            let (ece, rms, mce) = (
                calibration.expected_calibration_error,
                calibration.root_mean_square_calibration_error,
                calibration.maximum_calibration_error,
            );
            prop_assert!(0.0 <= ece && ece <= rms + 1e-12 && rms <= mce + 1e-12 && mce <= 1.0);
            prop_assert!(calibration.bias.abs() <= ece + 1e-12);
            prop_assert_eq!(calibration.bins.iter().map(|bin| bin.count).sum::<usize>(), calibration.count);
            for bin in &calibration.bins {
                prop_assert!(bin.lower <= bin.upper);
                if let Some(mean) = bin.mean_score {
                    prop_assert!(bin.lower - 1e-12 <= mean && mean <= bin.upper + 1e-12);
                    prop_assert!(bin.interval(0.9).unwrap().contains(bin.observed_rate.unwrap()));
                }
            }
        }
    }

    #[test]
    fn hostile_floats_give_a_number_in_range_or_an_error(rows in hostile()) {
        let within = |value: f64, highest: f64| value >= 0.0 && value <= highest;
        let error_within = |error: Option<f64>| error.is_none_or(|error| within(error, f64::MAX));
        if let Ok(auc) = roc_auc(rows.view()) {
            prop_assert!(within(auc.value, 1.0) && error_within(auc.variance), "{auc:?}");
            if let Some(interval) = auc.interval(0.95) {
                prop_assert!(0.0 <= interval.lower && interval.contains(auc.value) && interval.upper <= 1.0);
            }
        }
        if let Ok(brier) = brier(rows.view()) {
            prop_assert!(within(brier.value, 1.0) && error_within(brier.standard_error), "{brier:?}");
        }
        if let Ok(loss) = log_loss(rows.view()) {
            prop_assert!(within(loss.value, 36.05) && error_within(loss.standard_error), "{loss:?}");
        }
        if let Ok(precision) = average_precision(rows.view()) {
            prop_assert!(within(precision.value, 1.0) && error_within(precision.variance), "{precision:?}");
            prop_assert!(within(precision.expected_without_skill, 1.0), "{precision:?}");
            if let Some(interval) = precision.interval(0.95) {
                prop_assert!(0.0 <= interval.lower && interval.contains(precision.value) && interval.upper <= 1.0);
            }
            prop_assert!(within(precision_recall_auc(rows.view())?, 1.0));
            for point in precision_recall_curve(rows.view())? {
                prop_assert!(within(point.precision, 1.0) && within(point.recall, 1.0), "{point:?}");
            }
        }
        for point in roc_curve(rows.view()).unwrap_or_default() {
            prop_assert!(within(point.true_positive_rate, 1.0) && within(point.false_positive_rate, 1.0), "{point:?}");
        }
        if let Ok(test) = spiegelhalter(rows.view()) {
            prop_assert!(test.z.is_finite() && within(test.p_value, 1.0) && within(test.brier, 1.0), "{test:?}");
        }
        if let Ok(skill) = brier_skill_score(rows.view()) {
            prop_assert!(skill.value <= 1.0 && error_within(skill.standard_error), "{skill:?}");
        }
        for bins in [CalibrationBins::Uniform(10), CalibrationBins::Quantile(10)] {
            if let Ok(parts) = brier_decomposition(rows.view(), bins) {
                prop_assert!(within(parts.reliability, 1.0) && within(parts.resolution, 0.25), "{parts:?}");
                prop_assert!(within(parts.expected_reliability_without_miscalibration, 1.0), "{parts:?}");
                prop_assert!(within(parts.expected_resolution_without_skill, 1.0), "{parts:?}");
                prop_assert!(within(parts.within_bin_variance, 1.0), "{parts:?}");
                prop_assert!(parts.within_bin_covariance.abs() <= 2.0, "{parts:?}");
            }
            if let Ok(calibration) = calibration(rows.view(), bins) {
                let chance = calibration.maximum_without_miscalibration();
                prop_assert!(within(chance.expected, 1.0) && within(chance.p_value, 1.0), "{chance:?}");
                prop_assert!(within(chance.standard_deviation, 1.0), "{chance:?}");
                prop_assert!(within(calibration.maximum_quantile_without_miscalibration(0.95)?, 1.0));
                prop_assert!(within(calibration.expected_calibration_error, 1.0), "{calibration:?}");
                prop_assert!(within(calibration.expected_without_miscalibration, 1.0), "{calibration:?}");
                prop_assert!(within(calibration.base_rate, 1.0) && within(calibration.mean_score, 1.0));
                prop_assert!(error_within(calibration.bias_standard_error), "{calibration:?}");
            }
        }
        let missing = (0..rows.labels.len()).filter(|&row| rows.weights[row] > 0.0 && rows.scores[row].is_nan());
        let missing = missing.count();
        if missing > 0 {
            prop_assert_eq!(roc_auc(rows.view()), Err(Undefined::MissingScores(missing).into()));
            prop_assert_eq!(brier(rows.view()), Err(Undefined::MissingScores(missing).into()));
        }
    }
}

type Figure = fn(Calibration) -> (f64, Option<f64>);

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Estimates,
    All,
}

fn agree<T>(one: Result<T>, other: Result<T>, of: impl Fn(T) -> (f64, Option<f64>)) -> bool {
    match (one.map(&of), other.map(&of)) {
        (Ok(one), Ok(other)) => close(one.0, other.0) && both_close(one.1, other.1),
        (one, other) => one.err() == other.err(),
    }
}

/// Whether two ways to give the same rows give the same statistics.
fn same(one: &Rows, other: &Rows, part: Part) -> std::result::Result<(), TestCaseError> {
    let error = |error: Option<f64>| error.filter(|_| part == Part::All);
    let (one, other) = (one.view(), other.view());
    prop_assert!(agree(roc_auc(one), roc_auc(other), |auc| (auc.value, error(auc.variance))));
    prop_assert!(agree(brier(one), brier(other), |brier| (brier.value, error(brier.standard_error))));
    prop_assert!(agree(log_loss(one), log_loss(other), |loss| (loss.value, error(loss.standard_error))));
    let precision = |found: AveragePrecision| (found.value, error(found.variance));
    prop_assert!(agree(average_precision(one), average_precision(other), precision));
    prop_assert!(agree(precision_recall_auc(one), precision_recall_auc(other), |area| (area, None)));
    let skill = |skill: BrierSkillScore| (skill.value, error(skill.standard_error));
    prop_assert!(agree(brier_skill_score(one), brier_skill_score(other), skill));
    if part == Part::All {
        prop_assert!(agree(spiegelhalter(one), spiegelhalter(other), |test| (test.z, Some(test.p_value))));
        let expected =
            |found: AveragePrecision| (found.expected_without_skill, Some(found.effective_positives));
        prop_assert!(agree(average_precision(one), average_precision(other), expected));
    }
    let of: [Figure; 5] = [
        |calibration| (calibration.expected_calibration_error, None),
        |calibration| (calibration.maximum_calibration_error, None),
        |calibration| (calibration.base_rate, None),
        |calibration| (calibration.bias, calibration.bias_standard_error),
        |calibration| {
            (
                calibration.expected_without_miscalibration,
                Some(calibration.standard_deviation_without_miscalibration),
            )
        },
    ];
    for of in &of[..if part == Part::All { 5 } else { 3 }] {
        let bins = CalibrationBins::default();
        prop_assert!(agree(calibration(one, bins), calibration(other, bins), of));
    }
    Ok(())
}
