//! What is estimated from the rows that are kept.

use super::*;

const SEEDS: u8 = 60;

/// Rows, failed ones, and those of batches: the sums of the weights of what is kept, of `REQUESTS` requests.
type Sums = [f64; 3];

const REQUESTS: u32 = 600;

/// What is recorded: every fifth id comes again in a later interval, every tenth request has three instances, and rows fail.
fn estimates(seed: u8) -> Sums {
    let policy = Policy::capped().with_tiers(VolumeTiers::constant(0.1)).with_floor_rows(0.5);
    let key = SampleKey::from_bytes([seed; SampleKey::LEN]);
    let bench = bench_of(SPEC, policy.build(&[]).unwrap(), |builder| builder.with_sample_key(key));
    for number in 0..REQUESTS {
        let again = if number >= 100 && number % 5 == 0 { number - 100 } else { number };
        let score = f64::from(number % 101) / 100.0;
        let instances = if number % 10 == 3 { 3 } else { 1 };
        let plan = if instances > 1 { "batch" } else { "one" };
        let of_place = |place| scored((score + 0.3 * f64::from(place)) % 1.0).with("plan", plan);
        let mut observed = Observed::from((0..instances).map(of_place).collect::<Vec<_>>());
        if number % 25 == 0 {
            observed = observed.with_error(tiltmeter_record::ErrorType::Timeout);
        }
        bench.record(&format!("n{again}"), observed);
        if number % 50 == 49 {
            bench.flush();
            bench.clock.advance(60_000);
        }
    }
    let rows = bench.rows();
    bench.close();
    assert!(rows.len() < 400, "{}", rows.len());
    let sum = |is_meant: &dyn Fn(&Prediction) -> bool| {
        rows.iter().filter(|row| is_meant(row)).map(|row| row.inclusion.probability.weight()).sum()
    };
    [sum(&|_| true), sum(&|row| row.error_type.is_some()), sum(&|row| row.features[2] == "batch".into())]
}

/// The standard error is that of the seeds' own spread, so that it is right for batches and ids that come again, too.
#[test]
fn counts_over_requests_of_all_kinds_are_unbiased() {
    let of_batches = f64::from(REQUESTS / 10 * 3);
    let truth = [f64::from(REQUESTS - REQUESTS / 10) + of_batches, f64::from(REQUESTS / 25), of_batches];
    let all: Vec<Sums> = (0..SEEDS).map(estimates).collect();
    let seeds = f64::from(SEEDS);
    for (place, truth) in truth.into_iter().enumerate() {
        let mean = all.iter().map(|sums| sums[place]).sum::<f64>() / seeds;
        let spread = all.iter().map(|sums| (sums[place] - mean).powi(2)).sum::<f64>() / (seeds - 1.0);
        let error = (spread / seeds).sqrt();
        assert!((mean - truth).abs() < 4.0 * error, "{place}: {mean} of {truth}, with an error of {error}");
        assert!(error < 0.07 * truth, "{place}: what is off by three tenths is seen, {error} of {truth}");
    }
}
