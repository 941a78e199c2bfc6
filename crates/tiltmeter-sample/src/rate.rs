//! The share of the requests that is kept.

use std::fmt;

use crate::{Draw, SampleError};

/// The share of the requests that is kept: 0 to 1, and as exact as it is said.
///
/// What a rate comes to is a number of the 2^64 draws. The probability that is told is exactly that number divided by 2^64:
/// of rates from 2^-11 on the rate itself, below that up to 2^-64 less.
///
/// ```
/// use tiltmeter_sample::SampleRate;
///
/// assert_eq!(SampleRate::new(0.1)?.as_f64(), 0.1);
/// assert!(SampleRate::new(1.5).is_err());
/// # Ok::<(), tiltmeter_sample::SampleError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SampleRate {
    /// Draws whose bits are below it are kept; 2^64 keeps all.
    kept: u128,
}

/// How many draws there are.
const DRAWS: u128 = 1 << 64;

impl SampleRate {
    /// Everything is kept.
    pub const ALL: Self = Self { kept: DRAWS };
    /// Nothing is kept.
    pub const NOTHING: Self = Self { kept: 0 };

    /// The rate `share`.
    ///
    /// # Errors
    /// When `share` is not from 0 to 1, or so small that no draw is below it.
    pub fn new(share: f64) -> Result<Self, SampleError> {
        if !(0.0..=1.0).contains(&share) {
            return Err(SampleError::new("a sample rate is a share from 0 to 1"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "from 0 to 2^64; the fraction is meant to go"
        )]
        let kept = (share * DRAWS as f64) as u128;
        if kept == 0 && share > 0.0 {
            return Err(SampleError::new("a sample rate is 0 or at least 2^-64"));
        }
        Ok(Self { kept })
    }

    /// The probability with which a request is kept.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "it has no more digits than the share that it was made of"
    )]
    pub fn as_f64(self) -> f64 {
        // from 64 bits it takes an instruction or two, from 128 a function
        u64::try_from(self.kept).map_or(1.0, |kept| kept as f64 / DRAWS as f64)
    }

    /// This share of the share `of`: nothing where no draw is below it.
    pub(crate) fn of(self, of: Self) -> Self {
        if of == Self::ALL {
            return self;
        }
        Self::new(self.as_f64() * of.as_f64()).unwrap_or(Self::NOTHING)
    }

    /// Whether a request with this draw is kept.
    #[must_use]
    pub fn keeps(self, draw: Draw) -> bool {
        u128::from(draw.to_bits()) < self.kept
    }
}

impl Default for SampleRate {
    fn default() -> Self {
        Self::ALL
    }
}

impl fmt::Debug for SampleRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SampleRate").field(&self.as_f64()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "exact is what is claimed")]
    fn a_rate_is_what_was_said_or_is_refused() {
        for share in [0.0, 0.001, 0.1, 1.0 / 3.0, 0.5, 0.999, 1.0] {
            assert_eq!(SampleRate::new(share).unwrap().as_f64(), share);
        }
        assert_eq!(SampleRate::new(-0.0).unwrap(), SampleRate::NOTHING);
        assert_eq!(SampleRate::new(0.5_f64.powi(64)).unwrap().as_f64(), 0.5_f64.powi(64));
        for share in [-0.1, 1.000_000_1, f64::NAN, f64::INFINITY, 0.5_f64.powi(65), f64::MIN_POSITIVE] {
            assert!(SampleRate::new(share).is_err(), "{share}");
        }
    }

    #[test]
    fn all_keeps_the_last_draw_and_nothing_not_the_first() {
        assert!(SampleRate::ALL.keeps(Draw::from_bits(u64::MAX)));
        assert!(!SampleRate::NOTHING.keeps(Draw::from_bits(0)));
        let half = SampleRate::new(0.5).unwrap();
        assert!(half.keeps(Draw::from_bits((1 << 63) - 1)) && !half.keeps(Draw::from_bits(1 << 63)));
    }
}
