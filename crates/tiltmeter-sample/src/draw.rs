//! The number that a request draws.

use std::fmt;

use rand::Rng;

use crate::{Decision, SampleRate};

/// A number in [0, 1), of 64 bits, that a request draws once.
///
/// Drawn with a [`Sampler`](crate::Sampler) it belongs to the request's id; [at random](Self::at_random) it is for
/// requests without one. Rules that look at the same draw are nested: see [`decide`](Self::decide).
///
/// ```
/// use tiltmeter_sample::{Draw, SampleRate};
///
/// let draw = Draw::from_bits(1 << 62);
/// assert_eq!(draw.as_f64(), 0.25);
/// assert!(!draw.decide(SampleRate::new(0.1)?).is_kept);
/// assert!(draw.decide(SampleRate::new(0.3)?).is_kept);
/// # Ok::<(), tiltmeter_sample::SampleError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Draw(u64);

impl Draw {
    /// The draw whose 64 bits are `bits`: `bits` / 2^64.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// A draw of nobody in particular: for requests without an id. Nobody else can repeat it.
    pub fn at_random(rng: &mut impl Rng) -> Self {
        Self(rng.next_u64())
    }

    /// Its 64 bits.
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The number itself, cut to the 53 bits of an `f64`: in [0, 1).
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "53 bits are left")]
    pub fn as_f64(self) -> f64 {
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether a request with this draw is kept at `rate`. Who is kept at a rate is kept at every greater one; so of several
    /// rules the one with the greatest rate decides, and that rate is the probability.
    pub fn decide(self, rate: SampleRate) -> Decision {
        Decision { is_kept: rate.keeps(self), inclusion_probability: rate.as_f64() }
    }
}

impl fmt::Debug for Draw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Draw").field(&self.as_f64()).finish()
    }
}
