//! What the population stability index of a column is without drift, going by how the baseline's own days differ.

use std::collections::BTreeMap;

use tiltmeter_stats::{
    BaselineColumn, chi_square_quantile, psi_from_counts, psi_null_quantile, quantile_linear,
    student_t_quantile, student_t_sf,
};

/// Windows that are drawn.
const DRAWS: usize = 400;

/// Days that stay together when windows are drawn, so that each has the weekdays and the weather of a real stretch of
/// time.
pub(super) const BLOCK: usize = 7;

/// Fewer days do not tell how days vary.
pub(super) const MIN_DAYS: usize = 2 * BLOCK;

/// What so large a share of windows without drift stays below is reported as their threshold.
const THRESHOLD: f64 = 0.95;

/// The variation of one column between the days of its baseline.
///
/// Windows of so many days are drawn from the baseline's days with replacement, in blocks of up to a week (a moving-block
/// bootstrap: Künsch, *Ann. Statist.* 17 (1989)), and compared with a baseline that is drawn the same way. That is how the
/// index is distributed when nothing has changed but the days: weekdays, weather and holidays are in it, the seasons are
/// only so far as the baseline has seen them.
#[derive(Debug)]
pub(super) struct Yardstick {
    /// Sums of the counts of the days before each day, by bin.
    sums: Vec<Vec<f64>>,
    missing: Vec<f64>,
    rows: Vec<f64>,
    /// Sums of the finite values of the days before each day: how many, and by how much they exceed the mean of all.
    finite: Vec<(f64, f64)>,
    /// Of all days; `None` for categories.
    mean: Option<f64>,
    variance: f64,
    seed: u64,
    /// By number of days.
    nulls: BTreeMap<usize, Option<Null>>,
}

/// The index of windows of so many days without drift.
#[derive(Debug)]
struct Null {
    /// Ascending.
    psi: Vec<f64>,
    mean: f64,
    /// The index from which on [`Null::p_value`] is below that of [`THRESHOLD`].
    threshold: f64,
    log_mean: f64,
    log_deviation: f64,
    /// Values of a window, on average.
    size: f64,
    /// Independent stretches of time in the baseline.
    blocks: f64,
    /// The standard deviation of the difference of missing rates.
    missing_deviation: f64,
    /// The standard deviation of the difference of means.
    mean_deviation: f64,
}

/// What was seen of a window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    /// Days of the window.
    pub(super) days: usize,
    /// Its values.
    pub(super) size: f64,
    pub(super) psi: &'a tiltmeter_stats::Psi,
    /// The mean of its finite values.
    pub(super) mean: Option<f64>,
}

/// What the index of a window is without drift.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Expectation {
    pub(super) mean: f64,
    /// What 95 of 100 windows stay below.
    pub(super) threshold: f64,
    /// How probable an index as large as the one that was seen is, or a mean as different.
    pub(super) p_value: f64,
}

impl Yardstick {
    pub(super) fn of(column: &BaselineColumn) -> Self {
        let mut sums = vec![vec![0.0; column.summary().bin_count()]];
        let (mut missing, mut rows) = (vec![0.0], vec![0.0]);
        for day in column.days() {
            let last = sums[sums.len() - 1].iter().zip(&day.counts);
            sums.push(last.map(|(sum, count)| sum + count).collect());
            missing.push(missing[missing.len() - 1] + day.missing);
            rows.push(rows[rows.len() - 1] + day.missing + day.present());
        }
        // columns draw different days; the same column draws the same ones in every run (FNV-1a of its name)
        let seed = column.name().bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let all = column.moments();
        let (mean, variance) = (all.mean().ok(), all.population_variance().unwrap_or(0.0));
        let mut finite = vec![(0.0, 0.0)];
        for day in column.days() {
            let (count, excess) = finite[finite.len() - 1];
            let more = mean.zip(day.moments.mean().ok()).map_or(0.0, |(all, day)| day - all);
            let weight = day.moments.weight();
            finite.push((count + weight, excess + weight * more));
        }
        Self { sums, missing, rows, finite, mean, variance, seed, nulls: BTreeMap::new() }
    }

    /// How many days the baseline has.
    pub(super) fn days(&self) -> usize {
        self.rows.len() - 1
    }

    /// Whether there are days enough to tell how days vary.
    pub(super) fn is_known(&self) -> bool {
        self.days() >= MIN_DAYS
    }

