//! Whether two samples have the same mean.

mod mean;
mod student_t_evidently;

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests;

pub use student_t_evidently::{StudentTEvidently, student_t_evidently};

use self::mean::Mean;
use crate::error::{Error, Result, Undefined};
use crate::interval::{Interval, two_sided_p};
use crate::moments::Moments;
use crate::sample::Sample;
use crate::special::student_t_sf;

/// How the standard error and the p-value of a [`WelchT`] were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WelchMethod {
    /// Welch's t, with Kish's effective size k for n: `se² = Σ Σw(x − m)²/Σw / (k − 1)`, summed over the two samples, and
    /// Student's t with Welch and Satterthwaite's degrees of freedom. Without weights the classical test. With them it
    /// holds when they have nothing to do with the values.
    Kish,
    /// Hájek's linearised z: `se² = Σ Σw²(x − m)²/(Σw)²`, summed over the two samples, and the normal distribution. Holds
    /// also when the weights depend on the values, as those of rows do that were sampled by their score.
    Hajek,
}

/// The difference of the means of two samples, and how likely it is without drift. See [`welch_t`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct WelchT {
    /// `difference / standard_error`: t, or z by [`WelchMethod::Hajek`]. Above 0 when the reference's mean is the larger
    /// one; ±∞ when both samples are constant and differ.
    pub statistic: f64,
    /// The probability of such a |statistic| or a larger one when the means are the same, 0 to 1.
    pub p_value: f64,
    /// Of Student's t, above 0; ∞ by [`WelchMethod::Hajek`]. With two constants, for want of a better number, those of the
    /// smaller sample.
    pub degrees_of_freedom: f64,
    /// How the standard error and the p-value were found.
    pub method: WelchMethod,
    /// The mean of the reference minus the mean of the current sample: 0 on average without drift.
    pub difference: f64,
    /// The standard deviation of `difference`, as estimated; 0 only for two constants.
    pub standard_error: f64,
    /// The weighted mean of the reference.
    pub mean_reference: f64,
    /// The weighted mean of the current sample.
    pub mean_current: f64,
    /// How many finite values the reference has.
    pub reference_size: u64,
    /// How many finite values the current sample has.
    pub current_size: u64,
    /// Kish's effective size of the reference.
    pub reference_effective_size: f64,
    /// Kish's effective size of the current sample.
    pub current_effective_size: f64,
    /// How many values of the reference are missing; they are left out.
    pub missing_reference: u64,
    /// How many values of the current sample are missing; they are left out.
    pub missing_current: u64,
    /// How many values of the reference are ±∞; they have no part in a mean and are left out.
    pub infinite_reference: u64,
    /// How many values of the current sample are ±∞; they are left out.
    pub infinite_current: u64,
}

