//! Waiting for the shadow.

use std::collections::BTreeSet;

use tiltmeter_record::PairBucket;

use super::*;
use crate::{ObservedAnswer, ObservedBody, ObservedContent, ObservedPair};

fn answer(churns: bool) -> ObservedAnswer {
    let content = ObservedContent::Said(Box::new(scored(0.5).with_prediction(churns).into()));
    ObservedAnswer { body: ObservedBody { content, ..ObservedBody::default() }, ..ObservedAnswer::default() }
}

impl Bench {
    /// A pair of `challenger`, which is shown the share `shown`.
    fn pair_of(&self, challenger: &str, id: &str, shown: f64, disagrees: bool) {
        let pair = ObservedPair {
            challenger_name: challenger.parse().unwrap(),
            request_id: id.into(),
            timestamp: self.clock.wall(),
            bucket: PairBucket::Paired,
            inclusion_probability: shown,
            request: ObservedBody::default(),
            champion: answer(true),
            challenger: Some(answer(!disagrees)),
        };
        let pairs = self.log.pairs("churn").unwrap();
        assert!(pairs.record(pair));
    }

    fn pair(&self, id: &str, disagrees: bool) {
        self.pair_of("lr", id, 1.0, disagrees);
    }

    /// Records a row, and one behind it that does not wait: when that is written it is known what becomes of the row. Tells
    /// whether the row has been decided about.
    fn record_and_see(&self, id: &str) -> bool {
        let (left, behind) = (self.left(), format!("behind-{id}"));
        self.record(id, scored(0.5));
        let before = self.sink.count(&behind);
        self.record(&behind, scored(0.5).with_keep());
        wait_for(|| self.sink.count(&behind) > before);
        self.left() > left + 1
    }

    /// How many rows have been decided about.
    fn left(&self) -> u64 {
        let books = self.log.ledgers().predictions;
        books.written + books.sampled_out
    }

    /// Ids of what has been written, but for those that others are recorded behind.
    fn kept(&self) -> BTreeSet<String> {
        let rows = self.sink.take();
        let others = rows.iter().filter(|row| !row.request_id.starts_with("behind"));
        others.map(|row| row.request_id.to_string()).collect()
    }
}

/// A log whose model has a challenger.
fn shadowed(settings: impl FnOnce(LogBuilder) -> LogBuilder) -> Bench {
    let bench = bench_of(SPEC, tails(0.1), settings);
    bench.pair("warm", false);
    bench
}

fn only(id: &str) -> BTreeSet<String> {
    [id.to_owned()].into()
}

#[test]
fn a_row_waits_for_its_pair() {
    let bench = shadowed(|builder| builder);
    let ids: Vec<String> = ids(0.5..0.6).take(2).collect();
    assert!(!bench.record_and_see(&ids[0]), "it waits");
    assert!(!bench.record_and_see(&ids[1]));
    bench.pair(&ids[0], true);
    wait_for(|| bench.written() == 3);
    bench.pair(&ids[1], false);
    wait_for(|| bench.log.ledgers().predictions.sampled_out == 1);
    let rows = bench.sink.take();
    let row = rows.iter().find(|row| *row.request_id == *ids[0]).unwrap();
    assert_eq!((probability(row), stratum(row), row.sequence), (1.0, "b10|*", 0));
    bench.flush();
    assert_eq!((bench.state().waiting, bench.state().unanswered), (0, 0));
    bench.close();
}

#[test]
fn a_pair_that_comes_first_is_remembered_for_a_while() {
    let bench = shadowed(|builder| builder);
    let ids: Vec<String> = ids(0.5..0.6).take(2).collect();
    bench.pair(&ids[0], true);
    bench.record(&ids[0], scored(0.5));
    wait_for(|| bench.written() == 1);
    assert_eq!(bench.kept(), only(&ids[0]));
    bench.pair(&ids[1], true);
    wait_for(|| bench.log.queue_depth().exchanges == 0);
    bench.clock.advance(2_000);
    assert!(!bench.record_and_see(&ids[1]), "it waits, in vain");
    bench.flush();
    assert_eq!(bench.kept(), BTreeSet::new());
    bench.close();
}

#[test]
fn a_row_whose_pair_never_comes_is_decided_when_the_time_is_over() {
    let bench = shadowed(|builder| builder.with_disagreement_wait(Duration::from_secs(5)));
    let [low, high] = [id(0.05..0.1), id(0.5..0.6)];
    assert!(!bench.record_and_see(&low), "its probability is not known either");
    assert!(!bench.record_and_see(&high));
    bench.clock.advance(4_999);
    assert!(!bench.record_and_see("another"));
    bench.clock.advance(1);
    wait_for(|| bench.log.ledgers().predictions.sampled_out == 1);
    wait_for(|| bench.written() == 4);
    assert_eq!(bench.kept(), only(&low));
    bench.flush();
    // and the other one, which was flushed
    assert_eq!(bench.state().unanswered, 3);
    bench.close();
}

