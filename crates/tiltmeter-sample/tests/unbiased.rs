//! That sums over all rows are estimated without bias from those that are kept, under every policy and however rates move.

use std::error::Error;
use std::time::Duration;

use tiltmeter_sample::{
    Adaptive, Budget, Draw, Facts, Flags, KeepRule, Policy, PolicyBuilder, RowDecision, Rule, SampleKey,
    VolumeTier, VolumeTiers, decide_together,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Traffic that changes: by interval, so many requests. Twice it falls quiet, and once there is a flood.
const REQUESTS: [usize; 12] = [120, 60, 10, 400, 900, 120, 0, 120, 300, 30, 120, 90];
const SEEDS: u8 = 25;

struct Row {
    score: f64,
    segment: &'static str,
    version: &'static str,
    flags: Flags,
}

/// The same for every seed: request number `number` of an interval.
fn rows(interval: usize, number: usize) -> Vec<Row> {
    let mixed = (interval * 1_000 + number).wrapping_mul(2_654_435_761) % 1_000;
    let score = u32::try_from(mixed).map_or(0.0, f64::from) / 1_000.0;
    let row = |score: f64| Row {
        // most are sure, as of a model that is often sure of itself
        score: if mixed.is_multiple_of(3) { score.powi(8) } else { score },
        segment: ["UA", "AA", "DL", "WN"][mixed % 4],
        version: if interval > 6 && mixed.is_multiple_of(5) { "v4" } else { "v3" },
        flags: Flags {
            failed: mixed % 50 == 7,
            outside_training_range: mixed.is_multiple_of(7),
            disagreement: mixed % 90 == 1,
            keep: mixed % 200 == 3,
        },
    };
    let rows = if mixed.is_multiple_of(10) { 3 } else { 1 };
    (0..rows).map(|place| row((score + 0.3 * f64::from(place)) % 1.0)).collect()
}

/// Sums over all rows, or their estimates: rows, scores, failed, those of the rare version, those with a score above 0.95.
type Sums = [f64; 5];

fn add(sums: &mut Sums, row: &Row, weight: f64) {
    let of = |is_it: bool| f64::from(u8::from(is_it));
    let values = [1.0, row.score, of(row.flags.failed), of(row.version == "v4"), of(row.score > 0.95)];
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += weight * value;
    }
}

/// All requests of all intervals.
fn traffic() -> Vec<Vec<Vec<Row>>> {
    let interval =
        |(interval, requests): (usize, usize)| (0..requests).map(|number| rows(interval, number)).collect();
    REQUESTS.into_iter().enumerate().map(interval).collect()
}

/// What is estimated, and how much Horvitz-Thompson estimates vary: Σ y² (1 - π) / π over all requests, kept or not.
#[derive(Default)]
struct Estimate {
    sums: Sums,
    variances: Sums,
}

/// All of `traffic` under `policy`, with this seed: what is estimated, with weights of the rows that are kept.
fn estimates(
    traffic: &[Vec<Vec<Row>>],
    policy: &Policy,
    seed: u8,
    weight: fn(&RowDecision) -> f64,
) -> Result<Estimate> {
    let mut adaptive = Adaptive::new(policy.clone());
    let key = SampleKey::from_bytes([seed; SampleKey::LEN]);
    let mut estimate = Estimate::default();
    for (interval, requests) in traffic.iter().enumerate() {
        // a fleet whose volume crosses the border of a tier
        adaptive.set_fleet_predictions_per_day([1e4, 2e5, 1e5, 3e6][interval / 3])?;
        let table = adaptive.table();
        let mut counts = table.counts();
        for (number, rows) in requests.iter().enumerate() {
            let draw = key.draw(&[interval.to_le_bytes(), number.to_le_bytes()].concat());
            let facts = |row: &Row| Facts {
                score: Some(row.score),
                segment: Some(row.segment),
                version: row.version,
                flags: row.flags,
            };
            let mut decisions: Vec<RowDecision> =
                rows.iter().map(|row| table.decide(draw, &facts(row))).collect();
            decide_together(draw, &mut decisions);
            for (row, decision) in rows.iter().zip(&decisions) {
                counts.add(&facts(row), decision);
                if decision.is_kept {
                    counts.add_bytes(1, 100 + 10 * u64::from(row.flags.failed));
                    add(&mut estimate.sums, row, weight(decision));
                }
            }
            // the request's rows are one observation
            let mut of_request = Sums::default();
            rows.iter().for_each(|row| add(&mut of_request, row, 1.0));
            let probability = decisions[0].inclusion_probability;
            for (variance, value) in estimate.variances.iter_mut().zip(of_request) {
                *variance += value * value * (1.0 - probability) / probability;
            }
        }
        let _ = adaptive.end_interval(&counts);
    }
    Ok(estimate)
}

