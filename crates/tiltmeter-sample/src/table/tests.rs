use proptest::prelude::*;

use crate::{
    Adaptive, CutOff, Draw, Facts, Flags, KeepRule, Policy, RowDecision, Rule, SampleKey, SampleRate,
    VolumeTiers, decide_together,
};

fn tails(rate: f64) -> super::RateTable {
    Adaptive::new(Policy::tails().with_tiers(VolumeTiers::constant(rate)).build(&[]).unwrap()).table()
}

fn scored(score: f64) -> Facts<'static> {
    Facts { score: Some(score), version: "v3", ..Facts::default() }
}

/// A table that knows the carriers UA and AA of version v3.
fn with_carriers() -> super::RateTable {
    let policy = Policy::tails().with_tiers(VolumeTiers::constant(0.1)).with_segment("carrier");
    let mut adaptive = Adaptive::new(policy.build(&["carrier"]).unwrap());
    let table = adaptive.table();
    let mut counts = table.counts();
    for segment in ["UA", "AA"] {
        let facts = Facts { segment: Some(segment), ..scored(0.5) };
        counts.add(&facts, &table.decide(Draw::from_bits(0), &facts));
    }
    adaptive.end_interval(&counts).table
}

/// The draws are those of `python_agrees` in `key.rs`: another process has them, too.
#[test]
fn another_process_decides_the_same() {
    let key = SampleKey::from_text("000102030405060708090a0b0c0d0e0f").unwrap();
    let table = with_carriers();
    for (id, score, segment, is_kept, probability, stratum) in [
        // 0x7f64_3a2e_ae59_8063 / 2^64 is 0.498
        ("r0000001", 0.37, Some("UA"), false, 0.1, "b07|carrier=UA|v3"),
        ("r0000001", 0.96, Some("UA"), true, 1.0, "b19|carrier=UA|v3"),
        ("r0000001", 0.04, Some("AA"), true, 1.0, "b00|carrier=AA|v3"),
        ("r0000001", f64::NAN, Some("AA"), false, 0.1, "bnone|carrier=AA|v3"),
        ("r0000001", 0.95, None, false, 0.1, "b19|*"),
        // 0xa144_930d_dbbb_97b4 / 2^64 is 0.63
        ("order-4711", 0.37, Some("ZZ"), false, 0.1, "b07|*"),
    ] {
        let decision = table.decide(key.draw(id.as_bytes()), &Facts { segment, ..scored(score) });
        let found = (decision.is_kept, decision.inclusion_probability, table.stratum_text(decision.stratum));
        assert_eq!(found, (is_kept, probability, stratum), "{id} {score}");
    }
    let kept = (0..1000).filter(|number| {
        table
            .decide(
                key.draw(format!("r{number:07}").as_bytes()),
                &Facts { segment: Some("UA"), ..scored(0.5) },
            )
            .is_kept
    });
    // [n for n in range(1000) if siphash24(key, b"r%07d" % n) < int(0.1 * 2**64)][:5]
    assert_eq!(kept.take(5).collect::<Vec<_>>(), [14, 20, 31, 76, 83]);
}

#[test]
fn all_strata_are_listed() {
    let table = with_carriers();
    assert_eq!(table.strata().count(), 3 * 21);
    assert!(table.strata().all(|stratum| stratum.rate == SampleRate::new(0.1).unwrap()));
    assert_eq!(table.strata().nth(7).unwrap().text, "b07|carrier=AA|v3");
    assert_eq!(table.rule_rate(Rule::Failed), Some(SampleRate::ALL));
    assert!(table.high_scores_above() > 0.949 && table.low_scores_below() < 0.051);
    let other = crate::Stratum(u32::MAX);
    assert_eq!(table.stratum_text(other), "");
}

#[test]
#[expect(clippy::float_cmp, reason = "exact is what is claimed")]
fn of_what_was_shown_a_disagreement_keeps_its_rate() {
    let rule = KeepRule::at(0.5);
    let policy = Policy::tails().with_tiers(VolumeTiers::constant(0.1)).with_rule(Rule::Disagreement, rule);
    let table = Adaptive::new(policy.build(&[]).unwrap()).table();
    let flags = Flags { disagreement: true, ..Flags::default() };
    for (shown, probability) in [(1.0, 0.5), (0.4, 0.2), (0.2, 0.1), (0.01, 0.1), (0.0, 0.1)] {
        let shown = SampleRate::new(shown).unwrap();
        let decision = table.decide_shown(Draw::from_bits(0), &Facts { flags, ..scored(0.5) }, shown);
        assert_eq!(decision.inclusion_probability, probability);
        // another rule does not depend on it
        let failed = Flags { failed: true, ..flags };
        let decision = table.decide_shown(Draw::from_bits(0), &Facts { flags: failed, ..scored(0.5) }, shown);
        assert_eq!(decision.inclusion_probability, 1.0);
    }
    let facts = Facts { flags, ..scored(0.5) };
    let (draw, all) = (Draw::from_bits(1 << 62), SampleRate::ALL);
    assert_eq!(table.decide(draw, &facts), table.decide_shown(draw, &facts, all));
}

#[test]
fn rules_match_what_they_say() {
    let table = tails(0.1);
    let rules = |facts: Facts<'_>| table.decide(Draw::from_bits(0), &facts).rules().collect::<Vec<_>>();
    assert_eq!(rules(scored(0.5)), []);
    assert_eq!(rules(scored(0.951)), [Rule::HighScore]);
    assert_eq!(rules(scored(f64::INFINITY)), [Rule::HighScore]);
    assert_eq!(rules(scored(0.049)), [Rule::LowScore]);
    assert_eq!(rules(scored(f64::NAN)), []);
    let flags = Flags { failed: true, outside_training_range: true, disagreement: true, keep: true };
    let all = [Rule::Failed, Rule::OutsideTrainingRange, Rule::Disagreement, Rule::Explicit];
    assert_eq!(rules(Facts { flags, ..Facts::default() }), all);
}

