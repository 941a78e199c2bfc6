//! What is asked of a challenger.

use super::*;

const LABELS: &str = "labels: {path: l.parquet, maturity: 30d}\n";

/// A small binary model with labels and what is asked of its challengers.
fn asked(promotion: &str) -> Promotion {
    read(&binary(promotion)).promotion
}

fn binary(promotion: &str) -> String {
    let small = SMALL.replace("multiclass", "binary");
    format!("{small}sla: {{latency_p99_ms: 50, error_rate: 0.001}}\n{LABELS}promotion: {promotion}\n")
}

#[test]
fn every_key_is_read() {
    let days = |days: u64| Duration::from_secs(days * 24 * 3600);
    let found = asked(
        "{error: 0.01, min_duration: 14d, min_pairs: 20000, coverage: 0.99, latency_ratio: 1.5, error_margin: 0.01,
          agreement: 0.95, psi: 0.1, labelled: {metric: brier, margin: 0.001, min_labels: 500, wait: 3d}}",
    );
    assert_eq!((found.error, found.min_duration, found.min_pairs), (0.01, days(14), 20_000));
    assert_eq!((found.coverage, found.agreement, found.psi), (0.99, Some(0.95), Some(0.1)));
    assert_eq!(found.latency, LatencyCriterion::OfChampion(1.5));
    assert_eq!(found.failures, FailureCriterion::AboveChampion(0.01));
    let labelled = found.labelled.unwrap();
    assert_eq!((labelled.metric, labelled.margin), (LabelledMetric::Brier, 0.001));
    assert_eq!((labelled.min_labels, labelled.wait), (500, Some(days(3))));
}

#[test]
fn what_is_absent_follows_from_the_rest() {
    let found = asked("{}");
    assert_eq!(found, read(&binary("{}").replace("promotion: {}\n", "")).promotion);
    assert_eq!(found.latency, LatencyCriterion::Milliseconds(50.0));
    assert_eq!(found.failures, FailureCriterion::Share(0.001));
    let labelled = found.labelled.unwrap();
    assert_eq!((labelled.metric, labelled.margin), (LabelledMetric::RocAuc, 0.005));
    assert_eq!(labelled.wait, Some(Duration::from_secs(30 * 24 * 3600)));

    let alone = read(SMALL).promotion;
    assert_eq!(alone.latency, LatencyCriterion::OfChampion(1.2));
    assert_eq!(alone.failures, FailureCriterion::AboveChampion(0.002));
    assert_eq!((alone.agreement, alone.labelled), (Some(0.9), None));
    let several = read(&format!("{SMALL}{LABELS}")).promotion.labelled.unwrap();
    assert_eq!(several.metric, LabelledMetric::Accuracy);
}

#[test]
fn what_can_be_off_is() {
    let found = asked("{agreement: off, psi: off, labelled: off}");
    assert_eq!((found.agreement, found.psi, found.labelled), (None, None, None));
    assert_eq!(asked("{labelled: {wait: off}}").labelled.unwrap().wait, None);
}

#[test]
fn mistakes_name_line_field_and_what_is_allowed() {
    let text = binary(
        "
  error: 0.5
  min_duration: 7
  min_pairs: 0
  coverage: 90
  latency_p99_ms: 20
  latency_ratio: 1.2
  error_rate: -1
  error_margin: 1
  agreement: high
  psi: 0
  labelled: {metric: auc, margin: -0.1, min_labels: many, wait: never}
  agreemnt: 0.9",
    );
    insta::assert_snapshot!(refusal(&text), @r#"
    model.yaml: 15 problems
    model.yaml:13: promotion.error: found the number 0.5, allowed: a number above 0 and below 0.5
    model.yaml:14: promotion.min_duration: found the number 7, allowed: a duration above zero such as 30d, 12h or 90s
    model.yaml:15: promotion.min_pairs: found the number 0, allowed: a whole number from 1 to 1000000000
    model.yaml:16: promotion.coverage: found the number 90, allowed: a number from 0 to 1
    model.yaml:18: promotion.latency_ratio: found latency_ratio beside latency_p99_ms, allowed: one of the two
    model.yaml:19: promotion.error_rate: found the number -1, allowed: a number from 0 to 1
    model.yaml:20: promotion.error_margin: found the number 1, allowed: a number from 0 to below 1
    model.yaml:20: promotion.error_margin: found error_margin beside error_rate, allowed: one of the two
    model.yaml:21: promotion.agreement: found "high", allowed: a number from 0 to 1, or off
    model.yaml:22: promotion.psi: found the number 0, allowed: a number above 0, or off
    model.yaml:23: promotion.labelled.metric: found "auc", allowed: roc_auc, brier, log_loss, accuracy
    model.yaml:23: promotion.labelled.margin: found the number -0.1, allowed: a number from 0 to below 1
    model.yaml:23: promotion.labelled.min_labels: found "many", allowed: a whole number from 1 to 1000000000
    model.yaml:23: promotion.labelled.wait: found "never", allowed: a duration above zero such as 3d or 12h, or off
    model.yaml:24: promotion.agreemnt: found an unknown key, allowed: error, min_duration, min_pairs, coverage, latency_p99_ms, latency_ratio, error_rate, error_margin, agreement, psi, labelled; did you mean "agreement"?
    "#);
    let without = binary("{labelled: {metric: roc_auc}}").replace(LABELS, "");
    insta::assert_snapshot!(refusal(&without), @r#"
    model.yaml: 1 problem
    model.yaml:11: promotion.labelled: found a criterion of labels, of which there are none, allowed: off, or labels beside it
    "#);
    let regression = SMALL.replace("multiclass", "regression");
    let text = format!("{regression}{LABELS}promotion: {{agreement: 0.9, labelled: {{margin: 0.1}}}}\n");
    insta::assert_snapshot!(refusal(&text), @r#"
    model.yaml: 2 problems
    model.yaml:11: promotion.agreement: found a share of equal decisions, of a model of type regression, allowed: of a model of type binary or multiclass, or off
    model.yaml:11: promotion.labelled: found a criterion of a model of type regression, for which there is no metric, allowed: off
    "#);
    let text = binary("{labelled: 0.1}");
    insta::assert_snapshot!(refusal(&text), @r#"
    model.yaml: 1 problem
    model.yaml:12: promotion.labelled: found the number 0.1, allowed: a mapping, or off
    "#);
}