#[test]
fn a_flush_and_a_shutdown_decide_what_waits() {
    let bench = shadowed(|builder| builder);
    let [low, high] = [id(0.05..0.1), id(0.5..0.6)];
    assert!(!bench.record_and_see(&low));
    bench.flush();
    assert_eq!(bench.kept(), only(&low));
    assert!(!bench.record_and_see(&high) && !bench.record_and_see(&low));
    let (sink, report) = (bench.sink.clone(), bench.end());
    assert_eq!(report.ledgers.predictions.sampled_out, 1);
    assert!(sink.take().iter().any(|row| *row.request_id == *low));
}

#[test]
fn nobody_waits_without_a_reason() {
    let out = id(0.5..0.6);
    let bench = bench_of(SPEC, tails(0.1), |builder| builder);
    assert!(bench.record_and_see(&out), "no pairs have come");
    bench.close();

    let bench = shadowed(|builder| builder);
    wait_for(|| bench.log.queue_depth().exchanges == 0);
    bench.clock.advance(60_001);
    assert!(bench.record_and_see(&out), "none within the last minute");
    bench.close();

    let policy = Policy::tails().with_tiers(VolumeTiers::constant(0.1)).without_rule(Rule::Disagreement);
    let bench = super::bench(policy.build(&[]).unwrap());
    bench.pair("warm", false);
    assert!(bench.record_and_see(&out), "the rule is not in force");
    bench.close();

    let bench = bench_of(SPEC, tails(1.0), |builder| builder);
    bench.pair("warm", false);
    assert!(bench.record_and_see(&out), "it is kept anyway");
    bench.close();

    let bench = shadowed(|builder| builder);
    bench.pair_of("lr", &id(0.0..0.1), 0.4, false);
    assert!(bench.record_and_see(&out), "the shadow does not show it");
    assert!(!bench.record_and_see(&id(0.2..0.4)), "which it does");
    bench.close();
}

#[test]
fn a_request_that_several_challengers_see_waits_for_all_of_them() {
    let bench = shadowed(|builder| builder);
    bench.pair_of("tree", "warm", 1.0, false);
    let out = id(0.5..0.6);
    assert!(!bench.record_and_see(&out));
    bench.pair(&out, false);
    assert!(!bench.record_and_see("another"));
    bench.pair_of("tree", &out, 1.0, true);
    wait_for(|| bench.written() == 3);
    assert_eq!(bench.kept(), only(&out));
    bench.close();
}

#[test]
fn a_disagreement_is_known_of_the_share_that_is_shown() {
    let bench = shadowed(|builder| builder);
    let [shown, more] = [id(0.2..0.3), id(0.3..0.4)];
    bench.pair_of("lr", &id(0.0..0.1), 0.3, false);
    assert!(!bench.record_and_see(&shown));
    bench.pair_of("lr", &shown, 0.3, true);
    wait_for(|| bench.written() == 2);
    bench.record(&more, scored(0.5));
    bench.flush();
    let rows = bench.sink.take();
    assert!(rows.iter().all(|row| *row.request_id != *more));
    let row = rows.iter().find(|row| *row.request_id == *shown).unwrap();
    assert_eq!(probability(row), 0.3, "not 1: of those beyond nobody would have known");
    bench.close();
}

#[test]
fn what_has_no_room_to_wait_is_decided_and_nothing_is_lost() {
    let bench = shadowed(|builder| builder);
    let ids: Vec<String> = ids(0.5..0.6).take(20_000).collect();
    ids.iter().for_each(|id| bench.record(id, scored(0.5)));
    wait_for(|| bench.log.ledgers().predictions.decoded == 20_000);
    wait_for(|| bench.log.ledgers().predictions.sampled_out == 20_000 - 16_384);
    ids.iter().for_each(|id| {
        let patience = || {
            while bench.log.queue_depth().exchanges > 4_000 {
                thread::yield_now();
            }
        };
        patience();
        bench.pair(id, true);
    });
    bench.flush();
    let books = bench.log.ledgers().predictions;
    assert_eq!((books.written, books.sampled_out), (16_384, 20_000 - 16_384));
    let rows = bench.sink.take();
    assert!(rows.iter().all(|row| probability(row) == 1.0));
    assert!(
        rows.iter().map(|row| &*row.request_id).collect::<BTreeSet<_>>().contains(&**ids.last().unwrap())
    );
    assert_eq!(bench.state().unanswered, 20_000 - 16_384);
    bench.close();
}