#[test]
fn a_row_says_whether_only_a_rule_keeps_it() {
    let table = tails(0.5);
    let is_by_rules =
        |bits: u64, score| table.decide(Draw::from_bits(bits), &scored(score)).is_kept_by_rules_only();
    assert!(is_by_rules(u64::MAX, 0.99) && !is_by_rules(0, 0.99) && !is_by_rules(u64::MAX, 0.5));
}

#[test]
fn rows_of_one_request_are_kept_as_one() {
    let table = tails(0.1);
    let draw = Draw::from_bits(u64::MAX);
    let mut rows = [0.5, 0.99, 0.3].map(|score| table.decide(draw, &scored(score)));
    let strata = rows.map(|row| row.stratum);
    decide_together(draw, &mut rows);
    assert!(rows.iter().all(|row| row.is_kept && row.is_kept_by_rules_only()));
    assert!(rows.iter().all(|row| row.inclusion_probability >= 1.0));
    assert_eq!(rows.map(|row| row.stratum), strata);
    // what a rule comes to are all the rows that it keeps
    assert!(rows.iter().all(|row| row.rules().eq([Rule::HighScore])));
    let again = rows;
    decide_together(draw, &mut rows);
    assert_eq!(rows, again);
    decide_together(draw, &mut []);
}

fn any_score() -> impl Strategy<Value = Option<f64>> {
    prop::option::of(prop_oneof![0.0..=1.0_f64, prop::num::f64::ANY])
}

fn any_flags() -> impl Strategy<Value = Flags> {
    any::<[bool; 4]>().prop_map(|[failed, outside_training_range, disagreement, keep]| Flags {
        failed,
        outside_training_range,
        disagreement,
        keep,
    })
}

proptest! {
    #[test]
    fn a_union_has_the_greatest_of_its_rates(
        score in any_score(), flags in any_flags(), bits: u64, base in 0.001..=1.0_f64,
        rates in prop::array::uniform6(prop_oneof![0.001..=1.0_f64, Just(1.0)]), cut_off in 0.5..=1.0_f64,
    ) {
        let mut policy = Policy::tails()
            .with_tiers(VolumeTiers::constant(base))
            .with_high_scores(CutOff::At(cut_off))
            .with_low_scores(CutOff::At(1.0 - cut_off));
        for (rule, rate) in Rule::ALL.into_iter().zip(rates) {
            policy = policy.with_rule(rule, KeepRule::at(rate));
        }
        let table = Adaptive::new(policy.build(&[]).unwrap()).table();
        let facts = Facts { score, flags, version: "v3", ..Facts::default() };
        let matches = [
            score.is_some_and(|score| score > cut_off),
            score.is_some_and(|score| score < 1.0 - cut_off),
            flags.failed, flags.outside_training_range, flags.disagreement, flags.keep,
        ];
        let matched = rates.into_iter().zip(matches).filter(|(_, is_matched)| *is_matched).map(|(rate, _)| rate);
        let expected = SampleRate::new(matched.fold(base, f64::max)).unwrap();
        let decision = table.decide(Draw::from_bits(bits), &facts);
        prop_assert_eq!(decision.inclusion_probability.to_bits(), expected.as_f64().to_bits());
        prop_assert_eq!(decision.is_kept, expected.keeps(Draw::from_bits(bits)));
    }

    #[test]
    fn samples_are_nested(
        score in any_score(), flags in any_flags(), bits: u64, one in 0.001..=1.0_f64, other in 0.001..=1.0_f64,
    ) {
        let facts = Facts { score, flags, version: "v3", ..Facts::default() };
        let decide = |rate| tails(rate).decide(Draw::from_bits(bits), &facts);
        let (less, more) = (decide(one.min(other)), decide(one.max(other)));
        prop_assert!(!less.is_kept || more.is_kept);
        prop_assert!(less.inclusion_probability <= more.inclusion_probability);
    }

    #[test]
    fn nothing_from_outside_is_too_much(
        score in any_score(), flags in any_flags(), segment: Option<String>, version: String, bits: u64,
        repeat in prop_oneof![Just(1_usize), Just(1000)],
    ) {
        let table = with_carriers();
        let version = version.repeat(repeat);
        let facts = Facts { score, segment: segment.as_deref(), version: &version, flags };
        let decision = table.decide(Draw::from_bits(bits), &facts);
        prop_assert!(decision.inclusion_probability > 0.0 && decision.inclusion_probability <= 1.0);
        prop_assert!(!table.stratum_text(decision.stratum).is_empty());
    }

    #[test]
    fn together_rows_have_the_greatest_probability(
        rows in prop::collection::vec((any_score(), any_flags()), 0..6), bits: u64,
    ) {
        let (table, draw) = (tails(0.1), Draw::from_bits(bits));
        let facts = rows.iter().map(|(score, flags)| Facts { score: *score, flags: *flags, ..Facts::default() });
        let alone: Vec<RowDecision> = facts.map(|facts| table.decide(draw, &facts)).collect();
        let mut together = alone.clone();
        decide_together(draw, &mut together);
        let most = alone.iter().map(|row| row.inclusion_probability).fold(0.0, f64::max);
        let is_kept = alone.iter().any(|row| row.is_kept);
        for row in together {
            prop_assert_eq!(row.inclusion_probability.to_bits(), most.to_bits());
            prop_assert_eq!(row.is_kept, is_kept);
        }
    }
}
