//! From pairs to all that is found of them.

use tiltmeter_record::PairBucket;
use tiltmeter_record::columns::{AnswerColumns, PairColumns};

use super::density::score_density;
use super::disagreements::disagreements;
use super::failures::failures;
use super::figures::figures;
use super::grouping::Grouping;
use super::groups::groups;
use super::labelled::labelled;
use super::latency::{latency, latency_histogram, latency_sla};
use super::material::Material;
use super::noise::noise_floor;
use super::rows::Rows;
use super::{Comparison, ComparisonPolicy, PairInputs};
use crate::grouped;
use crate::period::instant;

/// Compares a challenger with its champion, over requests with a pair and without one.
///
/// Each figure is weighted: a pair stands for one over its inclusion probability requests, and for the requests of its
/// cell that have no pair; see [`Coverage`](super::Coverage) for what that assumes. What is missing or undefined has
/// its reason in its place, and the rest goes on: no pairs, no decisions, no scores, scores that are no probabilities,
/// labels of one class.
///
/// Cost: some fifteen sorts of the pairs, and `replicates` draws of them for scores and again for latencies, for all pairs
/// and again for each way to tell them apart: strata, days, each segment. O(pairs) memory. Deterministic: the same rows and the same build give the
/// same findings, to the last bit; in another order, up to the rounding of sums and the draws of the bootstrap.
#[must_use]
pub fn compare(inputs: &PairInputs<'_>, policy: &ComparisonPolicy) -> Comparison {
    let table = inputs.pairs;
    let material = Material::of(inputs, policy);
    let resample = material.resample;
    let rows = |weighted: &[_]| Rows::of(weighted.iter().copied());
    let (pairs, unadjusted) = (rows(&material.pairs), rows(&material.unadjusted));
    let timed = rows(&material.timed);
    let (sides, latencies) = (material.sides(), material.latencies());
    let segments = material.segments.iter().flat_map(|segment| groups(&material, segment));
    let requests = table.requests();
    let count =
        |keep: fn(PairBucket) -> bool| requests.bucket.iter().filter(|bucket| keep(**bucket)).count() as u64;
    Comparison {
        model: table.model().to_string(),
        champions: versions(table.champion()),
        challengers: versions(table.challenger()),
        seen: seen(&requests.event_time),
        pairs: count(|bucket| bucket == PairBucket::Paired),
        unpaired: count(|bucket| bucket != PairBucket::Paired && bucket != PairBucket::SampledOut),
        overall: figures(&pairs, sides, resample),
        paired: figures(&unadjusted, sides, resample),
        latency_ms: latency(&timed, latencies, resample),
        paired_latency_ms: latency(&unadjusted, latencies, resample),
        latency_sla: latency_sla(&timed, latencies, inputs.sla),
        failures: failures(&rows(&material.asked), &rows(&material.wanted), table),
        noise_floor: table.second_champion().map(|second| noise_floor(&material, second, &pairs)),
        labelled: material.truth.as_ref().map(|truth| labelled(&pairs, sides, truth)),
        paired_labelled: material.truth.as_ref().map(|truth| labelled(&unadjusted, sides, truth)),
        strata: groups(&material, &material.strata),
        segments: segments.collect(),
        days: groups(&material, &Grouping::by_day(&requests.event_time)),
        disagreements: disagreements(&material, &pairs, policy.disagreements, policy.seed),
        score_density: score_density(&pairs, sides),
        latency_histogram: latency_histogram(&timed, latencies),
        notes: notes(inputs, &material),
        coverage: material.coverage,
    }
}

fn versions(side: &AnswerColumns) -> Vec<String> {
    let mut names: Vec<String> = side.version().names().iter().map(ToString::to_string).collect();
    names.sort_unstable();
    names
}

fn seen(times: &[i64]) -> Option<(jiff::Timestamp, jiff::Timestamp)> {
    let known = || times.iter().copied().filter(|time| *time != PairColumns::NO_TIME);
    Some((instant(known().min()?), instant(known().max()?)))
}

fn notes(inputs: &PairInputs<'_>, material: &Material<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let table = inputs.pairs;
    if table.is_empty() {
        notes.push("there are no requests".to_owned());
    } else if material.unadjusted.is_empty() {
        notes.push("no request has a pair: nothing can be compared".to_owned());
    }
    let mut note = |count: u64, what: &str| {
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            notes.push(format!("{} request{plural} {what}", grouped(count)));
        }
    };
    note(
        material.without_probability,
        "without an inclusion probability from 1e-12 to 1: they are not compared",
    );
    let unrepresented = material.coverage.unrepresented.iter().map(|stratum| stratum.chosen).sum();
    note(unrepresented, "of strata without a pair: no figure speaks for them");
    let without_time = table.requests().event_time.iter().filter(|time| **time == PairColumns::NO_TIME);
    note(without_time.count() as u64, "without an event time: they are of no day");
    if inputs.labels.is_some_and(|labels| labels.len() != table.len()) {
        notes.push(
            "there are not as many labels as requests: those that are not there are missing".to_owned(),
        );
    }
    if material.have_no_class_in_common() {
        notes.push(
            "champion and challenger have no decision in common: do the two name classes alike?".to_owned(),
        );
    }
    for (side, versions) in [("champion", table.champion()), ("challenger", table.challenger())] {
        let versions = versions.version().names().len();
        if versions > 1 {
            notes.push(format!("{versions} versions of the {side} are compared as if they were one"));
        }
    }
    notes
}