    /// What to expect of a window; `reference` is the number of the baseline's values. Without days, rows are taken for
    /// independent.
    ///
    /// The index sees every change of shape, but does not grow any more once all values have left the baseline's range,
    /// and then a week of July is hardly more than a cold spell of January. The mean does. Evidence is the stronger of the
    /// two, for having looked twice (Bonferroni), and never more than what the rows say.
    pub(super) fn expectation(&mut self, window: &Seen<'_>, reference: f64) -> Expectation {
        let Seen { days, size, psi, mean } = *window;
        let (variance, baseline_mean) = (self.variance, self.mean);
        let Some(null) = self.null(days) else {
            let threshold = psi_null_quantile(THRESHOLD, psi.bins, size, reference).unwrap_or(psi.expected);
            return Expectation { mean: psi.expected, threshold, p_value: psi.p_value };
        };
        // a window with fewer values than those of the baseline is more ragged, by sampling alone
        let fewer = (1.0 / size - 1.0 / null.size).max(0.0);
        let freedom = (psi.bins as f64 - 1.0).max(1.0);
        let shift = freedom * fewer;
        let of_index = null.p_value(psi.value - shift);
        let of_days = match (mean, baseline_mean) {
            (Some(mean), Some(baseline)) => {
                let of_mean =
                    two_sided(mean - baseline, null.mean_deviation.powi(2), variance * fewer, null.freedom());
                (2.0 * of_index.min(of_mean)).min(1.0)
            }
            _ => of_index,
        };
        Expectation {
            mean: null.mean + shift,
            threshold: null.threshold + chi_square_quantile(THRESHOLD, freedom) * fewer,
            p_value: of_days.max(psi.p_value),
        }
    }

    /// How probable a missing rate as far from the baseline's is without change, for a window of `days` days with `rows`
    /// rows.
    pub(super) fn p_of_missing(&mut self, days: usize, rows: f64, rate: f64, baseline: f64) -> f64 {
        let pooled = f64::midpoint(rate, baseline);
        let sampling = pooled * (1.0 - pooled) / rows;
        let (between, freedom) = match self.null(days) {
            Some(null) => (null.missing_deviation.powi(2), null.freedom()),
            None => (0.0, f64::from(u16::MAX)),
        };
        two_sided(rate - baseline, between, sampling, freedom)
    }

    /// Drawn when it is first asked for.
    fn null(&mut self, days: usize) -> Option<&Null> {
        if !self.nulls.contains_key(&days) {
            let null = self.is_known().then(|| self.draw(days.max(1))).flatten();
            self.nulls.insert(days, null);
        }
        self.nulls.get(&days)?.as_ref()
    }

    fn draw(&self, days: usize) -> Option<Null> {
        let mut random = fastrand::Rng::with_seed(self.seed ^ days as u64);
        let block = days.min(BLOCK);
        let (mut psi, mut size) = (Vec::with_capacity(DRAWS), 0.0);
        let (mut of_missing, mut of_means) = (Vec::new(), Vec::new());
        for _ in 0..DRAWS {
            let window = self.window(days, block, &mut random);
            let reference = self.window(self.days(), BLOCK, &mut random);
            of_missing.push(window.missing_rate() - reference.missing_rate());
            if window.finite.0 > 0.0 && reference.finite.0 > 0.0 {
                of_means.push(window.excess() - reference.excess());
            }
            if let Ok(found) = psi_from_counts(&reference.counts, &window.counts) {
                psi.push(found.value);
                size += window.counts.iter().sum::<f64>();
            }
        }
        if psi.is_empty() {
            return None;
        }
        let drawn = psi.len() as f64;
        let blocks = (self.days() as f64 / block as f64).max(2.0);
        // windows that are drawn from so few stretches of time differ less than new ones do, as a variance over n
        // differs from one over n − 1; the index is of the order of a variance
        let fewness = blocks / (blocks - 1.0);
        psi.iter_mut().for_each(|psi| *psi *= fewness);
        psi.sort_by(f64::total_cmp);
        let mean = psi.iter().sum::<f64>() / drawn;
        let logs = || psi.iter().map(|psi| log(*psi));
        let log_mean = logs().sum::<f64>() / drawn;
        let log_deviation = (logs().map(|log| (log - log_mean).powi(2)).sum::<f64>() / drawn).sqrt();
        // both conditions of the p-value: the rank among the draws, and the tail
        let tail = (log_mean + student_t_quantile(THRESHOLD, blocks - 1.0) * log_deviation).exp();
        let rank = quantile_linear(&psi, &[THRESHOLD]).ok().and_then(|found| found.first().copied());
        Some(Null {
            mean,
            threshold: rank.map_or(tail, |rank| rank.max(tail)),
            log_mean,
            log_deviation,
            size: size / drawn,
            blocks,
            missing_deviation: root_mean_square(&of_missing) * fewness.sqrt(),
            mean_deviation: root_mean_square(&of_means) * fewness.sqrt(),
            psi,
        })
    }

