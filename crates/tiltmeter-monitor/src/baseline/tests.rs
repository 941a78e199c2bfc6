use tiltmeter_record::columns::{ColumnValues, FeatureColumn, Texts};

use super::*;
use crate::SCORE;

const DAY: i64 = 86_400_000_000;

fn reference(plans: Categories, ages: Vec<f64>) -> PredictionColumns {
    let rows = ages.len();
    let day = |row: usize| i64::try_from(row % 3).unwrap() * DAY;
    PredictionColumns::new(
        "churn".parse().unwrap(),
        (0..rows).map(day).collect(),
        (0..rows).map(|_| None).collect::<Texts>(),
        (0..rows).map(|_| None).collect::<Categories>(),
        (0..rows).map(|row| (row % 10) as f64 / 10.0).collect(),
        vec![
            FeatureColumn { name: "plan".parse().unwrap(), values: ColumnValues::Categories(plans) },
            FeatureColumn { name: "score".parse().unwrap(), values: ColumnValues::Numbers(ages) },
        ],
    )
    .unwrap()
}

fn plans(rows: usize) -> Categories {
    (0..rows).map(|row| (row % 5 > 0).then_some(if row % 2 == 0 { "gold" } else { "free" })).collect()
}

#[test]
fn every_row_is_in_one_day_of_each_column() {
    let ages = (0..300).map(|row| if row % 7 == 0 { f64::NAN } else { f64::from(row) }).collect();
    let baseline = build_baseline(ModelKind::Binary, &reference(plans(300), ages), None).unwrap();
    let names: Vec<_> = baseline.columns().iter().map(BaselineColumn::name).collect();
    assert_eq!(names, [SCORE, "plan", "feature_score"], "a feature may be called score");
    for column in baseline.columns() {
        let rows: Vec<f64> = column.days().iter().map(|day| day.missing + day.present()).collect();
        assert_eq!(rows, [100.0; 3], "{}", column.name());
    }
    let rate = |name: &str| baseline.column(name).unwrap().missing_rate();
    assert!((rate("plan") - 0.2).abs() < 1e-12 && (rate("feature_score") - 43.0 / 300.0).abs() < 1e-12);
    assert_eq!(baseline.subject(), "churn");
    assert!(baseline.quality().is_none());
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let ages: Vec<f64> = (0..300).map(|row| f64::from(row * 7 % 100)).collect();
    let forwards = reference(plans(300), ages.clone());
    let built = build_baseline(ModelKind::Binary, &forwards, None).unwrap();
    let backwards = PredictionColumns::new(
        forwards.model().clone(),
        forwards.event_time().iter().rev().copied().collect(),
        (0..300).map(|_| None).collect::<Texts>(),
        (0..300).map(|_| None).collect::<Categories>(),
        forwards.score().iter().rev().copied().collect(),
        vec![FeatureColumn {
            name: "plan".parse().unwrap(),
            values: ColumnValues::Categories(
                (0..300).rev().map(|row| plans(300).get(row).map(str::to_owned)).fold(
                    Categories::new(),
                    |mut column, name| {
                        column.push(name.as_deref());
                        column
                    },
                ),
            ),
        }],
    )
    .unwrap();
    let again = build_baseline(ModelKind::Binary, &backwards, None).unwrap();
    assert_eq!(again.column("plan"), built.column("plan"));
    let days = |baseline: &Baseline| {
        let days = baseline.column(SCORE).unwrap().days().iter();
        days.map(|day| day.counts.clone()).collect::<Vec<_>>()
    };
    assert_eq!(days(&again), days(&built));
}

#[test]
fn a_column_without_values_is_kept_as_that() {
    let nothing = (0..300).map(|_| None).collect::<Categories>();
    let baseline = build_baseline(ModelKind::Binary, &reference(nothing, vec![f64::NAN; 300]), None).unwrap();
    for name in ["plan", "feature_score"] {
        let column = baseline.column(name).unwrap();
        assert_eq!(column.summary(), &ColumnSummary::AllMissing);
        assert_eq!((column.missing_rate(), column.days().len()), (1.0, 3));
    }
}

#[test]
fn rare_categories_share_the_last_bin() {
    let mut names: Vec<String> = (0..MAX_CATEGORIES + 50).map(|name| format!("n{name:05}")).collect();
    names.extend(names[..MAX_CATEGORIES].to_vec());
    let many: Categories = names.iter().map(|name| Some(name.as_str())).collect();
    let rows = names.len();
    let baseline = build_baseline(ModelKind::Binary, &reference(many, vec![1.0; rows]), None).unwrap();
    let column = baseline.column("plan").unwrap();
    assert_eq!(column.summary().bin_count(), MAX_CATEGORIES + 1);
    assert!((column.counts()[MAX_CATEGORIES] - 50.0).abs() < 1e-9);
}

#[test]
fn quality_is_of_the_rows_with_a_label_and_of_binary_models_only() {
    let reference = reference(plans(300), vec![1.0; 300]);
    let labels: Vec<f64> =
        (0..300).map(|row| if row < 100 { f64::NAN } else { f64::from(u8::from(row % 10 > 6)) }).collect();
    let quality = |kind| build_baseline(kind, &reference, Some(&labels)).unwrap().quality().copied();
    let figures = *quality(ModelKind::Binary).unwrap().figures();
    assert_eq!((figures.rows, figures.labelled, figures.positives), (300, 200, 60));
    assert_eq!((figures.roc_auc, figures.weeks), (1.0, 0));
    assert!(quality(ModelKind::Regression).is_none());
    let nothing = vec![f64::NAN; 300];
    assert!(build_baseline(ModelKind::Binary, &reference, Some(&nothing)).unwrap().quality().is_none());
}
