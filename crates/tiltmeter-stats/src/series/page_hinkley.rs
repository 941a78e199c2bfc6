//! The test of Page and Hinkley.

use super::detection::{Detection, Direction, is_usable};
use crate::error::{Error, Result};

/// Which changes of the mean [`PageHinkley`] looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum PageHinkleyMode {
    /// Only rises.
    Up,
    /// Only falls.
    Down,
    /// Rises and falls.
    #[default]
    Both,
}

/// The parameters of [`PageHinkley`], with river's names and defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageHinkleyOptions {
    /// How many values must have come before a change is reported; 30.
    pub min_instances: u64,
    /// How far the values may be off their mean without counting, in their unit; 0.005.
    pub delta: f64,
    /// λ: how much must have summed up for a change, in the unit of the values; 50. A larger one means fewer false
    /// alarms and later right ones.
    pub threshold: f64,
    /// How much of the sums is kept with each value, 0 to 1; 0.9999.
    pub alpha: f64,
    /// Which changes to look for; both.
    pub mode: PageHinkleyMode,
}

impl Default for PageHinkleyOptions {
    fn default() -> Self {
        Self {
            min_instances: 30,
            delta: 0.005,
            threshold: 50.0,
            alpha: 1.0 - 0.0001,
            mode: PageHinkleyMode::Both,
        }
    }
}

/// The test of Page and Hinkley, as river 0.23 has it: reports when values have been above or below their mean for too
/// long.
///
/// With x̄ the mean of all values so far, after each value
///
/// ```text
/// U ← α U + (x − x̄) − δ        rise:  U − min U > λ
/// D ← α D + (x − x̄) + δ        fall:  max D − D > λ
/// ```
///
/// and all starts anew with the value after a detection. δ and λ are in the unit of the values: λ is to be set in
/// multiples of their standard deviation. There is no false-alarm rate to choose, and the defaults know nothing of your
/// data: for independent normal values with a standard deviation of 1 they report a change after some 1 300 values without
/// one, in the median. α = 1 forgets nothing.
///
/// If a value completes a rise and a fall, the larger of the two is named.
///
/// NaN, ±∞ and what is beyond ±10¹⁰⁰ is skipped and counted ([`skipped`](Self::skipped)): river's sums would be NaN from
/// then on. O(1) time and memory a value.
///
/// Page, *Biometrika* 41 (1954), 100–115; Hinkley, *Biometrika* 58 (1971), 509–523; Sebastião & Fernandes, *ISMIS*
/// (2017), 492–498.
///
/// ```
/// use tiltmeter_stats::{Direction, PageHinkley, PageHinkleyOptions};
///
/// let options = PageHinkleyOptions { threshold: 5.0, ..PageHinkleyOptions::default() };
/// let mut detector = PageHinkley::new(options)?;
/// let series = (0..80).map(|day| if day < 50 { 1.0 } else { 2.0 });
/// let found = series.enumerate().find_map(|(day, value)| Some((day, detector.update(value)?)));
/// let (day, detection) = found.unwrap();
/// assert_eq!((day, detection.direction), (55, Direction::Up));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PageHinkley {
    options: PageHinkleyOptions,
    sums: Sums,
    is_over: bool,
    skipped: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Sums {
    count: u64,
    mean: f64,
    increase: f64,
    decrease: f64,
    least_increase: f64,
    most_decrease: f64,
}

impl Sums {
    const START: Self = Self {
        count: 0,
        mean: 0.0,
        increase: 0.0,
        decrease: 0.0,
        least_increase: f64::INFINITY,
        // river's, and of no consequence unless delta is below −1
        most_decrease: -1.0,
    };
}

impl PageHinkley {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// Invalid when `delta` or `threshold` is not finite, `threshold` is below 0, or `alpha` is not within 0 and 1.
    pub fn new(options: PageHinkleyOptions) -> Result<Self> {
        let PageHinkleyOptions { delta, threshold, alpha, .. } = options;
        if !is_usable(delta) {
            return Err(Error::invalid(format!("delta is {delta}, allowed: numbers within ±1e100")));
        }
        if !(0.0..f64::INFINITY).contains(&threshold) {
            return Err(Error::invalid(format!("threshold is {threshold}, allowed: finite numbers from 0")));
        }
        if !(0.0..=1.0).contains(&alpha) {
            return Err(Error::invalid(format!("alpha is {alpha}, allowed: 0 to 1")));
        }
        Ok(Self { options, sums: Sums::START, is_over: false, skipped: 0 })
    }

    /// Takes the next value, and says whether the mean has changed.
    pub fn update(&mut self, value: f64) -> Option<Detection> {
        if !is_usable(value) {
            self.skipped += 1;
            return None;
        }
        if std::mem::take(&mut self.is_over) {
            self.sums = Sums::START;
        }
        let PageHinkleyOptions { delta, alpha, .. } = self.options;
        let sums = &mut self.sums;
        sums.count += 1;
        sums.mean += 1.0 / sums.count as f64 * (value - sums.mean);
        let distance = value - sums.mean;
        sums.increase = alpha * sums.increase + distance - delta;
        sums.decrease = alpha * sums.decrease + distance + delta;
        sums.least_increase = sums.least_increase.min(sums.increase);
        sums.most_decrease = sums.most_decrease.max(sums.decrease);
        let found = self.judge();
        self.is_over = found.is_some();
        found
    }

    fn judge(&self) -> Option<Detection> {
        let PageHinkleyOptions { min_instances, threshold, mode, .. } = self.options;
        if self.sums.count < min_instances {
            return None;
        }
        let rise = (Direction::Up, self.sums.increase - self.sums.least_increase);
        let fall = (Direction::Down, self.sums.most_decrease - self.sums.decrease);
        let (direction, statistic) = match mode {
            PageHinkleyMode::Up => rise,
            PageHinkleyMode::Both if rise.1 >= fall.1 => rise,
            PageHinkleyMode::Down | PageHinkleyMode::Both => fall,
        };
        let count = self.sums.count;
        (statistic > threshold).then_some(Detection { direction, statistic, threshold, count })
    }

    /// How many values were skipped because they are missing, infinite or beyond ±10¹⁰⁰.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The mean since the start, or since the value after the last detection; `None` before the first value.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.sums.count > 0).then_some(self.sums.mean)
    }
}
