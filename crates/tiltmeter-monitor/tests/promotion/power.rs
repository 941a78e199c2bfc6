//! How soon a verdict comes.

use crate::world::{ALIKE, World, asked, median, runs, share};

const RUNS: usize = if cfg!(feature = "long-simulations") { 40 } else { 1 };

#[test]
fn a_point_of_auc_is_found_and_an_equal_challenger_is_promoted() {
    let many = World { requests_a_day: 1_000, days: 40, ..ALIKE };
    let worse = World { loss: 0.01, ..many };
    let usual = "{labelled: {margin: 0.005, wait: 3d}}";
    let strict = "{labelled: {margin: 0, wait: 3d}}";
    println!("{RUNS} runs each of 40 days of 1,000 requests, AUC 0.93, labels after 3 days");
    println!("{:<40} {:>8} {:>7} {:>8} {:>7}", "challenger", "promote", "median", "reject", "median");
    let verdicts = |name: &str, world: &World, promotion: &str| {
        let outcomes = runs(world, &asked(promotion), RUNS);
        let promote = share(&outcomes, |outcome| outcome.promoted.is_some());
        let reject = share(&outcomes, |outcome| outcome.rejected.is_some());
        let promoted = median(outcomes.iter().filter_map(|outcome| outcome.promoted).collect());
        let rejected = median(outcomes.iter().filter_map(|outcome| outcome.rejected).collect());
        println!("{name:<40} {promote:>8.3} {promoted:>7?} {reject:>8.3} {rejected:>7?}");
        (promote, reject)
    };
    let (promote, reject) = verdicts("1 point of AUC worse, margin 0.005", &worse, usual);
    assert!(promote <= 0.05 && reject >= 0.5, "{promote} {reject}");
    let (promote, reject) = verdicts("1 point of AUC worse, margin 0", &worse, strict);
    assert!(promote <= 0.05 && reject >= 0.9, "{promote} {reject}");
    let (promote, reject) = verdicts("alike, margin 0.005", &many, usual);
    assert!(promote >= 0.5 && reject <= 0.05, "{promote} {reject}");
}
