//! Hashes that stay the same: they are in what is stored.

const SEED: u64 = 0x9E37_79B9_7F4A_7C15;

/// The hash of a number; that of −0 is that of 0.
#[inline]
pub(in crate::profile) fn of_number(value: f64) -> u64 {
    mix((value + 0.0).to_bits().wrapping_add(SEED))
}

/// The hash of bytes: eight at a time, multiplied into 128 bits and folded, as wyhash does.
pub(in crate::profile) fn of_bytes(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let start = SEED ^ bytes.len() as u64;
    let state = words
        .iter()
        .fold(start, |state, word| fold(state ^ u64::from_le_bytes(*word), 0xE703_7ED1_A0B4_28DB));
    mix(fold(state ^ u64::from_le_bytes(last), 0x8EBC_6AF0_9C88_C6E3).wrapping_add(SEED))
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    let low = product as u64;
    low ^ (product >> 64) as u64
}

/// The end of SplitMix64, in which each bit depends on all.
#[inline]
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
