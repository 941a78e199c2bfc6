//! That ranks tell what sorts of the rows tell.

use proptest::prelude::*;

use crate::{Ecdf, QuantileBins, Ranks, Sample, roc_auc_difference_ranked, roc_auc_paired_weighted};

const SHARES: [f64; 5] = [1.0, 0.3, 0.5, 0.0, 0.99];

/// Few different values, so that there are ties.
fn scores() -> impl Strategy<Value = f64> {
    prop_oneof![8 => (0..40_i32).prop_map(|value| f64::from(value) / 8.0), 1 => Just(f64::INFINITY), 1 => Just(-0.0)]
}

fn weights() -> impl Strategy<Value = f64> {
    prop::sample::select(vec![0.0, 1.0, 1.0, 2.5, 1.0 / 0.3])
}

/// What is left of a column without the rows that weigh nothing.
fn kept<T: Copy>(column: &[T], weights: &[f64]) -> Vec<T> {
    column.iter().zip(weights).filter(|(_, weight)| **weight > 0.0).map(|(value, _)| *value).collect()
}

#[test]
fn missing_values_and_rows_beyond_the_weights_are_not_looked_at() {
    let ranks = Ranks::of(&[f64::NAN, 2.0, 1.0, -5.0]).unwrap();
    assert_eq!(ranks.quantiles(&[9.0, 1.0, 1.0], &[0.0, 0.5, 0.6, 1.0]).unwrap(), [1.0, 1.0, 2.0, 2.0]);
    assert!(ranks.quantiles(&[9.0], &[0.5]).unwrap_err().is_undefined());
    for (weights, shares) in [(&[0.0; 4][..], 0.5), (&[1.0; 5], 0.5), (&[-1.0], 0.5), (&[1.0; 4], 1.5)] {
        assert!(ranks.quantiles(weights, &[shares]).unwrap_err().is_invalid(), "{weights:?} {shares}");
    }
    assert!(ranks.quantile_bins(&[1.0; 4], 0).unwrap_err().is_invalid());
}

#[test]
fn equal_weights_of_any_size_count_as_none() {
    let values: Vec<f64> = (0..1000).map(f64::from).collect();
    let ranks = Ranks::of(&values).unwrap();
    for weight in [1.0, 1.0 / 0.3, 1e-200, 1e300] {
        for rows in [1000, 300, 257, 7] {
            let found = ranks.quantile_bins(&vec![weight; rows], 10).unwrap();
            assert_eq!(found, QuantileBins::of(&values[..rows], 10).unwrap(), "{weight} {rows}");
        }
    }
}

#[test]
fn rows_without_a_score_make_a_difference_undefined_unless_they_weigh_nothing() {
    let (a, b) = (Ranks::of(&[0.1, f64::NAN, 0.7, 0.8, 0.3]), Ranks::of(&[0.2, 0.5, 0.9, 0.1, 0.6]));
    let (a, b, labels) = (a.unwrap(), b.unwrap(), [false, true, true, false, true]);
    assert!(roc_auc_difference_ranked(&labels, &a, &b, &[1.0, 0.0, 1.0, 1.0, 1.0]).is_ok());
    assert!(roc_auc_difference_ranked(&labels, &a, &b, &[1.0; 5]).unwrap_err().is_undefined());
    assert!(roc_auc_difference_ranked(&labels, &a, &b, &[1.0; 4]).unwrap_err().is_invalid());
}

proptest! {
    #[test]
    fn quantiles_are_those_of_the_distribution_function(
        rows in prop::collection::vec((prop_oneof![9 => scores(), 1 => Just(f64::NAN)], weights()), 1..80),
    ) {
        let (values, weights): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
        let ranks = Ranks::of(&values).unwrap();
        match Sample::weighted(&values, &weights).and_then(Ecdf::of) {
            Ok(ecdf) => {
                // the sums of such weights are of other orders of addition: shares that are met exactly are left out
                let found = ranks.quantiles(&weights, &SHARES).unwrap();
                for (share, found) in SHARES.into_iter().zip(found) {
                    let near = [share - 1e-9, share + 1e-9].map(|share| ecdf.quantile(share.clamp(0.0, 1.0)).unwrap());
                    prop_assert!(found >= near[0] && found <= near[1], "{share} {found} {near:?}");
                }
            }
            Err(_) => prop_assert!(ranks.quantiles(&weights, &SHARES).is_err()),
        }
    }

    #[test]
    fn differences_are_those_of_sorted_rows(
        rows in prop::collection::vec((scores(), scores(), any::<bool>(), weights()), 1..80),
    ) {
        let column = |of: fn(&(f64, f64, bool, f64)) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
        let (a, b, weights) = (column(|row| row.0), column(|row| row.1), column(|row| row.3));
        let labels: Vec<bool> = rows.iter().map(|row| row.2).collect();
        let ranked = roc_auc_difference_ranked(&labels, &Ranks::of(&a).unwrap(), &Ranks::of(&b).unwrap(), &weights);
        let sorted = roc_auc_paired_weighted(
            &kept(&labels, &weights), &kept(&a, &weights), &kept(&b, &weights), &kept(&weights, &weights),
        );
        match (ranked, sorted.and_then(|paired| paired.difference())) {
            (Ok(ranked), Ok(sorted)) => {
                prop_assert!((ranked.difference - sorted.difference).abs() < 1e-14);
                prop_assert!((ranked.standard_error / sorted.standard_error - 1.0).abs() < 1e-12);
            }
            (ranked, sorted) => prop_assert!(
                // what is nothing but rounding is one or the other
                ranked.is_err() && sorted.is_err()
                    || [ranked, sorted].into_iter().flatten().all(|found| found.standard_error < 1e-7),
            ),
        }
    }
}
