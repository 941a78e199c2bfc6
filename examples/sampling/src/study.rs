//! The same sampling with many keys: how often the intervals hold what all rows say, and how long they are.

use std::thread;

use anyhow::{Context, Result};
use serde::Serialize;
use tiltmeter_sample::SampleRate;

use crate::figures::{Figure, MonthRows};
use crate::flights::Flights;
use crate::kept::Kept;
use crate::policies::{PolicyKind, key};

/// What intervals are said to hold.
pub const LEVEL: f64 = 0.95;

/// What a policy came to over many seeds.
#[derive(Clone, Debug, Serialize)]
pub struct Study {
    /// The policy.
    pub policy: String,
    /// The rate of rows that no rule keeps.
    pub rate: f64,
    /// Seeds.
    pub seeds: u64,
    /// The share of all rows that was kept, on average.
    pub kept: f64,
    /// By figure, in the order of [`Figure::ALL`].
    pub figures: Vec<FigureStudy>,
    /// The expected calibration error.
    pub calibration: CalibrationStudy,
}

/// What was found of a figure, over all months and seeds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FigureStudy {
    /// What it is.
    pub figure: String,
    /// Months times seeds. One that had no interval counts as not held.
    pub cells: u64,
    /// The share of these whose interval holds what all rows say.
    pub coverage: f64,
    /// What all rows say: the mean over the months.
    pub truth: f64,
    /// The mean of the estimates less what all rows say.
    pub bias: f64,
    /// The largest of the months' biases, with its sign: the mean over the seeds.
    pub worst_bias: f64,
    /// The mean error of estimates that know nothing of weights.
    pub unweighted_bias: f64,
    /// The largest of the months' biases without weights, with its sign.
    pub worst_unweighted_bias: f64,
    /// How often the interval of the estimate without weights, as of a simple random sample, holds what all rows say.
    pub unweighted_coverage: f64,
    /// The mean width of the intervals.
    pub width: f64,
    /// The mean width of those of simple random samples of as many rows.
    pub simple_width: f64,
}

/// What was found of the expected calibration error: means over months and seeds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CalibrationStudy {
    /// All rows, as it is.
    pub truth: f64,
    /// Kept rows with their weights, as it is.
    pub plain: f64,
    /// Kept rows with their weights, debiased for what sampling adds.
    pub debiased: f64,
    /// Kept rows without weights, debiased as a simple random sample.
    pub unweighted: f64,
}

/// What all rows say of each month.
struct Truth {
    figures: Vec<[f64; 4]>,
    calibration: Vec<f64>,
}

#[derive(Clone, Default)]
struct Sums {
    seeds: u64,
    kept: f64,
    figures: Vec<FigureSums>,
    plain: f64,
    debiased: f64,
    unweighted: f64,
    months: u64,
}

#[derive(Clone, Default)]
struct FigureSums {
    cells: u64,
    held: u64,
    with_interval: u64,
    unweighted_held: u64,
    /// By month.
    errors: Vec<f64>,
    unweighted_errors: Vec<f64>,
    width: f64,
    simple_width: f64,
    simple_cells: u64,
}

/// Samples all flights with the keys of `seeds` seeds, from 1, on all processors.
///
/// # Errors
/// When the rate is none, or a month has rows of one class only.
#[expect(clippy::cast_precision_loss, reason = "counts of months and seeds")]
pub fn study(flights: &Flights, kind: PolicyKind, rate: f64, seeds: u64) -> Result<Study> {
    let truth = Truth::of(flights)?;
    let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let sums: Result<Vec<Sums>> = thread::scope(|scope| {
        let of_processor = |first: u64| {
            let truth = &truth;
            scope.spawn(move || {
                let mut sums = Sums::new(truth.figures.len());
                let mut seed = first;
                while seed <= seeds {
                    sums.add(flights, kind, rate, seed, truth)?;
                    seed += processors;
                }
                Ok(sums)
            })
        };
        let running: Vec<_> = (1..=processors).map(of_processor).collect();
        let ended = running.into_iter().map(|thread| thread.join().ok().context("a thread has panicked")?);
        ended.collect()
    });
    let mut all = Sums::new(truth.figures.len());
    sums?.iter().for_each(|sums| all.merge(sums));

    let months = truth.figures.len() as f64;
    let figures = Figure::ALL.iter().enumerate().map(|(place, figure)| {
        let sums = all.figures.get(place).cloned().unwrap_or_default();
        let mean = |sum: f64, count: u64| sum / count.max(1) as f64;
        let of_months = |errors: &[f64]| errors.iter().sum::<f64>() / months / seeds.max(1) as f64;
        let larger = |one: f64, other: &f64| if other.abs() > one.abs() { *other } else { one };
        let worst = |errors: &[f64]| errors.iter().fold(0.0, larger) / seeds.max(1) as f64;
        FigureStudy {
            figure: figure.to_string(),
            cells: sums.cells,
            coverage: mean(sums.held as f64, sums.cells),
            truth: truth.figures.iter().map(|figures| figures[place]).sum::<f64>() / months,
            bias: of_months(&sums.errors),
            worst_bias: worst(&sums.errors),
            unweighted_bias: of_months(&sums.unweighted_errors),
            worst_unweighted_bias: worst(&sums.unweighted_errors),
            unweighted_coverage: mean(sums.unweighted_held as f64, sums.cells),
            width: mean(sums.width, sums.with_interval),
            simple_width: mean(sums.simple_width, sums.simple_cells),
        }
    });
    let mean = |sum: f64| sum / all.months.max(1) as f64;
    Ok(Study {
        policy: kind.to_string(),
        rate,
        seeds,
        kept: all.kept / seeds.max(1) as f64,
        figures: figures.collect(),
        calibration: CalibrationStudy {
            truth: truth.calibration.iter().sum::<f64>() / months,
            plain: mean(all.plain),
            debiased: mean(all.debiased),
            unweighted: mean(all.unweighted),
        },
    })
}