    /// A stretch of time that never was: blocks of days, put one after the other.
    fn window(&self, days: usize, block: usize, random: &mut fastrand::Rng) -> Window {
        let counts = vec![0.0; self.sums[0].len()];
        let mut window = Window { counts, missing: 0.0, rows: 0.0, finite: (0.0, 0.0) };
        let mut left = days;
        while left > 0 {
            let length = block.min(left);
            let start = random.usize(0..=self.days() - length);
            window.add(self, start, start + length);
            left -= length;
        }
        window
    }
}

struct Window {
    counts: Vec<f64>,
    missing: f64,
    rows: f64,
    finite: (f64, f64),
}

impl Window {
    fn add(&mut self, days: &Yardstick, start: usize, end: usize) {
        for (count, (before, after)) in
            self.counts.iter_mut().zip(days.sums[start].iter().zip(&days.sums[end]))
        {
            *count += after - before;
        }
        self.missing += days.missing[end] - days.missing[start];
        self.rows += days.rows[end] - days.rows[start];
        let (before, after) = (days.finite[start], days.finite[end]);
        self.finite = (self.finite.0 + after.0 - before.0, self.finite.1 + after.1 - before.1);
    }

    /// By how much the mean exceeds the baseline's.
    fn excess(&self) -> f64 {
        self.finite.1 / self.finite.0
    }

    fn missing_rate(&self) -> f64 {
        if self.rows > 0.0 { self.missing / self.rows } else { 0.0 }
    }
}

impl Null {
    /// Degrees of freedom of what was estimated from so many stretches of time.
    fn freedom(&self) -> f64 {
        (self.blocks - 1.0).max(1.0)
    }

    /// Within what was drawn: the share that is as large. Beyond it: the tail of a log-normal distribution whose spread was
    /// estimated, with one degree of freedom less than the baseline has independent stretches of time. That the baseline
    /// is itself a draw is in the spread already.
    fn p_value(&self, psi: f64) -> f64 {
        let as_large = self.psi.len() - self.psi.partition_point(|drawn| *drawn < psi);
        let rank = (1.0 + as_large as f64) / (1.0 + self.psi.len() as f64);
        if self.log_deviation <= 0.0 {
            return if as_large == 0 { 0.0 } else { rank };
        }
        let tail = student_t_sf((log(psi) - self.log_mean) / self.log_deviation, self.freedom());
        if as_large == 0 { tail } else { tail.max(rank) }
    }
}

/// The p-value of a difference whose variance has a part between days, estimated with `freedom` degrees of freedom, and a
/// part of sampling, which is as good as known. Degrees of freedom of the sum: Satterthwaite, *Biometrics Bulletin* 2 (1946).
fn two_sided(difference: f64, between: f64, sampling: f64, freedom: f64) -> f64 {
    let variance = between + sampling;
    if variance <= 0.0 {
        return if difference.abs() > 0.0 { 0.0 } else { 1.0 };
    }
    let freedom = if between > 0.0 { freedom * (variance / between).powi(2) } else { f64::INFINITY };
    (2.0 * student_t_sf(difference.abs() / variance.sqrt(), freedom)).min(1.0)
}

fn root_mean_square(differences: &[f64]) -> f64 {
    let squares: f64 = differences.iter().map(|difference| difference * difference).sum();
    if differences.is_empty() { 0.0 } else { (squares / differences.len() as f64).sqrt() }
}

/// An index of 0, which identical days have, is as good as the smallest one that could be told from it.
fn log(psi: f64) -> f64 {
    psi.max(1e-9).ln()
}

#[cfg(test)]
mod tests;
