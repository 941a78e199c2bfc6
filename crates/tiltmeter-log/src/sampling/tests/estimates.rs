//! What is estimated from the rows that are kept.

use super::*;

/// The estimate of a count, and its variance, from rows that each stand for a request.
fn estimate<'a>(rows: impl IntoIterator<Item = &'a Prediction>) -> (f64, f64) {
    rows.into_iter().fold((0.0, 0.0), |(sum, variance), row| {
        let weight = row.inclusion.probability.weight();
        (sum + weight, variance + weight * (weight - 1.0))
    })
}

#[test]
fn a_count_over_requests_of_all_kinds_is_unbiased() {
    const REQUESTS: u32 = 6_000;
    let policy = Policy::capped().with_tiers(VolumeTiers::constant(0.1)).with_floor_rows(5.0);
    let bench = bench(policy.build(&[]).unwrap());
    for number in 0..REQUESTS {
        let mut observed = Observed::from(scored(f64::from(number % 101) / 100.0));
        if number % 50 == 0 {
            observed = observed.with_error(tiltmeter_record::ErrorType::Timeout);
        }
        bench.record(&format!("n{number}"), observed);
        if number % 500 == 499 {
            bench.flush();
            bench.clock.advance(60_000);
        }
    }
    let rows = bench.rows();
    let (estimated, variance) = estimate(&rows);
    let error = (estimated - f64::from(REQUESTS)).abs();
    assert!(error < 3.0 * variance.sqrt(), "{estimated} with a deviation of {}", variance.sqrt());
    assert!(rows.len() < 2_000, "{}", rows.len());
    let failed = rows.iter().filter(|row| row.error_type.is_some());
    let (estimated, variance) = estimate(failed);
    assert!((estimated - f64::from(REQUESTS / 50)).abs() < 3.0 * variance.sqrt().max(1.0), "{estimated}");
    bench.close();
}
