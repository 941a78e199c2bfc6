use tiltmeter_record::columns::PairBucket;

use super::made_up::{Row, pairs};
use super::{alike, quick};
use crate::shadow::{ComparisonPolicy, PairInputs, compare};

/// A challenger that differs at high scores, where it is also slow and times out most of the time.
fn missing_by_score() -> (Vec<Row>, Vec<Row>) {
    let mut random = fastrand::Rng::with_seed(11);
    let all: Vec<Row> = alike(20_000)
        .into_iter()
        .map(|row| {
            let [champion, _] = row.scores;
            let differs = champion > 0.7 && random.f64() < 0.4;
            Row { scores: [champion, if differs { 0.1 } else { champion }], ..row }
        })
        .collect();
    let seen = all
        .iter()
        .map(|row| {
            let share = if row.scores[0] > 0.7 { 0.8 } else { 0.02 };
            if random.f64() < share { row.clone().ends_in(PairBucket::Timeout) } else { row.clone() }
        })
        .collect();
    (all, seen)
}

#[test]
fn pairs_stand_for_requests_of_their_stratum() {
    let (all, seen) = missing_by_score();
    let truth = compare(&PairInputs::new(&pairs(&all)), &quick()).overall.agreement_rate.value().unwrap();
    let found = compare(&PairInputs::new(&pairs(&seen)), &quick());
    let weighted = found.overall.agreement_rate.estimate().unwrap();
    let as_it_is = found.paired.agreement_rate.value().unwrap();
    let (low, high) = weighted.interval.unwrap();
    assert!(low <= truth && truth <= high, "{truth} {weighted:?}");
    assert!(as_it_is > truth + 0.05, "{truth} {as_it_is}");
    assert!(found.coverage.largest_factor.unwrap() > 4.0);
    assert!(found.coverage.unrepresented.is_empty() && found.coverage.unrepresented_share <= 0.0);
    let last = found.coverage.strata.last().unwrap();
    assert!(last.coverage.value().unwrap() < 0.3);
    assert_eq!(last.without_pair[0].bucket, PairBucket::Timeout);
    assert_eq!(last.without_pair[0].requests, last.chosen - last.pairs);
}

#[test]
fn requests_that_no_pair_represents_are_told() {
    let rows: Vec<Row> = alike(1000)
        .into_iter()
        .map(|row| if row.scores[0] > 0.9 { row.ends_in(PairBucket::NoPermit) } else { row })
        .collect();
    let found = compare(&PairInputs::new(&pairs(&rows)), &quick());
    let unrepresented = &found.coverage.unrepresented;
    assert_eq!(unrepresented.len(), 1);
    let chosen = rows.iter().filter(|row| row.scores[0] > 0.9).count();
    assert!((1..=chosen as u64).contains(&unrepresented[0].chosen));
    assert!((found.coverage.unrepresented_share - unrepresented[0].chosen as f64 / 1000.0).abs() < 1e-12);
    assert!(found.notes.iter().any(|note| note.contains("without a pair")), "{:?}", found.notes);
}

#[test]
fn cells_with_few_pairs_are_taken_together_by_stratum() {
    let mut rows = alike(1000);
    rows.iter_mut().take(30).for_each(|row| row.segment = Some("OO"));
    let found = compare(&PairInputs::new(&pairs(&rows)), &quick()).coverage;
    assert_eq!((found.cells + found.pooled_cells, found.pooled_cells > 0), (40, true));
    // all are paired: nothing has to stand for anything else
    assert!((found.largest_factor.unwrap() - 1.0).abs() < 1e-12);
}

#[test]
fn what_was_sampled_out_is_neither_chosen_nor_missing() {
    let rows: Vec<Row> = alike(900)
        .into_iter()
        .enumerate()
        .map(|(place, row)| {
            let row = Row { probability: 1.0 / 3.0, ..row };
            if place % 3 == 0 { row } else { row.ends_in(PairBucket::SampledOut) }
        })
        .collect();
    let found = compare(&PairInputs::new(&pairs(&rows)), &quick());
    assert_eq!((found.pairs, found.unpaired, found.coverage.eligible), (300, 0, 900));
    assert_eq!(found.coverage.coverage.value(), Some(1.0));
    assert!((found.disagreements.weight / 3.0 - found.disagreements.pairs as f64).abs() < 1e-9);
}

#[test]
fn a_timeout_counts_as_the_time_that_was_waited_for() {
    let policy = ComparisonPolicy { shadow_timeout: std::time::Duration::from_millis(250), ..quick() };
    let rows: Vec<Row> = alike(200)
        .into_iter()
        .enumerate()
        .map(|(place, row)| match place {
            0..10 => Row { latencies: [10.0, f64::NAN], ..row }.ends_in(PairBucket::Timeout),
            10..15 => Row { latencies: [10.0, 300.0], ..row }.ends_in(PairBucket::Timeout),
            15..20 => row.ends_in(PairBucket::ChallengerError),
            20..30 => Row { latencies: [10.0, f64::NAN], ..row }.ends_in(PairBucket::BreakerOpen),
            30 => Row { status: Some(503), ..row },
            31 => Row { status: None, ..row },
            _ => row,
        })
        .collect();
    let found = compare(&PairInputs::new(&pairs(&rows)), &policy);
    assert_eq!((found.latency_ms.requests, found.latency_ms.timeouts), (190, 15));
    assert_eq!(found.latency_ms.challenger.p99.value().map(f64::round), Some(300.0));
    assert_eq!((found.paired_latency_ms.requests, found.paired_latency_ms.timeouts), (170, 0));
    assert!(found.paired_latency_ms.challenger.p99.value().unwrap() < 6.0);
    assert_eq!(found.failures.asked, 190);
    assert_eq!(found.failures.error_rate.value(), Some(5.0 / 190.0));
    assert_eq!(found.failures.timeout_rate.value(), Some(15.0 / 190.0));
    assert_eq!(found.failures.champion_error_rate.value(), Some(1.0 / 189.0));
}
