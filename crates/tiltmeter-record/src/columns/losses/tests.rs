//! What a correction keeps, and what it corrects.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::columns::{Categories, LossClassColumns};
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
    // 10 rows of 20 that stand for 20 exchanges: with what was lost before they stand for 30
    let rows: Vec<Made> =
        (1..=10).map(|request| (1.0, request, 0, 0, 0, 1)).chain([(0.5, 11, 1, 0, 0, 1)]).collect();
    let gaps = [lost_rows(0, 0, SINK, 10), lost_exchanges(0, 0, 0, 1, 10)];
    let after = correct(columns(&rows), &gaps);
    let weights = weights(&after);
    assert!(weights[..10].iter().all(|weight| (weight - 3.0).abs() < 1e-12), "{weights:?}");
    assert!((weights[10] - 2.0).abs() < 1e-12);
    assert_eq!((after.report.rows.represented, after.report.exchanges.represented), (10, 10));
    assert_eq!((after.report.rows.collapsed_to_hour, after.report.exchanges.collapsed_to_hour), (0, 0));
    assert_eq!(after.report.is_lossy, [[true; 10].as_slice(), &[false]].concat());
    let share = after.report.minutes[0].share;
    assert!((share - (1.0 - 0.5 * 20.0 / 30.0)).abs() < 1e-12, "{share}");
}

fn weights(corrected: &LossCorrection) -> Vec<f64> {
    corrected.inclusion.probability().iter().map(|probability| 1.0 / probability).collect()
}

/// Rows of minute 0, as many of the size classes as said, then some of minute 1; all kept for certain.
fn of_sizes(sizes: [usize; 3], next_minute: usize) -> Vec<Made> {
    let places = sizes.iter().enumerate().flat_map(|(size, &rows)| vec![(0, size); rows]);
    let places = places.chain(vec![(1, 0); next_minute]);
    (0_u64..).zip(places).map(|(request, (minute, size))| (1.0, request, minute, 0, size, 1)).collect()
}

#[test]
fn losses_of_small_classes_go_to_the_first_that_has_five_exchanges() {
    let of = |sizes, next_minute| {
        let gaps = [lost_exchanges(0, 0, 1, 1, 6)];
        let after = correct(columns(&of_sizes(sizes, next_minute)), &gaps);
        let counts = after.report.exchanges;
        assert_eq!((counts.represented, counts.unrepresented), (6, 0), "{sizes:?}");
        let changed: Vec<bool> = after.inclusion.probability().iter().map(|&left| left < 1.0).collect();
        (changed, counts.collapsed_to_minute, counts.collapsed_to_hour)
    };
    let first = |skipped: usize, rows: usize, others: usize| {
        [vec![false; skipped], vec![true; rows], vec![false; others]].concat()
    };
    assert_eq!(of([9, 5, 4], 3), (first(9, 5, 7), 0, 0), "the class");
    assert_eq!(of([9, 2, 3], 3), (first(9, 5, 3), 6, 0), "the small classes");
    assert_eq!(of([9, 0, 4], 3), (first(0, 13, 3), 6, 0), "the minute: the small ones are too few");
    assert_eq!(of([4, 0, 0], 3), (first(0, 7, 0), 0, 6), "the hour");
    assert_eq!(of([0, 0, 0], 1), (first(0, 1, 0), 0, 6), "the hour, with the only row in it");
}

#[test]
fn losses_of_the_sink_go_to_the_hour_where_their_minute_has_too_few_rows() {
    // 4 rows in the minute, and 4 in another; one of another hour
    let rows: Vec<Made> = (0..9)
        .map(|request: u64| {
            (1.0, request, [0, 0, 0, 0, 7, 7, 7, 7, 60][usize::try_from(request).unwrap()], 0, 0, 1)
        })
        .collect();
    let after = correct(columns(&rows), &[lost_rows(0, 0, SINK, 8)]);
    assert_eq!(weights(&after), [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.0]);
    let counts = after.report.rows;
    assert_eq!((counts.represented, counts.collapsed_to_hour, counts.unrepresented), (8, 8, 0));
    assert_eq!(after.report.is_lossy, [[true; 8].as_slice(), &[false]].concat());
}

#[test]
fn nothing_is_collapsed_to_an_hour_of_which_there_are_some_rows_only() {
    let rows = columns(&of_sizes([1, 0, 0], 0));
    let gaps = [lost_exchanges(0, 0, 0, 1, 50), lost_rows(0, 0, SINK, 7)];
    let after =
        LossCorrection::of_hours(rows, &MODEL.parse().unwrap(), SINK, &gaps, |hour| hour != minute(0));
    assert_eq!(weights(&after), [1.0]);
    assert_eq!((after.report.exchanges.unrepresented, after.report.rows.unrepresented), (50, 7));
    assert_eq!((after.report.exchanges.represented, after.report.rows.represented), (0, 0));
}

