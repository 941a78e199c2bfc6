//! Whether two samples have the same share of something.

mod newcombe;
mod proportion;

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are the very values")]
mod tests;

pub use newcombe::newcombe_interval;
pub use proportion::Proportion;

use crate::error::{Error, Result, Undefined};
use crate::interval::{Interval, two_sided_p};

/// The difference of two proportions, and how likely it is without drift. See [`two_proportion_z`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct TwoProportionZ {
    /// The difference in units of its standard error if the proportions are the same. Above 0 when the reference's is the
    /// larger one.
    pub z: f64,
    /// The probability of such a |z| or a larger one without drift, 0 to 1.
    pub p_value: f64,
    /// The reference's proportion minus the current one, −1 to 1; 0 on average without drift.
    pub difference: f64,
    /// The standard deviation of `difference` without drift, from the pooled proportion; above 0.
    pub expected_spread: f64,
    /// The difference in units of its standard error whatever the proportions; ±∞ when one is 0 and the other 1.
    pub z_unpooled: f64,
    /// The probability of such a |z_unpooled| or a larger one without drift, 0 to 1.
    pub p_unpooled: f64,
    /// The two samples, as they were given.
    pub reference: Proportion,
    /// The current sample's.
    pub current: Proportion,
}

/// The z test of two proportions: rates of positives, of missing values, of a category.
///
/// ```text
/// z = (p₁ − p₂) / sqrt(p(1 − p)(1/n + 1/m))        p = (np₁ + mp₂) / (n + m)
/// z_unpooled = (p₁ − p₂) / sqrt(p₁(1 − p₁)/n + p₂(1 − p₂)/m)
/// ```
///
/// The pooled z is the test: z² is the chi-square of the 2 × 2 table without Yates' correction. Its size at a nominal 5 %,
/// over common proportions of 0.01 to 0.99 (exactly, by the binomial), beside that of the unpooled z:
///
/// | n, m | pooled: mean, highest | unpooled: mean, highest |
/// |---|---|---|
/// | 20, 20 | 4.2 %, 5.3 % | 5.8 %, 8.1 % |
/// | 20, 60 | 4.4 %, 5.1 % | 7.8 %, 15.1 % |
/// | 100, 100 | 5.0 %, 5.6 % | 5.1 %, 5.6 % |
///
/// So it can be trusted from about 20 rows on each side; for rarer things it is cautious.
///
/// The sides are independent rows. For the same rows judged by two models, or before and after, this test is wrong.
///
/// With weights the shares are weighted and n and m Kish's effective sizes ([`Proportion::of_labels`]): right when the
/// weights have nothing to do with what is counted. When rows of one kind were sampled more often, the test of the two
/// means by Hájek's variance, [`welch_t`](crate::welch_t) of zeroes and ones, is the one to take. Cost: constant.
///
/// Newcombe, *Statistics in Medicine* 17 (1998), 873–890; Fleiss, Levin & Paik, *Statistical Methods for Rates and
/// Proportions* (3rd edition, 2003), chapter 3.
///
/// # Errors
/// Undefined when a side has no rows ([`Undefined::EmptyReference`], [`Undefined::EmptyCurrent`]), and when all rows
/// of both sides are successes, or none ([`Undefined::OneCategory`]); [`newcombe_interval`] is defined then.
///
/// ```
/// use tiltmeter_stats::{Proportion, two_proportion_z};
///
/// // statsmodels.stats.proportion.proportions_ztest([56, 48], [70, 80])
/// let test = two_proportion_z(&Proportion::of_counts(56, 70)?, &Proportion::of_counts(48, 80)?)?;
/// assert_eq!(format!("{:.4} {:.4}", test.z, test.p_value), "2.6502 0.0080");
/// assert!((test.difference - 0.2).abs() < 1e-15);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
pub fn two_proportion_z(reference: &Proportion, current: &Proportion) -> Result<TwoProportionZ> {
    let [first, second] = shares(reference, current)?;
    let (n, m) = (reference.effective_size(), current.effective_size());
    let total = n + m;
    let spread = |of: &Proportion| (of.successes / of.effective_size()) * (of.failures / of.effective_size());
    // each share by its own division, so that neither sum can leave the range of numbers by itself
    let pooled = ((reference.successes + current.successes) / total)
        * ((reference.failures + current.failures) / total);
    if !total.is_finite() {
        return Err(Error::invalid("the effective sizes are too large for their sum"));
    }
    if pooled <= 0.0 {
        return Err(Undefined::OneCategory.into());
    }
    let difference = first - second;
    let expected_spread = (pooled / n + pooled / m).sqrt();
    let unpooled = (spread(reference) / n + spread(current) / m).sqrt();
    // no difference is none, however small its standard error
    let deviation = |error: f64| if difference.abs() > 0.0 { difference / error } else { 0.0 };
    let (z, z_unpooled) = (deviation(expected_spread), deviation(unpooled));
    Ok(TwoProportionZ {
        z,
        p_value: two_sided_p(z),
        difference,
        expected_spread,
        z_unpooled,
        p_unpooled: two_sided_p(z_unpooled),
        reference: *reference,
        current: *current,
    })
}

impl TwoProportionZ {
    /// The confidence interval of the difference by Newcombe's method; see [`newcombe_interval`]. `None` for a level that is
    /// not between 0 and 1.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        newcombe_interval(&self.reference, &self.current, level).ok()
    }
}

/// Of both sides, which have rows.
fn shares(reference: &Proportion, current: &Proportion) -> Result<[f64; 2]> {
    let first = reference.share().map_err(|_| Undefined::EmptyReference)?;
    let second = current.share().map_err(|_| Undefined::EmptyCurrent)?;
    Ok([first, second])
}
