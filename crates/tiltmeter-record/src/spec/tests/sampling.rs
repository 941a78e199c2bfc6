//! Which rows are worth keeping.

use super::*;
use crate::privacy::KeySource;

/// A small model whose rows are sampled so.
fn sampled(sampling: &str) -> Sampling {
    read(&small(sampling)).sampling.unwrap()
}

fn small(sampling: &str) -> String {
    let features = "features: {carrier: string, origin: string, hour: integer, dep_delay: float}";
    let small = SMALL.replace("features: {age: float}", features);
    format!("{small}sampling: {sampling}\n")
}

/// What is said of `sampling`, which begins in line 10.
fn said(sampling: &str) -> String {
    refusal(&small(sampling))
}

#[test]
fn a_spec_that_says_nothing_is_not_sampled() {
    assert_eq!(read(SMALL).sampling, None);
}

#[test]
fn a_policy_alone_has_its_defaults() {
    for policy in SamplingPolicy::ALL {
        let found = sampled(&format!("{{policy: {}}}", policy.as_str()));
        assert_eq!(found, Sampling::defaults(policy));
    }
    let tier = |tier: &SamplingTier| (tier.up_to, tier.rate);
    let tails = Sampling::defaults(SamplingPolicy::Tails);
    assert_eq!(tails.tiers.tiers.iter().map(tier).collect::<Vec<_>>(), [(1e5, 1.0), (1e6, 0.5)]);
    let capped = Sampling::defaults(SamplingPolicy::Capped);
    assert_eq!(capped.tiers, tails.tiers);
    let high = capped.keep.high_score.unwrap();
    assert_eq!((high.cut_off, high.keep.rate, high.keep.at_most), (ScoreCutOff::Quantile, 0.5, 0.015));
    let all = Sampling::defaults(SamplingPolicy::All);
    assert_eq!((all.tiers.rate_above, all.keep.failed), (1.0, None));
}

#[test]
fn every_key_is_read() {
    let found = sampled(
        "
  policy: tails
  tiers: [{up_to: 1000, rate: 0.5}, {up_to: 1e4, rate: 0.5}, {rate: 0.01}]
  hysteresis: 0.2
  instances: 4
  expected_per_day: 2000000
  interval: 30s
  edges: [0.1, 0.5]
  segment: carrier
  max_cells: 64
  keep:
    high_score: {above: 0.9, rate: 0.5, at_most: 0.2}
    low_score: {below: quantile, rate: 0.25, at_most: 0.01}
    failed: 0.5
    outside_training_range: {rate: 0.75}
    disagreement: off
    explicit: {at_most: 0.1}
  floor: 0.5
  budget: {bytes_per_second: 1e6}
  least_rate: 0.01
  half_life: 120
  warn_above: 1
  key: {env: SAMPLE_KEY}",
    );
    let rule = |rate, at_most| SamplingRule { rate, at_most };
    let score = |cut_off, rate, at_most| Some(ScoreRule { cut_off, keep: rule(rate, at_most) });
    let expected = Sampling {
        policy: SamplingPolicy::Tails,
        tiers: SamplingTiers {
            tiers: vec![SamplingTier { up_to: 1e3, rate: 0.5 }, SamplingTier { up_to: 1e4, rate: 0.5 }],
            rate_above: 0.01,
            hysteresis: 0.2,
        },
        instances: 4,
        expected_per_day: Some(2e6),
        interval: Duration::from_secs(30),
        buckets: ScoreBuckets::Edges(vec![0.1, 0.5]),
        segment: Some("carrier".parse().unwrap()),
        max_cells: 64,
        keep: KeepRules {
            high_score: score(ScoreCutOff::At(0.9), 0.5, 0.2),
            low_score: score(ScoreCutOff::Quantile, 0.25, 0.01),
            failed: Some(rule(0.5, 1.0)),
            outside_training_range: Some(rule(0.75, 1.0)),
            disagreement: None,
            explicit: Some(rule(1.0, 0.1)),
        },
        floor: 0.5,
        budget: Some(SamplingBudget::BytesPerSecond(1e6)),
        least_rate: 0.01,
        half_life: 120,
        warn_above: 1.0,
        key: Some(KeySource::Env("SAMPLE_KEY".to_owned())),
    };
    assert_eq!(found, expected);
}

