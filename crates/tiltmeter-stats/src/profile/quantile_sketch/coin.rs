//! Chance that anyone can repeat.

use serde::{Deserialize, Serialize};

/// SplitMix64 (Steele, Lea & Flood, *OOPSLA* 2014), stirred with the values that come in: the same values in the same
/// order give the same draws, and sketches of different values draw independently, so that their errors do not add up
/// when they are merged. Nothing that an adversary could not compute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Coin(u64);

impl Coin {
    pub(super) fn stir(&mut self, value: f64) {
        self.0 = mix(self.0 ^ value.to_bits());
    }

    /// The same for both orders, and the other one when there is nothing.
    pub(super) fn merge(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }

    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// Uniform in (0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        ((self.draw() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
