//! What holds of verdicts.

use jiff::civil::{Date, date};
use proptest::prelude::*;
use tiltmeter_record::columns::PairColumns;
use tiltmeter_record::spec::Promotion;
use tiltmeter_record::{ModelSpec, PairBucket, ShadowAccounts, ShadowBooks, ShadowLedger};

use super::alike;
use super::made_up::{Row, pairs};
use crate::shadow::ComparisonPolicy;
use crate::shadow::promotion::{
    ArrivedLabels, Criterion, CriterionName, CriterionState, PromotionDecision, PromotionInputs,
    PromotionVerdict, promotion_verdict,
};

const DAY: i64 = 86_400_000_000;

fn asked(promotion: &str) -> Promotion {
    let text = format!(
        "{{spec_version: 1, name: churn, type: binary, owner: o, tier: 3, endpoint: {{path: /p}},
          response: {{score: /s}}, features: {{age: float}}, labels: {{path: l.parquet, maturity: 3d}},
          promotion: {promotion}}}"
    );
    ModelSpec::from_yaml("test", &text).unwrap().promotion
}

/// So many days of 144 requests, of which the challenger scores and decides a little otherwise.
fn days(count: u32) -> Vec<Row> {
    alike(144 * count)
}

/// What follows the challenger's scores, known two days after the request.
fn labels_of(rows: &[Row]) -> (Vec<f64>, Vec<i64>) {
    let mut random = fastrand::Rng::with_seed(5);
    let label = |row: &Row| {
        let score = if row.scores[1].is_nan() { row.scores[0] } else { row.scores[1] };
        f64::from(u8::from(random.f64() < score))
    };
    (rows.iter().map(label).collect(), rows.iter().map(|row| row.time.saturating_add(2 * DAY)).collect())
}

fn judged(rows: &[Row], promotion: &Promotion, as_of: Option<Date>) -> PromotionVerdict {
    let table = pairs(rows);
    let (label, arrival_time) = labels_of(rows);
    let labels = Some(ArrivedLabels { label: &label, arrival_time: &arrival_time });
    let inputs = PromotionInputs { labels, as_of, ..PromotionInputs::new(promotion, &table) };
    promotion_verdict(&inputs, &ComparisonPolicy::default())
}

/// Without labels.
fn judged_alone(rows: &[Row], promotion: &Promotion) -> PromotionVerdict {
    promotion_verdict(&PromotionInputs::new(promotion, &pairs(rows)), &ComparisonPolicy::default())
}

fn of(verdict: &PromotionVerdict, name: CriterionName) -> &Criterion {
    verdict.criterion(name).unwrap()
}

#[test]
fn a_day_is_judged_by_what_was_known_at_its_end() {
    let rows = days(20);
    let promotion = asked("{labelled: {min_labels: 200, wait: 2d}}");
    let whole = judged(&rows, &promotion, None);
    assert_eq!(whole.history.len(), 22, "labels of the last day arrive two days later");
    assert_eq!(whole.as_of, Some(date(1970, 1, 22)));
    for day in [1_i8, 4, 9, 17] {
        let days = usize::try_from(day).unwrap();
        let as_of = judged(&rows, &promotion, Some(date(1970, 1, day)));
        let kept: Vec<Row> = rows.iter().take(144 * days).cloned().collect();
        let at_the_time = judged(&kept, &promotion, Some(date(1970, 1, day)));
        assert_eq!(as_of, at_the_time, "{day}");
        assert_eq!(as_of.history, whole.history[..days]);
        for (then, now) in as_of.criteria.iter().zip(&whole.criteria) {
            assert_eq!(then.looks, now.looks[..days], "{}", then.name);
        }
    }
}

#[test]
fn one_that_is_better_is_promoted_and_what_is_missing_is_said_before() {
    let rows: Vec<Row> = days(60).into_iter().map(|row| Row { latencies: [10.0, 10.0], ..row }).collect();
    let promotion =
        asked("{error_rate: 0.01, labelled: {metric: brier, margin: 0.02, min_labels: 500, wait: 3d}}");
    let early = judged(&rows, &promotion, Some(date(1970, 1, 3)));
    assert_eq!(early.decision, PromotionDecision::NotYet);
    let missing: Vec<_> = early.in_state(CriterionState::NotYet).map(|criterion| criterion.name).collect();
    assert_eq!(missing.first(), Some(&CriterionName::Duration));
    assert!(missing.contains(&CriterionName::Labelled));
    let labelled = of(&early, CriterionName::Labelled);
    assert_eq!((labelled.rows, labelled.bounds), (0, None));
    assert!(labelled.sentence.contains("count after 3 days"), "{}", labelled.sentence);
    // 500 labels are there after four days, and they are waited for three
    assert_eq!(labelled.outlook.map(|outlook| outlook.days), Some(5));
    assert!(early.expected_days.is_some_and(|days| (4..60).contains(&days)), "{early}");

    let late = judged(&rows, &promotion, None);
    assert_eq!(late.decision, PromotionDecision::Promote, "{late}");
    assert_eq!((late.summary.as_str(), late.expected_days), ("promote: all criteria are met", None));
    let first = late.first_decision.unwrap();
    assert!(first.decision == PromotionDecision::Promote && first.day < date(1970, 2, 28), "{first:?}");
    let text = late.to_string();
    assert!(text.lines().count() == 9 && text.contains("better than the champion"), "{text}");
}

