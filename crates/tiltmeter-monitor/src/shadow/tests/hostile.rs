//! Whatever the columns hold, there is no panic, and no figure that is no number.

use proptest::prelude::*;
use tiltmeter_record::PairBucket;

use super::made_up::{Row, answers, pairs};
use crate::shadow::{ComparisonPolicy, PairInputs, compare};

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => 0.0..1.0,
        1 => prop::sample::select(vec![
            f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1.0, 0.5, -3.0, 1e308, -1e308, 5e-324,
        ]),
    ]
}

fn row() -> impl Strategy<Value = Row> {
    let decision = || prop::sample::select(vec!["0", "1", "true", "late", "", "nan"]);
    (
        [number(), number()],
        prop::option::of([decision(), decision()]),
        [number(), number()],
        prop::option::of(prop::sample::select(vec!["UA", "B6", ""])),
        prop_oneof![4 => Just(1.0), 2 => 0.01..1.0, 1 => number()],
        prop::sample::select(PairBucket::ALL.to_vec()),
        prop_oneof![4 => 0_i64..1_000_000_000_000, 1 => any::<i64>(), 1 => Just(i64::MIN)],
        prop::option::of(any::<u16>()),
    )
        .prop_map(|(scores, decisions, latencies, segment, probability, bucket, time, status)| Row {
            // ids repeat
            place: 7,
            scores,
            decisions,
            latencies,
            segment,
            probability,
            // half of them are paired
            bucket: if time % 2 == 0 { PairBucket::Paired } else { bucket },
            time,
            status,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn any_columns_have_figures_or_reasons(
        rows in prop::collection::vec(row(), 0..60),
        labels in prop::option::of(prop::collection::vec(number(), 0..60)),
        positive in prop::option::of(Just("late")),
        replicates in prop::sample::select(vec![0, 40]),
        strata in 0_usize..20,
        most in 0_usize..8,
    ) {
        let table = pairs(&rows);
        let table = table.clone().with_second_champion(answers(&rows, "v1", |row| (row.scores[1], None, 1.0)));
        let table = table.unwrap();
        let inputs = PairInputs {
            labels: labels.as_deref(),
            positive_class: positive,
            ..PairInputs::new(&table)
        };
        let policy = ComparisonPolicy {
            replicates,
            score_strata: strata,
            disagreements: most,
            min_cell_pairs: 3,
            min_rows: 5,
            ..ComparisonPolicy::default()
        };
        let found = compare(&inputs, &policy);
        let said = format!("{found:?}");
        // names of strata may hold an infinite score
        for no_number in ["NaN", ": inf", ": -inf", "(inf", "(-inf", ", inf)", ", inf,", "[inf"] {
            let at = said.find(no_number);
            let around: String = at.iter().flat_map(|at| said[..at + 3].chars().rev().take(200)).collect();
            let around: String = around.chars().rev().collect();
            prop_assert!(at.is_none() || around.contains("Score(Some(\""), "{no_number}: {around}");
        }
        prop_assert!(found.disagreements.rows.len() <= most);
    }
}

#[test]
fn nothing_has_reasons() {
    let found = compare(&PairInputs::new(&pairs(&[])), &ComparisonPolicy::default());
    assert_eq!(found.notes, ["there are no requests"]);
    assert_eq!(found.overall.agreement_rate.reason(), Some("no pair has both decisions"));
    assert_eq!(found.overall.ks.reason(), Some("no pair has both scores"));
    assert!(found.days.is_empty() && found.seen.is_none() && found.score_density.is_none());
    let alone = [Row::paired(0).ends_in(PairBucket::Timeout)];
    let found = compare(&PairInputs::new(&pairs(&alone)), &ComparisonPolicy::default());
    assert_eq!(found.notes[0], "no request has a pair: nothing can be compared");
    assert_eq!(found.latency_ms.timeouts, 1);
}