#[test]
fn what_nothing_stands_for_is_told() {
    let mut of_no_endpoint = lost_exchanges(0, 0, 0, 1, 5);
    of_no_endpoint.endpoint = None;
    let mut of_no_model = lost_exchanges(0, 0, 0, 1, 7);
    of_no_model.model_name = None;
    let gaps = [lost_exchanges(0, 1, 0, 1, 3), lost_rows(99, 0, SINK, 4), of_no_endpoint, of_no_model];
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
    let of = |request| (0.5, request, 0, 0, 0, 1);
    let wanted = [of(1), of(2), of(3), (1.0, 4, 2, 0, 0, 1)];
    let beside = [of(5), of(6), of(7), (1.0, 8, 2, 0, 0, 1)];
    let gaps = [lost_exchanges(0, 0, 0, 1, 12)];
    let all = correct(columns(&[wanted, beside].concat()), &gaps);
    let first = all.clone().of_first(columns(&wanted)).unwrap();
    assert_eq!(first.inclusion.probability(), [0.25, 0.25, 0.25, 1.0], "12 exchanges stand for 24");
    assert_eq!((first.report.is_lossy.len(), &first.report.minutes), (4, &all.report.minutes));
    assert!((first.report.share() - (1.0 - 7.0 / 13.0)).abs() < 1e-12, "{}", first.report.share());
    let error = correct(columns(&wanted), &gaps).of_first(columns(&[wanted, beside].concat())).unwrap_err();
    assert_eq!(error.to_string(), "column inclusion_probability has 4 rows, the first one has 8");
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

/// Some exchanges of each class and minute, of which four in ten are lost, and three in ten of the others kept: most classes
/// have no row, or a few. Values depend on the endpoint.
#[test]
fn totals_are_right_where_classes_are_small() {
    const RUNS: u32 = 400;
    let mut random = Random(11);
    let (mut corrected, mut collapsed) = ([Vec::new(), Vec::new()], [0, 0]);
    for _ in 0..RUNS {
        let (mut rows, mut values, mut gaps) = (Vec::new(), Vec::new(), Vec::new());
        let (mut truth, mut before) = ([0.0; 2], 0.0);
        let mut request = 0;
        let classes = (0..6_i64)
            .flat_map(|at| (0..8_usize).map(move |class| (at, class & 1, class >> 1 & 1, class >> 2)));
        for (at, endpoint, size, priority) in classes {
            let mut lost = 0;
            // more of one class than of the others
            let most = if size + priority == 0 { 30.0 } else { 6.0 };
            let most = random.next() * most;
            for _ in (1_u32..).take_while(|&number| f64::from(number) <= most) {
                request += 1;
                let value = random.next() + 3.0 * endpoint as f64;
                truth[endpoint] += value;
                if random.next() < 0.4 {
                    lost += 1;
                } else if random.next() < 0.3 {
                    rows.push((0.3, request, at, endpoint, size, priority));
                    values.push(value);
                    before += 1.0 / 0.3;
                }
            }
            gaps.push(lost_exchanges(at, endpoint, size, priority, lost));
        }
        let after = correct(columns(&rows), &gaps);
        let counts = after.report.exchanges;
        assert_eq!(counts.unrepresented, 0);
        collapsed[0] += counts.collapsed_to_minute;
        collapsed[1] += counts.collapsed_to_hour;
        let found = weights(&after);
        for endpoint in 0..2 {
            let of_endpoint = (0..rows.len()).filter(|&row| rows[row].3 == endpoint);
            let total: f64 = of_endpoint.map(|row| found[row] * values[row]).sum();
            corrected[endpoint].push(total - truth[endpoint]);
        }
        let lost = gaps.iter().map(|gap| gap.count).sum::<u64>() as f64;
        let exchanges: f64 = found.iter().sum();
        assert!((exchanges - before - lost).abs() < 1e-6 * exchanges);
    }
    let deviations = |differences: &[f64]| {
        let n = f64::from(RUNS);
        let mean = differences.iter().sum::<f64>() / n;
        let variance = differences.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (n - 1.0);
        mean / (variance / n).sqrt()
    };
    for of_endpoint in &corrected {
        assert!(deviations(of_endpoint).abs() < 3.0, "{}", deviations(of_endpoint));
    }
    assert!(collapsed.iter().all(|&count| count > 1_000), "there is something to collapse: {collapsed:?}");
}
