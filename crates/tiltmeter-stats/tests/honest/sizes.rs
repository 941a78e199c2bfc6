//! How often a test rejects.

use crate::design::{RUNS, Random, Weighting};

/// The nominal size of all tests here.
const SIZE: f64 = 0.05;

/// The size at the most rows at least, and at any number of rows at the most, unless a reason is given.
pub(crate) const USUAL: [f64; 2] = [0.03, SIZE];

/// An undefined p-value rejects nothing, and no more of them may be undefined.
const MOST_UNDEFINED: f64 = 0.05;

/// A power is a matter of percents, and least powers leave a margin.
const RUNS_FOR_POWER: usize = RUNS / if cfg!(feature = "long-simulations") { 18 } else { 2 };

/// A test, and worlds in which it is asked.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The effective sizes, ascending, of which the first is the one that the documentation states.
    pub(crate) rows: &'static [usize],
    pub(crate) weightings: &'static [Weighting],
    pub(crate) size: [f64; 2],
    /// The least power at the most rows.
    pub(crate) least_power: f64,
    /// The p-value in a new sample with so many rows, without an effect or with a middling one; `None` where it is
    /// undefined.
    pub(crate) p_value: fn(&mut Random, usize, Weighting, Effect) -> Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Absent,
    Present,
}

impl Effect {
    /// One or the other.
    pub(crate) fn choose<T>(self, absent: T, present: T) -> T {
        match self {
            Self::Absent => absent,
            Self::Present => present,
        }
    }
}

/// Shares of samples.
struct Shares {
    rejected: f64,
    undefined: f64,
}

fn shares(case: &Case, random: &mut Random, rows: usize, weighting: Weighting, effect: Effect) -> Shares {
    let runs = effect.choose(RUNS, RUNS_FOR_POWER);
    let (mut rejected, mut undefined) = (0, 0);
    for _ in 0..runs {
        match (case.p_value)(random, rows, weighting, effect) {
            Some(p) => {
                assert!((0.0..=1.0).contains(&p), "{}: p = {p}", case.name);
                rejected += usize::from(p < SIZE);
            }
            None => undefined += 1,
        }
    }
    Shares { rejected: rejected as f64 / runs as f64, undefined: undefined as f64 / runs as f64 }
}

/// Three standard deviations of a share of so many samples.
fn error(share: f64) -> f64 {
    3.0 * (share * (1.0 - share) / RUNS as f64).sqrt()
}

/// Prints size and power of each cell, and fails with what is off.
pub(crate) fn check(cases: &[Case]) {
    println!("{RUNS} samples for each size, {RUNS_FOR_POWER} for each power");
    println!("{:<34} {:<8} {:>6} {:>7} {:>7} {:>9}", "test", "weights", "rows", "size", "power", "undefined");
    let mut off = Vec::new();
    for case in cases {
        let [least, most] = case.size;
        assert!(least < most && case.least_power > SIZE && case.rows.is_sorted(), "{}", case.name);
        for &weighting in case.weightings {
            for (place, &effective) in case.rows.iter().enumerate() {
                let rows = weighting.rows_for(effective);
                let mut random = Random::of(case.name, weighting, rows);
                let absent = shares(case, &mut random, rows, weighting, Effect::Absent);
                let present = shares(case, &mut random, rows, weighting, Effect::Present);
                let (size, power) = (absent.rejected, present.rejected);
                let undefined = absent.undefined.max(present.undefined);
                let weights = weighting.name();
                let line = format!(
                    "{:<34} {weights:<8} {rows:>6} {size:>7.3} {power:>7.3} {undefined:>9.3}",
                    case.name
                );
                println!("{line}");
                let is_largest = place + 1 == case.rows.len();
                if size > most + error(most) {
                    off.push(format!("{line}: the size is above {most}"));
                }
                if is_largest && size < least - error(least) {
                    off.push(format!("{line}: the size is below {least}"));
                }
                if is_largest && power < case.least_power {
                    off.push(format!("{line}: the power is below {}", case.least_power));
                }
                if undefined > MOST_UNDEFINED {
                    off.push(format!("{line}: too many are undefined"));
                }
            }
        }
    }
    assert!(off.is_empty(), "off are:\n{}", off.join("\n"));
}
