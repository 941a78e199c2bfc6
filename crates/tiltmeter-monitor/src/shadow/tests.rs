//! What holds of the comparison of any pairs.

mod coverage;
mod days;
mod hostile;
mod intervals;
mod labelled;
pub(super) mod made_up;
mod noise;
mod promotion;

use proptest::prelude::*;

use self::made_up::{Row, pairs};
use super::*;
use crate::Measured;

fn quick() -> ComparisonPolicy {
    ComparisonPolicy { replicates: 0, ..ComparisonPolicy::default() }
}

/// Scores, decisions and segments of a challenger that is like its champion.
pub(super) fn alike(count: u32) -> Vec<Row> {
    let mut random = fastrand::Rng::with_seed(3);
    let row = |place: u32| {
        let champion = random.f64();
        let challenger = (champion + 0.2 * (random.f64() - 0.5)).clamp(0.0, 1.0);
        Row {
            scores: [champion, challenger],
            latencies: [10.0 + random.f64(), 5.0 + random.f64()],
            segment: Some(["UA", "B6", "AA"][random.usize(..3)]),
            time: i64::from(place) * 600_000_000,
            ..Row::paired(place)
        }
    };
    (0..count).map(row).collect()
}

/// All figures that are estimates, whatever the draws.
fn values(figures: &PairFigures) -> Vec<Option<f64>> {
    let PairFigures { agreement_rate, cohen_kappa, pearson, spearman, ks, psi, wasserstein, .. } = figures;
    [agreement_rate, cohen_kappa, pearson, spearman, ks, psi, wasserstein, &figures.score_distance]
        .map(Measured::value)
        .to_vec()
}

fn close(one: &[Option<f64>], other: &[Option<f64>]) -> bool {
    one.iter().zip(other).all(|pair| match pair {
        (Some(one), Some(other)) => (one - other).abs() < 1e-9,
        (one, other) => one == other,
    })
}

#[test]
fn a_challenger_that_is_the_champion_agrees_with_it() {
    let rows: Vec<Row> =
        alike(500).into_iter().map(|row| Row { scores: [row.scores[0]; 2], ..row }).collect();
    let found = compare(&PairInputs::new(&pairs(&rows)), &ComparisonPolicy::default());
    let agreement = found.overall.agreement_rate.estimate().unwrap();
    assert_eq!((agreement.value, agreement.interval.unwrap().1), (1.0, 1.0));
    assert_eq!(values(&found.overall)[1..4], [Some(1.0), Some(1.0), Some(1.0)]);
    assert_eq!(values(&found.overall)[4..], [Some(0.0); 4]);
    assert!(found.disagreements.rows.is_empty() && found.disagreements.pairs == 0);
    assert_eq!(found.notes, Vec::<String>::new());
}

#[test]
fn a_pair_that_was_kept_with_a_probability_counts_as_many() {
    let kept: Vec<Row> = alike(300)
        .into_iter()
        .enumerate()
        .map(|(place, row)| Row { probability: 1.0 / ((place % 3 + 1) as f64), ..row })
        .collect();
    let times = |place: usize| place % 3 + 1;
    let repeated: Vec<Row> = kept
        .iter()
        .enumerate()
        .flat_map(|(place, row)| vec![Row { probability: 1.0, ..row.clone() }; times(place)])
        .collect();
    let [kept, repeated] =
        [kept, repeated].map(|rows| compare(&PairInputs::new(&pairs(&rows)), &quick()).paired);
    assert!(close(&values(&kept), &values(&repeated)), "{kept:?} {repeated:?}");
    assert!(kept.effective_size < 300.0 && (repeated.effective_size - 600.0).abs() < 1e-9);
}

