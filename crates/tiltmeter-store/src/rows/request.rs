//! A number for the request that a row is of.

use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;
use tiltmeter_record::PrivacyPolicy;
use tiltmeter_record::privacy::{Action, MaskedColumn};

/// The key of the hash: the bytes of `request clusters`. It is no secret, and the same in every run, so that the
/// numbers are: they tell requests apart, and decide nothing.
const KEY: [u8; 16] = *b"request clusters";

/// Whether a policy may leave the same request id of two requests: then ids tell nothing.
pub(super) fn may_be_alike(policy: &PrivacyPolicy) -> bool {
    let rule = policy.columns.iter().find(|(column, _)| *column == MaskedColumn::RequestId);
    match rule {
        // hashes of different ids are different
        Some((_, action)) => *action != Action::Hash,
        // an id that is found to be an address or a number becomes a placeholder
        None => policy.looks_through(),
    }
}

/// Of a request by its id: SipHash-1-3 of its bytes.
pub(super) fn by_id(request_id: &str) -> u64 {
    let mut hasher = SipHasher13::new_with_key(&KEY);
    hasher.write(request_id.as_bytes());
    hasher.finish()
}

/// Of a request of which the id says nothing: by its writer, and the sequence that its first instance has, since the
/// instances of an exchange follow one another.
pub(super) fn by_place(writer_id: &str, sequence: i64, instance_index: u32) -> u64 {
    let mut hasher = SipHasher13::new_with_key(&KEY);
    hasher.write(writer_id.as_bytes());
    // no id ends so: it would not be UTF-8
    hasher.write(&[0xff]);
    hasher.write(&sequence.wrapping_sub(i64::from(instance_index)).to_le_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_same_in_every_run() {
        // computed with SipHash-1-3 written anew in Python from the paper (Aumasson and Bernstein 2012)
        assert_ne!(by_id("r0"), by_id("r1"));
        assert_eq!(by_place("a", 7, 2), by_place("a", 5, 0));
        assert_ne!(by_place("a", 7, 0), by_place("b", 7, 0));
        assert_eq!(
            (by_id("r0"), by_place("a", 7, 2)),
            (13_867_369_974_131_501_475, 1_183_563_679_695_423_871)
        );
    }
}
