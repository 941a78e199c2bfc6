//! What is estimated where rows wait for the shadow while rates move.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tiltmeter_record::ModelVersion;
use tiltmeter_stats::Baseline;

use super::rows::numbers;
use super::*;
use crate::BaselineHandle;
use crate::conformance::row;

/// So many turns of a tenth of a second, and in each so many requests; an interval takes ten.
const TURNS: u64 = 70;
const REQUESTS: u64 = 10;
/// Rows wait as long.
const WAIT_TURNS: u64 = 20;

/// A challenger, and its shadow.
#[derive(Clone, Copy, Debug)]
struct Challenger {
    shown: f64,
    /// Whether the shadow draws with the log's key.
    same_key: bool,
    /// The turns after which it answers, at least and at most: the row comes later than an answer after none, and an answer
    /// after more than rows wait is too late.
    lag: (u64, u64),
}

#[derive(Clone, Debug)]
struct Scenario {
    policy: PolicyBuilder,
    /// What the fleet predicts in a day, by interval, again and again.
    volumes: Vec<f64>,
    /// In which turn there is a baseline by which every row is outside of its range.
    baseline_comes: Option<u64>,
    /// After how many turns there is another version.
    version_lasts: u64,
    challengers: Vec<Challenger>,
}

impl Scenario {
    fn new(policy: PolicyBuilder, challengers: &[Challenger]) -> Self {
        let challengers = challengers.to_vec();
        Self { policy, volumes: vec![0.0], baseline_comes: None, version_lasts: TURNS, challengers }
    }
}

/// By whether champion and challenger disagree: what is estimated, its variance, the truth.
type Sums = [(f64, f64, f64); 2];

/// One of all that there may be.
fn estimate(scenario: &Scenario, seed: u8, sums: &mut Sums) {
    let share = |what: &str, number: u64| {
        SampleKey::PUBLIC.draw(format!("{what}-{seed}-{number}").as_bytes()).as_f64()
    };
    let policy = scenario.policy.clone().with_interval(Duration::from_secs(1)).build(&[]).unwrap();
    let (key, baseline) = (SampleKey::from_bytes([seed; SampleKey::LEN]), BaselineHandle::new());
    let time = |turn: u64| Duration::from_millis(100 * turn);
    let wall = jiff::Timestamp::UNIX_EPOCH;
    let (wait, handle) = (time(WAIT_TURNS), Some(baseline.clone()));
    let mut sampler = ModelSampler::new(spec(SPEC), policy, key, wait, handle, time(0), wall);
    let names: Vec<ModelName> =
        (0..scenario.challengers.len()).map(|place| format!("c{place}").parse().unwrap()).collect();
    for (name, challenger) in names.iter().zip(&scenario.challengers) {
        sampler.pair(Draw::from_bits(u64::MAX), name, challenger.shown, false, time(0));
    }
    let disagrees = |number: u64| share("disagrees", number) < 0.3;
    let mut later: BTreeMap<u64, Vec<(u64, usize)>> = BTreeMap::new();
    let mut kept = Vec::new();
    for turn in 0..TURNS {
        let now = time(turn);
        let interval = usize::try_from(turn / 10).unwrap();
        assert!(sampler.desk().tell_fleet(scenario.volumes[interval % scenario.volumes.len()]));
        if scenario.baseline_comes == Some(turn) {
            baseline.set(Baseline::new("churn", vec![numbers("age", &[18.0, 99.0])], None).unwrap());
        }
        let answer = |sampler: &mut ModelSampler, number: u64, place: usize| {
            let draw = sampler.draw(&number.to_string());
            sampler.pair(draw, &names[place], scenario.challengers[place].shown, disagrees(number), now);
        };
        for (number, place) in later.remove(&turn).unwrap_or_default() {
            answer(&mut sampler, number, place);
        }
        let mut rows = Vec::new();
        for number in turn * REQUESTS..(turn + 1) * REQUESTS {
            let draw = sampler.draw(&number.to_string());
            for (place, challenger) in scenario.challengers.iter().enumerate() {
                let what = |text: &str| share(&format!("{text}{place}"), number);
                let of_shadow = if challenger.same_key { draw.as_f64() } else { what("key") };
                let (least, most) = challenger.lag;
                let part = what("lag") * (most - least + 1) as f64;
                let lag = least + (1..=most - least).filter(|step| part >= *step as f64).count() as u64;
                if of_shadow < challenger.shown && lag == 0 {
                    answer(&mut sampler, number, place);
                } else if of_shadow < challenger.shown {
                    later.entry(turn + lag).or_default().push((number, place));
                }
            }
            let version: ModelVersion = format!("v{}", turn / scenario.version_lasts).parse().unwrap();
            let of_request = (0..1 + number % 2).map(|place| 2 * number + place);
            rows.extend(
                of_request
                    .map(|sequence| Prediction { model_version: Some(version.clone()), ..row(sequence) }),
            );
            sampler.ask(draw, false, usize::try_from(1 + number % 2).unwrap());
        }
        sampler.turn(now, wall);
        kept.append(&mut sampler.decide(&mut rows, Release::Due, now).kept);
        assert!(rows.is_empty());
    }
    kept.append(&mut sampler.decide(&mut Vec::new(), Release::All, time(TURNS)).kept);
    let totals = {
        sampler.note();
        sampler.desk().read().totals
    };
    assert_eq!(totals.predictions, TURNS * REQUESTS / 2 * 3);
    assert_eq!(totals.kept, kept.len() as u64, "counted as it was decided");
    (0..TURNS * REQUESTS).for_each(|number| sums[usize::from(disagrees(number))].2 += 1.0);
    // by requests: that of a row which is the first of its request
    for row in kept.iter().filter(|row| row.sequence % 2 == 0) {
        let sums = &mut sums[usize::from(disagrees(row.sequence / 2))];
        let weight = row.inclusion.probability.weight();
        // (1 - π) / π of what is kept with π: unbiased, and over all seeds together as good as the truth
        (sums.0, sums.1) = (sums.0 + weight, sums.1 + weight * (weight - 1.0));
    }
}

