//! ROC AUC and DeLong's variance by their definitions, all pairs compared.

use proptest::prelude::*;

use super::laws::rows;
use super::*;

struct Pairs {
    auc: f64,
    variance: f64,
    covariance: f64,
}

/// The definition, for two scores of the rows. The covariance of a score with itself is its variance.
fn by_pairs(rows: &Rows, scores: &[f64], others: &[f64]) -> Pairs {
    let of = |class: bool| {
        (0..rows.labels.len()).filter(move |&row| rows.labels[row] == class && rows.weights[row] > 0.0)
    };
    let weight = |class: bool| of(class).map(|row| rows.weights[row]).sum::<f64>();
    let rightly = |scores: &[f64], positive: usize, negative: usize| match scores[positive]
        .partial_cmp(&scores[negative])
        .unwrap()
    {
        std::cmp::Ordering::Greater => 1.0,
        std::cmp::Ordering::Equal => 0.5,
        std::cmp::Ordering::Less => 0.0,
    };
    let placement = |scores: &[f64], row: usize| {
        let against = of(!rows.labels[row]).map(|other| {
            let (positive, negative) = if rows.labels[row] { (row, other) } else { (other, row) };
            rows.weights[other] * rightly(scores, positive, negative)
        });
        against.sum::<f64>() / weight(!rows.labels[row])
    };
    let auc = |scores: &[f64]| {
        of(true).map(|row| rows.weights[row] * placement(scores, row)).sum::<f64>() / weight(true)
    };
    let covariance = |one: &[f64], other: &[f64]| {
        let (mean_one, mean_other) = (auc(one), auc(other));
        let part = |class: bool| {
            let squares: f64 = of(class).map(|row| rows.weights[row].powi(2)).sum();
            let sum: f64 = of(class)
                .map(|row| {
                    rows.weights[row].powi(2)
                        * (placement(one, row) - mean_one)
                        * (placement(other, row) - mean_other)
                })
                .sum();
            sum / (weight(class).powi(2) - squares)
        };
        part(true) + part(false)
    };
    Pairs { auc: auc(scores), variance: covariance(scores, scores), covariance: covariance(scores, others) }
}

proptest! {
    #[test]
    fn sorting_gives_what_comparing_all_pairs_gives(rows in rows(2..25), others in rows(25..26)) {
        let Ok(paired) = roc_auc_paired_weighted(
            &rows.labels, &rows.scores, &others.scores[..rows.labels.len()], &rows.weights,
        ) else { return Ok(()) };
        let others = &others.scores[..rows.labels.len()];
        let (a, b) = (by_pairs(&rows, &rows.scores, others), by_pairs(&rows, others, others));
        prop_assert!(close(paired.a.value, a.auc) && close(paired.b.value, b.auc));
        let Some(variance) = paired.a.variance else { return Ok(()) };
        prop_assert!(close(variance, a.variance), "{variance} {}", a.variance);
        let difference = a.variance + b.variance - 2.0 * a.covariance;
        prop_assert!(close(paired.variance_of_difference.unwrap(), difference));
    }
}

/// AP and its variance by their formulas, with the sums over other rows for each row anew.
fn average_precision_by_rows(rows: &Rows) -> (f64, f64) {
    let all = || 0..rows.labels.len();
    let positives = || all().filter(|&row| rows.labels[row]);
    let from = |score: f64, label: bool| -> f64 {
        let rows_from = all().filter(|&row| rows.labels[row] == label && rows.scores[row] >= score);
        rows_from.map(|row| rows.weights[row]).sum()
    };
    let precision = |row: usize| {
        let (positive, negative) = (from(rows.scores[row], true), from(rows.scores[row], false));
        positive / (positive + negative)
    };
    let weight: f64 = positives().map(|row| rows.weights[row]).sum();
    let squares: f64 = positives().map(|row| rows.weights[row].powi(2)).sum();
    let size = weight * weight / squares;
    let value = positives().map(|row| rows.weights[row] * precision(row)).sum::<f64>() / weight;
    let influence = |row: usize| {
        let below = positives().filter(|&other| rows.scores[other] <= rows.scores[row]);
        let slope = |other: usize| {
            let (positive, negative) = (from(rows.scores[other], true), from(rows.scores[other], false));
            let numerator = if rows.labels[row] { negative } else { -positive };
            rows.weights[other] * numerator / (positive + negative).powi(2)
        };
        below.map(slope).sum::<f64>() + if rows.labels[row] { precision(row) - value } else { 0.0 }
    };
    let sum: f64 = all().map(|row| (rows.weights[row] * influence(row) / weight).powi(2)).sum();
    (value, sum * size / (size - 1.0))
}

proptest! {
    #[test]
    fn sweeping_gives_the_average_precision_that_its_definition_gives(rows in rows(1..25)) {
        let counted = rows.labels.iter().zip(&rows.scores).zip(&rows.weights).filter(|(_, weight)| **weight > 0.0);
        let rows: Rows = counted.map(|((&label, &score), &weight)| (label, score, weight)).collect();
        let Ok(found) = average_precision(rows.view()) else { return Ok(()) };
        let (value, variance) = average_precision_by_rows(&rows);
        prop_assert!(close(found.value, value), "{found:?} {value}");
        if let Some(found) = found.variance {
            prop_assert!(close(found, variance), "{found} {variance}");
        }
        let step = |points: &[PrecisionRecallPoint]| -> f64 {
            let recalls = std::iter::once(0.0).chain(points.iter().map(|point| point.recall));
            points.iter().zip(recalls).map(|(point, before)| (point.recall - before) * point.precision).sum()
        };
        prop_assert!(close(step(&precision_recall_curve(rows.view())?), value));
    }

    #[test]
    fn expected_average_precision_is_the_mean_over_all_ways_to_deal_out_labels(
        scores in prop::collection::vec(0_u8..4, 1..8), positives in 1_u32..8,
    ) {
        let scores: Vec<f64> = scores.into_iter().map(f64::from).collect();
        let (mut sum, mut ways, mut expected) = (0.0, 0.0, None);
        for chosen in (0..1_u32 << scores.len()).filter(|chosen| chosen.count_ones() == positives) {
            let labels: Vec<bool> = (0..scores.len()).map(|row| chosen >> row & 1 == 1).collect();
            let found = average_precision(ScoredLabels::new(&labels, &scores)?)?;
            sum += found.value;
            ways += 1.0;
            expected = Some(found.expected_without_skill);
        }
        prop_assert!(expected.is_none_or(|expected| close(expected, sum / ways)), "{expected:?} {}", sum / ways);
    }
}