#[test]
fn groups_have_all_pairs_once_for_each_way_to_tell_them_apart() {
    let found = compare(&PairInputs::new(&pairs(&alike(1000))), &quick());
    for groups in [&found.strata, &found.segments, &found.days] {
        assert_eq!(groups.iter().map(|group| group.figures.pairs).sum::<u64>(), 1000);
    }
    assert_eq!((found.strata.len(), found.segments.len(), found.days.len()), (10, 3, 7));
    assert!(found.segments[0].group.to_string().starts_with("carrier "));
    assert_eq!(found.days[1].group.to_string(), "1970-01-02");
    let density = found.score_density.unwrap();
    assert!((density.shares.iter().flatten().sum::<f64>() - 1.0).abs() < 1e-12);
    assert_eq!((density.edges[0], density.edges[40]), (0.0, 1.0));
}

#[test]
fn segments_with_few_pairs_are_taken_together() {
    let mut rows = alike(400);
    rows[0].segment = Some("OO");
    rows[1].segment = Some("HA");
    rows[2].segment = None;
    let found = compare(&PairInputs::new(&pairs(&rows)), &ComparisonPolicy { min_rows: 50, ..quick() });
    let named: Vec<String> = found.segments.iter().map(|group| group.group.to_string()).collect();
    assert_eq!(named[3..], ["carrier: 2 others", "carrier missing"]);
    assert_eq!(found.segments[3].figures.pairs, 2);
}

#[test]
fn flips_of_many_classes_are_told_apart() {
    let rows: Vec<Row> = (0..90)
        .map(|place| Row {
            decisions: Some([["a", "b", "c"][place as usize % 3], ["b", "b", "c"][place as usize % 3]]),
            ..Row::paired(place)
        })
        .collect();
    let found = compare(&PairInputs::new(&pairs(&rows)), &quick()).overall;
    let flips: Vec<(&str, &str, u64, bool)> = found
        .flips
        .iter()
        .map(|flip| (&*flip.champion, &*flip.challenger, flip.pairs, flip.is_flip()))
        .collect();
    assert_eq!(flips, [("a", "b", 30, true), ("b", "b", 30, false), ("c", "c", 30, false)]);
    assert!((found.agreement_rate.value().unwrap() - 2.0 / 3.0).abs() < 1e-12);
}

#[test]
fn a_class_is_one_however_it_is_written() {
    let written = [["1", "true"], ["0", "false"], ["1.0", "1"], ["0", "0.0"], ["007", "7"], ["late", "late"]];
    let rows: Vec<Row> = (0..60)
        .map(|place| Row { decisions: Some(written[place as usize % 6]), ..Row::paired(place) })
        .collect();
    let found = compare(&PairInputs::new(&pairs(&rows)), &quick());
    // a code with zeros before it is another one
    assert_eq!(found.overall.agreement_rate.value(), Some(50.0 / 60.0));
    assert_eq!((&*found.overall.flips[0].champion, found.overall.flips[0].pairs), ("0", 20));
    assert!(found.notes.is_empty(), "{:?}", found.notes);

    let rows: Vec<Row> =
        (0..40).map(|place| Row { decisions: Some(["yes", "1"]), ..Row::paired(place) }).collect();
    let found = compare(&PairInputs::new(&pairs(&rows)), &quick());
    assert!(found.notes[0].contains("no decision in common"), "{:?}", found.notes);
}

#[test]
fn the_order_of_rows_means_nothing() {
    let rows = alike(1500);
    let mut turned = rows.clone();
    turned.reverse();
    let [one, other] = [&rows, &turned].map(|rows| compare(&PairInputs::new(&pairs(rows)), &quick()));
    assert!(close(&values(&one.overall), &values(&other.overall)));
    assert_eq!(one.disagreements.rows.len(), 50);
    for (one, other) in one.disagreements.rows.iter().zip(&other.disagreements.rows) {
        assert_eq!(one.request_id, other.request_id);
    }
    let again = compare(&PairInputs::new(&pairs(&rows)), &ComparisonPolicy::default());
    assert_eq!(again, compare(&PairInputs::new(&pairs(&rows)), &ComparisonPolicy::default()));
}

