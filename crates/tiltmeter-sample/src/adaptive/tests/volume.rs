use proptest::prelude::*;

use super::*;
use crate::{VolumeTier, VolumeTiers};

const DAY: u32 = 24 * 60;

/// Ends an interval in which so many predictions were made.
fn count(adaptive: &mut Adaptive, predictions: u32) -> IntervalEnd {
    interval(adaptive, plain(predictions))
}

#[test]
fn the_fleets_volume_moves_the_tier() {
    let mut adaptive = adaptive(Policy::tails());
    adaptive.set_fleet_predictions_per_day(5e5).unwrap();
    assert_eq!(rate_of(&adaptive.table(), "b00"), 1.0);
    let end = count(&mut adaptive, 10);
    assert_eq!(end.fleet_predictions_per_day, Some(5e5));
    let change =
        RateChange { of: CommonRate::Base, from: 1.0, to: 0.5, because: Because::Volume, at_interval: 1 };
    assert_eq!(end.changes, [change]);
    assert_eq!(change.to_string(), "the base rate went from 1 to 0.5 because of the fleet's volume");
    assert_eq!(rate_of(&end.table, "b00"), 0.5);
    assert_eq!(end.table.interval(), 1);
    assert!(count(&mut adaptive, 10).changes.is_empty());
    for bad in [f64::NAN, f64::INFINITY, -1.0] {
        assert!(adaptive.set_fleet_predictions_per_day(bad).is_err());
    }
}

#[test]
fn what_the_fleet_was_told_is_too_old_after_a_day() {
    let mut adaptive = adaptive(Policy::tails().with_instances(3));
    adaptive.set_fleet_predictions_per_day(2e6).unwrap();
    let mut changes = Vec::new();
    for _ in 0..DAY {
        let end = count(&mut adaptive, 1);
        assert_eq!(end.fleet_predictions_per_day, Some(2e6));
        changes.extend(end.changes);
    }
    let end = count(&mut adaptive, 1);
    // of one a minute, three times
    assert!((end.fleet_predictions_per_day.unwrap() - 3.0 * f64::from(DAY)).abs() < 1e-6);
    assert_eq!(changes.len(), 1);
    assert_eq!(end.changes.iter().map(|change| change.to).collect::<Vec<_>>(), [1.0]);
}

#[test]
fn before_a_day_was_counted_the_expected_volume_holds() {
    let policy = Policy::tails().with_expected_predictions_per_day(2e6);
    let mut adaptive = adaptive(policy.with_interval(Duration::from_secs(3600)));
    assert_eq!(rate_of(&adaptive.table(), "b00"), 0.1);
    for hour in 1..=24 {
        let end = count(&mut adaptive, 5);
        assert_eq!(end.changes.len(), usize::from(hour == 24), "{hour}");
    }
    assert_eq!(rate_of(&adaptive.table(), "b00"), 1.0);
}

#[test]
fn a_few_predictions_are_a_volume_after_a_quarter_of_an_hour() {
    let mut adaptive = adaptive(Policy::tails().with_instances(1_000));
    let known: Vec<Option<f64>> =
        (0..16).map(|_| count(&mut adaptive, 10).fleet_predictions_per_day).collect();
    assert!(known[..14].iter().all(Option::is_none) && known[14].is_some(), "{known:?}");
    assert_eq!(rate_of(&adaptive.table(), "b00"), 0.1);
}

#[test]
fn many_are_after_three_intervals() {
    let mut adaptive = adaptive(Policy::tails());
    assert!((0..2).all(|_| count(&mut adaptive, 1_000).fleet_predictions_per_day.is_none()));
    let end = count(&mut adaptive, 1_000);
    assert_eq!(end.fleet_predictions_per_day, Some(1_000.0 * f64::from(DAY)));
    assert_eq!(rate_of(&end.table, "b00"), 0.1, "1.44 millions a day");
    assert!((0..60).all(|_| count(&mut adaptive, 1_000).changes.is_empty()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Also close to a border, at 69 in a minute, where a first count of some minutes may be off to either side.
    #[test]
    fn a_steady_traffic_moves_the_tier_at_most_once(per_minute in 50_u32..600, seed in any::<u64>()) {
        use rand::{RngExt as _, SeedableRng as _, rngs::Xoshiro256PlusPlus};

        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut volume = Volume::new(MINUTE);
        let tiers = VolumeTiers::new(vec![VolumeTier { up_to_per_day: 1e5, rate: 1.0 }], 0.1);
        let (mut tier, mut changes) = (0, 0);
        for _ in 0..60 {
            // a binomial count of the same mean
            let predictions = (0..4 * per_minute).filter(|_| rng.random_bool(0.25)).count();
            volume.end_interval(predictions as u64);
            let next = volume.per_day().map_or(tier, |per_day| tiers.after(tier, per_day));
            changes += usize::from(next != tier);
            tier = next;
        }
        prop_assert!(changes <= 1 && (per_minute < 90 || changes == 1), "{changes}");
    }
}

/// A fleet of many, so that few predictions are a large volume: by day thrice as many as by night.
#[test]
fn a_day_that_repeats_moves_nothing_once_it_was_seen() {
    for mean in [90_000.0, 100_000.0, 110_000.0, 990_000.0_f64] {
        let mut volume = Volume::new(MINUTE);
        let tiers = VolumeTiers::default();
        let mut tier = 0;
        let mut changes = Vec::new();
        for minute in 0..10 * DAY {
            let phase = f64::from(minute) / f64::from(DAY) * std::f64::consts::TAU;
            volume.end_interval(whole((mean / f64::from(DAY) * 100.0 * (1.0 + 0.5 * phase.sin())).round()));
            let per_day = volume.per_day().unwrap_or(0.0) / 100.0;
            let next = tiers.after(tier, per_day);
            changes.extend((next != tier).then_some(minute));
            tier = next;
        }
        assert!(changes.iter().all(|minute| *minute <= DAY) && changes.len() <= 3, "{mean}: {changes:?}");
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
fn whole(number: f64) -> u64 {
    number as u64
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn around_a_border_the_rate_changes_at_most_once(
        border in prop_oneof![Just(1e5), Just(1e6)],
        noise in prop::collection::vec(-0.09..0.09_f64, 100), before in 0.0..1e7_f64,
    ) {
        let mut adaptive = adaptive(Policy::tails());
        adaptive.set_fleet_predictions_per_day(before).unwrap();
        count(&mut adaptive, 0).changes.clear();
        let mut changes = 0;
        for noise in noise {
            adaptive.set_fleet_predictions_per_day(border * (1.0 + noise)).unwrap();
            changes += count(&mut adaptive, 0).changes.len();
        }
        prop_assert!(changes <= 1, "{changes}");
    }

    #[test]
    fn any_interval_counts_a_day(seconds in 1_u64..=86_400, each in 0_u64..1_000_000) {
        let mut volume = Volume::new(Duration::from_secs(seconds));
        for _ in 0..2 * super::super::volume::intervals_per_day(Duration::from_secs(seconds)).min(5_000) {
            volume.end_interval(each);
        }
        let per_day = volume.per_day().unwrap();
        let expected = f64::from(u32::try_from(each).unwrap()) * 86_400.0 / Duration::from_secs(seconds).as_secs_f64();
        prop_assert!((per_day - expected).abs() <= 1e-9 * expected, "{per_day} {expected}");
    }
}
