//! What holds of costs.

use std::time::Duration;

use tiltmeter_record::{ModelSpec, PairBucket, ShadowAccounts, ShadowBooks, ShadowLedger};

use super::*;
use crate::shadow::ComparisonPolicy;
use crate::shadow::promotion::{
    CriterionName, PromotionDecision, PromotionInputs, PromotionVerdict, promotion_verdict,
};
use crate::shadow::tests::alike;
use crate::shadow::tests::made_up::{Row, pairs};

/// A tenth of 10,000 requests, in 200 s.
fn used() -> ShadowUse {
    ShadowUse {
        chosen: 1_000,
        asked: 1_000,
        sample_rate: 0.1,
        wall: Some(Duration::from_secs(200)),
        cpu: Some(Duration::from_millis(500)),
        bytes_copied: Some(300_000),
        bytes_answered: Some(100_000),
        bytes_written: Some(2_000_000),
        challenger_ms: (0..1_000_u32).map(|row| 10.0 + f64::from(row % 11)).collect(),
        ..ShadowUse::new(10_000)
    }
}

#[test]
fn what_is_copied_and_written_grows_with_the_rate() {
    let cost = ShadowCost::of(&used()).with_rates(&[0.2, 1.0, 7.0]);
    assert_eq!(cost.mean_rate.value(), Some(50.0));
    let are = |figures: &CostFigures, expected: [f64; 4]| {
        let CostFigures { cpu_seconds, bytes_copied, bytes_answered, bytes_written } = figures;
        let figures = [cpu_seconds, bytes_copied, bytes_answered, bytes_written];
        figures
            .iter()
            .zip(expected)
            .all(|(found, expected)| (found.value().unwrap() / expected - 1.0).abs() < 1e-12)
    };
    assert!(are(&cost.per_request, [5e-4, 300.0, 100.0, 2_000.0]));
    // 432 times 200 s are a day
    assert!(are(&cost.per_day, [216.0, 129_600_000.0, 43_200_000.0, 864_000_000.0]));
    assert!(are(&cost.at_rates[0].per_day, [432.0, 259_200_000.0, 86_400_000.0, 1_728_000_000.0]));
    assert!((cost.at_rates[1].asked_rate.value().unwrap() - 50.0).abs() < 1e-9);
    assert_eq!(cost.at_rates[2], cost.at_rates[1], "no more than all");
    assert_eq!(cost.busy_processors.value(), Some(0.0025));
    assert!(cost.per_request.cpu_seconds.estimate().unwrap().interval.is_none(), "it is a count");
}

#[test]
fn the_books_tell_what_pairs_do_not() {
    let time = |second| jiff::Timestamp::from_second(second).unwrap();
    let mut books = ShadowBooks::new("shadow".parse().unwrap(), "next".parse().unwrap(), time(0), time(50));
    books.requests = ShadowLedger::new(400, |bucket| match bucket {
        PairBucket::Paired => 100,
        PairBucket::SampledOut => 300,
        _ => 0,
    });
    (books.usage.request_bytes, books.usage.answer_bytes, books.usage.cpu_micros) = (5_000, 700, 20_000);
    let mut accounts = ShadowAccounts::new();
    accounts.add("node.1", 0, &books);
    let of_pairs = ShadowUse::of_pairs(&pairs(&alike(100)), Duration::from_millis(250));
    let rate = of_pairs.rate.unwrap();
    let used = of_pairs.with_books(&accounts.sum());
    assert_eq!((used.eligible, used.chosen, used.asked), (400, 100, 100));
    assert_eq!(
        (used.sample_rate, used.wall, used.cpu),
        (0.25, Some(Duration::from_secs(50)), Some(Duration::from_millis(20)))
    );
    assert_eq!((used.bytes_copied, used.bytes_answered), (Some(5_000), Some(700)));
    let times = used.rate.unwrap().peak / rate.peak;
    assert!((times - 4.0).abs() < 1e-12, "of all requests, and not of the rows: {times}");
    let cost = ShadowCost::of(&used);
    assert_eq!(cost.per_request.bytes_copied.value(), Some(50.0));
    assert_eq!(cost.per_request.cpu_seconds.value(), Some(2e-4));
}

