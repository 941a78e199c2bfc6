//! `Profile::decode` on any bytes, and what is done with a profile that was read:
//!
//!     cargo +nightly fuzz run --fuzz-dir crates/tiltmeter-stats/fuzz profile
#![no_main]

use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};
use tiltmeter_stats::{KsBounds, PROFILE_ENCODING_VERSION, Profile, SuperiorityBounds, WassersteinBounds};

fuzz_target!(|content: &[u8]| {
    let _ = Profile::decode(content);
    // without the right beginning and sum none would get past the first check
    let mut bytes = b"tiltprof".to_vec();
    bytes.extend(PROFILE_ENCODING_VERSION.to_le_bytes());
    bytes.extend(&Sha256::digest(content)[..8]);
    bytes.extend(content);
    let Ok(profile) = Profile::decode(&bytes) else { return };
    let again = Profile::decode(&profile.encode()).expect("what was read can be written");
    assert_eq!(again.encode(), profile.encode());
    let mut twice = profile.clone();
    let _ = twice.merge(&profile);
    if let Some(numeric) = profile.numeric() {
        let _ = (numeric.psi(numeric), KsBounds::between(numeric, numeric));
        let _ = (WassersteinBounds::between(numeric, numeric), SuperiorityBounds::between(numeric, numeric));
    }
});