#[test]
fn timeouts_are_slow_and_are_failures() {
    let rows: Vec<Row> = days(12)
        .into_iter()
        .map(|row| {
            let is_timeout = row.place % 16 == 7;
            let row = Row { latencies: [10.0, 5.0], ..row };
            // how long it was waited for is not in the data
            let timeout = || Row { latencies: [10.0, f64::NAN], ..row.clone() }.ends_in(PairBucket::Timeout);
            if is_timeout { timeout() } else { row }
        })
        .collect();
    let promotion = asked("{latency_p99_ms: 50, error_rate: 0.01}");
    let verdict = judged_alone(&rows, &promotion);
    assert_eq!(verdict.decision, PromotionDecision::Reject);
    for name in [CriterionName::Latency, CriterionName::Failures] {
        let criterion = of(&verdict, name);
        assert_eq!((criterion.state, criterion.value.value()), (CriterionState::Failed, Some(0.0625)));
        let bounds = criterion.bounds.unwrap();
        assert!(bounds.lower.unwrap() > 0.01 && bounds.upper.unwrap() > 0.05);
        // four may fail
        assert!(
            (bounds.error_of_failed - 0.0125).abs() < 1e-15 && (bounds.error_of_met - 0.05).abs() < 1e-15
        );
    }
    assert_eq!(verdict.summary, "reject: latency, failures failed");
    // nobody waited as long as that
    let verdict = judged_alone(&rows, &asked("{latency_p99_ms: 5000, error_rate: 0.01}"));
    assert_eq!(of(&verdict, CriterionName::Latency).value.value(), Some(0.0625));
}

#[test]
fn the_champions_own_latency_is_that_of_the_days_before() {
    let at = |row: &Row| row.time / DAY;
    // on the tenth day the champion gets ten times slower, and so does the challenger
    let rows: Vec<Row> = days(12)
        .into_iter()
        .map(|row| Row { latencies: if at(&row) >= 9 { [100.0; 2] } else { [10.0; 2] }, ..row })
        .collect();
    let promotion = asked("{latency_ratio: 1.5}");
    let verdict = judged_alone(&rows, &promotion);
    let looks = &of(&verdict, CriterionName::Latency).looks;
    // the first day has no day before
    assert_eq!((looks[0].rows, looks[0].value), (0, None));
    assert_eq!((looks[8].rows, looks[8].value), (144 * 8, Some(0.0)));
    // on the tenth all are above, from the eleventh on none
    let above = |place: usize| looks[place].value.unwrap() * looks[place].rows as f64;
    assert!((above(9) - 144.0).abs() < 1e-6 && (above(11) - 144.0).abs() < 1e-6);
}

#[test]
fn failures_may_be_held_against_the_champions() {
    let rows: Vec<Row> = days(30)
        .into_iter()
        .map(|row| {
            if row.place % 10 != 0 {
                return row;
            }
            Row { status: Some(503), ..row }.ends_in(PairBucket::ChallengerError)
        })
        .collect();
    let found = judged_alone(&rows, &asked("{error_margin: 0.01}"));
    let failures = of(&found, CriterionName::Failures);
    assert_eq!(
        (failures.value.value(), failures.state),
        (Some(0.0), CriterionState::Met),
        "{}",
        failures.sentence
    );
    // by itself it is far too much
    let found = judged_alone(&rows, &asked("{error_rate: 0.01}"));
    assert_eq!(of(&found, CriterionName::Failures).state, CriterionState::Failed);
}

