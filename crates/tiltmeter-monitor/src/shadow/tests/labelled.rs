use tiltmeter_record::PairBucket;
use tiltmeter_record::columns::LabelColumns;
use tiltmeter_record::spec::ModelKind;

use super::made_up::{Row, pairs};
use super::{alike, quick};
use crate::Measured;
use crate::shadow::{ComparisonPolicy, PairInputs, Right, compare, join_labels};

#[test]
fn the_one_that_ranks_and_decides_better_is_told() {
    let mut random = fastrand::Rng::with_seed(9);
    let rows = alike(4000);
    // what turns out to be true follows the challenger's scores
    let labels: Vec<f64> =
        rows.iter()
            .map(|row| {
                if random.f64() < 0.1 { f64::NAN } else { f64::from(u8::from(random.f64() < row.scores[1])) }
            })
            .collect();
    let table = pairs(&rows);
    let inputs = PairInputs { labels: Some(&labels), ..PairInputs::new(&table) };
    let comparison = compare(&inputs, &ComparisonPolicy { replicates: 100, ..quick() });
    let found = comparison.labelled.unwrap();
    let (low, high) = found.calibration_error_difference.estimate().unwrap().interval.unwrap();
    assert!(low < 0.0 && high < 0.1, "{low} {high}");
    assert_eq!(found.labelled + found.without_label, 4000);
    assert_eq!(found.without_label, labels.iter().filter(|label| label.is_nan()).count() as u64);
    let above = |figure: &crate::Measured| figure.estimate().unwrap().interval.unwrap().0 > 0.0;
    let below = |figure: &crate::Measured| figure.estimate().unwrap().interval.unwrap().1 < 0.0;
    assert!(above(&found.roc_auc_difference) && below(&found.brier_difference));
    assert!(found.roc_auc_p_value.unwrap() < 0.05);
    let difference =
        |one: &crate::Measured, other: &crate::Measured| other.value().unwrap() - one.value().unwrap();
    for (one, other, paired) in [
        (&found.champion_roc_auc, &found.challenger_roc_auc, &found.roc_auc_difference),
        (&found.champion_brier, &found.challenger_brier, &found.brier_difference),
        (&found.champion_log_loss, &found.challenger_log_loss, &found.log_loss_difference),
        (&found.champion_bias, &found.challenger_bias, &found.bias_difference),
        (
            &found.champion_calibration_error,
            &found.challenger_calibration_error,
            &found.calibration_error_difference,
        ),
        (&found.champion_accuracy, &found.challenger_accuracy, &found.accuracy_difference),
    ] {
        assert!((difference(one, other) - paired.value().unwrap()).abs() < 1e-12);
    }
    let test = found.mcnemar.unwrap();
    let on = &found.disagreements;
    assert_eq!(test.only_champion + test.only_challenger, on.labelled);
    let right = on.champion_right.value().unwrap();
    assert!((right - test.only_champion as f64 / on.labelled as f64).abs() < 1e-12);
    assert_eq!(on.neither_right.value(), Some(0.0));
    for row in &comparison.disagreements.rows {
        let label = row.label.map(|label| label.to_string());
        let expected = label.as_ref().map(|label| {
            if row.champion.decision.as_ref() == Some(label) { Right::Champion } else { Right::Challenger }
        });
        assert_eq!(row.right, expected);
    }
}

#[test]
fn decisions_that_are_words_need_a_positive_class() {
    let rows: Vec<Row> = (0..40)
        .map(|place| Row {
            decisions: Some([["late", "on time"][place as usize % 2], "late"]),
            ..Row::paired(place)
        })
        .collect();
    let table = pairs(&rows);
    let labels = vec![1.0; 40];
    let inputs = PairInputs { labels: Some(&labels), ..PairInputs::new(&table) };
    let found = compare(&inputs, &quick()).labelled.unwrap();
    assert!(found.accuracy_difference.reason().unwrap().contains("positive class"));
    assert_eq!(found.roc_auc_difference.reason(), Some("only one class is present"));
    assert!(found.mcnemar.is_none());
    let inputs = PairInputs { positive_class: Some("late"), ..inputs };
    let found = compare(&inputs, &quick()).labelled.unwrap();
    assert_eq!((found.champion_accuracy.value(), found.challenger_accuracy.value()), (Some(0.5), Some(1.0)));
}

#[test]
fn both_may_be_right_with_different_decisions() {
    let decisions = [["early", "on time"], ["early", "late"], ["late", "early"], ["early", "early"]];
    let rows: Vec<Row> = (0..40)
        .map(|place| Row { decisions: Some(decisions[place as usize % 4]), ..Row::paired(place) })
        .collect();
    let table = pairs(&rows);
    let labels = vec![0.0; 40];
    let inputs =
        PairInputs { labels: Some(&labels), positive_class: Some("late"), ..PairInputs::new(&table) };
    let found = compare(&inputs, &quick());
    let drawn = &found.disagreements.rows;
    assert_eq!(drawn.iter().filter(|row| row.right == Some(Right::Both)).count(), 10);
    let on = found.labelled.unwrap().disagreements;
    let shares = [&on.champion_right, &on.challenger_right, &on.neither_right, &on.both_right];
    assert_eq!(shares.map(Measured::value), [10.0, 10.0, 0.0, 10.0].map(|count| Some(count / 30.0)));
}

#[test]
fn scores_that_are_no_probabilities_have_no_losses_but_an_area() {
    let rows: Vec<Row> = alike(200)
        .into_iter()
        .map(|row| Row { scores: row.scores.map(|score| 10.0 * score - 3.0), ..row })
        .collect();
    let labels: Vec<f64> = rows.iter().map(|row| f64::from(u8::from(row.scores[0] > 1.0))).collect();
    let table = pairs(&rows);
    let inputs = PairInputs { labels: Some(&labels), ..PairInputs::new(&table) };
    let found = compare(&inputs, &quick()).labelled.unwrap();
    assert_eq!(found.champion_roc_auc.value(), Some(1.0));
    assert!(found.brier_difference.reason().unwrap().contains("not probabilities"));
}

#[test]
fn labels_are_joined_by_entity_to_pairs_and_to_requests_without_one() {
    let spec = tiltmeter_record::ModelSpec::from_yaml(
        "model.yaml",
        "{spec_version: 1, name: churn, type: binary, owner: crm, tier: 3, endpoint: {path: /p},
          response: {score: /s}, features: {age: float}, labels: {path: l.parquet, maturity: 1d}}",
    )
    .unwrap();
    let rows = [Row::paired(0), Row::paired(1).ends_in(PairBucket::Shed), Row::paired(2)];
    let ids = ["r0", "r1", "r0"].into_iter().map(Some).collect();
    let labels = LabelColumns::new(ids, vec![0.0, 1.0, 1.0], vec![5, 6, 7], None).unwrap();
    let joined = join_labels(ModelKind::Binary, spec.labels.as_ref().unwrap(), &pairs(&rows), &labels, None);
    assert_eq!(joined.label()[..2], [1.0, 1.0]);
    assert!(joined.label()[2].is_nan() && joined.books().balance());
}