/// How many standard errors the estimates of `seeds` seeds together are off: of requests that do not disagree, and that do.
fn deviations(scenario: &Scenario, seeds: u8) -> [f64; 2] {
    let mut sums = Sums::default();
    (0..seeds).for_each(|seed| estimate(scenario, seed, &mut sums));
    sums.map(|(estimated, variance, truth)| {
        let off: f64 = estimated - truth;
        if variance < 1e-9 { off.round() } else { off / variance.sqrt() }
    })
}

fn steps() -> VolumeTiers {
    let tier = |up_to_per_day, rate| VolumeTier { up_to_per_day, rate };
    VolumeTiers::new(vec![tier(1e3, 0.3), tier(1e5, 0.1)], 0.02)
}

/// A shadow that shows 5 % with the log's key, and takes half a second to two.
const RARE: Challenger = Challenger { shown: 0.05, same_key: true, lag: (5, 19) };

#[test]
fn rates_that_move_while_rows_wait_make_no_bias() {
    let tiers =
        Scenario { volumes: vec![1e7, 0.0], ..Scenario::new(Policy::tails().with_tiers(steps()), &[RARE]) };
    let tails = || Policy::tails().with_tiers(VolumeTiers::constant(0.02));
    let baseline = Scenario { baseline_comes: Some(35), ..Scenario::new(tails(), &[RARE]) };
    let versions = Scenario { version_lasts: 15, ..Scenario::new(tails().with_floor_rows(50.0), &[RARE]) };
    let capped = Policy::capped().with_tiers(VolumeTiers::constant(0.02)).with_half_life(1);
    let capped = Scenario::new(capped, &[Challenger { shown: 0.3, ..RARE }]);
    // who is shown to both waits longer
    let slow = Challenger { shown: 0.1, lag: (18, 25), ..RARE };
    let several = Scenario {
        volumes: vec![1e7, 0.0],
        ..Scenario::new(
            Policy::tails().with_tiers(steps()),
            &[slow, Challenger { shown: 0.4, lag: (1, 3), ..RARE }],
        )
    };
    for (name, scenario) in [
        ("tiers", tiers),
        ("a baseline", baseline),
        ("versions", versions),
        ("capped", capped),
        ("several challengers", several),
    ] {
        let deviations = deviations(&scenario, 40);
        assert!(deviations.iter().all(|deviation| deviation.abs() < 3.0), "{name}: {deviations:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever the shadow shows, with whatever key, and however rates move meanwhile: the requests that disagree, and those
    /// that do not, are estimated without bias.
    #[test]
    fn a_shadow_that_samples_makes_no_bias(
        challengers in prop::collection::vec(
            (prop::sample::select(vec![0.05, 0.3, 1.0]), prop::bool::weighted(0.8), 0..20_u64, 0..10_u64), 1..4,
        ),
        volumes in prop::collection::vec(prop::sample::select(vec![0.0, 1e4, 1e7]), 2..5),
        rule in prop::sample::select(vec![0.3, 1.0]),
        floor in prop::sample::select(vec![0.0, 20.0]),
        baseline_comes in prop::option::of(0..TURNS),
        version_lasts in 10..TURNS,
    ) {
        let challengers = challengers
            .into_iter()
            .map(|(shown, same_key, least, more)| Challenger { shown, same_key, lag: (least, least + more) })
            .collect();
        let policy = Policy::tails()
            .with_tiers(steps())
            .with_floor_rows(floor)
            .with_rule(Rule::OutsideTrainingRange, KeepRule::at(0.5))
            .with_rule(Rule::Disagreement, KeepRule::at(rule));
        let scenario = Scenario { policy, volumes, baseline_comes, version_lasts, challengers };
        let deviations = deviations(&scenario, 40);
        // 24 of them: 5 sigma
        prop_assert!(deviations.iter().all(|deviation| deviation.abs() < 5.0), "{deviations:?}");
    }
}
