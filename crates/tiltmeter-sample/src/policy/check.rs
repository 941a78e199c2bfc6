//! All that is wrong with a policy.

use std::time::Duration;

use super::{Budget, CutOff, Policy, PolicyBuilder, VolumeTiers};
use crate::Rule;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The least rate at all: a weight of a million is as good as no row.
const LEAST: f64 = 1e-6;
/// More predictions a day than anybody makes; sums of them are exact enough.
const MOST_PER_DAY: f64 = 1e15;

pub(super) fn faults(policy: &Policy, edges: &[f64], segments: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    time(policy, &mut faults);
    tiers(&policy.tiers, &mut faults);
    strata(policy, edges, segments, &mut faults);
    rules(policy, &mut faults);
    cut_offs(policy, &mut faults);
    bounds(policy, &mut faults);
    faults
}

fn time(policy: &Policy, faults: &mut Vec<String>) {
    if !(Duration::from_secs(1)..=DAY).contains(&policy.interval) {
        faults.push(format!("an interval takes a second to a day, not {:?}", policy.interval));
    }
    if policy.instances == 0 {
        faults.push("a fleet has at least one instance".to_owned());
    }
    if !(1..=100_000).contains(&policy.half_life) {
        faults.push(format!("the half-life is 1 to 100,000 intervals, not {}", policy.half_life));
    }
    if let Some(expected) =
        policy.expected_per_day.filter(|expected| !(0.0..=MOST_PER_DAY).contains(expected))
    {
        faults.push(format!("{expected} predictions a day cannot be expected: give 0 to 1e15"));
    }
}

fn tiers(tiers: &VolumeTiers, faults: &mut Vec<String>) {
    for tier in &tiers.tiers {
        rate(&format!("the tier up to {} predictions a day", tier.up_to_per_day), tier.rate, faults);
        if !(tier.up_to_per_day > 0.0 && tier.up_to_per_day <= MOST_PER_DAY) {
            faults.push(format!(
                "a tier ends at more than 0 and at most 1e15 predictions a day, not at {}",
                tier.up_to_per_day
            ));
        }
    }
    rate("the tier above all others", tiers.rate_above, faults);
    for (lower, upper) in tiers.tiers.iter().zip(tiers.tiers.iter().skip(1)) {
        if lower.up_to_per_day >= upper.up_to_per_day {
            faults.push(format!(
                "tiers are in ascending order: {} comes before {}",
                lower.up_to_per_day, upper.up_to_per_day
            ));
        }
    }
    let rates = || tiers.tiers.iter().map(|tier| tier.rate).chain([tiers.rate_above]);
    for (lower, upper) in rates().zip(rates().skip(1)).filter(|(lower, upper)| lower < upper) {
        faults.push(format!("the rate does not rise with the volume: {upper} comes after {lower}"));
    }
    if !(0.01..=0.5).contains(&tiers.hysteresis) {
        faults.push(format!("the hysteresis of tiers is a share from 0.01 to 0.5, not {}", tiers.hysteresis));
    }
}

fn strata(policy: &Policy, edges: &[f64], segments: &[&str], faults: &mut Vec<String>) {
    if edges.len() >= PolicyBuilder::MAX_BUCKETS {
        faults.push(format!("there are at most {} score buckets", PolicyBuilder::MAX_BUCKETS));
    }
    for edge in edges.iter().filter(|edge| !(**edge > 0.0 && **edge < 1.0)) {
        faults.push(format!(
            "score buckets divide [0, 1] at edges between 0 and 1, at least one bucket: not at {edge}"
        ));
    }
    for (lower, upper) in edges.iter().zip(edges.iter().skip(1)).filter(|(lower, upper)| lower >= upper) {
        faults.push(format!("score buckets overlap: the edge {lower} comes before {upper}"));
    }
    if !(1..=PolicyBuilder::MAX_CELLS).contains(&policy.most_cells) {
        faults.push(format!(
            "1 to {} pairs of segment and version can have strata, not {}",
            PolicyBuilder::MAX_CELLS,
            policy.most_cells
        ));
    }
    if let Some(name) = policy.segment.as_deref().filter(|name| !segments.contains(name)) {
        let known = if segments.is_empty() { "there are none".to_owned() } else { segments.join(", ") };
        faults.push(format!("there is no segment {name:?}; known: {known}"));
    }
}

fn rules(policy: &Policy, faults: &mut Vec<String>) {
    for rule in Rule::ALL {
        let Some(keep) = policy.rule(rule) else { continue };
        rate(&format!("the rule {rule}"), keep.rate, faults);
        if !(keep.most_kept >= LEAST && keep.most_kept <= 1.0) {
            faults.push(format!(
                "the rule {rule} may keep at most a share from 0.000001 to 1 of all predictions, not {}",
                keep.most_kept
            ));
        }
    }
}

fn cut_offs(policy: &Policy, faults: &mut Vec<String>) {
    let used = |rule, cut_off| policy.rule(rule).map(|keep| (keep, cut_off));
    let (high, low) = (used(Rule::HighScore, policy.high), used(Rule::LowScore, policy.low));
    for (rule, used) in [(Rule::HighScore, high), (Rule::LowScore, low)] {
        match used {
            Some((_, CutOff::At(score))) if !(0.0..=1.0).contains(&score) => {
                faults.push(format!("the rule {rule} begins at a score from 0 to 1, not at {score}"));
            }
            Some((keep, CutOff::Quantile)) if keep.most_kept >= keep.rate => {
                faults.push(format!(
                    "the rule {rule} begins by quantile: say by `with_most_kept` what it may keep, less than its rate"
                ));
            }
            _ => {}
        }
    }
    if let (Some((_, CutOff::At(high))), Some((_, CutOff::At(low)))) = (high, low)
        && low > high
    {
        faults.push(format!("the rules of the score overlap: below {low} and above {high}"));
    }
}

fn bounds(policy: &Policy, faults: &mut Vec<String>) {
    if !(0.0..=1e9).contains(&policy.floor_rows) {
        faults
            .push(format!("a floor is 0 to 1e9 rows of a stratum in an interval, not {}", policy.floor_rows));
    }
    rate("the least rate", policy.least_rate, faults);
    match policy.budget {
        Some(Budget::RowsPerSecond(most) | Budget::BytesPerSecond(most))
            if !(most > 0.0 && most.is_finite()) =>
        {
            faults.push(format!("a budget is a finite number above 0, not {most}"));
        }
        _ => {}
    }
    if !(policy.warn_above > 0.0 && policy.warn_above <= 1.0) {
        faults.push(format!("warnings begin at a share above 0 and up to 1, not {}", policy.warn_above));
    }
}

fn rate(of: &str, rate: f64, faults: &mut Vec<String>) {
    if !(LEAST..=1.0).contains(&rate) {
        faults.push(format!("{of} has a rate from 0.000001 to 1, not {rate}"));
    }
}
