use super::*;
use crate::VolumeTiers;

/// 1000 rows in the middle, and 8 of v4.
fn rows() -> impl Iterator<Item = Facts<'static>> {
    let rare = Facts { version: "v4", ..scored(0.5) };
    (0..1_000).map(|_| scored(0.5)).chain((0..8).map(move |_| rare))
}

#[test]
fn rare_strata_keep_what_the_floor_says() {
    let policy = Policy::tails().with_tiers(VolumeTiers::constant(0.01)).with_floor_rows(4.0);
    let mut adaptive = adaptive(policy);
    assert!(adaptive.table().strata().all(|stratum| stratum.rate.as_f64() < 0.011));
    let mut table = interval(&mut adaptive, rows()).table;
    for _ in 0..5 {
        // 10 of a thousand are above the floor, half of 8 are at it
        let rates = [rate_of(&table, "b10|v3"), rate_of(&table, "b10|v4")];
        assert!((rates[0] - 0.01).abs() < 1e-12 && (rates[1] - 0.5).abs() < 1e-12, "{rates:?}");
        // what was never seen is kept as a whole, but not a version of which much may come
        assert_eq!([rate_of(&table, "b03|v3"), rate_of(&table, "b10|*")], [1.0, 0.01]);
        table = interval(&mut adaptive, rows()).table;
    }
}

#[test]
fn what_is_not_seen_any_more_is_forgotten() {
    let policy =
        Policy::tails().with_tiers(VolumeTiers::constant(0.01)).with_floor_rows(4.0).with_half_life(1);
    let mut adaptive = adaptive(policy);
    for _ in 0..20 {
        let _ = interval(&mut adaptive, rows());
    }
    let rates: Vec<f64> = (0..3).map(|_| rate_of(&interval(&mut adaptive, []).table, "b10|v4")).collect();
    // 8, then 4, 2 and 1 of them
    assert!(
        rates.windows(2).all(|rates| rates[0] <= rates[1]) && (rates[0] - 1.0).abs() < 0.001,
        "{rates:?}"
    );
}

#[test]
fn cells_are_bounded_and_the_most_frequent_have_them() {
    let mut adaptive = adaptive(Policy::tails().with_segment("carrier").with_most_cells(3));
    let names: Vec<String> = (0..40).map(|name| format!("c{name:02}")).collect();
    // c39 the most often
    let rows = |order: bool| {
        let often = |name: usize| (0..=name).map(move |_| name);
        let mut rows: Vec<usize> = (0..40).flat_map(often).collect();
        if order {
            rows.reverse();
        }
        rows
    };
    let facts = |name: usize| Facts { segment: Some(&names[name]), ..scored(0.5) };
    let texts = |table: &RateTable| -> Vec<String> {
        table.strata().map(|stratum| stratum.text.to_owned()).filter(|text| text.starts_with("b10")).collect()
    };
    // at most 3 are noted in an interval, and the first come first
    let end = interval(&mut adaptive, rows(false).into_iter().map(facts));
    assert_eq!(
        texts(&end.table),
        ["b10|carrier=c00|v3", "b10|carrier=c01|v3", "b10|carrier=c02|v3", "b10|*"]
    );
    // the more frequent take their places
    let end = interval(&mut adaptive, rows(true).into_iter().map(facts));
    assert_eq!(
        texts(&end.table),
        ["b10|carrier=c37|v3", "b10|carrier=c38|v3", "b10|carrier=c39|v3", "b10|*"]
    );
    // nobody's rows are lost
    let remembered: f64 = adaptive.strata.means().sum();
    assert!((remembered - 820.0).abs() < 1e-9, "{remembered}");
    assert_eq!(adaptive.strata.last().flatten().sum::<u64>(), 820);
    // and who has a place does not lose it to somebody as frequent
    let others = (0..40).map(|_| Facts { segment: Some("a"), ..scored(0.5) });
    let same = (0..40).map(|_| facts(39));
    let end = interval(&mut adaptive, others.chain(same));
    assert_eq!(texts(&end.table)[2], "b10|carrier=c39|v3");
}

#[test]
fn without_a_segment_in_the_policy_its_values_are_not_looked_at() {
    let mut adaptive = adaptive(Policy::tails());
    let end =
        interval(&mut adaptive, ["UA", "AA"].map(|value| Facts { segment: Some(value), ..scored(0.5) }));
    assert_eq!(end.table.strata().count(), 2 * 21);
    assert_eq!(end.table.strata().next().unwrap().text, "b00|v3");
}

#[test]
fn counts_of_an_older_table_are_counted_by_name() {
    let mut adaptive = adaptive(Policy::tails());
    let old = adaptive.table();
    let mut counts = old.counts();
    for facts in rows() {
        counts.add(&facts, &old.decide(Draw::from_bits(0), &facts));
    }
    let _ = interval(&mut adaptive, rows());
    let _ = adaptive.end_interval(&counts);
    let of_v4: f64 = adaptive.strata.means().skip(21).take(21).sum();
    assert!((of_v4 - 8.0).abs() < 1e-9, "{of_v4}");
}
