//! How often a verdict that is looked at daily is ever wrong.

use crate::world::{ALIKE, SAME_DECISION, World, asked, runs, share};

/// How many runs are drawn of two models that are alike and may not differ, and of each of the other worlds.
const RUNS: usize = if cfg!(feature = "long-simulations") { 10_000 } else { 20 };
const RUNS_OF_OTHERS: usize = if cfg!(feature = "long-simulations") { 1_000 } else { 5 };

const ERROR: f64 = 0.05;

/// What is asked for besides: little enough that all of it is there in 60 days of 50 requests.
const REST: &str = "min_pairs: 500, error_rate: 0.01, coverage: 0.8";

struct Case {
    name: &'static str,
    world: World,
    /// `None`: labels are not asked.
    margin: Option<f64>,
    agreement: f64,
    runs: usize,
    /// Whether these are wrong of such a challenger.
    promote: bool,
    reject: bool,
}

/// Where both verdicts are wrong.
const AT_THE_EDGE: Case = Case {
    name: "alike, margin 0",
    world: ALIKE,
    margin: Some(0.0),
    agreement: 0.85,
    runs: RUNS_OF_OTHERS,
    promote: true,
    reject: true,
};

const CASES: &[Case] = &[
    Case { runs: RUNS, ..AT_THE_EDGE },
    Case { name: "alike, margin 0.02", margin: Some(0.02), promote: false, ..AT_THE_EDGE },
    Case {
        name: "worse by the margin, 0.01",
        world: World { loss: 0.01, ..ALIKE },
        margin: Some(0.01),
        ..AT_THE_EDGE
    },
    Case {
        name: "as slow as is allowed, margin 0.03",
        // one in a hundred is late or failed
        world: World { slow: 0.008 / 0.998, ..ALIKE },
        margin: Some(0.03),
        ..AT_THE_EDGE
    },
    Case {
        name: "failing as is allowed, margin 0.03",
        world: World { slow: 0.0, failing: 0.01, ..ALIKE },
        margin: Some(0.03),
        ..AT_THE_EDGE
    },
    Case {
        name: "failing as is allowed, margin 0",
        world: World { slow: 0.0, failing: 0.01, ..ALIKE },
        ..AT_THE_EDGE
    },
    Case {
        name: "deciding alike as asked, no labels",
        margin: None,
        agreement: SAME_DECISION,
        ..AT_THE_EDGE
    },
    Case { name: "alike, unequal weights, margin 0", world: SAMPLED, ..AT_THE_EDGE },
    Case {
        name: "failing as allowed, unequal weights",
        world: World { slow: 0.0, failing: 0.01, ..SAMPLED },
        margin: Some(0.03),
        ..AT_THE_EDGE
    },
];

/// Half of the many requests with a low score are kept, and a tenth of those with a high score finds no permit.
const SAMPLED: World = World { requests_a_day: 80, kept: 0.5, no_permit: 0.1, ..ALIKE };

#[test]
fn verdicts_are_hardly_ever_wrong_on_any_day() {
    println!("50 requests a day for 60 days, labels after 3 days; at least once:");
    println!(
        "{:<38} {:>6} {:>8} {:>8} {:>15} {:>12}",
        "challenger", "runs", "promote", "reject", "plain not worse", "plain worse"
    );
    let mut off = Vec::new();
    for case in CASES {
        let labelled = case.margin.map_or("off".to_owned(), |margin| {
            format!("{{metric: roc_auc, margin: {margin}, min_labels: 500, wait: 3d}}")
        });
        let text = format!("{{{REST}, agreement: {}, labelled: {labelled}}}", case.agreement);
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