#[test]
fn what_is_not_answered_is_failed_and_late_however_soon_the_error_comes() {
    // one in twenty: refused after a tenth of a millisecond, or not asked since the breaker is open
    for (bucket, latency) in [(PairBucket::ChallengerError, 0.1), (PairBucket::BreakerOpen, f64::NAN)] {
        let rows: Vec<Row> = days(12)
            .into_iter()
            .map(|row| match row.place % 20 {
                3 => Row { latencies: [10.0, latency], ..row }.ends_in(bucket),
                _ => row,
            })
            .collect();
        let verdict = judged_alone(&rows, &asked("{latency_p99_ms: 50, error_rate: 0.01}"));
        for name in [CriterionName::Latency, CriterionName::Failures] {
            let criterion = of(&verdict, name);
            let found = (criterion.state, criterion.rows, criterion.value.value());
            assert_eq!(
                (found.0, found.1),
                (CriterionState::Failed, 144 * 12),
                "{bucket:?} {}",
                criterion.sentence
            );
            assert!((found.2.unwrap() - 0.05).abs() < 1e-3, "{bucket:?} {}", criterion.sentence);
        }
        // of no fault of the challenger's
        let rows: Vec<Row> = rows
            .into_iter()
            .map(|row| if row.bucket == bucket { row.ends_in(PairBucket::NoPermit) } else { row })
            .collect();
        let verdict = judged_alone(&rows, &asked("{latency_p99_ms: 50, error_rate: 0.01}"));
        for name in [CriterionName::Latency, CriterionName::Failures] {
            assert_eq!(of(&verdict, name).value.value(), Some(0.0), "{name}");
        }
    }
}

#[test]
fn coverage_is_no_better_than_the_books_say() {
    let rows = days(10);
    let (table, promotion) = (pairs(&rows), asked("{labelled: off}"));
    let time = jiff::Timestamp::UNIX_EPOCH;
    let mut books = ShadowBooks::new("shadow".parse().unwrap(), "next".parse().unwrap(), time, time);
    books.requests = ShadowLedger::new(4_000, |bucket| match bucket {
        PairBucket::Paired | PairBucket::LogDropped => 1_500,
        PairBucket::SampledOut => 1_000,
        _ => 0,
    });
    let mut accounts = ShadowAccounts::new();
    accounts.add("node.1", 0, &books);
    let account = accounts.sum();
    let inputs = PromotionInputs::new(&promotion, &table);
    let by_rows = promotion_verdict(&inputs, &ComparisonPolicy::default());
    assert_eq!(of(&by_rows, CriterionName::Coverage).state, CriterionState::Met);
    let inputs = PromotionInputs { books: Some(&account), ..inputs };
    let verdict = promotion_verdict(&inputs, &ComparisonPolicy::default());
    let coverage = of(&verdict, CriterionName::Coverage);
    assert_eq!((coverage.state, coverage.value.value()), (CriterionState::NotYet, Some(0.5)));
    assert!(
        coverage.sentence.contains("by the shadow's books (100.00 % of those with a row)"),
        "{}",
        coverage.sentence
    );
    assert_ne!(verdict.decision, PromotionDecision::Promote);
}

/// Champion, second instance and challenger each say the other thing in one of ten requests: no two are alike in 90 %.
#[test]
fn a_champions_own_noise_is_not_held_against_the_challenger() {
    let mut random = fastrand::Rng::with_seed(7);
    let rows = days(20);
    let mut says = |truth: bool, errs: f64| f64::from(u8::from(truth != (random.f64() < errs)));
    let of_errors = |says: &mut dyn FnMut(bool, f64) -> f64, errs: f64| -> (Vec<Row>, Vec<Row>) {
        let noisy = rows.iter().map(|row| {
            let truth = row.place.is_multiple_of(2);
            let [champion, second, challenger] = [0.1, 0.1, errs].map(|errs| says(truth, errs));
            let row = |score| Row { scores: [champion, score], ..row.clone() };
            (row(challenger), row(second))
        });
        noisy.unzip()
    };
    let promotion = asked("{labelled: off, psi: off, agreement: 0.9}");
    let agreement = |table: &PairColumns| {
        let verdict =
            promotion_verdict(&PromotionInputs::new(&promotion, table), &ComparisonPolicy::default());
        of(&verdict, CriterionName::Agreement).clone()
    };
    let (alike, second) = of_errors(&mut says, 0.1);
    assert_eq!(agreement(&pairs(&alike)).state, CriterionState::Failed, "as if the noise were its own");
    let joined = agreement(&pairs(&alike).join_second_champion(&pairs(&second)).pairs);
    assert_eq!((joined.state, joined.threshold), (CriterionState::Met, Some(0.9)));
    let bounds = joined.bounds.unwrap();
    assert!(
        bounds.lower.unwrap() > 0.9 && bounds.lower.unwrap() < 1.0 && bounds.upper.unwrap() > 1.0,
        "{bounds:?}"
    );
    assert!(joined.sentence.contains("but for what the champion differs from itself"), "{}", joined.sentence);
    let (worse, second) = of_errors(&mut says, 0.4);
    let joined = agreement(&pairs(&worse).join_second_champion(&pairs(&second)).pairs);
    assert_eq!(joined.state, CriterionState::Failed, "what is beyond the noise is its own");
}