#[test]
fn disagreements_are_drawn_from_each_kind_and_segment_the_worst_first() {
    let mut rows = alike(2000);
    // one of a kind
    rows[0] = Row { scores: [0.9, 0.1], segment: Some("OO"), ..rows[0].clone() };
    let found = compare(&PairInputs::new(&pairs(&rows)), &quick()).disagreements;
    assert_eq!((found.rows.len(), found.strata, found.strata_left_out), (50, 7, 0));
    assert_eq!((found.rows[0].request_id.as_deref(), found.rows[0].weight), (Some("r0"), 1.0));
    assert!(found.rows.is_sorted_by(|one, other| one.score_distance >= other.score_distance));
    assert!(found.rows.iter().all(|row| row.champion.decision != row.challenger.decision));
    let stood_for: f64 = found.rows.iter().map(|row| row.weight).sum();
    assert!((stood_for - found.weight).abs() < 1e-9, "{stood_for} {}", found.weight);
    let other = compare(&PairInputs::new(&pairs(&rows)), &ComparisonPolicy { seed: 2, ..quick() });
    assert_ne!(other.disagreements.rows, found.rows);
    let few = compare(&PairInputs::new(&pairs(&rows)), &ComparisonPolicy { disagreements: 3, ..quick() });
    assert_eq!((few.disagreements.rows.len(), few.disagreements.strata_left_out), (3, 4));
}

#[test]
fn inputs_are_joined_by_request_and_no_value_is_shown() {
    let mut found = compare(&PairInputs::new(&pairs(&alike(2000))), &quick()).disagreements;
    found.join_inputs(|row| Some(vec![("id".to_owned(), row.request_id.clone()?)]));
    for row in &found.rows {
        assert_eq!(Some(&*row.inputs[0].1), row.request_id.as_deref());
    }
    let shown = format!("{found:?}");
    assert!(!shown.contains("\"r") && !shown.contains("UA"), "{shown}");
}

#[test]
fn instances_of_a_request_are_drawn_and_named_on_their_own() {
    let rows: Vec<Row> = (0..200)
        .map(|place| Row { scores: [0.2, 0.8 - f64::from(place) / 1000.0], ..Row::paired(place / 100) })
        .collect();
    let of = |rows: &[Row], instances: Vec<u32>| {
        let table = pairs(rows).with_instance_index(instances).unwrap();
        let found = compare(&PairInputs::new(&table), &quick()).disagreements;
        found.rows.into_iter().map(|row| (row.request_id, row.instance_index)).collect::<Vec<_>>()
    };
    let found = of(&rows, (0..200).map(|place| place % 100).collect());
    let mut different = found.clone();
    different.sort_unstable();
    different.dedup();
    assert_eq!((found.len(), different.len()), (50, 50));
    let turned: Vec<Row> = rows.iter().rev().cloned().collect();
    assert_eq!(of(&turned, (0..200).rev().map(|place| place % 100).collect()), found);
}

proptest! {
    #[test]
    fn buckets_add_up(ends in prop::collection::vec(0_usize..10, 0..60)) {
        let rows: Vec<Row> = ends
            .iter()
            .zip(0..)
            .map(|(&end, place)| Row {
                bucket: tiltmeter_record::PairBucket::ALL[end],
                ..Row::paired(place)
            })
            .collect();
        let found = compare(&PairInputs::new(&pairs(&rows)), &quick());
        let counted: u64 = found.coverage.buckets.iter().map(|count| count.requests).sum();
        prop_assert_eq!(counted, ends.len() as u64);
        let sampled_out = ends.iter().filter(|end| **end == 1).count() as u64;
        prop_assert_eq!(found.pairs + found.unpaired + sampled_out, ends.len() as u64);
        for groups in [&found.coverage.strata, &found.coverage.segments] {
            prop_assert_eq!(groups.iter().map(|group| group.chosen).sum::<u64>(), found.pairs + found.unpaired);
        }
    }
}
