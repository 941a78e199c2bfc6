//! Where any estimate with a standard error lies, however often one looks.

mod tuning;

#[cfg(test)]
mod tests;

use super::bounds::{SequentialBounds, check_alpha};
use super::look::{Look, MOST_ROWS};
use crate::error::{Error, Result, Undefined};
use tuning::optimal_time;

/// An asymptotic confidence sequence: `estimate ± standard error · c(n)`, with a critical value c that allows for looking
/// as often as one likes.
///
/// For all that is a mean of many rows at heart: weighted means, differences of AUCs, of Brier scores, of log losses.
/// Each look is an estimate of *all* rows so far. With n the effective number of rows and x = nρ²,
///
/// ```text
/// c(n)² = 2 (1 + 1/x) ln(1 + sqrt(1 + x) / (2α))        ρ² = (−W₋₁(−(2α)² / e) − 1) / n*
/// ```
///
/// where n* is the size for which the bounds are as close as can be (`tuned_for`) and W₋₁ is Lambert's function. At n* and
/// α = 0.05 c is 2.78, where a single look takes 1.645; at n*/10 and 10 n* it is 3.63 and 3.00. So choose n* near the
/// size at which a decision is wanted, and rather too small; it must not be chosen by what the rows show.
///
/// Only n/n* counts: any measure of how much is known will do that grows in proportion to 1/standard error².
///
/// **What is promised.** As the first look comes later, the probability that the lower bound is *ever* above the true value
/// tends to at most `alpha`, and the same of the upper one. No bound holds for few rows, as with every limit theorem:
/// there are none before [`first_look`](Self::with_first_look). In 10 000 sequences each of daily looks at 50 rows more
/// (by effective size), for 60 days, with α = 0.05, n* = 1 500 and the first look at 100 rows, a bound was wrong at least
/// once in
///
/// | mean of | lower | upper | plain 90 % intervals |
/// |---|---|---|---|
/// | normal values | 2.0 % | 1.9 % | 53 % |
/// | exponential values | 1.0 % | 3.4 % | 52 % |
/// | exponential values, weights 1, 2 and 10 | 1.0 % | 3.7 % | 53 % |
/// | exponential values, one in five of the small ones kept | 1.6 % | 2.3 % | 50 % |
/// | −1, 0 and 1, with 92 % zeros | 1.9 % | 1.7 % | 53 % |
/// | difference of paired ROC AUCs, 100 rows a day for 42 days, one in five positive, late labels | 2.0 % | 1.7 % | 50 % |
/// | lognormal values, with a skewness of 6 | 0.5 % | **6.3 %** | 54 % |
///
/// so the first look at 100 is right unless tails are as long as the last one's; then make it later.
///
/// **Not** for a few rows, nor for a standard error that few rows decide (rates of some in ten thousand, one heavy
/// weight): [`BoundedMean`](crate::BoundedMean) has no such limits. Not for rows that depend on each other (give
/// [clustered](crate::hajek_mean_clustered) standard errors), and not for a moving target: the estimate is that of all rows
/// so far, and bounds hold for their average. Rows with labels that arrive late are as good as others if the delay has
/// nothing to do with what is estimated; positives that arrive sooner than negatives bias every early look, and no
/// sequence repairs that.
///
/// The one-sided bounds of Robbins's normal mixture: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, *Annals of
/// Statistics* 52 (2024), 2613–2640, theorem 2.2 and the appendix on one-sided sequences; ρ from its section on tuning, with
/// 2α for α, as there for one side. The formula follows from the mixture over positive slopes,
/// 2 exp(y) Φ(sqrt(2y)) / sqrt(1 + x) with y = z²/(2 + 2/x), by Φ(u) ≥ 1 − exp(−u²/2). Robbins, *Annals of Mathematical
/// Statistics* 41 (1970), 1397–1409; Bibaut, Kallus & Lindon, arXiv 2212.14411, for late first looks.
///
/// ```
/// use tiltmeter_stats::{AsymptoticConfidenceSequence, Look};
///
/// let sequence = AsymptoticConfidenceSequence::new(0.05, 10_000.0)?;
/// // the challenger's AUC minus the champion's, by 8 000 labels
/// let look = Look::new(0.004, 0.002, 8_000.0)?;
/// let bounds = sequence.bounds(&look)?;
/// assert_eq!(format!("{:.4} to {:.4}", bounds.lower, bounds.upper), "-0.0016 to 0.0096");
/// // labels in all until 0 is excluded, if the difference is what it seems
/// assert_eq!(sequence.size_to_exclude(&look, 0.0).unwrap().round(), 15_555.0);
/// # Ok::<(), tiltmeter_stats::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AsymptoticConfidenceSequence {
    alpha: f64,
    /// ρ².
    scale: f64,
    first_look: f64,
}

impl AsymptoticConfidenceSequence {
    /// A sequence with the error `alpha` of either bound, closest at an effective number of rows `tuned_for`, which has no
    /// bounds below [100 rows](Self::with_first_look).
    ///
    /// # Errors
    /// Invalid when alpha is not above 0 and below ½, or the size not from 1 to 10¹⁵.
    pub fn new(alpha: f64, tuned_for: f64) -> Result<Self> {
        check_alpha(alpha)?;
        if !(1.0..=MOST_ROWS).contains(&tuned_for) {
            return Err(Error::invalid(format!("tuned for {tuned_for} rows, allowed: from 1 to 1e15")));
        }
        Ok(Self { alpha, scale: optimal_time(2.0 * alpha) / tuned_for, first_look: 100.0 })
    }

