use proptest::prelude::*;

use super::*;
use crate::{Budget, Flags};

type Row = (Option<f64>, Option<String>, String, bool);

fn any_row() -> impl Strategy<Value = Row> {
    let score = prop::option::of(prop_oneof![0.0..=1.0_f64, prop::num::f64::ANY]);
    (score, prop::option::of(".{0,4}"), ".{0,3}", any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever comes, probabilities are in (0, 1], and strata are bounded.
    #[test]
    fn probabilities_stay_probabilities(
        intervals in prop::collection::vec(prop::collection::vec(any_row(), 0..40), 1..6),
        fleet in prop::num::f64::ANY, bytes: (u64, u64), is_capped: bool, floor in 0.0..=1e9_f64,
        budget in prop_oneof![Just(f64::MIN_POSITIVE), Just(f64::MAX), 0.01..10.0_f64], by_bytes: bool,
    ) {
        let policy = if is_capped { Policy::capped() } else { Policy::tails() };
        let budget = if by_bytes { Budget::BytesPerSecond(budget) } else { Budget::RowsPerSecond(budget) };
        let policy = policy.with_segment("carrier").with_most_cells(5).with_floor_rows(floor).with_budget(budget);
        let mut adaptive = adaptive(policy);
        for rows in intervals {
            // refused where it is no volume
            let _ = adaptive.set_fleet_predictions_per_day(fleet);
            let table = adaptive.table();
            let mut counts = table.counts();
            for (score, segment, version, failed) in &rows {
                let flags = Flags { failed: *failed, ..Flags::default() };
                let facts = Facts { score: *score, segment: segment.as_deref(), version, flags };
                let decision = table.decide(Draw::from_bits(1 << 60), &facts);
                let probability = decision.inclusion_probability;
                prop_assert!(probability > 0.0 && probability <= 1.0, "{}", probability);
                counts.add(&facts, &decision);
            }
            counts.add_bytes(bytes.0, bytes.1);
            let end = adaptive.end_interval(&counts);
            prop_assert!(end.table.strata().count() <= 6 * 21);
            prop_assert!(end.table.strata().all(|stratum| stratum.rate > SampleRate::NOTHING));
            prop_assert!(Rule::ALL.iter().all(|rule| end.table.rule_rate(*rule) > Some(SampleRate::NOTHING)));
            for change in end.changes {
                prop_assert!(change.to > 0.0 && change.to <= 1.0 && change.from > 0.0, "{:?}", change);
            }
        }
    }
}

#[test]
fn counts_may_be_absurd() {
    let mut memory = Volume::new(MINUTE);
    for _ in 0..3_000 {
        memory.end_interval(u64::MAX);
    }
    assert!(memory.per_day().unwrap().is_finite());
    let policy = Policy::tails().with_budget(Budget::BytesPerSecond(1.0));
    let mut adaptive = adaptive(policy);
    let table = adaptive.table();
    let mut counts = table.counts();
    counts.add_bytes(u64::MAX, u64::MAX);
    counts.add_bytes(u64::MAX, u64::MAX);
    counts.add(&scored(0.5), &table.decide(Draw::from_bits(0), &scored(0.5)));
    let end = adaptive.end_interval(&counts);
    assert!(end.table.strata().all(|stratum| stratum.rate > SampleRate::NOTHING));
}

#[test]
fn counts_of_another_policy_are_no_danger() {
    let policy = Policy::tails().with_buckets(3).build(&[]).unwrap();
    let other = Adaptive::new(policy).table();
    let mut counts = other.counts();
    for facts in plain(100) {
        counts.add(&facts, &other.decide(Draw::from_bits(0), &facts));
        // not even where the decision is of a third
        counts.add(
            &facts,
            &adaptive(Policy::tails().with_buckets(100)).table().decide(Draw::from_bits(0), &facts),
        );
    }
    let mut adaptive = adaptive(Policy::tails().with_floor_rows(2.0));
    let table = adaptive.end_interval(&counts).table;
    assert!(table.strata().all(|stratum| stratum.rate > SampleRate::NOTHING));
}
