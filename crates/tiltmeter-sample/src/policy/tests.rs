use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn faults(builder: PolicyBuilder) -> Vec<String> {
    builder.build(&["carrier", "origin"]).unwrap_err().faults().map(str::to_owned).collect()
}

#[test]
fn the_policies_that_are_there_are_good() {
    for policy in [Policy::tails(), Policy::capped()] {
        let policy = policy.with_segment("carrier").build(&["carrier"]).unwrap();
        assert_eq!(policy.buckets.places(), 21);
        assert!(Rule::ALL.iter().all(|rule| policy.rule(*rule).is_some()));
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let tiers = vec![
        VolumeTier { up_to_per_day: 1e6, rate: 0.0 },
        VolumeTier { up_to_per_day: 1e5, rate: 0.5 },
        VolumeTier { up_to_per_day: f64::NAN, rate: 0.6 },
    ];
    let policy = Policy::tails()
        .with_interval(Duration::from_millis(10))
        .with_instances(0)
        .with_half_life(0)
        .with_expected_predictions_per_day(-1.0)
        .with_tiers(VolumeTiers::new(tiers, f64::NAN).with_hysteresis(0.0))
        .with_bucket_edges(&[0.0, 0.5, 0.4])
        .with_most_cells(0)
        .with_segment("carier")
        .with_rule(Rule::Failed, KeepRule::at(0.0))
        .with_rule(Rule::Explicit, KeepRule::always().with_most_kept(0.0))
        .with_high_scores(CutOff::At(f64::NAN))
        .with_low_scores(CutOff::Quantile)
        .with_floor_rows(f64::NEG_INFINITY)
        .with_least_rate(1.1)
        .with_budget(Budget::RowsPerSecond(0.0))
        .with_warning_above(0.0);
    let faults = faults(policy);
    let told = [
        "an interval takes a second to a day, not 10ms",
        "a fleet has at least one instance",
        "the half-life is 1 to 100,000 intervals, not 0",
        "-1 predictions a day cannot be expected: give 0 to 1e15",
        "the tier up to 1000000 predictions a day has a rate from 0.000001 to 1, not 0",
        "a tier ends at more than 0 and at most 1e15 predictions a day, not at NaN",
        "the tier above all others has a rate from 0.000001 to 1, not NaN",
        "tiers are in ascending order: 1000000 comes before 100000",
        "the rate does not rise with the volume: 0.5 comes after 0",
        "the rate does not rise with the volume: 0.6 comes after 0.5",
        "the hysteresis of tiers is a share from 0.01 to 0.5, not 0",
        "score buckets divide [0, 1] at edges between 0 and 1, at least one bucket: not at 0",
        "score buckets overlap: the edge 0.5 comes before 0.4",
        "1 to 1024 pairs of segment and version can have strata, not 0",
        "there is no segment \"carier\"; known: carrier, origin",
        "the rule failed has a rate from 0.000001 to 1, not 0",
        "the rule explicit may keep at most a share from 0.000001 to 1 of all predictions, not 0",
        "the rule high_score begins at a score from 0 to 1, not at NaN",
        "the rule low_score begins by quantile: say by `with_most_kept` what it may keep, less than its rate",
        "a floor is 0 to 1e9 rows of a stratum in an interval, not -inf",
        "the least rate has a rate from 0.000001 to 1, not 1.1",
        "a budget is a finite number above 0, not 0",
        "warnings begin at a share above 0 and up to 1, not 0",
    ];
    assert_eq!(faults, told);
}

#[test]
fn each_fault_alone_is_told_once() {
    let overlapping = Policy::tails().with_high_scores(CutOff::At(0.2)).with_low_scores(CutOff::At(0.3));
    assert_eq!(faults(overlapping), ["the rules of the score overlap: below 0.3 and above 0.2"]);
    let equal = Policy::tails().with_bucket_edges(&[0.5, 0.5]);
    assert_eq!(faults(equal), ["score buckets overlap: the edge 0.5 comes before 0.5"]);
    assert_eq!(faults(Policy::tails().with_buckets(0)).len(), 1);
    assert_eq!(faults(Policy::tails().with_buckets(usize::MAX)), ["there are at most 100 score buckets"]);
    assert_eq!(
        faults(Policy::tails().with_bucket_edges(&vec![0.5; 1 << 20]))[0],
        "there are at most 100 score buckets"
    );
    let error = Policy::tails().with_segment("carrier").build(&[]).unwrap_err();
    assert_eq!(error.to_string(), "there is no segment \"carrier\"; known: there are none");
    // rules that are not there cannot be wrong
    let none = Policy::tails().with_high_scores(CutOff::At(2.0)).without_rule(Rule::HighScore);
    assert!(none.build(&[]).is_ok() && Policy::tails().with_buckets(100).build(&[]).is_ok());
}

#[test]
fn tiers_are_those_of_the_documentation() {
    let tiers = VolumeTiers::default();
    let rates: Vec<f64> =
        [0.0, 9e4, 1.2e5, 9e5, 1.2e6, f64::MAX].map(|per_day| tiers.rate(tiers.after(0, per_day))).into();
    assert_eq!(rates, [1.0, 1.0, 0.5, 0.5, 0.1, 0.1]);
    // from above the same volumes are in the higher tier within the band
    assert_eq!([8.9e4, 9.1e4, 9.1e5].map(|per_day| tiers.after(2, per_day)), [0, 1, 2]);
}

proptest! {
    #[test]
    fn a_volume_that_stays_has_a_tier_that_stays(per_day in 0.0..1e7_f64, noise in -0.09..0.09_f64, start in 0..5_usize) {
        let tiers = VolumeTiers::default();
        let tier = tiers.after(start, per_day);
        prop_assert_eq!(tiers.after(tier, per_day), tier);
        // what lies on a border may shake within the band
        for border in [1e5, 1e6] {
            let tier = tiers.after(start.min(2), border);
            prop_assert_eq!(tiers.after(tier, border * (1.0 + noise)), tier);
        }
    }

    #[test]
    fn no_policy_panics(
        numbers in prop::collection::vec(prop::num::f64::ANY, 8), edges: Vec<f64>, counts: (usize, usize, u32, u32),
        name: String, seconds: u64,
    ) {
        let tier = VolumeTier { up_to_per_day: numbers[0], rate: numbers[1] };
        let policy = Policy::capped()
            .with_tiers(VolumeTiers::new(vec![tier], numbers[2]).with_hysteresis(numbers[3]))
            .with_rule(Rule::Failed, KeepRule::at(numbers[4]).with_most_kept(numbers[5]))
            .with_floor_rows(numbers[6])
            .with_budget(Budget::BytesPerSecond(numbers[7]))
            .with_buckets(counts.0)
            .with_bucket_edges(&edges)
            .with_most_cells(counts.1)
            .with_instances(counts.2)
            .with_half_life(counts.3)
            .with_interval(Duration::from_secs(seconds))
            .with_segment(name);
        if let Err(error) = policy.build(&["carrier"]) {
            prop_assert!(error.faults().count() > 0);
        }
    }
}
