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
