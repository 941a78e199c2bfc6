use proptest::prelude::*;

use super::*;
use crate::QuantileBins;
use crate::random::Random;
use crate::sample::Sample;

fn numeric() -> Profile {
    // nothing that rounds differently on another machine
    let mut random = Random(1);
    let values: Vec<f64> = (0..3_000)
        .map(|row| match row % 50 {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => 0.0,
            _ => 8.0 * random.uniform() - 4.0,
        })
        .collect();
    let bins = QuantileBins::of(&values, 10).unwrap();
    let mut profile = NumericSpec::new().with_bins(bins).with_sketch(16).unwrap().with_distinct().profile();
    profile.update(&values[..2_000]).unwrap();
    let weights: Vec<f64> = (0..1_000).map(|_| 1.0 + 9.0 * random.uniform()).collect();
    profile.update(Sample::weighted(&values[2_000..], &weights).unwrap()).unwrap();
    Profile::Numeric(profile)
}

fn categorical() -> Profile {
    let spec = CategoricalSpec::new().with_categories(["a", "b"]).unwrap().with_frequent(3).unwrap();
    let mut profile = spec.with_distinct().profile();
    let rows = ["a", "b", "a", "c", "d", "e", "f", "g", "h", "a"].map(Some);
    profile.update(&rows);
    profile.update_weighted(&[None, Some("i")], &[2.5, 0.5]).unwrap();
    Profile::Categorical(profile)
}

/// Bytes with the sum that belongs to their content, as a hostile writer would make them.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    use sha2::Digest as _;
    let sum = sha2::Sha256::digest(bytes.get(18..).unwrap_or_default());
    if let Some(place) = bytes.get_mut(10..18) {
        place.copy_from_slice(&sum[..8]);
    }
    bytes
}

#[test]
fn what_was_encoded_is_decoded() {
    for profile in [numeric(), categorical(), Profile::Numeric(NumericSpec::new().profile())] {
        let bytes = profile.encode();
        let decoded = Profile::decode(&bytes).unwrap();
        assert_eq!(decoded, profile);
        assert_eq!(decoded.encode(), bytes);
    }
}

#[test]
fn the_encoding_of_version_1_does_not_change() {
    // neither do the draws of the sketch, nor the hashes: all are in the sum; another one needs another version
    let sum = |profile: Profile| {
        let bytes = profile.encode();
        u64::from_le_bytes(bytes[10..18].try_into().unwrap())
    };
    assert_eq!([numeric(), categorical()].map(sum), [8_973_288_071_108_573_569, 16_685_366_873_192_283_786]);
}

#[test]
fn what_is_not_a_profile_is_refused_in_words() {
    let whole = categorical().encode();
    let mut later = whole.clone();
    later[8] = 2;
    let mut damaged = whole.clone();
    damaged[30] ^= 1;
    for (bytes, words) in [
        (b"PAR1".to_vec(), "the bytes are not a profile"),
        (b"tiltbase, and then 18 bytes".to_vec(), "the bytes are not a profile"),
        (later, "the profile has version 2 of the encoding, this build reads 1"),
        (damaged, "the profile is damaged: its content does not have its sum"),
        (sealed([whole.as_slice(), &[0]].concat()), "the profile is malformed: bytes follow its content"),
    ] {
        let error = Profile::decode(&bytes).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.is_invalid()), (words, true));
    }
}

#[test]
fn every_truncation_and_every_bit_that_flips_is_noticed() {
    let whole = categorical().encode();
    for end in 0..whole.len() {
        assert!(Profile::decode(&whole[..end]).is_err());
        // and without the sum, nothing that is read is half
        if let Ok(profile) = Profile::decode(&sealed(whole[..end].to_vec())) {
            assert_eq!(profile.encode().len(), end);
        }
    }
    for place in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << bit;
            assert!(Profile::decode(&bytes).is_err(), "{place}");
        }
    }
}

#[test]
fn kinds_are_not_mixed() {
    let error = numeric().merge(&categorical()).unwrap_err();
    assert_eq!(error.to_string(), "a profile of numbers cannot be merged with one of categories");
    assert_eq!((numeric().missing(), categorical().missing(), categorical().count()), (60, 1, 11));
    assert!(numeric().categorical().is_none() && categorical().numeric().is_none());
}

/// What can be done with a profile that came from outside.
fn use_it(profile: &Profile) -> std::result::Result<(), TestCaseError> {
    let again = Profile::decode(&profile.encode());
    prop_assert_eq!(again.unwrap().encode(), profile.encode());
    let mut twice = profile.clone();
    twice.merge(profile).unwrap();
    // sums may overflow the weights that rows can have only if there are as many rows as there can be
    if twice.count() < u64::MAX / 4 {
        prop_assert!(Profile::decode(&twice.encode()).is_ok());
    }
    if let Profile::Numeric(profile) = profile {
        let _ = (KsBounds::between(profile, profile), WassersteinBounds::between(profile, profile));
        let _ = (SuperiorityBounds::between(profile, profile), profile.psi(profile));
        let mut more = profile.clone();
        more.update(&[1.0, f64::NAN, 2.0]).unwrap();
    }
    Ok(())
}

proptest! {
    #[test]
    fn hostile_bytes_are_refused_or_read_but_never_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        truncate in any::<bool>(),
        is_numeric in any::<bool>(),
    ) {
        let mut bytes = if is_numeric { numeric() } else { categorical() }.encode();
        for (place, byte) in edits {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if truncate {
            bytes.truncate(cut.index(bytes.len()));
        }
        for bytes in [bytes.clone(), sealed(bytes)] {
            if let Ok(profile) = Profile::decode(&bytes) {
                use_it(&profile)?;
            }
        }
    }

    #[test]
    fn arbitrary_content_never_panics(content in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut bytes = numeric().encode();
        bytes.truncate(18);
        bytes.extend(content);
        let _ = Profile::decode(&sealed(bytes));
    }
}
