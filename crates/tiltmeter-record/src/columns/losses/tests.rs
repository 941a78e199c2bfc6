//! What a correction keeps, and what it corrects.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::columns::Categories;
use crate::{ExchangeDrop, PredictionDrop, Priority, Reason as _, SizeClass};

const MODEL: &str = "churn";
const SINK: &str = "parquet";
const ENDPOINTS: [&str; 2] = ["/a", "/b"];

/// A row: probability, request, minute, and places of its endpoint, size class and priority.
type Made = (f64, u64, i64, usize, usize, usize);

fn columns(rows: &[Made]) -> InclusionColumns {
    let texts =
        |of: &dyn Fn(&Made) -> &'static str| rows.iter().map(|row| Some(of(row))).collect::<Categories>();
    let none = rows.iter().map(|_| None).collect();
    let columns = InclusionColumns::new(
        rows.iter().map(|row| row.0).collect(),
        rows.iter().map(|row| row.1).collect(),
        none,
    );
    let classes = LossClassColumns {
        observed_at: rows.iter().map(|row| row.2 * 60_000_000 + i64::try_from(row.1 % 60).unwrap()).collect(),
        endpoint: texts(&|row| ENDPOINTS[row.3]),
        size_class: texts(&|row| SizeClass::ALL[row.4].as_str()),
        priority: texts(&|row| Priority::ALL[row.5].as_str()),
    };
    columns.unwrap().with_loss_classes(classes).unwrap()
}

fn minute(number: i64) -> Timestamp {
    Timestamp::from_second(number * 60).unwrap()
}

fn lost_exchanges(at: i64, endpoint: usize, size: usize, priority: usize, count: u64) -> Gap {
    let mut gap = Gap::of_exchanges(0, minute(at), ExchangeDrop::QueueFull, count);
    gap.model_name = Some(MODEL.into());
    gap.endpoint = Some(ENDPOINTS[endpoint].into());
    gap.size_class = Some(SizeClass::ALL[size]);
    gap.priority = Some(Priority::ALL[priority]);
    gap
}

fn lost_rows(at: i64, endpoint: usize, sink: &str, count: u64) -> Gap {
    let mut gap = Gap::of_predictions(0, minute(at), sink.into(), PredictionDrop::SinkFailed, count);
    gap.model_name = Some(MODEL.into());
    gap.endpoint = Some(ENDPOINTS[endpoint].into());
    gap
}

fn correct(rows: InclusionColumns, gaps: &[Gap]) -> LossCorrection {
    LossCorrection::of(rows, &MODEL.parse().unwrap(), SINK, gaps)
}

fn made() -> impl Strategy<Value = Vec<Made>> {
    let probability = prop_oneof![Just(1.0), 0.001..=1.0, Just(1e-300), Just(1e-12)];
    prop::collection::vec((probability, 0..40_u64, 0..3_i64, 0..2_usize, 0..2_usize, 0..2_usize), 0..60)
}

fn gaps() -> impl Strategy<Value = Vec<Gap>> {
    let count = prop_oneof![4 => 0..50_u64, 1 => Just(u64::MAX)];
    let gap = (0..4_i64, 0..2_usize, 0..2_usize, 0..2_usize, count, 0..6_u8).prop_map(
        |(at, endpoint, size, priority, count, kind)| {
            let mut gap = match kind {
                0 => lost_rows(at, endpoint, SINK, count),
                1 => lost_rows(at, endpoint, "another", count),
                _ => lost_exchanges(at, endpoint, size, priority, count),
            };
            match kind {
                3 => gap.model_name = Some("another".into()),
                4 => gap.model_name = None,
                5 => gap.endpoint = None,
                _ => {}
            }
            gap
        },
    );
    prop::collection::vec(gap, 0..12)
}

/// Exchanges that the rows stand for, over all.
fn exchanges(inclusion: &InclusionColumns) -> f64 {
    let times = &inclusion.loss_classes().unwrap().observed_at;
    let mut rows: Vec<_> =
        (0..inclusion.len()).map(|row| (inclusion.request()[row], times[row], row)).collect();
    rows.sort_unstable();
    rows.chunk_by(|one, next| (one.0, one.1) == (next.0, next.1))
        .map(|rows| {
            rows.iter().map(|row| 1.0 / inclusion.probability()[row.2]).sum::<f64>() / rows.len() as f64
        })
        .sum()
}

