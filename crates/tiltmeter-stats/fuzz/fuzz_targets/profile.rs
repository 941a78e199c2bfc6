//! `Profile::decode` on content that nobody checked, with a sum that belongs to it, and what is done with a profile:
//!
//!     cargo +nightly fuzz run --fuzz-dir crates/tiltmeter-stats/fuzz profile
#![no_main]

use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};
use tiltmeter_stats::{KsBounds, PROFILE_ENCODING_VERSION, Profile, SuperiorityBounds, WassersteinBounds};

fuzz_target!(|content: &[u8]| {
    // without the right sum nothing would get past the first check
    let mut bytes = b"tiltprof".to_vec();
    bytes.extend(PROFILE_ENCODING_VERSION.to_le_bytes());
    bytes.extend(&Sha256::digest(content)[..8]);
    bytes.extend(content);
    if let Ok(mut profile) = Profile::decode(&bytes) {
        let again = Profile::decode(&profile.encode()).expect("what was read can be written");
        assert_eq!(again.encode(), profile.encode());
        profile.merge(&again).expect("it is of the same specification");
        profile.merge(&again).expect("it still is");
        match profile {
            Profile::Numeric(mut profile) => {
                let values = [1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY, -0.0];
                profile.update(&values).expect("values can be anything");
                let _ =
                    (KsBounds::between(&profile, &profile), SuperiorityBounds::between(&profile, &profile));
                let _ = (WassersteinBounds::between(&profile, &profile), profile.psi(&profile));
                let _ = profile.sketch().map(|sketch| (sketch.quantile(0.5), sketch.at(0.0)));
                let _ = profile.distinct().map(|distinct| assert!(distinct.estimate() >= 0.0));
            }
            Profile::Categorical(mut profile) => {
                profile.update(&[Some("a"), None, Some("another one")]);
                let _ = profile.frequent().map(|frequent| frequent.top().len());
                let _ = profile.psi(&profile);
            }
            _ => {}
        }
    }
    let _ = Profile::decode(content);
});
