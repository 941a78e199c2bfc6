//! How often a verdict that is looked at daily is ever wrong.

use crate::world::{ALIKE, World, asked, runs, share};

/// How many runs are drawn of two models that are alike and may not differ, and of each of the other worlds.
const RUNS: usize = if cfg!(feature = "long-simulations") { 10_000 } else { 8 };
const RUNS_OF_OTHERS: usize = if cfg!(feature = "long-simulations") { 1_000 } else { 3 };

const ERROR: f64 = 0.05;

/// What is asked for besides: little enough that all of it is there in 60 days of 50 requests.
const REST: &str = "min_pairs: 500, agreement: 0.85, error_rate: 0.01";

struct Case {
    name: &'static str,
    world: World,
    margin: f64,
    runs: usize,
    /// Whether these are wrong of such a challenger.
    promote: bool,
    reject: bool,
}

const CASES: &[Case] = &[
    Case { name: "alike, margin 0", world: ALIKE, margin: 0.0, runs: RUNS, promote: true, reject: true },
    Case {
        name: "alike, margin 0.02",
        world: ALIKE,
        margin: 0.02,
        runs: RUNS_OF_OTHERS,
        promote: false,
        reject: true,
    },
    Case {
        name: "worse by the margin, 0.01",
        world: World { loss: 0.01, ..ALIKE },
        margin: 0.01,
        runs: RUNS_OF_OTHERS,
        promote: true,
        reject: true,
    },
    Case {
        name: "as slow as is allowed, margin 0.03",
        world: World { slow: 0.01, ..ALIKE },
        margin: 0.03,
        runs: RUNS_OF_OTHERS,
        promote: true,
        reject: true,
    },
    Case {
        name: "failing as is allowed, margin 0.03",
        world: World { failing: 0.01, ..ALIKE },
        margin: 0.03,
        runs: RUNS_OF_OTHERS,
        promote: true,
        reject: true,
    },
    Case {
        name: "all three at the edge, margin 0",
        world: World { slow: 0.01, failing: 0.01, ..ALIKE },
        margin: 0.0,
        runs: RUNS_OF_OTHERS,
        promote: true,
        reject: true,
    },
];

#[test]
fn verdicts_are_hardly_ever_wrong_on_any_day() {
    println!("50 requests a day for 60 days, labels after 3 days; at least once:");
    println!(
        "{:<38} {:>6} {:>8} {:>8} {:>15} {:>12}",
        "challenger", "runs", "promote", "reject", "plain not worse", "plain worse"
    );
    let mut off = Vec::new();
    for case in CASES {
        let text = format!(
            "{{{REST}, labelled: {{metric: roc_auc, margin: {}, min_labels: 500, wait: 3d}}}}",
            case.margin
        );
        let outcomes = runs(&case.world, &asked(&text), case.runs);
        let promote = share(&outcomes, |outcome| outcome.promoted.is_some());
        let reject = share(&outcomes, |outcome| outcome.rejected.is_some());
        let plain_not_worse = share(&outcomes, |outcome| outcome.plain_not_worse);
        let plain_worse = share(&outcomes, |outcome| outcome.plain_worse);
        let line = format!(
            "{:<38} {:>6} {promote:>8.4} {reject:>8.4} {plain_not_worse:>15.3} {plain_worse:>12.3}",
            case.name, case.runs
        );
        println!("{line}");
        let most = ERROR + 3.0 * (ERROR * (1.0 - ERROR) / case.runs as f64).sqrt();
        if (case.promote && promote > most) || (case.reject && reject > most) {
            off.push(line);
        }
    }
    assert!(off.is_empty(), "off are:\n{}", off.join("\n"));
}
