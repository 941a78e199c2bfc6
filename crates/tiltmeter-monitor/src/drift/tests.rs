use std::sync::OnceLock;

use tiltmeter_record::columns::{Categories, ColumnValues, FeatureColumn, Texts};
use tiltmeter_record::spec::ModelKind;

use super::*;
use crate::columns::SCORE;
use crate::{Period, build_baseline};

const DAY: i64 = 86_400_000_000;

/// Scores of some days from day `first` on: each day has its own level, each row its own noise.
fn world(seed: u64, first: i64, days: i64, rows: usize, between: f64, shift: f64) -> PredictionColumns {
    table(&[column(seed, days, rows, between, shift, 0.0)], first, rows)
}

/// A table of one score and features, all with so many rows a day.
fn table(columns: &[Vec<f64>], first: i64, rows: usize) -> PredictionColumns {
    let scores = columns[0].clone();
    let time =
        |row: usize| (first + i64::try_from(row / rows).unwrap()) * DAY + i64::try_from(row % rows).unwrap();
    let times = (0..scores.len()).map(time).collect();
    let absent = || scores.iter().map(|_| None);
    let (ids, versions) = (absent().collect::<Texts>(), absent().collect::<Categories>());
    let feature = |(place, values): (usize, &Vec<f64>)| FeatureColumn {
        name: format!("x{place}").parse().unwrap(),
        values: ColumnValues::Numbers(values.clone()),
    };
    let features = columns[1..].iter().enumerate().map(feature).collect();
    PredictionColumns::new("m".parse().unwrap(), times, ids, versions, scores, features).unwrap()
}

/// `memory` is the share of a day's level that the next one inherits.
fn column(seed: u64, days: i64, rows: usize, between: f64, shift: f64, memory: f64) -> Vec<f64> {
    let mut random = fastrand::Rng::with_seed(seed);
    // the sum of twelve uniform numbers less six is nearly normal
    let mut normal = || (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
    let mut level = normal();
    let mut values = Vec::new();
    for _ in 0..days {
        level = memory * level + (1.0 - memory * memory).sqrt() * normal();
        values.extend((0..rows).map(|_| between * level + shift + normal()));
    }
    values
}

fn findings(reference: &PredictionColumns, current: &PredictionColumns) -> Vec<DriftFinding> {
    let baseline = build_baseline(ModelKind::Binary, reference, None).unwrap();
    let days = Days::of(current.event_time());
    let Drift { findings, notes } = drift(&baseline, current, &days, &[], &Policy::default());
    let few = |note: &String| note.starts_with("the baseline has 14 days");
    assert!(notes.iter().all(few), "{notes:?}");
    findings
}

/// The share of the periods of a kind that has a verdict, over many worlds.
fn share(kind: PeriodKind, worlds: &[Vec<DriftFinding>], is: impl Fn(&DriftFinding) -> bool) -> f64 {
    let of_kind: Vec<&DriftFinding> =
        worlds.iter().flatten().filter(|finding| finding.period.kind() == kind).collect();
    of_kind.iter().filter(|finding| is(finding)).count() as f64 / of_kind.len() as f64
}

/// Worlds of eight weeks and, later, another four.
fn worlds(count: u64, shift: f64) -> Vec<Vec<DriftFinding>> {
    let world = |seed: u64| {
        let reference = world(2 * seed, 15_711, 56, 100, BETWEEN, 0.0);
        findings(&reference, &world(2 * seed + 1, 15_800, 28, 100, BETWEEN, shift))
    };
    (0..count).map(world).collect()
}

/// The standard deviation between days; within a day it is 1.
const BETWEEN: f64 = 0.5;

/// Without any shift: they serve two tests.
fn healthy() -> &'static [Vec<DriftFinding>] {
    static WORLDS: OnceLock<Vec<Vec<DriftFinding>>> = OnceLock::new();
    WORLDS.get_or_init(|| worlds(60, 0.0))
}

#[test]
fn days_that_differ_as_the_days_of_the_baseline_do_are_seldom_called_drift() {
    let worlds = healthy();
    let rows_alone = |finding: &DriftFinding| finding.ks_p_value.is_some_and(|p| p <= 0.05);
    assert!(share(PeriodKind::Day, worlds, rows_alone) > 0.5, "by rows alone most days would be drift");
    for kind in PeriodKind::ALL {
        let drift = share(kind, worlds, |finding| finding.verdict == Verdict::Drift);
        assert!(drift <= 0.06, "{kind:?}: {drift}");
        let evidence = share(kind, worlds, |finding| finding.p_value.is_some_and(|p| p <= 0.05));
        assert!(evidence <= 0.10, "{kind:?}: {evidence}");
    }
}

#[test]
fn days_that_remember_the_day_before_are_called_drift_a_little_more_often() {
    let world = |seed: u64| {
        let reference = table(&[column(2 * seed, 56, 100, BETWEEN, 0.0, 0.7)], 15_711, 100);
        findings(&reference, &table(&[column(2 * seed + 1, 28, 100, BETWEEN, 0.0, 0.7)], 15_800, 100))
    };
    let worlds: Vec<_> = (0..60).map(world).collect();
    for kind in PeriodKind::ALL {
        let drift = share(kind, &worlds, |finding| finding.verdict == Verdict::Drift);
        assert!(drift <= 0.10, "{kind:?}: {drift}");
    }
}

