use super::*;
use crate::{Flags, KeepRule, VolumeTiers};

/// Scores as of a model that is often sure of itself: half of them evenly over [0, 1], the other half 0 and 1.
fn sure(rows: u32) -> impl Iterator<Item = Facts<'static>> {
    (0..rows).map(move |row| match row % 4 {
        0 => scored(0.0),
        1 => scored(1.0),
        _ => scored(f64::from(row) / f64::from(rows)),
    })
}

fn even(rows: u32) -> impl Iterator<Item = Facts<'static>> {
    (0..rows).map(move |row| scored((f64::from(row) + 0.5) / f64::from(rows)))
}

fn capped() -> Adaptive {
    adaptive(Policy::capped().with_tiers(VolumeTiers::constant(0.1)))
}

#[test]
fn cut_offs_by_quantile_are_where_the_rule_keeps_its_share() {
    let mut adaptive = capped();
    let table = interval(&mut adaptive, even(100_000)).table;
    // 1.5 % at a rate of 0.5 are 3 %, in steps of 1/1024
    assert!((table.high_scores_above() - 0.97).abs() <= 1.0 / 1024.0, "{table:?}");
    assert!((table.low_scores_below() - 0.03).abs() <= 1.0 / 1024.0, "{table:?}");
    assert_eq!(table.rule_rate(Rule::HighScore), SampleRate::new(0.5).ok());
    let share = expected(&table, even(100_000)) / 1e5;
    assert!((0.122..=0.125).contains(&share), "{share}");
}

#[test]
fn many_equal_scores_lower_the_rate() {
    let mut adaptive = capped();
    let table = interval(&mut adaptive, sure(40_000)).table;
    // a quarter of all is in the outermost step
    let rate = table.rule_rate(Rule::HighScore).unwrap().as_f64();
    assert!((rate - 0.015 / 0.25).abs() < 0.001, "{table:?}");
    assert!((table.high_scores_above() - 1023.0 / 1024.0).abs() < 1e-12);
    assert!((table.low_scores_below() - 1.0 / 1024.0).abs() < 1e-12);
}

#[test]
fn before_there_is_a_past_a_rule_keeps_no_more_than_it_may() {
    let table = capped().table();
    for (rule, share) in [(Rule::HighScore, 0.015), (Rule::Failed, 0.01), (Rule::Explicit, 1.0)] {
        assert_eq!(table.rule_rate(rule), SampleRate::new(share).ok(), "{rule}");
    }
}

#[test]
fn a_flag_that_is_common_is_kept_at_a_lower_rate() {
    let mut adaptive = capped();
    let rows = || {
        plain(10_000).enumerate().map(|(row, facts)| {
            let flags =
                Flags { outside_training_range: row % 4 == 0, failed: row % 1000 == 0, ..Flags::default() };
            Facts { flags, ..facts }
        })
    };
    let table = interval(&mut adaptive, rows()).table;
    assert_eq!(table.rule_rate(Rule::OutsideTrainingRange), SampleRate::new(0.01 / 0.25).ok());
    assert_eq!(table.rule_rate(Rule::Failed), Some(SampleRate::ALL));
}

#[test]
fn rules_that_eat_the_saving_are_told_of() {
    let mut adaptive = adaptive(Policy::tails().with_tiers(VolumeTiers::constant(0.1)).with_half_life(1));
    let never = |adaptive: &mut Adaptive, rows| interval_at_random(adaptive, rows).warning;
    let warning = never(&mut adaptive, sure(4_000).collect()).unwrap();
    // half of them at 0 and 1, and a twentieth beyond the cut-offs; of all these 0.9
    assert!((warning.share - 0.9 * 0.55).abs() < 0.03, "{warning:?}");
    let rules: Vec<Rule> = warning.rules.iter().map(|share| share.rule).collect();
    assert!(rules.len() == 2 && rules.contains(&Rule::HighScore) && rules.contains(&Rule::LowScore));
    let text = warning.to_string();
    assert!(text.starts_with("rules alone keep ") && text.contains("high_score 27."), "{text}");

    // capped, there is none
    let mut capped = capped();
    let _ = interval_at_random(&mut capped, sure(4_000).collect());
    assert_eq!(never(&mut capped, sure(4_000).collect()), None);
    // and it ends where the rules keep less, once the past is forgotten: after a third and a seventh of it
    let until = (0..10).take_while(|_| never(&mut adaptive, plain(4_000).collect()).is_some()).count();
    assert_eq!(until, 1);
}

#[test]
fn a_handful_of_rows_is_no_reason_to_warn() {
    let mut adaptive = adaptive(Policy::tails().with_tiers(VolumeTiers::constant(0.1)));
    assert_eq!(interval_at_random(&mut adaptive, vec![scored(1.0); 50]).warning, None);
}

#[test]
fn a_rule_that_is_not_there_keeps_nothing() {
    let policy = Policy::tails().with_tiers(VolumeTiers::constant(0.1));
    let policy = policy.without_rule(Rule::HighScore).with_rule(Rule::LowScore, KeepRule::at(0.3));
    let table = adaptive(policy).table();
    let probability = |score| table.decide(Draw::from_bits(0), &scored(score)).inclusion_probability;
    assert_eq!([0.99, 0.01].map(probability), [0.1, 0.3]);
    assert_eq!(table.rule_rate(Rule::HighScore), None);
    assert!(table.high_scores_above().is_infinite());
}

fn interval_at_random(adaptive: &mut Adaptive, rows: Vec<Facts<'_>>) -> IntervalEnd {
    let table = adaptive.table();
    let mut counts = table.counts();
    for (row, facts) in rows.into_iter().enumerate() {
        let draw = crate::SampleKey::PUBLIC.draw(&row.to_le_bytes());
        counts.add(&facts, &table.decide(draw, &facts));
    }
    adaptive.end_interval(&counts)
}

#[test]
fn a_cap_counts_what_is_kept_with_what_matches() {
    let mut adaptive = capped();
    let table = adaptive.table();
    let mut counts = table.counts();
    // one of a hundred rows in each tenth request has failed
    for request in 0..100 {
        let flags = Flags { failed: request % 10 == 0, ..Flags::default() };
        let rows: Vec<Facts<'_>> = plain(99).chain([Facts { flags, ..scored(0.5) }]).collect();
        let mut decisions: Vec<_> =
            rows.iter().map(|facts| table.decide(Draw::from_bits(0), facts)).collect();
        crate::decide_together(Draw::from_bits(0), &mut decisions);
        rows.iter().zip(&decisions).for_each(|(facts, decision)| counts.add(facts, decision));
    }
    assert_eq!(counts.rule(Rule::Failed).matched, 1_000);
    let rate = adaptive.end_interval(&counts).table.rule_rate(Rule::Failed).unwrap().as_f64();
    assert!((rate - 0.01 / 0.1).abs() < 1e-12, "{rate}");
}