#[test]
fn what_is_not_known_is_undefined_and_never_nothing() {
    let cost =
        ShadowCost::of(&ShadowUse::new(100)).with_rates(&[0.5]).with_replicas(ReplicaCapacity::new(1.0));
    for (figure, reason) in [
        (&cost.per_request.cpu_seconds, "it was not measured"),
        (&cost.per_day.bytes_written, "it was not measured"),
        (&cost.mean_rate, "how many requests come is not known"),
        (&cost.at_rates[0].asked_rate, "how many requests come is not known"),
        (&cost.challenger_ms, "no latency of the challenger is known"),
        (&cost.champion_slowdown_ms, "the champion's latencies were not measured"),
        (&cost.busy_processors, "it was not measured"),
        (&cost.replicas[0].in_flight, "the rate at the busiest time is not known"),
    ] {
        assert_eq!((figure.value(), figure.reason()), (None, Some(reason)));
    }
    assert_eq!(cost.replicas[0].count, None);
    let cpu = Some(Duration::from_secs(1));
    let nothing = ShadowCost::of(&ShadowUse { cpu, wall: Some(Duration::ZERO), ..ShadowUse::new(0) });
    assert_eq!(nothing.per_request.cpu_seconds.reason(), Some("the challenger was not asked"));
    assert_eq!(nothing.per_day.cpu_seconds.reason(), Some("how many requests come is not known"));
}

#[test]
fn the_champion_is_compared_with_requests_that_chance_left_out() {
    let latencies = |more: f64| (0..400_u32).map(move |row| (10.0 + f64::from(row % 5) + more, 1.0));
    let of = |copied, left_out| {
        let champion_ms = Some(ChampionLatencies { copied, left_out });
        ShadowCost::of(&ShadowUse { champion_ms, ..used() }).champion_slowdown_ms
    };
    let slower = of(latencies(0.5).collect(), latencies(0.0).chain([(f64::NAN, 1.0)]).collect());
    let estimate = slower.estimate().unwrap();
    // two means of 400 numbers with a variance of 2
    let error = (2.0 * 2.0 / 399.0_f64).sqrt();
    assert!((estimate.value - 0.5).abs() < 1e-12 && (estimate.standard_error.unwrap() - error).abs() < 1e-12);
    assert!((estimate.interval.unwrap().0 - (0.5 - 1.959_963_984_540_054 * error)).abs() < 1e-9);
    let all = of(latencies(0.0).collect(), Vec::new());
    assert!(all.reason().unwrap().contains("no row of a request that the sample left out"), "{all:?}");
    assert!(of(Vec::new(), latencies(0.0).collect()).value().is_none());
    assert!(of(latencies(0.0).take(1).collect(), latencies(0.0).collect()).value().is_none());
}

#[test]
fn replicas_follow_from_littles_law() {
    let rate = Some(RequestRate { mean: 50.0, peak: 2_000.0 });
    let cost = ShadowCost::of(&ShadowUse { rate, ..used() }).with_replicas(ReplicaCapacity::new(4.0));
    let [shadow, champion] = [&cost.replicas[0], &cost.replicas[1]];
    // 200 a second, 15 ms each
    let in_flight = shadow.in_flight.estimate().unwrap();
    assert!((in_flight.value - 3.0).abs() < 0.03 && in_flight.interval.unwrap().1 > in_flight.value);
    assert_eq!((shadow.sample_rate, shadow.count), (0.1, Some(2)));
    // 30 at once, 2.8 by each
    assert_eq!((champion.sample_rate, champion.count), (1.0, Some(11)));
    assert_eq!(
        champion.sentence,
        "11 replicas of the challenger for all of the requests: 30.0 (29.6 to 30.4) are with it at once at the busiest time, which is the rate times the mean time, and one replica takes 4 at 70 %"
    );
    let idle = ReplicaCapacity::new(4.0).with_target_utilisation(1.0);
    assert_eq!(cost.replicas(1.0, idle).count, Some(8));
    for capacity in
        [ReplicaCapacity::new(0.0), ReplicaCapacity::new(f64::NAN), idle.with_target_utilisation(2.0)]
    {
        assert_eq!(cost.replicas(1.0, capacity).count, None);
    }
}

#[test]
fn pairs_tell_the_rate_and_both_latencies() {
    let rows: Vec<Row> = (0..600)
        .map(|place| {
            let row = Row { time: i64::from(place) * 1_000_000, probability: 0.5, ..Row::paired(place) };
            match place % 4 {
                0 | 1 => Row { latencies: [9.0, f64::NAN], ..row.ends_in(PairBucket::SampledOut) },
                2 => Row { latencies: [10.0, f64::NAN], ..row.ends_in(PairBucket::Timeout) },
                _ => row,
            }
        })
        .collect();
    let used = ShadowUse::of_pairs(&pairs(&rows), Duration::from_millis(250));
    assert_eq!((used.eligible, used.asked, used.sample_rate), (600, 300, 0.5));
    assert_eq!(used.rate, Some(RequestRate { mean: 1.0, peak: 1.0 }));
    let cost = ShadowCost::of(&used);
    // timeouts of 250 ms, and answers after 5
    assert_eq!(cost.challenger_ms.value(), Some(127.5));
    assert_eq!(cost.champion_slowdown_ms.value(), Some(1.0));
    assert_eq!(cost.per_day.cpu_seconds.reason(), Some("it was not measured"));
}