proptest! {
    #[test]
    fn probabilities_only_shrink_and_stay_probabilities(rows in made(), gaps in gaps()) {
        let before = columns(&rows);
        let after = correct(before.clone(), &gaps);
        for (row, (&before, &after)) in before.probability().iter().zip(after.inclusion.probability()).enumerate() {
            prop_assert!(after > 0.0 && after <= before, "row {} {} {}", row, before, after);
        }
        // what was made of them is accepted again
        let again = InclusionColumns::new(
            after.inclusion.probability().to_vec(), after.inclusion.request().to_vec(), after.inclusion.stratum().clone(),
        );
        prop_assert!(again.is_ok());
        prop_assert!((0.0..=1.0).contains(&after.report.share()));
        prop_assert!(after.report.minutes.iter().all(|minute| (0.0..=1.0).contains(&minute.share)));
        prop_assert!(after.report.minutes.is_sorted_by_key(|minute| minute.minute));
    }

    #[test]
    fn without_losses_of_its_own_nothing_changes(rows in made()) {
        let mut of_others = lost_exchanges(0, 0, 0, 0, 9);
        of_others.model_name = Some("another".into());
        let mut empty = lost_exchanges(0, 0, 0, 0, 9);
        empty.reason = ExchangeDrop::NothingRecorded.as_str();
        let mut pairs = lost_rows(0, 0, SINK, 9);
        pairs.unit = crate::GapUnit::Pair;
        for gaps in [vec![], vec![of_others, empty, pairs, lost_rows(0, 0, "another", 9)]] {
            let before = columns(&rows);
            let after = correct(before.clone(), &gaps);
            prop_assert_eq!(after.inclusion.probability(), before.probability());
            prop_assert!(after.report.is_empty() && !after.report.is_lossy.contains(&true));
        }
    }

    #[test]
    fn weights_stand_for_what_was_lost_as_well(
        rows in prop::collection::vec((0.01..=1.0, 0..1000_u64, 0..3_i64, 0..2_usize, 0..2_usize, 0..2_usize), 1..60),
        lost in prop::collection::vec((0..4_i64, 0..2_usize, 0..2_usize, 0..2_usize, 0..500_u64), 0..9),
    ) {
        // rows of an exchange are of one class
        let mut rows = rows;
        rows.sort_by_key(|row| row.1);
        rows.dedup_by_key(|row| row.1);
        let gaps: Vec<Gap> =
            lost.iter().map(|&(at, endpoint, size, priority, count)| lost_exchanges(at, endpoint, size, priority, count)).collect();
        let before = columns(&rows);
        let after = correct(before.clone(), &gaps);
        let lost = after.report.exchanges;
        prop_assert_eq!(lost.total(), gaps.iter().map(|gap| gap.count).sum::<u64>());
        let expected = exchanges(&before) + lost.represented as f64;
        let found = exchanges(&after.inclusion);
        prop_assert!((found - expected).abs() <= 1e-9 * expected, "{} {}", found, expected);
    }

    #[test]
    fn the_order_of_gaps_changes_nothing(rows in made(), gaps in gaps()) {
        let mut other_gaps = gaps.clone();
        other_gaps.reverse();
        let (one, other) = (correct(columns(&rows), &gaps), correct(columns(&rows), &other_gaps));
        prop_assert_eq!(one.inclusion.probability(), other.inclusion.probability());
    }
}

#[test]
fn instances_of_an_exchange_are_one_exchange_and_retries_are_two() {
    // three instances of one exchange, and a retry of it a second later
    let rows =
        columns(&[(1.0, 7, 0, 0, 0, 1), (1.0, 7, 0, 0, 0, 1), (1.0, 7, 0, 0, 0, 1), (1.0, 67, 0, 0, 0, 1)]);
    let after = correct(rows, &[lost_exchanges(0, 0, 0, 1, 2)]);
    assert_eq!(after.inclusion.probability(), [0.5; 4], "2 exchanges stand for 4");
    assert_eq!(after.report.is_lossy, [true; 4]);
    assert_eq!((after.report.minutes.len(), after.report.minutes[0].share), (1, 0.5));
}

#[test]
fn what_the_sink_lost_comes_first() {
    // 2 rows of 4 that stand for 4 exchanges: with what was lost before they stand for 6
    let rows = columns(&[(1.0, 1, 0, 0, 0, 1), (1.0, 2, 0, 0, 0, 1), (0.5, 3, 1, 0, 0, 1)]);
    let gaps = [lost_rows(0, 0, SINK, 2), lost_exchanges(0, 0, 0, 1, 2)];
    let after = correct(rows, &gaps);
    let weights: Vec<f64> = after.inclusion.probability().iter().map(|p| 1.0 / p).collect();
    assert!(
        (weights[0] - 3.0).abs() < 1e-12
            && (weights[1] - 3.0).abs() < 1e-12
            && (weights[2] - 2.0).abs() < 1e-12
    );
    assert_eq!((after.report.rows.represented, after.report.exchanges.represented), (2, 2));
    assert_eq!(after.report.is_lossy, [true, true, false]);
    let share = after.report.minutes[0].share;
    assert!((share - (1.0 - 0.5 * 4.0 / 6.0)).abs() < 1e-12, "{share}");
}