/// Welch's t test: whether the means of two samples differ, whatever their variances.
///
/// ```text
/// t = (x̄ − ȳ) / sqrt(v_x/n + v_y/m)        v the sample variances (ddof 1)
/// df = (v_x/n + v_y/m)² / ((v_x/n)²/(n − 1) + (v_y/m)²/(m − 1))
/// ```
///
/// x the reference, y the current sample. For independent rows. Exact only for normal values, but the size is near the
/// nominal 5 % for others too when the samples are large: for n = m = 20 it is 5 % with uniform values and 4 % with
/// lognormal ones. For n = 20 and m = 200 it is 11 % with lognormal ones, for ten times as many 7 %: the mean of few
/// skewed values is skewed itself. With a million rows each a difference of 0.003 standard deviations is significant:
/// judge `difference` too.
///
/// # Weights
/// When the weights of a sample differ, the p-value is that of Hájek's z ([`WelchMethod::Hajek`]); equal weights are
/// none. How often each rejects at a nominal 5 % without drift, k Kish's effective size of each sample:
///
/// | weights | k | Hájek | Kish |
/// |---|---|---|---|
/// | have nothing to do with the values | 6 | 14 % | 3 % |
/// | | 11 | 10 % | 4 % |
/// | | 21 | 7.5 % | 4 % |
/// | | 50 | 6 % | 4 % |
/// | | 100 | 6 % | 5 % |
/// | high values kept, others 1 of 5 | 23 | 6 % | 3 % |
/// | | 92 | 5 % | 3 % |
/// | far values 1 of 10, others kept | 100 | 7 % | 22 % |
/// | near values 1 of 10, others kept | 36 | 6 % | 0 % |
///
/// So below an effective size of some 30 Hájek's z rejects too often, as any z does of so few; when
/// nothing ties the weights to the values [`WelchT::by`] with [`WelchMethod::Kish`] is the better test there.
/// Weights of rows that were drawn in strata of the very value that is tested make both too cautious.
///
/// NaN and ±∞ are left out and counted. Two different constants have t = ±∞ and p = 0. Cost: O(n)
/// for each sample, no memory.
///
/// Welch, *Biometrika* 34 (1947), 28–35; Hájek, in *Foundations of Statistical Inference* (1971), 236; Särndal, Swensson
/// & Wretman, *Model Assisted Survey Sampling* (1992), section 5.7, for the variance.
///
/// # Errors
/// [`Undefined::EmptyReference`], [`Undefined::EmptyCurrent`] without finite values; [`Undefined::TooFew`] when a
/// sample has one, or one that outweighs all others beyond the precision of numbers; [`Undefined::Constant`] when
/// all values of both samples are the same; invalid when the difference of the means is no finite number.
///
/// ```
/// use tiltmeter_stats::welch_t;
///
/// // scipy.stats.ttest_ind(reference, current, equal_var=False)
/// let (reference, current) = ([2.1, 3.4, 1.9, 2.8], [3.9, 4.1, 2.7, 5.2, 4.4]);
/// let test = welch_t(&reference, &current)?;
/// assert_eq!(format!("{:.4}", test.statistic), "-2.8430");
/// assert_eq!(format!("{:.4}", test.p_value), "0.0250");
/// assert_eq!(format!("{:.4}", test.degrees_of_freedom), "6.9959");
/// let interval = test.interval(0.95).unwrap();
/// assert_eq!(format!("{:.3} to {:.3}", interval.lower, interval.upper), "-2.766 to -0.254");
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn welch_t<'r, 'c>(reference: impl Into<Sample<'r>>, current: impl Into<Sample<'c>>) -> Result<WelchT> {
    let (reference, current) = both(&reference.into(), &current.into())?;
    let is_weighted = reference.is_weighted || current.is_weighted;
    WelchT::of(if is_weighted { WelchMethod::Hajek } else { WelchMethod::Kish }, &reference, &current)
}

impl WelchT {
    /// The same with the standard error and the p-value of one's choice.
    ///
    /// # Errors
    /// As [`welch_t`].
    ///
    /// ```
    /// use tiltmeter_stats::{Sample, WelchMethod, WelchT};
    ///
    /// let reference = Sample::weighted(&[2.1, 3.4, 1.9, 2.8], &[1.0, 4.0, 1.0, 2.0])?;
    /// let current = Sample::new(&[3.9, 4.1, 2.7, 5.2, 4.4]);
    /// let kish = WelchT::by(WelchMethod::Kish, reference, current)?;
    /// let hajek = WelchT::by(WelchMethod::Hajek, reference, current)?;
    /// assert_eq!(format!("{:.2} {:.2}", kish.difference, hajek.difference), "-1.16 -1.16");
    /// assert_eq!(format!("{:.3} {:.3}", kish.p_value, hajek.p_value), "0.102 0.013");
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    pub fn by<'r, 'c>(
        method: WelchMethod,
        reference: impl Into<Sample<'r>>,
        current: impl Into<Sample<'c>>,
    ) -> Result<Self> {
        let (reference, current) = both(&reference.into(), &current.into())?;
        Self::of(method, &reference, &current)
    }