/// Ten days of 144 requests, of which `promotion` asks something.
fn verdict(promotion: &str) -> PromotionVerdict {
    let text = format!(
        "{{spec_version: 1, name: churn, type: binary, owner: o, tier: 3, endpoint: {{path: /p}},
          response: {{score: /s}}, features: {{age: float}}, promotion: {promotion}}}"
    );
    let asked = ModelSpec::from_yaml("test", &text).unwrap().promotion;
    let rows: Vec<Row> = alike(1440).into_iter().map(|row| Row { latencies: [5.0, 5.0], ..row }).collect();
    promotion_verdict(&PromotionInputs::new(&asked, &pairs(&rows)), &ComparisonPolicy::default())
}

#[test]
fn a_rate_is_recommended_by_what_is_missing() {
    let open = verdict("{min_pairs: 5000, latency_p99_ms: 50, error_rate: 0.05, psi: off, agreement: 0.5}");
    assert_eq!(open.decision, PromotionDecision::NotYet);
    // 3,560 pairs are missing, and 144 come a day
    let at_all = recommended_rate(&open, 1.0, 50);
    assert_eq!(at_all.sample_rate, Some(0.495), "{}", at_all.sentence);
    assert_eq!(
        at_all.sentence,
        "50 % of the requests are enough in 50 days: pairs is expected to need some 3,600 more rows"
    );
    assert_eq!((at_all.needs[0].criterion, at_all.needs[0].rows), (CriterionName::Pairs, 3_560));
    // if those were a tenth of the requests, all of them are ten times as many
    assert_eq!(recommended_rate(&open, 0.1, 50).sample_rate, Some(0.05));
    let short = recommended_rate(&open, 1.0, 20);
    assert!(
        short.sample_rate.is_none() && short.sentence.contains("all of the requests are not enough"),
        "{}",
        short.sentence
    );
    for (present, days) in [(0.0, 9), (f64::NAN, 9), (1.5, 9), (1.0, 0)] {
        assert_eq!(recommended_rate(&open, present, days).sample_rate, None);
    }
}

#[test]
fn days_and_what_cannot_be_told_are_no_matter_of_the_rate() {
    let days = verdict("{min_duration: 30d, min_pairs: 100, latency_p99_ms: 50, error_rate: 0.05, psi: off}");
    let found = recommended_rate(&days, 1.0, 10);
    assert!(found.sample_rate.is_none() && found.sentence.contains("20 more days"), "{}", found.sentence);
    let distribution = verdict("{psi: 0.0000001, min_pairs: 5000}");
    let found = recommended_rate(&distribution, 1.0, 10);
    assert!(
        found.sample_rate.is_none() && found.sentence.contains("score distribution"),
        "{}",
        found.sentence
    );
}

#[test]
fn where_all_is_decided_it_is_what_was_needed() {
    let done = verdict("{min_pairs: 400, latency_p99_ms: 50, error_rate: 0.05, psi: off, agreement: 0.5}");
    assert_eq!(done.decision, PromotionDecision::Promote, "{done}");
    let found = recommended_rate(&done, 1.0, 10);
    let most = found.needs.iter().map(|need| need.rows).max().unwrap();
    let rate = found.sample_rate.unwrap();
    assert!((rate - most as f64 / 1440.0).abs() < 0.001_5, "{rate} {most}");
    assert!(found.sentence.contains("until it was decided"), "{}", found.sentence);
    // one that fails suffices
    let rejected =
        verdict("{min_pairs: 5000, latency_p99_ms: 50, error_rate: 0.05, psi: off, agreement: 0.999}");
    assert_eq!(rejected.decision, PromotionDecision::Reject, "{rejected}");
    let found = recommended_rate(&rejected, 1.0, 10);
    assert_eq!(found.needs.iter().map(|need| need.criterion).collect::<Vec<_>>(), [CriterionName::Agreement]);
    assert!(found.sample_rate.is_some_and(|rate| rate < 1.0), "{}", found.sentence);
}