fn by_probability(decision: &RowDecision) -> f64 {
    1.0 / decision.inclusion_probability
}

/// How many standard errors the estimates of all seeds together are off, for each sum.
fn deviations(policy: &PolicyBuilder, weight: fn(&RowDecision) -> f64) -> Result<Sums> {
    let policy = policy.clone().with_segment("carrier").with_half_life(2).build(&["carrier"])?;
    let traffic = traffic();
    let mut truth = Sums::default();
    for row in traffic.iter().flatten().flatten() {
        add(&mut truth, row, 1.0);
    }
    let all: Vec<Estimate> =
        (0..SEEDS).map(|seed| estimates(&traffic, &policy, seed, weight)).collect::<Result<_>>()?;
    Ok(std::array::from_fn(|sum| {
        let off: f64 = all.iter().map(|estimate| estimate.sums[sum] - truth[sum]).sum();
        let error = all.iter().map(|estimate| estimate.variances[sum]).sum::<f64>().sqrt();
        // where all rows of a kind are kept there is no error, and no difference but of rounding
        if error < 1e-9 { off.round() } else { off / error }
    }))
}

fn policies() -> [(&'static str, PolicyBuilder); 8] {
    let tenth = || VolumeTiers::constant(0.1);
    let steps = |up_to_per_day, rate| VolumeTier { up_to_per_day, rate };
    let steep = VolumeTiers::new(vec![steps(1e5, 0.5), steps(1e6, 0.2)], 0.05);
    let rows = Budget::RowsPerSecond(0.5);
    let bytes = Budget::BytesPerSecond(60.0);
    let without_rules = Rule::ALL.into_iter().fold(Policy::tails(), PolicyBuilder::without_rule);
    [
        ("one rate", without_rules.with_tiers(tenth())),
        ("tails", Policy::tails().with_tiers(tenth())),
        ("capped", Policy::capped().with_tiers(tenth())),
        ("tiers", Policy::tails().with_tiers(steep.clone()).with_rule(Rule::Failed, KeepRule::at(0.3))),
        ("a floor", Policy::capped().with_tiers(VolumeTiers::constant(0.02)).with_floor_rows(1.0)),
        ("a budget of rows", Policy::tails().with_tiers(steep.clone()).with_budget(rows)),
        ("a budget of bytes", Policy::capped().with_tiers(steep.clone()).with_budget(bytes)),
        (
            "all together",
            Policy::capped()
                .with_tiers(steep)
                .with_floor_rows(0.5)
                .with_most_cells(3)
                .with_budget(rows)
                .with_interval(Duration::from_secs(90)),
        ),
    ]
}

#[test]
fn sums_are_unbiased_under_every_policy() {
    for (name, policy) in policies() {
        let deviations = deviations(&policy, by_probability).unwrap();
        assert!(deviations.iter().all(|deviation| deviation.abs() < 3.0), "{name}: {deviations:?}");
    }
}

/// The test above would notice: with the weights of another rate, or none, estimates are far off.
#[test]
fn other_weights_are_biased() {
    let [_, (_, tails), ..] = policies();
    let as_if_one_rate = deviations(&tails, |_| 10.0).unwrap();
    let as_if_all = deviations(&tails, |_| 1.0).unwrap();
    assert!(as_if_one_rate[0] > 20.0 && as_if_all[0] < -20.0, "{as_if_one_rate:?} {as_if_all:?}");
}

/// Requests without an id draw at random.
#[test]
fn sums_are_unbiased_without_ids() {
    use rand::SeedableRng;
    use rand::rngs::Xoshiro256PlusPlus;

    let policy = Policy::capped().with_tiers(VolumeTiers::constant(0.1)).build(&[]).unwrap();
    let table = Adaptive::new(policy).table();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let (mut estimate, mut variance) = (0.0, 0.0);
    for number in 0..50_000 {
        let facts = Facts { score: Some(f64::from(number) / 50_000.0), version: "v3", ..Facts::default() };
        let decision = table.decide(Draw::at_random(&mut rng), &facts);
        let probability = decision.inclusion_probability;
        estimate += if decision.is_kept { 1.0 / probability } else { 0.0 };
        variance += (1.0 - probability) / probability;
    }
    assert!((estimate - 50_000.0).abs() < 3.0 * f64::sqrt(variance), "{estimate}");
}