#[test]
fn disagreements_are_justified_by_labels() {
    let rows: Vec<Row> = days(40)
        .into_iter()
        .map(|row| {
            let differs = row.place % 3 == 0;
            let truth = row.place % 2 == 0;
            let word = |is: bool| if is { "1" } else { "0" };
            Row {
                scores: [0.5, if truth { 0.9 } else { 0.1 }],
                decisions: Some([word(truth != differs), word(truth)]),
                ..row
            }
        })
        .collect();
    let table = pairs(&rows);
    let label: Vec<f64> = rows.iter().map(|row| f64::from(u8::from(row.place % 2 == 0))).collect();
    let arrival_time: Vec<i64> = rows.iter().map(|row| row.time).collect();
    let promotion = asked("{labelled: {metric: accuracy, wait: off}}");
    let labels = Some(ArrivedLabels { label: &label, arrival_time: &arrival_time });
    let inputs = PromotionInputs { labels, ..PromotionInputs::new(&promotion, &table) };
    let verdict = promotion_verdict(&inputs, &ComparisonPolicy::default());
    let agreement = of(&verdict, CriterionName::Agreement);
    assert_eq!(agreement.state, CriterionState::Met);
    assert!(agreement.sentence.contains("the challenger is right more often"), "{}", agreement.sentence);
    assert!((agreement.bounds.unwrap().error_of_met - 0.025).abs() < 1e-15);

    let wrong: Vec<f64> = label.iter().map(|label| 1.0 - label).collect();
    let labels = Some(ArrivedLabels { label: &wrong, arrival_time: &arrival_time });
    let verdict = promotion_verdict(&PromotionInputs { labels, ..inputs }, &ComparisonPolicy::default());
    assert_eq!(of(&verdict, CriterionName::Agreement).state, CriterionState::Failed);
    let verdict =
        promotion_verdict(&PromotionInputs { labels: None, ..inputs }, &ComparisonPolicy::default());
    assert_eq!(of(&verdict, CriterionName::Agreement).state, CriterionState::NotYet);
    // where labels are not asked for, what differs cannot be justified
    let alone = judged_alone(&rows, &asked("{labelled: off}"));
    assert_eq!(of(&alone, CriterionName::Agreement).state, CriterionState::Failed);
}

#[test]
fn labels_that_come_early_wait_for_those_of_their_day() {
    let rows = days(10);
    let table = pairs(&rows);
    let label: Vec<f64> = rows.iter().map(|row| f64::from(u8::from(row.place % 4 == 0))).collect();
    // positives at once, negatives after three days
    let arrival: Vec<i64> =
        rows.iter().map(|row| row.time + if row.place % 4 == 0 { 0 } else { 3 * DAY }).collect();
    let labels = Some(ArrivedLabels { label: &label, arrival_time: &arrival });
    let rows_of = |wait: &str| -> Vec<u64> {
        let promotion = asked(&format!("{{labelled: {{min_labels: 1, wait: {wait}}}}}"));
        let inputs = PromotionInputs { labels, ..PromotionInputs::new(&promotion, &table) };
        let verdict = promotion_verdict(&inputs, &ComparisonPolicy::default());
        of(&verdict, CriterionName::Labelled).looks.iter().map(|look| look.rows).collect()
    };
    assert_eq!(rows_of("3d")[..5], [0, 0, 0, 144, 288]);
    assert_eq!(rows_of("off")[..5], [36, 72, 108, 252, 396]);
}

#[test]
fn a_copy_of_the_champion_is_not_worse() {
    let rows: Vec<Row> = days(20).into_iter().map(|row| Row { scores: [row.scores[0]; 2], ..row }).collect();
    for metric in ["roc_auc", "brier", "log_loss", "accuracy"] {
        let promotion = asked(&format!("{{labelled: {{metric: {metric}, margin: 0.005, wait: 2d}}}}"));
        let verdict = judged(&rows, &promotion, None);
        let labelled = of(&verdict, CriterionName::Labelled);
        assert_eq!((labelled.value.value(), labelled.state), (Some(0.0), CriterionState::Met), "{metric}");
    }
}

