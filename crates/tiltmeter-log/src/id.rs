//! Identifiers that are made here: UUIDv7, which sort by time.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use jiff::Timestamp;
use uuid::Uuid;

/// An id of a request or of a prediction, made at `now`. Its random part comes from a fast generator: ids are unique for
/// all practical purposes, not secret.
#[must_use]
pub fn new_id(now: Timestamp) -> Uuid {
    uuid_v7(now, fastrand::u128(..))
}

/// The id of an incarnation of this process. Copies of rows are recognised by it, and files are named by it: its random
/// part comes from the operating system.
pub(crate) fn new_incarnation(now: Timestamp) -> Uuid {
    // the standard library's only door to the operating system's randomness: the keys of a hasher
    let word = || u128::from(RandomState::new().build_hasher().finish());
    uuid_v7(now, word() << 64 | word())
}

fn uuid_v7(now: Timestamp, random: u128) -> Uuid {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    let [random @ .., _, _, _, _, _, _] = random.to_le_bytes();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_carry_the_time() {
        let now = "2026-01-02T03:04:05.678Z".parse().unwrap();
        for id in [new_id(now), new_incarnation(now)] {
            assert_eq!(id.get_version_num(), 7);
            let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
            assert_eq!((seconds, nanos), (1_767_323_045, 678_000_000));
        }
    }

    #[test]
    fn ids_of_one_moment_differ() {
        let now = Timestamp::UNIX_EPOCH;
        assert_ne!(new_id(now), new_id(now));
        assert_ne!(new_incarnation(now), new_incarnation(now));
    }
}