#[test]
fn the_more_columns_are_looked_at_the_more_evidence_each_needs() {
    let columns = |seed: u64, days| -> Vec<Vec<f64>> {
        (0..20).map(|place| column(1000 * seed + place, days, 40, BETWEEN, 0.0, 0.0)).collect()
    };
    let world = |seed: u64| {
        findings(&table(&columns(2 * seed, 56), 15_711, 40), &table(&columns(2 * seed + 1, 28), 15_800, 40))
    };
    let worlds: Vec<_> = (0..6).map(world).collect();
    let below = |p: fn(&DriftFinding) -> Option<f64>| {
        share(PeriodKind::Day, &worlds, |finding| p(finding).is_some_and(|p| p <= 0.05))
    };
    let (raw, adjusted) = (below(|finding| finding.p_value), below(|finding| finding.p_adjusted));
    assert!(adjusted < 0.01 && raw > 3.0 * adjusted, "{raw} {adjusted}");
}

#[test]
fn a_month_with_values_on_two_days_is_judged_as_two_days() {
    let mut called = 0;
    for seed in 0..30 {
        let reference = world(2 * seed, 15_711, 56, 100, BETWEEN, 0.0);
        let mut scores = column(2 * seed + 1, 28, 100, BETWEEN, 0.0, 0.0);
        scores[200..].fill(f64::NAN);
        let findings = findings(&reference, &table(&[scores], 15_796, 100));
        let month = findings.iter().rev().find(|finding| finding.n > 0).unwrap();
        assert_eq!((month.period.kind(), month.missing_verdict), (PeriodKind::Month, Verdict::Drift));
        called += usize::from(month.values_verdict == Verdict::Drift);
    }
    assert!(called <= 4, "{called} of 30");
}

#[test]
fn only_the_latest_periods_of_a_long_time_are_looked_at() {
    let reference = world(1, 15_711, 14, 20, BETWEEN, 0.0);
    let baseline = build_baseline(ModelKind::Binary, &reference, None).unwrap();
    let long = world(2, 15_800, 900, 1, BETWEEN, 0.0);
    let days = Days::of(long.event_time());
    let Drift { findings, notes } = drift(&baseline, &long, &days, &[], &Policy::default());
    assert_eq!(findings.iter().filter(|finding| finding.period.kind() == PeriodKind::Day).count(), 800);
    assert!(notes.contains(&"drift of the latest 800 of 900 days only".to_owned()), "{notes:?}");
}

#[test]
fn a_shift_beyond_the_variation_of_days_is_drift() {
    let worlds = worlds(8, 2.5);
    for (kind, power) in [(PeriodKind::Day, 0.9), (PeriodKind::Week, 0.95), (PeriodKind::Month, 0.95)] {
        let drift = share(kind, &worlds, |finding| finding.verdict == Verdict::Drift);
        assert!(drift >= power, "{kind:?}: {drift}");
    }
}

#[test]
fn the_index_that_is_expected_without_drift_is_the_one_that_is_seen() {
    let worlds = healthy();
    for kind in PeriodKind::ALL {
        let of_kind: Vec<&DriftFinding> =
            worlds.iter().flatten().filter(|finding| finding.period.kind() == kind).collect();
        let mean = |figure: fn(&DriftFinding) -> Option<f64>| {
            of_kind.iter().filter_map(|finding| figure(finding)).sum::<f64>() / of_kind.len() as f64
        };
        let (seen, expected) = (mean(|finding| finding.psi), mean(|finding| finding.psi_expected));
        assert!((0.6..1.6).contains(&(seen / expected)), "{kind:?}: {seen} against {expected}");
        let beyond = share(kind, worlds, |finding| finding.psi > finding.psi_threshold);
        assert!(beyond <= 0.12, "{kind:?}: {beyond}");
    }
}

#[test]
fn a_day_with_few_values_gets_no_verdict_and_a_short_one_is_expected_to_be_ragged() {
    let reference = world(1, 15_711, 56, 400, 0.2, 0.0);
    let current = world(2, 15_800, 1, 40, 0.2, 0.0);
    let finding = &findings(&reference, &current)[0];
    assert_eq!((finding.verdict, finding.n), (Verdict::Undefined, 40));
    assert_eq!(finding.because.as_deref(), Some("40 values, at least 100 are needed for a verdict"));
    let longer = &findings(&reference, &world(2, 15_800, 1, 400, 0.2, 0.0))[0];
    assert!(finding.psi_expected > longer.psi_expected);
}

#[test]
fn the_reference_itself_is_as_healthy_as_its_days_are_alike() {
    let reference = world(1, 15_711, 56, 100, BETWEEN, 0.0);
    let findings = [findings(&reference, &reference)];
    let drift = |kind| share(kind, &findings, |finding| finding.verdict == Verdict::Drift);
    assert!(drift(PeriodKind::Day) <= 0.06);
    assert_eq!((drift(PeriodKind::Week), drift(PeriodKind::Month)), (0.0, 0.0));
    assert!(findings[0].iter().all(|finding| finding.column == SCORE));
}

#[test]
fn periods_come_by_kind_and_in_the_order_of_time() {
    let reference = world(1, 15_711, 14, 20, 0.5, 0.0);
    let order: Vec<Period> = findings(&reference, &world(2, 15_800, 40, 5, 0.5, 0.0))
        .iter()
        .map(|finding| finding.period)
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(order.len(), 40 + 7 + 2);
}