    /// With no bounds for looks at a smaller effective number of rows.
    ///
    /// # Errors
    /// Invalid when the size is not from 2 to 10¹⁵.
    pub fn with_first_look(self, effective_size: f64) -> Result<Self> {
        if !(2.0..=MOST_ROWS).contains(&effective_size) {
            let clause = format!("the first look is at {effective_size} rows, allowed: from 2 to 1e15");
            return Err(Error::invalid(clause));
        }
        Ok(Self { first_look: effective_size, ..self })
    }

    /// The error of either bound.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// The effective number of rows below which there are no bounds.
    #[must_use]
    pub fn first_look(&self) -> f64 {
        self.first_look
    }

    /// c: by how many standard errors the bounds are off the estimate. `None` below the first look, and for more than 10¹⁵
    /// rows.
    #[must_use]
    pub fn critical_value(&self, effective_size: f64) -> Option<f64> {
        (self.first_look..=MOST_ROWS).contains(&effective_size).then(|| self.critical(effective_size))
    }

    fn critical(&self, effective_size: f64) -> f64 {
        let time = effective_size * self.scale;
        (2.0 * (1.0 + 1.0 / time) * ((1.0 + time).sqrt() / (2.0 * self.alpha)).ln_1p()).sqrt()
    }

    /// The bounds by one look. They hold at all looks together; for the closest so far see
    /// [`SequentialBounds::within`].
    ///
    /// # Errors
    /// Undefined below the first look ([`TooFew`](Undefined::TooFew)), and when a bound is too large for a number
    /// ([`Overflow`](Undefined::Overflow)).
    pub fn bounds(&self, look: &Look) -> Result<SequentialBounds> {
        let critical = self.critical_value(look.effective_size).ok_or_else(|| self.too_few(look))?;
        let half = critical * look.standard_error;
        let (lower, upper) = (look.estimate - half, look.estimate + half);
        if !(lower.is_finite() && upper.is_finite()) {
            return Err(Undefined::Overflow.into());
        }
        Ok(SequentialBounds {
            estimate: look.estimate,
            lower,
            upper,
            alpha: self.alpha,
            effective_size: look.effective_size,
        })
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole numbers from 0; `as` keeps those that are too large at the largest"
    )]
    fn too_few(&self, look: &Look) -> Undefined {
        let [found, needed] = [look.effective_size.floor(), self.first_look.ceil()].map(|size| size as usize);
        Undefined::TooFew { found, needed }
    }

    /// The evidence that the true value is above `value`: from 0 to ∞, about 1 and less for none. 1/α exactly where the
    /// lower bound is `value`, for this α and any other; so its reciprocal is a
    /// [p-value](Self::p_value_above).
    ///
    /// ```text
    /// e = 2 (exp(y) − 1) / sqrt(1 + x)        y = z² / (2 + 2/x) for z = (estimate − value) / standard error > 0
    /// ```
    ///
    /// Asymptotically an e-process: in the limit its mean is at most 1 at any time when the true value is not above. 0 for
    /// an estimate that is not, below the first look, and for NaN.
    #[must_use]
    pub fn e_value_above(&self, look: &Look, value: f64) -> f64 {
        self.e_value(look, look.estimate - value)
    }

    /// The evidence that the true value is below `value`; see [`e_value_above`](Self::e_value_above).
    #[must_use]
    pub fn e_value_below(&self, look: &Look, value: f64) -> f64 {
        self.e_value(look, value - look.estimate)
    }

    /// The p-value of the hypothesis that the true value is at most `value`, which may be looked at every day: the
    /// probability that it is *ever* below p is at most p. 0 to 1; the smallest one so far counts.
    #[must_use]
    pub fn p_value_above(&self, look: &Look, value: f64) -> f64 {
        self.e_value_above(look, value).recip().min(1.0)
    }

    /// The same of the hypothesis that the true value is at least `value`.
    #[must_use]
    pub fn p_value_below(&self, look: &Look, value: f64) -> f64 {
        self.e_value_below(look, value).recip().min(1.0)
    }

    fn e_value(&self, look: &Look, distance: f64) -> f64 {
        let z = distance / look.standard_error;
        if z > 0.0 && look.effective_size >= self.first_look {
            let time = look.effective_size * self.scale;
            2.0 * (z * z / (2.0 + 2.0 / time)).exp_m1() / (1.0 + time).sqrt()
        } else {
            0.0
        }
    }

    /// At which effective number of rows, these among them, the bounds are expected to exclude `value`: when the true
    /// value is the estimate, and rows to come are spread as those so far. That of today, `look.effective_size`, when they
    /// exclude it already; never less than the first look; `None` when the estimate is too near to `value` for 10¹⁵ rows, and for NaN.
    ///
    /// In about half of all sequences it takes less. The estimate of today is uncertain itself, so this is a figure for
    /// planning. For a plan before the first row give a look with the difference and the spread that one expects.
    #[must_use]
    pub fn size_to_exclude(&self, look: &Look, value: f64) -> Option<f64> {
        let distance = (look.estimate - value).abs();
        let spread = look.standard_error * look.effective_size.sqrt();
        let excludes = |size: f64| distance > self.critical(size) * (spread / size.sqrt());
        let mut low = look.effective_size.max(self.first_look);
        if excludes(low) {
            return Some(low);
        }
        let mut high = MOST_ROWS;
        if !excludes(high) {
            return None;
        }
        // half-widths shrink with every row
        for _ in 0..100 {
            let middle = (low * high).sqrt();
            *(if excludes(middle) { &mut high } else { &mut low }) = middle;
        }
        Some(high)
    }
}
