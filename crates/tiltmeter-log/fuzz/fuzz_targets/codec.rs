//! The decoder on any exchange: bodies of any bytes, compressed in any way, whole or cut, with whatever an application
//! says. It must neither panic, nor break what it promises of the records.
//!
//!     cargo +nightly fuzz run --fuzz-dir crates/tiltmeter-log/fuzz codec crates/tiltmeter-log/fuzz/corpus/codec \
//!         crates/tiltmeter-log/fuzz/seeds/codec -- -rss_limit_mb=1500
//!
//! The seeds are replayed by the crate's own tests.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    tiltmeter_log::fuzz_decode(input);
});
