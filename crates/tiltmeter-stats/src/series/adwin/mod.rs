//! A window that shrinks when the mean changes.

mod window;

use self::window::Window;
use super::detection::{Detection, is_usable};
use crate::error::{Error, Result};

/// A check looks at all buckets: more of a size than this make it slow, and no sharper.
const MOST_BUCKETS: usize = 1_000;

/// The parameters of [`Adwin`], with river's names and defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdwinOptions {
    /// How likely a false alarm may be at each check, between 0 and 1; 0.002.
    pub delta: f64,
    /// After how many values it checks; 32.
    pub clock: u64,
    /// How many buckets of each size there are, at least 2; 5. More are finer cuts and more memory.
    pub max_buckets: usize,
    /// How many values each of the two parts must have, at least 1; 5.
    pub min_window_length: u64,
    /// Up to how many values in the window it does not check; 10.
    pub grace_period: u64,
}

impl Default for AdwinOptions {
    fn default() -> Self {
        Self { delta: 0.002, clock: 32, max_buckets: 5, min_window_length: 5, grace_period: 10 }
    }
}

/// ADWIN, adaptive windowing, as river 0.23 has it: reports when two parts of a window of the last values have means
/// that differ too much.
///
/// The window W is cut in two everywhere between its buckets, into n₀ older values and n₁ newer ones; with the window's
/// variance σ² and ℓ the least length of a part, the mean has changed when
///
/// ```text
/// |x̄₀ − x̄₁| > ε = sqrt(2 m σ² D) + ⅔ m D      m = 1/(n₀ − ℓ + 1) + 1/(n₁ − ℓ + 1)      D = ln(2 ln|W| / δ)
/// ```
///
/// Then the oldest bucket is dropped, and it looks again. A detection is reported once, with the value at whose check it
/// was found, and all starts anew with the value after it: that is river's; in the paper the newer part stays.
///
/// The bound is for values within 0 and 1 (Bifet & Gavaldà 2007, theorem 3.1 with a normal approximation): the last term
/// of ε is in that unit. Values that spread far less are found to have changed late or never, those that spread far more
/// do without the term's protection against false alarms; scale them. Within 0 and 1 false alarms are far rarer than
/// `delta`: none in 60 runs of 5 000 uniform values. It checks every `clock` values only, so that one value a day is seen after a month.
///
/// NaN, ±∞ and what is beyond ±10¹⁰⁰ is skipped and counted ([`skipped`](Self::skipped)): river's sums would be NaN from
/// then on. Values are kept in buckets of 1, 2, 4, … of them, `max_buckets` + 1 of a size at most: memory is
/// O(max_buckets · log n), some 5 KB for 10⁹ values and the defaults. Each `clock`-th value is O(max_buckets · log n) time, the others O(log n) amortised.
///
/// Bifet & Gavaldà, *SIAM International Conference on Data Mining* (2007), 443–448; the variance of buckets: Babcock,
/// Datar, Motwani & O'Callaghan, *PODS* (2003), 234–243.
///
/// ```
/// use tiltmeter_stats::{Adwin, AdwinOptions, Direction};
///
/// let mut detector = Adwin::new(AdwinOptions::default())?;
/// let series = (0..300).map(|place| if place < 150 { 0.2 } else { 0.8 });
/// let found = series.enumerate().find_map(|(place, value)| Some((place, detector.update(value)?)));
/// let (place, detection) = found.unwrap();
/// assert_eq!((place, detection.direction), (191, Direction::Up));
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adwin {
    options: AdwinOptions,
    window: Window,
    ticks: u64,
    is_over: bool,
    skipped: u64,
}

impl Adwin {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// Invalid when `delta` is not between 0 and 1, `clock` or `min_window_length` is 0, or `max_buckets` is below 2 or
    /// above 1 000.
    pub fn new(options: AdwinOptions) -> Result<Self> {
        let AdwinOptions { delta, clock, max_buckets, min_window_length, .. } = options;
        if !(delta > 0.0 && delta < 1.0) {
            return Err(Error::invalid(format!("delta is {delta}, allowed: between 0 and 1")));
        }
        if clock == 0 || min_window_length == 0 {
            return Err(Error::invalid("clock or min_window_length is 0, allowed: 1 or more"));
        }
        if !(2..=MOST_BUCKETS).contains(&max_buckets) {
            return Err(Error::invalid(format!(
                "max_buckets is {max_buckets}, allowed: 2 to {MOST_BUCKETS}"
            )));
        }
        Ok(Self { options, window: Window::new(max_buckets), ticks: 0, is_over: false, skipped: 0 })
    }

    /// Takes the next value, and says whether the mean has changed.
    pub fn update(&mut self, value: f64) -> Option<Detection> {
        if !is_usable(value) {
            self.skipped += 1;
            return None;
        }
        if std::mem::take(&mut self.is_over) {
            self.window = Window::new(self.options.max_buckets);
            self.ticks = 0;
        }
        self.window.insert(value);
        self.ticks += 1;
        let found = self.check();
        self.is_over = found.is_some();
        found
    }

    /// Drops the oldest bucket as long as there is a cut; the first one is what is reported.
    fn check(&mut self) -> Option<Detection> {
        let AdwinOptions { delta, clock, min_window_length, grace_period, .. } = self.options;
        if !self.ticks.is_multiple_of(clock) || self.window.width() <= grace_period as f64 {
            return None;
        }
        let first = self.window.cut(delta, min_window_length as f64)?;
        self.window.drop_oldest();
        while self.window.cut(delta, min_window_length as f64).is_some() {
            self.window.drop_oldest();
        }
        let (direction, statistic, threshold) = (first.direction, first.difference, first.bound);
        Some(Detection { direction, statistic, threshold, count: self.ticks })
    }

    /// How many values the window holds; after a detection those of the newer part, until the next value.
    #[must_use]
    pub fn width(&self) -> u64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of values")]
        let width = self.window.width() as u64;
        width
    }

    /// The mean of the window, `None` when it is empty.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.window.width() > 0.0).then(|| self.window.mean())
    }

    /// How many values were skipped because they are missing, infinite or beyond ±10¹⁰⁰.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }
}
