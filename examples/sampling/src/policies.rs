//! What is worth keeping of flights.

use std::fmt;
use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;
use tiltmeter_sample::{Policy, Rule, SampleKey, VolumeTiers};

/// Rates are made anew once a day: the flights of a minute are none or one.
pub const INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);

/// Which policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PolicyKind {
    /// Keeps all scores above 0.95 and below 0.05, and all failures.
    Tails,
    /// Keeps no more than a stated share of what is remarkable.
    Capped,
}

impl PolicyKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Tails, Self::Capped];

    /// The policy, with `rate` for all rows that no rule keeps.
    ///
    /// The rule of the training range is left out: a third of the flights has weather that January and February did not.
    ///
    /// # Errors
    /// When `rate` is not above 0 and up to 1.
    pub fn policy(self, rate: f64) -> Result<Policy> {
        let builder = match self {
            Self::Tails => Policy::tails(),
            Self::Capped => Policy::capped(),
        };
        let policy = builder
            .with_tiers(VolumeTiers::constant(rate))
            .with_interval(INTERVAL)
            .with_half_life(14)
            .without_rule(Rule::OutsideTrainingRange)
            .build(&[])?;
        Ok(policy)
    }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tails => "tails",
            Self::Capped => "capped",
        })
    }
}

/// The key of a seed: its 8 bytes, the lowest first, twice.
#[must_use]
pub fn key(seed: u64) -> SampleKey {
    let mut bytes = [0; SampleKey::LEN];
    let (low, high) = bytes.split_at_mut(8);
    low.copy_from_slice(&seed.to_le_bytes());
    high.copy_from_slice(&seed.to_le_bytes());
    SampleKey::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_that_is_none_is_refused() {
        for kind in PolicyKind::ALL {
            assert!(kind.policy(1.0).is_ok() && kind.policy(1e-6).is_ok(), "{kind}");
            for rate in [0.0, -0.1, 1.1, f64::NAN] {
                assert!(kind.policy(rate).is_err(), "{kind}: {rate}");
            }
        }
    }

    #[test]
    fn each_seed_has_a_key_that_another_program_can_make() {
        assert_eq!(key(1), SampleKey::from_text("01000000000000000100000000000000").unwrap());
        assert_eq!(key(0x0102), SampleKey::from_text("02010000000000000201000000000000").unwrap());
    }
}
