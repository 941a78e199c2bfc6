use tiltmeter_record::columns::{Categories, InclusionColumns, Texts};

use super::*;

/// Four rows, the last two of one request, and with what probability each was kept.
fn table(probabilities: Option<[f64; 4]>) -> PredictionColumns {
    let predictions = PredictionColumns::new(
        "churn".parse().unwrap(),
        vec![0; 4],
        (0..4).map(|_| None).collect::<Texts>(),
        (0..4).map(|_| None).collect::<Categories>(),
        vec![0.9, f64::NAN, 0.4, 0.6],
        vec![],
    )
    .unwrap();
    let Some(probabilities) = probabilities else { return predictions };
    let stratum = Categories::from_iter([Some("high"), None, Some("middle"), Some("middle")]);
    let inclusion = InclusionColumns::new(probabilities.to_vec(), vec![5, 6, 7, 7], stratum).unwrap();
    predictions.with_inclusion(inclusion).unwrap()
}

#[test]
fn rows_that_were_all_kept_have_no_weights() {
    for table in [table(None), table(Some([1.0; 4]))] {
        let rows = SampledRows::all(&table);
        assert_eq!((rows.len(), rows.weights()), (4, None));
        assert!(rows.inclusion().is_none());
        assert!((rows.effective_sample_size() - 4.0).abs() < 1e-15);
        let population = rows.estimated_population().unwrap();
        assert_eq!((population.value, population.standard_error), (4.0, Some(0.0)));
        let mean = rows.mean_of_all(|row| table.score()[row]).unwrap();
        assert_eq!((mean.count, mean.missing), (3, 1));
        let interval = mean.interval(0.95).unwrap();
        assert!(
            (interval.lower - 1.9 / 3.0).abs() < 1e-15 && (interval.upper - interval.lower).abs() < 1e-15
        );
    }
}

#[test]
fn rows_have_the_weights_of_their_probabilities_and_the_clusters_of_their_requests() {
    let table = table(Some([1.0, 0.5, 0.1, 0.1]));
    let rows = SampledRows::all(&table);
    assert_eq!(rows.weights(), Some([1.0, 2.0, 10.0, 10.0].as_slice()));
    assert_eq!(rows.clusters(), Some([5, 6, 7, 7].as_slice()));
    assert_eq!(rows.strata().collect::<Vec<_>>(), [Some("high"), None, Some("middle"), Some("middle")]);
    assert!((rows.effective_sample_size() - 23.0 * 23.0 / 205.0).abs() < 1e-12);
    let population = rows.estimated_population().unwrap();
    // (1 - p) (sum of weights)^2 by request
    let error = (0.5 * 4.0 + 0.9 * 400.0_f64).sqrt();
    assert!((population.value - 23.0).abs() < 1e-12);
    assert!(population.standard_error.is_some_and(|found| (found - error).abs() < 1e-12));

    let score = table.score();
    let mean = rows.mean_of(|row| score[row]).unwrap();
    assert!((mean.value - 10.9 / 21.0).abs() < 1e-12);
    assert_eq!((mean.count, mean.missing, mean.clusters), (3, 1, Some(2)));
    let all = rows.mean_of_all(|row| score[row]).unwrap();
    assert!((all.value - mean.value).abs() < 1e-15);
    let share = rows.share_of_all(|row| score[row] > 0.5).unwrap();
    assert!((share.value - 11.0 / 23.0).abs() < 1e-12 && share.is_share);
    let total = rows.total_of_all(|row| score[row]).unwrap();
    assert!((total.value - 10.9).abs() < 1e-12);
    let ratio = |row: usize| (score[row], f64::from(u8::from(score[row] > 0.5)));
    let (of, of_all) = (rows.ratio_of(ratio).unwrap(), rows.ratio_of_all(ratio).unwrap());
    assert!((of.value - 10.9 / 11.0).abs() < 1e-12 && (of.value - of_all.value).abs() < 1e-15);
}

#[test]
fn some_rows_are_those_that_are_asked_for_and_there() {
    let table = table(Some([1.0, 0.5, 0.1, 0.1]));
    let rows = SampledRows::of(&table, [3, 0, 9]);
    assert_eq!((rows.rows(), rows.weights()), ([3, 0].as_slice(), Some([10.0, 1.0].as_slice())));
    let certain = rows.filtered(|row| row == 0);
    assert_eq!((certain.len(), certain.weights()), (1, None));
    let none = rows.filtered(|_| false);
    assert!(none.is_empty() && none.estimated_population().is_err());
    assert!(none.mean_of(|_| 1.0).is_err());
}

#[test]
fn a_probability_of_next_to_nothing_does_not_overflow() {
    let table = table(Some([1.0, 1e-300, 0.1, 0.1]));
    let rows = SampledRows::all(&table);
    let population = rows.estimated_population().unwrap();
    assert!((population.value / 1e12 - 1.0).abs() < 1e-9 && population.standard_error.is_some());
}