    /// The test between summaries, which can be merged and stored. O(1).
    ///
    /// By [`WelchMethod::Kish`], also with weights: moments do not hold Σw²(x − m)², of which Hájek's standard error is
    /// made. So with weights that depend on the values [`welch_t`] on the rows is the better test.
    ///
    /// # Errors
    /// As [`welch_t`]; invalid too when the values or the weights are too large or too small for sums of their squares.
    ///
    /// ```
    /// use tiltmeter_stats::{Moments, WelchT};
    ///
    /// let monday = Moments::of(&[2.1, 3.4]);
    /// let reference = monday.merge(&Moments::of(&[1.9, 2.8]));
    /// let test = WelchT::between(&reference, &Moments::of(&[3.9, 4.1, 2.7, 5.2, 4.4]))?;
    /// assert_eq!(format!("{:.4}", test.p_value), "0.0250");
    /// # Ok::<(), tiltmeter_stats::Error>(())
    /// ```
    pub fn between(reference: &Moments, current: &Moments) -> Result<Self> {
        let reference =
            Mean::of_moments(reference).map_err(|error| error.if_empty(Undefined::EmptyReference))?;
        let current = Mean::of_moments(current).map_err(|error| error.if_empty(Undefined::EmptyCurrent))?;
        Self::of(WelchMethod::Kish, &reference, &current)
    }

    fn of(method: WelchMethod, reference: &Mean, current: &Mean) -> Result<Self> {
        if reference.freedom <= 0.0 || current.freedom <= 0.0 {
            return Err(Undefined::TooFew { found: 1, needed: 2 }.into());
        }
        let error = |mean: &Mean| match method {
            WelchMethod::Kish => mean.kish_error,
            WelchMethod::Hajek => mean.hajek_error,
        };
        let difference = reference.mean - current.mean;
        let standard_error = error(reference).hypot(error(current));
        if !(difference.is_finite() && standard_error.is_finite()) {
            return Err(Error::invalid("the values are too far apart for the difference of their means"));
        }
        if standard_error <= 0.0 && difference.abs() <= 0.0 {
            return Err(Undefined::Constant.into());
        }
        let statistic = difference / standard_error;
        let degrees_of_freedom = match method {
            WelchMethod::Hajek => f64::INFINITY,
            WelchMethod::Kish if standard_error <= 0.0 => reference.freedom.min(current.freedom),
            WelchMethod::Kish => {
                let part = |mean: &Mean| (error(mean) / standard_error).powi(4) / mean.freedom;
                1.0 / (part(reference) + part(current))
            }
        };
        let p_value = match method {
            WelchMethod::Hajek => two_sided_p(statistic),
            WelchMethod::Kish => (2.0 * student_t_sf(statistic.abs(), degrees_of_freedom)).clamp(0.0, 1.0),
        };
        Ok(Self {
            statistic,
            p_value,
            degrees_of_freedom,
            method,
            difference,
            standard_error,
            mean_reference: reference.mean,
            mean_current: current.mean,
            reference_size: reference.rows,
            current_size: current.rows,
            reference_effective_size: reference.size,
            current_effective_size: current.size,
            missing_reference: reference.missing,
            missing_current: current.missing,
            infinite_reference: reference.infinite,
            infinite_current: current.infinite,
        })
    }

    /// The confidence interval of the difference of the means, `difference ± q·standard_error`, q the quantile of
    /// Student's t, or of the normal distribution by [`WelchMethod::Hajek`]. It holds 0 just when the p-value is at least
    /// 1 − level.
    ///
    /// `None` for two constants, and for a level that is not between 0 and 1.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        if self.method == WelchMethod::Hajek {
            return Interval::normal(self.difference, self.standard_error, level);
        }
        Interval::student_t(self.difference, self.standard_error, self.degrees_of_freedom, level)
    }
}

fn both(reference: &Sample<'_>, current: &Sample<'_>) -> Result<(Mean, Mean)> {
    let reference = Mean::of(reference).map_err(|error| error.if_empty(Undefined::EmptyReference))?;
    let current = Mean::of(current).map_err(|error| error.if_empty(Undefined::EmptyCurrent))?;
    Ok((reference, current))
}