#[test]
fn what_covers_too_little_is_not_promoted_however_long_it_runs() {
    let rows: Vec<Row> = days(30)
        .into_iter()
        .map(|row| if row.place % 4 == 0 { row.ends_in(PairBucket::NoPermit) } else { row })
        .collect();
    let verdict = judged_alone(&rows, &asked("{labelled: off, psi: off, agreement: off}"));
    let coverage = of(&verdict, CriterionName::Coverage);
    assert_eq!((coverage.state, coverage.value.value()), (CriterionState::NotYet, Some(0.75)));
    assert_eq!((coverage.outlook, verdict.expected_days), (None, None));
    assert!(verdict.summary.contains("it cannot be told for how long"), "{}", verdict.summary);
    let off = [CriterionName::Agreement, CriterionName::ScoreDistribution, CriterionName::Labelled];
    assert!(off.iter().all(|name| of(&verdict, *name).state == CriterionState::NotApplicable));
}

#[test]
fn distributions_that_are_apart_are_missing_and_not_failed() {
    let rows: Vec<Row> =
        days(8).into_iter().map(|row| Row { scores: [row.scores[0], row.scores[0] / 4.0], ..row }).collect();
    let verdict = judged_alone(&rows, &asked("{}"));
    let found = of(&verdict, CriterionName::ScoreDistribution);
    assert!(found.state == CriterionState::NotYet && found.value.value().unwrap() > 1.0);
    // where there are no scores it is that of the decisions
    let rows: Vec<Row> = days(8)
        .into_iter()
        .map(|row| Row {
            scores: [f64::NAN; 2],
            decisions: Some(["1", ["1", "0"][row.place as usize % 2]]),
            ..row
        })
        .collect();
    let verdict = judged_alone(&rows, &asked("{}"));
    assert!(of(&verdict, CriterionName::ScoreDistribution).sentence.contains("of the decisions"));
}

#[test]
fn without_requests_everything_is_missing() {
    let verdict = judged_alone(&[], &asked("{}"));
    assert_eq!(
        (verdict.decision, verdict.as_of, verdict.history.len()),
        (PromotionDecision::NotYet, None, 0)
    );
    assert_eq!(verdict.expected_days, None);
    assert!(verdict.criteria.iter().all(|criterion| !criterion.sentence.is_empty()));
    let without_time: Vec<Row> =
        days(1).into_iter().map(|row| Row { time: PairColumns::NO_TIME, ..row }).collect();
    let verdict = judged_alone(&without_time, &asked("{}"));
    assert_eq!(verdict.notes, ["144 requests without an event time: they are of no day, and not looked at"]);
}

fn strange_row() -> impl Strategy<Value = Row> {
    let number = prop_oneof![
        4 => 0.0..1.0_f64,
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, -1.0, 1e300, 0.0, 1.0]),
    ];
    let time = prop_oneof![
        6 => (0..30_i64).prop_map(|day| day * DAY),
        1 => prop::sample::select(vec![i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - DAY, -DAY]),
    ];
    let bucket = prop::sample::select(PairBucket::ALL.to_vec());
    let probability = prop::sample::select(vec![1.0, 0.5, 0.001, 0.0, f64::NAN, 2.0]);
    (number.clone(), number.clone(), number.clone(), number, time, bucket, probability).prop_map(
        |(one, other, fast, slow, time, bucket, probability)| Row {
            scores: [one, other],
            latencies: [100.0 * fast, 100.0 * slow],
            time,
            bucket,
            probability,
            ..Row::paired(0)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn strange_rows_give_a_verdict_whose_figures_are_numbers(
        rows in prop::collection::vec(strange_row(), 0..200),
        metric in prop::sample::select(vec!["roc_auc", "brier", "log_loss", "accuracy"]),
        margin in prop::sample::select(vec![0.0, 0.01]),
    ) {
        let promotion = asked(&format!(
            "{{error: 1e-300, error_rate: 0, labelled: {{metric: {metric}, margin: {margin}, min_labels: 1}}}}"
        ));
        let verdict = judged(&rows, &promotion, None);
        prop_assert_eq!(&verdict, &judged(&rows, &promotion, None));
        for criterion in &verdict.criteria {
            prop_assert!(criterion.value.value().is_none_or(f64::is_finite));
            prop_assert!(!criterion.sentence.is_empty() && !criterion.sentence.contains("NaN"));
            for bounds in criterion.looks.iter().filter_map(|look| look.bounds) {
                prop_assert!(bounds.lower.is_none_or(f64::is_finite) && bounds.upper.is_none_or(f64::is_finite));
            }
        }
    }
}