impl Truth {
    fn of(flights: &Flights) -> Result<Self> {
        let (mut figures, mut calibration) = (Vec::new(), Vec::new());
        for month in MonthRows::of(flights, &Kept::all(flights)) {
            let mut values = [0.0; 4];
            for (value, figure) in values.iter_mut().zip(Figure::ALL) {
                *value = month.estimate(figure)?.value;
            }
            figures.push(values);
            calibration.push(month.calibration_error()?.0);
        }
        Ok(Self { figures, calibration })
    }
}

impl Sums {
    fn new(months: usize) -> Self {
        let figure = FigureSums {
            errors: vec![0.0; months],
            unweighted_errors: vec![0.0; months],
            ..FigureSums::default()
        };
        Self { figures: vec![figure; Figure::ALL.len()], ..Self::default() }
    }

    fn add(
        &mut self,
        flights: &Flights,
        kind: PolicyKind,
        rate: f64,
        seed: u64,
        truth: &Truth,
    ) -> Result<()> {
        let kept = Kept::by(kind.policy(rate)?, key(seed), flights);
        // other draws than those of the policy
        let share = kept.share(flights);
        let simple = Kept::simple(SampleRate::new(share)?, key(seed | 1 << 63), flights);
        let months = MonthRows::of(flights, &kept);
        self.seeds += 1;
        self.kept += share;
        for (month, (rows, simple)) in months.iter().zip(MonthRows::of(flights, &simple)).enumerate() {
            let unweighted = rows.unweighted(share);
            for (place, (sums, figure)) in self.figures.iter_mut().zip(Figure::ALL).enumerate() {
                sums.add(month, truth.figures[month][place], figure, [rows, &unweighted, &simple])?;
            }
            let (plain, debiased) = rows.calibration_error()?;
            self.plain += plain;
            self.debiased += debiased;
            self.unweighted += unweighted.calibration_error()?.1;
            self.months += 1;
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.kept += other.kept;
        self.plain += other.plain;
        self.debiased += other.debiased;
        self.unweighted += other.unweighted;
        self.months += other.months;
        for (mine, other) in self.figures.iter_mut().zip(&other.figures) {
            mine.cells += other.cells;
            mine.held += other.held;
            mine.with_interval += other.with_interval;
            mine.unweighted_held += other.unweighted_held;
            mine.width += other.width;
            mine.simple_width += other.simple_width;
            mine.simple_cells += other.simple_cells;
            mine.errors.iter_mut().zip(&other.errors).for_each(|(mine, other)| *mine += other);
            mine.unweighted_errors
                .iter_mut()
                .zip(&other.unweighted_errors)
                .for_each(|(mine, other)| *mine += other);
        }
    }
}

impl FigureSums {
    /// Adds the cell of a month: from the rows of the policy with their weights, without, and of a simple random sample.
    fn add(
        &mut self,
        month: usize,
        truth: f64,
        figure: Figure,
        [rows, unweighted, simple]: [&MonthRows; 3],
    ) -> Result<()> {
        let estimate = rows.estimate(figure)?;
        if let Some(error) = self.errors.get_mut(month) {
            *error += estimate.value - truth;
        }
        self.cells += 1;
        if let Some(interval) = estimate.interval(LEVEL) {
            self.with_interval += 1;
            self.held += u64::from(interval.lower <= truth && truth <= interval.upper);
            self.width += interval.upper - interval.lower;
        }
        let plain = unweighted.estimate(figure)?;
        if let Some(error) = self.unweighted_errors.get_mut(month) {
            *error += plain.value - truth;
        }
        if let Some(interval) = plain.interval(LEVEL) {
            self.unweighted_held += u64::from(interval.lower <= truth && truth <= interval.upper);
        }
        if let Some(interval) = simple.estimate(figure)?.interval(LEVEL) {
            self.simple_cells += 1;
            self.simple_width += interval.upper - interval.lower;
        }
        Ok(())
    }
}