#[test]
fn what_is_not_said_of_a_rule_is_its_policys() {
    let found = sampled(
        "{policy: capped, rate: 0.2, keep: {high_score: {above: 0.9}, failed: 0.5, explicit: off, disagreement: {}}}",
    );
    let usual = Sampling::defaults(SamplingPolicy::Capped).keep;
    let high = found.keep.high_score.unwrap();
    assert_eq!((high.cut_off, high.keep.at_most), (ScoreCutOff::At(0.9), 0.015));
    assert_eq!(found.keep.failed, Some(SamplingRule { rate: 0.5, at_most: 0.01 }));
    assert_eq!((found.keep.disagreement, found.keep.explicit), (usual.disagreement, None));
    assert_eq!((found.tiers.tiers.len(), found.tiers.rate_above), (0, 0.2));
    assert_eq!(sampled("{policy: capped, keep: off}").keep, Sampling::defaults(SamplingPolicy::All).keep);
    let all = sampled("{policy: all, key: {file: /run/secrets/key}}");
    assert_eq!(all.key, Some(KeySource::File("/run/secrets/key".into())));
}

#[test]
fn every_mistake_is_reported_at_once() {
    insta::assert_snapshot!(said("
  policy: tail
  rate: 0
  tiers:
    - {up_to: 1000000, rate: 0.5}
    - {up_to: 100000, rate: 0.7}
    - {rate: 1.5}
    - {upto: 5, rate: 0.1}
    - {up_to: 1e16}
  hysteresis: 0
  instances: 0
  expected_per_day: -1
  interval: 10ms
  buckets: 0
  edges: [0, 0.5, 0.4, high]
  segment: carier
  max_cells: 5000
  keep:
    high_score: 0.95
    low_score: {above: 0.05, below: -1, rate: 2}
    failed: 0
    fialed: 1
    outside_training_range: {rate: always}
    disagreement: {at_most: 1.5}
    explicit: true
  floor: -5
  budget: {rows_per_second: 0, bytes_per_second: 1000}
  least_rate: 0
  half_life: 1h
  warn_above: 0
  key: secret
  sample: 0.1"), @r#"
    model.yaml: 39 problems
    model.yaml:11: sampling.policy: found "tail", allowed: all, tails, capped; did you mean "tails"?
    model.yaml:12: sampling.rate: found the number 0, allowed: a rate from 0.000001 to 1
    model.yaml:14: sampling.tiers: found tiers beside rate, allowed: one of the two
    model.yaml:15: sampling.tiers[1].up_to: found 100000 after 1000000, allowed: tiers in ascending order
    model.yaml:15: sampling.tiers[1].rate: found the rate 0.7 after 0.5, allowed: rates that do not rise with the volume
    model.yaml:16: sampling.tiers[2].up_to: found nothing for a required key, allowed: a number of predictions a day above 0 and up to 1e15; only the last tier is without
    model.yaml:16: sampling.tiers[2].rate: found the number 1.5, allowed: a rate from 0.000001 to 1
    model.yaml:17: sampling.tiers[3].up_to: found nothing for a required key, allowed: a number of predictions a day above 0 and up to 1e15; only the last tier is without
    model.yaml:17: sampling.tiers[3].upto: found an unknown key, allowed: up_to, rate; did you mean "up_to"?
    model.yaml:18: sampling.tiers[4].rate: found nothing for a required key, allowed: a rate from 0.000001 to 1
    model.yaml:18: sampling.tiers[4].up_to: found an end of the last tier, allowed: none: its rate is that of all volumes above the others
    model.yaml:19: sampling.hysteresis: found the number 0, allowed: a share from 0.01 to 0.5
    model.yaml:20: sampling.instances: found the number 0, allowed: a whole number from 1 to 1000000
    model.yaml:21: sampling.expected_per_day: found the number -1, allowed: a number from 0 to 1e15
    model.yaml:22: sampling.interval: found "10ms", allowed: a duration from 1s to 1d
    model.yaml:23: sampling.buckets: found the number 0, allowed: a whole number from 1 to 100
    model.yaml:24: sampling.edges: found edges beside buckets, allowed: one of the two
    model.yaml:24: sampling.edges[0]: found the number 0, allowed: a score above 0 and below 1
    model.yaml:24: sampling.edges[2]: found the edge 0.4 after 0.5, so that buckets overlap, allowed: edges that ascend
    model.yaml:24: sampling.edges[3]: found "high", allowed: a score above 0 and below 1
    model.yaml:25: sampling.segment: found "carier", allowed: a feature that is declared in features; did you mean "carrier"?
    model.yaml:26: sampling.max_cells: found the number 5000, allowed: a whole number from 1 to 1024
    model.yaml:28: sampling.keep.high_score: found the number 0.95, allowed: {above: …, rate: …, at_most: …}, or off
    model.yaml:29: sampling.keep.low_score.above: found an unknown key, allowed: below, rate, at_most
    model.yaml:29: sampling.keep.low_score.below: found the number -1, allowed: a score from 0 to 1, or quantile
    model.yaml:29: sampling.keep.low_score.rate: found the number 2, allowed: a rate from 0.000001 to 1
    model.yaml:30: sampling.keep.failed: found the number 0, allowed: a rate from 0.000001 to 1, {rate: …, at_most: …}, or off
    model.yaml:31: sampling.keep.fialed: found an unknown key, allowed: high_score, low_score, failed, outside_training_range, disagreement, explicit; did you mean "failed"?
    model.yaml:32: sampling.keep.outside_training_range.rate: found "always", allowed: a rate from 0.000001 to 1
    model.yaml:33: sampling.keep.disagreement.at_most: found the number 1.5, allowed: a share of all predictions from 0.000001 to 1
    model.yaml:34: sampling.keep.explicit: found the boolean true, allowed: a rate from 0.000001 to 1, {rate: …, at_most: …}, or off
    model.yaml:35: sampling.floor: found the number -5, allowed: a number of rows from 0 to 1e9
    model.yaml:36: sampling.budget.rows_per_second: found the number 0, allowed: a number above 0
    model.yaml:36: sampling.budget.bytes_per_second: found bytes_per_second beside rows_per_second, allowed: one of the two
    model.yaml:37: sampling.least_rate: found the number 0, allowed: a rate from 0.000001 to 1
    model.yaml:38: sampling.half_life: found "1h", allowed: a whole number from 1 to 100000
    model.yaml:39: sampling.warn_above: found the number 0, allowed: a share above 0 and up to 1
    model.yaml:40: sampling.key: found a value that is no source of keys, allowed: {env: NAME} or {file: path}; a key itself never stands in a spec
    model.yaml:41: sampling.sample: found an unknown key, allowed: policy, rate, tiers, hysteresis, instances, expected_per_day, interval, buckets, edges, segment, max_cells, keep, floor, budget, least_rate, half_life, warn_above, key
    "#);
    insta::assert_snapshot!(said("
  rate: [1]
  tiers: []
  interval: 2d
  edges: []
  segment: dep_delay
  keep: [failed]
  budget: 50
  key: {env: '1', file: /k}"), @r#"
    model.yaml: 10 problems
    model.yaml:10: sampling.policy: found nothing for a required key, allowed: all, tails, capped
    model.yaml:11: sampling.rate: found a list, allowed: a rate from 0.000001 to 1
    model.yaml:12: sampling.tiers: found tiers beside rate, allowed: one of the two
    model.yaml:12: sampling.tiers: found an empty list, allowed: a list of {up_to: …, rate: …} that ends with {rate: …}
    model.yaml:13: sampling.interval: found "2d", allowed: a duration from 1s to 1d
    model.yaml:14: sampling.edges: found 0 edges, allowed: a list of 1 to 99 scores that ascend, each above 0 and below 1
    model.yaml:15: sampling.segment: found "dep_delay", a feature of type float, allowed: features of type string, boolean, integer
    model.yaml:16: sampling.keep: found a list, allowed: a mapping, rule: what it keeps; or off for none of them
    model.yaml:17: sampling.budget: found the number 50, allowed: {rows_per_second: …} or {bytes_per_second: …}
    model.yaml:18: sampling.key: found not one of env and file, allowed: {env: NAME} or {file: path}; a key itself never stands in a spec
    "#);
}

#[test]
fn what_does_not_go_together_is_a_mistake() {
    insta::assert_snapshot!(said("
  policy: all
  rate: 0.1
  keep: {failed: 0.5}
  key: {env: SAMPLE_KEY}"), @r#"
    model.yaml: 2 problems
    model.yaml:12: sampling.rate: found rate beside the policy all, which keeps every row, allowed: key alone, or the policy tails or capped
    model.yaml:13: sampling.keep: found keep beside the policy all, which keeps every row, allowed: key alone, or the policy tails or capped
    "#);
    insta::assert_snapshot!(said("
  policy: capped
  keep:
    high_score: {rate: 0.01}
    low_score: {below: quantile, at_most: 0.5}
  floor: 5000
  budget: {rows_per_second: 50}"), @r#"
    model.yaml: 3 problems
    model.yaml:13: sampling.keep.high_score: found a rule by quantile that keeps at most 0.015 at a rate of 0.01, allowed: an at_most that is below the rate
    model.yaml:14: sampling.keep.low_score: found a rule by quantile that keeps at most 0.5 at a rate of 0.5, allowed: an at_most that is below the rate
    model.yaml:15: sampling.floor: found 5000 rows of a stratum in an interval, allowed: at most the budget of an interval, 3000 rows
    "#);
    insta::assert_snapshot!(said("
  policy: tails
  keep:
    high_score: {above: quantile}
    low_score: {below: 0.9}
  budget: {}"), @r#"
    model.yaml: 2 problems
    model.yaml:13: sampling.keep.high_score: found a rule by quantile that keeps at most 1 at a rate of 1, allowed: an at_most that is below the rate
    model.yaml:15: sampling.budget: found no budget, allowed: {rows_per_second: …} or {bytes_per_second: …}
    "#);
    insta::assert_snapshot!(said("{policy: tails, keep: {high_score: {above: 0.01}}}"), @r#"
    model.yaml: 1 problem
    model.yaml:10: sampling.keep.high_score: found rules of the score that overlap: below 0.05 and above 0.01, allowed: a score of low_score that is not above that of high_score
    "#);
    insta::assert_snapshot!(said("{policy: tails, keep: {low_score: {below: 0.96}}}"), @r#"
    model.yaml: 1 problem
    model.yaml:10: sampling.keep.low_score: found rules of the score that overlap: below 0.96 and above 0.95, allowed: a score of low_score that is not above that of high_score
    "#);
    insta::assert_snapshot!(said("{policy: tails, tiers: [{up_to: 5, rate: 1}]}"), @r#"
    model.yaml: 1 problem
    model.yaml:10: sampling.tiers[0].up_to: found an end of the last tier, allowed: none: its rate is that of all volumes above the others
    "#);
    insta::assert_snapshot!(said("tails"), @r#"
    model.yaml: 1 problem
    model.yaml:10: sampling: found "tails", allowed: a mapping
    "#);
}

#[test]
fn a_segment_that_privacy_drops_tells_nothing_apart() {
    let privacy = |action| format!("privacy: {{features: {{carrier: {action}}}}}\n");
    let sampling = small("{policy: tails, segment: carrier}");
    insta::assert_snapshot!(refusal(&format!("{sampling}{}", privacy("drop"))), @r#"
    model.yaml: 1 problem
    model.yaml:10: sampling.segment: found "carrier", which privacy.features drops, allowed: a feature that is not dropped
    "#);
    assert!(read(&format!("{sampling}{}", privacy("hash"))).sampling.is_some());
}

#[test]
fn without_a_policy_rules_are_not_judged_by_that_of_another() {
    insta::assert_snapshot!(said("{policy: cap, keep: {high_score: {above: quantile}}}"), @r#"
    model.yaml: 1 problem
    model.yaml:10: sampling.policy: found "cap", allowed: all, tails, capped; did you mean "capped"?
    "#);
}
