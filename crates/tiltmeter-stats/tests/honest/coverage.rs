//! How often an interval holds the truth.

use tiltmeter_stats::Interval;

use crate::design::{RUNS, Random, WEIGHTINGS, Weighting};

/// An interval of 95 %, and worlds in which it is asked for.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The effective sizes.
    pub(crate) rows: &'static [usize],
    pub(crate) is_weighted: bool,
    /// The least and the largest coverage, pooled over the cells; 0.93 and 0.97 unless a reason is given.
    pub(crate) coverage: [f64; 2],
    /// The interval in a new sample with so many rows, and the truth; `None` where it is undefined.
    pub(crate) interval: fn(&mut Random, usize, Weighting) -> Option<(Interval, f64)>,
}

pub(crate) const USUAL: [f64; 2] = [0.93, 0.97];

/// Prints coverage and mean width of each cell, and fails with the cases whose pooled coverage is off.
pub(crate) fn check(cases: &[Case]) {
    println!("{RUNS} samples for each cell");
    println!("{:<34} {:<8} {:>6} {:>8} {:>8}", "interval", "weights", "rows", "coverage", "width");
    let mut off = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let (mut pooled, mut all) = (0, 0);
        for &weighting in &WEIGHTINGS[..1 + usize::from(case.is_weighted)] {
            for rows in case.rows.iter().map(|&rows| weighting.rows_for(rows)) {
                let mut random = Random::new(5_000 + 1_000 * number as u64 + rows as u64);
                let (mut held, mut count, mut width) = (0, 0, 0.0);
                for _ in 0..RUNS {
                    let Some((interval, truth)) = (case.interval)(&mut random, rows, weighting) else {
                        continue;
                    };
                    held += usize::from(interval.contains(truth));
                    width += interval.upper - interval.lower;
                    count += 1;
                }
                assert!(2 * count > RUNS, "{} is undefined in most samples", case.name);
                let weights = if weighting == Weighting::None { "none" } else { "sampled" };
                let (coverage, width) = (held as f64 / count as f64, width / count as f64);
                println!("{:<34} {weights:<8} {rows:>6} {coverage:>8.3} {width:>8.4}", case.name);
                pooled += held;
                all += count;
            }
        }
        let pooled = pooled as f64 / all as f64;
        println!("{:<34} {:<8} {:>6} {pooled:>8.3}", case.name, "pooled", "");
        if !(case.coverage[0]..=case.coverage[1]).contains(&pooled) {
            off.push(format!("{}: {pooled:.3}, allowed: {:?}", case.name, case.coverage));
        }
    }
    assert!(off.is_empty(), "coverage is off:\n{}", off.join("\n"));
}
