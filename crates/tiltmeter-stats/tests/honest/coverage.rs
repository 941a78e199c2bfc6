//! How often an interval holds the truth.

use tiltmeter_stats::Interval;

use crate::design::{RUNS, Random, Weighting};

/// An interval of 95 %, and worlds in which it is asked for.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The effective sizes.
    pub(crate) rows: &'static [usize],
    pub(crate) weightings: &'static [Weighting],
    /// The least and the largest coverage, pooled over the sizes.
    pub(crate) coverage: [f64; 2],
    /// The interval in a new sample with so many rows, and the truth; `None` where it is undefined.
    pub(crate) interval: fn(&mut Random, usize, Weighting) -> Option<(Interval, f64)>,
}

/// Unless a reason is given.
pub(crate) const USUAL: [f64; 2] = [0.93, 0.97];

/// No more intervals may be undefined; they are not counted.
const MOST_UNDEFINED: f64 = 0.05;

/// Prints coverage and mean width of each cell, and fails with the weightings whose pooled coverage is off.
pub(crate) fn check(cases: &[Case]) {
    println!("{RUNS} samples for each cell");
    println!(
        "{:<34} {:<8} {:>6} {:>8} {:>8} {:>9}",
        "interval", "weights", "rows", "coverage", "width", "undefined"
    );
    let mut off = Vec::new();
    for case in cases {
        for &weighting in case.weightings {
            let weights = weighting.name();
            let (mut pooled, mut all) = (0, 0);
            for rows in case.rows.iter().map(|&rows| weighting.rows_for(rows)) {
                let mut random = Random::of(case.name, weighting, rows);
                let intervals = (0..RUNS).filter_map(|_| (case.interval)(&mut random, rows, weighting));
                let (held, count, width) =
                    intervals.fold((0, 0, 0.0), |(held, count, width), (interval, truth)| {
                        let is_held = usize::from(interval.contains(truth));
                        (held + is_held, count + 1, width + interval.upper - interval.lower)
                    });
                let (coverage, width) = (held as f64 / count as f64, width / count as f64);
                let undefined = (RUNS - count) as f64 / RUNS as f64;
                let line = format!(
                    "{:<34} {weights:<8} {rows:>6} {coverage:>8.3} {width:>8.4} {undefined:>9.3}",
                    case.name
                );
                println!("{line}");
                if undefined > MOST_UNDEFINED {
                    off.push(format!("{line}: too many are undefined"));
                }
                pooled += held;
                all += count;
            }
            let pooled = pooled as f64 / all as f64;
            let line = format!("{:<34} {weights:<8} {:>6} {pooled:>8.3}", case.name, "pooled");
            println!("{line}");
            if !(case.coverage[0]..=case.coverage[1]).contains(&pooled) {
                off.push(format!("{line}, allowed: {:?}", case.coverage));
            }
        }
    }
    assert!(off.is_empty(), "off are:\n{}", off.join("\n"));
}
