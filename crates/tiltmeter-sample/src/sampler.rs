//! A key and a rate.

use crate::{Draw, SampleKey, SampleRate};

/// Decides which requests are kept.
///
/// Cheap to copy; the same everywhere where key and rate are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampler {
    key: SampleKey,
    rate: SampleRate,
}

/// Whether a request is kept, and with what probability requests like it are.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
#[non_exhaustive]
pub struct Decision {
    /// Whether it is kept.
    pub is_kept: bool,
    /// The probability with which it was kept, in (0, 1]; its weight is one over that. It is 0 where nothing is kept.
    pub inclusion_probability: f64,
}

impl Sampler {
    /// A sampler that keeps the share `rate`.
    #[must_use]
    pub fn new(key: SampleKey, rate: SampleRate) -> Self {
        Self { key, rate }
    }

    /// What the request `id` draws: for several rules that are to look at one draw.
    #[must_use]
    pub fn draw(&self, id: &[u8]) -> Draw {
        self.key.draw(id)
    }

    /// Whether the request `id` is kept. Some tens of nanoseconds; it allocates nothing.
    pub fn decide(&self, id: &[u8]) -> Decision {
        self.draw(id).decide(self.rate)
    }

    /// Its rate.
    #[must_use]
    pub fn rate(&self) -> SampleRate {
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::Xoshiro256PlusPlus;

    use super::*;

    /// `scipy.stats.chi2.ppf(0.999, 255)`: what one fair hash in a thousand is above.
    const CHI2_255: f64 = 330.519_743_634_005_86;
    /// `scipy.stats.chi2.ppf(0.999, 225)`.
    const CHI2_225: f64 = 296.287_926_093_746_76;

    /// The ids of 100,000 requests in a row, as naive clients number them.
    fn ids() -> impl Iterator<Item = String> {
        (0..100_000).map(|number| format!("r{number:07}"))
    }

    fn key(byte: u8) -> SampleKey {
        SampleKey::from_bytes([byte; SampleKey::LEN])
    }

    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    fn chi2(counts: &[u32], expected: impl Fn(usize) -> f64) -> f64 {
        let term =
            |(place, &count): (usize, &u32)| (f64::from(count) - expected(place)).powi(2) / expected(place);
        assert!(counts.iter().map(|&count| f64::from(count)).sum::<f64>() <= ids().count() as f64);
        counts.iter().enumerate().map(term).sum()
    }

    #[test]
    fn draws_of_numbered_requests_are_uniform_in_their_first_and_their_last_bits() {
        let expected = 100_000.0 / 256.0;
        for byte in 0..4 {
            let (mut first, mut last) = ([0; 256], [0; 256]);
            for id in ids() {
                let bits = key(byte).draw(id.as_bytes()).to_bits();
                first[usize::from(bits.to_be_bytes()[0])] += 1;
                last[usize::from(bits.to_le_bytes()[0])] += 1;
            }
            let found = [chi2(&first, |_| expected), chi2(&last, |_| expected)];
            assert!(found.iter().all(|&statistic| statistic < CHI2_255), "{found:?}");
        }
    }

    #[test]
    fn samples_of_different_keys_have_nothing_to_do_with_each_other() {
        // keys that differ in a bit
        let (one, other) = (key(0), SampleKey::from_bytes(*b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
        let mut cells = [0_u32; 256];
        for id in ids() {
            let nibble =
                |key: SampleKey| usize::from(key.draw(id.as_bytes()).to_bits().to_be_bytes()[0] >> 4);
            cells[16 * nibble(one) + nibble(other)] += 1;
        }
        let sum = |places: &dyn Fn(usize) -> bool| {
            let counts = cells.iter().enumerate().filter(|(place, _)| places(*place));
            counts.map(|(_, &count)| f64::from(count)).sum::<f64>()
        };
        let rows: Vec<f64> = (0..16).map(|row| sum(&|place| place / 16 == row)).collect();
        let columns: Vec<f64> = (0..16).map(|column| sum(&|place| place % 16 == column)).collect();
        let statistic = chi2(&cells, |place| rows[place / 16] * columns[place % 16] / 100_000.0);
        assert!(statistic < CHI2_225, "{statistic}");
    }

    #[test]
    fn the_share_that_is_kept_is_the_rate() {
        for (share, seed) in [(0.01, 1), (0.1, 2), (0.5, 3), (0.99, 4)] {
            let rate = SampleRate::new(share).unwrap();
            let sampler = Sampler::new(key(seed), rate);
            let by_id = ids().filter(|id| sampler.decide(id.as_bytes()).is_kept).count();
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(u64::from(seed));
            let at_random = ids().filter(|_| Draw::at_random(&mut rng).decide(rate).is_kept).count();
            let tolerance = 4.0 * (100_000.0 * share * (1.0 - share)).sqrt();
            for kept in [by_id, at_random] {
                let kept = f64::from(u32::try_from(kept).unwrap());
                assert!((kept - 100_000.0 * share).abs() < tolerance, "{share}: {kept}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_a_sample_keeps_lies_within_every_greater_one(
            bytes: [u8; 16], id: Vec<u8>, one in 0.0..=1.0_f64, other in 0.0..=1.0_f64,
        ) {
            let key = SampleKey::from_bytes(bytes);
            let (less, more) = (one.min(other), one.max(other));
            let decide = |share: f64| Sampler::new(key, SampleRate::new(share).unwrap()).decide(&id);
            prop_assert!(!decide(less).is_kept || decide(more).is_kept);
            prop_assert!(decide(1.0).is_kept && !decide(0.0).is_kept);
            // a union of rules: whoever one of them keeps, with the greatest of their rates
            prop_assert_eq!(decide(less).is_kept || decide(more).is_kept, decide(more).is_kept);
            let probability = decide(more).inclusion_probability;
            prop_assert!((probability - more).abs() <= 0.5_f64.powi(64));
        }
    }
}
