use tiltmeter_record::{PairBucket, ShadowAccounts, ShadowBooks, ShadowLedger};

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
fn the_books_know_of_the_requests_that_are_in_no_row() {
    let time = jiff::Timestamp::UNIX_EPOCH;
    let mut books = ShadowBooks::new("shadow".parse().unwrap(), "next".parse().unwrap(), time, time);
    books.requests = ShadowLedger::new(1_000, |bucket| match bucket {
        PairBucket::Paired => 90,
        PairBucket::SampledOut => 800,
        PairBucket::LogDropped => 100,
        _ => 0,
    });
    let mut accounts = ShadowAccounts::new();
    accounts.add("node.1", 0, &books);
    let (account, table) = (accounts.sum(), pairs(&alike(90)));
    let found = compare(&PairInputs { books: Some(&account), ..PairInputs::new(&table) }, &quick()).coverage;
    let by_books = found.books.unwrap();
    assert_eq!((found.eligible, by_books.eligible, by_books.under_way), (90, 1_000, 10));
    assert_eq!((by_books.paired, by_books.paired_of_chosen), (Some(0.09), Some(0.45)));
    assert_eq!((by_books.shadows, by_books.running), (1, 1));
    assert_eq!(compare(&PairInputs::new(&table), &quick()).coverage.books, None);
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
fn a_cell_without_pairs_is_taken_together_however_few_are_asked_for() {
    let rows: Vec<Row> = alike(1000)
        .into_iter()
        .map(|row| if row.segment == Some("UA") { row.ends_in(PairBucket::Timeout) } else { row })
        .collect();
    for min_cell_pairs in [0, 1, 20] {
        let policy = ComparisonPolicy { min_cell_pairs, ..quick() };
        let found = compare(&PairInputs::new(&pairs(&rows)), &policy);
        // the others of the stratum stand for them
        assert!((found.disagreements.weight / found.disagreements.pairs as f64 - 1.0) > 0.2);
        assert!(found.coverage.unrepresented.is_empty());
        assert!(found.notes.iter().all(|note| !note.contains("without a pair")), "{:?}", found.notes);
        let stood_for: f64 = found.overall.flips.iter().map(|flip| flip.weight).sum();
        assert!((stood_for - 1000.0).abs() < 1e-6, "{min_cell_pairs}: {stood_for}");
    }
}

#[test]
fn one_pair_does_not_stand_for_all_of_a_segment() {
    let mut seen = 0;
    let rows: Vec<Row> = alike(3000)
        .into_iter()
        .map(|row| {
            seen += u64::from(row.segment == Some("UA"));
            if row.segment == Some("UA") && seen > 5 { row.ends_in(PairBucket::Timeout) } else { row }
        })
        .collect();
    let found = compare(&PairInputs::new(&pairs(&rows)), &quick()).coverage;
    assert!(found.largest_factor.unwrap() < 2.5, "{:?}", found.largest_factor);
    assert!(found.unrepresented.is_empty());
}

#[test]
fn an_error_that_is_fast_makes_no_latency_better() {
    let rows: Vec<Row> = alike(1000)
        .into_iter()
        .enumerate()
        .map(|(place, row)| match place % 4 {
            0 => Row { latencies: [10.0, 400.0], ..row },
            1 => row,
            _ => Row { latencies: [10.0, 0.1], ..row }.ends_in(PairBucket::ChallengerError),
        })
        .collect();
    let table = pairs(&rows);
    let mut sla = tiltmeter_record::spec::Sla::default();
    sla.latency_p99_ms = Some(300.0);
    let found = compare(&PairInputs { sla, ..PairInputs::new(&table) }, &quick());
    assert_eq!(found.latency_ms.requests, 500);
    let above = found.latency_sla.unwrap().challenger_share_above.value().unwrap();
    assert!((above - 0.5).abs() < 0.05, "{above}");
    assert_eq!(found.failures.error_rate.value(), Some(0.5));
}

#[test]
fn a_challenger_whose_breaker_is_open_is_not_available() {
    let rows: Vec<Row> = alike(1000)
        .into_iter()
        .enumerate()
        .map(|(place, row)| match place {
            0..10 => row.ends_in(PairBucket::ChallengerError),
            10..500 => row.ends_in(PairBucket::BreakerOpen),
            _ => row,
        })
        .collect();
    let found = compare(&PairInputs::new(&pairs(&rows)), &quick()).failures;
    assert_eq!(found.failure_rate.value(), Some(10.0 / 510.0));
    assert_eq!(found.unavailable_rate.value(), Some(0.5));
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
    assert_eq!((found.latency_ms.requests, found.latency_ms.timeouts), (185, 15));
    assert_eq!(found.latency_ms.challenger.p99.value().map(f64::round), Some(300.0));
    assert_eq!((found.paired_latency_ms.requests, found.paired_latency_ms.timeouts), (170, 0));
    assert!(found.paired_latency_ms.challenger.p99.value().unwrap() < 6.0);
    assert_eq!(found.failures.asked, 190);
    assert_eq!(found.failures.error_rate.value(), Some(5.0 / 190.0));
    assert_eq!(found.failures.timeout_rate.value(), Some(15.0 / 190.0));
    assert_eq!(found.failures.champion_error_rate.value(), Some(1.0 / 189.0));
}
