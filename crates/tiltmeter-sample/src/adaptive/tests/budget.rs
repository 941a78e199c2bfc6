use proptest::prelude::*;

use super::*;
use crate::{Budget, Flags, VolumeTiers};

fn with_budget(rows_per_second: f64) -> PolicyBuilder {
    Policy::tails().with_tiers(VolumeTiers::constant(1.0)).with_budget(Budget::RowsPerSecond(rows_per_second))
}

fn failed(rows: u32) -> impl Iterator<Item = Facts<'static>> {
    let flags = Flags { failed: true, ..Flags::default() };
    plain(rows).map(move |facts| Facts { flags, ..facts })
}

#[test]
fn a_budget_is_kept_after_one_interval_and_is_given_back_in_steps() {
    // 600 rows in a minute
    let mut adaptive = adaptive(with_budget(10.0));
    let end = interval(&mut adaptive, plain(6_000));
    let kept = expected(&end.table, plain(6_000));
    assert!((450.0..=600.0).contains(&kept), "{kept}");
    assert_eq!((end.changes.len(), end.changes[0].because), (1, Because::Budget));
    assert!(interval(&mut adaptive, plain(6_000)).changes.is_empty());

    // an interval in which nothing happens says nothing
    assert!(interval(&mut adaptive, plain(0)).changes.is_empty());

    let mut rates = vec![rate_of(&adaptive.table(), "b03")];
    for _ in 0..10 {
        rates.push(rate_of(&interval(&mut adaptive, plain(300)).table, "b03"));
    }
    assert!(rates.windows(2).all(|rates| rates[0] <= rates[1] && rates[1] <= 1.5001 * rates[0]), "{rates:?}");
    assert_eq!(rates[10], 1.0);
}

#[test]
fn first_the_base_is_lowered_and_then_all_rates() {
    let rows = || plain(5_000).chain(failed(1_000));
    // 1,500 in a minute: there is room for the failed ones
    let mut roomy = adaptive(with_budget(25.0).with_least_rate(0.01));
    let end = interval(&mut roomy, rows());
    assert_eq!(end.table.rule_rate(Rule::Failed), Some(SampleRate::ALL));
    assert!((1_125.0..=1_500.0).contains(&expected(&end.table, rows())));

    // 600 in a minute: there is none
    let mut tight = adaptive(with_budget(10.0).with_least_rate(0.01));
    let end = interval(&mut tight, rows());
    let kept = expected(&end.table, rows());
    assert!((450.0..=600.0).contains(&kept), "{kept}");
    let of: Vec<CommonRate> = end.changes.iter().map(|change| change.of).collect();
    assert_eq!(of, [CommonRate::Base, CommonRate::Thinning]);
    let [plain, failed] = [rate_of(&end.table, "b03"), end.table.rule_rate(Rule::Failed).unwrap().as_f64()];
    assert!((plain - 0.01 * failed).abs() < 1e-12, "{plain} {failed}");
}

#[test]
fn bytes_are_rows_once_their_size_is_known() {
    let mut adaptive = adaptive(Policy::tails().with_budget(Budget::BytesPerSecond(1_000.0)));
    let table = interval(&mut adaptive, plain(6_000)).table;
    assert_eq!(rate_of(&table, "b03"), 1.0);
    let mut counts = table.counts();
    for facts in plain(6_000) {
        counts.add(&facts, &table.decide(Draw::from_bits(0), &facts));
    }
    // 100 bytes a row
    counts.add_bytes(6_000, 600_000);
    let kept = expected(&adaptive.end_interval(&counts).table, plain(6_000));
    assert!((450.0..=600.0).contains(&kept), "{kept}");
}

#[test]
fn a_budget_is_below_the_tier() {
    let mut adaptive = adaptive(with_budget(10.0).with_tiers(VolumeTiers::constant(0.05)));
    assert!(interval(&mut adaptive, plain(6_000)).changes.is_empty());
    assert_eq!(rate_of(&adaptive.table(), "b03"), 0.05);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Noise as of a Poisson count: up to four standard deviations.
    #[test]
    fn steady_traffic_has_rates_that_stay(
        mean in 200.0..4_000.0_f64, per_minute in 1.0..4_000.0_f64, share_failed in 0.0..0.3_f64,
        noise in prop::collection::vec(-3.9..3.9_f64, 20),
    ) {
        let mut adaptive = adaptive(with_budget(per_minute / 60.0));
        let rows = |noise: f64| {
            let rows = mean + noise * mean.sqrt();
            failed(whole(share_failed * rows)).chain(plain(whole((1.0 - share_failed) * rows)))
        };
        let _ = interval(&mut adaptive, rows(0.0));
        let mut changes = 0;
        for noise in noise {
            changes += interval(&mut adaptive, rows(noise)).changes.len();
        }
        prop_assert!(changes <= 4, "{changes}");
        let kept = expected(&adaptive.table(), rows(0.0));
        let slack = 1.0 + 4.0 / mean.sqrt();
        prop_assert!(kept <= per_minute * slack, "{kept} {per_minute}");
        // half of the budget is used, if there are as many rows
        prop_assert!(kept > (mean - 3.0).min(0.5 * per_minute / slack), "{kept} {per_minute}");
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
fn whole(number: f64) -> u32 {
    number.round() as u32
}
