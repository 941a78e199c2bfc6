use proptest::prelude::*;
use tiltmeter_stats::{Sample, quantile_inverted_cdf, quantile_linear};

use super::*;
use crate::shadow::rows::Weighted;

fn rows(weights: &[f64]) -> Rows {
    Rows::of(weights.iter().enumerate().map(|(row, &weight)| Weighted { row, weight }))
}

proptest! {
    #[test]
    fn quantiles_of_a_draw_are_those_of_the_drawn_rows(
        drawn in prop::collection::vec((0_u8..20, 0_u8..4, 1_u8..5), 1..60),
    ) {
        let values: Vec<f64> = drawn.iter().map(|row| f64::from(row.0)).collect();
        let counts: Vec<u8> = drawn.iter().map(|row| row.1).collect();
        let weights: Vec<f64> = drawn.iter().map(|row| f64::from(row.2)).collect();
        let repeated: Vec<f64> =
            drawn.iter().flat_map(|row| vec![f64::from(row.0); usize::from(row.1)]).collect();
        let plain = Ordered::of(&values, None).quantiles(&counts);
        prop_assert_eq!(plain.map(Vec::from), quantile_linear(&repeated, &QUANTILES).ok());

        let whole: Vec<f64> = drawn.iter().map(|row| f64::from(row.1) * f64::from(row.2)).collect();
        let expected = Sample::weighted(&values, &whole)
            .ok()
            .and_then(|sample| quantile_inverted_cdf(sample, &QUANTILES).ok());
        // 1 − q and q are not rounded alike: at a tie of weights either value is right
        let found = Ordered::of(&values, Some(&weights)).quantiles(&counts).map(Vec::from);
        let total: f64 = whole.iter().sum();
        let ties = QUANTILES.iter().any(|q| ((1.0 - q) * total - ((1.0 - q) * total).round()).abs() < 1e-9);
        if !ties {
            prop_assert_eq!(found, expected);
        }
    }
}

#[test]
fn a_constant_has_no_spread_and_no_rows_no_figures() {
    let resample = Resample { replicates: 50, seed: 1 };
    let (champion, challenger, is_timeout) = ([2.0; 5], [3.0; 5], [false; 5]);
    let latencies = Latencies { champion: &champion, challenger: &challenger, is_timeout: &is_timeout };
    let found = latency(&rows(&[1.0; 5]), latencies, resample);
    assert_eq!(found.difference.p99.value(), Some(1.0));
    assert_eq!(found.difference.p99.estimate().unwrap().interval, Some((1.0, 1.0)));
    let found = latency(&rows(&[]), latencies, resample);
    assert_eq!(found.challenger.mean.reason(), Some("no request has both latencies"));
    assert_eq!(found.challenger.p50.reason(), Some("no request has both latencies"));
}

#[test]
fn intervals_of_quantiles_hold_the_truth_as_often_as_they_say() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut held = 0;
    let runs = 300;
    for seed in 0..runs {
        let exponential = |random: &mut fastrand::Rng| -(1.0 - random.f64()).ln();
        let champion: Vec<f64> = (0..400).map(|_| exponential(&mut random)).collect();
        let challenger: Vec<f64> =
            champion.iter().map(|latency| latency + exponential(&mut random)).collect();
        let latencies = Latencies { champion: &champion, challenger: &challenger, is_timeout: &[false; 400] };
        let found = latency(&rows(&[1.0; 400]), latencies, Resample { replicates: 200, seed });
        let (low, high) = found.challenger.p95.estimate().unwrap().interval.unwrap();
        // scipy.stats.gamma.ppf(0.95, 2)
        held += u32::from((low..=high).contains(&4.743_864_518_390_577));
    }
    let coverage = f64::from(held) / 300.0;
    assert!((0.90..=0.98).contains(&coverage), "{coverage}");
}

#[test]
fn a_histogram_has_all_and_a_promise_is_held_broken_or_unproven() {
    let champion: Vec<f64> = (1..=1000).map(f64::from).collect();
    let challenger = vec![5.0; 1000];
    let latencies = Latencies { champion: &champion, challenger: &challenger, is_timeout: &[false; 1000] };
    let all = rows(&[1.0; 1000]);
    let histogram = latency_histogram(&all, latencies).unwrap();
    for shares in [&histogram.champion, &histogram.challenger] {
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
    let verdicts = |latency_p99_ms| {
        let mut promised = tiltmeter_record::spec::Sla::default();
        promised.latency_p99_ms = Some(latency_p99_ms);
        let sla = latency_sla(&all, latencies, promised).unwrap();
        (sla.champion, sla.challenger)
    };
    assert_eq!(verdicts(500.0), (SlaVerdict::Broken, SlaVerdict::Held));
    assert_eq!(verdicts(990.0).0, SlaVerdict::Unproven);
    assert_eq!(latency_sla(&all, latencies, tiltmeter_record::spec::Sla::default()), None);
    assert_eq!(latency_histogram(&rows(&[]), latencies), None);
}
