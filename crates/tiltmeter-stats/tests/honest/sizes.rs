//! How often a test rejects.

use crate::design::{RUNS, Random, WEIGHTINGS, Weighting};

/// The nominal size of all tests here.
const SIZE: f64 = 0.05;

/// A test, and worlds in which it is asked.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The effective sizes, of which the first is the one that the documentation states.
    pub(crate) rows: &'static [usize],
    /// Whether there is a form with weights.
    pub(crate) is_weighted: bool,
    /// The p-value in a new sample with so many rows, without an effect or with a middling one; `None` where it is
    /// undefined.
    pub(crate) p_value: fn(&mut Random, usize, Weighting, Effect) -> Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Absent,
    Present,
}

/// Prints size and power of each cell, and fails with the cells whose size is too large.
pub(crate) fn check(cases: &[Case]) {
    // three standard deviations of a share of 5 %
    let error = 3.0 * (SIZE * (1.0 - SIZE) / RUNS as f64).sqrt();
    println!("{RUNS} samples for each cell; a size may be {:.3}", SIZE + error);
    println!("{:<34} {:<8} {:>6} {:>7} {:>7}", "test", "weights", "rows", "size", "power");
    let mut too_large = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        for &weighting in &WEIGHTINGS[..1 + usize::from(case.is_weighted)] {
            for rows in case.rows.iter().map(|&rows| weighting.rows_for(rows)) {
                let mut random = Random::new(1_000 * number as u64 + rows as u64);
                let mut share = |effect: Effect| {
                    let p_values =
                        (0..RUNS).filter_map(|_| (case.p_value)(&mut random, rows, weighting, effect));
                    let (rejected, all) = p_values.fold((0, 0), |(rejected, all), p| {
                        assert!((0.0..=1.0).contains(&p), "{}: p = {p}", case.name);
                        (rejected + usize::from(p < SIZE), all + 1)
                    });
                    assert!(2 * all > RUNS, "{} is undefined in most samples", case.name);
                    rejected as f64 / all as f64
                };
                let (size, power) = (share(Effect::Absent), share(Effect::Present));
                let weights = if weighting == Weighting::None { "none" } else { "sampled" };
                let line = format!("{:<34} {weights:<8} {rows:>6} {size:>7.3} {power:>7.3}", case.name);
                println!("{line}");
                if size > SIZE + error {
                    too_large.push(line);
                }
            }
        }
    }
    assert!(too_large.is_empty(), "sizes are too large:\n{}", too_large.join("\n"));
}
