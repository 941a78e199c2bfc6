//! `Baseline::decode` on content that nobody checked, with an id that belongs to it:
//!
//!     cargo +nightly fuzz run --fuzz-dir crates/tiltmeter-stats/fuzz baseline
#![no_main]

use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};
use tiltmeter_stats::{BASELINE_ENCODING_VERSION, Baseline};

fuzz_target!(|content: &[u8]| {
    // without the right id nothing would get past the first check
    let mut bytes = b"tiltbase".to_vec();
    bytes.extend(BASELINE_ENCODING_VERSION.to_le_bytes());
    bytes.extend(&Sha256::digest(content)[..16]);
    bytes.extend(content);
    if let Ok(baseline) = Baseline::decode(&bytes) {
        let again = Baseline::decode(&baseline.encode()).expect("what was read can be written");
        assert_eq!(again.id(), baseline.id());
    }
    let _ = Baseline::decode(content);
});