#[test]
fn what_nothing_stands_for_is_told() {
    let mut of_no_endpoint = lost_exchanges(0, 0, 0, 1, 5);
    of_no_endpoint.endpoint = None;
    let mut of_no_model = lost_exchanges(0, 0, 0, 1, 7);
    of_no_model.model_name = None;
    let gaps = [lost_exchanges(0, 1, 0, 1, 3), lost_rows(9, 0, SINK, 4), of_no_endpoint, of_no_model];
    let report = correct(columns(&[(1.0, 1, 0, 0, 0, 1)]), &gaps).report;
    assert_eq!((report.exchanges.unrepresented, report.exchanges.unattributed), (3, 5));
    assert_eq!((report.rows.unrepresented, report.exchanges_of_unknown_model), (4, 7));
    assert_eq!(report.minutes.iter().map(|minute| minute.share).collect::<Vec<_>>(), [8.0 / 9.0, 1.0]);

    let plain = InclusionColumns::new(vec![1.0], vec![1], Categories::from_iter([None])).unwrap();
    let report = correct(plain, &gaps).report;
    assert_eq!((report.exchanges.unrepresented, report.rows.unrepresented), (3, 4));
}

#[test]
fn the_first_rows_keep_what_the_others_helped_with() {
    let wanted = [(0.5, 1, 0, 0, 0, 1), (1.0, 2, 2, 0, 0, 1)];
    let beside = [(0.5, 3, 0, 0, 0, 1), (1.0, 4, 2, 0, 0, 1)];
    let gaps = [lost_exchanges(0, 0, 0, 1, 4)];
    let all = correct(columns(&[wanted, beside].concat()), &gaps);
    let first = all.clone().of_first(columns(&wanted)).unwrap();
    assert_eq!(first.inclusion.probability(), [0.25, 1.0], "4 exchanges stand for 8");
    assert_eq!((first.report.is_lossy.len(), &first.report.minutes), (2, &all.report.minutes));
    assert!((first.report.share() - (1.0 - 3.0 / 5.0)).abs() < 1e-12, "{}", first.report.share());
    let error = correct(columns(&wanted), &gaps).of_first(columns(&[wanted, beside].concat())).unwrap_err();
    assert_eq!(error.to_string(), "column inclusion_probability has 2 rows, the first one has 4");
}

/// A generator, so that the simulation is the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Large requests have higher values, are kept more rarely, and are lost more often.
#[test]
fn means_are_right_when_losses_depend_on_the_class() {
    const RUNS: u32 = 300;
    const ROWS: u64 = 2_000;
    let mut random = Random(7);
    let (mut corrected, mut uncorrected) = (Vec::new(), Vec::new());
    let (mut truth, mut all) = (0.0, 0.0);
    for _ in 0..RUNS {
        let (mut rows, mut values, mut lost) = (Vec::new(), Vec::new(), [[0_u64; 2]; 3]);
        for request in 0..ROWS {
            let draw = random.next() * 3.0;
            let (minute, size) =
                (usize::from(draw >= 1.0) + usize::from(draw >= 2.0), usize::from(random.next() < 0.3));
            let value = random.next() + size as f64;
            (truth, all) = (truth + value, all + 1.0);
            if random.next() < [0.1, 0.6][size] {
                lost[minute][size] += 1;
                continue;
            }
            let probability = [0.5, 0.2][size];
            if random.next() < probability {
                rows.push((probability, request, i64::try_from(minute).unwrap(), 0, size, 1));
                values.push(value);
            }
        }
        let gaps: Vec<Gap> = (0..3)
            .flat_map(|minute| (0..2).map(move |size| (minute, size)))
            .map(|(minute, size)| {
                lost_exchanges(i64::try_from(minute).unwrap(), 0, size, 1, lost[minute][size])
            })
            .collect();
        let mean = |inclusion: &InclusionColumns| {
            let weights = inclusion.probability().iter().map(|probability| 1.0 / probability);
            let (sum, weight) = weights
                .zip(&values)
                .fold((0.0, 0.0), |(sum, all), (weight, value)| (sum + weight * value, all + weight));
            sum / weight
        };
        let before = columns(&rows);
        uncorrected.push(mean(&before));
        corrected.push(mean(&correct(before, &gaps).inclusion));
    }
    let truth = truth / all;
    let deviations = |means: &[f64]| {
        let n = f64::from(RUNS);
        let mean = means.iter().sum::<f64>() / n;
        let variance = means.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean - truth) / (variance / n).sqrt()
    };
    assert!(deviations(&corrected).abs() < 3.0, "{}", deviations(&corrected));
    assert!(deviations(&uncorrected) < -30.0, "{}", deviations(&uncorrected));
}
